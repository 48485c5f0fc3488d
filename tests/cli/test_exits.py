"""Test exit codes: each kind of error has one, and the page has them all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from comfy_cloud import errors
from comfy_cloud.cli.exits import ExitCode, exit_code

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "command-line.md"

EXPECTED = {
    "APIConnectionError": 7,
    "APIStatusError": 8,
    "APITimeoutError": 6,
    "AmbiguousNodeError": 4,
    "AuthenticationError": 3,
    "BadRequestError": 8,
    "BatchConflictError": 3,
    "BatchError": 3,
    "BatchInUseError": 3,
    "ComfyCloudError": 8,
    "ConfigurationError": 3,
    "ConflictError": 8,
    "DownloadError": 12,
    "InvalidWorkflowError": 4,
    "JobCancelledError": 10,
    "JobError": 5,
    "JobFailedError": 5,
    "JobLostError": 9,
    "JobTimeoutError": 6,
    "NodeInputError": 4,
    "NodeNotFoundError": 4,
    "NotFoundError": 8,
    "NotSupportedError": 8,
    "PayloadTooLargeError": 8,
    "PaymentRequiredError": 11,
    "PermissionDeniedError": 3,
    "RateLimitError": 8,
    "ServerError": 8,
    "SubmissionUncertainError": 9,
    "SubscriptionInactiveError": 11,
    "UIFormatError": 4,
    "UnexpectedResponseError": 8,
    "UnprocessableEntityError": 8,
    "UnsupportedMediaTypeError": 8,
    "UploadError": 12,
    "WorkflowError": 4,
}


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_has_its_code(name: str) -> None:
    """Scripts decide by the code, so none may change unseen."""
    kind = getattr(errors, name)
    assert exit_code(kind.__new__(kind)) == EXPECTED[name]


def test_errors_of_others_have_a_code() -> None:
    assert exit_code(KeyboardInterrupt()) == 130
    assert exit_code(FileNotFoundError()) == 12
    assert exit_code(RuntimeError()) == 1


def test_the_page_has_each_code_and_no_other() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Exit codes")[2].partition("\n## ")[0]
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)] == [*ExitCode]
