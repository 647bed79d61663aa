"""Clients attack the memory of an instance of 512 MiB: endless pings, queries on sockets, unread responses, streams. A
mail server with an endless greeting attacks a notifier of the same size.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from typing import NamedTuple

import aiohttp

from .. import marks
from ..cgroup import Cgroup, cgroup
from ..crowd import Crowd, Reply, crowd, p99
from ..deployment import Deployment, Program
from ..flood import Flood
from ..hostile import PING, Hostile, hostile, message
from ..report import Check, at_least, at_most, exactly, information, none
from ..waiting import at, until
from ..world import World

_LIMIT = 512
# The limit of an instance's growth under any attack, in MiB.
_GROWTH = 256
_GAMES = 100
# With these names the response to the query is slightly below 4 MiB, the limit of a response.
_NAME = "🎮" * 200
_LARGEST = {"query": "{ games(first: 100) { nodes { owner { games(first: 50) { nodes { name } } } } } }"}
_TOO_LARGE = (
    "{ games(first: 100) { nodes { owner { games(first: 50) { nodes { a: name b: name c: name d: name } } } } } }"
)
_PINGING, _SOCKETS, _QUERIES, _ANSWERS, _STREAMS = 8, 60, 30, 40, 1024
_OTHERS = [f"127.0.8.{number}" for number in range(1, 11)]
_OTHERS_RATE = 20
_NEWCOMERS = 8
_nets = itertools.count(20)

Harm = Callable[["_Drill", float], Awaitable[None]]


class _Seen(NamedTuple):
    """The observations during an attack."""

    others: list[Reply]
    readiness: list[int]
    # In MiB.
    most: float


async def run(world: World) -> list[Check]:
    with ExitStack() as stack:
        group = stack.enter_context(cgroup("exchange-memory", _LIMIT))
        notifier_group = stack.enter_context(cgroup("exchange-memory-notifier", _LIMIT))
        exchange = world.deployment("memory", apis=1, notifiers=1, log_level="error")
        if group is not None:
            exchange.apis[0].launch_by(group.launcher)
        async with exchange, crowd(exchange.apis[0].url, _OTHERS) as others:
            drill, seconds = _Drill(exchange, others), world.scale.memory_seconds
            return await _harm(drill, group, seconds) + await _harm_notifier(drill, notifier_group, seconds)


async def _harm(drill: "_Drill", group: Cgroup | None, seconds: float) -> list[Check]:
    await drill.prepare()
    idle = drill.api.memory()
    checks = [
        information(
            "the instance", f"in a cgroup of {_LIMIT} MiB" if group else "without a cgroup: none can be created here"
        ),
        information("idle", f"{idle:.0f} MiB"),
    ]
    for what, harm in _HARMS.items():
        checks += _judged(what, await drill.suffer(harm, seconds, drill.api), idle)
    checks.append(at_most("in all, its maximum: growth", round(drill.api.memory("VmHWM") - idle), _GROWTH, " MiB"))
    checks.append(exactly("bytes held for disconnected clients", await drill.held_at_last(), 0))
    if group is not None:
        checks.append(exactly("killed by the kernel for lack of memory", group.kills(), 0))
    return checks


async def _harm_notifier(drill: "_Drill", group: Cgroup | None, seconds: float) -> list[Check]:
    """Sends letters to a mail server with an endless greeting."""
    flood = Flood()
    [usual] = drill.exchange.notifiers
    await usual.terminate()
    notifier = drill.exchange.notifier(2, SMTP_PORT=str(flood.port))
    if group is not None:
        notifier.launch_by(group.launcher)
    try:
        await notifier.start()
        idle = notifier.memory()
        checks = _judged("endless greeting of a mail server", await drill.suffer(_letters, seconds, notifier), idle)
        checks.append(at_least("times that the notifier hung up", flood.hung_up, 1))
    finally:
        await notifier.terminate()
        flood.stop()
    if group is not None:
        checks.append(exactly("notifiers killed by the kernel for lack of memory", group.kills(), 0))
    return checks


def _judged(what: str, seen: _Seen, idle: float) -> list[Check]:
    return [
        at_most(f"{what}: growth", round(seen.most - idle), _GROWTH, " MiB"),
        none("not ready meanwhile", [status for status in seen.readiness if status != 200]),
        none("others rejected", [f"{reply.status} {reply.text[:120]}" for reply in seen.others if not reply.is_done]),
        information(f"others ({len(seen.others)}), p99", f"{p99(seen.others):g} ms"),
    ]


class _Drill:
    def __init__(self, exchange: Deployment, others: Crowd) -> None:
        self.exchange, self.others = exchange, others
        self.api: Program = exchange.apis[0]
        self.offer = self.offerer = 0

    async def prepare(self) -> None:
        """Creates a person with many games with long names, and an offer to subscribe to."""
        ann, bob = await self.exchange.people(2)
        for _ in range(_GAMES):
            await self.exchange.client.list_game(ann.id, _NAME)
        mine, yours = [await self.exchange.client.list_game(person.id, "Ico") for person in (ann, bob)]
        offer = await self.exchange.client.offer(ann.id, mine, yours, marks.message("mine for yours"))
        assert offer is not None
        self.offer, self.offerer = offer, ann.id
        # The memory of an instance that has served requests.
        await self.others.ask("POST", "/graphql", _LARGEST)
        await self.exchange.settled(within=60)

    async def suffer(self, harm: Harm, seconds: float, program: Program) -> _Seen:
        """Runs an attack on a program while other clients send requests."""
        readiness: list[int] = []
        most = program.memory()
        ready = {f"{self.api.url}/health/ready", program.health_url}

        async def look() -> None:
            nonlocal most
            async with aiohttp.ClientSession() as session:
                for number in itertools.count():
                    most = max(most, program.memory())
                    if number % 10 == 0:
                        readiness.extend([await _status(session, url) for url in ready])
                    await at(time.monotonic() + 0.02)

        looking = asyncio.create_task(look())
        _, course = await asyncio.gather(
            harm(self, seconds), self.others.at_rate(_OTHERS_RATE, seconds, "GET", f"/offers/{self.offer}")
        )
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        return _Seen(course.replies, readiness, most)

    async def held_at_last(self) -> int:
        """Returns the bytes held after all clients disconnected, waiting a while for zero."""

        async def held() -> int:
            async with aiohttp.request("GET", f"{self.api.url}/metrics") as answer:
                lines = (await answer.text()).splitlines()
            [bytes_held] = [line.split()[1] for line in lines if line.startswith("api_unread_bytes ")]
            return int(bytes_held)

        async def is_nothing() -> bool:
            return await held() == 0

        await until("nothing is held", is_nothing, within=15)
        return await held()


def _addresses(count: int) -> list[str]:
    net = next(_nets)
    return [f"127.0.{net}.{number % 250 + 1}" for number in range(count)]


async def _pings(drill: _Drill, seconds: float) -> None:
    """Opens sockets that send pings, as frames and as messages, and reconnect when they are closed."""
    end = time.monotonic() + seconds
    [address] = _addresses(1)

    async def one(what: bytes) -> None:
        while time.monotonic() < end:
            async with hostile(drill.api.url, [address]) as [client]:
                await client.upgrade()
                with suppress(TimeoutError):
                    async with asyncio.timeout(end - time.monotonic()):
                        while await client.send(what * 50):
                            pass

    graphql_ping = message(type="ping", payload={"p": "p" * 1000})
    await asyncio.gather(*(one(what) for what in (PING, graphql_ping) for _ in range(_PINGING // 2)))


async def _queries(drill: _Drill, seconds: float) -> None:
    """Opens sockets of one client, each with many expensive concurrent queries."""
    end = time.monotonic() + seconds
    async with hostile(drill.api.url, _addresses(1) * _SOCKETS) as clients:
        opened = [await client.upgrade() for client in clients]
        assert all(opened), "the sockets are open"
        for number, client in itertools.product(range(_QUERIES), clients):
            query = _TOO_LARGE if number % 2 else _LARGEST["query"]
            await client.send(message(type="subscribe", id=str(number), payload={"query": query}))
        await at(end)


async def _answers(drill: _Drill, seconds: float) -> None:
    """Requests the largest possible responses without reading them: from one client, then from many."""
    half = time.monotonic() + seconds / 2
    [address] = _addresses(1)
    async with hostile(drill.api.url, [address] * _ANSWERS) as clients:
        await _ask_and_leave(clients)
        await at(half)
    async with hostile(drill.api.url, _addresses(_ANSWERS)) as clients:
        await _ask_and_leave(clients)
        await at(half + seconds / 2)


async def _ask_and_leave(clients: list[Hostile]) -> None:
    for client in clients:
        await client.post("/graphql", _LARGEST)


async def _streams(drill: _Drill, seconds: float) -> None:
    """Opens streams of one client and of many that do not read, while events keep arriving."""
    end = time.monotonic() + seconds
    [address] = _addresses(1)
    many = [address] * (_STREAMS // 2) + _addresses(_STREAMS // 2)
    async with hostile(drill.api.url, many) as clients:
        for client in clients:
            await client.ask(f"/events?offer_id={drill.offer}")
        while time.monotonic() < end:
            await drill.exchange.client.update(drill.offer, drill.offerer, marks.message("x" * 900))


async def _letters(drill: _Drill, seconds: float) -> None:
    """Registers people, each of whom gets a letter."""
    end = time.monotonic() + seconds
    for number in itertools.count(1):
        await drill.exchange.people(_NEWCOMERS, f"newcomer{number}")
        if time.monotonic() > end:
            return


async def _status(session: aiohttp.ClientSession, url: str) -> int:
    try:
        async with session.get(url, timeout=aiohttp.ClientTimeout(total=5)) as answer:
            return answer.status
    except (TimeoutError, aiohttp.ClientError):
        return 0


_HARMS: dict[str, Harm] = {
    "pings, nothing read": _pings,
    f"{_SOCKETS} sockets x {_QUERIES} queries, nothing read": _queries,
    f"{_ANSWERS} unread responses of the largest size, twice": _answers,
    f"{_STREAMS} streams, nothing read": _streams,
}
