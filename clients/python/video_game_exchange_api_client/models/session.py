from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.links import Links
    from ..models.session_templates import SessionTemplates


T = TypeVar("T", bound="Session")


@_attrs_define
class Session:
    """The tokens of a session.

    Attributes:
        hal_links (Links): The links of a resource, by relation.
        access_token (str): Send it as `Authorization: Bearer <access_token>`.
        expires_in (int): The lifetime of the access token, in seconds. Example: 900.
        refresh_token (str): The refresh token: exchange it, once and within 30 days, for the next tokens.
        token_type (str):  Example: Bearer.
        user_id (int): The id of a user, also of a deleted one. Example: 1.
        hal_templates (SessionTemplates | Unset): The forms of a resource, by the relation of the action that each
            belongs to.
    """

    hal_links: Links
    access_token: str
    expires_in: int
    refresh_token: str
    token_type: str
    user_id: int
    hal_templates: SessionTemplates | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hal_links = self.hal_links.to_dict()

        access_token = self.access_token

        expires_in = self.expires_in

        refresh_token = self.refresh_token

        token_type = self.token_type

        user_id = self.user_id

        hal_templates: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_templates, Unset):
            hal_templates = self.hal_templates.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "_links": hal_links,
                "access_token": access_token,
                "expires_in": expires_in,
                "refresh_token": refresh_token,
                "token_type": token_type,
                "user_id": user_id,
            }
        )
        if hal_templates is not UNSET:
            field_dict["_templates"] = hal_templates

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.links import Links  # noqa: PLC0415
        from ..models.session_templates import SessionTemplates  # noqa: PLC0415

        d = dict(src_dict)
        hal_links = Links.from_dict(d.pop("_links"))

        access_token = d.pop("access_token")

        expires_in = d.pop("expires_in")

        refresh_token = d.pop("refresh_token")

        token_type = d.pop("token_type")

        user_id = d.pop("user_id")

        _hal_templates = d.pop("_templates", UNSET)
        hal_templates: SessionTemplates | Unset
        if isinstance(_hal_templates, Unset):
            hal_templates = UNSET
        else:
            hal_templates = SessionTemplates.from_dict(_hal_templates)

        session = cls(
            hal_links=hal_links,
            access_token=access_token,
            expires_in=expires_in,
            refresh_token=refresh_token,
            token_type=token_type,
            user_id=user_id,
            hal_templates=hal_templates,
        )

        session.additional_properties = d
        return session

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
