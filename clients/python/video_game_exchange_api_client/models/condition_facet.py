from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.condition import Condition

if TYPE_CHECKING:
    from ..models.links import Links


T = TypeVar("T", bound="ConditionFacet")


@_attrs_define
class ConditionFacet:
    """The number of games in a condition.

    Attributes:
        hal_links (Links): The links of a resource, by relation.
        condition (Condition): The condition of a game.
        games (int):  Example: 2.
    """

    hal_links: Links
    condition: Condition
    games: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links = self.hal_links.to_dict()

        condition = self.condition.value

        games = self.games

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_links": hal_links,
                "condition": condition,
                "games": games,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links import Links  # noqa: PLC0415

        d = dict(src_dict)
        hal_links = Links.from_dict(d.pop("_links"))

        condition = Condition(d.pop("condition"))

        games = d.pop("games")

        condition_facet = cls(
            hal_links=hal_links,
            condition=condition,
            games=games,
        )

        condition_facet.additional_properties = d
        return condition_facet

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
