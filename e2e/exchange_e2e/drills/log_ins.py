"""Log-ins from one address are limited to one rate across all transports and instances.

Each course is 10 s of attempts at a steady rate, directly to the instances, from its own address that a trusted proxy
forwards. They guess a wrong password, so after ten of them nothing is hashed any more and only the rate is measured.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from ..client import Person
from ..deployment import Deployment
from ..report import Check, at_least, at_most, exactly, if_measured, information, none
from ..waiting import at
from ..world import World

_RATE, _BURST = 5, 20
_SECONDS = 10
_ASKED_RATE = 12
# A tolerance for the difference between the clocks of the drill and the database.
_APART = 1
_SPREAD = 2
_REFUSED = "too_many_log_ins"
_PROTOCOL = "graphql-transport-ws"
_QUERY = "mutation($input: LoginInput!) { login(input: $input) { accessToken } }"
_GUESSERS, _GUESSING_SECONDS = 40, 8
_TRIES = 3

# Sends one attempt; returns its code, and whether it has Retry-After.
Attempt = Callable[[], Awaitable[tuple[str, bool]]]


async def run(world: World) -> list[Check]:
    async with (
        world.deployment("log-ins", apis=3, notifiers=0, log_level="error") as exchange,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        person, victim = await exchange.people(2)
        urls = [api.url for api in exchange.apis]
        courses = [
            _Course(session, way, instances, f"198.51.100.{number}", f"guessed-{number}@example.com")
            for number, (instances, way) in enumerate(itertools.product((urls[:1], urls), _WAYS))
        ]
        await asyncio.gather(*(course.run() for course in courses))
        let_through = [course.let_through for course in courses]
        return [
            *(check for course in courses for check in course.checks(world.scale.measures)),
            if_measured(at_most("the largest minus the smallest", _spread(let_through), _SPREAD), world.scale.measures),
            *await _obeying(exchange, session, person),
            *await _payload(session, urls[0], victim),
        ]


@dataclass
class _Course:
    """Attempts over one transport, at some instances in turns."""

    session: aiohttp.ClientSession
    way: str
    urls: list[str]
    address: str
    email: str
    codes: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    began: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    @property
    def let_through(self) -> int:
        return sum(code != _REFUSED for code in self.codes)

    async def run(self) -> None:
        async with AsyncExitStack() as stack:
            ways = [_WAYS[self.way](self, url) for url in self.urls]
            attempts = [attempt for way in ways for attempt in await stack.enter_async_context(way)]
            start = time.monotonic()
            async with asyncio.TaskGroup() as tasks:
                for number in range(_SECONDS * _ASKED_RATE + 1):
                    await at(start + number / _ASKED_RATE)
                    tasks.create_task(self._try(attempts[number % len(attempts)]))

    async def _try(self, attempt: Attempt) -> None:
        self.began.append(time.monotonic())
        code, is_told = await attempt()
        self.ended.append(time.monotonic())
        self.codes.append(code)
        if code == _REFUSED and not is_told:
            self.untold.append(self.way)

    def checks(self, measures: bool) -> list[Check]:
        """Checks the number of admitted attempts. A slow machine admits fewer, since attempts are late."""
        where = "1 instance" if len(self.urls) == 1 else f"{len(self.urls)} instances"
        what = f"{self.way}, {where}: of {len(self.codes)} in {_SECONDS} s admitted"
        least = _BURST + int(_RATE * (self.began[-1] - self.ended[0])) - _APART
        most = _BURST + int(_RATE * (max(self.ended) - self.began[0])) + _APART
        return [
            at_most(what, self.let_through, most),
            if_measured(at_least(what, self.let_through, least), measures),
            none(f"{self.way}, {where}: rejected without a time to wait", self.untold),
        ]


@asynccontextmanager
async def _rest(course: _Course, url: str) -> AsyncIterator[list[Attempt]]:
    async def attempt() -> tuple[str, bool]:
        body = {"email": course.email, "password": "a wrong one"}
        headers = {"X-Forwarded-For": course.address}
        async with course.session.post(f"{url}/auth/login", json=body, headers=headers) as response:
            told = response.status == 429 and "Retry-After" in response.headers
            return (await response.json(content_type=None))["code"], told

    yield [attempt]


@asynccontextmanager
async def _graphql(course: _Course, url: str) -> AsyncIterator[list[Attempt]]:
    async def attempt() -> tuple[str, bool]:
        headers = {"X-Forwarded-For": course.address}
        async with course.session.post(f"{url}/graphql", json=_operation(course), headers=headers) as response:
            code, told = _code(await response.json(content_type=None))
            return code, told and "Retry-After" in response.headers

    yield [attempt]


@asynccontextmanager
async def _websocket(course: _Course, url: str) -> AsyncIterator[list[Attempt]]:
    """Opens two sockets."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(_socket(course, url)) for _ in range(2)]


