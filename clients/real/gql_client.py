"""gql with its default settings: each of its transports."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable

from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.async_transport import AsyncTransport
from gql.transport.httpx import HTTPXAsyncTransport, HTTPXTransport
from gql.transport.requests import RequestsHTTPTransport
from gql.transport.websockets import WebsocketsTransport

URL = f"{os.environ['EXCHANGE_URL']}/graphql"
SOCKET = URL.replace("http", "ws", 1)
HEADERS = {"Authorization": f"Bearer {os.environ['EXCHANGE_TOKEN']}"}
VIEWER = gql("query Viewer($name: Boolean! = true) { viewer { name @include(if: $name) } }")
OFFERS = gql("subscription Offers($after: ID) { myOffers(after: $after) { type offer { databaseId } } }")
ANN = {"viewer": {"name": "ann"}}
SAYS_WHO = {
    "headers": {"headers": HEADERS},
    "payload": {"init_payload": HEADERS},
    "both": {"headers": HEADERS, "init_payload": HEADERS},
}


def tell(what: str, fault: str | None) -> None:
    print(json.dumps({"client": "gql", "what": what, "fault": fault}), flush=True)


async def play(what: str, scenario: Callable[[], Awaitable[None]]) -> None:
    try:
        await asyncio.wait_for(scenario(), 20)
    except Exception as failure:  # any failure of a client
        tell(what, f"{type(failure).__name__}: {failure}")
    else:
        tell(what, None)


async def queries(transport: AsyncTransport) -> None:
    async with Client(transport=transport) as session:
        assert await session.execute(VIEWER) == ANN


async def converses(transport: AsyncTransport) -> None:
    async with Client(transport=transport) as session:
        assert await session.execute(VIEWER) == ANN
        told = session.subscribe(OFFERS, variable_values={"after": os.environ["EXCHANGE_AFTER"]})
        async for event in told:
            assert event["myOffers"]["type"] == "CREATED"
            return
        raise AssertionError("it ended")


async def main() -> None:
    for transport in (
        RequestsHTTPTransport(URL, headers=HEADERS),
        HTTPXTransport(URL, headers=HEADERS),
    ):

        async def blocking(transport: RequestsHTTPTransport | HTTPXTransport = transport) -> None:
            assert await asyncio.to_thread(Client(transport=transport).execute, VIEWER) == ANN

        await play(type(transport).__name__, blocking)
    for asking in (AIOHTTPTransport(URL, headers=HEADERS), HTTPXAsyncTransport(URL, headers=HEADERS)):
        await play(type(asking).__name__, lambda asking=asking: queries(asking))
    for kind in (WebsocketsTransport, AIOHTTPWebsocketsTransport):
        for place, arguments in SAYS_WHO.items():
            transport = kind(url=SOCKET, **arguments)
            await play(f"{kind.__name__}, identity in {place}", lambda transport=transport: converses(transport))


asyncio.run(main())
