"""How long it takes from the answer of the API to the mail server at 100 changes a second."""

import asyncio
import statistics
import time

from .. import marks
from ..books import Books
from ..client import Client, Person
from ..deployment import Deployment
from ..report import Check, at_least, information, none
from ..waiting import at
from ..world import World

_CHANGES_A_SECOND = 100
_AT_ONCE = 32
_PAIRS = 10
# Changes of one offer go one after the other, so there are many.
_OFFERS_A_PAIR = 20


async def run(world: World) -> list[Check]:
    seconds = world.scale.latency_duration
    async with world.deployment("latency") as exchange:
        offers = await _offers(exchange, await exchange.people(2 * _PAIRS))
        await exchange.settled(within=120)
        before = len(exchange.client.journal)
        await _change_at_an_even_pace(exchange.client, offers, seconds)
        await exchange.settled(within=60 + 10 * seconds)
        committed = {write.answer.trace: write.answer.answered for write in exchange.client.journal[before:]}
        rate = len(committed) / seconds
        books = await Books.of(exchange)
    waits, lost = [], []
    for event in books.events.values():
        if event.trace in committed:
            for recipient in event.recipients:
                copies = books.letters.get(event.message_id(recipient))
                if copies:
                    waits.append(copies[0].arrived - committed[event.trace])
                else:
                    lost.append(event.message_id(recipient))
    quantiles = statistics.quantiles(waits, n=100)
    return [
        at_least("changes a second", round(rate, 1), world.scale.latency_rate),
        none(f"letters lost (of {len(waits) + len(lost)})", lost),
        information("from the API's answer to the mail server: p50", f"{quantiles[49]:.2f} s"),
        information("from the API's answer to the mail server: p99", f"{quantiles[98]:.2f} s"),
        information("the longest", f"{max(waits):.2f} s"),
    ]


async def _change_at_an_even_pace(client: Client, offers: list[tuple[int, int]], seconds: float) -> None:
    """Fewer changes than wanted where the machine does not keep up: else only what piles up would be measured."""
    turn = asyncio.Semaphore(_AT_ONCE)
    began = time.monotonic()
    async with asyncio.TaskGroup() as changes:
        for number in range(int(_CHANGES_A_SECOND * seconds)):
            await at(began + number / _CHANGES_A_SECOND)
            await turn.acquire()
            if time.monotonic() > began + seconds:
                return
            offer, offerer = offers[number % len(offers)]
            change = changes.create_task(client.update(offer, offerer, marks.message(f"number {number}")))
            change.add_done_callback(lambda _done: turn.release())


async def _offers(exchange: Deployment, people: list[Person]) -> list[tuple[int, int]]:
    """Pending offers, each with its offerer."""
    offers = []
    for offerer, receiver in zip(people[::2], people[1::2]):
        yours = await exchange.client.list_game(receiver.id, "Yours")
        for number in range(_OFFERS_A_PAIR):
            mine = await exchange.client.list_game(offerer.id, f"Mine {number}")
            offer = await exchange.client.offer(offerer.id, mine, yours, marks.message("mine for yours"))
            assert offer is not None
            offers.append((offer, offerer.id))
    return offers
