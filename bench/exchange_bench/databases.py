"""Databases with rows in them: on PostgreSQL, with the same rows in the schema of the peers, and on SQLite."""

import asyncio
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from exchange_e2e.postgres import Postgres

from .scale import Rows

_BENCH = Path(__file__).parent.parent
# Far beyond the ids of the loaded rows, and easy to recognise.
_FIRST_GAME = 700_000_001
_FIRST_OFFER = 800_000_001


@dataclass(frozen=True)
class Pairs:
    """Creates twice `count` pairs of games that no other offer names, see pairs.sql, and offers for half of them."""

    count: int
    people: int
    game: int = _FIRST_GAME
    offer: int = _FIRST_OFFER

    def sql(self) -> str:
        text = (_BENCH / "pairs.sql").read_text()
        return text.format(count=self.count, people=self.people, game=self.game, offer=self.offer)


class Databases:
    """`binaries` has `bench`, `programs` PostgreSQL's programs; `log` is the server's log."""

    def __init__(self, postgres: Postgres, binaries: Path, programs: Path, log: Path) -> None:
        self.postgres, self.programs, self.log = postgres, programs, log
        self._bench = binaries / "bench"

    def url(self, name: str) -> str:
        return self.postgres.url(name, "bench").partition("?")[0]

    async def load(self, name: str, rows: Rows) -> None:
        """Creates a database on PostgreSQL with these rows."""
        await self.postgres.create_database(name)
        await self._load(self.url(name), rows)

    async def add_peers(self, name: str) -> None:
        """Creates the same rows for the peers."""
        await self.postgres.rows(name, (_BENCH / "peers" / "schema.sql").read_text())
        await self.postgres.rows(name, "VACUUM ANALYZE")

    async def add_pairs(self, name: str, pairs: Pairs) -> None:
        await self.postgres.rows(name, pairs.sql().replace("%", "%%"))
        for table in ("games", "offers"):
            count_on = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            await self.postgres.rows(name, count_on)
        await self.postgres.rows(name, "VACUUM ANALYZE")

    async def copy(self, name: str, to: str) -> None:
        """Copies an unused database, replacing any database of the new name."""
        await self.drop(to)
        await self.postgres.rows("postgres", f"CREATE DATABASE {to} TEMPLATE {name} STRATEGY file_copy")

    async def drop(self, name: str) -> None:
        await self.postgres.rows("postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def load_sqlite(self, path: Path, rows: Rows, pairs: Pairs | None = None) -> None:
        """Creates a database on SQLite with these rows and pairs."""
        await self._load(f"sqlite://{path}?mode=rwc", rows)
        with closing(sqlite3.connect(path)) as connection:
            if pairs is not None:
                connection.executescript(pairs.sql())
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def _load(self, url: str, rows: Rows) -> None:
        options = [f"--people={rows.people}", f"--games={rows.games}", f"--offers={rows.offers}"]
        environment = {**os.environ, "DATABASE_URL": url}
        process = await asyncio.create_subprocess_exec(self._bench, "load", *options, env=environment)
        if await process.wait():
            raise RuntimeError(f"bench load ended with {process.returncode}")
