from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.closed_reason import ClosedReason
from ..models.offer_status import OfferStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.links import Links
    from ..models.named_game import NamedGame
    from ..models.named_user import NamedUser
    from ..models.offer_embedded import OfferEmbedded
    from ..models.offer_templates import OfferTemplates


T = TypeVar("T", bound="Offer")


@_attrs_define
class Offer:
    """An offer to trade.

    Attributes:
        hal_links (Links): The links of a resource, by relation.
        created_at (datetime.datetime):
        id (int): The id of an offer. Example: 1.
        node_id (str): The global id: the `id` in GraphQL. Example: T2ZmZXI6MQ==.
        offered_game_id (int): The first of `offered_game_ids`.
        offered_game_ids (list[int]):
        offered_games (list[NamedGame]):
        offerer (NamedUser): A party of an offer.
        offerer_id (int): The id of a user, also of a deleted one. Example: 1.
        receiver (NamedUser): A party of an offer.
        receiver_id (int): The id of a user, also of a deleted one. Example: 1.
        requested_game_id (int): The first of `requested_game_ids`.
        requested_game_ids (list[int]):
        requested_games (list[NamedGame]):
        requester_id (int): The id of a user, also of a deleted one. Example: 1.
        status (OfferStatus): The status of an offer. There will never be others; `closed_reason` says why an offer was
            closed.
        updated_at (datetime.datetime):
        hal_embedded (OfferEmbedded | Unset): The resources that `expand` asks for. Games that have left the board and
            closed accounts are missing.
        hal_templates (OfferTemplates | Unset): The forms of a resource, by the relation of the action that each belongs
            to.
        awaiting (str | Unset): The party whose answer is awaited: `receiver` while the offer is pending. Example:
            receiver.
        closed_by_offer_id (int | Unset): The id of an offer. Example: 1.
        closed_reason (ClosedReason | Unset): The reason why an offer was closed without a trade.
        message (str | Unset): Visible to the two parties only.
        offerer_address (str | Unset): The address of the offerer, visible to the two parties for 90 days after the
            offer is accepted.
        receiver_address (str | Unset): The address of the receiver, visible to the two parties for 90 days after the
            offer is accepted.
    """

    hal_links: Links
    created_at: datetime.datetime
    id: int
    node_id: str
    offered_game_id: int
    offered_game_ids: list[int]
    offered_games: list[NamedGame]
    offerer: NamedUser
    offerer_id: int
    receiver: NamedUser
    receiver_id: int
    requested_game_id: int
    requested_game_ids: list[int]
    requested_games: list[NamedGame]
    requester_id: int
    status: OfferStatus
    updated_at: datetime.datetime
    hal_embedded: OfferEmbedded | Unset = UNSET
    hal_templates: OfferTemplates | Unset = UNSET
    awaiting: str | Unset = UNSET
    closed_by_offer_id: int | Unset = UNSET
    closed_reason: ClosedReason | Unset = UNSET
    message: str | Unset = UNSET
    offerer_address: str | Unset = UNSET
    receiver_address: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links = self.hal_links.to_dict()

        created_at = self.created_at.isoformat()

        id = self.id

        node_id = self.node_id

        offered_game_id = self.offered_game_id

        offered_game_ids = self.offered_game_ids

        offered_games = []
        for offered_games_item_data in self.offered_games:
            offered_games_item = offered_games_item_data.to_dict()
            offered_games.append(offered_games_item)

        offerer = self.offerer.to_dict()

        offerer_id = self.offerer_id

        receiver = self.receiver.to_dict()

        receiver_id = self.receiver_id

        requested_game_id = self.requested_game_id

        requested_game_ids = self.requested_game_ids

        requested_games = []
        for requested_games_item_data in self.requested_games:
            requested_games_item = requested_games_item_data.to_dict()
            requested_games.append(requested_games_item)

        requester_id = self.requester_id

        status = self.status.value

        updated_at = self.updated_at.isoformat()

        hal_embedded: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_embedded, Unset):
            hal_embedded = self.hal_embedded.to_dict()

        hal_templates: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_templates, Unset):
            hal_templates = self.hal_templates.to_dict()

        awaiting = self.awaiting

        closed_by_offer_id = self.closed_by_offer_id

        closed_reason: str | Unset = UNSET
        if not isinstance(self.closed_reason, Unset):
            closed_reason = self.closed_reason.value

        message = self.message

        offerer_address = self.offerer_address

        receiver_address = self.receiver_address

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_links": hal_links,
                "created_at": created_at,
                "id": id,
                "node_id": node_id,
                "offered_game_id": offered_game_id,
                "offered_game_ids": offered_game_ids,
                "offered_games": offered_games,
                "offerer": offerer,
                "offerer_id": offerer_id,
                "receiver": receiver,
                "receiver_id": receiver_id,
                "requested_game_id": requested_game_id,
                "requested_game_ids": requested_game_ids,
                "requested_games": requested_games,
                "requester_id": requester_id,
                "status": status,
                "updated_at": updated_at,
            }
        )
        if hal_embedded is not UNSET:
            field_dict["_embedded"] = hal_embedded
        if hal_templates is not UNSET:
            field_dict["_templates"] = hal_templates
        if awaiting is not UNSET:
            field_dict["awaiting"] = awaiting
        if closed_by_offer_id is not UNSET:
            field_dict["closed_by_offer_id"] = closed_by_offer_id
        if closed_reason is not UNSET:
            field_dict["closed_reason"] = closed_reason
        if message is not UNSET:
            field_dict["message"] = message
        if offerer_address is not UNSET:
            field_dict["offerer_address"] = offerer_address
        if receiver_address is not UNSET:
            field_dict["receiver_address"] = receiver_address

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links import Links  # noqa: PLC0415
        from ..models.named_game import NamedGame  # noqa: PLC0415
        from ..models.named_user import NamedUser  # noqa: PLC0415
        from ..models.offer_embedded import OfferEmbedded  # noqa: PLC0415
        from ..models.offer_templates import OfferTemplates  # noqa: PLC0415

        d = dict(src_dict)
        hal_links = Links.from_dict(d.pop("_links"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        id = d.pop("id")

        node_id = d.pop("node_id")

        offered_game_id = d.pop("offered_game_id")

        offered_game_ids = cast(list[int], d.pop("offered_game_ids"))

        offered_games = []
        _offered_games = d.pop("offered_games")
        for offered_games_item_data in _offered_games:
            offered_games_item = NamedGame.from_dict(offered_games_item_data)

            offered_games.append(offered_games_item)

        offerer = NamedUser.from_dict(d.pop("offerer"))

        offerer_id = d.pop("offerer_id")

        receiver = NamedUser.from_dict(d.pop("receiver"))

        receiver_id = d.pop("receiver_id")

        requested_game_id = d.pop("requested_game_id")

        requested_game_ids = cast(list[int], d.pop("requested_game_ids"))

        requested_games = []
        _requested_games = d.pop("requested_games")
        for requested_games_item_data in _requested_games:
            requested_games_item = NamedGame.from_dict(requested_games_item_data)

            requested_games.append(requested_games_item)

        requester_id = d.pop("requester_id")

        status = OfferStatus(d.pop("status"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        _hal_embedded = d.pop("_embedded", UNSET)
        hal_embedded: OfferEmbedded | Unset
        if isinstance(_hal_embedded, Unset):
            hal_embedded = UNSET
        else:
            hal_embedded = OfferEmbedded.from_dict(_hal_embedded)

        _hal_templates = d.pop("_templates", UNSET)
        hal_templates: OfferTemplates | Unset
        if isinstance(_hal_templates, Unset):
            hal_templates = UNSET
        else:
            hal_templates = OfferTemplates.from_dict(_hal_templates)

        awaiting = d.pop("awaiting", UNSET)

        closed_by_offer_id = d.pop("closed_by_offer_id", UNSET)

        _closed_reason = d.pop("closed_reason", UNSET)
        closed_reason: ClosedReason | Unset
        if isinstance(_closed_reason, Unset):
            closed_reason = UNSET
        else:
            closed_reason = ClosedReason(_closed_reason)

        message = d.pop("message", UNSET)

        offerer_address = d.pop("offerer_address", UNSET)

        receiver_address = d.pop("receiver_address", UNSET)

        offer = cls(
            hal_links=hal_links,
            created_at=created_at,
            id=id,
            node_id=node_id,
            offered_game_id=offered_game_id,
            offered_game_ids=offered_game_ids,
            offered_games=offered_games,
            offerer=offerer,
            offerer_id=offerer_id,
            receiver=receiver,
            receiver_id=receiver_id,
            requested_game_id=requested_game_id,
            requested_game_ids=requested_game_ids,
            requested_games=requested_games,
            requester_id=requester_id,
            status=status,
            updated_at=updated_at,
            hal_embedded=hal_embedded,
            hal_templates=hal_templates,
            awaiting=awaiting,
            closed_by_offer_id=closed_by_offer_id,
            closed_reason=closed_reason,
            message=message,
            offerer_address=offerer_address,
            receiver_address=receiver_address,
        )

        offer.additional_properties = d
        return offer

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
