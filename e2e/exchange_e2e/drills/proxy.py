"""Three instances behind NGINX: forwarding, retries, rejections, and the form of its error responses.

For some checks a mirror replaces the instances and shows what reaches them.
"""

import asyncio
import contextlib
import itertools
import json
import resource
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDictProxy

from .. import gate, raw
from ..balancer import Balancer
from ..deployment import PAGE_ORIGIN, Deployment
from ..mirror import SUBPROTOCOL, Mirror
from ..report import Check, at_least, at_most, exactly, none
from ..waiting import until
from ..world import World

_NAMES = ("api1", "api2", "api3")
_ROUNDS = 30
# The limits of `nginx/limits.conf`: burst, and rate per second.
_GENERAL, _LOGIN = (100, 50), (40, 10)
_PATIENCE = aiohttp.ClientTimeout(total=60)
_TRIGGER = f"""
{gate.FUNCTION};
CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON offers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION wait_at_the_gate()"""
_AT_THE_GATE = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database() AND mode = 'ShareLock'"""
_MEMBERS = {"type", "title", "status", "code", "detail", "request_id"}
# A header that a client sends, and the value that must reach an instance, given the client's address.
_FORGED = {
    "Forwarded": "for=192.0.2.1",
    "X-Forwarded-For": "192.0.2.1",
    "X-Real-IP": "192.0.2.1",
    "Upgrade": "h2c",
    "HTTP2-Settings": "AAMAAABkAAQAAP__",
}
_ARRIVES: dict[str, Callable[[str], str | None]] = {
    "Forwarded": lambda _: None,
    "X-Forwarded-For": lambda address: address,
    "X-Real-IP": lambda address: address,
    "Upgrade": lambda _: None,
    "HTTP2-Settings": lambda _: None,
}
# The Accept headers of urql for a query and for a subscription.
_TAKES_JSON = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)
_TAKES_STREAMS = "text/event-stream, multipart/mixed"
_HALF_SENT = 8400
_addresses = (f"127.0.1.{number}" for number in itertools.count(1))


async def run(world: World) -> list[Check]:
    async with Mirror() as mirror:
        checks = await _passes(world, mirror) + await _distrusts(world, mirror)
    async with world.deployment("proxy", apis=3, notifiers=1, log_level="warn") as exchange:
        urls = {name: api.url for name, api in exchange.instances.items()}
        async with world.balancer("proxy", urls, cors_origins=PAGE_ORIGIN) as balancer:
            checks += await _takes_turns(exchange, balancer)
            checks += await _sends_again(exchange, balancer)
            checks += await _limits(balancer)
            checks += await _preflights(balancer)
            checks += await _half_sent(balancer)
            checks += await _refuses(balancer)
            for api in exchange.apis:
                await api.kill()
            checks += [
                none(f"no instance at all, {path}: not 502 as a problem", await _faults(balancer, "GET", path, 502))
                for path in ("/games", "/events")
            ]
            for api in exchange.apis:
                await api.start()
            checks += _log(balancer)
        await exchange.settled(within=60)
    return checks


def _client() -> aiohttp.ClientSession:
    """Creates a client with its own address, so that clients do not share a rate limit."""
    connector = aiohttp.TCPConnector(local_addr=(next(_addresses), 0), limit=0)
    return aiohttp.ClientSession(connector=connector, timeout=_PATIENCE)


async def _passes(world: World, mirror: Mirror) -> list[Check]:
    async with world.balancer("proxy-mirror", dict.fromkeys(_NAMES, mirror.url)) as balancer, _client() as client:
        headers = [
            (method, path, own, await _arrives(client, balancer, method, path, own))
            for method, path, own in [
                ("GET", "/games", None),
                ("POST", "/offers", None),
                ("PUT", "/offers/1/accept", None),
                ("PATCH", "/games/1", "mine"),
                ("POST", "/graphql", None),
                ("POST", "/auth/login", None),
                ("PUT", "/users/1/password", None),
            ]
        ]
        keys = [
            f"{method} {path}: {key!r}"
            for method, path, own, arrived in headers
            if not _is_right_key((key := arrived.get("Idempotency-Key")), own, path in ("/offers", "/offers/1/accept"))
        ]
        forged = await _arrives(client, balancer, "GET", "/", None, _FORGED)
        address = (await _arrives(client, balancer, "GET", "/", None))["X-Real-IP"]
        wrong = {name: forged.get(name) for name, right in _ARRIVES.items() if forged.get(name) != right(address)}
        hosts = [arrived["Host"] for *_, arrived in headers if arrived["Host"] != urlsplit(balancer.url).netloc]
        for _ in range(100):
            await _arrives(client, balancer, "GET", "/", None)
        return [
            none("Idempotency-Key missing, or added where none is accepted", keys),
            none("Host not forwarded unchanged, with its port", hosts),
            none("forged headers, or other upgrades, that reach an instance", wrong.items()),
            at_most("connections to the instances for 109 requests", len(mirror.connections), 12),
            none("WebSocket: not opened, or messages not echoed unchanged", await _converses(client, balancer)),
            none(
                "an event stream: the first event arrives only after the last", await _streams(client, balancer, mirror)
            ),
        ]


async def _arrives(
    client: aiohttp.ClientSession,
    balancer: Balancer,
    method: str,
    path: str,
    key: str | None,
    other: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    headers = other if key is None else {"Idempotency-Key": key}
    async with client.request(method, balancer.url + path, headers=headers) as response:
        return dict(await response.json())


def _is_right_key(key: str | None, own: str | None, is_given: bool) -> bool:
    return key is not None and len(key) == 32 if is_given else key == own


async def _converses(client: aiohttp.ClientSession, balancer: Balancer) -> list[str]:
    async with client.ws_connect(f"{balancer.url}/graphql", protocols=[SUBPROTOCOL]) as socket:
        await socket.send_str("ping")
        said = await socket.receive_str(timeout=10)
        return [] if (socket.protocol, said) == (SUBPROTOCOL, "ping") else [f"{socket.protocol} {said}"]


async def _streams(client: aiohttp.ClientSession, balancer: Balancer, mirror: Mirror) -> list[str]:
    """Checks that events are not buffered: the second one is sent only after the first one has arrived."""
    headers = {"Accept": "text/event-stream", "Accept-Encoding": "gzip"}
    arrived = []
    try:
        async with client.post(f"{balancer.url}/graphql", headers=headers) as response:
            arrived.append(await response.content.readuntil(b"\n\n"))
            mirror.go_on.set()
            arrived.append(await response.content.readuntil(b"\n\n"))
    except TimeoutError:
        mirror.go_on.set()
    return [] if arrived == [b"data: first\n\n", b"data: last\n\n"] else [str(arrived)]


async def _distrusts(world: World, mirror: Mirror) -> list[Check]:
    """Checks that the header does not arrive in production, in any spelling and number."""
    found: dict[bool, list[str]] = {}
    for trusts in (False, True):
        name = f"proxy-{'trusts' if trusts else 'distrusts'}"
        balancer = world.balancer(name, dict.fromkeys(_NAMES, mirror.url), trust_x_user_id=trusts)
        async with balancer:
            found[trusts] = [
                f"{spelling!r} {times} times"
                for spelling in raw.X_USER_ID
                for times in (1, 2)
                if await _names_somebody(balancer.url, [f"{spelling}: 1"] * times)
            ]
    return [
        none(f"X-User-ID that reaches an instance in production (of {2 * len(raw.X_USER_ID)} ways)", found[False]),
        at_least("and reaches it if it is trusted", len(found[True]), 6),
    ]


async def _names_somebody(url: str, headers: list[str]) -> bool:
    _, _, body = (await raw.send(url, headers)).lower().partition("\r\n\r\n")
    return "user" in body.replace("user-agent", "") and "id" in body


async def _takes_turns(exchange: Deployment, balancer: Balancer) -> list[Check]:
    """Checks the distribution over all three, then over two while the third is restarted, one after the other."""
    turns = await _turns(balancer)
    uneven = max(turns.values()) - min(turns.values()) if turns.keys() == set(_NAMES) else _ROUNDS
    failed: list[int] = []
    rolled = asyncio.create_task(_roll(exchange, balancer))
    async with _client() as client:
        while not rolled.done():
            async with client.get(f"{balancer.url}/whoami") as response:
                await response.read()
                if response.status not in (200, 429):
                    failed.append(response.status)
            await asyncio.wait([rolled], timeout=0.02)
    while_down, cuts = await rolled
    return [
        at_most(f"uneven distribution over three instances in {_ROUNDS} rounds", uneven, 1),
        none("a rolling restart: requests to the instance that is down", while_down),
        none("a rolling restart: failed requests", failed),
        at_most("a rolling restart: cuts of the stream that was cut most often", max(cuts), 1),
        exactly("instances that serve after it", len(await _turns(balancer)), len(_NAMES)),
        exactly("instances that get queries with urql's Accept header", await _asked(balancer, _TAKES_JSON), 3),
        exactly("instances that get streams: all but the free one", await _asked(balancer, _TAKES_STREAMS), 2),
    ]


async def _asked(balancer: Balancer, accept: str) -> int:
    """Returns the number of instances that serve /graphql requests with this Accept header."""
    subscription = json.dumps({"query": "subscription { myOffers { __typename } }"})
    headers = {"Accept": accept, "Content-Type": "application/json"}
    async with _client() as client:
        asked = [client.post(f"{balancer.url}/graphql", data=subscription, headers=headers) for _ in range(12)]
        answers = await asyncio.gather(*asked)
        for answer in answers:
            answer.close()
        return len({answer.headers["X-Instance-Name"] for answer in answers})


async def _turns(balancer: Balancer) -> Counter[str]:
    async with _client() as client:
        names: Counter[str] = Counter()
        for _ in range(_ROUNDS):
            async with client.get(f"{balancer.url}/whoami") as response:
                names[(await response.json())["container_name"]] += 1
        return names


async def _roll(exchange: Deployment, balancer: Balancer) -> tuple[list[str], list[int]]:
    """Restarts the instances as `scripts/roll-out` does. Returns the instances that served while they were down, and
    the number of cuts of each stream."""
    answered: list[str] = []
    over = asyncio.Event()
    (listener,) = await exchange.people(1, prefix="listener")
    async with asyncio.TaskGroup() as group:
        listeners = [group.create_task(_listen(balancer, listener.id, over)) for _ in range(6)]
        async for name in balancer.each_down(list(exchange.instances)):
            answered += [name] * (await _turns(balancer))[name]
            await exchange.instances[name].terminate()
            await exchange.instances[name].start()
        over.set()
    return answered, [task.result() for task in listeners]


async def _listen(balancer: Balancer, person: int, over: asyncio.Event) -> int:
    """Subscribes until the end, reconnecting when it is cut off. Returns the number of cuts."""
    ended = asyncio.create_task(over.wait())
    async with _client() as client:
        for cuts in itertools.count():
            async with client.get(f"{balancer.url}/events", headers={"X-User-ID": str(person)}) as stream:
                stream.raise_for_status()
                reading = asyncio.create_task(_read_to_end(stream))
                await asyncio.wait([reading, ended], return_when=asyncio.FIRST_COMPLETED)
                if ended.done():
                    reading.cancel()
                    return cuts
    raise AssertionError("unreachable")


async def _read_to_end(stream: aiohttp.ClientResponse) -> None:
    with contextlib.suppress(aiohttp.ClientError):
        await stream.read()


async def _sends_again(exchange: Deployment, balancer: Balancer) -> list[Check]:
    """Kills an instance between the commit and its response; the client sends no key and does not retry."""
    offerer, receiver = (person.id for person in await exchange.people(2))
    mine, yours = [await exchange.client.list_game(owner, "Tetris") for owner in (offerer, receiver)]
    offer = {"offered_game_id": mine, "requested_game_id": yours}
    await exchange.sql(_TRIGGER)
    async with _client() as client, gate.closed(exchange) as open_gate:
        asked = asyncio.create_task(_post(client, balancer, "/offers", offer, offerer))

        async def at_the_gate() -> str | None:
            waiting = await exchange.sql(_AT_THE_GATE)
            return waiting[0][0] if waiting else None

        victim = exchange.instances[await until("the commit waits at the gate", at_the_gate, within=30)]
        victim.freeze()
        await open_gate()

        async def is_committed() -> bool:
            return bool(await exchange.sql("SELECT 1 FROM offers"))

        await until("the offer is committed", is_committed, within=30)
        await victim.kill()
        status, headers = await asked
    await victim.start()
    [(offers,)] = await exchange.sql("SELECT count(*) FROM offers")
    tried = [line["upstream"] for line in balancer.requests() if line["path"] == "/offers"]
    return [
        exactly("an instance killed before its response: status for the client", status, 201),
        exactly(
            "offers it created, and responses that report it",
            offers + (headers.get("Idempotent-Replayed") == "true"),
            2,
        ),
        exactly("instances that NGINX tried", len(tried[0].split(", ")), 2),
    ]


async def _post(
    client: aiohttp.ClientSession, balancer: Balancer, path: str, body: Any, by: int
) -> tuple[int, CIMultiDictProxy[str]]:
    async with client.post(balancer.url + path, json=body, headers={"X-User-ID": str(by)}) as response:
        await response.read()
        return response.status, response.headers


async def _limits(balancer: Balancer) -> list[Check]:
    """Checks the rate limit of one address across all instances, while another address is served normally."""
    checks = []
    for what, method, path, (burst, rate), count in [
        ("general", "GET", "/whoami", _GENERAL, 400),
        ("log-in", "POST", "/auth/login", _LOGIN, 80),
    ]:
        async with _client() as one, _client() as other:
            began = time.monotonic()
            answers = await asyncio.gather(*(_ask(one, balancer, method, path) for _ in range(count)))
            seconds = time.monotonic() - began
            _, elsewhere, _ = await _ask(other, balancer, method, path)
        passed = [status for _, status, _ in answers if status != 429]
        wrong = [
            f"{headers} {text}"
            for headers, status, text in answers
            if status == 429
            and (_problem_faults(headers, status, text) or "RateLimit" not in headers or "Retry-After" not in headers)
        ]
        checks += [
            at_least(f"{what}: requests of one address admitted at once (of {count})", len(passed), burst),
            at_most(f"{what}: the limit across all instances", len(passed), burst + 1 + int(rate * seconds) + 1),
            none(f"{what}: rejections that are not a problem with Retry-After and RateLimit", wrong),
            none(f"{what}: rejections of another address", [elsewhere] if elsewhere == 429 else []),
        ]
    return checks


async def _preflights(balancer: Balancer) -> list[Check]:
    """Checks the preflights of browsers for pages of other origins."""
    headers = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    async with _client() as client:
        asked = await asyncio.gather(
            *(_ask(client, balancer, "OPTIONS", "/auth/login", headers=headers) for _ in range(_GENERAL[0]))
        )
        sent = await asyncio.gather(*(_ask(client, balancer, "GET", "/whoami") for _ in range(_GENERAL[0])))
    strangers = {"Origin": "https://other.example"}
    async with _client() as client:
        refused = [await _ask(client, balancer, "TRACE", "/", headers=strangers)]
    return [
        none("rejected preflights", [status for _, status, _ in asked if status >= 300]),
        none(
            "preflights that browsers cannot cache", [1 for kept, _, _ in asked if "Access-Control-Max-Age" not in kept]
        ),
        none("requests rejected because preflights were counted", [1 for _, status, _ in sent if status == 429]),
        none(
            "pages of other origins that may read a rejection",
            [kept for kept, _, _ in refused if "Access-Control-Allow-Origin" in kept],
        ),
    ]


async def _half_sent(balancer: Balancer) -> list[Check]:
    """Opens thousands of connections from one address and sends incomplete headers on each."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    connections = await asyncio.to_thread(_open_half, balancer.url, next(_addresses))
    refused = [answer for answer in [await _in_time(balancer) for _ in range(5)] if answer != 200]
    for connection in connections:
        connection.close()
    return [none(f"{_HALF_SENT} incomplete requests of one address: others without a response in 3 s", refused)]


