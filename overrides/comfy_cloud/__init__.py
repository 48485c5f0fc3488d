"""Python client for the Comfy Cloud API: run ComfyUI workflows from Python.

Names are imported when they are first used, so that `import comfy_cloud` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from . import errors, events, raw
    from ._async.client import AsyncComfyCloud
    from ._async.imports import AsyncAssetImport
    from ._async.jobs import AsyncJob
    from ._async.outputs import AsyncOutput, AsyncOutputs
    from ._core.downloads import SignedURL
    from ._core.records import QueueState, UserFile
    from ._core.retry import RetryPolicy
    from ._core.statuses import ExecutionError, JobStatus, QueueItem
    from ._sync.client import ComfyCloud
    from ._sync.imports import AssetImport
    from ._sync.jobs import Job
    from ._sync.outputs import Output, Outputs
    from .errors import (
        AmbiguousNodeError,
        APIConnectionError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ComfyCloudError,
        ConfigurationError,
        ConflictError,
        DownloadError,
        InvalidWorkflowError,
        JobCancelledError,
        JobError,
        JobFailedError,
        JobLostError,
        JobTimeoutError,
        NodeInputError,
        NodeNotFoundError,
        NotFoundError,
        NotSupportedError,
        PayloadTooLargeError,
        PaymentRequiredError,
        PermissionDeniedError,
        RateLimitError,
        ServerError,
        SubmissionUncertainError,
        SubscriptionInactiveError,
        UIFormatError,
        UnexpectedResponseError,
        UnprocessableEntityError,
        UnsupportedMediaTypeError,
        UploadError,
        WorkflowError,
    )
    from .events import (
        JobCancelled,
        JobCompleted,
        JobEvent,
        JobFailed,
        JobQueued,
        JobStarted,
        NodeFinished,
        NodeProgress,
        NodesCached,
        NodeStarted,
        NodeText,
        Preview,
        UnknownEvent,
        show_progress,
    )
    from .workflow import Node, Problem, Workflow

_MODULES = {
    "._async.client": ("AsyncComfyCloud",),
    "._async.imports": ("AsyncAssetImport",),
    "._async.jobs": ("AsyncJob",),
    "._async.outputs": ("AsyncOutput", "AsyncOutputs"),
    "._core.records": ("QueueState", "UserFile"),
    "._core.downloads": ("SignedURL",),
    "._core.retry": ("RetryPolicy",),
    "._core.statuses": ("ExecutionError", "JobStatus", "QueueItem"),
    "._sync.client": ("ComfyCloud",),
    "._sync.imports": ("AssetImport",),
    "._sync.jobs": ("Job",),
    "._sync.outputs": ("Output", "Outputs"),
    ".events": (
        "JobCancelled",
        "JobCompleted",
        "JobEvent",
        "JobFailed",
        "JobQueued",
        "JobStarted",
        "NodeFinished",
        "NodeProgress",
        "NodeStarted",
        "NodeText",
        "NodesCached",
        "Preview",
        "UnknownEvent",
        "show_progress",
    ),
    ".workflow": ("Node", "Problem", "Workflow"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}
_SUBMODULES = frozenset({"errors", "events", "raw"})

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AmbiguousNodeError",
    "AssetImport",
    "AsyncAssetImport",
    "AsyncComfyCloud",
    "AsyncJob",
    "AsyncOutput",
    "AsyncOutputs",
    "AuthenticationError",
    "BadRequestError",
    "ComfyCloud",
    "ComfyCloudError",
    "ConfigurationError",
    "ConflictError",
    "DownloadError",
    "ExecutionError",
    "InvalidWorkflowError",
    "Job",
    "JobCancelled",
    "JobCancelledError",
    "JobCompleted",
    "JobError",
    "JobEvent",
    "JobFailed",
    "JobFailedError",
    "JobLostError",
    "JobQueued",
    "JobStarted",
    "JobStatus",
    "JobTimeoutError",
    "Node",
    "NodeFinished",
    "NodeInputError",
    "NodeNotFoundError",
    "NodeProgress",
    "NodeStarted",
    "NodeText",
    "NodesCached",
    "NotFoundError",
    "NotSupportedError",
    "Output",
    "Outputs",
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "Preview",
    "Problem",
    "QueueItem",
    "QueueState",
    "RateLimitError",
    "RetryPolicy",
    "ServerError",
    "SignedURL",
    "SubmissionUncertainError",
    "SubscriptionInactiveError",
    "UIFormatError",
    "UnexpectedResponseError",
    "UnknownEvent",
    "UnprocessableEntityError",
    "UnsupportedMediaTypeError",
    "UploadError",
    "UserFile",
    "Workflow",
    "WorkflowError",
    "__version__",
    "errors",
    "events",
    "raw",
    "show_progress",
]


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return import_module(f".{name}", __name__)
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # What has no other home is an exception.
    value = getattr(import_module(_HOMES.get(name, ".errors"), __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
