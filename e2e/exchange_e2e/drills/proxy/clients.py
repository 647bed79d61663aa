"""Clients of the balancer, each with an address of its own, and the form of its error responses."""

import itertools
import json
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

from ...balancer import Balancer
from ...deployment import PAGE_ORIGIN

_PATIENCE = aiohttp.ClientTimeout(total=60)
_MEMBERS = {"type", "title", "status", "code", "detail", "request_id"}
INSTANCES = ("api1", "api2", "api3")
_addresses = (f"127.0.1.{number}" for number in itertools.count(1))


def next_address() -> str:
    return next(_addresses)


def new_client() -> aiohttp.ClientSession:
    """Creates a client with its own address, so that clients do not share a rate limit."""
    connector = aiohttp.TCPConnector(local_addr=(next_address(), 0), limit=0)
    return aiohttp.ClientSession(connector=connector, timeout=_PATIENCE)


async def ask(
    client: aiohttp.ClientSession, balancer: Balancer, method: str, path: str, **other: Any
) -> tuple[CIMultiDictProxy[str], int, str]:
    """Sends a request as a page of an allowed origin."""
    headers = {"Origin": PAGE_ORIGIN} | other.pop("headers", {})
    async with client.request(method, balancer.url + path, headers=headers, **other) as response:
        return response.headers, response.status, await response.text()


def problem_faults(headers: CIMultiDictProxy[str], status: int, text: str) -> list[str]:
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


async def faults(balancer: Balancer, method: str, path: str, expected: int, **other: Any) -> list[str]:
    async with new_client() as client:
        headers, status, text = await ask(client, balancer, method, path, **other)
    return [f"{status} for {expected}"] if status != expected else problem_faults(headers, status, text)
