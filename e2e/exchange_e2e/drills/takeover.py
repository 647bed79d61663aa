"""The leader is killed or frozen under load: another instance relays in time, and the old one does no harm later."""

import asyncio
import time

from .. import invariants, marks
from ..books import Books
from ..client import Client, Person
from ..deployment import Deployment, Program
from ..load import Traders
from ..report import Check, at_most
from ..waiting import until
from ..world import World

_PEOPLE = 10
_OFFERS_A_SECOND = 5
# The promises, in seconds.
_AFTER_KILL = 5.0
_AFTER_FREEZE = 20.0
# The log message of an instance that lost its leadership.
_RESIGNATION = "this instance is no longer the leader"


async def run(world: World) -> list[Check]:
    async with world.deployment("takeover", notifiers=1) as exchange:
        people = await exchange.people(_PEOPLE)
        kills: list[float] = []
        freezes: list[float] = []
        enough = asyncio.Event()

        async def depose() -> None:
            for _ in range(world.scale.takeovers):
                freezes.append(await _freeze(exchange, people))
                kills.append(await _kill(exchange))
            enough.set()

        async with asyncio.TaskGroup() as both:
            both.create_task(Traders(exchange.client, people).trade(1, 1 / _OFFERS_A_SECOND, enough))
            both.create_task(depose())
        await exchange.settled(within=60)
        return [
            at_most(f"slowest takeover of {len(kills)} after kill -9", round(max(kills), 1), _AFTER_KILL, " s"),
            at_most(f"slowest takeover of {len(freezes)} after a freeze", round(max(freezes), 1), _AFTER_FREEZE, " s"),
            *invariants.always(await Books.of(exchange), exchange.client.journal),
        ]


async def _freeze(exchange: Deployment, people: list[Person]) -> float:
    """Returns the seconds until another instance relayed. Its own change reaches Kafka before the old leader resumes,
    and the old one then steps down."""
    leader = await exchange.elected()
    [other] = [api for api in exchange.apis if api is not leader]
    resignations = leader.log.read_text().count(_RESIGNATION)
    leader.freeze()
    try:
        took = await _until_deposed(exchange, leader)
        await _change_arrives(exchange, exchange.client.only(other.url), people)
    finally:
        leader.thaw()

    async def has_resigned() -> bool:
        return leader.log.read_text().count(_RESIGNATION) > resignations

    await until("the old leader steps down", has_resigned, within=30)
    return took


async def _change_arrives(exchange: Deployment, client: Client, people: list[Person]) -> None:
    offerer, receiver = people[0].id, people[1].id
    mine, yours = await client.list_game(offerer, "Mine"), await client.list_game(receiver, "Yours")
    await client.offer(offerer, mine, yours, marks.message("while the leader is frozen"))
    change = client.journal[-1]

    async def is_published() -> bool:
        event = await exchange.event(change.answer.trace)
        return event is not None and event.is_published

    await until("an event is published while the old leader is frozen", is_published, within=15)


async def _kill(exchange: Deployment) -> float:
    """Returns the seconds until another instance relayed."""
    leader = await exchange.elected()
    await leader.kill()
    took = await _until_deposed(exchange, leader)
    await leader.start()
    return took


async def _until_deposed(exchange: Deployment, leader: Program) -> float:
    began = time.monotonic()

    async def another_leads() -> bool:
        return (await exchange.leader()) not in (None, leader)

    await until("another instance leads", another_leads, within=60, every=0.02)
    return time.monotonic() - began
