from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.offer import Offer


T = TypeVar("T", bound="OfferEvent")


@_attrs_define
class OfferEvent:
    """An event about an offer.

    Attributes:
        id (UUID): The id of the event, the same as in its `id` line.
        occurred_at (datetime.datetime): The time of the event.
        offer (Offer): An offer to trade.
        type_ (str): The type of the event, the same as in its `event` line: `offer.created`, `offer.updated`,
            `offer.accepted`, `offer.rejected` or `offer.cancelled`. Example: offer.created.
    """

    id: UUID
    occurred_at: datetime.datetime
    offer: Offer
    type_: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        occurred_at = self.occurred_at.isoformat()

        offer = self.offer.to_dict()

        type_ = self.type_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "occurred_at": occurred_at,
                "offer": offer,
                "type": type_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.offer import Offer  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        occurred_at = datetime.datetime.fromisoformat(d.pop("occurred_at"))

        offer = Offer.from_dict(d.pop("offer"))

        type_ = d.pop("type")

        offer_event = cls(
            id=id,
            occurred_at=occurred_at,
            offer=offer,
            type_=type_,
        )

        offer_event.additional_properties = d
        return offer_event

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
