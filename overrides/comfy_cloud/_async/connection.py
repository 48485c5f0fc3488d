"""What everything made by one client shares: its HTTP client, its socket, its patience, what its server is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._core.following import Timing
from ..errors import NotFoundError, NotSupportedError
from ..raw.api.user import get_user
from .http import AsyncHTTPClient
from .socket import AsyncSocket


@dataclass(slots=True, eq=False)
class AsyncConnection:
    """One client's connection to one server. `socket` is None where only polling is wanted."""

    http: AsyncHTTPClient
    socket: AsyncSocket | None
    client_id: str
    timing: Timing
    is_cloud: bool | None
    json_tags: bool = False  # the server proved to take an upload's tags only as JSON

    async def on_cloud(self) -> bool:
        """Whether the server is the cloud; asked once, where its name does not tell.

        Only the cloud has `GET /api/user`: a ComfyUI may have assets, but its nodes do not take their hashes.
        """
        if self.is_cloud is None:
            try:
                await self.answer(get_user._get_kwargs())
                self.is_cloud = True
            except (NotFoundError, NotSupportedError):
                self.is_cloud = False
        return self.is_cloud

    async def answer(self, kwargs: dict[str, Any], **extensions: Any) -> Any:
        """The JSON (or None) of an operation; `kwargs` are what its raw module's `_get_kwargs` gives.

        `extensions` go with the request: `total_timeout` (seconds, or None for no limit) instead of the client's.
        """
        kwargs["extensions"].update(extensions)
        response = await self.http.request(**kwargs)
        return response.extensions.get("json")


def beyond(name: str, path: str) -> dict[str, Any]:
    """The keywords of a GET that the contract does not have."""
    return {"method": "get", "url": path, "extensions": {"operation": name, "json": True}}
