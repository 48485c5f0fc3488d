"""Python client for the Comfy Cloud API: run ComfyUI workflows from Python.

Names are imported on first use, so that `import comfy_cloud` takes about a millisecond. Each module lists its public
names in `__all__`. The table below says which module to import for a name.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import batch as batch
    from . import errors as errors
    from . import events as events
    from . import raw as raw
    from ._async.batch import *
    from ._async.client import *
    from ._async.jobs import *
    from ._async.outputs import *
    from ._async.resources.imports import *
    from ._core.checks import *
    from ._core.downloads import *
    from ._core.job_state import *
    from ._core.queue import *
    from ._core.retry import *
    from ._core.userdata import *
    from ._sync.batch import *
    from ._sync.client import *
    from ._sync.jobs import *
    from ._sync.outputs import *
    from ._sync.resources.imports import *
    from ._version import *
    from .batch import *
    from .errors import *
    from .events import *
    from .workflow import *

# The public names of each module, which its `__all__` lists as well.
_NAMES = {
    "._async.batch": "AsyncBatch",
    "._async.client": "AsyncComfyCloud",
    "._async.resources.imports": "AsyncAssetImport",
    "._async.jobs": "AsyncJob",
    "._async.outputs": "AsyncOutput AsyncOutputs",
    "._core.checks": "Problem",
    "._core.downloads": "SignedURL",
    "._core.queue": "QueueState",
    "._core.retry": "RetryPolicy",
    "._core.job_state": "ExecutionError JobStatus QueueItem",
    "._core.userdata": "UserFile",
    "._sync.batch": "Batch",
    "._sync.client": "ComfyCloud",
    "._sync.resources.imports": "AssetImport",
    "._sync.jobs": "Job",
    "._sync.outputs": "Output Outputs",
    "._version": "__version__",
    ".batch": "BatchPlan BatchProgress Item ItemState sweep",
    ".errors": """
        AmbiguousNodeError APIConnectionError APIStatusError APITimeoutError AuthenticationError BadRequestError
        BatchConflictError BatchError BatchInUseError
        ComfyCloudError ConfigurationError ConflictError DownloadError InvalidWorkflowError JobCancelledError
        JobError JobFailedError JobLostError JobTimeoutError NodeInputError NodeNotFoundError NotFoundError
        NotSupportedError PayloadTooLargeError PaymentRequiredError PermissionDeniedError RateLimitError
        ServerError SubmissionUncertainError SubscriptionInactiveError UIFormatError UnexpectedResponseError
        UnprocessableEntityError UnsupportedMediaTypeError UploadError WorkflowError
    """,
    ".events": """
        JobCancelled JobCompleted JobEvent JobFailed JobProgress JobQueued JobStarted NodeFinished NodeProgress
        NodeStarted NodeText NodesCached Preview UnknownEvent show_progress
    """,
    ".workflow": "Node Workflow",
}
_SUBMODULES = ("batch", "errors", "events", "raw")
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

# Type checkers cannot read a computed `__all__`. They read the `__all__` of each module through the imports above.
if not TYPE_CHECKING:
    __all__ = sorted([*_MODULES, *_SUBMODULES])


def __getattr__(name: str) -> Any:
    if name in _SUBMODULES:
        return import_module(f".{name}", __name__)
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name], __name__), name)
    globals()[name] = value  # Python calls __getattr__ only for names that are missing, so this runs once for each.
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES, *_SUBMODULES})
