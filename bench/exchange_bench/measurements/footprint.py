"""Resources of an instance: the time to its first response, instructions for each request, and size on disk."""

import asyncio
import re
import shutil
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from ..report import Figure, Section, figure
from ..servers import Server, ask
from ..world import World

_DATABASE = "footprint"
_ROOT = Path(__file__).parents[3]
_REQUESTS = {
    "one game": ("/games/{game}", None),
    "a page of 20 games": ("/games", None),
    "20 offers nested": (
        "/graphql",
        "{ offers(first: 20) { nodes { databaseId offeredGames { ...G } requestedGames { ...G } } } } "
        "fragment G on Game { name owner { name } }",
    ),
}


async def footprint(world: World) -> Section:
    databases, servers = world.databases, world.servers
    await databases.load(_DATABASE, world.scale.rows)
    url = databases.url(_DATABASE)
    async with servers.exchange(url) as server:
        page = await ask(f"{server.url}/games")
    game = page["_embedded"]["games"][0]["id"]
    live, first = [], []
    for _ in range(world.scale.rounds):
        live.append(await _time_to(servers.exchange(url), "/health/live"))
        first.append(await _time_to(servers.exchange(url), f"/games/{game}"))
    figures = [
        figure("from its start to /health/live", live, " ms"),
        figure("from its start to the first game, on a migrated database", first, " ms", most=300),
    ]
    if world.scale.counted_requests:
        figures += await _instructions(world, url, game)
    size = (servers.binaries / "api").stat().st_size / 2**20
    figures.append(figure("the program", [size], " MiB"))
    if world.scale.measures:
        figures += await _image()
    await databases.drop(_DATABASE)
    return Section("What an instance takes", figures)


async def _time_to(server: Server, path: str) -> float:
    """Returns the milliseconds from the start of the process to its first 200 at this path."""
    began = time.monotonic()
    starting = asyncio.create_task(server.start())
    address = urlsplit(server.url)
    assert address.port is not None
    try:
        while not await _is_ok(address.port, path):
            await asyncio.sleep(0.001)
        took = time.monotonic() - began
        await starting
    finally:
        starting.cancel()
        await server.terminate()
    return took * 1e3


async def _is_ok(port: int, path: str) -> bool:
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        status = await reader.readline()
        writer.close()
        return b" 200 " in status
    return False


async def _instructions(world: World, url: str, game: int) -> list[Figure]:
    """Counts instructions with valgrind, including background work. The first request of each kind is not counted."""
    out = world.scratch / "callgrind"
    valgrind = ("valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--quiet")
    figures = []
    async with world.servers.exchange(url, valgrind) as server, aiohttp.ClientSession(server.url) as session:
        for dump, (what, (path, query)) in enumerate(_REQUESTS.items(), start=1):

            async def requests(count: int, path: str = path.format(game=game), query: str | None = query) -> None:
                method, body = ("GET", None) if query is None else ("POST", {"query": query})
                for _ in range(count):
                    async with session.request(method, path, json=body, raise_for_status=True) as answer:
                        await answer.read()

            await requests(1 + world.scale.counted_requests // 10)
            await _control("--zero", server.pid)
            await requests(world.scale.counted_requests)
            await _control("--dump", server.pid)
            counted = _totals(out.with_name(f"{out.name}.{dump}"))
            figures.append(
                figure(f"instructions for {what}", [counted / world.scale.counted_requests / 1e3], " thousand")
            )
    return figures


async def _control(command: str, pid: int) -> None:
    process = await asyncio.create_subprocess_exec(
        "callgrind_control", command, str(pid), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    if await process.wait():
        raise RuntimeError(f"callgrind_control {command} ended with {process.returncode}")


def _totals(dump: Path) -> int:
    found = re.search(r"^(?:totals|summary): (\d+)", dump.read_text(errors="replace"), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{dump} has no totals")
    return int(found[1])


async def _image() -> list[Figure]:
    """Builds the image and returns its size, if there is a Docker engine."""
    docker = shutil.which("docker")
    if docker is None or await _output(docker, "info") is None:
        return []
    image = await _output(docker, "build", "--quiet", str(_ROOT))
    size = image and await _output(docker, "image", "inspect", "--format", "{{.Size}}", image)
    if not size:
        raise RuntimeError("docker build failed: try it by hand")
    return [figure("the image", [int(size) / 2**20], " MiB")]


async def _output(*command: str) -> str | None:
    """Returns the output of a command; nothing if it fails."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    output, _ = await process.communicate()
    return output.decode().strip() if process.returncode == 0 else None
