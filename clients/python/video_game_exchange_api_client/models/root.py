from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.links import Links
    from ..models.root_embedded import RootEmbedded
    from ..models.root_templates import RootTemplates


T = TypeVar("T", bound="Root")


@_attrs_define
class Root:
    """The entry point of the API.

    Attributes:
        hal_links (Links): The links of a resource, by relation.
        name (str):  Example: Video Game Exchange API.
        version (str):
        hal_embedded (RootEmbedded | Unset): The offers that await your answer.
        hal_templates (RootTemplates | Unset): The forms of a resource, by the relation of the action that each belongs
            to.
        viewer_id (int | Unset): The id of a user, also of a deleted one. Example: 1.
    """

    hal_links: Links
    name: str
    version: str
    hal_embedded: RootEmbedded | Unset = UNSET
    hal_templates: RootTemplates | Unset = UNSET
    viewer_id: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links = self.hal_links.to_dict()

        name = self.name

        version = self.version

        hal_embedded: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_embedded, Unset):
            hal_embedded = self.hal_embedded.to_dict()

        hal_templates: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_templates, Unset):
            hal_templates = self.hal_templates.to_dict()

        viewer_id = self.viewer_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_links": hal_links,
                "name": name,
                "version": version,
            }
        )
        if hal_embedded is not UNSET:
            field_dict["_embedded"] = hal_embedded
        if hal_templates is not UNSET:
            field_dict["_templates"] = hal_templates
        if viewer_id is not UNSET:
            field_dict["viewer_id"] = viewer_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links import Links  # noqa: PLC0415
        from ..models.root_embedded import RootEmbedded  # noqa: PLC0415
        from ..models.root_templates import RootTemplates  # noqa: PLC0415

        d = dict(src_dict)
        hal_links = Links.from_dict(d.pop("_links"))

        name = d.pop("name")

        version = d.pop("version")

        _hal_embedded = d.pop("_embedded", UNSET)
        hal_embedded: RootEmbedded | Unset
        if isinstance(_hal_embedded, Unset):
            hal_embedded = UNSET
        else:
            hal_embedded = RootEmbedded.from_dict(_hal_embedded)

        _hal_templates = d.pop("_templates", UNSET)
        hal_templates: RootTemplates | Unset
        if isinstance(_hal_templates, Unset):
            hal_templates = UNSET
        else:
            hal_templates = RootTemplates.from_dict(_hal_templates)

        viewer_id = d.pop("viewer_id", UNSET)

        root = cls(
            hal_links=hal_links,
            name=name,
            version=version,
            hal_embedded=hal_embedded,
            hal_templates=hal_templates,
            viewer_id=viewer_id,
        )

        root.additional_properties = d
        return root

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
