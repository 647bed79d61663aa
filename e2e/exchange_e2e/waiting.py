"""Waiting for something to become true. The only place where the harness sleeps."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class NotInTime(Exception):
    """What was waited for did not happen."""


async def until(what: str, condition: Callable[[], Awaitable[T | None]], *, within: float, every: float = 0.05) -> T:
    """Asks again and again until `condition` gives something true, and gives that. `within` and `every` are seconds."""
    deadline = time.monotonic() + within
    while True:
        found = await condition()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise NotInTime(f"not within {within:g} s: {what}")
        await asyncio.sleep(every)


async def at(moment: float) -> None:
    """Waits for this moment of `time.monotonic()`: for load at a given rate, and outages of a given length."""
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
