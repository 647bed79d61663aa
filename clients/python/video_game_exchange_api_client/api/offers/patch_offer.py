from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.offer import Offer
from ...models.offer_update import OfferUpdate
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    offer_id: int,
    *,
    body: OfferUpdate | Mapping[str, Any],
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    if not isinstance(if_none_match, Unset):
        headers["If-None-Match"] = if_none_match

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/offers/{offer_id}".format(
            offer_id=quote(str(offer_id), safe=""),
        ),
    }

    if isinstance(body, Mapping):
        _kwargs["json"] = dict(body)
    else:
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/merge-patch+json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Offer | Problem | None:
    if response.status_code == 200:
        response_200 = Offer.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())

        return response_406

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 412:
        response_412 = Problem.from_dict(response.json())

        return response_412

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Offer | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    offer_id: int,
    *,
    client: AuthenticatedClient | Client,
    json_body: OfferUpdate | Mapping[str, Any],
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[Offer | Problem]:
    """Change an offer of yours, with a merge patch

     Only its requester may. The two parties stay the same, and the receiver is notified. You may send
    back the offer as
    you read it: read-only fields must have their current values.

    Args:
        offer_id (int): The id of an offer. Example: 1.
        if_match (str | Unset):
        if_none_match (str | Unset):
        idempotency_key (str | Unset):
        json_body (OfferUpdate): A change to a pending offer of yours. Absent fields stay as they
            are.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Offer | Problem]
    """

    kwargs = _get_kwargs(
        offer_id=offer_id,
        body=json_body,
        if_match=if_match,
        if_none_match=if_none_match,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    offer_id: int,
    *,
    client: AuthenticatedClient | Client,
    json_body: OfferUpdate | Mapping[str, Any],
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Offer | Problem | None:
    """Change an offer of yours, with a merge patch

     Only its requester may. The two parties stay the same, and the receiver is notified. You may send
    back the offer as
    you read it: read-only fields must have their current values.

    Args:
        offer_id (int): The id of an offer. Example: 1.
        if_match (str | Unset):
        if_none_match (str | Unset):
        idempotency_key (str | Unset):
        json_body (OfferUpdate): A change to a pending offer of yours. Absent fields stay as they
            are.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Offer | Problem
    """

    return sync_detailed(
        offer_id=offer_id,
        client=client,
        json_body=json_body,
        if_match=if_match,
        if_none_match=if_none_match,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    offer_id: int,
    *,
    client: AuthenticatedClient | Client,
    json_body: OfferUpdate | Mapping[str, Any],
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[Offer | Problem]:
    """Change an offer of yours, with a merge patch

     Only its requester may. The two parties stay the same, and the receiver is notified. You may send
    back the offer as
    you read it: read-only fields must have their current values.

    Args:
        offer_id (int): The id of an offer. Example: 1.
        if_match (str | Unset):
        if_none_match (str | Unset):
        idempotency_key (str | Unset):
        json_body (OfferUpdate): A change to a pending offer of yours. Absent fields stay as they
            are.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Offer | Problem]
    """

    kwargs = _get_kwargs(
        offer_id=offer_id,
        body=json_body,
        if_match=if_match,
        if_none_match=if_none_match,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    offer_id: int,
    *,
    client: AuthenticatedClient | Client,
    json_body: OfferUpdate | Mapping[str, Any],
    if_match: str | Unset = UNSET,
    if_none_match: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Offer | Problem | None:
    """Change an offer of yours, with a merge patch

     Only its requester may. The two parties stay the same, and the receiver is notified. You may send
    back the offer as
    you read it: read-only fields must have their current values.

    Args:
        offer_id (int): The id of an offer. Example: 1.
        if_match (str | Unset):
        if_none_match (str | Unset):
        idempotency_key (str | Unset):
        json_body (OfferUpdate): A change to a pending offer of yours. Absent fields stay as they
            are.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Offer | Problem
    """

    return (
        await asyncio_detailed(
            offer_id=offer_id,
            client=client,
            json_body=json_body,
            if_match=if_match,
            if_none_match=if_none_match,
            idempotency_key=idempotency_key,
        )
    ).parsed
