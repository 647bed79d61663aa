"""The measurements, in the order in which they run. To add one, write a module with a function that takes the
World and returns a Section, list it here, and give it a place in performance.md.
"""

from collections.abc import Awaitable, Callable

from ..report import Section
from ..world import World
from .backfill import backfill
from .footprint import footprint
from .reads import reads
from .scaling import scaling
from .sqlite import sqlite
from .writes import writes

Measurement = Callable[[World], Awaitable[Section]]

MEASUREMENTS: dict[str, Measurement] = {
    "reads": reads,
    "writes": writes,
    "footprint": footprint,
    "sqlite": sqlite,
    "scaling": scaling,
    "backfill": backfill,
}
