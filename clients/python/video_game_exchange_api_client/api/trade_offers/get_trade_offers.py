from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.get_trade_offers_status import GetTradeOffersStatus
from ...models.offer_collection import OfferCollection
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    status: GetTradeOffersStatus | Unset = UNSET,
    offerer_id: int | Unset = UNSET,
    receiver_id: int | Unset = UNSET,
    game_id: int | Unset = UNSET,
    closed_by_offer_id: int | Unset = UNSET,
    limit: int | Unset = 20,
    after: str | Unset = UNSET,
    before: str | Unset = UNSET,
    expand: str | Unset = UNSET,
    user_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    params: dict[str, Any] = {}

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status.value

    params["status"] = json_status

    params["offerer_id"] = offerer_id

    params["receiver_id"] = receiver_id

    params["game_id"] = game_id

    params["closed_by_offer_id"] = closed_by_offer_id

    params["limit"] = limit

    params["after"] = after

    params["before"] = before

    params["expand"] = expand

    params["user_id"] = user_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/trade-offers",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | OfferCollection | Problem | None:
    if response.status_code == 200:
        response_200 = OfferCollection.from_dict(response.json())

        return response_200

    if response.status_code == 304:
        response_304 = cast(Any, None)
        return response_304

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())

        return response_406

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Any | OfferCollection | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    status: GetTradeOffersStatus | Unset = UNSET,
    offerer_id: int | Unset = UNSET,
    receiver_id: int | Unset = UNSET,
    game_id: int | Unset = UNSET,
    closed_by_offer_id: int | Unset = UNSET,
    limit: int | Unset = 20,
    after: str | Unset = UNSET,
    before: str | Unset = UNSET,
    expand: str | Unset = UNSET,
    user_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | OfferCollection | Problem]:
    """List offers

     All offers, one page at a time. Filters restrict the list: `user_id=2` lists the offers that user 2
    received.

    Args:
        status (GetTradeOffersStatus | Unset): The status of an offer. There will never be others;
            `closed_reason` says why an offer was closed.
        offerer_id (int | Unset):
        receiver_id (int | Unset):
        game_id (int | Unset):
        closed_by_offer_id (int | Unset):
        limit (int | Unset):  Default: 20.
        after (str | Unset):
        before (str | Unset):
        expand (str | Unset):  Example: offered_games,receiver.
        user_id (int | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | OfferCollection | Problem]
    """

    kwargs = _get_kwargs(
        status=status,
        offerer_id=offerer_id,
        receiver_id=receiver_id,
        game_id=game_id,
        closed_by_offer_id=closed_by_offer_id,
        limit=limit,
        after=after,
        before=before,
        expand=expand,
        user_id=user_id,
        if_none_match=if_none_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    status: GetTradeOffersStatus | Unset = UNSET,
    offerer_id: int | Unset = UNSET,
    receiver_id: int | Unset = UNSET,
    game_id: int | Unset = UNSET,
    closed_by_offer_id: int | Unset = UNSET,
    limit: int | Unset = 20,
    after: str | Unset = UNSET,
    before: str | Unset = UNSET,
    expand: str | Unset = UNSET,
    user_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | OfferCollection | Problem | None:
    """List offers

     All offers, one page at a time. Filters restrict the list: `user_id=2` lists the offers that user 2
    received.

    Args:
        status (GetTradeOffersStatus | Unset): The status of an offer. There will never be others;
            `closed_reason` says why an offer was closed.
        offerer_id (int | Unset):
        receiver_id (int | Unset):
        game_id (int | Unset):
        closed_by_offer_id (int | Unset):
        limit (int | Unset):  Default: 20.
        after (str | Unset):
        before (str | Unset):
        expand (str | Unset):  Example: offered_games,receiver.
        user_id (int | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | OfferCollection | Problem
    """

    return sync_detailed(
        client=client,
        status=status,
        offerer_id=offerer_id,
        receiver_id=receiver_id,
        game_id=game_id,
        closed_by_offer_id=closed_by_offer_id,
        limit=limit,
        after=after,
        before=before,
        expand=expand,
        user_id=user_id,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    status: GetTradeOffersStatus | Unset = UNSET,
    offerer_id: int | Unset = UNSET,
    receiver_id: int | Unset = UNSET,
    game_id: int | Unset = UNSET,
    closed_by_offer_id: int | Unset = UNSET,
    limit: int | Unset = 20,
    after: str | Unset = UNSET,
    before: str | Unset = UNSET,
    expand: str | Unset = UNSET,
    user_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | OfferCollection | Problem]:
    """List offers

     All offers, one page at a time. Filters restrict the list: `user_id=2` lists the offers that user 2
    received.

    Args:
        status (GetTradeOffersStatus | Unset): The status of an offer. There will never be others;
            `closed_reason` says why an offer was closed.
        offerer_id (int | Unset):
        receiver_id (int | Unset):
        game_id (int | Unset):
        closed_by_offer_id (int | Unset):
        limit (int | Unset):  Default: 20.
        after (str | Unset):
        before (str | Unset):
        expand (str | Unset):  Example: offered_games,receiver.
        user_id (int | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | OfferCollection | Problem]
    """

    kwargs = _get_kwargs(
        status=status,
        offerer_id=offerer_id,
        receiver_id=receiver_id,
        game_id=game_id,
        closed_by_offer_id=closed_by_offer_id,
        limit=limit,
        after=after,
        before=before,
        expand=expand,
        user_id=user_id,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    status: GetTradeOffersStatus | Unset = UNSET,
    offerer_id: int | Unset = UNSET,
    receiver_id: int | Unset = UNSET,
    game_id: int | Unset = UNSET,
    closed_by_offer_id: int | Unset = UNSET,
    limit: int | Unset = 20,
    after: str | Unset = UNSET,
    before: str | Unset = UNSET,
    expand: str | Unset = UNSET,
    user_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | OfferCollection | Problem | None:
    """List offers

     All offers, one page at a time. Filters restrict the list: `user_id=2` lists the offers that user 2
    received.

    Args:
        status (GetTradeOffersStatus | Unset): The status of an offer. There will never be others;
            `closed_reason` says why an offer was closed.
        offerer_id (int | Unset):
        receiver_id (int | Unset):
        game_id (int | Unset):
        closed_by_offer_id (int | Unset):
        limit (int | Unset):  Default: 20.
        after (str | Unset):
        before (str | Unset):
        expand (str | Unset):  Example: offered_games,receiver.
        user_id (int | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | OfferCollection | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            status=status,
            offerer_id=offerer_id,
            receiver_id=receiver_id,
            game_id=game_id,
            closed_by_offer_id=closed_by_offer_id,
            limit=limit,
            after=after,
            before=before,
            expand=expand,
            user_id=user_id,
            if_none_match=if_none_match,
        )
    ).parsed
