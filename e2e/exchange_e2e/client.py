"""A client of the REST API: it uses all instances, retries on another one if one fails, and keeps a journal of every
acknowledged write.

Each request has its own trace, however often it is retried, and an event carries the trace of its request, so the
journal and the outbox can be compared by id.
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

# Seconds after which a request is retried on the next instance.
_PATIENCE = aiohttp.ClientTimeout(total=10, connect=3)
_FAILED = 0


class Refused(Exception):
    """The exchange rejected a request that the drill considers valid."""


class GaveUp(Exception):
    """All attempts failed. The write may have been executed nevertheless."""


@dataclass(frozen=True)
class Answer:
    """The response of an instance; status 0 if there was none."""

    instance: str
    status: int
    body: Any
    trace: str
    # Seconds of time.time().
    asked: float
    answered: float
    # The seconds of Retry-After; 0 if it is absent.
    wait: float

    @property
    def is_failure(self) -> bool:
        """No response, or a server error: worth a retry on another instance."""
        return self.status == _FAILED or self.status >= 500

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Write:
    """An acknowledged write, and the event that it must have caused."""

    event_type: str
    aggregate: tuple[str, int]
    answer: Answer


@dataclass(frozen=True)
class Person:
    id: int
    email: str
    password: str


class Client:
    """Sends requests to the instances at these URLs in turns."""

    def __init__(self, urls: Sequence[str]) -> None:
        # The acknowledged writes, and all responses.
        self.journal: list[Write] = []
        self.answers: list[Answer] = []
        self._urls = itertools.cycle(urls)
        self._session: aiohttp.ClientSession | None = None

    def only(self, url: str) -> "Client":
        """Returns a client with the same journal for one instance."""
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
        """Sends one request to one instance, without retries."""
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
        """Returns the first response that is not a server error, from any instance. All attempts share one trace: an
        update that was executed before the instance died changes nothing at the next one, and has no event there."""
        trace = secrets.token_hex(16)

        async def attempt() -> Answer | None:
            answer = await self.ask(method, path, body, by=by, trace=trace)
            return None if answer.is_failure else answer

        return await until(f"{method} {path} gets a response", attempt, within=120, every=0.1)

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
        """Makes an offer. Returns `None` if an attempt was cut off after the commit: then an offer exists whose id no
        client knows."""
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
        """Changes an offer. If an attempt was cut off after the commit, the retry is rejected with 409."""
        answer = await self.insist("PUT", f"/offers/{offer}{action}", body, by=by)
        if answer.is_done:
            self.journal.append(Write(event_type, ("offer", offer), answer))
        elif answer.status != 409:
            raise Refused(f"{event_type} of offer {offer}: {answer.status} {answer.body}")
        return answer


class Considerate(Client):
    """A client that follows the documentation: a write has an Idempotency-Key, and is retried with it at most three
    times, after the seconds of Retry-After. It acts for many people, each at an address of the loopback network.
    """

    _RETRIES = 3
    # NGINX tries the next instance when one hangs for 6 s, and gives up after 15 s.
    _PATIENCE = aiohttp.ClientTimeout(total=40)

    def __init__(self, url: str, addresses: Sequence[str]) -> None:
        super().__init__([url])
        # Requests of which every attempt failed, and responses that show an ignored key: the write was executed before.
        self.given_up: list[Answer] = []
        self.done_twice: list[Answer] = []
        self._addresses = itertools.cycle(addresses)
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    def _open(self) -> aiohttp.ClientSession:
        """Returns the next address. Each request has its own connection: the other side may close a kept one just when
        it is used, which would count as a failure here."""
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
    """Whether the first attempt with this key is still in flight."""
    return answer.status == 409 and answer.body["code"] == "idempotency_key_in_use"
