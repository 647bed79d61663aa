"""Subscribers of live events, over each transport: `live/listen.js`, and the lines that it writes."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from .deployment import Deployment
from .processes import Process

# Two GraphQL libraries, and the EventSource of browsers for REST.
WAYS = ("graphql-ws", "graphql-sse", "EventSource")
# An id older than the first event.
BEGINNING = str(UUID(int=0))

_PROGRAM = Path(__file__).parents[1] / "live" / "listen.js"


@dataclass(frozen=True)
class Listener:
    name: str
    way: str
    # The user.
    headers: dict[str, str]
    # The instances, in the order in which they are tried.
    urls: list[str]
    # The event after which the listener begins.
    after: str = BEGINNING


class Heard(NamedTuple):
    event: str
    # Seconds of time.time().
    at: float
    url: str


class Listeners(Process):
    """Runs all of them in one program."""

    def __init__(self, name: str, listeners: Sequence[Listener], log: Path) -> None:
        command = ["node", str(_PROGRAM), json.dumps([asdict(listener) for listener in listeners])]
        super().__init__(name, command, {}, log, self._runs)
        self._names = [listener.name for listener in listeners]

    async def _runs(self) -> bool:
        return True

    def heard(self) -> dict[str, list[Heard]]:
        """Returns the events that each listener has received, in order of arrival."""
        heard: dict[str, list[Heard]] = {name: [] for name in self._names}
        for line in self._lines("event"):
            heard[line["listener"]].append(Heard(line["event"], line["at"], line["from"]))
        return heard

    def cuts(self) -> int:
        """Returns the number of times that a listener lost its instance."""
        return len(self._lines("cut"))

    def refused(self) -> dict[str, str]:
        """Returns the codes with which listeners were rejected."""
        return {line["listener"]: str(line["refused"]) for line in self._lines("refused")}

    def _lines(self, kind: str) -> list[dict[str, Any]]:
        """Returns the complete lines of this kind."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        return [line for line in lines if kind in line]


@asynccontextmanager
async def listening(exchange: Deployment, name: str, listeners: Sequence[Listener]) -> AsyncIterator[Listeners]:
    """Keeps the listeners running until the end of the block."""
    program = Listeners(f"{exchange.name}/{name}", listeners, exchange.log(name))
    await program.start()
    try:
        yield program
    finally:
        await program.terminate()


def everywhere(exchange: Deployment, who: str, headers: dict[str, str], after: str = BEGINNING) -> list[Listener]:
    """Creates listeners of one user over each transport at each instance, which reconnect to the next one."""
    urls = [api.url for api in exchange.apis]
    return [
        Listener(f"{who} by {way} from {api.name}", way, headers, urls[place:] + urls[:place], after)
        for way in WAYS
        for place, api in enumerate(exchange.apis)
    ]
