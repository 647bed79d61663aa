from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.links import Links


T = TypeVar("T", bound="ProblemType")


@_attrs_define
class ProblemType:
    """A type of problem.

    Attributes:
        hal_links (Links): The links of a resource, by relation.
        code (str):  Example: duplicate_offer.
        meaning (str): The meaning of the problem.
        status (int): The status of responses with this problem. Example: 409.
        title (str):  Example: The same offer is already pending.
        way_out (str): The solution: what to do next.
    """

    hal_links: Links
    code: str
    meaning: str
    status: int
    title: str
    way_out: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links = self.hal_links.to_dict()

        code = self.code

        meaning = self.meaning

        status = self.status

        title = self.title

        way_out = self.way_out

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_links": hal_links,
                "code": code,
                "meaning": meaning,
                "status": status,
                "title": title,
                "way_out": way_out,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links import Links  # noqa: PLC0415

        d = dict(src_dict)
        hal_links = Links.from_dict(d.pop("_links"))

        code = d.pop("code")

        meaning = d.pop("meaning")

        status = d.pop("status")

        title = d.pop("title")

        way_out = d.pop("way_out")

        problem_type = cls(
            hal_links=hal_links,
            code=code,
            meaning=meaning,
            status=status,
            title=title,
            way_out=way_out,
        )

        problem_type.additional_properties = d
        return problem_type

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
