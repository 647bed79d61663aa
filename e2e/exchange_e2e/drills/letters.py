"""Somebody updates an offer hundreds of times, and makes dozens of others, to flood a stranger with letters. The
stranger gets as few as an hour allows, letters of other people arrive at once, and each change is reported in the end.
"""

import asyncio
import time

from .. import invariants, marks
from ..books import Books
from ..client import Person
from ..deployment import Deployment
from ..report import Check, at_least, at_most, information
from ..waiting import until
from ..world import World

# The numbers with which the fault was found; more offers than letters are allowed in an hour.
_UPDATES = 400
_OFFERS = 40
_LETTERS_AN_HOUR = 20
_AT_ONCE = 4
_AT_ONCE_SECONDS = 30.0


async def run(world: World) -> list[Check]:
    async with world.deployment("letters") as exchange:
        attacker, stranger, friend = await exchange.people(3)
        await exchange.settled(within=60)
        welcomes = len(exchange.catcher.to(stranger.email))
        await _change_again_and_again(exchange, attacker, stranger)
        await _make_many(exchange, attacker, stranger)
        waited = await _answer(exchange, friend, stranger)
        await _only_held(exchange)
        flooded = len(exchange.catcher.to(stranger.email)) - welcomes - 2  # of the friend's offer and its rejection
        await exchange.settled(within=120)
        books = await Books.of(exchange)
        told = len(exchange.catcher.to(stranger.email)) - welcomes - 2
        return [
            at_least("updates of one offer, and offers", len(exchange.client.journal), _UPDATES + _OFFERS),
            at_most("letters about them to a stranger within the hour", flooded, _LETTERS_AN_HOUR),
            at_most("letters about them to a stranger in all", told, _LETTERS_AN_HOUR + 2),
            at_most("delay of a letter of another person, meanwhile", round(waited, 1), _AT_ONCE_SECONDS, " s"),
            information("events, letters", f"{len(books.events)}, {len(books.letters)}"),
            *invariants.always(books, exchange.client.journal),
        ]


async def _change_again_and_again(exchange: Deployment, attacker: Person, stranger: Person) -> None:
    """Updates the offer while a notifier is killed and another one takes over."""
    offer = await _offer(exchange, attacker, stranger, "the first")
    numbers = iter(range(_UPDATES))

    async def change() -> None:
        for number in numbers:
            await exchange.client.update(offer, attacker.id, marks.message(f"number {number}"))

    first, _ = exchange.notifiers
    async with asyncio.TaskGroup() as changes:
        for _ in range(_AT_ONCE):
            changes.create_task(change())
        changes.create_task(first.kill())
    await first.start()


async def _make_many(exchange: Deployment, attacker: Person, stranger: Person) -> None:
    for number in range(_OFFERS):
        await _offer(exchange, attacker, stranger, f"offer {number}")


async def _answer(exchange: Deployment, friend: Person, stranger: Person) -> float:
    """The stranger rejects another person's offer. Returns the time until both got a letter."""
    offer = await _offer(exchange, friend, stranger, "from a friend")
    began = time.monotonic()
    answer = await exchange.client.reject(offer, stranger.id)
    event = await exchange.event(answer.trace)
    assert event is not None
    wanted = {f"<{event.id}.{person.id}@" for person in (friend, stranger)}

    async def have_come() -> bool:
        ids = {letter.message_id.partition("@")[0] + "@" for letter in list(exchange.catcher.letters)}
        return wanted <= ids

    await until("both got a letter about the rejection", have_come, within=120)
    return time.monotonic() - began


async def _only_held(exchange: Deployment) -> None:
    async def is_so() -> bool:
        return not await exchange.unsettled()

    await until("all letters except held ones are sent", is_so, within=60)


async def _offer(exchange: Deployment, offerer: Person, receiver: Person, what: str) -> int:
    mine, yours = [await exchange.client.list_game(person.id, what) for person in (offerer, receiver)]
    offer = await exchange.client.offer(offerer.id, mine, yours, marks.message(what))
    assert offer is not None
    return offer
