from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.condition import Condition
from ..types import UNSET, Unset

T = TypeVar("T", bound="GameUpdate")


@_attrs_define
class GameUpdate:
    """A change to a game. Absent fields stay as they are.

    Attributes:
        condition (Condition | Unset): The condition of a game.
        gaming_system (str | Unset):  Example: SNES.
        name (str | Unset):  Example: Super Metroid.
        publisher (str | Unset):  Example: Nintendo.
        year_published (int | Unset):  Example: 1994.
    """

    condition: Condition | Unset = UNSET
    gaming_system: str | Unset = UNSET
    name: str | Unset = UNSET
    publisher: str | Unset = UNSET
    year_published: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        condition: str | Unset = UNSET
        if not isinstance(self.condition, Unset):
            condition = self.condition.value

        gaming_system = self.gaming_system

        name = self.name

        publisher = self.publisher

        year_published = self.year_published

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if condition is not UNSET:
            field_dict["condition"] = condition
        if gaming_system is not UNSET:
            field_dict["gaming_system"] = gaming_system
        if name is not UNSET:
            field_dict["name"] = name
        if publisher is not UNSET:
            field_dict["publisher"] = publisher
        if year_published is not UNSET:
            field_dict["year_published"] = year_published

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _condition = d.pop("condition", UNSET)
        condition: Condition | Unset
        if isinstance(_condition, Unset):
            condition = UNSET
        else:
            condition = Condition(_condition)

        gaming_system = d.pop("gaming_system", UNSET)

        name = d.pop("name", UNSET)

        publisher = d.pop("publisher", UNSET)

        year_published = d.pop("year_published", UNSET)

        game_update = cls(
            condition=condition,
            gaming_system=gaming_system,
            name=name,
            publisher=publisher,
            year_published=year_published,
        )

        return game_update
