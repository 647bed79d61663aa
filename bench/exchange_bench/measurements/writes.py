"""Writes on PostgreSQL: offers made and settled, compared with pgbench, which runs the same statements on as many
connections. Each round uses a copy of the same database, and writes each of its pairs of games at most once.
"""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from ..databases import Pairs
from ..report import Section, figure, ratio
from ..servers import Server, ask
from ..statements import script, transaction
from ..world import World
from ..wrk import BadAnswers

_ORIGINAL, _COPY = "writes", "writes_copy"
# The size of an instance's connection pool.
CONNECTIONS = 20
# The pair for the logged write. The ids of its two people differ from all other parameters.
_SEEN = 45
_VARIABLES = """\\set turn :turn + 1
\\set k :first + :client_id + :turn * :clients
\\set offer :first_offer + :k
\\set offered :first_game + 2 * :k
\\set requested :first_game + 2 * :k + 1
\\set offerer 1 + (2 * :k) % :people
\\set receiver 1 + (2 * :k + 1) % :people
"""


@dataclass(frozen=True)
class Write:
    """A write of the exchange."""

    what: str
    # The beginning of a statement that no other transaction has.
    statement: str
    # Does it make an offer? Else it settles one.
    creates: bool


# A game whose title is another one in each request; see list.lua.
NEW_TITLE = json.dumps(
    {"name": "Dragon #", "publisher": "Sega", "year_published": 1990, "gaming_system": "NES", "condition": "good"}
)
_CREATE = Write("offers made", 'INSERT INTO "offers"', True)
_SETTLE = Write("offers settled", 'INSERT INTO "game_transfers"', False)
WRITES = (_CREATE, _SETTLE)


async def writes(world: World) -> Section:
    databases, scale = world.databases, world.scale
    pairs = Pairs(round(scale.writes_per_second * scale.seconds), scale.rows.people)
    await databases.load(_ORIGINAL, scale.rows)
    await databases.add_pairs(_ORIGINAL, pairs)
    await databases.add_peers(_ORIGINAL)
    figures = []
    for write, goal in [(_CREATE, None), (_SETTLE, 0.5)]:
        statements = await _statements(world, pairs, write)
        ours, bare, fastapi = [], [], []
        for _ in range(scale.rounds):
            ours.append(await _exchange(world, pairs, write))
            bare.append(await _pgbench(world, pairs, write, statements))
            if write.creates:
                fastapi.append(await _fastapi(world, pairs))
        figures += [
            figure(f"{write.what}: exchange", ours, " /s"),
            figure(f"{write.what}: pgbench", bare, " /s"),
            ratio(f"{write.what}: exchange to pgbench", ours, bare, least=goal),
        ]
        if fastapi:
            figures += [
                figure(f"{write.what}: FastAPI", fastapi, " /s"),
                ratio(f"{write.what}: exchange to FastAPI", ours, fastapi),
            ]
    for name in (_COPY, _ORIGINAL):
        await databases.drop(name)
    return Section("Writes, on PostgreSQL", figures)


async def load(world: World, server: Server, pairs: Pairs, creates: bool, connections: int = CONNECTIONS) -> float:
    """Measures the offers that an exchange makes or settles in a second."""
    numbers = (pairs.count, pairs.people)
    if creates:
        arguments: tuple[object, ...] = ("/offers", pairs.game, pairs.count, *numbers)
        found = await world.wrk.load(server.url, world.scale.seconds, connections, "create", arguments)
    else:
        arguments = (pairs.offer, 0, *numbers)
        found = await world.wrk.load(server.url, world.scale.seconds, connections, "settle", arguments)
    if found.requests >= pairs.count - connections:
        raise BadAnswers("all pairs were used up: raise writes_per_second in scale.py")
    return found.rate


async def list_games(world: World, server: Server, bodies: Sequence[str]) -> float:
    """Measures the games that an exchange lists in a second: for all people, with one body after the other."""
    arguments = (world.scale.rows.people, *bodies)
    return (await world.wrk.load(server.url, world.scale.seconds, CONNECTIONS, "list", arguments)).rate


