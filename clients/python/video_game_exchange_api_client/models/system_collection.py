from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.embedded_systems import EmbeddedSystems
    from ..models.links import Links


T = TypeVar("T", bound="SystemCollection")


@_attrs_define
class SystemCollection:
    """Systems, the one with most games first.

    Attributes:
        hal_embedded (EmbeddedSystems):
        hal_links (Links): The links of a resource, by relation.
    """

    hal_embedded: EmbeddedSystems
    hal_links: Links
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_embedded = self.hal_embedded.to_dict()

        hal_links = self.hal_links.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_embedded": hal_embedded,
                "_links": hal_links,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.embedded_systems import EmbeddedSystems  # noqa: PLC0415
        from ..models.links import Links  # noqa: PLC0415

        d = dict(src_dict)
        hal_embedded = EmbeddedSystems.from_dict(d.pop("_embedded"))

        hal_links = Links.from_dict(d.pop("_links"))

        system_collection = cls(
            hal_embedded=hal_embedded,
            hal_links=hal_links,
        )

        system_collection.additional_properties = d
        return system_collection

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
