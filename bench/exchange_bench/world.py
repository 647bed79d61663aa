"""The state that all measurements share."""

from dataclasses import dataclass
from pathlib import Path

from .databases import Databases
from .scale import Scale
from .servers import Servers
from .wrk import Wrk


@dataclass(frozen=True)
class World:
    scale: Scale
    databases: Databases
    servers: Servers
    wrk: Wrk
    # The directory for files of a run, on the measured disk.
    scratch: Path
