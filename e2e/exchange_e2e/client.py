"""The REST API as people use it: over all instances, trying another one when one fails, with a journal of every write
that was acknowledged.

Each request is a trace of its own, however often it is tried, and an event carries the trace of the request that
caused it: so the journal and the outbox are held against each other by id.
"""

import asyncio
import itertools
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

from .marks import MAILBOX_DOMAIN, PASSWORD_MARK
from .waiting import at, until

# How long one request may take before the next instance is asked.
_PATIENCE = aiohttp.ClientTimeout(total=10, connect=3)
_FAILED = 0


class Refused(Exception):
    """The exchange refused what the drill takes for right."""


class GaveUp(Exception):
    """All tries failed. What was asked for may be done all the same."""


@dataclass(frozen=True)
class Answer:
    """What an instance said; status 0 when it said nothing."""

    instance: str
    status: int
    body: Any
    trace: str
    # Seconds of time.time().
    asked: float
    answered: float
    # What Retry-After says, in seconds; 0 where it is not there.
    wait: float

    @property
    def is_failure(self) -> bool:
        """Nothing, or a fault of the server's: worth another try elsewhere."""
        return self.status == _FAILED or self.status >= 500

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Write:
    """A write that was acknowledged, and the event that it must have caused."""

    event_type: str
    aggregate: tuple[str, int]
    answer: Answer


@dataclass(frozen=True)
class Person:
    id: int
    email: str
    password: str


class Client:
    """Talks to the instances at these addresses in turns."""

    def __init__(self, urls: Sequence[str]) -> None:
        # What was acknowledged, and every answer whatever it was.
        self.journal: list[Write] = []
        self.answers: list[Answer] = []
        self._urls = itertools.cycle(urls)
        self._session: aiohttp.ClientSession | None = None

    def only(self, url: str) -> "Client":
        """The same client, journal and all, talking to one instance."""
        one = Client([url])
        one.journal, one.answers, one._session = self.journal, self.answers, self._open()
        return one

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_PATIENCE, connector=aiohttp.TCPConnector(limit=0))
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: int | None = None,
        token: str | None = None,
        url: str | None = None,
        key: str | None = None,
        trace: str | None = None,
    ) -> Answer:
        """One request to one instance, whatever comes of it."""
        url = url or next(self._urls)
        trace = trace or secrets.token_hex(16)
        headers = {"traceparent": f"00-{trace}-{secrets.token_hex(8)}-01"}
        if by is not None:
            headers["X-User-ID"] = str(by)
        if key is not None:
            headers["Idempotency-Key"] = key
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        asked = time.time()
        try:
            async with self._open().request(method, url + path, json=body, headers=headers) as response:
                text = await response.text()
                status, wait = response.status, float(response.headers.get("Retry-After", 0))
        except (TimeoutError, aiohttp.ClientError, ConnectionError):
            text, status, wait = "", _FAILED, 0.0
        answer = Answer(url, status, json.loads(text) if text else None, trace, asked, time.time(), wait)
        self.answers.append(answer)
        return answer

    async def insist(self, method: str, path: str, body: Any = None, *, by: int | None = None) -> Answer:
        """The first answer that is none of the server's faults, from whichever instance. All attempts are one trace: an
        update that was done before the instance died has nothing to change at the next one, and no event of its own."""
        trace = secrets.token_hex(16)

        async def attempt() -> Answer | None:
            answer = await self.ask(method, path, body, by=by, trace=trace)
            return None if answer.is_failure else answer

        return await until(f"{method} {path} is answered", attempt, within=120, every=0.1)

    async def register(self, local_part: str, name: str, street_address: str) -> Person:
        email = f"{local_part}@{MAILBOX_DOMAIN}"
        password = f"{PASSWORD_MARK}-{secrets.token_hex(6)}"
        body = {"name": name, "email": email, "password": password, "street_address": street_address}
        answer = await self.insist("POST", "/users", body)
        if not answer.is_done:
            raise Refused(f"registration of {local_part}: {answer.status} {answer.body}")
        person = Person(answer.body["id"], email, password)
        self.journal.append(Write("user.registered", ("user", person.id), answer))
        return person

    async def list_game(self, owner: int, name: str) -> int:
        game = {
            "name": name,
            "publisher": "Nintendo",
            "year_published": 1990,
            "gaming_system": "NES",
            "condition": "good",
        }
        answer = await self.insist("POST", "/games", game, by=owner)
        if not answer.is_done:
            raise Refused(f"a game of {owner}: {answer.status} {answer.body}")
        return int(answer.body["id"])

    async def offer(self, offerer: int, offered: int, requested: int, message: str) -> int | None:
        """Makes an offer. `None` when an attempt was cut off and did its work all the same: then there is an offer that
        nobody was told of."""
        body = {"offered_game_id": offered, "requested_game_id": requested, "message": message}
        answer = await self.insist("POST", "/offers", body, by=offerer)
        if not answer.is_done:
            if answer.status == 409:
                return None
            raise Refused(f"an offer of {offerer}: {answer.status} {answer.body}")
        offer = int(answer.body["id"])
        self.journal.append(Write("offer.created", ("offer", offer), answer))
        return offer

    async def update(self, offer: int, by: int, message: str) -> Answer:
        return await self._change("offer.updated", offer, "", by, {"message": message})

    async def accept(self, offer: int, by: int) -> Answer:
        return await self._change("offer.accepted", offer, "/accept", by)

    async def reject(self, offer: int, by: int) -> Answer:
        return await self._change("offer.rejected", offer, "/reject", by)

    async def cancel(self, offer: int, by: int) -> Answer:
        return await self._change("offer.cancelled", offer, "/cancel", by)

    async def _change(self, event_type: str, offer: int, action: str, by: int, body: Any = None) -> Answer:
        """Changes an offer. Where an attempt was cut off and did its work, the next one is refused: 409."""
        answer = await self.insist("PUT", f"/offers/{offer}{action}", body, by=by)
        if answer.is_done:
            self.journal.append(Write(event_type, ("offer", offer), answer))
        elif answer.status != 409:
            raise Refused(f"{event_type} of offer {offer}: {answer.status} {answer.body}")
        return answer


