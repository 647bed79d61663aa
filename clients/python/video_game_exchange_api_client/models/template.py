from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.template_property import TemplateProperty


T = TypeVar("T", bound="Template")


@_attrs_define
class Template:
    """A form for one action.

    Attributes:
        method (str):  Example: POST.
        properties (list[TemplateProperty]):
        target (str): The path on this host to send it to. Example: /offers.
        title (str):  Example: Make an offer.
        content_type (str | Unset): The media type of the body, if the action takes one. Example: application/json.
    """

    method: str
    properties: list[TemplateProperty]
    target: str
    title: str
    content_type: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        method = self.method

        properties = []
        for properties_item_data in self.properties:
            properties_item = properties_item_data.to_dict()
            properties.append(properties_item)

        target = self.target

        title = self.title

        content_type = self.content_type

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "method": method,
                "properties": properties,
                "target": target,
                "title": title,
            }
        )
        if content_type is not UNSET:
            field_dict["contentType"] = content_type

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.template_property import TemplateProperty  # noqa: PLC0415

        d = dict(src_dict)
        method = d.pop("method")

        properties = []
        _properties = d.pop("properties")
        for properties_item_data in _properties:
            properties_item = TemplateProperty.from_dict(properties_item_data)

            properties.append(properties_item)

        target = d.pop("target")

        title = d.pop("title")

        content_type = d.pop("contentType", UNSET)

        template = cls(
            method=method,
            properties=properties,
            target=target,
            title=title,
            content_type=content_type,
        )

        template.additional_properties = d
        return template

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
