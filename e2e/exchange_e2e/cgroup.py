"""A memory limit for a program, by its own cgroup: version 2, or version 1 if the host uses that. Requires root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_V2, _V1 = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/memory")


@dataclass(frozen=True)
class Cgroup:
    path: Path
    version: int

    @property
    def launcher(self) -> list[str]:
        """Returns the prefix of a command that runs in the cgroup from its start."""
        return ["sh", "-c", f'echo $$ > {self.path}/cgroup.procs && exec "$@"', "sh"]

    def kills(self) -> int:
        """Returns the number of out-of-memory kills."""
        events = self.path / ("memory.events" if self.version == 2 else "memory.oom_control")
        counts = dict(line.split() for line in events.read_text().splitlines())
        return int(counts.get("oom_kill", 0))


@contextmanager
def cgroup(name: str, mebibytes: int) -> Iterator[Cgroup | None]:
    """Creates a cgroup and removes it afterwards, when nothing may run in it any more. Yields `None` if that fails."""
    made = _make(f"{name}-{os.getpid()}", mebibytes << 20)
    try:
        yield made
    finally:
        if made is not None:
            made.path.rmdir()


def _make(name: str, size: int) -> Cgroup | None:
    has_v2 = (_V2 / "cgroup.controllers").exists()
    made = Cgroup(_V2 / name, 2) if has_v2 else Cgroup(_V1 / name, 1)
    limit = "memory.max" if has_v2 else "memory.limit_in_bytes"
    try:
        if has_v2:
            (_V2 / "cgroup.subtree_control").write_text("+memory")
        made.path.mkdir()
        (made.path / limit).write_text(str(size))
    except OSError:
        if made.path.is_dir():
            made.path.rmdir()
        return None
    return made
