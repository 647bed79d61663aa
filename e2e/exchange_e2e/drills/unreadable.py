"""Unreadable records among events: the events become letters, the others go to the dead-letter topic."""

import json
import uuid

from ..client import Person
from ..deployment import FROM_DOMAIN, Deployment
from ..kafka import MAX_RECORD, Record
from ..marks import MAILBOX_DOMAIN
from ..records import record
from ..report import Check, exactly, none
from ..world import World

_PEOPLE = 10


async def run(world: World) -> list[Check]:
    scale = world.scale
    async with world.deployment("unreadable") as exchange:
        people = await exchange.people(_PEOPLE)
        await exchange.settled(within=60)
        bad = [_unreadable(number) for number in range(scale.unreadable)]
        good = [_readable(people[number % len(people)]) for number in range(scale.records - len(bad))]
        every = len(good) // len(bad)
        mixed = list(good)
        for number, one in enumerate(bad):
            mixed.insert(number * (every + 1), one)
        exchange.foreign_events |= {one.event_id for one in mixed}
        await exchange.kafka.write(exchange.topic, mixed)
        await exchange.settled(within=60 + scale.records / 20)
        return [
            none(f"letters lost (of {len(good)})", _letters_lost(exchange, good)),
            exactly("records in the dead-letter topic", len(await _buried(exchange)), len(bad)),
            none(
                f"unreadable records (of {len(bad)}) that are not there exactly once, with reason and origin",
                await _badly_buried(exchange, bad),
            ),
            none("dead records with more than origin and reason added", await _talkative(exchange)),
            exactly("lag of the group", await exchange.kafka.lag(exchange.topic, exchange.group), 0),
        ]


def _readable(person: Person) -> Record:
    return record("user.password_changed", ("user", person.id), {"user_id": person.id, "name": "Somebody"})


def _unreadable(number: int) -> Record:
    """Creates an unreadable record of one of many kinds. The key identifies it; the value has private content."""
    facts = {"user_id": 1, "name": f"somebody@{MAILBOX_DOMAIN}"}
    whole = record("user.password_changed", ("user", 1), facts)
    headers = dict(whole.headers)
    value = whole.value
    match number % 10:
        case 0:
            value = whole.value[:-1]
        case 1:
            headers = {}
        case 2:
            del headers["ce_id"]
        case 3:
            headers["ce_type"] = b"user.abducted"
        case 4:
            headers["ce_dataschema"] = b"urn:video-game-exchange:event:user.password_changed:2"
        case 5:
            value = json.dumps(facts | {"name": "\0"}).encode()
        case 6:
            value = b""
        case 7:
            headers["ce_id"] = b"\xff\xfe"
        case 8:
            value = json.dumps({"user_id": "one"}).encode()
        case 9:
            # The largest size that the broker accepts, headers and key included.
            value = b"x" * (MAX_RECORD - 1000)
    return Record(f"unreadable {number} {uuid.uuid4()}".encode(), value, list(headers.items()))


def _letters_lost(exchange: Deployment, good: list[Record]) -> list[str]:
    letters = exchange.catcher.by_id()
    expected = {f"<{one.event_id}.{json.loads(one.value)['user_id']}@{FROM_DOMAIN}>" for one in good}
    return sorted(expected - letters.keys())


async def _buried(exchange: Deployment) -> list[Record]:
    return await exchange.kafka.read(exchange.dead_topic)


async def _badly_buried(exchange: Deployment, bad: list[Record]) -> list[str]:
    """Checks that each has one dead record with the reason and the origin. It has the key, value and headers of the
    original, unless the topic would reject that as too large."""
    origins = {one.key: one for one in await exchange.kafka.read(exchange.topic)}
    by_place: dict[tuple[str, str, str], list[Record]] = {}
    for dead in await _buried(exchange):
        place = tuple(dead.named.get(f"dead_{part}", "") for part in ("topic", "partition", "offset"))
        by_place.setdefault(place, []).append(dead)  # type: ignore[arg-type]
    wrong = []
    for one in bad:
        origin = origins[one.key]
        found = by_place.get((exchange.topic, str(origin.partition), str(origin.offset)), [])
        if len(found) != 1 or not found[0].named.get("dead_reason") or not _is_whole(one, found[0]):
            wrong.append(one.key.decode())
    return wrong


def _is_whole(one: Record, dead: Record) -> bool:
    if len(one.value) > MAX_RECORD - 10_000 and not dead.value:
        return True
    return (dead.key, dead.value) == (one.key, one.value) and set(one.headers) <= set(dead.headers)


async def _talkative(exchange: Deployment) -> list[str]:
    """Checks that the headers added by the notifier do not repeat the content of the record."""
    return [
        one.named["dead_reason"]
        for one in await _buried(exchange)
        if any(MAILBOX_DOMAIN in value for name, value in one.named.items() if name.startswith("dead_"))
    ]
