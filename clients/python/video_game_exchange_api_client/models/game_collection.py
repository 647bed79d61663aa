from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.embedded_games import EmbeddedGames
    from ..models.links import Links


T = TypeVar("T", bound="GameCollection")


@_attrs_define
class GameCollection:
    """Games on the board. The link `facets` leads to their numbers by system, condition and decade.

    Attributes:
        hal_embedded (EmbeddedGames):
        hal_links (Links): The links of a resource, by relation.
        complete (bool | Unset): False while older games are being indexed: then a search may miss some. Otherwise
            absent. Example: False.
        searched_for (str | Unset): The text that was searched for instead of `q`, because too little matches `q`.
            Example: metroid.
    """

    hal_embedded: EmbeddedGames
    hal_links: Links
    complete: bool | Unset = UNSET
    searched_for: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_embedded = self.hal_embedded.to_dict()

        hal_links = self.hal_links.to_dict()

        complete = self.complete

        searched_for = self.searched_for

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_embedded": hal_embedded,
                "_links": hal_links,
            }
        )
        if complete is not UNSET:
            field_dict["complete"] = complete
        if searched_for is not UNSET:
            field_dict["searched_for"] = searched_for

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.embedded_games import EmbeddedGames  # noqa: PLC0415
        from ..models.links import Links  # noqa: PLC0415

        d = dict(src_dict)
        hal_embedded = EmbeddedGames.from_dict(d.pop("_embedded"))

        hal_links = Links.from_dict(d.pop("_links"))

        complete = d.pop("complete", UNSET)

        searched_for = d.pop("searched_for", UNSET)

        game_collection = cls(
            hal_embedded=hal_embedded,
            hal_links=hal_links,
            complete=complete,
            searched_for=searched_for,
        )

        game_collection.additional_properties = d
        return game_collection

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
