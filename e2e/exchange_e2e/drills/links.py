"""A hypermedia client makes a trade by relations and forms, and no link is broken, directly or through a proxy."""

import asyncio
import itertools
import json
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from .. import marks
from ..deployment import Deployment
from ..ports import free_port
from ..report import Check, at_least, exactly, none
from ..world import World

_TRADE = Path(__file__).parents[2] / "hypermedia" / "trade.js"
# A string that looks like a path of the API: it begins with a slash and continues.
_PATH = re.compile(r"""["'`]/[^"'`]+["'`]""")
_TRADED = {"status": "accepted", "traded": True}
# A response of this type does not end: only its first line is read.
_ENDLESS = "text/event-stream"
# A crawl finds at least the pages, the lists, and one resource of each kind.
_ENOUGH = 40
# A crawler with one address would exceed the rate limit.
_ADDRESSES = itertools.cycle(f"127.0.2.{number}" for number in range(1, 255))


async def run(world: World) -> list[Check]:
    async with world.deployment("links", apis=1, notifiers=1) as exchange:
        [api] = exchange.apis
        viewers = await _board(exchange)
        checks = [none("paths in the program that trades", _PATH.findall(_TRADE.read_text()))]
        async with _proxy(api.url) as proxy, world.balancer("links", {"api1": api.url}) as nginx:
            for way, url in (("directly", api.url), ("through a proxy", proxy), ("through NGINX", nginx.url)):
                checks.append(exactly(f"{way}: trades made with links and forms alone", await _trade(url), 1))
                crawl = await _Crawl.of(url, viewers)
                checks += [
                    at_least(f"{way}: URLs that responses link to", len(crawl.seen), _ENOUGH),
                    none(f"{way}: broken links (of {crawl.links})", crawl.broken),
                    none(f"{way}: links to another host", crawl.foreign),
                ]
        await exchange.settled(within=60)
        return checks


async def _board(exchange: Deployment) -> list[int | None]:
    """Creates games, and offers in all states. Returns the viewers, including an anonymous one."""
    offerer, receiver, other = (person.id for person in await exchange.people(3))
    client = exchange.client
    for act in (None, client.accept, client.reject, client.cancel):
        mine = await client.list_game(offerer, "Mine")
        yours = await client.list_game(receiver, "Yours")
        offer = await client.offer(offerer, mine, yours, marks.message("mine for yours"))
        assert offer is not None
        if act is not None:
            await act(offer, offerer if act == client.cancel else receiver)
    return [None, offerer, receiver, other]


async def _trade(url: str) -> int:
    """Returns the number of trades that the program made: one, or none."""
    process = await asyncio.create_subprocess_exec("node", str(_TRADE), f"{url}/", stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    return int(process.returncode == 0 and json.loads(printed) == _TRADED)


class _Crawl:
    """Follows every link in `_links`, forms and lists that any viewer gets."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.seen: set[tuple[str, str]] = set()
        self.links = 0
        self.broken: list[str] = []
        self.foreign: list[str] = []

    @classmethod
    async def of(cls, url: str, viewers: list[int | None]) -> "_Crawl":
        crawl = cls(url)
        for viewer in viewers:
            await crawl._as(viewer)
        return crawl

    async def _as(self, viewer: int | None) -> None:
        headers = {} if viewer is None else {"X-User-ID": str(viewer)}
        waiting, seen = deque([("GET", "/")]), {("GET", "/")}
        while waiting:
            method, href = waiting.popleft()
            self.links += 1
            if urlsplit(href).netloc:
                self.foreign.append(href)
                continue
            for link in await self._follow(method, href, headers):
                if link not in seen:
                    seen.add(link)
                    waiting.append(link)
        self.seen |= seen

    async def _follow(self, method: str, href: str, headers: dict[str, str]) -> list[tuple[str, str]]:
        """Reads a resource; for an action, only checks that it is possible. Returns the links of the response."""
        asked = "GET" if method == "GET" else "OPTIONS"
        address = urljoin(self.url, href)
        async with (
            aiohttp.TCPConnector(local_addr=(next(_ADDRESSES), 0)) as connector,
            aiohttp.request(asked, address, headers=headers, connector=connector) as response,
        ):
            allowed = response.headers.get("Allow", "").split(",")
            if response.status >= 400 or asked != method and method not in allowed:
                self.broken.append(f"{method} {href}: {response.status}")
            kind = response.headers.get("Content-Type", "")
            if kind == _ENDLESS and not (await response.content.readline()).startswith(b"id: "):
                self.broken.append(f"{method} {href}: it does not begin with an event id")
            if not kind.endswith("json"):
                return []
            return list(_links_of(await response.json(content_type=None)))


def _links_of(part: Any) -> list[tuple[str, str]]:
    """Returns every link in a response, at any depth."""
    found = []
    if isinstance(part, dict):
        for address in ("href", "target"):
            if isinstance(part.get(address), str):
                found.append((part.get("method", "GET"), part[address]))
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            found += _links_of(inner)
    return found


@asynccontextmanager
async def _proxy(url: str) -> AsyncIterator[str]:
    """Starts a proxy to the same server and yields its URL."""
    behind = urlsplit(url)

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(behind.hostname, behind.port)
        await asyncio.gather(pipe(reader, to_writer), pipe(to_reader, writer), return_exceptions=True)

    port = free_port()
    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
