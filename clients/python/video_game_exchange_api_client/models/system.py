from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.links import Links


T = TypeVar("T", bound="System")


@_attrs_define
class System:
    """A console or computer that games run on.

    Attributes:
        hal_links (Links): The links of a resource, by relation.
        aliases (list[str]): Its other names. `gaming_system` finds its games by each of them, in any case.
        games (int): The number of its games on the board. Example: 2.
        key (str):  Example: nes.
        name (str):  Example: NES.
    """

    hal_links: Links
    aliases: list[str]
    games: int
    key: str
    name: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links = self.hal_links.to_dict()

        aliases = self.aliases

        games = self.games

        key = self.key

        name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_links": hal_links,
                "aliases": aliases,
                "games": games,
                "key": key,
                "name": name,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links import Links  # noqa: PLC0415

        d = dict(src_dict)
        hal_links = Links.from_dict(d.pop("_links"))

        aliases = cast(list[str], d.pop("aliases"))

        games = d.pop("games")

        key = d.pop("key")

        name = d.pop("name")

        system = cls(
            hal_links=hal_links,
            aliases=aliases,
            games=games,
            key=key,
            name=name,
        )

        system.additional_properties = d
        return system

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