@asynccontextmanager
async def _mixed(course: _Course, url: str) -> AsyncIterator[list[Attempt]]:
    async with _rest(course, url) as rest, _graphql(course, url) as graphql, _websocket(course, url) as websocket:
        yield [*rest, *graphql, *websocket]


_WAYS = {"REST": _rest, "GraphQL": _graphql, "WebSocket": _websocket, "mixed": _mixed}


@asynccontextmanager
async def _socket(course: _Course, url: str) -> AsyncIterator[Attempt]:
    numbers, answers = itertools.count(), dict[str, asyncio.Future[dict[str, Any]]]()
    headers = {"X-Forwarded-For": course.address}
    async with course.session.ws_connect(f"{url}/graphql", protocols=[_PROTOCOL], headers=headers) as socket:
        await socket.send_json({"type": "connection_init"})
        assert (await socket.receive_json())["type"] == "connection_ack"

        async def hear() -> None:
            async for message in socket:
                said = json.loads(message.data)
                if said["type"] == "next":
                    answers.pop(said["id"]).set_result(said["payload"])

        async def attempt() -> tuple[str, bool]:
            id = str(next(numbers))
            answers[id] = asyncio.get_running_loop().create_future()
            answer = answers[id]
            await socket.send_json({"type": "subscribe", "id": id, "payload": _operation(course)})
            return _code(await answer)

        hearing = asyncio.create_task(hear())
        try:
            yield attempt
        finally:
            hearing.cancel()


def _operation(course: _Course) -> dict[str, Any]:
    return {"query": _QUERY, "variables": {"input": {"email": course.email, "password": "a wrong one"}}}


def _code(answer: dict[str, Any]) -> tuple[str, bool]:
    extensions = answer["errors"][0]["extensions"]
    return extensions["code"], "retryAfter" in extensions


def _spread(numbers: list[int]) -> int:
    return max(numbers) - min(numbers)


async def _obeying(exchange: Deployment, session: aiohttp.ClientSession, person: Person) -> list[Check]:
    """One person logs in correctly and obeys Retry-After, while others guess as fast as they get responses."""
    url = exchange.apis[0].url
    codes: list[str] = []
    enough = asyncio.Event()

    async def guess(number: int) -> None:
        for round in itertools.count():
            if enough.is_set():
                return
            email, address = f"somebody-{number}-{round}@example.com", f"203.0.113.{number}"
            codes.append(await _log_in(session, url, email, "a wrong one", address))

    guessing = [asyncio.create_task(guess(number)) for number in range(_GUESSERS)]
    tries: list[int] = []
    ends = time.monotonic() + _GUESSING_SECONDS
    while time.monotonic() < ends:
        tries.append(await _tries(session, url, person))
        await asyncio.sleep(1)
    enough.set()
    await asyncio.gather(*guessing)
    return [
        information(f"{_GUESSERS} clients guess, each from its own address: attempts", str(len(codes))),
        information("of them busy, rejected, checked", ", ".join(str(number) for number in _kinds(codes))),
        at_least("meanwhile one person logs in correctly, obeying Retry-After: times", len(tries), 2),
        at_most("attempts for each, at most", max(tries), _TRIES),
    ]


def _kinds(codes: list[str]) -> Iterator[int]:
    for code in ("passwords_busy", _REFUSED, "bad_credentials"):
        yield codes.count(code)


async def _tries(session: aiohttp.ClientSession, url: str, person: Person) -> int:
    """Returns the number of attempts to log in."""
    headers = {"X-Forwarded-For": "192.0.2.1"}
    body = {"email": person.email, "password": person.password}
    for tries in itertools.count(1):
        async with session.post(f"{url}/auth/login", json=body, headers=headers) as response:
            if response.status == 200:
                return tries
            await asyncio.sleep(float(response.headers["Retry-After"]))
    raise AssertionError


async def _log_in(session: aiohttp.ClientSession, url: str, email: str, password: str, address: str) -> str:
    body, headers = {"email": email, "password": password}, {"X-Forwarded-For": address}
    async with session.post(f"{url}/auth/login", json=body, headers=headers) as response:
        return str((await response.json(content_type=None))["code"])


async def _payload(session: aiohttp.ClientSession, url: str, victim: Person) -> list[Check]:
    """Checks a payload with X-User-ID. The header is trusted here from a proxy, which sees no payload."""
    closed = []
    for name in ("X-User-ID", "x-user-id"):
        async with session.ws_connect(f"{url}/graphql", protocols=[_PROTOCOL]) as socket:
            await socket.send_json({"type": "connection_init", "payload": {name: str(victim.id)}})
            await socket.receive()
            closed.append(socket.close_code)
    return [
        exactly("connections with X-User-ID in a payload that were closed with 4403", closed.count(4403), len(closed))
    ]
