# Derived from overrides/comfy_cloud/_async/connection.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""What everything made by one client shares: its HTTP client, its socket, its patience, what its server is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._core.following import Timing
from ..errors import NotFoundError, NotSupportedError
from ..raw.api.user import get_user
from .http import HTTPClient
from .socket import Socket


@dataclass(slots=True, eq=False)
class Connection:
    """One client's connection to one server. `socket` is None where only polling is wanted."""

    http: HTTPClient
    socket: Socket | None
    client_id: str
    timing: Timing
    is_cloud: bool | None
    json_tags: bool = False  # the server proved to take an upload's tags only as JSON

    def on_cloud(self) -> bool:
        """Whether the server is the cloud; asked once, where its name does not tell.

        Only the cloud has `GET /api/user`: a ComfyUI may have assets, but its nodes do not take their hashes.
        """
        if self.is_cloud is None:
            try:
                self.answer(get_user._get_kwargs())
                self.is_cloud = True
            except (NotFoundError, NotSupportedError):
                self.is_cloud = False
        return self.is_cloud

    def answer(self, kwargs: dict[str, Any], **extensions: Any) -> Any:
        """The JSON (or None) of an operation; `kwargs` are what its raw module's `_get_kwargs` gives.

        `extensions` go with the request: `total_timeout` (seconds, or None for no limit) instead of the client's.
        """
        kwargs["extensions"].update(extensions)
        response = self.http.request(**kwargs)
        return response.extensions.get("json")


def beyond(name: str, path: str) -> dict[str, Any]:
    """The keywords of a GET that the contract does not have."""
    return {"method": "get", "url": path, "extensions": {"operation": name, "json": True}}
