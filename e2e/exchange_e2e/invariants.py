"""Invariants of a settled deployment, whatever failed before. They compare ids, never counts alone.

Each function inspects the books and returns one check. `always` lists those that every drill can use.
"""

import itertools
from collections import Counter

from .books import Aggregate, Books, Transfer
from .client import Write
from .deployment import FROM_DOMAIN
from .report import Check, none


def always(books: Books, journal: list[Write]) -> list[Check]:
    return [
        acknowledged_writes_lost(books, journal),
        gaps_in_histories(books),
        owners_off_the_ledger(books),
        trades_not_once(books),
        events_lost(books),
        events_invented(books),
        events_unmarked(books),
        disorder(books),
        gaps_in_positions(books),
        letters_lost(books),
        letters_invented(books),
        letters_not_sent(books),
        letters_miscounted(books),
    ]


def acknowledged_writes_lost(books: Books, journal: list[Write]) -> Check:
    """Checks that every acknowledged write is in the database, with one event of its request's trace."""
    found: dict[tuple[str, Aggregate, str], int] = {}
    for event in books.events.values():
        key = (event.type, event.aggregate, event.trace)
        found[key] = found.get(key, 0) + 1
    rows = {("offer", id) for id in books.offers} | {("user", id) for id in books.people}
    lost = [
        f"{write.event_type} of {write.aggregate}"
        for write in journal
        if write.aggregate not in rows or found.get((write.event_type, write.aggregate, write.answer.trace), 0) != 1
    ]
    return none(f"acknowledged writes (of {len(journal)}) without row or event", lost)


def gaps_in_histories(books: Books) -> Check:
    """Checks that an offer has one event for each of its versions. A user has none for a change of the name, but never
    two for one version, nor one for a version that does not exist."""
    histories: dict[Aggregate, list[int]] = {}
    for event in books.events.values():
        histories.setdefault(event.aggregate, []).append(event.sequence)
    wrong: list[object] = []
    for offer, version in books.offers.items():
        if sorted(histories.pop(("offer", offer), [])) != list(range(1, version + 1)):
            wrong.append(f"offer {offer}")
    for aggregate, sequences in histories.items():
        kind, id = aggregate
        version = books.people.get(id, 0) if kind == "user" else 0
        if len(set(sequences)) != len(sequences) or max(sequences) > version:
            wrong.append(f"{kind} {id}")
    return none(f"changes without an event, or events without a change (of {len(books.events)} events)", wrong)


def owners_off_the_ledger(books: Books) -> Check:
    """Checks that the transfers of each game have no gaps and end at its owner."""
    hands: dict[int, list[Transfer]] = {}
    for transfer in books.transfers:
        hands.setdefault(transfer.game, []).append(transfer)
    wrong = []
    for game, (owner, sequence) in books.owners.items():
        went = hands.get(game, [])
        in_turn = all(before.taker == after.giver for before, after in itertools.pairwise(went))
        counted = [transfer.sequence for transfer in went] == list(range(1, sequence + 1))
        if not (in_turn and counted and (not went or went[-1].taker == owner)):
            wrong.append(f"game {game}")
    return none(f"games whose owner differs from the ledger (of {len(books.owners)})", wrong)


def trades_not_once(books: Books) -> Check:
    """Checks that an accepted offer moved each of its games once, and that no other offer moved any."""
    moved: dict[int, list[int]] = {}
    for transfer in books.transfers:
        moved.setdefault(transfer.offer, []).append(transfer.game)
    wrong = [
        f"offer {offer}"
        for offer in books.trades.keys() | moved.keys()
        if sorted(moved.get(offer, [])) != sorted(books.trades.get(offer, set()))
    ]
    return none(f"trades that did not move each game once (of {len(books.trades)})", wrong)


def events_lost(books: Books) -> Check:
    return none("events that are not in the topic", books.events.keys() - books.copies_in_topic().keys())


def events_invented(books: Books) -> Check:
    return none("events in the topic that are not in the outbox", books.copies_in_topic().keys() - books.events.keys())


def events_unmarked(books: Books) -> Check:
    return none(
        "events not marked as published", [event.id for event in books.events.values() if not event.is_published]
    )


def disorder(books: Books) -> Check:
    """Checks that the events of an aggregate are in the order of its versions, in one partition, without duplicates."""
    seen: set[str] = set()
    last: dict[str, tuple[int, int]] = {}
    wrong: set[object] = set()
    for record in books.records:
        if record.event_id in seen:
            continue
        seen.add(record.event_id)
        subject, sequence = record.named["ce_subject"], int(record.named["ce_sequence"])
        partition, before = last.get(subject, (record.partition, 0))
        if partition != record.partition or sequence <= before:
            wrong.add(subject)
        last[subject] = (record.partition, sequence)
    return none(f"aggregates out of order in the topic (of {len(last)})", wrong)


def gaps_in_positions(books: Books) -> Check:
    positions = sorted(event.position or 0 for event in books.events.values())
    wrong = [position for place, position in enumerate(positions, start=1) if position != place]
    return none("positions that are not 1, 2, 3, … without gaps", wrong)


def letters_lost(books: Books) -> Check:
    """Checks that each recipient of each event got the letter that reports it, at their own address alone: its own, or
    the one that it was merged into."""
    lost: list[object] = []
    telling = books.telling
    for event in books.events.values():
        for recipient in event.recipients:
            row = telling.get((event.id, recipient))
            letter = row and f"<{row.event_id}.{row.recipient_id}@{FROM_DOMAIN}>"
            copies = books.letters.get(letter or event.message_id(recipient), [])
            expected = (books.emails.get(recipient),)
            if not copies or any(copy.recipients != expected for copy in copies):
                lost.append(f"{event.type} {event.message_id(recipient)}")
    return none(f"letters lost or misdirected (of {len(_expected(books))})", lost)


def letters_invented(books: Books) -> Check:
    return none("letters without an event", books.letters.keys() - _expected(books))


def letters_not_sent(books: Books) -> Check:
    """Checks that the inbox has a sent letter for every event and recipient: its own, or the one it was merged into."""
    telling = books.telling
    asked_for = {(event.id, recipient) for event in books.events.values() for recipient in event.recipients}
    own = {key: row for key, row in telling.items() if key[0] in books.events}
    missing = asked_for - own.keys()
    return none(
        "letters that the inbox does not record as sent",
        [*missing, *(key for key, row in own.items() if row.state != "sent")],
    )


def letters_miscounted(books: Books) -> Check:
    """Checks that a letter reports as many events as it states: its own, and those that were merged into it."""
    told = Counter(row.id for row in books.telling.values())
    letters = [row for row in books.notifications if row.covered_by is None]
    merged = len(books.notifications) - len(letters)
    wrong = [row for row in letters if row.changes != told[row.id]]
    return none(f"letters that report more or fewer events than they state ({merged} merged)", wrong)


def letters_sent_twice(books: Books) -> list[str]:
    """Returns the ids of letters that arrived repeatedly, once for each repetition."""
    return [id for id, copies in books.letters.items() for _ in copies[1:]]


def _expected(books: Books) -> set[str]:
    return {event.message_id(recipient) for event in books.events.values() for recipient in event.recipients}
