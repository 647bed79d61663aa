"""Names and messages that try to inject headers or markup: one recipient, exact headers, the complete text."""

import json
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

from .. import marks
from ..client import Person
from ..deployment import FROM_DOMAIN, Deployment
from ..kafka import Record
from ..mail import Letter
from ..records import record
from ..report import Check, information, none
from ..world import World

_HEADERS = sorted(["From", "To", "Subject", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"])
_LONGEST_LINE = 998
_OVERRIDE = "\u202e"
# The text after the word by which it is found again in its letter.
_TAILS = [
    "\r\nBcc: eve@evil.example",
    "\nBcc: eve@evil.example\n\nA body",
    "\rBcc: eve@evil.example",
    ", <eve@evil.example>",
    ' "Eve" <eve@evil.example>',
    "; a group: eve@evil.example;",
    ' \\" (a comment) @evil.example',
    " =?utf-8?q?=0D=0ABcc=3A_eve=40evil=2Eexample?=",
    f" {_OVERRIDE}elpmaxe.live@eve",
    " שלום لعبة 🎮👾",
    " </p><script>alert('eve')</script>{{ 7 }}",
    " long" * 2000,
]
# The longest texts that the columns allow.
_NAME, _MESSAGE = 200, 2000


@dataclass
class _Case:
    """One hostile text, as a user's name and in the message of their offer. The words are for finding it again."""

    number: int
    tail: str
    person: Person
    offer: int = 0

    @property
    def name_word(self) -> str:
        return f"Zelda{self.number}"

    @property
    def message_word(self) -> str:
        return f"Mario{self.number}"

    @property
    def name(self) -> str:
        return self.name_word + self.tail

    @property
    def message(self) -> str:
        return f"{marks.MESSAGE_MARK} {self.message_word}{self.tail}"


async def run(world: World) -> list[Check]:
    async with world.deployment("headers", apis=1, notifiers=1) as exchange:
        [partner] = await exchange.people(1, "partner")
        cases = [
            _Case(number, tail, person)
            for number, (tail, person) in enumerate(zip(_TAILS, await exchange.people(len(_TAILS), "nasty")))
        ]
        await exchange.settled(within=60)
        [notifier] = exchange.notifiers
        # Texts that the API rejects are written to the database before a letter is composed.
        await notifier.terminate()
        refused = await _put_names_and_offers(exchange, cases, partner)
        await _write_events(exchange, cases)
        welcomes = len(exchange.catcher.letters)
        await notifier.start()
        await exchange.settled(within=60)
        letters = exchange.catcher.letters[welcomes:]
        rows = await exchange.sql(
            "SELECT event_id::text, recipient_id, event -> 'data' ->> 'offer_id' FROM notifications "
            "WHERE template LIKE 'offer.%%' AND covered_by IS NULL"
        )
    offers = {event_id: offer for event_id, _, offer in rows}
    expected = {f"<{event_id}.{recipient}@{FROM_DOMAIN}>" for event_id, recipient, _ in rows}
    emails = {case.person.id: case.person.email for case in cases} | {partner.id: partner.email}
    by_offer = {str(case.offer): case for case in cases}
    wrong: dict[str, list[str]] = {
        name: [] for name in ["recipient", "headers", "addresses", "subject", "lines", "text", "page"]
    }
    for letter in letters:
        event_id, recipient = letter.message_id.strip("<>").split("@")[0].split(".")
        case = by_offer[offers[event_id]]
        for name in _faults(letter, emails[int(recipient)], case):
            wrong[name].append(f"case {case.number}: {letter.message_id}")
    return [
        information("names and messages that the API rejects (422)", f"{refused} of {2 * len(cases)}"),
        none(f"letters lost (of {len(expected)})", expected - {letter.message_id for letter in letters}),
        none("letters without exactly the right recipient", wrong["recipient"]),
        none("letters without exactly the eight headers", wrong["headers"]),
        none("letters with more than one address in From or To", wrong["addresses"]),
        none("subjects or names with bidirectional control characters", wrong["subject"]),
        none(f"lines over {_LONGEST_LINE} octets, or invalid line ends", wrong["lines"]),
        none("text parts without name and message", wrong["text"]),
        none("HTML parts without them, or with a script", wrong["page"]),
    ]


async def _put_names_and_offers(exchange: Deployment, cases: list[_Case], partner: Person) -> int:
    """Returns the number of texts that the API rejects."""
    refused = 0
    for case in cases:
        name, message = {"name": case.name}, {"message": case.message}
        refused += (await exchange.client.ask("PUT", f"/users/{case.person.id}", name, by=case.person.id)).status == 422
        await exchange.sql("UPDATE users SET name = left(%s, %s) WHERE id = %s", case.name, _NAME, case.person.id)
        mine, yours = [await exchange.client.list_game(owner.id, "Tetris") for owner in (case.person, partner)]
        made = await exchange.client.offer(case.person.id, mine, yours, marks.message("as good as new"))
        assert made is not None
        case.offer = made
        refused += (await exchange.client.ask("PUT", f"/offers/{made}", message, by=case.person.id)).status == 422
        await exchange.sql("UPDATE offers SET message = left(%s, %s) WHERE id = %s", case.message, _MESSAGE, made)
    return refused


async def _write_events(exchange: Deployment, cases: list[_Case]) -> None:
    """Writes events whose facts are longer than the tables allow."""
    made: list[Record] = []
    for case in cases:
        [(payload,)] = await exchange.sql(
            "SELECT payload FROM outbox WHERE type = 'offer.created' AND aggregate_id = %s", case.offer
        )
        facts = json.loads(json.dumps(payload))
        for named in [facts["offerer"], facts["receiver"], *facts["offered_games"], *facts["requested_games"]]:
            named["name"] = case.name
        made.append(record("offer.updated", ("offer", case.offer), facts, sequence=100))
    exchange.foreign_events |= {one.event_id for one in made}
    await exchange.kafka.write(exchange.topic, made)


def _faults(letter: Letter, email: str, case: _Case) -> list[str]:
    """Returns the faults of a letter."""
    parsed = BytesParser(EmailMessage, policy=default).parsebytes(letter.raw)
    wrong = []
    if letter.recipients != (email,):
        wrong.append("recipient")
    if sorted(parsed.keys()) != _HEADERS or parsed["Auto-Submitted"] != "auto-generated":
        wrong.append("headers")
    addresses = {name: [address.addr_spec for address in parsed[name].addresses] for name in ("From", "To")}
    if addresses != {"From": [f"noreply@{FROM_DOMAIN}"], "To": [email]} or parsed.defects:
        wrong.append("addresses")
    if _OVERRIDE in parsed["Subject"] or _OVERRIDE in str(parsed["To"]):
        wrong.append("subject")
    lines = letter.raw.split(b"\r\n")
    if any(len(line) > _LONGEST_LINE or b"\r" in line or b"\n" in line for line in lines):
        wrong.append("lines")
    text, page = (_content(parsed, kind) for kind in ("plain", "html"))
    words = (case.name_word, case.message_word)
    if any(word not in text for word in words):
        wrong.append("text")
    if any(word not in page for word in words) or "<script" in page.lower():
        wrong.append("page")
    return wrong


def _content(parsed: EmailMessage, kind: str) -> str:
    body = parsed.get_body((kind,))
    return "" if body is None else str(body.get_content())
