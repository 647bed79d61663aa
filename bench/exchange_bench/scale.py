"""The size of the measurements: the short form shows that every measurement works, the full form gives figures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rows:
    people: int
    games: int
    offers: int


@dataclass(frozen=True)
class Scale:
    """The parameters. Times are in seconds."""

    # Whether the figures count. Otherwise there are no goals.
    measures: bool
    rounds: int
    # The duration of a measurement, and of the warm-up before the first.
    seconds: float
    warm_up: int
    # The number of concurrent readers.
    connections: int
    # The maximum of writes a second: this number of pairs is created for each second.
    writes_per_second: int
    rows: Rows
    # The sizes that scaling compares, and the one for SQLite.
    few: Rows
    many: Rows
    some: Rows
    # The duration for each list, in each round of scaling.
    scaling_seconds: float
    # The duration of 50 concurrent writers on SQLite.
    writers_seconds: float
    # The number of requests over which instructions are counted; 0 for none. Needs an optimised program.
    counted_requests: int


SHORT = Scale(
    measures=False,
    rounds=1,
    seconds=1,
    warm_up=0,
    connections=4,
    writes_per_second=4_000,
    rows=Rows(people=200, games=2_000, offers=4_000),
    few=Rows(people=100, games=1_000, offers=1_000),
    many=Rows(people=200, games=2_000, offers=2_000),
    some=Rows(people=200, games=2_000, offers=2_000),
    scaling_seconds=0.2,
    writers_seconds=2,
    counted_requests=0,
)
FULL = Scale(
    measures=True,
    rounds=5,
    seconds=3,
    warm_up=1,
    connections=32,
    writes_per_second=4_000,
    rows=Rows(people=10_000, games=100_000, offers=200_000),
    few=Rows(people=100, games=1_000, offers=1_000),
    many=Rows(people=100_000, games=1_000_000, offers=1_000_000),
    some=Rows(people=10_000, games=100_000, offers=100_000),
    scaling_seconds=1,
    writers_seconds=60,
    counted_requests=200,
)
