from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.offer import Offer
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    trade_offer_id: int,
    *,
    expand: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    params: dict[str, Any] = {}

    params["expand"] = expand

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/trade-offers/{trade_offer_id}".format(
            trade_offer_id=quote(str(trade_offer_id), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Any | Offer | Problem | None:
    if response.status_code == 200:
        response_200 = Offer.from_dict(response.json())

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

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())

        return response_406

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
) -> Response[Any | Offer | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    trade_offer_id: int,
    *,
    client: AuthenticatedClient | Client,
    expand: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Offer | Problem]:
    """Show an offer

     Anybody may read it, but only the two parties see its message. It links to what you may do with it
    now.

    Args:
        trade_offer_id (int): The id of an offer. Example: 1.
        expand (str | Unset):  Example: offered_games,receiver.
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Offer | Problem]
    """

    kwargs = _get_kwargs(
        trade_offer_id=trade_offer_id,
        expand=expand,
        if_none_match=if_none_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    trade_offer_id: int,
    *,
    client: AuthenticatedClient | Client,
    expand: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | Offer | Problem | None:
    """Show an offer

     Anybody may read it, but only the two parties see its message. It links to what you may do with it
    now.

    Args:
        trade_offer_id (int): The id of an offer. Example: 1.
        expand (str | Unset):  Example: offered_games,receiver.
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Offer | Problem
    """

    return sync_detailed(
        trade_offer_id=trade_offer_id,
        client=client,
        expand=expand,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    trade_offer_id: int,
    *,
    client: AuthenticatedClient | Client,
    expand: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | Offer | Problem]:
    """Show an offer

     Anybody may read it, but only the two parties see its message. It links to what you may do with it
    now.

    Args:
        trade_offer_id (int): The id of an offer. Example: 1.
        expand (str | Unset):  Example: offered_games,receiver.
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Offer | Problem]
    """

    kwargs = _get_kwargs(
        trade_offer_id=trade_offer_id,
        expand=expand,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    trade_offer_id: int,
    *,
    client: AuthenticatedClient | Client,
    expand: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | Offer | Problem | None:
    """Show an offer

     Anybody may read it, but only the two parties see its message. It links to what you may do with it
    now.

    Args:
        trade_offer_id (int): The id of an offer. Example: 1.
        expand (str | Unset):  Example: offered_games,receiver.
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Offer | Problem
    """

    return (
        await asyncio_detailed(
            trade_offer_id=trade_offer_id,
            client=client,
            expand=expand,
            if_none_match=if_none_match,
        )
    ).parsed