class Considerate(Client):
    """A client as the documentation asks for one: a change has an Idempotency-Key, and is sent again with the same at
    most three times, after as long as Retry-After says. It is many people, each at an address of the loopback network.
    """

    _RETRIES = 3
    # NGINX asks the next instance when one hangs for 6 s, and goes on for 15 s.
    _PATIENCE = aiohttp.ClientTimeout(total=40)

    def __init__(self, url: str, addresses: Sequence[str]) -> None:
        super().__init__([url])
        # Requests that no try made it for, and answers that say that a change was made before: so a key was not heeded.
        self.given_up: list[Answer] = []
        self.done_twice: list[Answer] = []
        self._addresses = itertools.cycle(addresses)
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    def _open(self) -> aiohttp.ClientSession:
        """The next address. Each request has a connection of its own: one that is kept may be closed by the other side
        just when it is used, and that would count as a failure here."""
        address = next(self._addresses)
        if address not in self._sessions:
            connector = aiohttp.TCPConnector(local_addr=(address, 0), limit=0, force_close=True)
            self._sessions[address] = aiohttp.ClientSession(timeout=self._PATIENCE, connector=connector)
        return self._sessions[address]

    async def close(self) -> None:
        await asyncio.gather(*(session.close() for session in self._sessions.values()))

    async def insist(self, method: str, path: str, body: Any = None, *, by: int | None = None) -> Answer:
        key, trace = secrets.token_hex(16), secrets.token_hex(16)
        for retries in itertools.count():
            answer = await self.ask(method, path, body, by=by, key=key, trace=trace)
            if not (answer.is_failure or answer.wait or _is_under_way(answer)):
                break
            if retries == self._RETRIES:
                self.given_up.append(answer)
                raise GaveUp(f"{method} {path}: {answer.status} {answer.body}")
            await at(time.monotonic() + max(answer.wait, 1.0))
        if answer.status == 409:
            self.done_twice.append(answer)
        return answer


def _is_under_way(answer: Answer) -> bool:
    """The first try with this key goes on yet."""
    return answer.status == 409 and answer.body["code"] == "idempotency_key_in_use"
