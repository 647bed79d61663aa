"""Lists, errors, log-in, models and asyncio."""

import asyncio
import json
from urllib.parse import parse_qs, urlsplit

from conftest import PASSWORD
from video_game_exchange_api_client import AuthenticatedClient, Client
from video_game_exchange_api_client.api.auth import login
from video_game_exchange_api_client.api.games import create_game, get_games
from video_game_exchange_api_client.api.offers import create_offer, get_offer
from video_game_exchange_api_client.models import (
    Condition,
    Game,
    GameCollection,
    GameCreate,
    Login,
    Offer,
    OfferCreate,
    OfferEvent,
    Problem,
    Session,
)
from video_game_exchange_api_client.types import UNSET, Unset


def test_a_list_is_read_page_by_page(exchange: str) -> None:
    with Client(base_url=exchange, headers={"X-User-ID": "1"}) as c:
        for number in range(5):
            game = GameCreate(
                name=f"Part {number}",
                publisher="Sega",
                year_published=1991,
                gaming_system="Mega Drive",
                condition=Condition.FAIR,
            )
            assert isinstance(create_game.sync(client=c, json_body=game), Game)

        names: list[str] = []
        after: str | Unset = UNSET
        for _ in range(5):
            page = get_games.sync(client=c, gaming_system="Mega Drive", limit=2, after=after)
            assert isinstance(page, GameCollection)
            names += [game.name for game in page.hal_embedded.games]
            if "next" not in page.hal_links:
                break
            after = parse_qs(urlsplit(page.hal_links["next"].href).query)["after"][0]
    assert names == [f"Part {number}" for number in range(5)]


def test_a_failure_is_a_typed_problem(exchange: str) -> None:
    with Client(base_url=exchange, headers={"X-User-ID": "1"}) as c:
        answer = create_game.sync_detailed(
            client=c,
            json_body={
                "name": "",
                "publisher": "Sega",
                "year_published": 1991,
                "gaming_system": "x",
                "condition": "fair",
            },
        )
        missing = get_offer.sync(7, client=c)
    problem = answer.parsed
    assert answer.status_code == 422
    assert isinstance(problem, Problem) and not isinstance(problem.errors, Unset)
    assert problem.code == "invalid"
    assert [(fault.pointer, fault.code) for fault in problem.errors] == [("/name", "empty")]
    assert isinstance(missing, Problem)
    assert (missing.status, missing.code) == (404, "offer_not_found")


def test_login_gives_the_token_of_an_authenticated_client(exchange: str) -> None:
    with Client(base_url=exchange) as c:
        session = login.sync(client=c, json_body=Login(email="abbey@example.com", password=PASSWORD))
        nobody = create_offer.sync(client=c, json_body=OfferCreate(offered_game_id=1, requested_game_id=2))
    assert isinstance(session, Session)
    assert isinstance(nobody, Problem) and nobody.status == 401

    with AuthenticatedClient(base_url=exchange, token=session.access_token) as authenticated:
        offer = create_offer.sync(
            client=authenticated, json_body=OfferCreate(offered_game_ids=[1], requested_game_ids=[2])
        )
    assert isinstance(offer, Offer)
    assert offer.offerer_id == session.user_id


def test_asyncio_asks_the_same(exchange: str) -> None:
    async def both() -> list[object]:
        async with Client(base_url=exchange) as c:
            return list(await asyncio.gather(get_games.asyncio(client=c), get_games.asyncio(client=c, owner_id=2)))

    everything, of_ben = asyncio.run(both())
    assert isinstance(everything, GameCollection) and isinstance(of_ben, GameCollection)
    assert [len(page.hal_embedded.games) for page in (everything, of_ben)] == [2, 1]


def test_events_are_read_as_they_come(exchange: str) -> None:
    """Reads events as README.md does."""
    listener = Client(base_url=exchange, headers={"X-User-ID": "2"})
    with (
        Client(base_url=exchange, headers={"X-User-ID": "1"}) as c,
        listener.get_httpx_client().stream("GET", "/events", timeout=30) as response,
    ):
        offer = create_offer.sync(client=c, json_body={"offered_game_id": 1, "requested_game_id": 2})
        assert isinstance(offer, Offer)
        line = next(line for line in response.iter_lines() if line.startswith("data: "))
        event = OfferEvent.from_dict(json.loads(line.removeprefix("data: ")))
    assert (event.type_, event.offer.id) == ("offer.created", offer.id)
