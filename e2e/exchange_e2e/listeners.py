"""Clients that listen to what happens, each in one of the ways there are: `live/listen.js`, and what it writes down."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from .deployment import Deployment
from .processes import Process

# Two libraries of GraphQL, and what browsers have for REST.
WAYS = ("graphql-ws", "graphql-sse", "EventSource")
# Before the first event.
BEGINNING = str(UUID(int=0))

_PROGRAM = Path(__file__).parents[1] / "live" / "listen.js"


@dataclass(frozen=True)
class Listener:
    name: str
    way: str
    # Who listens.
    headers: dict[str, str]
    # The instances, in the order in which they are asked.
    urls: list[str]
    # The event behind which the listener begins.
    after: str = BEGINNING


class Heard(NamedTuple):
    event: str
    # Seconds of time.time().
    at: float
    url: str


class Listeners(Process):
    """All of them, in one program."""

    def __init__(self, name: str, listeners: Sequence[Listener], log: Path) -> None:
        command = ["node", str(_PROGRAM), json.dumps([asdict(listener) for listener in listeners])]
        super().__init__(name, command, {}, log, self._runs)
        self._names = [listener.name for listener in listeners]

    async def _runs(self) -> bool:
        return True

    def heard(self) -> dict[str, list[Heard]]:
        """What each listener heard so far, in the order in which it came."""
        heard: dict[str, list[Heard]] = {name: [] for name in self._names}
        for line in self._lines("event"):
            heard[line["listener"]].append(Heard(line["event"], line["at"], line["from"]))
        return heard

    def cuts(self) -> int:
        """How often a listener lost its instance."""
        return len(self._lines("cut"))

    def refused(self) -> dict[str, str]:
        """With which code listeners were sent away."""
        return {line["listener"]: str(line["refused"]) for line in self._lines("refused")}

    def _lines(self, kind: str) -> list[dict[str, Any]]:
        """The lines of this kind, but for one that is being written."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if kind in line]


@asynccontextmanager
async def listening(exchange: Deployment, name: str, listeners: Sequence[Listener]) -> AsyncIterator[Listeners]:
    """They listen from here to the end of the block."""
    program = Listeners(f"{exchange.name}/{name}", listeners, exchange.log(name))
    await program.start()
    try:
        yield program
    finally:
        await program.terminate()


def everywhere(exchange: Deployment, who: str, headers: dict[str, str], after: str = BEGINNING) -> list[Listener]:
    """Somebody who listens in each way at each instance, and goes on at the next one."""
    urls = [api.url for api in exchange.apis]
    return [
        Listener(f"{who} by {way} from {api.name}", way, headers, urls[place:] + urls[:place], after)
        for way in WAYS
        for place, api in enumerate(exchange.apis)
    ]
