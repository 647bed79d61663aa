from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.offer_status import OfferStatus
from ..types import UNSET, Unset

T = TypeVar("T", bound="OfferUpdate")


@_attrs_define
class OfferUpdate:
    """A change to a pending offer of yours. Absent fields stay as they are.

    Attributes:
        message (None | str | Unset): `null` removes it. Example: Mine is as good as new..
        offered_game_id (int | Unset):
        offered_game_ids (list[int] | Unset):  Example: [1].
        requested_game_id (int | Unset):
        requested_game_ids (list[int] | Unset):  Example: [2].
        requester_id (int | Unset): Your own id. Best left out: it is always you.
        status (OfferStatus | Unset): The status of an offer. There will never be others; `closed_reason` says why an
            offer was closed.
    """

    message: None | str | Unset = UNSET
    offered_game_id: int | Unset = UNSET
    offered_game_ids: list[int] | Unset = UNSET
    requested_game_id: int | Unset = UNSET
    requested_game_ids: list[int] | Unset = UNSET
    requester_id: int | Unset = UNSET
    status: OfferStatus | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        message: None | str | Unset
        if isinstance(self.message, Unset):
            message = UNSET
        else:
            message = self.message

        offered_game_id = self.offered_game_id

        offered_game_ids: list[int] | Unset = UNSET
        if not isinstance(self.offered_game_ids, Unset):
            offered_game_ids = self.offered_game_ids

        requested_game_id = self.requested_game_id

        requested_game_ids: list[int] | Unset = UNSET
        if not isinstance(self.requested_game_ids, Unset):
            requested_game_ids = self.requested_game_ids

        requester_id = self.requester_id

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status.value

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if message is not UNSET:
            field_dict["message"] = message
        if offered_game_id is not UNSET:
            field_dict["offered_game_id"] = offered_game_id
        if offered_game_ids is not UNSET:
            field_dict["offered_game_ids"] = offered_game_ids
        if requested_game_id is not UNSET:
            field_dict["requested_game_id"] = requested_game_id
        if requested_game_ids is not UNSET:
            field_dict["requested_game_ids"] = requested_game_ids
        if requester_id is not UNSET:
            field_dict["requester_id"] = requester_id
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        message = _parse_message(d.pop("message", UNSET))

        offered_game_id = d.pop("offered_game_id", UNSET)

        offered_game_ids = cast(list[int], d.pop("offered_game_ids", UNSET))

        requested_game_id = d.pop("requested_game_id", UNSET)

        requested_game_ids = cast(list[int], d.pop("requested_game_ids", UNSET))

        requester_id = d.pop("requester_id", UNSET)

        _status = d.pop("status", UNSET)
        status: OfferStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = OfferStatus(_status)

        offer_update = cls(
            message=message,
            offered_game_id=offered_game_id,
            offered_game_ids=offered_game_ids,
            requested_game_id=requested_game_id,
            requested_game_ids=requested_game_ids,
            requester_id=requester_id,
            status=status,
        )

        return offer_update
