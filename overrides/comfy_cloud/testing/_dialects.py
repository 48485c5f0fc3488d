"""The servers that can be emulated, one row each: every point in which they differ is a field of `_dialect.Dialect`."""

from dataclasses import replace
from typing import Literal

from . import _answers, _asset_rules, _blueprints, _models, _shapes, _userdata
from ._dialect import Delivery, Dialect, JobList, Queue, Storage, Submitting, UploadLimits
from ._operations import OPERATIONS
from ._validation import CheckRules

MiB = 1024 * 1024

_CONTRACT = frozenset(operation.id for operation in OPERATIONS if operation.contract)
_COMFYUI_ONLY = frozenset(operation.id for operation in OPERATIONS if operation.id.startswith("comfyui"))
_CLOUD = _CONTRACT | {"getTask"}
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
        "comfyuiCancelJob",
        "comfyuiCancelJobs",
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
_TEXT_ERRORS = dict.fromkeys(_userdata.OPERATIONS, _answers.text_error)
_COMFYUI_ERRORS = {
    "getUserdata": _answers.text_error,
    "postUserdataFile": _answers.text_of_conflict,
    "uploadImage": _answers.text_of_size,
    **dict.fromkeys(_asset_rules.OPERATIONS, _answers.nested_error),
}
_DEVICE = {"name": "cpu", "type": "cpu", "vram_total": 16 * 1024 * MiB, "vram_free": 8 * 1024 * MiB}
_SYSTEM = {
    "python_version": "3.12.3",
    "embedded_python": False,
    "pytorch_version": "2.9.0+cpu",
    "ram_total": 16 * 1024 * MiB,
    "ram_free": 8 * 1024 * MiB,
}
_TO_ACCOUNT = Delivery(by_client=False, end_mark=False, resumes=False, shape=_shapes.cloud_message)
_TO_CLIENT = Delivery(by_client=True, end_mark=True, resumes=True, shape=_shapes.comfyui_message)
_CLOUD_JOBS = JobList(
    entry=_shapes.cloud_job_entry,
    detail=_shapes.cloud_job_detail,
    sort_words={"create_time": "created", "execution_time": "duration"},
    default_limit=100,
    max_limit=1000,
    clamps_offset=False,
    filters_outputs=True,
)
_COMFYUI_JOBS = JobList(
    entry=_shapes.comfyui_job_entry,
    detail=_shapes.comfyui_job_detail,
    sort_words={"created_at": "created", "execution_duration": "duration"},
    default_limit=None,
    max_limit=None,
    clamps_offset=True,
    filters_outputs=False,
)

CLOUD = Dialect(
    name="cloud",
    operations=_CLOUD,
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
        same_number_crash=False,
        null_extra_data=False,
        stamps_extra_data=False,
        underscore_crash=True,
        rules=CheckRules(missing_node_type=True, names_cycles=True),
    ),
    queue=Queue(
        max_concurrent_jobs=3,
        keeps_cancelled=True,
        delete_interrupts=False,
        interrupts_oldest=False,
        empty_answers=False,
        cached_needs_client=False,
        item=_shapes.cloud_queue_item,
    ),
    jobs=_CLOUD_JOBS,
    storage=Storage(
        by_hash=True,
        makes_assets=True,
        names_assets=False,
        redirects=True,
        limits=UploadLimits(50 * MiB, 16384, 64_000_000),
        max_body=None,
    ),
    delivery=_TO_ACCOUNT,
    assets=_asset_rules.CLOUD_ASSETS,
    userdata=_userdata.CLOUD_USERDATA,
    models=_models.CLOUD_MODELS,
    blueprints=_blueprints.CLOUD_BLUEPRINTS,
    errors=_TEXT_ERRORS,
    device=_DEVICE,
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

CLOUD_NEXT = replace(
    CLOUD,
    name="cloud-next",
    error=_answers.wrapped_error,
    crash=_answers.wrapped_crash,
    no_route=_answers.wrapped_no_route,
    queue=replace(CLOUD.queue, delete_interrupts=True, interrupts_oldest=True),
    jobs=replace(_CLOUD_JOBS, entry=_shapes.next_job_entry, detail=_shapes.next_job_detail),
    assets=_asset_rules.CLOUD_NEXT_ASSETS,
)

COMFYUI_OLD = Dialect(
    name="comfyui-old",
    operations=(_CONTRACT | _COMFYUI_ONLY) - _CLOUD_ONLY - _SINCE_2026,
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
        same_number_crash=False,
        null_extra_data=True,
        stamps_extra_data=False,
        underscore_crash=False,
        rules=CheckRules(missing_node_type=False, names_cycles=False),
    ),
    queue=Queue(
        max_concurrent_jobs=1,
        keeps_cancelled=False,
        delete_interrupts=False,
        interrupts_oldest=False,
        empty_answers=True,
        cached_needs_client=True,
        item=_shapes.comfyui_queue_item,
    ),
    jobs=_COMFYUI_JOBS,
    storage=Storage(
        by_hash=False, makes_assets=False, names_assets=False, redirects=False, limits=None, max_body=100 * MiB
    ),
    delivery=_TO_CLIENT,
    assets=_asset_rules.COMFYUI_ASSETS,
    userdata=_userdata.COMFYUI_OLD_USERDATA,
    models=_models.COMFYUI_OLD_MODELS,
    blueprints=_blueprints.COMFYUI_BLUEPRINTS,
    errors=_COMFYUI_ERRORS,
    device=_DEVICE | {"index": None},
    features={"supports_preview_metadata": True, "max_upload_size": 100 * MiB},
    system=_SYSTEM | {"os": "posix", "comfyui_version": "0.3.64", "argv": ["main.py", "--cpu"]},
)

COMFYUI = replace(
    COMFYUI_OLD,
    name="comfyui",
    operations=(_CONTRACT - _CLOUD_ONLY) | _COMFYUI_ONLY,
    submitting=Submitting(
        canonical_ids=True,
        chosen_numbers=True,
        same_number_crash=True,
        null_extra_data=False,
        stamps_extra_data=True,
        underscore_crash=False,
        rules=CheckRules(missing_node_type=True, names_cycles=True),
    ),
    queue=replace(COMFYUI_OLD.queue, cached_needs_client=False),
    storage=replace(COMFYUI_OLD.storage, makes_assets=True, names_assets=True),
    userdata=_userdata.COMFYUI_USERDATA,
    models=_models.COMFYUI_MODELS,
    errors=_COMFYUI_ERRORS
    | dict.fromkeys(("listJobs", "getJobDetail", "comfyuiCancelJob", "comfyuiCancelJobs"), _answers.named_error),
    features={
        "supports_preview_metadata": True,
        "supports_model_type_tags": True,
        "max_upload_size": 100 * MiB,
        "extension": {"manager": {"supports_v4": True}},
        "node_replacements": True,
        "assets": True,
    },
    system=_SYSTEM | {"os": "linux", "comfyui_version": "0.33.0", "argv": ["main.py", "--cpu", "--enable-assets"]},
)

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (CLOUD, CLOUD_NEXT, COMFYUI, COMFYUI_OLD)}
DialectName = Literal["cloud", "cloud-next", "comfyui", "comfyui-old"]
