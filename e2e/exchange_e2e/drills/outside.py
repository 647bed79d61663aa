"""Security from outside, as in production: permissions, forged headers and tokens, and information leaks."""

import asyncio
import itertools
import json
import re
import secrets
from collections.abc import Iterator
from typing import Any, NamedTuple

import aiohttp

from .. import jwt, matrix, raw
from ..balancer import Balancer
from ..client import Person
from ..deployment import Deployment
from ..report import Check, at_least, exactly, none
from ..world import World

_PATIENCE = aiohttp.ClientTimeout(total=30)
# One address for each request, so that no rate limit applies.
_ADDRESSES = itertools.cycle(f"127.0.{net}.{number}" for net in (4, 5) for number in range(1, 255))
# Patterns that reveal the implementation: versions of programs, source locations, files, statements, stack traces.
_LEAK = re.compile(
    r"(nginx|axum|hyper|tokio|sqlx|sea-?orm|postgres(ql)?|librdkafka|rustc)[ /-]?v?\d"
    r"|\.rs\b|panicked|backtrace|traceback|sqlstate|select .+ from|insert into|relation \""
    r"|(?<![\w./])/(home|root|usr|tmp|var|etc|proc|srv|opt|work)/\w",
    re.IGNORECASE,
)
_LARGE = "a" * 9500


class _Seen(NamedTuple):
    what: str
    status: int
    headers: dict[str, str]
    text: str

    def body(self) -> Any:
        return json.loads(self.text)


async def run(world: World) -> list[Check]:
    secret = secrets.token_urlsafe(48)
    async with world.deployment("outside", apis=3, notifiers=1, secret=secret, trust_x_user_id=False) as exchange:
        urls = {name: api.url for name, api in exchange.instances.items()}
        async with world.balancer("outside", urls, trust_x_user_id=False) as balancer:
            drill = _Drill(exchange, balancer, secret)
            await drill.open_board()
            checks = [
                *await drill.routes(),
                *await drill.mutations(),
                *await drill.forged_headers(),
                *await drill.forged_tokens(),
            ]
            await drill.use_wrongly(world)
            checks += drill.leaks()
    return checks


