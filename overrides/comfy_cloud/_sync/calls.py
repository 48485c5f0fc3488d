# Derived from overrides/comfy_cloud/_async/calls.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Calling operations and reading their JSON as it came, for the modules beside this one."""

from __future__ import annotations

from typing import Any

from .http import HTTPClient


def answer(http: HTTPClient, kwargs: dict[str, Any], **extensions: Any) -> Any:
    """The JSON (or None) of an operation; `kwargs` are what its raw module's `_get_kwargs` gives.

    `extensions` go with the request: `total_timeout` (seconds, or None for no limit) instead of the client's.
    """
    kwargs["extensions"].update(extensions)
    response = http.request(**kwargs)
    return response.extensions.get("json")


def beyond(name: str, path: str) -> dict[str, Any]:
    """The keywords of a GET that the contract does not have."""
    return {"method": "get", "url": path, "extensions": {"operation": name, "json": True}}
