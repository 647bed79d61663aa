from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.condition import Condition
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.game_templates import GameTemplates
    from ..models.links import Links


T = TypeVar("T", bound="Game")


@_attrs_define
class Game:
    """A game on the board.

    Attributes:
        hal_links (Links): The links of a resource, by relation.
        condition (Condition): The condition of a game.
        created_at (datetime.datetime):
        gaming_system (str):  Example: NES.
        id (int): The id of a game. Example: 1.
        name (str):  Example: Metroid.
        node_id (str): The global id: the `id` in GraphQL. Example: R2FtZTox.
        owner_id (int): The id of a user, also of a deleted one. Example: 1.
        previous_owners (int): The number of owners before the current one.
        publisher (str):  Example: Nintendo.
        system_key (str): The key of the system: the same one for all names of it. Example: nes.
        title_key (str): The key of the title. Copies of a game have the same one, however they spell its name. Example:
            metroid.
        updated_at (datetime.datetime):
        year_published (int):  Example: 1986.
        hal_templates (GameTemplates | Unset): The forms of a resource, by the relation of the action that each belongs
            to.
    """

    hal_links: Links
    condition: Condition
    created_at: datetime.datetime
    gaming_system: str
    id: int
    name: str
    node_id: str
    owner_id: int
    previous_owners: int
    publisher: str
    system_key: str
    title_key: str
    updated_at: datetime.datetime
    year_published: int
    hal_templates: GameTemplates | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links = self.hal_links.to_dict()

        condition = self.condition.value

        created_at = self.created_at.isoformat()

        gaming_system = self.gaming_system

        id = self.id

        name = self.name

        node_id = self.node_id

        owner_id = self.owner_id

        previous_owners = self.previous_owners

        publisher = self.publisher

        system_key = self.system_key

        title_key = self.title_key

        updated_at = self.updated_at.isoformat()

        year_published = self.year_published

        hal_templates: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_templates, Unset):
            hal_templates = self.hal_templates.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_links": hal_links,
                "condition": condition,
                "created_at": created_at,
                "gaming_system": gaming_system,
                "id": id,
                "name": name,
                "node_id": node_id,
                "owner_id": owner_id,
                "previous_owners": previous_owners,
                "publisher": publisher,
                "system_key": system_key,
                "title_key": title_key,
                "updated_at": updated_at,
                "year_published": year_published,
            }
        )
        if hal_templates is not UNSET:
            field_dict["_templates"] = hal_templates

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.game_templates import GameTemplates  # noqa: PLC0415
        from ..models.links import Links  # noqa: PLC0415

        d = dict(src_dict)
        hal_links = Links.from_dict(d.pop("_links"))

        condition = Condition(d.pop("condition"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        gaming_system = d.pop("gaming_system")

        id = d.pop("id")

        name = d.pop("name")

        node_id = d.pop("node_id")

        owner_id = d.pop("owner_id")

        previous_owners = d.pop("previous_owners")

        publisher = d.pop("publisher")

        system_key = d.pop("system_key")

        title_key = d.pop("title_key")

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        year_published = d.pop("year_published")

        _hal_templates = d.pop("_templates", UNSET)
        hal_templates: GameTemplates | Unset
        if isinstance(_hal_templates, Unset):
            hal_templates = UNSET
        else:
            hal_templates = GameTemplates.from_dict(_hal_templates)

        game = cls(
            hal_links=hal_links,
            condition=condition,
            created_at=created_at,
            gaming_system=gaming_system,
            id=id,
            name=name,
            node_id=node_id,
            owner_id=owner_id,
            previous_owners=previous_owners,
            publisher=publisher,
            system_key=system_key,
            title_key=title_key,
            updated_at=updated_at,
            year_published=year_published,
            hal_templates=hal_templates,
        )

        game.additional_properties = d
        return game

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
