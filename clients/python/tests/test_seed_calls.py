"""The calls of the earlier client's documentation, in its order and spelling."""

from typing import Any

import httpx
import pytest
from video_game_exchange_api_client import AuthenticatedClient, Client
from video_game_exchange_api_client.api.offers import accept_offer, create_offer, get_offers, update_offer
from video_game_exchange_api_client.api.users import create_user, get_users
from video_game_exchange_api_client.models import Offer, OfferCollection, OfferStatus, Problem, User, UserCollection


def test_the_five_calls_of_the_seed(exchange: str) -> None:
    client = Client(base_url=exchange, headers={"X-User-ID": "1"})

    with client as c:
        users = get_users.sync(client=c)
    assert isinstance(users, UserCollection)
    assert [user.name for user in users.hal_embedded.users] == ["Abbey", "Ben"]

    offer_data = {"offered_game_id": 1, "requested_game_id": 2, "requester_id": 1}
    with client as c:
        offer = create_offer.sync(client=c, json_body=offer_data)
    assert isinstance(offer, Offer)
    assert (offer.id, offer.status, offer.receiver_id) == (1, OfferStatus.PENDING, 2)

    update_data = {"status": "accepted"}
    with client as c:
        updated_offer = update_offer.sync(client=c, offer_id=1, json_body=update_data)
    assert isinstance(updated_offer, Offer)
    assert (updated_offer.status, updated_offer.awaiting) == (OfferStatus.PENDING, "receiver")

    with client as c:
        offers = get_offers.sync(client=c, user_id=2)
    assert isinstance(offers, OfferCollection)
    assert [offer.id for offer in offers.hal_embedded.offers] == [1]

    # The last step is for the receiver, as the links show.
    with Client(base_url=exchange, headers={"X-User-ID": "2"}) as c:
        received = get_offers.sync(client=c, user_id=2)
        assert isinstance(received, OfferCollection)
        assert "accept" in received.hal_embedded.offers[0].hal_links.additional_properties
        accepted = accept_offer.sync(1, client=c)
    assert isinstance(accepted, Offer)
    assert accepted.status is OfferStatus.ACCEPTED


def test_update_offer_by_another_than_its_requester(exchange: str) -> None:
    with Client(base_url=exchange, headers={"X-User-ID": "1"}) as c:
        create_offer.sync(client=c, json_body={"offered_game_id": 1, "requested_game_id": 2})
    with Client(base_url=exchange, headers={"X-User-ID": "2"}) as c:
        refused = update_offer.sync(client=c, offer_id=1, json_body={"status": "accepted"})
    assert isinstance(refused, Problem)
    assert refused.status == 403


def test_event_hooks_see_each_request_and_response(exchange: str) -> None:
    seen: list[str] = []

    def log_request(request: httpx.Request) -> None:
        seen.append(f"Request: {request.method} {request.url}")

    def log_response(response: httpx.Response) -> None:
        seen.append(f"Response: {response.status_code} from {response.request.url}")

    client = Client(
        base_url=exchange, httpx_args={"event_hooks": {"request": [log_request], "response": [log_response]}}
    )
    with client as c:
        get_users.sync(client=c)
    address = f"{exchange}/users?limit=20"
    assert seen == [f"Request: GET {address}", f"Response: 200 from {address}"]


def test_a_token_that_nobody_gave(exchange: str) -> None:
    client = AuthenticatedClient(base_url=exchange, token="SuperSecretToken")
    with client as c:
        refused = get_users.sync(client=c)
    assert isinstance(refused, Problem)
    assert refused.status == 401


@pytest.mark.parametrize("field", ["address", "street_address"])
def test_create_user_with_either_name_of_the_address(empty: str, field: str) -> None:
    person: dict[str, Any] = {"name": "Abbey", "email": "abbey@example.com", "password": "pass123", field: "123 Street"}
    with Client(base_url=empty) as c:
        user = create_user.sync(client=c, json_body=person)
    assert isinstance(user, User)
    assert user.street_address == "123 Street"
