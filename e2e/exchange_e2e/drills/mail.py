"""A mail server that replies 421 and 550, hangs, and drops connections: nobody else waits, each letter arrives once.
Another one sends an endless reply: memory stays bounded.
"""

import itertools
import ssl
from collections.abc import Iterable
from dataclasses import dataclass

import trustme

from .. import invariants, marks
from ..books import Books
from ..client import Client, Person
from ..deployment import Deployment
from ..flood import Flood
from ..mail import Fault, Letter
from ..report import Check, at_most, information, none
from ..scale import Scale
from ..waiting import until
from ..world import World

# The promise: from the event to the mail server, in seconds.
_NOBODY_ELSE_WAITS = 30.0
# The memory limit of a notifier whose server sends an endless reply, in MiB.
_MEMORY = 64.0
# The number of letters to each difficult person: together more than all notifiers send at once.
_OFFERS_EACH = 2

# A letter to be sent: the event's id, and the recipient's.
_Due = tuple[str, int]


@dataclass
class _Crowd:
    ordinary: list[Person]
    difficult: dict[Fault, list[Person]]


async def run(world: World) -> list[Check]:
    scale = world.scale
    async with world.deployment("mail") as exchange:
        crowd = await _gather(exchange, scale)
        _misbehave(exchange, crowd, scale)
        await _trade(exchange.client, crowd)
        await exchange.settled(scale.mail_settles)
        books = await Books.of(exchange)
        refused = _letters_to(books, crowd.difficult[Fault.NEVER])
        checks = [
            *_nobody_else_waits(exchange, books, crowd),
            *await _refused_for_good(exchange, books, refused),
        ]
        await _redrive(exchange, crowd)
        books = await Books.of(exchange)
        groups = {fault.value: people for fault, people in crowd.difficult.items()}
        for name, people in (groups | {"ordinary people": crowd.ordinary}).items():
            checks.append(_once_each(name, books, _letters_to(books, people)))
        checks += await _endless_talk(world, exchange, crowd)
        books = await Books.of(exchange)
        return checks + invariants.always(books, exchange.client.journal)


async def _gather(exchange: Deployment, scale: Scale) -> _Crowd:
    ordinary = await exchange.people(scale.ordinary_people, "ordinary")
    difficult = {fault: await exchange.people(scale.difficult_people, fault.name.lower()) for fault in Fault}
    # Up to here every mailbox works, and has its registration letter.
    await exchange.settled(within=120)
    return _Crowd(ordinary, difficult)


def _misbehave(exchange: Deployment, crowd: _Crowd, scale: Scale) -> None:
    spells = {
        Fault.LATER: scale.refusal,
        Fault.DROP: scale.refusal,
        Fault.HANG_AT_RECIPIENT: scale.hang,
        Fault.HANG_AT_DATA: scale.hang,
        Fault.NEVER: None,
    }
    for fault, people in crowd.difficult.items():
        for person in people:
            exchange.catcher.misbehave(person.email, fault, spells[fault])


async def _trade(client: Client, crowd: _Crowd) -> None:
    """Sends offers to the difficult people first, all faults mixed; then ordinary people make offers to each other."""
    partners = itertools.cycle(crowd.ordinary)
    in_turns = list(zip(*crowd.difficult.values())) * _OFFERS_EACH
    for person in itertools.chain.from_iterable(in_turns):
        await _offer(client, next(partners), person)
    for offerer, receiver in itertools.pairwise(crowd.ordinary):
        await _offer(client, offerer, receiver)


async def _offer(client: Client, offerer: Person, receiver: Person) -> None:
    mine = await client.list_game(offerer.id, "Mine")
    yours = await client.list_game(receiver.id, "Yours")
    await client.offer(offerer.id, mine, yours, marks.message("mine for yours"))


def _nobody_else_waits(exchange: Deployment, books: Books, crowd: _Crowd) -> list[Check]:
    committed = {write.answer.trace: write.answer.answered for write in exchange.client.journal}
    ordinary = {person.id for person in crowd.ordinary}
    waits = [
        books.letters[event.message_id(recipient)][0].arrived - committed[event.trace]
        for event in books.events.values()
        for recipient in event.recipients
        if recipient in ordinary and event.message_id(recipient) in books.letters and event.trace in committed
    ]
    return [
        information(
            "ordinary letters beside hanging ones",
            f"{len(waits)} beside {2 * _OFFERS_EACH * len(crowd.difficult[Fault.DROP])}",
        ),
        at_most("longest delay of an ordinary letter", round(max(waits), 1), _NOBODY_ELSE_WAITS, " s"),
    ]


