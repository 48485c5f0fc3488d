"""Callers hear in time that the API may drop an operation, and only callers who can help it."""

from __future__ import annotations

import warnings

import pytest

from comfy_cloud.raw.api.job import get_history, get_history_for_prompt, get_job_detail
from comfy_cloud.testing import Emulator

from .conftest import connect

pytestmark = pytest.mark.anyio

TEXT = {"1": {"class_type": "EmulatorText", "inputs": {"text": "hello"}}}


def test_the_contract_says_what_is_deprecated() -> None:
    assert get_history.operation.deprecated
    assert get_history_for_prompt.operation.deprecated
    assert not get_job_detail.operation.deprecated
    assert "Deprecated: " in (get_history.sync.__doc__ or "")


async def test_a_method_warns_at_the_line_that_calls_it() -> None:
    with Emulator() as server:
        async with connect(server.url, server.api_key, live=False) as cloud:
            job = await cloud.run(TEXT)
            with pytest.warns(
                DeprecationWarning, match="cloud.history.get: the API deprecates getHistoryForPrompt"
            ) as caught:
                await cloud.history.get(job.id)
            with pytest.warns(DeprecationWarning, match="cloud.history.list: the API deprecates getHistory") as more:
                assert [entry.prompt_id async for entry in cloud.history.list()] == [job.id]
            assert {warning.filename for warning in [*caught, *more]} == {__file__}


@pytest.mark.parametrize("dialect", ["comfyui", "cloud"])
async def test_nobody_is_warned_who_does_not_use_it(dialect: str) -> None:
    """Waiting may use a deprecated operation, and a ComfyUI has the history under another name."""
    with Emulator(dialect=dialect) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        async with connect(server.url, server.api_key, live=False) as cloud:
            cloud._connection.http.absent.add("getJobDetail")
            job = await cloud.run(TEXT)
            if dialect == "comfyui":
                assert [entry.prompt_id async for entry in cloud.history.list()] == [job.id]
