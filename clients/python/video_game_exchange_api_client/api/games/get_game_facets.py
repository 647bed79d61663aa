from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.game_facets import GameFacets
from ...models.get_game_facets_condition import GetGameFacetsCondition
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    q: str | Unset = UNSET,
    title_key: str | Unset = UNSET,
    gaming_system: str | Unset = UNSET,
    condition: GetGameFacetsCondition | Unset = UNSET,
    year_from: int | Unset = UNSET,
    year_to: int | Unset = UNSET,
    owner_id: int | Unset = UNSET,
    not_owner_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    params: dict[str, Any] = {}

    params["q"] = q

    params["title_key"] = title_key

    params["gaming_system"] = gaming_system

    json_condition: str | Unset = UNSET
    if not isinstance(condition, Unset):
        json_condition = condition.value

    params["condition"] = json_condition

    params["year_from"] = year_from

    params["year_to"] = year_to

    params["owner_id"] = owner_id

    params["not_owner_id"] = not_owner_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/games/facets",
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | GameFacets | Problem | None:
    if response.status_code == 200:
        response_200 = GameFacets.from_dict(response.json())

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
) -> Response[Any | GameFacets | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    q: str | Unset = UNSET,
    title_key: str | Unset = UNSET,
    gaming_system: str | Unset = UNSET,
    condition: GetGameFacetsCondition | Unset = UNSET,
    year_from: int | Unset = UNSET,
    year_to: int | Unset = UNSET,
    owner_id: int | Unset = UNSET,
    not_owner_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | GameFacets | Problem]:
    """Count games by system, condition and decade

     Counts the games that these filters and `q` match: all of them, and those of each system, condition
    and decade of
    publication. Each number has a link to its games.

    Args:
        q (str | Unset):
        title_key (str | Unset):
        gaming_system (str | Unset):
        condition (GetGameFacetsCondition | Unset): The condition of a game.
        year_from (int | Unset):
        year_to (int | Unset):
        owner_id (int | Unset):
        not_owner_id (int | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | GameFacets | Problem]
    """

    kwargs = _get_kwargs(
        q=q,
        title_key=title_key,
        gaming_system=gaming_system,
        condition=condition,
        year_from=year_from,
        year_to=year_to,
        owner_id=owner_id,
        not_owner_id=not_owner_id,
        if_none_match=if_none_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    q: str | Unset = UNSET,
    title_key: str | Unset = UNSET,
    gaming_system: str | Unset = UNSET,
    condition: GetGameFacetsCondition | Unset = UNSET,
    year_from: int | Unset = UNSET,
    year_to: int | Unset = UNSET,
    owner_id: int | Unset = UNSET,
    not_owner_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | GameFacets | Problem | None:
    """Count games by system, condition and decade

     Counts the games that these filters and `q` match: all of them, and those of each system, condition
    and decade of
    publication. Each number has a link to its games.

    Args:
        q (str | Unset):
        title_key (str | Unset):
        gaming_system (str | Unset):
        condition (GetGameFacetsCondition | Unset): The condition of a game.
        year_from (int | Unset):
        year_to (int | Unset):
        owner_id (int | Unset):
        not_owner_id (int | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | GameFacets | Problem
    """

    return sync_detailed(
        client=client,
        q=q,
        title_key=title_key,
        gaming_system=gaming_system,
        condition=condition,
        year_from=year_from,
        year_to=year_to,
        owner_id=owner_id,
        not_owner_id=not_owner_id,
        if_none_match=if_none_match,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    q: str | Unset = UNSET,
    title_key: str | Unset = UNSET,
    gaming_system: str | Unset = UNSET,
    condition: GetGameFacetsCondition | Unset = UNSET,
    year_from: int | Unset = UNSET,
    year_to: int | Unset = UNSET,
    owner_id: int | Unset = UNSET,
    not_owner_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Response[Any | GameFacets | Problem]:
    """Count games by system, condition and decade

     Counts the games that these filters and `q` match: all of them, and those of each system, condition
    and decade of
    publication. Each number has a link to its games.

    Args:
        q (str | Unset):
        title_key (str | Unset):
        gaming_system (str | Unset):
        condition (GetGameFacetsCondition | Unset): The condition of a game.
        year_from (int | Unset):
        year_to (int | Unset):
        owner_id (int | Unset):
        not_owner_id (int | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | GameFacets | Problem]
    """

    kwargs = _get_kwargs(
        q=q,
        title_key=title_key,
        gaming_system=gaming_system,
        condition=condition,
        year_from=year_from,
        year_to=year_to,
        owner_id=owner_id,
        not_owner_id=not_owner_id,
        if_none_match=if_none_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    q: str | Unset = UNSET,
    title_key: str | Unset = UNSET,
    gaming_system: str | Unset = UNSET,
    condition: GetGameFacetsCondition | Unset = UNSET,
    year_from: int | Unset = UNSET,
    year_to: int | Unset = UNSET,
    owner_id: int | Unset = UNSET,
    not_owner_id: int | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
) -> Any | GameFacets | Problem | None:
    """Count games by system, condition and decade

     Counts the games that these filters and `q` match: all of them, and those of each system, condition
    and decade of
    publication. Each number has a link to its games.

    Args:
        q (str | Unset):
        title_key (str | Unset):
        gaming_system (str | Unset):
        condition (GetGameFacetsCondition | Unset): The condition of a game.
        year_from (int | Unset):
        year_to (int | Unset):
        owner_id (int | Unset):
        not_owner_id (int | Unset):
        if_none_match (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | GameFacets | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            q=q,
            title_key=title_key,
            gaming_system=gaming_system,
            condition=condition,
            year_from=year_from,
            year_to=year_to,
            owner_id=owner_id,
            not_owner_id=not_owner_id,
            if_none_match=if_none_match,
        )
    ).parsed
