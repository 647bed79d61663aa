from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ChangedPart")


@_attrs_define
class ChangedPart:
    """A thing that has changed since the client saw it.

    Attributes:
        what (str): `itself`, or a `game` that it refers to. Example: game.
        game_id (int | Unset): The id of a game. Example: 1.
        name (str | Unset): The current name of the game. Example: Metroid.
    """

    what: str
    game_id: int | Unset = UNSET
    name: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        what = self.what

        game_id = self.game_id

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "what": what,
            }
        )
        if game_id is not UNSET:
            field_dict["game_id"] = game_id
        if name is not UNSET:
            field_dict["name"] = name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        what = d.pop("what")

        game_id = d.pop("game_id", UNSET)

        name = d.pop("name", UNSET)

        changed_part = cls(
            what=what,
            game_id=game_id,
            name=name,
        )

        changed_part.additional_properties = d
        return changed_part

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
