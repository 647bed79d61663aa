"""Requests and responses on their way through NGINX. A mirror replaces the instances and shows what reaches them."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

import aiohttp

from ... import raw
from ...balancer import Balancer
from ...mirror import SUBPROTOCOL, Mirror
from ...report import Check, at_least, at_most, none
from ...world import World
from .clients import INSTANCES, new_client

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


async def passes(world: World, mirror: Mirror) -> list[Check]:
    async with world.balancer("proxy-mirror", dict.fromkeys(INSTANCES, mirror.url)) as balancer, new_client() as client:
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


async def distrusts(world: World, mirror: Mirror) -> list[Check]:
    """Checks that the header does not arrive in production, in any spelling and number."""
    found: dict[bool, list[str]] = {}
    for trusts in (False, True):
        name = f"proxy-{'trusts' if trusts else 'distrusts'}"
        balancer = world.balancer(name, dict.fromkeys(INSTANCES, mirror.url), trust_x_user_id=trusts)
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
