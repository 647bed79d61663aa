"""Load: people who trade. Each story is one offer from its creation to its end, and sometimes a competing offer for the
same game, which closes when the first is accepted.
"""

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import Sequence

from . import marks
from .client import Client, GaveUp, Person
from .waiting import at

# The default number of concurrent stories. They rarely wait for each other's locks: each has its own games.
_AT_ONCE = 16
# The average number of requests for each offer, if people also read what they change.
REQUESTS_OF_AN_OFFER = 7.4


class Traders:
    """Makes offers at a steady rate until it is stopped."""

    def __init__(
        self, client: Client, people: Sequence[Person], seed: int = 1, at_once: int = _AT_ONCE, look: bool = False
    ) -> None:
        """`look`: people read the list of games, their offers and the results, as often as they write."""
        self._client = client
        self._looks = look
        self._people = people
        self._random = random.Random(seed)
        self._at_once = at_once
        self.offers = 0

    async def trade(self, offers: int, seconds: float, enough: asyncio.Event) -> None:
        """Makes this many offers, spread over this time; continues at the same rate until it is `enough`."""
        turn = asyncio.Semaphore(self._at_once)
        began = time.monotonic()
        async with asyncio.TaskGroup() as stories:
            for number in itertools.count():
                await at(began + seconds * self.offers / offers)
                if self.offers >= offers and enough.is_set():
                    return
                await turn.acquire()
                story = stories.create_task(self._tell(number))
                story.add_done_callback(lambda _done: turn.release())

    async def _tell(self, number: int) -> None:
        """Ends a story when a client gives up."""
        with contextlib.suppress(GaveUp):
            await self._story(number)

    async def _story(self, number: int) -> None:
        """Makes an offer, updates some, and ends it in one of all possible ways."""
        offerer, receiver, rival = (person.id for person in self._random.sample(self._people, 3))
        self.offers += 1
        await self._look("/games", offerer)
        offered = await self._client.list_game(offerer, f"Game {number} a")
        requested = await self._client.list_game(receiver, f"Game {number} b")
        offer = await self._client.offer(offerer, offered, requested, marks.message("mine for yours"))
        if offer is None:
            return
        await self._look(f"/offers?receiver_id={receiver}&status=pending", receiver)
        await self._look(f"/offers/{offer}", receiver)
        if number % 2 == 0:
            await self._client.update(offer, offerer, marks.message("please"))
        match number % 5:
            case 0 | 1:
                await self._client.accept(offer, receiver)
            case 2:
                await self._client.reject(offer, receiver)
            case 3:
                await self._client.cancel(offer, offerer)
            case 4:
                self.offers += 1
                other = await self._client.list_game(rival, f"Game {number} c")
                await self._client.offer(rival, other, requested, marks.message("I give more"))
                await self._client.accept(offer, receiver)
        await self._look(f"/offers/{offer}", offerer)

    async def _look(self, path: str, by: int) -> None:
        if self._looks:
            await self._client.insist("GET", path, by=by)
