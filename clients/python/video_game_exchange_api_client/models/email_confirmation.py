from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="EmailConfirmation")


@_attrs_define
class EmailConfirmation:
    """The token from a letter.

    Attributes:
        token (str): The fragment of the link in the letter, after the `#`. Valid once, for three days.
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