async def bodies_of_the_board(server: Server) -> list[str]:
    """Returns what lists the first hundred games again."""
    page = await ask(f"{server.url}/games?limit=100")
    names = ("name", "publisher", "year_published", "gaming_system", "condition")
    return [json.dumps({name: game[name] for name in names}) for game in page["_embedded"]["games"]]


async def _exchange(world: World, pairs: Pairs, write: Write) -> float:
    await world.databases.copy(_ORIGINAL, _COPY)
    async with world.servers.exchange(world.databases.url(_COPY)) as server:
        return await load(world, server, pairs, write.creates)


async def _fastapi(world: World, pairs: Pairs) -> float:
    await world.databases.copy(_ORIGINAL, _COPY)
    async with world.servers.fastapi(world.databases.url(_COPY)) as server:
        arguments = ("/trade-offers", pairs.game, pairs.count, pairs.count, pairs.people)
        return (await world.wrk.load(server.url, world.scale.seconds, CONNECTIONS, "create", arguments)).rate


async def _pgbench(world: World, pairs: Pairs, write: Write, statements: str) -> float:
    await world.databases.copy(_ORIGINAL, _COPY)
    path = world.scratch / "pgbench.sql"
    path.write_text(_VARIABLES + statements)
    variables = {
        "turn": -1,
        "clients": CONNECTIONS,
        "first": pairs.count if write.creates else 0,
        "first_offer": pairs.offer,
        "first_game": pairs.game,
        "people": pairs.people,
    }
    options = [
        "-n",
        "-M",
        "prepared",
        "-c",
        str(CONNECTIONS),
        "-j",
        "1",
        # As many as there are pairs, however long that takes.
        "-t",
        str(pairs.count // CONNECTIONS),
        "-f",
        str(path),
    ]
    options += [f"-D{name}={value}" for name, value in variables.items()]
    pgbench = world.databases.programs / "pgbench"
    process = await asyncio.create_subprocess_exec(
        pgbench,
        *options,
        world.databases.url(_COPY),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told = (await process.communicate())[0].decode()
    rate = re.search(r"^tps = ([\d.]+)", told, re.MULTILINE)
    if process.returncode or rate is None or "aborted" in told:
        raise BadAnswers(f"pgbench ended with {process.returncode}: {told}")
    return float(rate[1])


async def _statements(world: World, pairs: Pairs, write: Write) -> str:
    """Returns the statements that the exchange sends for one such write, as a pgbench script."""
    await world.databases.copy(_ORIGINAL, _COPY)
    await world.databases.postgres.rows("postgres", f"ALTER DATABASE {_COPY} SET log_statement = 'all'")
    log = world.databases.log
    began = log.stat().st_size
    k = _SEEN + (pairs.count if write.creates else 0)
    offerer, receiver = (1 + (2 * k + side) % pairs.people for side in (0, 1))
    offered, requested = (pairs.game + 2 * k + side for side in (0, 1))
    async with world.servers.exchange(world.databases.url(_COPY)) as server:
        who = {"X-User-ID": str(offerer if write.creates else receiver)}
        async with aiohttp.ClientSession(server.url, headers=who, raise_for_status=True) as session:
            if write.creates:
                body = {"offered_game_id": offered, "requested_game_id": requested}
                answer = await session.post("/offers", json=body)
            else:
                answer = await session.put(f"/offers/{pairs.offer + k}/accept")
            offer = (await answer.json())["id"]
    text = _since(log, began)
    names = {offered: "offered", requested: "requested", offerer: "offerer", receiver: "receiver"}
    if write.creates:
        return script(transaction(text, write.statement), names, made=(write.statement, offer))
    return script(transaction(text, write.statement), {**names, offer: "offer"})


def _since(log: Path, place: int) -> str:
    with log.open() as file:
        file.seek(place)
        return file.read()
