"""Scaling from a thousand games and offers to a million: the ratio of the p50 of each request, one at a time."""

from dataclasses import dataclass

from ..databases import Pairs
from ..report import Figure, Section, figure, ratio
from ..scale import Rows
from ..servers import Server, ask
from ..world import World

_GOAL = 1.3
# The person and the game of the lists.
_PERSON, _GAME = 7, 70


@dataclass(frozen=True)
class List:
    what: str
    path: str
    # The same list in GraphQL, which can start at the end: the field and its arguments.
    field: str = ""
    arguments: str = ""


LISTS = [
    List("games", "/games", "games"),
    List("games, the newest first", "/games?sort=-id", "games", "orderBy: {field: ID, direction: DESCENDING}"),
    List("games by name", "/games?sort=name", "games", "orderBy: {field: NAME}"),
    List("games by year", "/games?sort=year_published", "games", "orderBy: {field: YEAR_PUBLISHED}"),
    List("games for a system", "/games?gaming_system=NES", "games", 'filter: {gamingSystem: "NES"}'),
    List("games in a condition", "/games?condition=mint", "games", "filter: {condition: MINT}"),
    List("games of a year", "/games?year_from=1990&year_to=1990", "games", "filter: {yearFrom: 1990, yearTo: 1990}"),
    List("games of a person", f"/users/{_PERSON}/games"),
    List("search: many fit", "/games?q=dragon", "games", 'filter: {q: "dragon"}'),
    List("search: a few fit", "/games?q=quixotic%20zeppelin"),
    List("search: nothing fits", "/games?q=xyzzy"),
    List("search with a filter, by name", "/games?q=dragon&gaming_system=NES&sort=name"),
    List("people", "/users", "users"),
    List("offers", "/offers", "offers"),
    List("offers that wait", "/offers?status=pending", "offers", "filter: {status: PENDING}"),
    List("offers that a person received", f"/offers?receiver_id={_PERSON}"),
    List("offers that a person made", f"/offers?offerer_id={_PERSON}"),
    List("offers that name a game", f"/offers?game_id={_GAME}"),
]


async def scaling(world: World) -> Section:
    scale, databases = world.scale, world.databases
    sizes = {"few": scale.few, "many": scale.many}
    for name, rows in sizes.items():
        await databases.load(name, rows)
    few, many = (world.servers.exchange(databases.url(name)) for name in sizes)
    async with few as small, many as large:
        figures = []
        for one in LISTS:
            figures.append(await _compare(world, one.what, (small, one.path), (large, one.path)))
            if one.field:
                ends = [(server, await _last_page(server, one)) for server in (small, large)]
                figures.append(await _compare(world, f"{one.what}: the last page", *ends))
        games = [(server, await first_game(server)) for server in (small, large)]
        figures.append(await _compare(world, "one game", *games))
        # Only now, so that no list contains them.
        pairs = [await _add_pairs(world, name, rows) for name, rows in sizes.items()]
        figures.append(await _compare_settling(world, *zip((small, large), pairs)))
    for name in sizes:
        await databases.drop(name)
    times = f"{scale.few.games:,} to {scale.many.games:,}".replace(",", " ")
    return Section(f"From {times} games and offers, on PostgreSQL", figures)


async def _add_pairs(world: World, name: str, rows: Rows) -> Pairs:
    pairs = Pairs(round(world.scale.writes_per_second * world.scale.scaling_seconds), rows.people)
    await world.databases.add_pairs(name, pairs)
    return pairs


async def _compare(world: World, what: str, small: tuple[Server, str], large: tuple[Server, str]) -> Figure:
    async def p50(server: Server, path: str) -> float:
        return (await world.wrk.load(server.url + path, world.scale.scaling_seconds, 1)).p50

    of_few, of_many = [], []
    for _ in range(world.scale.rounds):
        of_few.append(await p50(*small))
        of_many.append(await p50(*large))
    return _told(what, of_few, of_many)


def _told(what: str, few: list[float], many: list[float]) -> Figure:
    times = f"{what} ({figure('', few, ' ms').figure.split(' (')[0]})"
    return ratio(times, many, few, most=_GOAL)


async def _compare_settling(world: World, small: tuple[Server, Pairs], large: tuple[Server, Pairs]) -> Figure:
    """Settles offers; each round continues where the one before ended."""
    times: tuple[list[float], list[float]] = ([], [])
    rounds, seconds = world.scale.rounds, world.scale.scaling_seconds
    for number in range(rounds):
        for found, (server, pairs) in zip(times, (small, large)):
            part = pairs.count // rounds
            arguments = (pairs.offer, number * part, part, pairs.people)
            found.append((await world.wrk.load(server.url, seconds, 1, "settle", arguments)).p50)
    return _told("an offer settled", *times)


async def _last_page(server: Server, one: List) -> str:
    """Returns the path of the last 20 rows. Cursors are the same in both APIs."""
    arguments = ", ".join(filter(None, ["last: 21", one.arguments]))
    answer = await ask(f"{server.url}/graphql", f"{{ {one.field}({arguments}) {{ pageInfo {{ startCursor }} }} }}")
    cursor = answer["data"][one.field]["pageInfo"]["startCursor"]
    return f"{one.path}{'&' if '?' in one.path else '?'}after={cursor}"


async def first_game(server: Server) -> str:
    page = await ask(f"{server.url}/games")
    return str(page["_embedded"]["games"][0]["_links"]["self"]["href"])
