"""Scaling from a thousand games and offers to a million, one request at a time: the ratio of the p50 of each list. A
search has a goal for its p50 itself, also on SQLite, with fewer games.
"""

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
class Goal:
    """The largest p50 of a request, in milliseconds: with many rows on PostgreSQL, and on SQLite."""

    postgres: float
    sqlite: float


_SEARCH = Goal(postgres=10, sqlite=20)
_SORTED = Goal(postgres=100, sqlite=100)


@dataclass(frozen=True)
class List:
    what: str
    path: str
    # The same list in GraphQL, which can start at the end: the field and its arguments.
    field: str = ""
    arguments: str = ""
    # Without one, the goal is for the ratio of many rows to few.
    goal: Goal | None = None


def _search(what: str, q: str) -> List:
    return List(f"search: {what}", f"/games?q={q.replace(' ', '%20')}", "games", f'filter: {{q: "{q}"}}', _SEARCH)


# The words are those of bench/src/load/titles.rs.
SEARCHES = [
    _search("one rare word", "quixotic"),
    _search("two words", "zeppelin dragon"),
    _search("two rare words", "quixotic zeppelin"),
    _search("a prefix of three letters", "dra"),
    _search("a common word", "dragon"),
    _search("a title", "dragon quest"),
    _search("a mistake in a rare word", "zepelin"),
    _search("a mistake in a common word", "dragn"),
    _search("nothing fits", "xyzzy"),
    List(
        "search: a common word, with a filter",
        "/games?q=dragon&gaming_system=NES",
        "games",
        'filter: {q: "dragon", gamingSystem: "NES"}',
        _SEARCH,
    ),
    List("search: a word of a tenth of the games, by name", "/games?q=super&sort=name", goal=_SORTED),
    List("search: a common word, with a filter, by name", "/games?q=dragon&gaming_system=NES&sort=name", goal=_SORTED),
    List("suggestions", "/titles?q=drag", goal=_SEARCH),
    List("suggestions: a mistake", "/titles?q=zepelin", goal=_SEARCH),
    List("facets of all games", "/games/facets", goal=_SEARCH),
    List("facets for a system", "/games/facets?gaming_system=NES", goal=_SEARCH),
    List("facets of a search", "/games/facets?q=quixotic", goal=_SEARCH),
    List("facets of a search with a filter", "/games/facets?q=dragon&gaming_system=NES", goal=_SEARCH),
    List("facets of a search: a common word", "/games/facets?q=dragon", goal=_SEARCH),
    List("systems", "/systems", goal=_SEARCH),
]
LISTS = [
    List("games", "/games", "games"),
    List("games, the newest first", "/games?sort=-id", "games", "orderBy: {field: ID, direction: DESCENDING}"),
    List("games by name", "/games?sort=name", "games", "orderBy: {field: NAME}"),
    List("games by year", "/games?sort=year_published", "games", "orderBy: {field: YEAR_PUBLISHED}"),
    List("games for a system", "/games?gaming_system=NES", "games", 'filter: {gamingSystem: "NES"}'),
    List("games in a condition", "/games?condition=mint", "games", "filter: {condition: MINT}"),
    List("games of a year", "/games?year_from=1990&year_to=1990", "games", "filter: {yearFrom: 1990, yearTo: 1990}"),
    List("games of a person", f"/users/{_PERSON}/games"),
    *SEARCHES,
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
            figures.append(await _compare(world, one.what, (small, one.path), (large, one.path), goal=one.goal))
            if one.field:
                ends = [(server, await _last_page(server, one)) for server in (small, large)]
                figures.append(await _compare(world, _last(one), *ends, goal=one.goal))
        games = [(server, await first_game(server)) for server in (small, large)]
        figures.append(await _compare(world, "one game", *games))
        # Only now, so that no list contains them.
        pairs = [await _add_pairs(world, name, rows) for name, rows in sizes.items()]
        figures.append(await _compare_settling(world, *zip((small, large), pairs)))
    for name in sizes:
        await databases.drop(name)
    times = f"{spaced(scale.few.games)} to {spaced(scale.many.games)}"
    return Section(f"From {times} games and offers, on PostgreSQL", [*figures, *await _on_sqlite(world)])


async def _on_sqlite(world: World) -> list[Figure]:
    """Measures the searches on SQLite."""
    rows, path = world.scale.some, world.scratch / "scaling.db"
    await world.databases.load_sqlite(path, rows)
    figures = []
    async with world.servers.exchange(f"sqlite://{path}") as server:
        for one in SEARCHES:
            assert one.goal is not None
            requests = {one.what: one.path}
            if one.field:
                requests[_last(one)] = await _last_page(server, one)
            for what, request in requests.items():
                times = [await p50(world, server, request) for _ in range(world.scale.rounds)]
                told = f"SQLite, {spaced(rows.games)} games: {what}"
                figures.append(figure(told, times, " ms", most=one.goal.sqlite))
    path.unlink()
    return figures


def _last(one: List) -> str:
    return f"{one.what}: the last page"


def spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")


async def p50(world: World, server: Server, path: str) -> float:
    return (await world.wrk.load(server.url + path, world.scale.scaling_seconds, 1)).p50


async def _add_pairs(world: World, name: str, rows: Rows) -> Pairs:
    pairs = Pairs(round(world.scale.writes_per_second * world.scale.scaling_seconds), rows.people)
    await world.databases.add_pairs(name, pairs)
    return pairs


async def _compare(
    world: World, what: str, small: tuple[Server, str], large: tuple[Server, str], *, goal: Goal | None = None
) -> Figure:
    of_few, of_many = [], []
    for _ in range(world.scale.rounds):
        of_few.append(await p50(world, *small))
        of_many.append(await p50(world, *large))
    return _told(what, of_few, of_many, goal)


def _told(what: str, few: list[float], many: list[float], goal: Goal | None = None) -> Figure:
    times = f"{what} ({figure('', few, ' ms').figure.split(' (')[0]})"
    if goal is None:
        return ratio(times, many, few, most=_GOAL)
    return figure(times, many, " ms", most=goal.postgres)


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
    """Returns the path of the last 20 rows: of all, if there are no more. Cursors are the same in both APIs."""
    arguments = ", ".join(filter(None, ["last: 21", one.arguments]))
    answer = await ask(f"{server.url}/graphql", f"{{ {one.field}({arguments}) {{ pageInfo {{ startCursor }} }} }}")
    cursor = answer["data"][one.field]["pageInfo"]["startCursor"]
    if cursor is None:
        return one.path
    return f"{one.path}{'&' if '?' in one.path else '?'}after={cursor}"


async def first_game(server: Server) -> str:
    page = await ask(f"{server.url}/games")
    return str(page["_embedded"]["games"][0]["_links"]["self"]["href"])
