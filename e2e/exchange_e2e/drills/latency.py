"""The time from the response of the API to the mail server at 100 changes a second: offers are made and withdrawn,
which is reported to both parties at once.
"""

import asyncio
import statistics
import time
from dataclasses import dataclass, field

from .. import marks
from ..books import Books
from ..client import Client, Person
from ..deployment import Deployment
from ..report import Check, at_least, information, none
from ..waiting import at
from ..world import World

_CHANGES_A_SECOND = 100
_AT_ONCE = 32
# Below the limit of letters that one person may cause to another in an hour.
_CHANGES_EACH = 18
_RECEIVERS = 10


@dataclass
class _Trader:
    """Makes and withdraws the same offer repeatedly."""

    person: Person
    receiver: Person
    mine: int
    yours: int
    offer: int | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def change(self, client: Client) -> None:
        async with self.turn:
            if self.offer is not None:
                await client.cancel(self.offer, self.person.id)
                self.offer = None
            else:
                message = marks.message("mine for yours")
                self.offer = await client.offer(self.person.id, self.mine, self.yours, message)


async def run(world: World) -> list[Check]:
    seconds = world.scale.latency_duration
    async with world.deployment("latency") as exchange:
        traders = await _traders(exchange, int(_CHANGES_A_SECOND * seconds) // _CHANGES_EACH + 1)
        await exchange.settled(within=120)
        before = len(exchange.client.journal)
        await _change_at_an_even_pace(exchange.client, traders, seconds)
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
        information("from the API's response to the mail server: p50", f"{quantiles[49]:.2f} s"),
        information("from the API's response to the mail server: p99", f"{quantiles[98]:.2f} s"),
        information("the longest time", f"{max(waits):.2f} s"),
    ]


async def _change_at_an_even_pace(client: Client, traders: list[_Trader], seconds: float) -> None:
    """Makes fewer changes if the machine does not keep up: otherwise only the backlog would be measured."""
    turn = asyncio.Semaphore(_AT_ONCE)
    began = time.monotonic()
    async with asyncio.TaskGroup() as changes:
        for number in range(int(_CHANGES_A_SECOND * seconds)):
            await at(began + number / _CHANGES_A_SECOND)
            await turn.acquire()
            if time.monotonic() > began + seconds:
                return
            change = changes.create_task(traders[number % len(traders)].change(client))
            change.add_done_callback(lambda _done: turn.release())


async def _traders(exchange: Deployment, count: int) -> list[_Trader]:
    people = await exchange.people(count + _RECEIVERS)
    receivers = [(person, await exchange.client.list_game(person.id, "Yours")) for person in people[:_RECEIVERS]]
    traders = []
    for number, person in enumerate(people[_RECEIVERS:]):
        receiver, yours = receivers[number % _RECEIVERS]
        mine = await exchange.client.list_game(person.id, "Mine")
        traders.append(_Trader(person, receiver, mine, yours))
    return traders
