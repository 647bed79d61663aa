"""Many people who ask at a rate, or as fast as they are answered: for what happens when they ask too much."""

import asyncio
import itertools
import json
import math
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from .waiting import at

_PATIENCE = aiohttp.ClientTimeout(total=60)
_PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Reply:
    """Status 0 where there was none."""

    status: int
    seconds: float
    # Of time.monotonic().
    answered: float
    # Is it, where it is no success, a problem document with a time to wait?
    is_told: bool
    text: str

    @property
    def is_done(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_refusal(self) -> bool:
        """Turned away at the door, before any work."""
        return self.status == 429 or self.status == 503 and '"overloaded"' in self.text


class Crowd:
    """Use it as `async with crowd(…)`. Each request comes from the next address."""

    def __init__(self, sessions: Sequence[aiohttp.ClientSession], url: str) -> None:
        self._sessions = itertools.cycle(sessions)
        self._url = url

    async def ask(self, method: str, path: str, body: Any = None) -> Reply:
        began = time.monotonic()
        try:
            async with next(self._sessions).request(method, self._url + path, json=body) as response:
                text = await response.text()
                status, headers = response.status, response.headers
        except (TimeoutError, aiohttp.ClientError, ConnectionError) as failure:
            return Reply(0, time.monotonic() - began, time.monotonic(), False, repr(failure))
        told = headers.get("Content-Type", "").startswith(_PROBLEM) and "Retry-After" in headers
        told = told and json.loads(text).get("status") == status
        return Reply(status, time.monotonic() - began, time.monotonic(), told, text if status >= 400 else "")

    async def in_turns(self, at_once: int, seconds: float, method: str, path: str, body: Any = None) -> list[Reply]:
        """So many ask again and again, each as soon as it is answered."""
        end = time.monotonic() + seconds
        replies: list[Reply] = []

        async def one() -> None:
            while time.monotonic() < end:
                replies.append(await self.ask(method, path, body))

        await asyncio.gather(*(one() for _ in range(at_once)))
        return replies

    async def at_rate(self, rate: float, seconds: float, method: str, path: str, body: Any = None) -> list[Reply]:
        """Asks at this rate whatever the answers are, as the world does."""
        began = time.monotonic()
        asked = []
        for number in range(int(rate * seconds)):
            await at(began + number / rate)
            asked.append(asyncio.ensure_future(self.ask(method, path, body)))
        return list(await asyncio.gather(*asked))


@asynccontextmanager
async def crowd(url: str, addresses: Sequence[str]) -> AsyncIterator[Crowd]:
    sessions = [
        aiohttp.ClientSession(
            timeout=_PATIENCE, connector=aiohttp.TCPConnector(local_addr=(address, 0), limit=0, force_close=True)
        )
        for address in addresses
    ]
    try:
        yield Crowd(sessions, url)
    finally:
        await asyncio.gather(*(session.close() for session in sessions))


def p99(replies: Sequence[Reply]) -> float:
    """In milliseconds; 0 where there are none."""
    times = sorted(reply.seconds for reply in replies)
    return round(1000 * times[math.ceil(0.99 * len(times)) - 1], 1) if times else 0.0
