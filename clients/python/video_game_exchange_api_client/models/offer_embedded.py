from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.game import Game
    from ..models.user import User


T = TypeVar("T", bound="OfferEmbedded")


@_attrs_define
class OfferEmbedded:
    """The resources that `expand` asks for. Games that have left the board and closed accounts are missing.

    Attributes:
        offered_games (list[Game] | Unset):
        offerer (User | Unset): A user. Only users themselves see their e-mail and street address.
        receiver (User | Unset): A user. Only users themselves see their e-mail and street address.
        requested_games (list[Game] | Unset):
    """

    offered_games: list[Game] | Unset = UNSET
    offerer: User | Unset = UNSET
    receiver: User | Unset = UNSET
    requested_games: list[Game] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        offered_games: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.offered_games, Unset):
            offered_games = []
            for offered_games_item_data in self.offered_games:
                offered_games_item = offered_games_item_data.to_dict()
                offered_games.append(offered_games_item)

        offerer: dict[str, Any] | Unset = UNSET
        if not isinstance(self.offerer, Unset):
            offerer = self.offerer.to_dict()

        receiver: dict[str, Any] | Unset = UNSET
        if not isinstance(self.receiver, Unset):
            receiver = self.receiver.to_dict()

        requested_games: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.requested_games, Unset):
            requested_games = []
            for requested_games_item_data in self.requested_games:
                requested_games_item = requested_games_item_data.to_dict()
                requested_games.append(requested_games_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if offered_games is not UNSET:
            field_dict["offered_games"] = offered_games
        if offerer is not UNSET:
            field_dict["offerer"] = offerer
        if receiver is not UNSET:
            field_dict["receiver"] = receiver
        if requested_games is not UNSET:
            field_dict["requested_games"] = requested_games

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.game import Game  # noqa: PLC0415
        from ..models.user import User  # noqa: PLC0415

        d = dict(src_dict)
        _offered_games = d.pop("offered_games", UNSET)
        offered_games: list[Game] | Unset = UNSET
        if _offered_games is not UNSET:
            offered_games = []
            for offered_games_item_data in _offered_games:
                offered_games_item = Game.from_dict(offered_games_item_data)

                offered_games.append(offered_games_item)

        _offerer = d.pop("offerer", UNSET)
        offerer: User | Unset
        if isinstance(_offerer, Unset):
            offerer = UNSET
        else:
            offerer = User.from_dict(_offerer)

        _receiver = d.pop("receiver", UNSET)
        receiver: User | Unset
        if isinstance(_receiver, Unset):
            receiver = UNSET
        else:
            receiver = User.from_dict(_receiver)

        _requested_games = d.pop("requested_games", UNSET)
        requested_games: list[Game] | Unset = UNSET
        if _requested_games is not UNSET:
            requested_games = []
            for requested_games_item_data in _requested_games:
                requested_games_item = Game.from_dict(requested_games_item_data)

                requested_games.append(requested_games_item)

        offer_embedded = cls(
            offered_games=offered_games,
            offerer=offerer,
            receiver=receiver,
            requested_games=requested_games,
        )

        offer_embedded.additional_properties = d
        return offer_embedded

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
