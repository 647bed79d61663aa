from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="EmailConfirmation")


@_attrs_define
class EmailConfirmation:
    """The token of a letter.

    Attributes:
        token (str): What stands behind the `#` of the letter's link. Good once, for three days.
    """

    token: str

    def to_dict(self) -> dict[str, Any]:
        token = self.token

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "token": token,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        token = d.pop("token")

        email_confirmation = cls(
            token=token,
        )

        return email_confirmation
