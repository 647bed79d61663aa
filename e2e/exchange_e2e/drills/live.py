"""Subscribers on each transport and instance get each event once and in order while instances are killed."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from .. import invariants, marks
from ..books import Books
from ..client import Answer, Person, Write
from ..deployment import Deployment, Program
from ..listeners import BEGINNING, Heard, Listener, Listeners, everywhere, listening
from ..load import Traders
from ..report import Check, at_least, at_most, exactly, if_measured, information, none
from ..waiting import NotInTime, at, until
from ..world import World

_INSTANCES = 3
_PEOPLE = 6
# The number of people who subscribe. Trades among the others must not reach them.
_LISTENING = 2
_OFFERS_A_SECOND = 5
# Between two faults, so that each hits listeners that have reconnected. An EventSource waits for 3 s.
_BREATH = 2.0
# The promise, in seconds: from SIGTERM to the end of an instance.
_STOP = 12.0
# The promise, in seconds: until another instance leads.
_TAKE_OVER = 5.0


async def run(world: World) -> list[Check]:
    scale = world.scale
    async with world.deployment("live", apis=_INSTANCES, notifiers=1) as exchange:
        people = await exchange.people(_PEOPLE)
        drill, traders = _Drill(exchange, people), Traders(exchange.client, people)
        async with listening(exchange, "listeners", drill.listeners) as program:
            await drill.offer(*people[:2])
            await drill.all_is_told(program)
            before, calm = len(exchange.client.journal), asyncio.Event()
            calm.set()
            await traders.trade(int(scale.live_calm * _OFFERS_A_SECOND), scale.live_calm, calm)
            measured = exchange.client.journal[before:]
            await drill.all_is_told(program)
            blows, enough, before = _Blows(exchange), asyncio.Event(), len(exchange.client.journal)
            async with asyncio.TaskGroup() as both:
                both.create_task(traders.trade(1, 1 / _OFFERS_A_SECOND, enough))
                both.create_task(blows.fall(scale.live_blows, enough))
            disturbed = exchange.client.journal[before:]
            await exchange.settled(within=60)
            await drill.all_is_told(program)
            heard, cuts = program.heard(), program.cuts()
        books = await Books.of(exchange)
        return [
            exactly("instances killed -9, every other one the leader", blows.killed, scale.live_blows // 2),
            at_most(f"slowest of {len(blows.stops)} stops with open streams", max(blows.stops), _STOP, " s"),
            at_least(f"lost connections of {len(heard)} listeners", cuts, scale.live_blows),
            *await drill.comparison(heard),
            *_delays(books, measured, heard, scale.live_delay),
            if_measured(_take_over(books, disturbed, heard), scale.measures),
            *invariants.always(books, exchange.client.journal),
            *await drill.log_out(people[-1], people[0]),
            *await drill.trim(people[0]),
        ]


class _Drill:
    def __init__(self, exchange: Deployment, people: list[Person]) -> None:
        self.exchange = exchange
        self._theirs = {
            person.id: everywhere(exchange, f"person {person.id}", {"X-User-ID": str(person.id)})
            for person in people[:_LISTENING]
        }

    @property
    def listeners(self) -> list[Listener]:
        return sum(self._theirs.values(), [])

    async def offer(self, offerer: Person, receiver: Person) -> None:
        mine = await self.exchange.client.list_game(offerer.id, "Mine")
        yours = await self.exchange.client.list_game(receiver.id, "Yours")
        await self.exchange.client.offer(offerer.id, mine, yours, marks.message("mine for yours"))

    async def _events(self, person: int) -> list[str]:
        """Returns the events of a person's offers, by position."""
        rows = await self.exchange.sql(
            "SELECT outbox.id::text FROM outbox JOIN offers ON aggregate_type = 'offer' AND aggregate_id = offers.id "
            "WHERE %s IN (offerer_id, receiver_id) AND position IS NOT NULL ORDER BY position",
            person,
        )
        return [id for (id,) in rows]

    async def all_is_told(self, program: Listeners) -> None:
        """Waits until each listener has received everything; on a time-out the comparison reports what is missing."""

        async def is_told() -> bool:
            heard = program.heard()
            return not [
                listener
                for person, listeners in self._theirs.items()
                for events in [set(await self._events(person))]
                for listener in listeners
                if events - {one.event for one in heard[listener.name]}
            ]

        with suppress(NotInTime):
            await until("all listeners have received everything", is_told, within=30, every=0.25)

    async def comparison(self, heard: dict[str, list[Heard]]) -> list[Check]:
        """Compares the events that each listener received with the outbox."""
        missed, twice, foreign, disorder, exact, of = [], [], [], [], 0, 0
        for person, listeners in self._theirs.items():
            events = await self._events(person)
            of += len(events) * len(listeners)
            for listener in listeners:
                got = [one.event for one in heard[listener.name]]
                exact += got == events
                missed += _tell(listener, set(events) - set(got))
                twice += _tell(listener, [event for event, times in Counter(got).items() if times > 1])
                foreign += _tell(listener, set(got) - set(events))
                first = [event for event in dict.fromkeys(got) if event in set(events)]
                disorder += _tell(listener, first[:1] if first != [id for id in events if id in set(got)] else [])
        return [
            none(f"events missed (of {of})", missed),
            none("events received twice", twice),
            none("events received about other people's offers", foreign),
            none("listeners that received events out of order", disorder),
            exactly("listeners that received exactly the events of the outbox", exact, len(heard)),
        ]

    async def log_out(self, person: Person, other: Person) -> list[Check]:
        """A person subscribes at all instances, logs out at one, and then receives an offer."""
        client = self.exchange.client
        session = _succeed(
            await client.ask("POST", "/auth/login", {"email": person.email, "password": person.password})
        )
        [*_, last] = await self._events(person.id)
        token = {"Authorization": f"Bearer {session.body['access_token']}"}
        listeners = everywhere(self.exchange, "who logs out", token, last)
        async with listening(self.exchange, "logged-out", listeners) as program:
            await self.offer(other, person)
            before = await _heard(program)
            _succeed(await client.ask("POST", "/auth/logout", {"refresh_token": session.body["refresh_token"]}))
            await self.offer(other, person)
            refused = await _refused(program, len(listeners))
            late = [name for name, events in program.heard().items() if len(events) > 1]
        return [
            exactly("listeners that received an event before the log-out", before, len(listeners)),
            exactly("streams that ended with the session, at all instances", len(refused), len(listeners)),
            information("their codes", ", ".join(sorted(set(refused.values())))),
            none("streams that sent an event after the log-out", late),
        ]

    async def trim(self, person: Person) -> list[Check]:
        """Makes all events old, has another leader delete them, and resumes from a deleted one."""
        first, *_ = await self._events(person.id)
        await self.exchange.settled(within=60)
        await self.exchange.sql("UPDATE outbox SET published_at = published_at - interval '8 days'")
        leader = await self.exchange.elected()
        await leader.terminate()

        async def is_trimmed() -> bool:
            [(rows,)] = await self.exchange.sql("SELECT count(*) FROM outbox")
            return bool(rows == 1)

        await until("old events are deleted", is_trimmed, within=30)
        await leader.start()
        headers = {"X-User-ID": str(person.id)}
        listeners = [
            listener
            for after in (BEGINNING, first)
            for listener in everywhere(self.exchange, f"after {after}", headers, after)
        ]
        async with listening(self.exchange, "too-late", listeners) as program:
            refused = await _refused(program, len(listeners))
        codes = Counter(refused.values())
        return [exactly("listeners that then got resume_expired", codes["resume_expired"], len(listeners))]


