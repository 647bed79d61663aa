"""Reads on PostgreSQL, compared with the ceiling and the peers: throughput, and latency at the same rate."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..paced import paced
from ..report import Figure, Section, figure, ratio
from ..servers import Server, ask
from ..world import World
from ..wrk import Load

_DATABASE = "reads"
# The common rate, as a part of the slowest system's throughput.
_UTILISATION = 0.6


@dataclass(frozen=True)
class Request:
    """The request to one system, and the position of the rows in its response."""

    path: str
    rows: Callable[[Any], Any]
    query: str | None = None


@dataclass(frozen=True)
class Case:
    what: str
    # Requests by system, the exchange first.
    requests: dict[str, Request]
    # The goal for the ratio to each other system.
    goals: dict[str, float]


def _games(answer: Any) -> Any:
    return answer["_embedded"]["games"]


def _items(answer: Any) -> Any:
    return answer["items"]


def _named(answer: Any) -> Any:
    """Returns one row as a list."""
    return [answer["name"]]


_GAME = "{ name owner { name } }"
_NESTED = "20 offers nested"


def _cases(game: int) -> list[Case]:
    one, search = f"/games/{game}", "/games?gaming_system=NES&q=dragon"
    exchange = (
        f"{{ offers(first: 20) {{ nodes {{ databaseId status offeredGames {_GAME} requestedGames {_GAME} }} }} }}"
    )
    strawberry = f"{{ offers(first: 20) {{ id status offeredGame {_GAME} requestedGame {_GAME} }} }}"
    named, all_of = "{ name userByOwnerId { name } }", "gameByOfferedGameId {0} gameByRequestedGameId {0}"
    postgraphile = f"{{ allOffers(first: 20) {{ nodes {{ rowId status {all_of.format(named)} }} }} }}"
    expanded = "/offers?expand=offered_games,requested_games,offerer,receiver"
    return [
        Case(
            "one game",
            {"exchange": Request(one, _named), "ceiling": Request(one, _named), "FastAPI": Request(one, _named)},
            {"ceiling": 0.75, "FastAPI": 8},
        ),
        Case(
            "a page of 20 games",
            {
                "exchange": Request("/games", _games),
                "ceiling": Request("/games", _items),
                "FastAPI": Request("/games", _items),
            },
            {"ceiling": 0.6},
        ),
        Case(
            "a search with a filter",
            {
                "exchange": Request(search, _games),
                "ceiling": Request(search, _items),
                "FastAPI": Request(search, _items),
            },
            {},
        ),
        Case(
            _NESTED,
            {
                "exchange": Request("/graphql", lambda answer: answer["data"]["offers"]["nodes"], exchange),
                "ceiling": Request("/offers", _items),
                "PostGraphile": Request("/graphql", lambda answer: answer["data"]["allOffers"]["nodes"], postgraphile),
                "FastAPI": Request("/graphql", lambda answer: answer["data"]["offers"], strawberry),
            },
            {"ceiling": 0.6, "PostGraphile": 7, "FastAPI": 15},
        ),
        Case(
            "20 offers by `expand`",
            {
                "exchange": Request(expanded, lambda answer: answer["_embedded"]["offers"]),
                "ceiling": Request("/offers", _items),
                "FastAPI": Request("/trade-offers", _items),
            },
            {},
        ),
    ]


def of_the_exchange(game: int) -> dict[str, Request]:
    """Returns the requests to the exchange by name."""
    return {case.what: case.requests["exchange"] for case in _cases(game)}


async def reads(world: World) -> Section:
    databases, servers = world.databases, world.servers
    await databases.load(_DATABASE, world.scale.rows)
    await databases.add_peers(_DATABASE)
    url = databases.url(_DATABASE)
    async with AsyncExitStack() as stack:
        started = [servers.exchange(url), servers.ceiling(url), servers.fastapi(url), servers.postgraphile(url)]
        systems = {server.name: await stack.enter_async_context(server) for server in started}
        exchange = systems["exchange"]
        idle = exchange.memory()
        [game, *_] = _games(await ask(f"{exchange.url}/games"))
        cases = _cases(game["id"])
        for case in cases:
            await _check(case, systems)
        figures = []
        for case in cases:
            loads = await _measure(world, case, systems)
            figures += _figures(case, loads)
            if case.what == _NESTED:
                figures += await _paced(world, case, systems, loads)
        figures += [
            figure("memory of an idle instance", [idle], " MiB", most=25),
            figure("the most memory under this load", [exchange.memory("VmHWM")], " MiB", most=64),
        ]
    await databases.drop(_DATABASE)
    return Section("Reads, on PostgreSQL", figures)


async def _check(case: Case, systems: dict[str, Server]) -> None:
    """Checks that all systems return the same number of rows."""
    counts = {}
    for name, request in case.requests.items():
        answer = await ask(systems[name].url + request.path, request.query)
        counts[name] = len(request.rows(answer))
    if 0 in counts.values() or len(set(counts.values())) > 1:
        raise AssertionError(f"{case.what}: rows of a response: {counts}")


async def _measure(world: World, case: Case, systems: dict[str, Server]) -> dict[str, list[Load]]:
    """Measures all systems in turn, round by round, so that other load on the machine affects them alike."""

    async def load(name: str, seconds: float) -> Load:
        return await ask_on(world, systems[name], case.requests[name], seconds)

    loads: dict[str, list[Load]] = {name: [] for name in case.requests}
    if world.scale.warm_up:
        for name in loads:
            await load(name, world.scale.warm_up)
    for _ in range(world.scale.rounds):
        for name in loads:
            loads[name].append(await load(name, world.scale.seconds))
    return loads


async def ask_on(world: World, server: Server, request: Request, seconds: float) -> Load:
    """Sends the same request repeatedly for this time."""
    script, arguments = (None, ()) if request.query is None else ("graphql", (request.query,))
    return await world.wrk.load(server.url + request.path, seconds, world.scale.connections, script, arguments)


def _figures(case: Case, loads: dict[str, list[Load]]) -> list[Figure]:
    rates = {name: [load.rate for load in found] for name, found in loads.items()}
    ours = rates.pop("exchange")
    return [
        figure(f"{case.what}: exchange", ours, " /s"),
        *(figure(f"{case.what}: {name}", theirs, " /s") for name, theirs in rates.items()),
        *(
            ratio(f"{case.what}: exchange to {name}", ours, theirs, least=case.goals.get(name))
            for name, theirs in rates.items()
        ),
    ]


async def _paced(world: World, case: Case, systems: dict[str, Server], loads: dict[str, list[Load]]) -> list[Figure]:
    """Measures latency at the same rate for all, one that each can sustain."""
    rate = _UTILISATION * min(median(load.rate for load in found) for found in loads.values())
    slowest: dict[str, list[float]] = {name: [] for name in case.requests if name != "ceiling"}
    for _ in range(world.scale.rounds):
        for name, found in slowest.items():
            request = case.requests[name]
            found.append(await paced(systems[name].url + request.path, request.query, rate, world.scale.seconds))
    ours = slowest.pop("exchange")
    what = f"{case.what}, p99 at {rate:.0f} /s"
    return [
        figure(f"{what}: exchange", ours, " ms"),
        *(figure(f"{what}: {name}", theirs, " ms") for name, theirs in slowest.items()),
        *(ratio(f"{what}: exchange to {name}", ours, theirs, most=1) for name, theirs in slowest.items()),
    ]
