from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.links import Links
    from ..models.user_templates import UserTemplates


T = TypeVar("T", bound="User")


@_attrs_define
class User:
    """A user. Only users themselves see their e-mail and street address.

    Attributes:
        hal_links (Links): The links of a resource, by relation.
        created_at (datetime.datetime):
        id (int): The id of a user, also of a deleted one. Example: 1.
        name (str):  Example: Abbey.
        node_id (str): The global id: the `id` in GraphQL. Example: VXNlcjox.
        updated_at (datetime.datetime):
        hal_templates (UserTemplates | Unset): The forms of a resource, by the relation of the action that each belongs
            to.
        email (str | Unset):  Example: abbey@example.com.
        email_confirmed_at (datetime.datetime | None | Unset): The time when the e-mail address was confirmed; letters
            about offers are sent to it since then. Null while it is
            unconfirmed.
        street_address (str | Unset):  Example: 123 Street.
    """

    hal_links: Links
    created_at: datetime.datetime
    id: int
    name: str
    node_id: str
    updated_at: datetime.datetime
    hal_templates: UserTemplates | Unset = UNSET
    email: str | Unset = UNSET
    email_confirmed_at: datetime.datetime | None | Unset = UNSET
    street_address: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links = self.hal_links.to_dict()

        created_at = self.created_at.isoformat()

        id = self.id

        name = self.name

        node_id = self.node_id

        updated_at = self.updated_at.isoformat()

        hal_templates: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_templates, Unset):
            hal_templates = self.hal_templates.to_dict()

        email = self.email

        email_confirmed_at: None | str | Unset
        if isinstance(self.email_confirmed_at, Unset):
            email_confirmed_at = UNSET
        elif isinstance(self.email_confirmed_at, datetime.datetime):
            email_confirmed_at = self.email_confirmed_at.isoformat()
        else:
            email_confirmed_at = self.email_confirmed_at

        street_address = self.street_address

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_links": hal_links,
                "created_at": created_at,
                "id": id,
                "name": name,
                "node_id": node_id,
                "updated_at": updated_at,
            }
        )
        if hal_templates is not UNSET:
            field_dict["_templates"] = hal_templates
        if email is not UNSET:
            field_dict["email"] = email
        if email_confirmed_at is not UNSET:
            field_dict["email_confirmed_at"] = email_confirmed_at
        if street_address is not UNSET:
            field_dict["street_address"] = street_address

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links import Links  # noqa: PLC0415
        from ..models.user_templates import UserTemplates  # noqa: PLC0415

        d = dict(src_dict)
        hal_links = Links.from_dict(d.pop("_links"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        id = d.pop("id")

        name = d.pop("name")

        node_id = d.pop("node_id")

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        _hal_templates = d.pop("_templates", UNSET)
        hal_templates: UserTemplates | Unset
        if isinstance(_hal_templates, Unset):
            hal_templates = UNSET
        else:
            hal_templates = UserTemplates.from_dict(_hal_templates)

        email = d.pop("email", UNSET)

        def _parse_email_confirmed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                email_confirmed_at_type_0 = datetime.datetime.fromisoformat(data)

                return email_confirmed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        email_confirmed_at = _parse_email_confirmed_at(d.pop("email_confirmed_at", UNSET))

        street_address = d.pop("street_address", UNSET)

        user = cls(
            hal_links=hal_links,
            created_at=created_at,
            id=id,
            name=name,
            node_id=node_id,
            updated_at=updated_at,
            hal_templates=hal_templates,
            email=email,
            email_confirmed_at=email_confirmed_at,
            street_address=street_address,
        )

        user.additional_properties = d
        return user

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