def _open_half(url: str, address: str) -> list[socket.socket]:
    server = (urlsplit(url).hostname, urlsplit(url).port)
    connections = []
    for _ in range(_HALF_SENT):
        with contextlib.suppress(OSError):
            connections.append(socket.create_connection(server, timeout=3, source_address=(address, 0)))
            connections[-1].send(b"GET /games HTTP/1.1\r\nHost: localhost\r\nX-Half:")
    return connections


async def _in_time(balancer: Balancer) -> int | None:
    """Returns the status within 3 s, less than the time-out of incomplete headers."""
    with contextlib.suppress(TimeoutError, aiohttp.ClientError):
        async with _client() as client, asyncio.timeout(3):
            return (await _ask(client, balancer, "GET", "/whoami"))[1]
    return None


async def _ask(
    client: aiohttp.ClientSession, balancer: Balancer, method: str, path: str, **other: Any
) -> tuple[CIMultiDictProxy[str], int, str]:
    """Sends a request as a page of an allowed origin."""
    headers = {"Origin": PAGE_ORIGIN} | other.pop("headers", {})
    async with client.request(method, balancer.url + path, headers=headers, **other) as response:
        return response.headers, response.status, await response.text()


def _problem_faults(headers: CIMultiDictProxy[str], status: int, text: str) -> list[str]:
    """Returns the faults of NGINX's own error response as a problem document."""
    try:
        problem = json.loads(text)
    except ValueError:
        return [text]
    return [
        f"{fault}: {headers} {text}"
        for fault, is_so in {
            "its type": not headers["Content-Type"].startswith("application/problem+json"),
            "its members": not problem.keys() >= _MEMBERS,
            "its status": problem.get("status") != status,
            "its request id": problem.get("request_id") != headers.get("X-Request-ID"),
            # NGINX has not read the headers if the URL is too long.
            "CORS": status != 414
            and (
                headers.getall("Access-Control-Allow-Origin", []) != [PAGE_ORIGIN]
                or "RateLimit" not in headers.get("Access-Control-Expose-Headers", "")
            ),
            "a version": "nginx/" in text + headers.get("Server", ""),
            "headers for browsers, once": headers.getall("X-Frame-Options", []) != ["DENY"],
        }.items()
        if is_so
    ]


