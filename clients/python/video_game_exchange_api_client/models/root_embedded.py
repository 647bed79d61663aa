from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.offer import Offer


T = TypeVar("T", bound="RootEmbedded")


@_attrs_define
class RootEmbedded:
    """The offers that await your answer.

    Attributes:
        offers_waiting (list[Offer]): The oldest offers that await your answer, at most 5. The link `offers_waiting`
            leads to all of them.
    """

    offers_waiting: list[Offer]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        offers_waiting = []
        for offers_waiting_item_data in self.offers_waiting:
            offers_waiting_item = offers_waiting_item_data.to_dict()
            offers_waiting.append(offers_waiting_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "offers_waiting": offers_waiting,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.offer import Offer  # noqa: PLC0415

        d = dict(src_dict)
        offers_waiting = []
        _offers_waiting = d.pop("offers_waiting")
        for offers_waiting_item_data in _offers_waiting:
            offers_waiting_item = Offer.from_dict(offers_waiting_item_data)

            offers_waiting.append(offers_waiting_item)

        root_embedded = cls(
            offers_waiting=offers_waiting,
        )

        root_embedded.additional_properties = d
        return root_embedded

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
