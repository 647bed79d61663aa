from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="UserUpdate")


@_attrs_define
class UserUpdate:
    """A change to an account. Absent fields stay as they are.

    Attributes:
        email (str | Unset): Read-only: send the current address, or leave it out. Example: abbey@example.com.
        name (str | Unset):  Example: Abigail.
        street_address (None | str | Unset): `null` removes it. `address` is an alternative name. Example: 124 Street.
    """

    email: str | Unset = UNSET
    name: str | Unset = UNSET
    street_address: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        name = self.name

        street_address: None | str | Unset
        if isinstance(self.street_address, Unset):
            street_address = UNSET
        else:
            street_address = self.street_address

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if email is not UNSET:
            field_dict["email"] = email
        if name is not UNSET:
            field_dict["name"] = name
        if street_address is not UNSET:
            field_dict["street_address"] = street_address

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email", UNSET)

        name = d.pop("name", UNSET)

        def _parse_street_address(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        street_address = _parse_street_address(d.pop("street_address", UNSET))

        user_update = cls(
            email=email,
            name=name,
            street_address=street_address,
        )

        return user_update
