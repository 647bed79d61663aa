"""The limits of NGINX, and its rejections."""

import asyncio
import contextlib
import resource
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from ...balancer import Balancer
from ...report import Check, at_least, at_most, none
from .clients import ask, faults, new_client, next_address, problem_faults

# The limits of `nginx/limits.conf`: burst, and rate per second.
_GENERAL, _LOGIN = (100, 50), (40, 10)
_HALF_SENT = 8400


async def limits(balancer: Balancer) -> list[Check]:
    """Checks the rate limit of one address across all instances, while another address is served normally."""
    checks = []
    for what, method, path, (burst, rate), count in [
        ("general", "GET", "/whoami", _GENERAL, 400),
        ("log-in", "POST", "/auth/login", _LOGIN, 80),
    ]:
        async with new_client() as one, new_client() as other:
            began = time.monotonic()
            answers = await asyncio.gather(*(ask(one, balancer, method, path) for _ in range(count)))
            seconds = time.monotonic() - began
            _, elsewhere, _ = await ask(other, balancer, method, path)
        passed = [status for _, status, _ in answers if status != 429]
        wrong = [
            f"{headers} {text}"
            for headers, status, text in answers
            if status == 429
            and (problem_faults(headers, status, text) or "RateLimit" not in headers or "Retry-After" not in headers)
        ]
        checks += [
            at_least(f"{what}: requests of one address admitted at once (of {count})", len(passed), burst),
            at_most(f"{what}: the limit across all instances", len(passed), burst + 1 + int(rate * seconds) + 1),
            none(f"{what}: rejections that are not a problem with Retry-After and RateLimit", wrong),
            none(f"{what}: rejections of another address", [elsewhere] if elsewhere == 429 else []),
        ]
    return checks


async def preflights(balancer: Balancer) -> list[Check]:
    """Checks the preflights of browsers for pages of other origins."""
    headers = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    async with new_client() as client:
        asked = await asyncio.gather(
            *(ask(client, balancer, "OPTIONS", "/auth/login", headers=headers) for _ in range(_GENERAL[0]))
        )
        sent = await asyncio.gather(*(ask(client, balancer, "GET", "/whoami") for _ in range(_GENERAL[0])))
    strangers = {"Origin": "https://other.example"}
    async with new_client() as client:
        refused = [await ask(client, balancer, "TRACE", "/", headers=strangers)]
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


async def half_sent(balancer: Balancer) -> list[Check]:
    """Opens thousands of connections from one address and sends incomplete headers on each."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    connections = await asyncio.to_thread(_open_half, balancer.url, next_address())
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
        async with new_client() as client, asyncio.timeout(3):
            return (await ask(client, balancer, "GET", "/whoami"))[1]
    return None


async def refuses(balancer: Balancer) -> list[Check]:
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
            await faults(balancer, method, path, status, **other),
        )
        for what, method, path, status, other in cases
    ]
