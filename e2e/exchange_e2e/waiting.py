"""Waits for conditions. The only place where the harness sleeps."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class NotInTime(Exception):
    """A condition did not become true in time."""


async def until(what: str, condition: Callable[[], Awaitable[T | None]], *, within: float, every: float = 0.05) -> T:
    """Polls `condition` until it returns a true value, and returns that. `within` and `every` are seconds."""
    deadline = time.monotonic() + within
    while True:
        found = await condition()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise NotInTime(f"not within {within:g} s: {what}")
        await asyncio.sleep(every)


async def at(moment: float) -> None:
    """Waits until this moment of `time.monotonic()`: for load at a given rate, and outages of a given length."""
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
