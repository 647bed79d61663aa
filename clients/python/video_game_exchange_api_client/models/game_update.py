from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.condition import Condition
from ..types import UNSET, Unset

T = TypeVar("T", bound="GameUpdate")


@_attrs_define
class GameUpdate:
    """A change to a game; what is left out stays.

    Attributes:
        condition (Condition | None | Unset):
        gaming_system (None | str | Unset):
        name (None | str | Unset):
        publisher (None | str | Unset):
        year_published (int | None | Unset):
    """

    condition: Condition | None | Unset = UNSET
    gaming_system: None | str | Unset = UNSET
    name: None | str | Unset = UNSET
    publisher: None | str | Unset = UNSET
    year_published: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        condition: None | str | Unset
        if isinstance(self.condition, Unset):
            condition = UNSET
        elif isinstance(self.condition, Condition):
            condition = self.condition.value
        else:
            condition = self.condition

        gaming_system: None | str | Unset
        if isinstance(self.gaming_system, Unset):
            gaming_system = UNSET
        else:
            gaming_system = self.gaming_system

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        publisher: None | str | Unset
        if isinstance(self.publisher, Unset):
            publisher = UNSET
        else:
            publisher = self.publisher

        year_published: int | None | Unset
        if isinstance(self.year_published, Unset):
            year_published = UNSET
        else:
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

        def _parse_condition(data: object) -> Condition | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                condition_type_0 = Condition(data)

                return condition_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Condition | None | Unset, data)

        condition = _parse_condition(d.pop("condition", UNSET))

        def _parse_gaming_system(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        gaming_system = _parse_gaming_system(d.pop("gaming_system", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_publisher(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        publisher = _parse_publisher(d.pop("publisher", UNSET))

        def _parse_year_published(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        year_published = _parse_year_published(d.pop("year_published", UNSET))

        game_update = cls(
            condition=condition,
            gaming_system=gaming_system,
            name=name,
            publisher=publisher,
            year_published=year_published,
        )

        return game_update