def _letters_to(books: Books, people: Iterable[Person]) -> list[_Due]:
    """Returns the letters about offers that these people must get."""
    ids = {person.id for person in people}
    return [
        (event.id, recipient)
        for event in books.events.values()
        if event.aggregate[0] == "offer"
        for recipient in event.recipients
        if recipient in ids
    ]


async def _refused_for_good(exchange: Deployment, books: Books, refused: list[_Due]) -> list[Check]:
    rows = {(row.event_id, row.recipient_id): row for row in books.notifications}
    dead_at_once = {due for due in refused if due in rows and (rows[due].state, rows[due].attempts) == ("dead", 1)}
    listed = {int(line.split()[0]) for line in (await exchange.dead_letters("list")).splitlines()[1:]}
    wanted = {rows[due].id for due in dead_at_once}
    return [
        none(f"550: letters (of {len(refused)}) not dead after one attempt", set(refused) - dead_at_once),
        none("550: dead letters that `notifier dead list` does not list", wanted - listed),
        none("other letters that it lists", listed - wanted),
        none("550: letters that arrived nevertheless", [due for due in refused if _copies(books, due)]),
    ]


async def _redrive(exchange: Deployment, crowd: _Crowd) -> None:
    """Makes the mailboxes exist, and sends the letters again as the operator would, by their ids."""
    for person in crowd.difficult[Fault.NEVER]:
        exchange.catcher.behave(person.email)
    dead = await exchange.sql("SELECT id FROM notifications WHERE state = 'dead'")
    await exchange.dead_letters("retry", *(str(id) for (id,) in dead))
    await exchange.settled(within=60)


async def _endless_talk(world: World, exchange: Deployment, crowd: _Crowd) -> list[Check]:
    """Sends letters to such servers first, and then to the right one."""
    authority = trustme.CA()
    authority_file = world.scratch / "flood-authority.pem"
    authority.cert_pem.write_to_path(str(authority_file))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    for notifier in exchange.notifiers:
        await notifier.terminate()
    checks = []
    for how, flood in {"none": Flood(), "implicit": Flood(tls), "starttls": Flood(tls, starttls=True)}.items():
        for offerer, receiver in itertools.pairwise(crowd.ordinary[:10]):
            await _offer(exchange.client, offerer, receiver)
        checks += await _listens(exchange, how, flood, str(authority_file))
        flood.stop()
    await exchange.sql("UPDATE notifications SET next_attempt_at = now() WHERE state = 'waiting'")
    for notifier in exchange.notifiers:
        await notifier.start()
    await exchange.settled(within=120)
    return checks


async def _listens(exchange: Deployment, how: str, flood: Flood, authority: str) -> list[Check]:
    settings = {"SMTP_HOST": "localhost", "SMTP_PORT": str(flood.port), "SMTP_TLS": how, "SSL_CERT_FILE": authority}
    notifier = exchange.notifier(9, **settings)
    await notifier.start()

    async def all_tried() -> bool:
        untried = await exchange.sql("SELECT 1 FROM notifications WHERE state IN ('held', 'waiting') AND attempts = 0")
        return flood.hung_up > 0 and not untried and not await exchange.kafka.lag(exchange.topic, exchange.group)

    await until("every letter was tried at the server with the endless reply", all_tried, within=120)
    most = notifier.memory("VmHWM")
    await notifier.terminate()
    given_up = await exchange.sql("SELECT id FROM notifications WHERE state = 'dead'")
    return [
        at_most(f"endless greeting (SMTP_TLS={how}): maximum memory", round(most, 1), _MEMORY, " MiB"),
        none(f"endless greeting (SMTP_TLS={how}): letters given up", given_up),
    ]


def _copies(books: Books, due: _Due) -> list[Letter]:
    event_id, recipient = due
    return books.letters.get(books.events[event_id].message_id(recipient), [])


def _once_each(whose: str, books: Books, letters: list[_Due]) -> Check:
    wrong = [due for due in letters if len(_copies(books, due)) != 1]
    return none(f"{whose}: letters that did not arrive exactly once (of {len(letters)})", wrong)
