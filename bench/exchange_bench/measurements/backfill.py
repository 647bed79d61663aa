"""The keys of a million games, made by the leading instance after an upgrade, while a client reads and lists games."""

import time

from ..databases import Databases
from ..report import Figure, Section, figure
from ..servers import Server, ask
from ..world import World
from .scaling import p50, spaced
from .writes import NEW_TITLE

_DATABASE = "backfill"
_SEARCH = "/games?q=dragon"
_PATHS = {
    "a page of 20 games": "/games",
    "games by name": "/games?sort=name",
    "a search": _SEARCH,
    "systems": "/systems",
}
_LISTED = "a game listed"
# Leaves the database as the migration does: games without keys, and nothing that is derived from keys. Triggers are
# disabled, since nothing of this happens in use.
_FORGET = """
SET session_replication_role = replica;
UPDATE games SET title_key = '', system_key = '', sort_key = '', key_rule = 0;
TRUNCATE titles, releases, words, spellings, board_counts;
INSERT INTO board_counts (system_key, condition, year_published, games)
SELECT system_key, condition, year_published, count(*) FROM games WHERE deleted_at IS NULL GROUP BY 1, 2, 3"""


async def backfill(world: World) -> Section:
    databases, rows = world.databases, world.scale.many
    await databases.load(_DATABASE, rows)
    await _forget_keys(databases)
    meanwhile: dict[str, list[float]] = {}
    answers = incomplete = 0
    async with world.servers.exchange(databases.url(_DATABASE)) as server:
        began = time.monotonic()
        while True:
            says_so = (await ask(server.url + _SEARCH)).get("complete") is False
            if not await _are_missing(databases):
                break
            answers += 1
            incomplete += says_so
            await _take(world, server, meanwhile)
        took = time.monotonic() - began
        afterwards: dict[str, list[float]] = {}
        for _ in range(world.scale.rounds):
            await _take(world, server, afterwards)
        is_complete = "complete" not in await ask(server.url + _SEARCH)
    await databases.drop(_DATABASE)
    figures = [
        figure("until all have keys", [took], " s"),
        figure("games that get keys", [rows.games / took], " /s"),
    ]
    for what in meanwhile:
        figures += [
            figure(f"{what}, meanwhile", meanwhile[what], " ms"),
            figure(f"{what}, afterwards", afterwards[what], " ms"),
        ]
    said = f"{incomplete} of {answers}, then {'no more' if is_complete else 'still'}"
    figures.append(
        Figure("searches that say that they are incomplete", said, "all", is_complete and incomplete == answers)
    )
    return Section(f"The keys of {spaced(rows.games)} games, on PostgreSQL", figures)


async def _forget_keys(databases: Databases) -> None:
    async with await databases.postgres.connect(_DATABASE) as session:
        for statement in _FORGET.split(";"):
            await session.execute(statement.encode())
        await session.execute("VACUUM (FULL, ANALYZE)")


async def _are_missing(databases: Databases) -> bool:
    [(some,)] = await databases.postgres.rows(_DATABASE, "SELECT EXISTS (SELECT FROM games WHERE key_rule = 0)")
    return bool(some)


async def _take(world: World, server: Server, found: dict[str, list[float]]) -> None:
    """Measures each request for a moment, one at a time."""
    for what, path in _PATHS.items():
        found.setdefault(what, []).append(await p50(world, server, path))
    load = await world.wrk.load(
        server.url, world.scale.scaling_seconds, 1, "list", (world.scale.many.people, NEW_TITLE)
    )
    found.setdefault(_LISTED, []).append(load.p50)
