"""A disk that can be filled, an exchange on it, and a record of that exchange's responses."""

import asyncio
import contextlib
import itertools
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from .client import Answer, Client
from .deployment import DEVELOPMENT_SECRET, Program
from .ports import free_port
from .waiting import until

# The error code after which it is unknown whether the write was executed.
_IN_DOUBT = "outcome_unknown"
_MEBIBYTE = b"\0" * (1 << 20)


class Disk:
    """A file system in memory, with a size in MiB."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._ballast = home / "ballast"

    def fill(self) -> None:
        """Fills it to the last byte."""
        with self._ballast.open("ab", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while ballast.write(_MEBIBYTE[:size]) == size:
                        pass

    def give_back(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextlib.contextmanager
def disk(home: Path, mebibytes: int) -> Iterator[Disk]:
    """Mounts a disk at this path until the end of the block. Requires root."""
    home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=711", "tmpfs", str(home)], check=True)
    try:
        yield Disk(home)
    finally:
        subprocess.run(["umount", "-l", str(home)], check=True)
        shutil.rmtree(home, ignore_errors=True)


class Exchange:
    """One instance, without Kafka. Use it as `async with`."""

    def __init__(self, name: str, binaries: Path, logs: Path, database: str, **environment: str) -> None:
        port = free_port()
        settings = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "JWT_SECRET": DEVELOPMENT_SECRET,
            "TRUST_X_USER_ID": "true",
            "DATABASE_URL": database,
            "LOG_FORMAT": "json",
            "RUST_LOG": "warn",
        }
        self.url = f"http://127.0.0.1:{port}"
        self.program = Program(name, [str(binaries / "api")], settings | environment, logs / f"{name}.log", self.url)
        self.client = Client([self.url])
        # The acknowledged games, names by id; and the names of those that were finally rejected.
        self.stored: dict[int, str] = {}
        self.refused: set[str] = set()
        self.twice: list[int] = []
        self._numbers = itertools.count()
        self._owner = 0

    async def __aenter__(self) -> "Exchange":
        await self.program.start()
        self._owner = (await self.client.register("owner", "Owner", "Street 1")).id
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.client.close()
        await self.program.kill()

    async def write(self) -> Answer:
        """Lists a game, and records the outcome."""
        name = f"Game {next(self._numbers)}"
        body = {
            "name": name,
            "publisher": "Nintendo",
            "year_published": 1990,
            "gaming_system": "NES",
            "condition": "good",
        }
        answer = await self.client.ask("POST", "/games", body, by=self._owner)
        if answer.is_done:
            id = int(answer.body["id"])
            if id in self.stored:
                self.twice.append(id)
            self.stored[id] = name
        elif answer.status and answer.body["code"] != _IN_DOUBT:
            self.refused.add(name)
        return answer

    @contextlib.asynccontextmanager
    async def load(self, writers: int = 4) -> AsyncIterator[None]:
        """Lets people write until the end of the block."""

        async def writer() -> None:
            while True:
                await self.write()
                await asyncio.sleep(random.uniform(0, 0.02))

        async with asyncio.TaskGroup() as people:
            tasks = [people.create_task(writer()) for _ in range(writers)]
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()

    async def is_refused(self) -> None:
        """Waits until a write is rejected."""

        async def refusal() -> bool:
            return not (await self.write()).is_done

        await until("a write is rejected", refusal, within=60, every=0.01)

    async def ready(self) -> bool:
        return (await self.client.ask("GET", "/health/ready")).is_done

    async def is_ready(self) -> None:
        await until("the instance is ready again", self.ready, within=60, every=0.1)

    async def reads(self) -> bool:
        return (await self.client.ask("GET", "/games?limit=1")).is_done

    async def restart_hard(self) -> None:
        await self.program.kill()
        await self.program.start()

    async def books(self) -> dict[int, str]:
        """Returns all games that the exchange lists."""
        games: dict[int, str] = {}
        path: str | None = "/games?limit=100"
        while path:
            answer = await self.client.insist("GET", path)
            games |= {game["id"]: game["name"] for game in answer.body["_embedded"]["games"]}
            path = answer.body["_links"].get("next", {}).get("href")
        return games


def differences(exchange: Exchange, books: dict[int, str]) -> tuple[list[Any], list[Any]]:
    """Returns the acknowledged games that are missing, and the rejected ones that exist."""
    lost = [id for id, name in exchange.stored.items() if books.get(id) != name]
    kept = [name for name in books.values() if name in exchange.refused]
    return [*lost, *exchange.twice], kept
