from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="UserCreate")


@_attrs_define
class UserCreate:
    """A new account.

    Attributes:
        email (str): The address for letters. Unique, ignoring case and the spelling of its domain. It cannot be changed
            later. Example: abbey@example.com.
        name (str):  Example: Abbey.
        password (str): 6 to 256 characters. Example: pass123.
        street_address (None | str | Unset): The address for games. Only the other party of an accepted offer sees it.
            `address` is an alternative name. Example: 123 Street.
    """

    email: str
    name: str
    password: str
    street_address: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        name = self.name

        password = self.password

        street_address: None | str | Unset
        if isinstance(self.street_address, Unset):
            street_address = UNSET
        else:
            street_address = self.street_address

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "email": email,
                "name": name,
                "password": password,
            }
        )
        if street_address is not UNSET:
            field_dict["street_address"] = street_address

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        name = d.pop("name")

        password = d.pop("password")

        def _parse_street_address(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        street_address = _parse_street_address(d.pop("street_address", UNSET))

        user_create = cls(
            email=email,
            name=name,
            password=password,
            street_address=street_address,
        )

        return user_create
