"""People trade while leaders, notifiers, Kafka and PostgreSQL die: nothing is lost or out of order."""

import asyncio
import itertools
import time
from dataclasses import dataclass, field

from .. import invariants
from ..books import Books
from ..client import Answer
from ..deployment import SENDER_SLOTS, Deployment
from ..load import Traders
from ..mail import Catcher
from ..report import Check, at_least, at_most, information, none
from ..scale import Scale
from ..waiting import NotInTime, at, until
from ..world import World

_PEOPLE = 30
# Between two faults, so that each hits a busy system.
_BREATH = 2.0
# The mail server is slow, as real ones are, so that kills hit letters whose acceptance is unknown.
_SLOWNESS = 0.3


@dataclass
class _Chaos:
    """The faults and their times, in seconds of time.time()."""

    world: World
    exchange: Deployment
    leaders_killed: int = 0
    notifiers_killed: int = 0
    outages: list[tuple[float, float]] = field(default_factory=list)
    database_restart: tuple[float, float] = (0.0, 0.0)

    async def rage(self, scale: Scale) -> None:
        """Interleaves all faults: kills follow each outage or restart."""
        kills = max(scale.leader_kills, scale.notifier_kills)
        outages_at = {kills * (number + 1) // (scale.kafka_outages + 1) for number in range(scale.kafka_outages)}
        for number in range(kills):
            if number in outages_at:
                await self._stop_kafka(scale.kafka_outage, hard=not self.outages)
            if number == kills - 1:
                await self._restart_database()
            if number < scale.leader_kills:
                await self._kill_leader()
            if number < scale.notifier_kills:
                await self._change_notifiers(joins=number % 2 == 1)

    async def _kill_leader(self) -> None:
        leader = await self.exchange.elected()
        await leader.kill()
        await _breath()
        await leader.start()
        self.leaders_killed += 1
        await _breath()

    async def _change_notifiers(self, joins: bool) -> None:
        """Kills the first notifier while letters are being sent; in turns the second leaves and joins."""
        first, second = self.exchange.notifiers
        await self._letters_are_under_way()
        await first.kill()
        self.notifiers_killed += 1
        if joins:
            await second.start()
        else:
            await second.terminate()
        await first.start()
        await _breath()

    async def _stop_kafka(self, seconds: float, hard: bool) -> None:
        """Stops Kafka without other faults, so that API errors meanwhile have no other cause."""
        began = time.time()
        until_then = time.monotonic() + seconds
        await (self.world.kafka.kill() if hard else self.world.kafka.stop())
        await at(until_then)
        self.outages.append((began, time.time()))
        await self.world.kafka.start()
        await _breath()

    async def _restart_database(self) -> None:
        await self._letters_are_under_way()
        began = time.time()
        await self.world.postgres.restart_hard()
        await until("the API is back after the database", self._is_ready, within=60)
        self.database_restart = (began, time.time())
        await _breath()

    async def _letters_are_under_way(self) -> None:
        async def any_is() -> bool:
            return self.exchange.catcher.under_way > 0

        # The group needs ten seconds to notice a kill.
        await until("letters are being sent", any_is, within=60, every=0.01)

    async def _is_ready(self) -> bool:
        answers = [await self.exchange.client.ask("GET", "/health/ready", url=api.url) for api in self.exchange.apis]
        return all(answer.is_done for answer in answers)


async def _breath() -> None:
    await at(time.monotonic() + _BREATH)


async def run(world: World) -> list[Check]:
    scale = world.scale
    async with world.deployment("storm", catcher=Catcher(slowness=_SLOWNESS)) as exchange:
        people = await exchange.people(_PEOPLE)
        traders, chaos, enough = Traders(exchange.client, people), _Chaos(world, exchange), asyncio.Event()

        async def rage() -> None:
            await chaos.rage(scale)
            enough.set()

        async with asyncio.TaskGroup() as both:
            both.create_task(traders.trade(scale.offers, scale.storm_duration, enough))
            both.create_task(rage())
        settled = await _settles(exchange, scale.storm_settles)
        books = await Books.of(exchange)
        return [
            at_least("offers made under load", len(books.offers), scale.offers),
            at_least("leaders killed -9", chaos.leaders_killed, scale.leader_kills),
            at_least("notifiers killed -9", chaos.notifiers_killed, scale.notifier_kills),
            at_least("outages of Kafka", len(chaos.outages), scale.kafka_outages),
            information("events, letters", f"{len(books.events)}, {len(books.letters)}"),
            information(
                "letters with more than one attempt", str(sum(row.attempts > 1 for row in books.notifications))
            ),
            settled,
            *invariants.always(books, exchange.client.journal),
            *_sent_twice(books, chaos),
            *_during_outages(exchange.client.answers, chaos.outages),
        ]


async def _settles(exchange: Deployment, within: float) -> Check:
    """Waits until everything has settled; a failure does not prevent the other checks."""
    what, ended = "everything settled after the load", time.monotonic()
    try:
        await exchange.settled(within)
    except NotInTime as late:
        return Check(what, "not in time", f"≤ {within:g} s", False, str(late))
    return at_most(what, round(time.monotonic() - ended, 1), within, " s")


def _sent_twice(books: Books, chaos: _Chaos) -> list[Check]:
    """Limits duplicates: a letter is sent again if its notifier or the database died before its result was recorded."""
    began, ended = chaos.database_restart
    by_database = by_kill = 0
    for copies in books.letters.values():
        for first, _again in itertools.pairwise(copies):
            if began - 1 <= first.arrived <= ended:
                by_database += 1
            else:
                by_kill += 1
    return [
        at_most("letters sent twice after kills of notifiers", by_kill, SENDER_SLOTS * chaos.notifiers_killed),
        at_most("letters sent twice after the database's restart", by_database, SENDER_SLOTS * 2),
    ]


def _during_outages(answers: list[Answer], outages: list[tuple[float, float]]) -> list[Check]:
    """Returns requests that overlap with an outage, including those that hang until it ends."""
    during = [
        answer
        for answer in answers
        if any(answer.asked < ended and answer.answered > began for began, ended in outages)
    ]
    failures = [f"{answer.status} from {answer.instance}" for answer in during if answer.is_failure]
    slowest = max((answer.answered - answer.asked for answer in during), default=0.0)
    return [
        none(f"API errors while Kafka was stopped (of {len(during)} requests)", failures),
        information("slowest response while Kafka was stopped", f"{slowest:.2f} s"),
    ]
