from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.condition_facet import ConditionFacet
    from ..models.decade_facet import DecadeFacet
    from ..models.links import Links
    from ..models.system_facet import SystemFacet


T = TypeVar("T", bound="GameFacets")


@_attrs_define
class GameFacets:
    """The numbers of the games that match: all of them, and those of each system, condition and decade. Groups without a
    game are left out.

        Attributes:
            hal_links (Links): The links of a resource, by relation.
            conditions (list[ConditionFacet]):
            decades (list[DecadeFacet]):
            exact (bool): False if there are more games than were counted, or while older games are being indexed: then each
                number is a
                lower bound.
            systems (list[SystemFacet]): The systems, the one with most games first: at most 500.
            total (int): The number of all of them. Example: 2.
    """

    hal_links: Links
    conditions: list[ConditionFacet]
    decades: list[DecadeFacet]
    exact: bool
    systems: list[SystemFacet]
    total: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links = self.hal_links.to_dict()

        conditions = []
        for conditions_item_data in self.conditions:
            conditions_item = conditions_item_data.to_dict()
            conditions.append(conditions_item)

        decades = []
        for decades_item_data in self.decades:
            decades_item = decades_item_data.to_dict()
            decades.append(decades_item)

        exact = self.exact

        systems = []
        for systems_item_data in self.systems:
            systems_item = systems_item_data.to_dict()
            systems.append(systems_item)

        total = self.total

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_links": hal_links,
                "conditions": conditions,
                "decades": decades,
                "exact": exact,
                "systems": systems,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.condition_facet import ConditionFacet  # noqa: PLC0415
        from ..models.decade_facet import DecadeFacet  # noqa: PLC0415
        from ..models.links import Links  # noqa: PLC0415
        from ..models.system_facet import SystemFacet  # noqa: PLC0415

        d = dict(src_dict)
        hal_links = Links.from_dict(d.pop("_links"))

        conditions = []
        _conditions = d.pop("conditions")
        for conditions_item_data in _conditions:
            conditions_item = ConditionFacet.from_dict(conditions_item_data)

            conditions.append(conditions_item)

        decades = []
        _decades = d.pop("decades")
        for decades_item_data in _decades:
            decades_item = DecadeFacet.from_dict(decades_item_data)

            decades.append(decades_item)

        exact = d.pop("exact")

        systems = []
        _systems = d.pop("systems")
        for systems_item_data in _systems:
            systems_item = SystemFacet.from_dict(systems_item_data)

            systems.append(systems_item)

        total = d.pop("total")

        game_facets = cls(
            hal_links=hal_links,
            conditions=conditions,
            decades=decades,
            exact=exact,
            systems=systems,
            total=total,
        )

        game_facets.additional_properties = d
        return game_facets

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
