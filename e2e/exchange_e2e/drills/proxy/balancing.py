"""The distribution over the instances, and retries when one fails."""

import asyncio
import contextlib
import itertools
import json
from collections import Counter
from typing import Any

import aiohttp
from multidict import CIMultiDictProxy

from ... import gate
from ...balancer import Balancer
from ...deployment import Deployment
from ...report import Check, at_most, exactly, none
from ...waiting import until
from .clients import INSTANCES, new_client

_ROUNDS = 30
_TRIGGER = f"""
{gate.FUNCTION};
CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON offers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION wait_at_the_gate()"""
_AT_THE_GATE = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND NOT granted AND datname = current_database() AND mode = 'ShareLock'"""
# The Accept headers of urql for a query and for a subscription.
_TAKES_JSON = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)
_TAKES_STREAMS = "text/event-stream, multipart/mixed"


async def takes_turns(exchange: Deployment, balancer: Balancer) -> list[Check]:
    """Checks the distribution over all three, then over two while the third is restarted, one after the other."""
    turns = await _turns(balancer)
    uneven = max(turns.values()) - min(turns.values()) if turns.keys() == set(INSTANCES) else _ROUNDS
    failed: list[int] = []
    rolled = asyncio.create_task(_roll(exchange, balancer))
    async with new_client() as client:
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
        exactly("instances that serve after it", len(await _turns(balancer)), len(INSTANCES)),
        exactly("instances that get queries with urql's Accept header", await _asked(balancer, _TAKES_JSON), 3),
        exactly("instances that get streams: all but the free one", await _asked(balancer, _TAKES_STREAMS), 2),
    ]


async def _asked(balancer: Balancer, accept: str) -> int:
    """Returns the number of instances that serve /graphql requests with this Accept header."""
    subscription = json.dumps({"query": "subscription { myOffers { __typename } }"})
    headers = {"Accept": accept, "Content-Type": "application/json"}
    async with new_client() as client:
        asked = [client.post(f"{balancer.url}/graphql", data=subscription, headers=headers) for _ in range(12)]
        answers = await asyncio.gather(*asked)
        for answer in answers:
            answer.close()
        return len({answer.headers["X-Instance-Name"] for answer in answers})


async def _turns(balancer: Balancer) -> Counter[str]:
    async with new_client() as client:
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
    async with new_client() as client:
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


async def sends_again(exchange: Deployment, balancer: Balancer) -> list[Check]:
    """Kills an instance between the commit and its response; the client sends no key and does not retry."""
    offerer, receiver = (person.id for person in await exchange.people(2))
    mine, yours = [await exchange.client.list_game(owner, "Tetris") for owner in (offerer, receiver)]
    offer = {"offered_game_id": mine, "requested_game_id": yours}
    await exchange.sql(_TRIGGER)
    async with new_client() as client, gate.closed(exchange) as open_gate:
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
