# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.prompt_response_node_errors import PromptResponseNodeErrors


@_attrs_define
class PromptResponse(_types.Fields[Any]):
    """Answer to an accepted workflow. It can still carry `node_errors`, in which case part of the workflow does not run.

    Attributes:
        prompt_id (UUID | Unset): Id of the accepted job, used by every later call and message about it.
        number (float | Unset): Queue number given to the job. On open-source ComfyUI it can be negative or fractional.
        node_errors (PromptResponseNodeErrors | Unset): Validation errors by node id. An accepted workflow can still
            have entries here: the server has dropped the branches that failed validation and runs the rest, so outputs will
            be missing.
    """

    prompt_id: UUID | Unset = UNSET
    number: float | Unset = UNSET
    node_errors: PromptResponseNodeErrors | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "prompt_id": "prompt_id",
        "number": "number",
        "node_errors": "node_errors",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "prompt_id": self.prompt_id,
            "number": self.number,
            "node_errors": self.node_errors,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.prompt_response_node_errors import PromptResponseNodeErrors

        return {
            "prompt_id": ("prompt_id", _types.uuid),
            "number": ("number", _types.as_it_came),
            "node_errors": ("node_errors", PromptResponseNodeErrors.from_dict),
            "additional_properties": (None, _types.as_it_came),
        }
