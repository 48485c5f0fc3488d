"""What all tests share: the event loop that asynchronous tests run on, and no settings from the environment."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, by the pytest plugin of anyio."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own key or server never takes part in a test."""
    for name in ("COMFY_CLOUD_API_KEY", "COMFY_CLOUD_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
