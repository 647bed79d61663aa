"""Copies the rows of one database into another that a different build migrated, for the columns that both have."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path

from exchange_e2e.postgres import Postgres
from psycopg import sql

# The tables in which a build records its own state.
_OWN = ("seaql_migrations",)
# The tables that triggers on other tables fill. Only PostgreSQL disables triggers here.
_COUNTED = ("board_counts",)
# In `public`, without generated columns.
_COLUMNS = """
SELECT table_name, column_name
FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' ORDER BY 1, ordinal_position"""
_IDENTITIES = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public' AND pg_get_serial_sequence(quote_ident(table_name), column_name) IS NOT NULL"""

Columns = Mapping[str, list[str]]


async def postgres(server: Postgres, source: str, target: str) -> None:
    """Copies between databases of this server. Foreign keys are disabled, so the order of tables does not matter."""
    columns = _shared(_grouped(await server.rows(source, _COLUMNS)), _grouped(await server.rows(target, _COLUMNS)))
    async with await server.connect(source) as reader, await server.connect(target) as writer:
        await writer.execute("SET session_replication_role = replica")
        tables = sql.SQL(", ").join(map(sql.Identifier, columns))
        await writer.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
        for table, names in columns.items():
            listed = sql.SQL(", ").join(map(sql.Identifier, names))
            of = (sql.Identifier(table), listed)
            read = sql.SQL("COPY {} ({}) TO STDOUT").format(*of)
            write = sql.SQL("COPY {} ({}) FROM STDIN").format(*of)
            async with reader.cursor().copy(read) as rows, writer.cursor().copy(write) as taken:
                async for part in rows:
                    await taken.write(part)
        for table, name in await server.rows(target, _IDENTITIES):
            count_on = "SELECT setval(pg_get_serial_sequence({}, {}), greatest(max({}), 1)) FROM {}"
            column, place = sql.Identifier(name), sql.Identifier(table)
            await writer.execute(sql.SQL(count_on).format(sql.Literal(table), sql.Literal(name), column, place))
        await writer.execute("VACUUM ANALYZE")


def sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(target, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("ATTACH ? AS source", (str(source),))
        for table, names in _shared(_of_file(connection, "source"), _of_file(connection, "main")).items():
            if table in _COUNTED:
                continue
            listed = ", ".join(f'"{name}"' for name in names)
            connection.execute(f'DELETE FROM main."{table}"')
            connection.execute(f'INSERT INTO main."{table}" ({listed}) SELECT {listed} FROM source."{table}"')
        connection.execute("DETACH source")
        connection.execute("ANALYZE")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _of_file(connection: sqlite3.Connection, schema: str) -> Columns:
    """Returns the columns, without generated ones and shadow tables of virtual tables, which triggers fill."""
    tables = connection.execute("SELECT name FROM pragma_table_list WHERE schema = ? AND type = 'table'", (schema,))
    names = [name for (name,) in tables if not name.startswith("sqlite_")]
    return {name: _columns(connection, schema, name) for name in names}


def _columns(connection: sqlite3.Connection, schema: str, table: str) -> list[str]:
    columns = connection.execute(f"PRAGMA {schema}.table_xinfo('{table}')")
    return [name for _, name, *_, hidden in columns if not hidden]


def _grouped(rows: Iterable[tuple[str, str]]) -> Columns:
    found: dict[str, list[str]] = {}
    for table, column in rows:
        found.setdefault(table, []).append(column)
    return found


def _shared(source: Columns, target: Columns) -> Columns:
    shared = {
        table: [name for name in names if name in target[table]]
        for table, names in source.items()
        if table in target and table not in _OWN
    }
    return {table: names for table, names in shared.items() if names}
