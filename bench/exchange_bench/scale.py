"""How much is measured: the short form shows that every measurement works, the full form gives figures."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rows:
    people: int
    games: int
    offers: int


@dataclass(frozen=True)
class Scale:
    """Times are in seconds."""

    # Do the figures count? Else nothing is held against a goal.
    measures: bool
    rounds: int
    # How long a measurement takes, and the warm-up before the first.
    seconds: float
    warm_up: int
    # How many connections read at once.
    connections: int
    # How many writes a second there can be at the most: so many pairs are made for each second.
    writes_per_second: int
    rows: Rows
    # What scaling compares.
    few: Rows
    many: Rows
    # How long each list is asked for, in each round of scaling.
    scaling_seconds: float
    # How long 50 people write to SQLite at once.
    writers_seconds: float
    # Over how many requests instructions are counted; 0 for none. It takes a program that is optimised.
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
    scaling_seconds=1,
    writers_seconds=60,
    counted_requests=200,
)