class _Drill:
    def __init__(self, exchange: Deployment, balancer: Balancer, secret: str) -> None:
        self._exchange, self._balancer, self._secret = exchange, balancer, secret
        # Every response of this drill.
        self._seen: list[_Seen] = []
        self._tokens: dict[str, str | None] = {}

    async def open_board(self) -> None:
        """Creates an offer between two people, and a stranger."""
        stranger, offerer, receiver = self._people = await self._exchange.people(3)
        sessions = [await self._log_in(person) for person in self._people]
        self._tokens = dict(zip(matrix.PEOPLE, [None, *(session["access_token"] for session in sessions)]))
        mine, yours = [
            (await self._done("POST", "/games", matrix.GAME, self._tokens[who]))["id"] for who in matrix.PEOPLE[2:]
        ]
        terms = {"offered_game_id": mine, "requested_game_id": yours}
        offer = (await self._done("POST", "/offers", terms, self._tokens["the offerer"]))["id"]
        self._board = matrix.Board(offerer.id, mine, offer, yours)
        self._offerer, self._email, self._another = offerer, offerer.email, stranger.id

    async def _log_in(self, person: Person) -> dict[str, str]:
        login = {"email": person.email, "password": person.password}
        return dict(await self._done("POST", "/auth/login", login))

    async def _done(self, method: str, path: str, body: Any, token: str | None = None) -> Any:
        answer = await self._ask(method, path, body, token)
        assert answer.status < 300, answer
        return answer.body()

    async def _ask(self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str) -> _Seen:
        """Sends one request from its own address. Reads only the headers of a stream."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        connector = aiohttp.TCPConnector(local_addr=(next(_ADDRESSES), 0))
        async with (
            aiohttp.ClientSession(connector=connector, timeout=_PATIENCE) as client,
            client.request(method, self._balancer.url + path, json=body, headers=headers) as response,
        ):
            is_stream = response.headers.get("Content-Type", "").startswith("text/event-stream")
            text = "" if is_stream else await response.text()
            seen = _Seen(f"{method} {path[:60]}", response.status, dict(response.headers), text)
        self._seen.append(seen)
        return seen

    async def routes(self) -> list[Check]:
        document = (await self._ask("GET", "/openapi.json")).body()
        routes = {
            f"{method.upper()} {path}": operation
            for path, item in document["paths"].items()
            for method, operation in item.items()
        }
        wrong = []
        for route, operation in routes.items():
            method, path, body = matrix.request(route, operation, self._board, self._offerer)
            headers = {"If-Match": f'"{matrix.UNSEEN}"'} if matrix.takes(operation, "If-Match") else {}
            if path == "/events":
                headers["Accept"] = "text/event-stream"
            for who, expected in zip(matrix.PEOPLE, matrix.ROUTES.get(route, ())):
                answer = await self._ask(method, path, body, self._tokens[who], **headers)
                if answer.status != expected:
                    wrong.append(f"{route} for {who}: {answer.status} for {expected} {answer.text[-150:]}")
        return [
            none("routes of openapi.json without a row, or rows without a route", routes.keys() ^ matrix.ROUTES.keys()),
            none(f"cells of routes with another outcome (of {4 * len(matrix.ROUTES)})", wrong),
        ]

    async def mutations(self) -> list[Check]:
        asked = "{ __schema { mutationType { fields { name } } } }"
        fields = (await self._graphql(asked, self._tokens["a stranger"]))["data"]["__schema"]["mutationType"]["fields"]
        texts = {"unseen": f'"{matrix.UNSEEN}"', "email": self._email, "password": self._offerer.password}
        values = self._board._asdict() | {name: json.dumps(text) for name, text in texts.items()}
        wrong = []
        for mutation, cells in matrix.MUTATIONS.items():
            arguments = matrix.arguments(mutation, values)
            document = f"mutation {{ {mutation}(input: {{{arguments}}}) {{ userErrors {{ code }} }} }}"
            for who, expected in zip(matrix.PEOPLE, cells):
                answer = await self._graphql(document, self._tokens[who])
                if (code := _code(answer, mutation)) != expected:
                    wrong.append(f"{mutation} for {who}: {code!r} for {expected!r}")
        return [
            none(
                "mutations of the schema without a row, or rows without a mutation",
                {field["name"] for field in fields} ^ matrix.MUTATIONS.keys(),
            ),
            none(f"cells of mutations with another outcome (of {4 * len(matrix.MUTATIONS)})", wrong),
        ]

    async def _graphql(self, document: str, token: str | None) -> Any:
        return (await self._ask("POST", "/graphql", {"query": document}, token)).body()

    async def forged_headers(self) -> list[Check]:
        """Checks forged headers. Only the offerer sees their e-mail address, so a response with it means success."""
        request = f"GET /users/{self._board.user} HTTP/1.1"
        passed, ways = [], 0
        for place, url in {"NGINX": self._balancer.url, "an instance": self._exchange.apis[0].url}.items():
            for spelling, times in itertools.product(raw.X_USER_ID, (1, 2)):
                ways += 1
                text = await raw.send(url, [f"{spelling}: {self._board.user}"] * times, request)
                self._seen.append(_Seen(f"{spelling!r} at {place}", 0, {}, text))
                if self._email in text:
                    passed.append(f"{spelling!r} {times} times at {place}")
        body = {"name": "Other"}
        written = await self._ask("PATCH", f"/users/{self._board.user}", body, **{"X-User-ID": str(self._board.user)})
        own = await self._ask("GET", f"/users/{self._board.user}", token=self._tokens["the offerer"])
        return [
            none(f"forged X-User-ID that identifies somebody (of {ways} ways)", passed),
            exactly("a write with a forged X-User-ID: status", written.status, 401),
            exactly("and with a token: the token's identity counts", int(self._email in own.text), 1),
        ]

    async def forged_tokens(self) -> list[Check]:
        session = await self._log_in(self._people[1])
        good = session["access_token"]
        forged = jwt.forged(good, self._secret, self._another)
        path = f"/users/{self._board.user}"
        heard = {what: (await self._ask("GET", path, token=token)).status for what, token in forged.items()}
        passed = [f"{what}: {status}" for what, status in heard.items() if status != 401]
        again = jwt.made(jwt.claims_of(good), self._secret)
        own = [(await self._ask("GET", path, token=token)).text for token in (good, again)]
        twice = await raw.send(
            self._balancer.url, [f"Authorization: Bearer {token}" for token in (good, "x")], f"GET {path} HTTP/1.1"
        )
        huge = await self._ask("GET", path, token="a" * 20_000)
        await self._ask("POST", "/auth/logout", {"refresh_token": session["refresh_token"]})
        ended = await self._ask("GET", path, token=good)
        return [
            none(f"forged tokens that are not rejected with 401 (of {len(forged)})", passed),
            exactly(
                "valid tokens, the exchange's and one made here, that are accepted",
                sum(self._email in text for text in own),
                2,
            ),
            none(
                "two Authorization headers that are not rejected", [] if _status(twice) in (400, 401) else [twice[:200]]
            ),
            exactly("a token of 20 000 characters: status", huge.status, 431),
            exactly("the token of a session that was logged out: status", ended.status, 401),
        ]

    async def use_wrongly(self, world: World) -> None:
        """Provokes errors of the exchange, of NGINX and of the HTTP libraries."""
        for method, path, headers in [
            ("GET", "/no/such/path", {}),
            ("GET", f"/games?q={_LARGE}", {}),
            ("GET", "/games?page=%ff&size=-1", {}),
            ("GET", "/games/../../etc/passwd", {}),
            ("GET", "/games/%2e%2e%2f%2e%2e%2fetc%2fpasswd", {}),
            ("GET", "/games/999999999999999999999", {}),
            ("GET", "/app/no/such.js", {}),
            ("GET", "/games", {"X-Large": _LARGE}),
            ("GET", "/games", {"Accept": "image/png"}),
            ("TRACE", "/", {}),
            ("DELETE", "/", {}),
            ("POST", "/games", {"Content-Type": "application/xml"}),
            ("POST", "/graphql", {}),
        ]:
            await self._ask(method, path, None, self._tokens["a stranger"], **headers)
        await self._ask("POST", "/games", "a" * 200_000)
        await self._ask("POST", "/graphql", {"query": "{ games(first: -1) { nodes { nope } } }"})
        await self._ask("POST", "/graphql", {"query": "{{{"})
        for line in ("GARBAGE", "GET / HTTP/9.9", "GET nonsense HTTP/1.1"):
            self._seen.append(_Seen(line, 0, {}, await raw.send(self._balancer.url, [], line)))
        await world.postgres.stop()
        query = {"query": "{ games(first: 1) { nodes { id } } }"}
        reads = [self._ask("GET", path) for path in ("/games", "/health", "/health/ready")]
        await asyncio.gather(*reads, self._ask("POST", "/graphql", query))
        for api in self._exchange.apis:
            await api.kill()
        await self._ask("GET", "/games")
        await world.postgres.start()

    def leaks(self) -> list[Check]:
        statuses = {seen.status for seen in self._seen}
        return [
            at_least("responses whose headers and bodies are searched", len(self._seen), 300),
            none("errors that could not be provoked", {400, 404, 405, 406, 413, 414, 415, 431, 502, 503} - statuses),
            none("stack traces, versions, files and statements in them", list(self._leaking())),
        ]

    def _leaking(self) -> Iterator[str]:
        for seen in self._seen:
            for place in (str(seen.headers), seen.text):
                if found := _LEAK.search(place):
                    yield f"{seen.what}: {place[max(0, found.start() - 30) : found.end() + 30]}"


def _code(answer: Any, mutation: str) -> str:
    """Returns the code of a failed request or mutation; empty if it succeeded."""
    if answer.get("errors"):
        return str(answer["errors"][0]["extensions"]["code"])
    errors = answer["data"][mutation]["userErrors"]
    return str(errors[0]["code"]) if errors else ""


def _status(answer: str) -> int:
    return int(answer.split(" ", 2)[1])
