from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.offer_status import OfferStatus
from ..types import UNSET, Unset

T = TypeVar("T", bound="OfferUpdate")


@_attrs_define
class OfferUpdate:
    """A change to a pending offer of yours; what is left out stays.

    Attributes:
        message (None | str | Unset): `null` takes it away.
        offered_game_id (int | None | Unset):
        offered_game_ids (list[int] | None | Unset):
        requested_game_id (int | None | Unset):
        requested_game_ids (list[int] | None | Unset):
        requester_id (int | None | Unset): Must be you. Better left out.
        status (None | OfferStatus | Unset):
    """

    message: None | str | Unset = UNSET
    offered_game_id: int | None | Unset = UNSET
    offered_game_ids: list[int] | None | Unset = UNSET
    requested_game_id: int | None | Unset = UNSET
    requested_game_ids: list[int] | None | Unset = UNSET
    requester_id: int | None | Unset = UNSET
    status: None | OfferStatus | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        message: None | str | Unset
        if isinstance(self.message, Unset):
            message = UNSET
        else:
            message = self.message

        offered_game_id: int | None | Unset
        if isinstance(self.offered_game_id, Unset):
            offered_game_id = UNSET
        else:
            offered_game_id = self.offered_game_id

        offered_game_ids: list[int] | None | Unset
        if isinstance(self.offered_game_ids, Unset):
            offered_game_ids = UNSET
        elif isinstance(self.offered_game_ids, list):
            offered_game_ids = self.offered_game_ids

        else:
            offered_game_ids = self.offered_game_ids

        requested_game_id: int | None | Unset
        if isinstance(self.requested_game_id, Unset):
            requested_game_id = UNSET
        else:
            requested_game_id = self.requested_game_id

        requested_game_ids: list[int] | None | Unset
        if isinstance(self.requested_game_ids, Unset):
            requested_game_ids = UNSET
        elif isinstance(self.requested_game_ids, list):
            requested_game_ids = self.requested_game_ids

        else:
            requested_game_ids = self.requested_game_ids

        requester_id: int | None | Unset
        if isinstance(self.requester_id, Unset):
            requester_id = UNSET
        else:
            requester_id = self.requester_id

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        elif isinstance(self.status, OfferStatus):
            status = self.status.value
        else:
            status = self.status

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

        def _parse_offered_game_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        offered_game_id = _parse_offered_game_id(d.pop("offered_game_id", UNSET))

        def _parse_offered_game_ids(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                offered_game_ids_type_0 = cast(list[int], data)

                return offered_game_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        offered_game_ids = _parse_offered_game_ids(d.pop("offered_game_ids", UNSET))

        def _parse_requested_game_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        requested_game_id = _parse_requested_game_id(d.pop("requested_game_id", UNSET))

        def _parse_requested_game_ids(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                requested_game_ids_type_0 = cast(list[int], data)

                return requested_game_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        requested_game_ids = _parse_requested_game_ids(d.pop("requested_game_ids", UNSET))

        def _parse_requester_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        requester_id = _parse_requester_id(d.pop("requester_id", UNSET))

        def _parse_status(data: object) -> None | OfferStatus | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = OfferStatus(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | OfferStatus | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

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
