"""Define the servers that can be emulated, one row each.

Every difference between them is a field of `dialect.Dialect`.

The rows for ComfyUI were measured: `comfyui-old` is ComfyUI 0.3.64 of October 2025, `comfyui` is 0.33.0 of August 2026
with assets switched on. `cloud` is the published contract, and `cloud-next` is what is known of newer cloud servers.
"""

from dataclasses import replace
from typing import Literal

from .._engine.node_definitions import DEFINITIONS, OLD_DEFINITIONS
from .._engine.validation import CheckRules
from .._state import asset_rules, blueprints, models, userdata
from . import job_bodies, responses
from .dialect import Delivery, Dialect, JobList, Queue, Storage, Submitting, UploadLimits
from .operations import OPERATIONS

MiB = 1024 * 1024

_CONTRACT = frozenset(operation.id for operation in OPERATIONS if operation.contract)
_COMFYUI_ONLY = frozenset(operation.id for operation in OPERATIONS if operation.id.startswith("comfyui"))
# The contract mentions this operation in prose only. Imports cannot be followed without it.
_CLOUD = _CONTRACT | {"getTask"}
# Neither ComfyUI 0.3.64 nor 0.33.0 has these operations of the contract.
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
# ComfyUI 0.33.0 has these operations, 0.3.64 does not.
_SINCE_2026 = frozenset(
    {
        "getGlobalSubgraphs",
        "getGlobalSubgraph",
        "listJobs",
        "getJobDetail",
        "comfyuiCancelJob",
        "comfyuiCancelJobs",
        *asset_rules.OPERATIONS,
    }
)
# In the contract, the errors of the user data operations are plain text.
_TEXT_ERRORS = dict.fromkeys(userdata.OPERATIONS, responses.text_error)
_COMFYUI_ERRORS = {
    "getUserdata": responses.text_error,
    "postUserdataFile": responses.text_error_if_conflict,
    "uploadImage": responses.text_error_if_too_large,
    **dict.fromkeys(asset_rules.OPERATIONS, responses.nested_error),
}
_DEVICE = {"name": "cpu", "type": "cpu", "vram_total": 16 * 1024 * MiB, "vram_free": 8 * 1024 * MiB}
_SYSTEM = {
    "python_version": "3.12.3",
    "embedded_python": False,
    "pytorch_version": "2.9.0+cpu",
    "ram_total": 16 * 1024 * MiB,
    "ram_free": 8 * 1024 * MiB,
}
# The checks of ComfyUI 0.33.0, and those of 0.3.64.
_RULES = CheckRules(
    DEFINITIONS, missing_node_type=True, names_cycles=True, checks_combos=True, needs_input_objects=True
)
_OLD_RULES = CheckRules(
    OLD_DEFINITIONS, missing_node_type=False, names_cycles=False, checks_combos=False, needs_input_objects=False
)
# On the cloud, `clientId` has no effect: every WebSocket of an account gets the messages of all its jobs.
_TO_ACCOUNT = Delivery(by_client=False, end_mark=False, resumes=False, shape=job_bodies.cloud_message)
_TO_CLIENT = Delivery(by_client=True, end_mark=True, resumes=True, shape=job_bodies.comfyui_message)
_CLOUD_JOBS = JobList(
    entry=job_bodies.cloud_job_entry,
    detail=job_bodies.cloud_job_detail,
    sort_words={"create_time": "created", "execution_time": "duration"},
    default_limit=100,
    max_limit=1000,
    clamps_offset=False,
    filters_outputs=True,
    history_first=False,
)
# ComfyUI 0.33.0 refuses the contract's sort words with 400, returns all jobs without a limit and ignores `output_type`.
_COMFYUI_JOBS = JobList(
    entry=job_bodies.comfyui_job_entry,
    detail=job_bodies.comfyui_job_detail,
    sort_words={"created_at": "created", "execution_duration": "duration"},
    default_limit=None,
    max_limit=None,
    clamps_offset=True,
    filters_outputs=False,
    history_first=True,
)

