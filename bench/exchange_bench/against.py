"""Compares this build with another, read by read and write by write: the ratio of the rates, with an interval.

Both run the same requests on the same rows and the same server, in turns. Each has its own database, which it migrates
itself, so that their schemas may differ; the rows are copied column by column.
"""

import shutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from . import refill
from .databases import Pairs
from .measurements.reads import Request, ask_on, of_the_exchange
from .measurements.scaling import LISTS, first_game
from .measurements.writes import NEW_TITLE, WRITES, Write, bodies_of_the_board, list_games, load
from .report import LEAST, Figure, Section, compared
from .servers import Server, ask, has
from .world import World

_KNOWN, _NEW = "games listed, of titles on the board", "games listed, of new titles"
# The least ratios that differ from the usual one.
_LEASTS = {_KNOWN: 0.9, _NEW: None}
_SOURCE, _COPY = "against_source", "against_copy"

Rate = Callable[["Build"], Awaitable[float]]


@dataclass(frozen=True)
class Build:
    """A program, and its database on PostgreSQL."""

    name: str
    api: Path
    # Requests a second, by measurement.
    rates: dict[str, list[float]] = field(default_factory=dict)

    @property
    def database(self) -> str:
        return f"against_{self.name}"


@dataclass(frozen=True)
class _Duel:
    world: World
    builds: tuple[Build, Build]

    async def take(self, what: str, rate: Rate) -> None:
        """Runs one round. The order alternates between rounds, so that other load on the machine affects both alike."""
        first, second = self.builds
        rounds = len(first.rates.get(what, []))
        for build in (first, second) if rounds % 2 == 0 else (second, first):
            build.rates.setdefault(what, []).append(await rate(build))

    def server(self, build: Build, database: str) -> Server:
        return self.world.servers.exchange(database, api=build.api)

    def figures(self) -> list[Figure]:
        this, other = self.builds
        return [compared(what, this.rates[what], other.rates[what], _LEASTS.get(what, LEAST)) for what in this.rates]


async def against(world: World, other: Path) -> list[Section]:
    """Compares this build with `other`, the `api` of another build."""
    pairs = Pairs(round(world.scale.writes_per_second * world.scale.seconds), world.scale.rows.people)
    sections = []
    for title, measure in [("Reads", _reads), ("Writes", _writes), ("On SQLite", _sqlite)]:
        builds = Build("this", world.servers.binaries / "api"), Build("other", other.resolve())
        duel = _Duel(world, builds)
        await measure(duel, pairs)
        sections.append(Section(f"{title}: this build to the other, with 95 % intervals", duel.figures()))
    return sections


async def _prepare(duel: _Duel, pairs: Pairs | None) -> None:
    """Fills the database of each build on PostgreSQL with the same rows."""
    databases = duel.world.databases
    await databases.drop(_SOURCE)
    await databases.load(_SOURCE, duel.world.scale.rows)
    if pairs is not None:
        await databases.add_pairs(_SOURCE, pairs)
    for build in duel.builds:
        await databases.drop(build.database)
        await databases.postgres.create_database(build.database)
        async with duel.server(build, databases.url(build.database)):
            pass
        await refill.postgres(databases.postgres, _SOURCE, build.database)
    await databases.drop(_SOURCE)


async def _reads(duel: _Duel, _pairs: Pairs) -> None:
    world = duel.world
    await _prepare(duel, None)
    async with AsyncExitStack() as stack:
        servers = {
            build.name: await stack.enter_async_context(duel.server(build, world.databases.url(build.database)))
            for build in duel.builds
        }
        [game, *_] = (await ask(f"{servers['this'].url}/games"))["_embedded"]["games"]
        lists = {one.what: Request(one.path, len) for one in LISTS}
        for what, request in (of_the_exchange(game["id"]) | lists).items():
            if request.query is None and not await has(servers["other"].url + request.path):
                # An earlier build may lack it. If this one does, the run fails below.
                continue

            async def rate(build: Build, request: Request = request) -> float:
                return (await ask_on(world, servers[build.name], request, world.scale.seconds)).rate

            for server in servers.values():
                # Checks that the response has no errors, and warms up.
                await ask(server.url + request.path, request.query)
            await _rounds(duel, what, rate)
    for build in duel.builds:
        await world.databases.drop(build.database)


async def _writes(duel: _Duel, pairs: Pairs) -> None:
    world = duel.world
    await _prepare(duel, pairs)
    for write in WRITES:

        async def rate(build: Build, write: Write = write) -> float:
            await world.databases.copy(build.database, _COPY)
            async with duel.server(build, world.databases.url(_COPY)) as server:
                return await load(world, server, pairs, write.creates)

        await _rounds(duel, write.what, rate)
    for what in (_KNOWN, _NEW):

        async def listed(build: Build, what: str = what) -> float:
            await world.databases.copy(build.database, _COPY)
            async with duel.server(build, world.databases.url(_COPY)) as server:
                return await _listed(world, server, what)

        await _rounds(duel, what, listed)
    for name in (_COPY, *(build.database for build in duel.builds)):
        await world.databases.drop(name)


async def _sqlite(duel: _Duel, pairs: Pairs) -> None:
    """Restores the original rows for each round of each build."""
    world = duel.world
    source = world.scratch / "against-source.db"
    await world.databases.load_sqlite(source, world.scale.rows, pairs)
    for build in duel.builds:
        async with duel.server(build, f"sqlite://{_file(world, build)}?mode=rwc"):
            pass
        refill.sqlite(source, _file(world, build))
    source.unlink()
    copy = world.scratch / f"{_COPY}.db"

    async def started(build: Build, measure: Callable[[Server], Awaitable[float]]) -> float:
        shutil.copy(_file(world, build), copy)
        async with duel.server(build, f"sqlite://{copy}") as server:
            return await measure(server)

    async def game(server: Server) -> float:
        path = await first_game(server)
        return (await ask_on(world, server, Request(path, len), world.scale.seconds)).rate

    async def page(server: Server) -> float:
        return (await ask_on(world, server, Request("/games", len), world.scale.seconds)).rate

    async def settled(server: Server) -> float:
        return await load(world, server, pairs, creates=False)

    async def known(server: Server) -> float:
        return await _listed(world, server, _KNOWN)

    async def new(server: Server) -> float:
        return await _listed(world, server, _NEW)

    measures = {"one game": game, "a page of 20 games": page, "offers settled": settled, _KNOWN: known, _NEW: new}
    for what, measure in measures.items():

        async def rate(build: Build, measure: Callable[[Server], Awaitable[float]] = measure) -> float:
            return await started(build, measure)

        await _rounds(duel, what, rate)


async def _listed(world: World, server: Server, what: str) -> float:
    bodies = [NEW_TITLE] if what == _NEW else await bodies_of_the_board(server)
    return await list_games(world, server, bodies)


def _file(world: World, build: Build) -> Path:
    return world.scratch / f"{build.database}.db"


async def _rounds(duel: _Duel, what: str, rate: Rate) -> None:
    for _ in range(duel.world.scale.rounds):
        await duel.take(what, rate)
