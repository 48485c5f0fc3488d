"""The servers that can be emulated, one row each: every point in which they differ is a field here.

Handlers ask the fields of the row; none asks for the name of a dialect.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.responses import Response

from . import _answers, _shapes
from ._jobs import Job
from ._operations import OPERATIONS
from ._validation import CheckRules

MiB = 1024 * 1024


@dataclass(frozen=True)
class UploadLimits:
    """What an image upload may be at most."""

    size: int  # bytes
    edge: int  # px
    pixels: int


@dataclass(frozen=True)
class Submitting:
    """How `POST /api/prompt` is answered.

    `canonical_ids` takes only lowercase UUIDs for `prompt_id`, otherwise anything goes. `chosen_numbers` lets the
    caller order the queue. `null_extra_data` accepts `"extra_data": null` and lets the worker die on it.
    `underscore_crash` crashes on a top-level key that begins with `_`.
    """

    canonical_ids: bool
    chosen_numbers: bool
    null_extra_data: bool
    underscore_crash: bool
    rules: CheckRules


@dataclass(frozen=True)
class Queue:
    """How jobs wait and end.

    `keeps_cancelled`: a job that is cancelled while it waits can still be read. `empty_answers`: `POST /api/queue`
    answers without a body. `cached_needs_client`: cached outputs of a job without `client_id` stay empty.
    """

    max_concurrent_jobs: int
    keeps_cancelled: bool
    empty_answers: bool
    cached_needs_client: bool
    item: Callable[[Job, int], list[Any]]


@dataclass(frozen=True)
class Storage:
    """How files are kept and handed out.

    `by_hash`: contents are named by their hash, outputs become assets. `redirects`: `/api/view` answers 302 to a
    signed address.
    """

    by_hash: bool
    redirects: bool
    limits: UploadLimits | None


@dataclass(frozen=True)
class Dialect:
    """One kind of server.

    `bare_routes` answer without their `/api` prefix, too. `strict_bodies` refuses malformed bodies with 400;
    otherwise they crash the server. `announces_limit` tells the number of concurrent jobs among the features.
    `status_words` are the words of `GET /api/job/{job_id}/status`.
    """

    name: str
    operations: frozenset[str]
    bare_routes: bool
    answers_head: bool
    needs_key: bool
    checks_origin: bool
    strict_bodies: bool
    announces_limit: bool
    error: Callable[[int, str, str], Response]
    crash: Callable[[], Response]
    no_route: Callable[[str, str, frozenset[str]], Response]
    submitting: Submitting
    queue: Queue
    storage: Storage
    features: Mapping[str, Any]
    system: Mapping[str, Any]
    status_words: Mapping[str, str] = field(default_factory=dict)


_CONTRACT = frozenset(operation.id for operation in OPERATIONS if operation.contract)
_COMFYUI_ONLY = frozenset(operation.id for operation in OPERATIONS if not operation.contract)
_CLOUD_ONLY = frozenset(
    {
        "getHistory",
        "getHistoryForPrompt",
        "getJobStatus",
        "getMaskLayers",
        "getRemoteAssetMetadata",
        "createAssetDownload",
        "getUser",
    }
)
_SINCE_2026 = frozenset(
    {
        "getGlobalSubgraphs",
        "getGlobalSubgraph",
        "listJobs",
        "getJobDetail",
        "listAssets",
        "uploadAsset",
        "createAssetFromHash",
        "getAssetById",
        "updateAsset",
        "deleteAsset",
        "addAssetTags",
        "removeAssetTags",
        "listTags",
        "getAssetTagHistogram",
        "checkAssetByHash",
    }
)
_SYSTEM = {
    "python_version": "3.12.3",
    "embedded_python": False,
    "pytorch_version": "2.9.0+cpu",
    "ram_total": 16 * 1024 * MiB,
    "ram_free": 8 * 1024 * MiB,
}

CLOUD = Dialect(
    name="cloud",
    operations=_CONTRACT,
    bare_routes=False,
    answers_head=False,
    needs_key=True,
    checks_origin=False,
    strict_bodies=True,
    announces_limit=True,
    error=_answers.flat_error,
    crash=_answers.flat_crash,
    no_route=_answers.flat_no_route,
    submitting=Submitting(
        canonical_ids=True,
        chosen_numbers=False,
        null_extra_data=False,
        underscore_crash=True,
        rules=CheckRules(missing_node_type=True, names_cycles=True),
    ),
    queue=Queue(
        max_concurrent_jobs=3,
        keeps_cancelled=True,
        empty_answers=False,
        cached_needs_client=False,
        item=_shapes.cloud_queue_item,
    ),
    storage=Storage(by_hash=True, redirects=True, limits=UploadLimits(50 * MiB, 16384, 64_000_000)),
    features={"supports_preview_metadata": True, "max_upload_size": 50 * MiB},
    system=_SYSTEM
    | {
        "os": "linux",
        "comfyui_version": "0.14.0",
        "comfyui_frontend_version": "1.38.0",
        "workflow_templates_version": "0.8.0",
        "cloud_version": "emulator",
        "argv": [],
    },
    status_words={
        "pending": "queued_waiting",
        "pending_limited": "queued_limited",
        "in_progress": "executing",
        "cancelling": "cancel_requested",
        "completed": "success",
        "failed": "error",
        "cancelled": "cancelled",
    },
)

COMFYUI_OLD = Dialect(
    name="comfyui-old",
    operations=(_CONTRACT - _CLOUD_ONLY - _SINCE_2026) | _COMFYUI_ONLY,
    bare_routes=True,
    answers_head=True,
    needs_key=False,
    checks_origin=True,
    strict_bodies=False,
    announces_limit=False,
    error=_answers.empty_error,
    crash=_answers.text_crash,
    no_route=_answers.comfyui_no_route,
    submitting=Submitting(
        canonical_ids=False,
        chosen_numbers=True,
        null_extra_data=True,
        underscore_crash=False,
        rules=CheckRules(missing_node_type=False, names_cycles=False),
    ),
    queue=Queue(
        max_concurrent_jobs=1,
        keeps_cancelled=False,
        empty_answers=True,
        cached_needs_client=True,
        item=_shapes.comfyui_queue_item,
    ),
    storage=Storage(by_hash=False, redirects=False, limits=None),
    features={"supports_preview_metadata": True, "max_upload_size": 100 * MiB},
    system=_SYSTEM | {"os": "posix", "comfyui_version": "0.3.64", "argv": ["main.py", "--cpu"]},
)

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (CLOUD, COMFYUI_OLD)}
DialectName = Literal["cloud", "comfyui-old"]
