"""The API is killed between commit and publish, and between publish and mark: changes and events stay one to one.

The programs under test have no hooks for this. Before publishing: Kafka is stopped during the change. Before marking: a
trigger that the drill adds to the database makes the mark wait for a lock that the drill holds.
"""

from .. import gate, invariants, marks
from ..books import Books
from ..client import Answer
from ..deployment import Deployment
from ..kafka import Tail
from ..report import Check, exactly, none
from ..waiting import until
from ..world import World

_OFFERS = 10
_TRIGGER = f"""
{gate.FUNCTION};
CREATE TRIGGER gate BEFORE UPDATE OF published_at ON outbox FOR EACH ROW
    WHEN (OLD.published_at IS NULL AND NEW.published_at IS NOT NULL) EXECUTE FUNCTION wait_at_the_gate()"""


async def run(world: World) -> list[Check]:
    crashes = world.scale.crashes
    # Each start logs a line or two, which is enough.
    async with world.deployment("crashes", apis=1, notifiers=1, log_level="warn") as exchange:
        offers = await _offers(exchange)
        unpublished = await _crash_before_publish(world, exchange, offers, crashes)
        unmarked = await _crash_before_mark(exchange, offers, crashes)
        await exchange.settled(within=120)
        books = await Books.of(exchange)
        copies = books.copies_in_topic()
        return [
            exactly("crashes between commit and publish", len(unpublished), crashes),
            exactly("crashes between publish and mark", len(unmarked), crashes),
            none("of the former: events missing in the topic", [id for id in unpublished if copies[id] < 1]),
            none("of the latter: events not published again", [id for id in unmarked if copies[id] < 2]),
            none("letters sent twice because of the crashes", invariants.letters_sent_twice(books)),
            *invariants.always(books, exchange.client.journal),
        ]


async def _offers(exchange: Deployment) -> list[tuple[int, int]]:
    """Creates offers to be updated repeatedly, each with its offerer."""
    offerer, receiver = (person.id for person in await exchange.people(2))
    offers = []
    for number in range(_OFFERS):
        mine = await exchange.client.list_game(offerer, f"Mine {number}")
        yours = await exchange.client.list_game(receiver, f"Yours {number}")
        offer = await exchange.client.offer(offerer, mine, yours, marks.message("the first"))
        assert offer is not None
        offers.append((offer, offerer))
    await exchange.settled(within=60)
    return offers


async def _change(exchange: Deployment, offers: list[tuple[int, int]], number: int) -> Answer:
    offer, offerer = offers[number % len(offers)]
    return await exchange.client.update(offer, offerer, marks.message(f"number {number}"))


async def _id_of(exchange: Deployment, answer: Answer) -> str:
    event = await exchange.event(answer.trace)
    assert event is not None, "an acknowledged change has no event"
    return event.id


async def _crash_before_publish(
    world: World, exchange: Deployment, offers: list[tuple[int, int]], crashes: int
) -> list[str]:
    """Returns the ids of the events."""
    [api] = exchange.apis
    events = []
    await world.kafka.stop()
    for number in range(crashes):
        answer = await _change(exchange, offers, number)
        await api.kill()
        events.append(await _id_of(exchange, answer))
        await api.start()
    await world.kafka.start()
    await exchange.settled(within=120)
    return events


async def _crash_before_mark(exchange: Deployment, offers: list[tuple[int, int]], crashes: int) -> list[str]:
    """Returns the ids of the events."""
    [api] = exchange.apis
    events = []
    await exchange.sql(_TRIGGER)
    tail = Tail(exchange.kafka, exchange.topic)
    for number in range(crashes):
        async with gate.closed(exchange):
            answer = await _change(exchange, offers, number)
            event_id = await _id_of(exchange, answer)
            await until("the event arrives in Kafka", lambda: tail.has(event_id), within=30)  # noqa: B023
            event = await exchange.event(answer.trace)
            assert event is not None and not event.is_published, "the gate does not hold the mark"
            await api.kill()
        await api.start()

        async def is_marked() -> bool:
            event = await exchange.event(answer.trace)  # noqa: B023
            return event is not None and event.is_published

        await until("the event is marked by the next leader", is_marked, within=60)
        events.append(event_id)
    tail.close()
    return events
