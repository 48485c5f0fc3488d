"""The exceptions of this package, all below ComfyCloudError.

- ComfyCloudError
    - ConfigurationError
    - WorkflowError
        - UIFormatError
        - NodeNotFoundError (also a KeyError)
        - AmbiguousNodeError
        - NodeInputError
    - APIConnectionError (also a ConnectionError)
        - APITimeoutError (also a TimeoutError)
    - UnexpectedResponseError
    - APIStatusError
        - BadRequestError (400)
            - InvalidWorkflowError
        - AuthenticationError (401)
        - PaymentRequiredError (402)
            - SubscriptionInactiveError (402, and a 429 that says so)
        - PermissionDeniedError (403)
        - NotFoundError (404)
        - ConflictError (409)
        - PayloadTooLargeError (413)
        - UnsupportedMediaTypeError (415)
        - UnprocessableEntityError (422)
        - RateLimitError (429)
        - ServerError (5xx)
        - NotSupportedError
    - JobError
        - JobFailedError
        - JobCancelledError
        - JobTimeoutError (also a TimeoutError)
        - JobLostError
    - BatchError
        - BatchConflictError
        - BatchInUseError
    - SubmissionUncertainError
    - DownloadError
    - UploadError

No message, attribute or pickle contains the API key or a signed URL. Each exception can be pickled.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AmbiguousNodeError",
    "AuthenticationError",
    "BadRequestError",
    "BatchConflictError",
    "BatchError",
    "BatchInUseError",
    "ComfyCloudError",
    "ConfigurationError",
    "ConflictError",
    "DownloadError",
    "InvalidWorkflowError",
    "JobCancelledError",
    "JobError",
    "JobFailedError",
    "JobLostError",
    "JobTimeoutError",
    "NodeInputError",
    "NodeNotFoundError",
    "NotFoundError",
    "NotSupportedError",
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "RateLimitError",
    "ServerError",
    "SubmissionUncertainError",
    "SubscriptionInactiveError",
    "UIFormatError",
    "UnexpectedResponseError",
    "UnprocessableEntityError",
    "UnsupportedMediaTypeError",
    "UploadError",
    "WorkflowError",
]


def _rebuild(cls: type[ComfyCloudError], args: tuple[Any, ...], state: dict[str, Any]) -> ComfyCloudError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class ComfyCloudError(Exception):
    """Base class of the exceptions of this package. `job_id` is the id of the job concerned, or None.

    `submission_id` is the id of the submit that was under way, or None. Every exception that leaves `submit` or `run`
    after the first byte has it, also those of Python such as KeyboardInterrupt: the job may have been accepted.

    The attributes of each class are keyword arguments of its constructor.
    """

    job_id: str | None = None
    submission_id: str | None = None

    def __init__(self, message: str, **attributes: Any) -> None:
        super().__init__(message)
        # A misspelt attribute would be set and never read, so names are checked against the annotations.
        known = {name for base in type(self).__mro__ for name in vars(base).get("__annotations__", ())}
        if unknown := attributes.keys() - known:
            raise TypeError(f"{type(self).__name__} has no attribute {', '.join(sorted(unknown))}")
        self.__dict__.update(attributes)

    @property
    def message(self) -> str:
        """The text of the error: what went wrong, where, and what to do."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        # NodeNotFoundError is also a KeyError, and KeyError.__str__ returns the repr of the message, in quotes.
        return self.message

    def _about(self, job_id: str) -> Self:
        """Add the job's id to `job_id` and to the message, and return this error."""
        if not self.job_id:
            self.job_id = job_id
        if job_id not in self.message:
            self.args = (f"{self.message} (job {job_id})",)
        return self

    def _state(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions are unpickled by calling the class with `args`. That would lose the keyword arguments, some of
        # which are required, so `_rebuild` restores the attributes without calling `__init__`.
        return _rebuild, (type(self), self.args, self._state())


class ConfigurationError(ComfyCloudError):
    """Raised when settings cannot work: no API key for the cloud, an invalid URL, or an API key over plain http.

    Also raised when `base_url` turns out to be wrong, or a gateway to require a login: a web page or a redirect came in
    place of the first response. Such a request did not run. The message names the server.
    """


class WorkflowError(ComfyCloudError):
    """Raised when a workflow cannot be read, changed or submitted."""


class UIFormatError(WorkflowError):
    """Raised when a file was saved by the editor (UI format) and was not converted.

    Without `node_info`, a save is never converted: `Workflow.load(file, node_info=cloud.nodes.info())` converts it. The
    exception is also raised if a save cannot be read, and with `strict=True` if it cannot be converted exactly. The
    message names the places.
    """


class NodeNotFoundError(WorkflowError, KeyError):
    """Raised when no node of the workflow has the given id, title or class."""


class AmbiguousNodeError(WorkflowError):
    """Raised when several nodes share the given title or class. Use the id of the node instead."""


class NodeInputError(WorkflowError):
    """Raised when an input cannot be set: unknown name, a link would be replaced, or a file does not exist."""


class APIConnectionError(ComfyCloudError, ConnectionError):
    """Raised when no complete response arrived, after all retries.

    Causes are a refused or broken connection, an unknown host, a TLS failure or a broken content encoding.
    `operation` is the operationId, or None. `sent` is False if no byte can have reached the server.
    """

    operation: str | None = None
    sent: bool = True


class APITimeoutError(APIConnectionError, TimeoutError):
    """Raised when no complete response arrived within `timeout` (per try) or `total_timeout` (whole call), in seconds.

    `wait` and `run` have a timeout of their own, and raise JobTimeoutError.
    """


class UnexpectedResponseError(ComfyCloudError):
    """Raised when a response has a success status and a body of the wrong kind: cut JSON, another shape.

    A web page raises ConfigurationError, unless the server has answered before.
    """

    operation: str | None = None
    status: int | None = None
    content_type: str | None = None


class APIStatusError(ComfyCloudError):
    """Raised when the server responds with an error status. Most statuses have a class of their own below this one.

    Attributes: `status` (int), `code` (the server's error code, such as `PAYMENT_REQUIRED`, or None), `message`,
    `request_id` (or None), `body` (decoded JSON, else a string), `operation` (operationId, or None) and `retryable`
    (True if the same request may succeed later).
    """

    status: int
    code: str | None = None
    request_id: str | None = None
    body: Any = None
    operation: str | None = None
    retryable: bool = False


class BadRequestError(APIStatusError):
    """Raised for status 400: the server does not accept the request."""


class InvalidWorkflowError(BadRequestError):
    """Raised for status 400 of a submit: the server refuses the workflow. `node_errors` has its errors by node id."""

    node_errors: dict[str, Any]

    def __init__(self, message: str, *, node_errors: Mapping[str, Any] | None = None, **attributes: Any) -> None:
        super().__init__(message, node_errors=dict(node_errors or {}), **attributes)


class AuthenticationError(APIStatusError):
    """Raised for status 401: the API key is missing, wrong or revoked."""


class PaymentRequiredError(APIStatusError):
    """Raised for status 402: the account has no credits, or its plan does not include this operation."""


class SubscriptionInactiveError(PaymentRequiredError):
    """Raised when the account has no active subscription. Some servers send 429 instead of 402; see `status`."""


class PermissionDeniedError(APIStatusError):
    """Raised for status 403: the API key is valid, but has no permission for this operation."""


class NotFoundError(APIStatusError):
    """Raised for status 404: there is no such job, asset, file or folder."""


class ConflictError(APIStatusError):
    """Raised for status 409: the resource's state forbids the operation. For example, the file exists already.

    `job_ids` has the ids of the other jobs that `job.cancel()` could have stopped. In all other cases it is empty.
    """

    job_ids: tuple[str, ...] = ()


class PayloadTooLargeError(APIStatusError):
    """Raised for status 413: the workflow or the file is larger than the server accepts."""


class UnsupportedMediaTypeError(APIStatusError):
    """Raised for status 415: the server does not accept this content type."""


class UnprocessableEntityError(APIStatusError):
    """Raised for status 422: the request is valid but cannot be done. For example, a source URL did not download."""


class RateLimitError(APIStatusError):
    """Raised for status 429: too many requests or jobs. `retry_after` is the response's `Retry-After`, in seconds."""

    retry_after: float | None = None


class ServerError(APIStatusError):
    """Raised for status 5xx: the server, or a gateway in front of it, failed."""


class NotSupportedError(APIStatusError):
    """Raised when the server does not have the operation, as an open-source or older ComfyUI may not."""


class JobError(ComfyCloudError):
    """Base class of errors about a job that was not completed. `job` is its handle, whose outputs may be readable.

    `job_id` is always a string. If the error is about several jobs, it is the id of the first one. A pickle of the
    error keeps `job_id` and drops `job`.
    """

    # Narrower than in the base class, where an error may be about no job.
    job_id: str = ""  # pyright: ignore[reportIncompatibleVariableOverride]
    job: Any = None

    def __init__(self, message: str, **attributes: Any) -> None:
        super().__init__(message, **{"job_id": getattr(attributes.get("job"), "id", ""), **attributes})

    def _state(self) -> dict[str, Any]:
        # The job's id is enough for another process: cloud.job(error.job_id) returns a handle that has a client there.
        return {name: value for name, value in self.__dict__.items() if name != "job"}


class JobFailedError(JobError):
    """Raised when a node failed, or the server gave up. Outputs of nodes that finished before are in `job.outputs`.

    `node_title` is the node's title in the workflow, or None if it has none or the server names no node.
    """

    node_id: str | None = None
    node_title: str | None = None
    node_type: str | None = None
    exception_type: str | None = None
    traceback: tuple[str, ...] = ()


class JobCancelledError(JobError):
    """Raised when the job was cancelled or interrupted, by this program or another one."""


class JobTimeoutError(JobError, TimeoutError):
    """Raised when `wait` reached its timeout. The job continues unless `cancel_on_exit` was given.

    `cloud.job(error.job_id).wait()` continues to wait for the job.
    """


class JobLostError(JobError):
    """Raised when the server no longer knows the job: it was removed while pending, or its history was deleted."""


class BatchError(ComfyCloudError):
    """A batch cannot go on: its ledger or its folder cannot be used, or its executor broke. What is recorded stays."""


class BatchConflictError(BatchError):
    """A row was added whose `key` is in the batch with other content: another workflow, or other files in it."""

    key: str


class BatchInUseError(BatchError):
    """Another process owns the batch: `pid` on `host`. Once that process has ended, the batch can be opened."""

    pid: int | None = None
    host: str | None = None


class SubmissionUncertainError(ComfyCloudError):
    """Raised when the response to a submit was lost and the job was not found. The job may run, and cost credits.

    `submission_id` is the id that was sent as `prompt_id` and as `extra_data.comfy_cloud_submission`. `since` is the
    time of the submit, as an aware datetime.
    """

    submission_id: str  # pyright: ignore[reportIncompatibleVariableOverride] - always known here
    since: datetime


class DownloadError(ComfyCloudError):
    """Raised when an output could not be downloaded or saved completely."""


class UploadError(ComfyCloudError):
    """Raised when a file could not be read or uploaded."""
