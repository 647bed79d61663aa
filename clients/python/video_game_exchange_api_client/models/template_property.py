from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.template_options import TemplateOptions


T = TypeVar("T", bound="TemplateProperty")


@_attrs_define
class TemplateProperty:
    """A field of a form.

    Attributes:
        name (str):  Example: year_published.
        prompt (str): The label of the field. Example: Year published.
        required (bool):
        max_ (int | Unset): The largest number.
        max_length (int | Unset): The largest number of characters.
        min_ (int | Unset): The smallest number.
        min_length (int | Unset): The smallest number of characters.
        options (TemplateOptions | Unset): The choices of a field.
        placeholder (str | Unset): An example.
        regex (str | Unset): The regular expression that the text must match.
        type_ (str | Unset): The type of HTML input. Absent if there are `options`. Example: number.
        value (str | Unset): The current value, in a form that changes an existing thing. Absent if there are `options`.
    """

    name: str
    prompt: str
    required: bool
    max_: int | Unset = UNSET
    max_length: int | Unset = UNSET
    min_: int | Unset = UNSET
    min_length: int | Unset = UNSET
    options: TemplateOptions | Unset = UNSET
    placeholder: str | Unset = UNSET
    regex: str | Unset = UNSET
    type_: str | Unset = UNSET
    value: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        prompt = self.prompt

        required = self.required

        max_ = self.max_

        max_length = self.max_length

        min_ = self.min_

        min_length = self.min_length

        options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.options, Unset):
            options = self.options.to_dict()

        placeholder = self.placeholder

        regex = self.regex

        type_ = self.type_

        value = self.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "prompt": prompt,
                "required": required,
            }
        )
        if max_ is not UNSET:
            field_dict["max"] = max_
        if max_length is not UNSET:
            field_dict["maxLength"] = max_length
        if min_ is not UNSET:
            field_dict["min"] = min_
        if min_length is not UNSET:
            field_dict["minLength"] = min_length
        if options is not UNSET:
            field_dict["options"] = options
        if placeholder is not UNSET:
            field_dict["placeholder"] = placeholder
        if regex is not UNSET:
            field_dict["regex"] = regex
        if type_ is not UNSET:
            field_dict["type"] = type_
        if value is not UNSET:
            field_dict["value"] = value

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.template_options import TemplateOptions  # noqa: PLC0415

        d = dict(src_dict)
        name = d.pop("name")

        prompt = d.pop("prompt")

        required = d.pop("required")

        max_ = d.pop("max", UNSET)

        max_length = d.pop("maxLength", UNSET)

        min_ = d.pop("min", UNSET)

        min_length = d.pop("minLength", UNSET)

        _options = d.pop("options", UNSET)
        options: TemplateOptions | Unset
        if isinstance(_options, Unset):
            options = UNSET
        else:
            options = TemplateOptions.from_dict(_options)

        placeholder = d.pop("placeholder", UNSET)

        regex = d.pop("regex", UNSET)

        type_ = d.pop("type", UNSET)

        value = d.pop("value", UNSET)

        template_property = cls(
            name=name,
            prompt=prompt,
            required=required,
            max_=max_,
            max_length=max_length,
            min_=min_,
            min_length=min_length,
            options=options,
            placeholder=placeholder,
            regex=regex,
            type_=type_,
            value=value,
        )

        template_property.additional_properties = d
        return template_property

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
