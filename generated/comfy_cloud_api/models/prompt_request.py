# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types as _types
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.prompt_request_extra_data import PromptRequestExtraData
    from ..models.prompt_request_prompt import PromptRequestPrompt


@_attrs_define
class PromptRequest(_types.Fields[Any]):
    """A workflow to run, with options. Fields without a value are left out rather than sent as null. There is no
    idempotency key: sending the same request twice can start two paid jobs.

    Attributes:
        prompt (PromptRequestPrompt): Workflow to run in API format: an object with one entry per node, keyed by node
            id. Open-source ComfyUI refuses the UI export format (400 or 500), and a top-level key that begins with `_`,
            such as `_comment`, makes the server answer 500.
        number (float | Unset): Queue position wish; smaller values run earlier. The cloud accepts the field so that
            ComfyUI clients keep working, but ignores it and schedules jobs itself, fairly and in order for each user. Open-
            source ComfyUI honours it.
        front (bool | Unset): Ask for the job to run before all waiting ones. The cloud accepts the field so that
            ComfyUI clients keep working, but ignores it: jobs are ordered by when they were submitted and by a fair share
            per user. Open-source ComfyUI honours it and then assigns a negative `number`.
        extra_data (PromptRequestExtraData | Unset): Free-form data stored alongside the job. Nodes that call paid
            partner services read the API key from `api_key_comfy_org` in here; when the workflow is read back, that value
            reads `[REDACTED]`. Leave the field out rather than sending null: an old open-source server hangs on null.
        partial_execution_targets (list[str] | Unset): Nodes to run instead of the whole workflow. On open-source
            ComfyUI only the outputs named here run, and a name it does not know is refused with 400 (`prompt_no_outputs`).
        prompt_id (str | Unset): Id for the job, chosen by the caller: a fresh lowercase UUID. It is not an idempotency
            key; the id in the answer is the one that counts.
        client_id (str | Unset): The `clientId` of the caller's socket. An open-source ComfyUI sends the job's messages
            only there.
    """

    prompt: PromptRequestPrompt
    number: float | Unset = UNSET
    front: bool | Unset = UNSET
    extra_data: PromptRequestExtraData | Unset = UNSET
    partial_execution_targets: list[str] | Unset = UNSET
    prompt_id: str | Unset = UNSET
    client_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict, repr=_types.names)
    DECLARED: ClassVar[Mapping[str, str]] = {
        "prompt": "prompt",
        "number": "number",
        "front": "front",
        "extra_data": "extra_data",
        "partial_execution_targets": "partial_execution_targets",
        "prompt_id": "prompt_id",
        "client_id": "client_id",
    }

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of this value; what is `UNSET` is left out."""
        fields: dict[str, Any] = {
            **self.additional_properties,
            "prompt": self.prompt,
            "number": self.number,
            "front": self.front,
            "extra_data": self.extra_data,
            "partial_execution_targets": self.partial_execution_targets,
            "prompt_id": self.prompt_id,
            "client_id": self.client_id,
        }
        return {name: _types.encode(value) for name, value in fields.items() if not isinstance(value, Unset)}

    @classmethod
    def _readers(cls) -> _types.Readers:
        from ..models.prompt_request_extra_data import PromptRequestExtraData
        from ..models.prompt_request_prompt import PromptRequestPrompt

        return {
            "prompt": ("prompt", PromptRequestPrompt.from_dict),
            "number": ("number", _types.as_it_came),
            "front": ("front", _types.as_it_came),
            "extra_data": ("extra_data", PromptRequestExtraData.from_dict),
            "partial_execution_targets": ("partial_execution_targets", _types.list_of(_types.as_it_came)),
            "prompt_id": ("prompt_id", _types.as_it_came),
            "client_id": ("client_id", _types.as_it_came),
            "additional_properties": (None, _types.as_it_came),
        }
