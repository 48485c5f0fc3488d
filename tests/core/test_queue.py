"""The queue: whatever a server sends is read."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_cloud._core.queue import read_queue_state

JUNK: list[Any] = [None, "text", 7, [], {}, [None], {"queue_running": 3, "status": 3, "path": [], "error": []}]


@pytest.mark.parametrize("body", JUNK, ids=repr)
def test_nothing_that_a_server_sends_crashes(body: Any) -> None:
    assert read_queue_state(body).running == ()
    assert read_queue_state(body).pending == ()