@dataclass
class _Blows:
    """The faults: the leader and another instance in turns, killed and stopped in turns."""

    exchange: Deployment
    killed: int = 0
    # Seconds.
    stops: list[float] = field(default_factory=list)

    async def fall(self, count: int, enough: asyncio.Event) -> None:
        for number in range(count):
            leader = await self.exchange.elected()
            others = [api for api in self.exchange.apis if api is not leader]
            victim = leader if number % 2 == 0 else others[number // 2 % len(others)]
            await (self._kill(victim) if number % 4 < 2 else self._stop(victim))
            await _breath()
            await victim.start()
            await _breath()
        enough.set()

    async def _kill(self, api: Program) -> None:
        await api.kill()
        self.killed += 1

    async def _stop(self, api: Program) -> None:
        began = time.monotonic()
        await api.terminate()
        self.stops.append(round(time.monotonic() - began, 1))


def _delays(books: Books, writes: list[Write], heard: dict[str, list[Heard]], limit: float) -> list[Check]:
    """Measures the delay from the responses to these writes to the listeners at each instance."""
    since = _answered(books, writes)
    waits: dict[str, list[float]] = {}
    for one in sum(heard.values(), []):
        if one.event in since:
            # An event that arrives before the response was read counts as 0.
            waits.setdefault(one.url, []).append(max(0.0, one.at - since[one.event]))
    checks = []
    for number, url in enumerate(sorted(waits), start=1):
        quantiles = statistics.quantiles(waits[url], n=100)
        checks += [
            information(f"to listeners at instance {number} ({len(waits[url])} times): p50", f"{quantiles[49]:.3f} s"),
            at_most(f"to listeners at instance {number}: p99", round(quantiles[98], 3), limit, " s"),
        ]
    return [exactly("instances at which the delay was measured", len(waits), _INSTANCES), *checks]


def _take_over(books: Books, writes: list[Write], heard: dict[str, list[Heard]]) -> Check:
    """Measures the delay to the first listener while leaders die: others may just have lost their instance."""
    since, first = _answered(books, writes), dict[str, float]()
    for one in sum(heard.values(), []):
        first[one.event] = min(one.at, first.get(one.event, one.at))
    slowest = max((first[event] - since[event] for event in since.keys() & first.keys()), default=0.0)
    return at_most("while leaders die, to the first listener: slowest", round(slowest, 3), _TAKE_OVER, " s")


def _answered(books: Books, writes: list[Write]) -> dict[str, float]:
    """Maps events to the times of the responses to their writes."""
    answered = {write.answer.trace: write.answer.answered for write in writes}
    return {event.id: answered[event.trace] for event in books.events.values() if event.trace in answered}


async def _heard(program: Listeners) -> int:
    """Returns the number of listeners that received something, waiting a while for all."""

    async def have_heard() -> bool:
        return all(program.heard().values())

    with suppress(NotInTime):
        await until("all listeners receive something", have_heard, within=30)
    return sum(bool(heard) for heard in program.heard().values())


async def _refused(program: Listeners, listeners: int) -> dict[str, str]:
    """Returns the rejected listeners with their codes, waiting a while for all."""

    async def are_refused() -> bool:
        return len(program.refused()) == listeners

    with suppress(NotInTime):
        await until("all listeners are rejected", are_refused, within=30)
    return program.refused()


def _succeed(answer: Answer) -> Answer:
    assert answer.is_done, f"{answer.status} {answer.body}"
    return answer


def _tell(listener: Listener, events: Iterable[str]) -> list[str]:
    return [f"{listener.name}: {event}" for event in events]


async def _breath() -> None:
    await at(time.monotonic() + _BREATH)
