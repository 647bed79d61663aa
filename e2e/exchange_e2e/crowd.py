"""Many clients that send requests at a rate, or as fast as they get responses, to measure overload.

They share the machine with the system under test, so a request must be cheap for them: each client keeps one
connection, and httptools parses the responses. A `Course` reports their own CPU time.
"""

import asyncio
import collections
import itertools
import json
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import httptools  # type: ignore[import-untyped]

from .waiting import at

_PATIENCE = 60.0
_PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Reply:
    """A response; status 0 if there was none."""

    status: int
    seconds: float
    # Of time.monotonic().
    answered: float
    # Whether an unsuccessful response is a problem document or a GraphQL error with Retry-After.
    is_told: bool
    text: str

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Rejected by admission control, before any work."""
        return self.status == 429 or self.status == 503 and '"overloaded"' in self.text


@dataclass(frozen=True)
class Course:
    """The result of requests at a rate."""

    replies: list[Reply]
    # From the first request to the last response.
    seconds: float
    # CPU cores used by the crowd itself, and its largest delay in sending a request, in seconds.
    cores: float
    late: float

    @property
    def goodput(self) -> float:
        """Successful requests per second."""
        return len(self.done) / self.seconds

    @property
    def done(self) -> list[Reply]:
        return [reply for reply in self.replies if reply.is_done]

    @property
    def refused(self) -> list[Reply]:
        return [reply for reply in self.replies if reply.is_refusal]


class _Connection(asyncio.Protocol):
    """The connection of one client: one request at a time. The `on_…` methods are callbacks of httptools."""

    def __init__(self) -> None:
        self.is_open, self._began = False, 0.0
        self._answer: asyncio.Future[Reply] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is one, but is not declared as such.
        self.is_open, self._transport = True, cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)

    def connection_lost(self, failure: Exception | None) -> None:
        self.is_open = False
        self._say(Reply(0, time.monotonic() - self._began, time.monotonic(), False, repr(failure)))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        answered, status = time.monotonic(), self._parser.get_status_code()
        text = b"".join(self._body).decode() if status >= 400 else ""
        told = status >= 400 and b"retry-after" in self._headers and self._says_why(status, json.loads(text))
        if not self._parser.should_keep_alive():
            self.close()
        self._say(Reply(status, answered - self._began, answered, told, text))

    def _says_why(self, status: int, answer: dict[str, Any]) -> bool:
        if self._headers.get(b"content-type", b"").decode().startswith(_PROBLEM):
            return answer.get("status") == status
        return all("code" in error["extensions"] for error in answer["errors"])

    def ask(self, request: bytes) -> asyncio.Future[Reply]:
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._answer = asyncio.get_running_loop().create_future()
        self._began = time.monotonic()
        self._transport.write(request)
        return self._answer

    def _say(self, reply: Reply) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(reply)

    def close(self) -> None:
        self.is_open = False
        self._transport.close()


class Crowd:
    """Use it as `async with crowd(…)`. Each request comes from the address that has been idle for longest."""

    def __init__(self, url: str, addresses: Sequence[str]) -> None:
        self._server = urlsplit(url)
        self._addresses = itertools.cycle(addresses)
        self._idle: collections.deque[_Connection] = collections.deque()

    async def gather(self, people: int) -> None:
        """Opens a connection for each client."""
        self._idle.extend([await self._open() for _ in range(people)])

    async def _open(self) -> _Connection:
        loop, address = asyncio.get_running_loop(), (next(self._addresses), 0)
        host, port = self._server.hostname or "", self._server.port or 80
        _, connection = await loop.create_connection(_Connection, host, port, local_addr=address)
        return connection

    def close(self) -> None:
        for connection in self._idle:
            connection.close()

    async def ask(self, method: str, path: str, body: Any = None) -> Reply:
        return await self._send(self._request(method, path, body))

    def _request(self, method: str, path: str, body: Any) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        kind = "" if body is None else "Content-Type: application/json\r\n"
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self._server.netloc}\r\n{kind}Content-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    async def _send(self, request: bytes) -> Reply:
        began = time.monotonic()
        connection = None
        try:
            async with asyncio.timeout(_PATIENCE):
                # If all wait for responses, adds a client.
                idle = self._take()
                connection = idle or await self._open()
                reply = await connection.ask(request)
                if idle and reply.status == 0:
                    # The server just closed it because it was idle.
                    connection = await self._open()
                    reply = await connection.ask(request)
        except (TimeoutError, OSError) as failure:
            if connection is not None:
                connection.close()
            return Reply(0, time.monotonic() - began, time.monotonic(), False, repr(failure))
        if connection.is_open:
            self._idle.append(connection)
        return reply

    def _take(self) -> _Connection | None:
        """Returns the connection that has been idle for longest and is still open."""
        while self._idle:
            connection = self._idle.popleft()
            if connection.is_open:
                return connection
        return None

    async def in_turns(self, at_once: int, seconds: float, method: str, path: str, body: Any = None) -> list[Reply]:
        """Lets this number of clients send requests, each as soon as it gets a response."""
        end, request = time.monotonic() + seconds, self._request(method, path, body)
        replies: list[Reply] = []

        async def one() -> None:
            while time.monotonic() < end:
                replies.append(await self._send(request))

        await asyncio.gather(*(one() for _ in range(at_once)))
        return replies

    async def at_rate(self, rate: float, seconds: float, method: str, path: str, body: Any = None) -> Course:
        """Sends requests at this rate, whatever the responses are (open loop)."""
        request = self._request(method, path, body)
        began, cpu = time.monotonic(), time.process_time()
        asked, late = [], 0.0
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await at(due)
            late = max(late, time.monotonic() - due)
            asked.append(asyncio.ensure_future(self._send(request)))
        replies = await asyncio.gather(*asked)
        took = time.monotonic() - began
        return Course(list(replies), took, (time.process_time() - cpu) / took, late)


@asynccontextmanager
async def crowd(url: str, addresses: Sequence[str]) -> AsyncIterator[Crowd]:
    """Creates a client for each address."""
    everybody = Crowd(url, addresses)
    await everybody.gather(len(addresses))
    try:
        yield everybody
    finally:
        everybody.close()


def p99(replies: Sequence[Reply]) -> float:
    """Returns the 99th percentile in milliseconds, or 0 without responses."""
    times = sorted(reply.seconds for reply in replies)
    return round(1000 * times[math.ceil(0.99 * len(times)) - 1], 1) if times else 0.0
