"""The size of each drill: the short form for every change, the full form for the promises as they are written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """The parameters of the drills. Times are in seconds."""

    name: str
    # Whether the speed of the machine counts. The full form requires optimised programs and an idle machine.
    measures: bool
    # storm
    offers: int
    leader_kills: int
    notifier_kills: int
    kafka_outages: int
    kafka_outage: float
    storm_duration: float
    # A kill delays a letter by the rest of its lease, 30 s, and so does the database's restart. A letter that waits for
    # its third attempt, 5 min, because of both does not arrive in this time.
    storm_settles: float
    # takeover
    takeovers: int
    # crashes
    crashes: int
    # disk: how often each disk is filled at a random time, and how often a COMMIT fails on each database.
    disk_runs: int
    failed_commits: int
    # mail
    ordinary_people: int
    difficult_people: int
    # The time for which the mail server rejects a recipient, and for which it hangs, from the first letter on. A letter
    # is retried after about 5 s, then after 5 min; a hanging attempt is given up after 15 s.
    refusal: float
    hang: float
    mail_settles: float
    # unreadable
    records: int
    unreadable: int
    # latency
    latency_duration: float
    # The part of the 100 changes a second that the machine must manage for a valid measurement.
    latency_rate: float
    # live: how long the delay is measured, its limit for 99 of 100 events, and how often an instance is killed or
    # stopped. The promise is 1 s; as above, it requires an idle machine.
    live_calm: float
    live_delay: float
    live_blows: int
    # retries
    parallel_rounds: int
    retried_kills: int
    # instances: the requests a second, and the part of them that the machine must manage.
    request_rate: float
    least_request_rate: float
    instance_kills: int
    freeze: float
    rolling_restarts: int
    instances_settle: float
    # overload: the duration of each part.
    overload_seconds: float
    # memory: the duration of each attack.
    memory_seconds: float


SHORT = Scale(
    name="short",
    measures=False,
    offers=200,
    leader_kills=2,
    notifier_kills=2,
    kafka_outages=1,
    kafka_outage=5,
    storm_duration=20,
    storm_settles=120,
    takeovers=1,
    crashes=15,
    disk_runs=1,
    failed_commits=20,
    ordinary_people=60,
    difficult_people=8,
    refusal=3,
    hang=10,
    mail_settles=150,
    records=500,
    unreadable=10,
    latency_duration=10,
    latency_rate=50,
    live_calm=8,
    live_delay=30,
    live_blows=4,
    parallel_rounds=5,
    retried_kills=3,
    request_rate=20,
    least_request_rate=0,
    instance_kills=2,
    freeze=3,
    rolling_restarts=1,
    instances_settle=120,
    overload_seconds=3,
    memory_seconds=6,
)
FULL = Scale(
    name="full",
    measures=True,
    offers=2000,
    leader_kills=10,
    notifier_kills=10,
    kafka_outages=2,
    kafka_outage=60,
    storm_duration=200,
    storm_settles=180,
    takeovers=5,
    crashes=500,
    disk_runs=20,
    failed_commits=500,
    ordinary_people=200,
    difficult_people=20,
    refusal=10,
    hang=30,
    mail_settles=1500,
    records=5000,
    unreadable=50,
    latency_duration=60,
    latency_rate=95,
    live_calm=60,
    live_delay=1,
    live_blows=40,
    parallel_rounds=50,
    retried_kills=20,
    request_rate=300,
    least_request_rate=285,
    instance_kills=6,
    freeze=20,
    rolling_restarts=3,
    instances_settle=900,
    overload_seconds=20,
    memory_seconds=30,
)
