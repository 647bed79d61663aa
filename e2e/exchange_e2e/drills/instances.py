"""People trade through NGINX while instances die, freeze and restart, and the database stops: nothing is lost.

Each fault is a phase; responses are counted by the time at which they arrived. The failures while the database is down
are reported without a limit: nobody can be served then.
"""

import asyncio
import contextlib
import itertools
import time
from dataclasses import dataclass, field, replace

from .. import invariants
from ..balancer import Balancer
from ..books import Books
from ..client import Answer, Considerate
from ..deployment import Deployment
from ..load import REQUESTS_OF_AN_OFFER, Traders
from ..report import Check, at_least, at_most, examples_of, if_measured, information, none
from ..scale import Scale
from ..waiting import NotInTime, at, until
from ..world import World

_PEOPLE = 60
# Enough people to keep each below the rate limit of one address.
_ADDRESSES = [f"127.0.3.{number}" for number in range(1, 33)]
# Stories that hang with a frozen instance must not block the others.
_AT_ONCE = 1000
_ROLLING, _DATABASE = "rolling restarts", "the database stopped"
_BETWEEN_KILLS = 5.0
# Before the first fault and after each, so that every phase has its own load.
_BREATH = 3.0
_ERRORS = 0.5
_READY_WITHIN = 10.0
# After this time the other figures matter more than this one.
_PATIENCE = 60.0
# The same game listed twice despite one idempotency key.
_TWICE = "SELECT name FROM games GROUP BY name HAVING count(*) > 1"


@dataclass
class _Blows:
    """The faults and their times, in seconds of time.time()."""

    world: World
    exchange: Deployment
    balancer: Balancer
    phases: dict[str, tuple[float, float]] = field(default_factory=dict)
    ready_after: float = 0.0

    async def fall(self, scale: Scale) -> None:
        await _breath()
        for name, blow in {
            "kills": self._kill(scale.instance_kills),
            "a frozen instance": self._freeze(scale.freeze),
            _ROLLING: self._roll(scale.rolling_restarts),
            _DATABASE: self._restart_database(),
        }.items():
            began = time.time()
            await blow
            await _breath()
            self.phases[name] = (began, time.time())

    async def _kill(self, times: int) -> None:
        """Kills one after the other, at even intervals; each is back before the next is killed."""
        began = time.monotonic()
        for number, api in zip(range(times), itertools.cycle(self.exchange.apis)):
            await at(began + _BETWEEN_KILLS * number)
            await api.kill()
            await api.start()

    async def _freeze(self, seconds: float) -> None:
        api = self.exchange.apis[0]
        api.freeze()
        await at(time.monotonic() + seconds)
        api.thaw()

    async def _roll(self, times: int) -> None:
        """Restarts the instances as `scripts/roll-out` does."""
        for _ in range(times):
            free = await self.balancer.free()
            names = sorted(self.exchange.instances, key=lambda name: name != free)
            async for name in self.balancer.each_down(names):
                await self.exchange.instances[name].terminate()
                await self.exchange.instances[name].start()

    async def _restart_database(self) -> None:
        began = time.monotonic()
        await self.world.postgres.restart_hard()
        with contextlib.suppress(NotInTime):
            await until("all instances are ready after the database", self._are_ready, within=_PATIENCE)
        self.ready_after = time.monotonic() - began

    async def _are_ready(self) -> bool:
        return all(await asyncio.gather(*(api.is_ready() for api in self.exchange.apis)))


async def _breath() -> None:
    await at(time.monotonic() + _BREATH)


async def run(world: World) -> list[Check]:
    scale = world.scale
    async with world.deployment("instances", apis=3, log_level="warn") as exchange:
        urls = {name: api.url for name, api in exchange.instances.items()}
        people = await exchange.people(_PEOPLE)
        async with world.balancer("instances", urls) as balancer:
            client = Considerate(balancer.url, _ADDRESSES)
            traders, blows = Traders(client, people, at_once=_AT_ONCE, look=True), _Blows(world, exchange, balancer)
            enough = asyncio.Event()

            async def fall() -> None:
                await blows.fall(scale)
                enough.set()

            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(traders.trade(round(scale.request_rate), REQUESTS_OF_AN_OFFER, enough))
                    both.create_task(fall())
            finally:
                await client.close()
        await exchange.settled(scale.instances_settle)
        books = await Books.of(exchange)
        began, ended = blows.phases["kills"][0], blows.phases[_ROLLING][1]
        rate = len(_during(client.answers, (began, ended))) / (ended - began)
        return [
            at_least("requests a second", round(rate), scale.least_request_rate),
            *_counted(client, blows, scale.measures),
            if_measured(
                at_most("the database stopped: all are ready after", round(blows.ready_after, 1), _READY_WITHIN, " s"),
                scale.measures,
            ),
            none("games listed twice", [name for (name,) in await exchange.sql(_TWICE)]),
            none("writes rejected because they were executed before, under another key", client.done_twice),
            *invariants.always(books, exchange.client.journal + client.journal),
        ]


def _during(answers: list[Answer], phase: tuple[float, float]) -> list[Answer]:
    began, ended = phase
    return [answer for answer in answers if began <= answer.answered <= ended]


def _counted(client: Considerate, blows: _Blows, measures: bool) -> list[Check]:
    """Checks the failures of each phase. A rolling restart must cause none."""
    checks = []
    for name, phase in blows.phases.items():
        answers, given_up = _during(client.answers, phase), _during(client.given_up, phase)
        failures = [answer for answer in answers if not answer.is_done]
        shown = [f"{answer.status} {answer.body and answer.body['code']}" for answer in failures]
        slowest = max((answer.answered - answer.asked for answer in answers), default=0.0)
        failed = f"{name}: failed attempts"
        percent = round(100 * len(failures) / max(1, len(answers)), 2)
        checks.append(information(f"{name}: requests, the slowest", f"{len(answers)}, {slowest:.1f} s"))
        if name == _ROLLING:
            checks.append(none(f"{failed}, of which none is allowed", shown))
        elif name == _DATABASE:
            checks.append(information(f"{failed}, requests given up", f"{percent} %, {len(given_up)}"))
        else:
            limited = replace(at_most(failed, percent, _ERRORS, " %"), examples=examples_of(shown))
            checks.append(if_measured(limited, measures))
            checks.append(none(f"{name}: requests that failed after three retries", given_up))
    return checks
