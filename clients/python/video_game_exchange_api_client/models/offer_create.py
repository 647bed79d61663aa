from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="OfferCreate")


@_attrs_define
class OfferCreate:
    """A new offer. Name the games of each side by one id, by a list of ids, or by both.

    Attributes:
        message (None | str | Unset): A message for the receiver. Example: Mine is as good as new..
        offered_game_id (int | None | Unset): One of your games. Example: 1.
        offered_game_ids (list[int] | Unset): Some of your games.
        requested_game_id (int | None | Unset): A game of another user. Example: 2.
        requested_game_ids (list[int] | Unset): Games of one other user.
        requester_id (int | None | Unset): Your own id. Best left out: it is always you.
    """

    message: None | str | Unset = UNSET
    offered_game_id: int | None | Unset = UNSET
    offered_game_ids: list[int] | Unset = UNSET
    requested_game_id: int | None | Unset = UNSET
    requested_game_ids: list[int] | Unset = UNSET
    requester_id: int | None | Unset = UNSET

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

        offered_game_ids: list[int] | Unset = UNSET
        if not isinstance(self.offered_game_ids, Unset):
            offered_game_ids = self.offered_game_ids

        requested_game_id: int | None | Unset
        if isinstance(self.requested_game_id, Unset):
            requested_game_id = UNSET
        else:
            requested_game_id = self.requested_game_id

        requested_game_ids: list[int] | Unset = UNSET
        if not isinstance(self.requested_game_ids, Unset):
            requested_game_ids = self.requested_game_ids

        requester_id: int | None | Unset
        if isinstance(self.requester_id, Unset):
            requester_id = UNSET
        else:
            requester_id = self.requester_id

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

        offered_game_ids = cast(list[int], d.pop("offered_game_ids", UNSET))

        def _parse_requested_game_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        requested_game_id = _parse_requested_game_id(d.pop("requested_game_id", UNSET))

        requested_game_ids = cast(list[int], d.pop("requested_game_ids", UNSET))

        def _parse_requester_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        requester_id = _parse_requester_id(d.pop("requester_id", UNSET))

        offer_create = cls(
            message=message,
            offered_game_id=offered_game_id,
            offered_game_ids=offered_game_ids,
            requested_game_id=requested_game_id,
            requested_game_ids=requested_game_ids,
            requester_id=requester_id,
        )

        return offer_create
