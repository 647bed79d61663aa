"""The default database: one process on SQLite, compared with the flushes of its disk, and with fifty writers."""

import os
import shutil
import time
from pathlib import Path

from ..databases import Pairs
from ..report import Figure, Section, figure, ratio
from ..servers import ask
from ..world import World
from .writes import load

_BLOCK = b"\0" * 4096
_WRITERS = 50


async def sqlite(world: World) -> Section:
    scale = world.scale
    pairs = Pairs(round(scale.writes_per_second * scale.seconds), scale.rows.people)
    original, copy = world.scratch / "original.db", world.scratch / "copy.db"
    await world.databases.load_sqlite(original, scale.rows, pairs)
    games, pages, settled, flushes = [], [], [], []
    for _ in range(scale.rounds):
        shutil.copy(original, copy)
        flushes.append(_flushes(world.scratch, scale.seconds))
        async with world.servers.exchange(f"sqlite://{copy}") as server:
            page = await ask(f"{server.url}/games")
            path = page["_embedded"]["games"][0]["_links"]["self"]["href"]
            games.append((await world.wrk.load(server.url + path, scale.seconds, scale.connections)).rate)
            pages.append((await world.wrk.load(f"{server.url}/games", scale.seconds, scale.connections)).rate)
            settled.append(await load(world, server, pairs, creates=False))
    async with world.servers.exchange(f"sqlite://{copy}") as server:
        url = f"{server.url}/games"
        statuses = await world.wrk.statuses(url, scale.writers_seconds, scale.rows.people, _WRITERS)
    failed = {status: count for status, count in statuses.items() if status != 201}
    told = f"{failed or 'none'} of {sum(statuses.values())}"
    figures = [
        figure("flushes of the disk, 4 KiB each", flushes, " /s"),
        figure("one game", games, " /s"),
        figure("a page of 20 games", pages, " /s"),
        figure("offers settled", settled, " /s"),
        ratio("offers settled to flushes", settled, flushes, least=0.5),
        Figure(f"{_WRITERS} writers for {scale.writers_seconds:g} s: failed, by status", told, "none", not failed),
    ]
    return Section("On SQLite", figures)


def _flushes(directory: Path, seconds: float) -> float:
    """Returns the number of 4 KiB flushes per second."""
    path = directory / "flushed"
    count, began = 0, time.monotonic()
    with path.open("wb", buffering=0) as file:
        while time.monotonic() < began + seconds:
            file.write(_BLOCK)
            os.fdatasync(file.fileno())
            count += 1
    path.unlink()
    return count / (time.monotonic() - began)
