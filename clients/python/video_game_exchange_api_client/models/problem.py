from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.changed_part import ChangedPart
    from ..models.field_problem import FieldProblem
    from ..models.links import Links
    from ..models.problem_templates import ProblemTemplates


T = TypeVar("T", bound="Problem")


@_attrs_define
class Problem:
    """A problem document.

    Attributes:
        code (str): A stable code for programs, the same in GraphQL. Example: duplicate_offer.
        detail (str): The description of this occurrence: what happened, why, and what to do next.
        request_id (str): The id of this request in the log of the server.
        status (int):  Example: 409.
        title (str): The title of the type, the same for every occurrence. Example: The same offer is already pending.
        type_ (str): The page that explains this type of problem and how to solve it: `/problems/{code}`. Example:
            /problems/duplicate_offer.
        hal_links (Links | Unset): The links of a resource, by relation.
        hal_templates (ProblemTemplates | Unset):
        changed (list[ChangedPart] | Unset): The things that have changed since the client read them, with status 412.
        errors (list[FieldProblem] | Unset): The invalid fields.
    """

    code: str
    detail: str
    request_id: str
    status: int
    title: str
    type_: str
    hal_links: Links | Unset = UNSET
    hal_templates: ProblemTemplates | Unset = UNSET
    changed: list[ChangedPart] | Unset = UNSET
    errors: list[FieldProblem] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        detail = self.detail

        request_id = self.request_id

        status = self.status

        title = self.title

        type_ = self.type_

        hal_links: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_links, Unset):
            hal_links = self.hal_links.to_dict()

        hal_templates: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hal_templates, Unset):
            hal_templates = self.hal_templates.to_dict()

        changed: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.changed, Unset):
            changed = []
            for changed_item_data in self.changed:
                changed_item = changed_item_data.to_dict()
                changed.append(changed_item)

        errors: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.errors, Unset):
            errors = []
            for errors_item_data in self.errors:
                errors_item = errors_item_data.to_dict()
                errors.append(errors_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "detail": detail,
                "request_id": request_id,
                "status": status,
                "title": title,
                "type": type_,
            }
        )
        if hal_links is not UNSET:
            field_dict["_links"] = hal_links
        if hal_templates is not UNSET:
            field_dict["_templates"] = hal_templates
        if changed is not UNSET:
            field_dict["changed"] = changed
        if errors is not UNSET:
            field_dict["errors"] = errors

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.changed_part import ChangedPart  # noqa: PLC0415
        from ..models.field_problem import FieldProblem  # noqa: PLC0415
        from ..models.links import Links  # noqa: PLC0415
        from ..models.problem_templates import ProblemTemplates  # noqa: PLC0415

        d = dict(src_dict)
        code = d.pop("code")

        detail = d.pop("detail")

        request_id = d.pop("request_id")

        status = d.pop("status")

        title = d.pop("title")

        type_ = d.pop("type")

        _hal_links = d.pop("_links", UNSET)
        hal_links: Links | Unset
        if isinstance(_hal_links, Unset):
            hal_links = UNSET
        else:
            hal_links = Links.from_dict(_hal_links)

        _hal_templates = d.pop("_templates", UNSET)
        hal_templates: ProblemTemplates | Unset
        if isinstance(_hal_templates, Unset):
            hal_templates = UNSET
        else:
            hal_templates = ProblemTemplates.from_dict(_hal_templates)

        _changed = d.pop("changed", UNSET)
        changed: list[ChangedPart] | Unset = UNSET
        if _changed is not UNSET:
            changed = []
            for changed_item_data in _changed:
                changed_item = ChangedPart.from_dict(changed_item_data)

                changed.append(changed_item)

        _errors = d.pop("errors", UNSET)
        errors: list[FieldProblem] | Unset = UNSET
        if _errors is not UNSET:
            errors = []
            for errors_item_data in _errors:
                errors_item = FieldProblem.from_dict(errors_item_data)

                errors.append(errors_item)

        problem = cls(
            code=code,
            detail=detail,
            request_id=request_id,
            status=status,
            title=title,
            type_=type_,
            hal_links=hal_links,
            hal_templates=hal_templates,
            changed=changed,
            errors=errors,
        )

        problem.additional_properties = d
        return problem

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
