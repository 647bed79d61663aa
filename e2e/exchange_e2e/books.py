"""The records of a deployment: offers, users, outbox, topic, inbox, and the letters that arrived. Read once, when
everything has settled; `invariants` compares them with each other.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from .deployment import FROM_DOMAIN, Deployment
from .kafka import Record
from .mail import Letter

Aggregate = tuple[str, int]
_TEMPLATES = Path(__file__).parents[2] / "notifier/templates"


@dataclass(frozen=True)
class Event:
    """A row of the outbox."""

    id: str
    aggregate: Aggregate
    sequence: int
    type: str
    payload: dict[str, Any]
    trace: str
    position: int | None
    is_published: bool

    @property
    def recipients(self) -> list[int]:
        """Returns the recipients of its letters: the parties of an offer for whom there is a template, or the user."""
        if self.aggregate[0] == "offer":
            told = [side for side in ("offerer", "receiver") if (_TEMPLATES / f"{self.type}.{side}.j2").exists()]
            return [self.payload[side]["user_id"] for side in told]
        return [self.payload["user_id"]]

    def message_id(self, recipient: int) -> str:
        return f"<{self.id}.{recipient}@{FROM_DOMAIN}>"


@dataclass(frozen=True)
class Notification:
    """A row of the inbox."""

    id: int
    event_id: str
    recipient_id: int
    state: str
    attempts: int
    # The number of events that its letter reports, and the row whose letter reports this event instead.
    changes: int
    covered_by: int | None


class Transfer(NamedTuple):
    """A row of the ledger: a game changed owners. `sequence` counts the transfers of a game, from 1."""

    game: int
    sequence: int
    giver: int
    taker: int
    offer: int


@dataclass(frozen=True)
class Books:
    # Versions of the rows.
    offers: dict[int, int]
    people: dict[int, int]
    emails: dict[int, str]
    # The owner of each game, and the number of its transfers.
    owners: dict[int, tuple[int, int]]
    transfers: list[Transfer]
    # The games of each accepted offer.
    trades: dict[int, set[int]]
    events: dict[str, Event]
    notifications: list[Notification]
    # The exchange's records in its topic, without those that the harness wrote.
    records: list[Record]
    letters: dict[str, list[Letter]]

    @classmethod
    async def of(cls, deployment: Deployment) -> "Books":
        people = await deployment.sql("SELECT id, version, email FROM users")
        events = await deployment.sql(
            "SELECT id::text, aggregate_type, aggregate_id, aggregate_seq, type, payload, "
            "coalesce(split_part(headers ->> 'traceparent', '-', 2), ''), position, published_at IS NOT NULL "
            "FROM outbox"
        )
        notifications = await deployment.sql(
            "SELECT id, event_id::text, recipient_id, state, attempts, changes, covered_by FROM notifications"
        )
        owners = await deployment.sql("SELECT id, owner_id, owner_seq FROM games")
        transfers = await deployment.sql(
            "SELECT game_id, owner_seq, from_user_id, to_user_id, offer_id FROM game_transfers ORDER BY owner_seq"
        )
        trades = await deployment.sql(
            "SELECT offer_id, array_agg(game_id) FROM offer_games JOIN offers ON offers.id = offer_id "
            "WHERE status = 'accepted' GROUP BY offer_id"
        )
        return cls(
            offers=dict(await deployment.sql("SELECT id, version FROM offers")),
            people={id: version for id, version, _ in people},
            emails={id: email for id, _, email in people},
            owners={id: (owner, sequence) for id, owner, sequence in owners},
            transfers=[Transfer(*row) for row in transfers],
            trades={offer: set(games) for offer, games in trades},
            events={row[0]: Event(row[0], (row[1], row[2]), *row[3:]) for row in events},
            notifications=[Notification(*row) for row in notifications],
            records=[
                record
                for record in await deployment.kafka.read(deployment.topic)
                if record.event_id not in deployment.foreign_events
            ],
            letters=deployment.catcher.by_id(),
        )

    @cached_property
    def telling(self) -> dict[tuple[str, int], Notification]:
        """Maps event and recipient to the row whose letter reports it: its own, or the last one that covers it."""
        by_id = {row.id: row for row in self.notifications}
        found = {}
        for row in self.notifications:
            letter = row
            while letter.covered_by is not None:
                letter = by_id[letter.covered_by]
            found[row.event_id, row.recipient_id] = letter
        return found

    def copies_in_topic(self) -> Counter[str]:
        return Counter(record.event_id for record in self.records)
