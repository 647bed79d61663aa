"""Load by wrk, in a closed loop: one thread and a given number of connections; each connection sends its next request
after the response to the last.
"""

import asyncio
import json
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from exchange_e2e.waiting import at

_SCRIPTS = Path(__file__).parent.parent / "wrk"
# The time-out of a response, in seconds.
_PATIENCE = 10


class BadAnswers(Exception):
    """Responses were wrong, so the measurement is invalid."""


@dataclass(frozen=True)
class Load:
    requests: int
    # Per second.
    rate: float
    # Milliseconds.
    p50: float
    p99: float


class Wrk:
    """Writes its combined scripts below `scratch`."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    async def load(
        self,
        url: str,
        seconds: float,
        connections: int,
        script: str | None = None,
        arguments: tuple[object, ...] = (),
    ) -> Load:
        """Requests `url`, or what the script says, for this time, or until there is a response; fails on any status but
        2xx.
        """
        path = self._scratch / f"{script or 'get'}.lua"
        scripts = [name for name in (script, "report") if name is not None]
        path.write_text("".join((_SCRIPTS / f"{name}.lua").read_text() for name in scripts))
        found = await _run(path, url, seconds, connections, arguments)
        wrong = found["failed"] + found["broken"]
        if wrong:
            raise BadAnswers(f"{wrong} of {found['requests']} requests to {url} failed ({script or 'GET'})")
        if not found["requests"]:
            return await self.load(url, 2 * seconds, connections, script, arguments)
        return Load(
            requests=found["requests"],
            rate=found["requests"] / found["duration"] * 1e6,
            p50=found["p50"] / 1e3,
            p99=found["p99"] / 1e3,
        )

    async def statuses(self, url: str, seconds: float, people: int, connections: int) -> dict[int, int]:
        """Returns the number of responses by status, to people who list games."""
        told = await _run(_SCRIPTS / "writers.lua", url, seconds, connections, (people,))
        return {int(status): count for status, count in told.items()}


async def _run(
    script: Path, url: str, seconds: float, connections: int, arguments: tuple[object, ...]
) -> dict[str, int]:
    """Returns the output of the script at its end. wrk is interrupted then, since it counts whole seconds only."""
    options = ["-t1", f"-c{connections}", f"-d{seconds + _PATIENCE:.0f}s", f"--timeout={_PATIENCE}s", "-s", str(script)]
    process = await asyncio.create_subprocess_exec(
        "wrk",
        *options,
        url,
        "--",
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    await at(time.monotonic() + seconds)
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
    output, _ = await process.communicate()
    try:
        told: dict[str, int] = json.loads(output.decode().splitlines()[-1])
    except (IndexError, ValueError):
        raise BadAnswers(f"wrk at {url} ended with {process.returncode}: {output.decode()}") from None
    return told
