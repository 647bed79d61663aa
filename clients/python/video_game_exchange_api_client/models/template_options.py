from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.template_options_link import TemplateOptionsLink


T = TypeVar("T", bound="TemplateOptions")


@_attrs_define
class TemplateOptions:
    """The choices of a field.

    Attributes:
        inline (list[str] | Unset): The choices, if they are fixed.
        link (TemplateOptionsLink | Unset): A link to a list of choices.
        max_items (int | Unset): The largest number of choices. One if absent.
        min_items (int | Unset): The smallest number of choices.
        prompt_field (str | Unset): The field of a choice to show.
        selected_values (list[Any] | Unset): The current choices, in a form that changes an existing thing.
        value_field (str | Unset): The field of a choice to send.
    """

    inline: list[str] | Unset = UNSET
    link: TemplateOptionsLink | Unset = UNSET
    max_items: int | Unset = UNSET
    min_items: int | Unset = UNSET
    prompt_field: str | Unset = UNSET
    selected_values: list[Any] | Unset = UNSET
    value_field: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        inline: list[str] | Unset = UNSET
        if not isinstance(self.inline, Unset):
            inline = self.inline

        link: dict[str, Any] | Unset = UNSET
        if not isinstance(self.link, Unset):
            link = self.link.to_dict()

        max_items = self.max_items

        min_items = self.min_items

        prompt_field = self.prompt_field

        selected_values: list[Any] | Unset = UNSET
        if not isinstance(self.selected_values, Unset):
            selected_values = self.selected_values

        value_field = self.value_field

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if inline is not UNSET:
            field_dict["inline"] = inline
        if link is not UNSET:
            field_dict["link"] = link
        if max_items is not UNSET:
            field_dict["maxItems"] = max_items
        if min_items is not UNSET:
            field_dict["minItems"] = min_items
        if prompt_field is not UNSET:
            field_dict["promptField"] = prompt_field
        if selected_values is not UNSET:
            field_dict["selectedValues"] = selected_values
        if value_field is not UNSET:
            field_dict["valueField"] = value_field

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.template_options_link import TemplateOptionsLink  # noqa: PLC0415

        d = dict(src_dict)
        inline = cast(list[str], d.pop("inline", UNSET))

        _link = d.pop("link", UNSET)
        link: TemplateOptionsLink | Unset
        if isinstance(_link, Unset):
            link = UNSET
        else:
            link = TemplateOptionsLink.from_dict(_link)

        max_items = d.pop("maxItems", UNSET)

        min_items = d.pop("minItems", UNSET)

        prompt_field = d.pop("promptField", UNSET)

        selected_values = cast(list[Any], d.pop("selectedValues", UNSET))

        value_field = d.pop("valueField", UNSET)

        template_options = cls(
            inline=inline,
            link=link,
            max_items=max_items,
            min_items=min_items,
            prompt_field=prompt_field,
            selected_values=selected_values,
            value_field=value_field,
        )

        template_options.additional_properties = d
        return template_options

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
