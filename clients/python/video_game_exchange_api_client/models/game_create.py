from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.condition import Condition
from ..types import UNSET, Unset

T = TypeVar("T", bound="GameCreate")


@_attrs_define
class GameCreate:
    """A new game.

    Attributes:
        condition (Condition): The condition of a game.
        gaming_system (str):  Example: NES.
        name (str):  Example: Metroid.
        publisher (str):  Example: Nintendo.
        year_published (int):  Example: 1986.
        owner_id (int | None | Unset):
        previous_owners (int | None | Unset): The number of owners before you. Default: 0. Each trade adds one.
    """

    condition: Condition
    gaming_system: str
    name: str
    publisher: str
    year_published: int
    owner_id: int | None | Unset = UNSET
    previous_owners: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        condition = self.condition.value

        gaming_system = self.gaming_system

        name = self.name

        publisher = self.publisher

        year_published = self.year_published

        owner_id: int | None | Unset
        if isinstance(self.owner_id, Unset):
            owner_id = UNSET
        else:
            owner_id = self.owner_id

        previous_owners: int | None | Unset
        if isinstance(self.previous_owners, Unset):
            previous_owners = UNSET
        else:
            previous_owners = self.previous_owners

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "condition": condition,
                "gaming_system": gaming_system,
                "name": name,
                "publisher": publisher,
                "year_published": year_published,
            }
        )
        if owner_id is not UNSET:
            field_dict["owner_id"] = owner_id
        if previous_owners is not UNSET:
            field_dict["previous_owners"] = previous_owners

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        condition = Condition(d.pop("condition"))

        gaming_system = d.pop("gaming_system")

        name = d.pop("name")

        publisher = d.pop("publisher")

        year_published = d.pop("year_published")

        def _parse_owner_id(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        owner_id = _parse_owner_id(d.pop("owner_id", UNSET))

        def _parse_previous_owners(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        previous_owners = _parse_previous_owners(d.pop("previous_owners", UNSET))

        game_create = cls(
            condition=condition,
            gaming_system=gaming_system,
            name=name,
            publisher=publisher,
            year_published=year_published,
            owner_id=owner_id,
            previous_owners=previous_owners,
        )

        return game_create
