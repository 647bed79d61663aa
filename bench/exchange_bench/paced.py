"""Sends requests at a fixed rate (open loop). The time of each counts from when it was due, so a system that falls
behind cannot hide it.
"""

import asyncio
import statistics
import time

import aiohttp
from exchange_e2e.waiting import at


async def paced(url: str, query: str | None, rate: float, seconds: float) -> float:
    """Returns the p99 of the response time in milliseconds; fails on any status but 200."""
    times: list[float] = []

    async def one(session: aiohttp.ClientSession, due: float) -> None:
        method, body = ("GET", None) if query is None else ("POST", {"query": query})
        async with session.request(method, url, json=body) as answer:
            await answer.read()
        times.append((time.monotonic() - due) * 1e3)

    connector = aiohttp.TCPConnector(limit=32)
    async with aiohttp.ClientSession(connector=connector, raise_for_status=True) as session:
        began = time.monotonic()
        async with asyncio.TaskGroup() as requests:
            for number in range(max(2, round(rate * seconds))):
                due = began + number / rate
                await at(due)
                requests.create_task(one(session, due))
    return statistics.quantiles(times, n=100, method="inclusive")[98]