CLOUD = Dialect(
    name="cloud",
    operations=_CLOUD,
    bare_routes=False,
    allows_head=False,
    needs_key=True,
    checks_origin=False,
    strict_bodies=True,
    announces_limit=True,
    error=responses.flat_error,
    crash=responses.flat_crash,
    no_route=responses.flat_no_route,
    submitting=Submitting(
        canonical_ids=True,
        chosen_numbers=False,
        same_number_crash=False,
        null_extra_data=False,
        stamps_extra_data=False,
        # The cloud returns 500 for a top-level `_comment`, which people leave in their workflows.
        underscore_crash=True,
        rules=_RULES,
    ),
    queue=Queue(
        # The number of the Creator plan. Tests of concurrent jobs need more than one.
        max_concurrent_jobs=3,
        # ComfyUI_frontend pull requests 8436 and 11876.
        max_queued_jobs=100,
        keeps_cancelled=True,
        delete_interrupts=False,
        interrupts_oldest=False,
        empty_responses=False,
        cached_needs_client=False,
        replaces_workers=True,
        settle_time=0.0,
        state_of_ring="failed",
        item=job_bodies.cloud_queue_item,
    ),
    jobs=_CLOUD_JOBS,
    storage=Storage(
        by_hash=True,
        makes_assets=True,
        names_assets=False,
        redirects=True,
        # The documented limits of the cloud: 50 MB, 16384 px an edge, 64 megapixels.
        limits=UploadLimits(50 * MiB, 16384, 64_000_000),
        max_body=None,
    ),
    delivery=_TO_ACCOUNT,
    assets=asset_rules.CLOUD_ASSETS,
    userdata=userdata.CLOUD_USERDATA,
    models=models.CLOUD_MODELS,
    blueprints=blueprints.CLOUD_BLUEPRINTS,
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
    # The words that the server really sends, which differ from those of the contract.
    status_words={
        "pending": "queued_waiting",
        "pending_limited": "queued_limited",
        "in_progress": "executing",
        "cancelling": "cancel_requested",
        "completed": "success",
        "failed": "error",
        "killed_worker": "lost",
        "cancelled": "cancelled",
    },
)

CLOUD_NEXT = replace(
    CLOUD,
    name="cloud-next",
    # Clouds and ComfyUIs since May 2026 have these routes, which ComfyUI's own contract defines.
    operations=_CLOUD | {"comfyuiCancelJob", "comfyuiCancelJobs"},
    error=responses.wrapped_error,
    crash=responses.wrapped_crash,
    no_route=responses.wrapped_no_route,
    # Newer clouds stop running jobs with `POST /api/queue`, and an unnamed interrupt stops the oldest job of the
    # account.
    queue=replace(CLOUD.queue, delete_interrupts=True, interrupts_oldest=True),
    jobs=replace(_CLOUD_JOBS, entry=job_bodies.next_job_entry, detail=job_bodies.next_job_detail),
    assets=asset_rules.CLOUD_NEXT_ASSETS,
)

COMFYUI_OLD = Dialect(
    name="comfyui-old",
    operations=(_CONTRACT | _COMFYUI_ONLY) - _CLOUD_ONLY - _SINCE_2026,
    bare_routes=True,
    allows_head=True,
    needs_key=False,
    checks_origin=True,
    strict_bodies=False,
    announces_limit=False,
    error=responses.empty_error,
    crash=responses.text_crash,
    no_route=responses.comfyui_no_route,
    submitting=Submitting(
        canonical_ids=False,
        chosen_numbers=True,
        same_number_crash=False,
        null_extra_data=True,
        stamps_extra_data=False,
        underscore_crash=False,
        rules=_OLD_RULES,
    ),
    queue=Queue(
        max_concurrent_jobs=1,
        max_queued_jobs=None,
        keeps_cancelled=False,
        delete_interrupts=False,
        interrupts_oldest=False,
        empty_responses=True,
        cached_needs_client=True,
        replaces_workers=False,
        # Measured on ComfyUI 0.3.64 and 0.33.0. A client that reads the outputs at once finds none.
        settle_time=0.002,
        # The code that finds the ring does not touch the flag of success, which the history shows.
        state_of_ring="completed",
        item=job_bodies.comfyui_queue_item,
    ),
    jobs=_COMFYUI_JOBS,
    storage=Storage(
        by_hash=False, makes_assets=False, names_assets=False, redirects=False, limits=None, max_body=100 * MiB
    ),
    delivery=_TO_CLIENT,
    assets=asset_rules.COMFYUI_ASSETS,
    userdata=userdata.COMFYUI_OLD_USERDATA,
    models=models.COMFYUI_OLD_MODELS,
    blueprints=blueprints.COMFYUI_BLUEPRINTS,
    errors=_COMFYUI_ERRORS,
    # ComfyUI sends a null index for a CPU, which clients must accept.
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
        rules=_RULES,
    ),
    queue=replace(COMFYUI_OLD.queue, cached_needs_client=False),
    storage=replace(COMFYUI_OLD.storage, makes_assets=True, names_assets=True),
    userdata=userdata.COMFYUI_USERDATA,
    models=models.COMFYUI_MODELS,
    errors=_COMFYUI_ERRORS
    | dict.fromkeys(("listJobs", "getJobDetail", "comfyuiCancelJob", "comfyuiCancelJobs"), responses.named_error),
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