async def _faults(balancer: Balancer, method: str, path: str, expected: int, **other: Any) -> list[str]:
    async with _client() as client:
        headers, status, text = await _ask(client, balancer, method, path, **other)
    return [f"{status} for {expected}"] if status != expected else _problem_faults(headers, status, text)


async def _refuses(balancer: Balancer) -> list[Check]:
    large = "a" * 9500
    cases: list[tuple[str, str, str, int, dict[str, Any]]] = [
        ("a body of 200 KiB", "POST", "/offers", 413, {"data": b"a" * 200 * 1024}),
        ("a URL of 9 KiB", "GET", f"/games?q={large}", 414, {}),
        ("a header of 9 KiB", "GET", "/games", 431, {"headers": {"X-Large": large}}),
        ("a missing file of the front end", "GET", "/app/no/such.js?token=canary", 404, {}),
        ("TRACE", "TRACE", "/", 405, {}),
    ]
    return [
        none(
            f"{what}: not {status} as a problem",
            await _faults(balancer, method, path, status, **other),
        )
        for what, method, path, status, other in cases
    ]


def _log(balancer: Balancer) -> list[Check]:
    """Checks the access log. Reading it fails unless each line is JSON; a response of an instance names it."""
    lines = balancer.requests()
    wrong = [
        line
        for line in lines
        if not line["request_id"]
        or not line["trace_id"]
        or bool(line["upstream"]) != bool(line["upstream_status"])
        or (line["path"] == "/whoami" and line["status"] == 200 and not line["instance"].startswith("API-"))
    ]
    return [
        at_least("lines of NGINX's log, all of them JSON", len(lines), 500),
        none("lines without request id, trace or instance", wrong),
        none("lines with a query", [line for line in lines if "?" in line["path"]]),
    ]
