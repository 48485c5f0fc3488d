"""Every exception of this package.

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
    - SubmissionUncertainError
    - DownloadError
    - UploadError

No message, attribute or pickle holds the API key or a signed address. Every exception pickles.
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
    """Base of everything this package raises on purpose. `job_id` names the job concerned, if there is one.

    The attributes of each class are keywords of its constructor.
    """

    job_id: str | None = None

    def __init__(self, message: str, **attributes: Any) -> None:
        super().__init__(message)
        known = {name for base in type(self).__mro__ for name in vars(base).get("__annotations__", ())}
        if unknown := attributes.keys() - known:
            raise TypeError(f"{type(self).__name__} has no attribute {', '.join(sorted(unknown))}")
        self.__dict__.update(attributes)

    @property
    def message(self) -> str:
        """What went wrong, where, and what to do about it."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        # Not left to the bases: KeyError would show the repr of its argument.
        return self.message

    def _about(self, job_id: str) -> Self:
        """The same error, naming the job in `job_id` and in its message."""
        if self.job_id is None:
            self.job_id = job_id
        if job_id not in self.message:
            self.args = (f"{self.message} (job {job_id})",)
        return self

    def _state(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __reduce__(self) -> tuple[Any, ...]:
        # Rebuilt without __init__, whose keywords pickle could not pass.
        return _rebuild, (type(self), self.args, self._state())


class ConfigurationError(ComfyCloudError):
    """Settings that cannot work: no API key for the cloud, an address that is none, a key over plain http."""


class WorkflowError(ComfyCloudError):
    """A workflow that cannot be read, changed or sent as asked."""


class UIFormatError(WorkflowError):
    """The file is an editor's save (UI format), not an API-format workflow; the message says how to export one."""


class NodeNotFoundError(WorkflowError, KeyError):
    """No node has this id, title or class."""


class AmbiguousNodeError(WorkflowError):
    """Several nodes share this title or class; name one by its id."""


class NodeInputError(WorkflowError):
    """A node's input cannot be set so: unknown name, a link in the way, a file that is not there."""


class APIConnectionError(ComfyCloudError, ConnectionError):
    """No complete answer arrived: refused, cut, unresolvable, TLS failure, broken encoding. Retries are included.

    `operation` is the operationId (or None), `sent` is False where no byte can have reached the server.
    """

    operation: str | None = None
    sent: bool = True


class APITimeoutError(APIConnectionError, TimeoutError):
    """No complete answer within `timeout` (per try) or `total_timeout` (whole call), in seconds."""


class UnexpectedResponseError(ComfyCloudError):
    """A success status with a body that is not what the operation answers: HTML, cut JSON, the wrong shape."""

    operation: str | None = None
    status: int | None = None
    content_type: str | None = None


class APIStatusError(ComfyCloudError):
    """The server answered with an error status.

    Attributes: `status` (int), `code` (the server's own word, e.g. `PAYMENT_REQUIRED`, or None), `message`,
    `request_id` (or None), `body` (decoded JSON, else text), `operation` (operationId, or None) and `retryable`
    (whether the same request may succeed later).
    """

    status: int
    code: str | None = None
    request_id: str | None = None
    body: Any = None
    operation: str | None = None
    retryable: bool = False


class BadRequestError(APIStatusError):
    """400: the server could not accept what was sent."""


class InvalidWorkflowError(BadRequestError):
    """400 from submitting: the workflow was refused. `node_errors` maps node ids to what is wrong with each."""

    node_errors: dict[str, Any]

    def __init__(self, message: str, *, node_errors: Mapping[str, Any] | None = None, **attributes: Any) -> None:
        super().__init__(message, node_errors=dict(node_errors or {}), **attributes)


class AuthenticationError(APIStatusError):
    """401: the API key is missing, wrong or revoked."""


class PaymentRequiredError(APIStatusError):
    """402: no credits, or a plan that does not include this."""


class SubscriptionInactiveError(PaymentRequiredError):
    """The account has no active subscription. Some servers say so with 429; `status` has what came."""


class PermissionDeniedError(APIStatusError):
    """403: the key is valid but may not do this."""


class NotFoundError(APIStatusError):
    """404: no such job, asset, file or folder."""


class ConflictError(APIStatusError):
    """409: the state of the thing forbids it, e.g. the file exists and may not be overwritten."""


class PayloadTooLargeError(APIStatusError):
    """413: the workflow or file is larger than the server takes."""


class UnsupportedMediaTypeError(APIStatusError):
    """415: the server does not take this kind of content."""


class UnprocessableEntityError(APIStatusError):
    """422: understood but not doable, e.g. a source address that could not be downloaded."""


class RateLimitError(APIStatusError):
    """429: too much at once. `retry_after` is the server's wish in seconds, or None."""

    retry_after: float | None = None


class ServerError(APIStatusError):
    """5xx: the server or a gateway before it failed."""


class NotSupportedError(APIStatusError):
    """This server does not have the operation (an open-source or older ComfyUI)."""


class JobError(ComfyCloudError):
    """A job did not come to a good end. `job` is its handle (its outputs may be readable); a pickle drops it."""

    job: Any = None

    def __init__(self, message: str, **attributes: Any) -> None:
        super().__init__(message, **{"job_id": getattr(attributes.get("job"), "id", None), **attributes})

    def _state(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "job"}  # a handle holds a connection


class JobFailedError(JobError):
    """A node raised, or the server gave up. Outputs of nodes that finished before are in `job.outputs`."""

    node_id: str | None = None
    node_type: str | None = None
    exception_type: str | None = None
    traceback: tuple[str, ...] = ()


class JobCancelledError(JobError):
    """The job was cancelled or interrupted, by this program or another one."""


class JobTimeoutError(JobError, TimeoutError):
    """`wait` ran out of time. The job runs on, unless `cancel_on_exit` was given; `cloud.job(id).wait()` resumes."""


class JobLostError(JobError):
    """The server no longer knows the job: removed while pending, or its history is gone."""


class SubmissionUncertainError(ComfyCloudError):
    """The answer to a submit was lost and the job could not be found: it may be running, and it may be paid for.

    `submission_id` is the id sent as `prompt_id` and as `extra_data.comfy_cloud_submission`; `since` is when it
    was sent (aware datetime).
    """

    submission_id: str
    since: datetime


class DownloadError(ComfyCloudError):
    """An output could not be fetched or saved whole."""


class UploadError(ComfyCloudError):
    """A file could not be read or uploaded."""
