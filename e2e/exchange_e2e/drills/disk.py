"""The disk is full or fails, or a COMMIT fails: no acknowledged write is lost, and writes resume when there is space.

SQLite and PostgreSQL have their own file systems, which the drill fills and empties. A library that is preloaded into
the instance causes I/O errors; a trigger of the drill, or the end of its session, makes a COMMIT of PostgreSQL fail. An
instance is only restarted by the kill -9 at the end of each run, after which the stored writes are counted.
"""

import asyncio
import contextlib
import random
import subprocess
from pathlib import Path

from ..postgres import Postgres
from ..report import Check, at_least, exactly, information, none
from ..storage import Disk, Exchange, differences, disk
from ..world import World

_SQLITE_MIB, _POSTGRES_MIB = 16, 160
# The number of writes that must all succeed each time there is space again.
_WRITES_AFTER = 10
_COMMIT_FAILS = """
CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS
    'begin raise exception ''no space'' using errcode = ''53100''; end';
CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON games DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (mod(ltrim(new.name, 'Game ')::int, 2) = 1) EXECUTE FUNCTION fails()"""
_END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND starts_with(query, 'COMMIT')"""


class _Tally:
    """The results of all runs."""

    def __init__(self) -> None:
        self.acknowledged = self.refused = 0
        self.lost: list[object] = []
        self.kept: list[object] = []
        self.not_taken: list[object] = []
        self.lies: list[object] = []
        self.unread: list[object] = []

    async def close(self, exchange: Exchange) -> None:
        """Counts the stored writes after a kill -9."""
        await exchange.restart_hard()
        lost, kept = differences(exchange, await exchange.books())
        self.lost += lost
        self.kept += kept
        self.acknowledged += len(exchange.stored)
        self.refused += len(exchange.refused)

    def checks(self, what: str) -> list[Check]:
        return [
            information(f"{what}: writes acknowledged, rejected", f"{self.acknowledged}, {self.refused}"),
            none(f"{what}: acknowledged writes lost, or ids assigned twice", self.lost),
            none(f"{what}: rejected writes that were stored", self.kept),
            none(f"{what}: writes not accepted once there was space", self.not_taken),
            none(f"{what}: ready after a rejected write", self.lies),
            none(f"{what}: failed reads meanwhile", self.unread),
        ]


async def run(world: World) -> list[Check]:
    scale = world.scale
    library = _library(world.scratch)
    return [
        *await _full_sqlite(world, scale.disk_runs),
        *await _failing_sqlite(world, library, scale.disk_runs),
        *await _commits_of_sqlite(world, library, scale.failed_commits),
        *await _postgres(world, scale.disk_runs, scale.failed_commits),
    ]


def _library(scratch: Path) -> Path:
    source, library = Path(__file__).parent.parent / "faulty.c", scratch / "faulty.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return library


async def _after(exchange: Exchange, tally: _Tally, run: object) -> None:
    """Checks that the instance notices the free space and accepts every write."""
    await exchange.is_ready()
    for _ in range(_WRITES_AFTER):
        answer = await exchange.write()
        if not answer.is_done:
            tally.not_taken.append(f"{run}: {answer.status} {answer.body}")


async def _while_full(exchange: Exchange, tally: _Tally, run: object) -> None:
    await exchange.is_refused()
    if await exchange.ready():
        tally.lies.append(run)
    if not await exchange.reads():
        tally.unread.append(run)
    await asyncio.sleep(random.uniform(0, 1))


async def _full_sqlite(world: World, runs: int) -> list[Check]:
    tally = _Tally()
    for run in range(runs):
        with disk(world.scratch / f"sqlite-{run}", _SQLITE_MIB) as storage:
            exchange = _on_sqlite(world, f"disk-full-{run}", storage)
            async with exchange:
                async with exchange.load():
                    await asyncio.sleep(random.uniform(0, 1))
                    storage.fill()
                    await _while_full(exchange, tally, run)
                    storage.give_back()
                    await _after(exchange, tally, run)
                    await asyncio.sleep(random.uniform(0, 0.5))
                await tally.close(exchange)
                await _after(exchange, tally, run)
    return tally.checks(f"SQLite, disk full ({runs} runs)")


def _on_sqlite(world: World, name: str, storage: Disk, **environment: str) -> Exchange:
    url = f"sqlite://{storage.home}/exchange.db?mode=rwc"
    return Exchange(name, world.binaries, world.logs, url, **environment)


@contextlib.contextmanager
def _faults(at: Path, kinds: str):
    at.write_text(kinds)
    try:
        yield
    finally:
        at.unlink()


async def _failing_sqlite(world: World, library: Path, runs: int) -> list[Check]:
    tally = _Tally()
    for run in range(runs):
        with disk(world.scratch / f"failing-{run}", _SQLITE_MIB) as storage:
            faults = storage.home / "faults"
            exchange = _on_sqlite(world, f"disk-failing-{run}", storage, LD_PRELOAD=str(library), FAULTS=str(faults))
            async with exchange:
                async with exchange.load():
                    await asyncio.sleep(random.uniform(0, 0.5))
                    with _faults(faults, random.choice(["w", "s", "ws"])):
                        await _while_full(exchange, tally, run)
                    await _after(exchange, tally, run)
                await tally.close(exchange)
    return tally.checks(f"SQLite, I/O errors ({runs} runs)")


async def _commits_of_sqlite(world: World, library: Path, times: int) -> list[Check]:
    """Makes the sync of each second COMMIT fail."""
    tally, failed = _Tally(), 0
    with disk(world.scratch / "commits", _SQLITE_MIB) as storage:
        faults = storage.home / "faults"
        exchange = _on_sqlite(world, "disk-commits", storage, LD_PRELOAD=str(library), FAULTS=str(faults))
        async with exchange:
            for number in range(times):
                with _faults(faults, "s"):
                    failed += not (await exchange.write()).is_done
                answer = await exchange.write()
                if not answer.is_done:
                    tally.not_taken.append(f"{number}: {answer.status} {answer.body}")
            await exchange.is_ready()
            await tally.close(exchange)
    return [exactly("SQLite: failed COMMITs", failed, times), *tally.checks("SQLite, COMMIT fails")]


async def _postgres(world: World, runs: int, commits: int) -> list[Check]:
    full, broken = _Tally(), _Tally()
    with disk(world.scratch / "postgres-disk", _POSTGRES_MIB) as storage:
        server = world.postgres_at(storage.home)
        await server.start()
        supervisor = asyncio.create_task(_supervise(server))
        try:
            for run in range(runs):
                async with await _on_postgres(world, server, f"full{run}") as exchange:
                    await _fill_postgres(exchange, storage, full, run)
                # All runs share the disk, which must be full only when the drill fills it.
                await server.rows("postgres", f"DROP DATABASE full{run} WITH (FORCE)")
            async with await _on_postgres(world, server, "commits") as exchange:
                failed = await _commits_of_postgres(exchange, server, broken, commits)
        finally:
            supervisor.cancel()
            storage.give_back()
            await server.stop()
    return [
        *full.checks(f"PostgreSQL, disk full ({runs} runs)"),
        at_least("PostgreSQL: failed COMMITs", failed, commits),
        *broken.checks("PostgreSQL, COMMIT fails"),
    ]


async def _supervise(server: Postgres) -> None:
    """Restarts PostgreSQL, which stops itself when it cannot write its log."""
    while True:
        with contextlib.suppress(Exception):
            await server.start()
        await asyncio.sleep(0.2)


async def _on_postgres(world: World, server: Postgres, name: str) -> Exchange:
    await server.create_database(name)
    return Exchange(f"disk-{name}", world.binaries, world.logs, server.url(name, name))


async def _fill_postgres(exchange: Exchange, storage: Disk, tally: _Tally, run: int) -> None:
    async with exchange.load():
        await asyncio.sleep(random.uniform(0, 1))
        storage.fill()
        await _while_full(exchange, tally, run)
        storage.give_back()
        await _after(exchange, tally, run)
    await tally.close(exchange)


async def _commits_of_postgres(exchange: Exchange, server: Postgres, tally: _Tally, times: int) -> int:
    """Makes each second COMMIT fail, and ends sessions in the middle of a COMMIT."""
    await server.rows("commits", _COMMIT_FAILS)
    failed = 0
    while failed < times:
        async with asyncio.TaskGroup() as together:
            writes = [together.create_task(exchange.write()) for _ in range(8)]
            together.create_task(server.rows("commits", _END_SESSIONS))
        failed += sum(not write.result().is_done for write in writes)
    await server.rows("commits", "DROP TRIGGER fails ON games")
    await _after(exchange, tally, "commits")
    await tally.close(exchange)
    return failed
