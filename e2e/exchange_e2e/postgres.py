"""A durable PostgreSQL server: fsync is on, unlike in the server of the tests.

Each deployment has its own database in it.
"""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from .ports import free_port
from .processes import Process

# PostgreSQL refuses to run as root.
_OWNER = "postgres"


class Postgres:
    def __init__(self, binaries: Path, scratch: Path, logs: Path, segment_size: int = 16) -> None:
        self._binaries = binaries
        # The maximum size of its log, in MiB.
        self._segment_size = segment_size
        self._home = scratch / "postgres"
        self._data = self._home / "data"
        self._password = secrets.token_hex(16)
        self._port = free_port()
        command = [str(binaries / "postgres"), "-D", str(self._data), "-p", str(self._port)]
        self._server = Process("postgres", command, {}, logs / "postgres.log", self._answers, user=_OWNER)

    async def start(self) -> None:
        """Starts it unless it is running; the first time with a new cluster."""
        if not self._home.exists():
            await asyncio.to_thread(self._create_cluster)
        if not self._server.is_running:
            await self._server.start()

    def _create_cluster(self) -> None:
        self._home.mkdir()
        password = self._home / "password"
        password.write_text(self._password)
        if os.geteuid() == 0:
            shutil.chown(self._home, _OWNER)
            shutil.chown(password, _OWNER)
        command = [
            str(self._binaries / "initdb"),
            "-D",
            str(self._data),
            "--username=postgres",
            "--encoding=UTF8",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--locale=C",
            f"--wal-segsize={self._segment_size}",
        ]
        subprocess.run(command, check=True, capture_output=True, cwd="/", user=_OWNER if os.geteuid() == 0 else None)
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 300\n")

    async def stop(self) -> None:
        await self._server.terminate(signal.SIGINT)

    async def restart_hard(self) -> None:
        """Drops every session at once without writing, and recovers from the log, as after a power failure."""
        await self._server.terminate(signal.SIGQUIT)
        await self.start()

    def url(self, database: str, application: str) -> str:
        """Returns the URL of the database for a program. The server shows `application` for each of its sessions."""
        return f"postgres://postgres:{self._password}@127.0.0.1:{self._port}/{database}?application_name={application}"

    async def create_database(self, name: str) -> None:
        async with await self.connect("postgres") as session:
            await session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    async def connect(self, database: str) -> psycopg.AsyncConnection[TupleRow]:
        """Opens a session in autocommit mode."""
        return await psycopg.AsyncConnection.connect(self.url(database, "harness"), autocommit=True)

    async def rows(self, database: str, query: str, *values: Any) -> list[TupleRow]:
        async with await self.connect(database) as session:
            cursor = await session.execute(query, values)
            return await cursor.fetchall() if cursor.description else []

    async def _answers(self) -> bool:
        try:
            await self.rows("postgres", "SELECT 1")
        except psycopg.OperationalError:
            return False
        return True
