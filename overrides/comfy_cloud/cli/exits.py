"""Exit codes of the command line, by the kind of the error. Scripts decide by them, so they do not change."""

from __future__ import annotations

from enum import IntEnum

from ..errors import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    BatchError,
    ComfyCloudError,
    ConfigurationError,
    DownloadError,
    InvalidWorkflowError,
    JobCancelledError,
    JobError,
    JobLostError,
    JobTimeoutError,
    PaymentRequiredError,
    PermissionDeniedError,
    SubmissionUncertainError,
    UploadError,
    WorkflowError,
)


class ExitCode(IntEnum):
    """The exit codes. The documentation has a table of them."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    SETTINGS = 3
    WORKFLOW = 4
    JOB_FAILED = 5
    TIMEOUT = 6
    CONNECTION = 7
    SERVER = 8
    LOST = 9
    CANCELLED = 10
    PAYMENT = 11
    FILES = 12
    INTERRUPTED = 130


# The first row whose class fits decides, so a class stands above its base class.
_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (KeyboardInterrupt, ExitCode.INTERRUPTED),
    (JobTimeoutError, ExitCode.TIMEOUT),
    (APITimeoutError, ExitCode.TIMEOUT),
    (JobLostError, ExitCode.LOST),
    (SubmissionUncertainError, ExitCode.LOST),
    (JobCancelledError, ExitCode.CANCELLED),
    (JobError, ExitCode.JOB_FAILED),
    (WorkflowError, ExitCode.WORKFLOW),
    (InvalidWorkflowError, ExitCode.WORKFLOW),
    (PaymentRequiredError, ExitCode.PAYMENT),
    (ConfigurationError, ExitCode.SETTINGS),
    (AuthenticationError, ExitCode.SETTINGS),
    (PermissionDeniedError, ExitCode.SETTINGS),
    (BatchError, ExitCode.SETTINGS),
    (APIConnectionError, ExitCode.CONNECTION),
    (DownloadError, ExitCode.FILES),
    (UploadError, ExitCode.FILES),
    (ComfyCloudError, ExitCode.SERVER),
    (OSError, ExitCode.FILES),
)


def exit_code(error: BaseException) -> ExitCode:
    """Return the exit code for an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), ExitCode.UNEXPECTED)
