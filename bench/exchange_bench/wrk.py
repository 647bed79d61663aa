"""Load by wrk: one thread, and as many connections as are asked for, each of which sends its next request when it has
its answer.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

_SCRIPTS = Path(__file__).parent.parent / "wrk"


class BadAnswers(Exception):
    """A measurement is worth nothing where the answers are wrong."""


@dataclass(frozen=True)
class Load:
    requests: int
    # A second.
    rate: float
    # Milliseconds.
    p50: float
    p99: float


class Wrk:
    """Writes its scripts, put together, below `scratch`."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    async def load(
        self,
        url: str,
        seconds: int,
        connections: int,
        script: str | None = None,
        arguments: tuple[object, ...] = (),
    ) -> Load:
        """Asks for `url`, or for what the script says; fails where an answer is not a 2xx."""
        path = self._scratch / f"{script or 'get'}.lua"
        scripts = [name for name in (script, "report") if name is not None]
        path.write_text("".join((_SCRIPTS / f"{name}.lua").read_text() for name in scripts))
        found = json.loads(await _run(path, url, seconds, connections, arguments))
        wrong = found["failed"] + found["broken"]
        if wrong or not found["requests"]:
            raise BadAnswers(f"{wrong} of {found['requests']} requests to {url} failed ({script or 'GET'})")
        return Load(
            requests=found["requests"],
            rate=found["requests"] / found["duration"] * 1e6,
            p50=found["p50"] / 1e3,
            p99=found["p99"] / 1e3,
        )

    async def statuses(self, url: str, seconds: int, people: int, connections: int) -> dict[int, int]:
        """How many answers there were of each status, to people who list games."""
        told = await _run(_SCRIPTS / "writers.lua", url, seconds, connections, (people,))
        return {int(status): count for status, count in json.loads(told).items()}


async def _run(script: Path, url: str, seconds: int, connections: int, arguments: tuple[object, ...]) -> str:
    """The last line that the script prints."""
    options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(script), url]
    process = await asyncio.create_subprocess_exec(
        "wrk",
        *options,
        "--",
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    lines = output.decode().splitlines()
    if process.returncode or not lines:
        raise BadAnswers(f"wrk {' '.join(options)} ended with {process.returncode}: {output.decode()}")
    return lines[-1]
