"""Assets: named, tagged references to contents. What the references point to is in `_blobs`."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ._blobs import Blob


@dataclass(eq=False)
class Asset:
    """One reference. Times are epoch milliseconds."""

    name: str
    blob: Blob
    mime_type: str
    tags: list[str]
    created: int
    updated: int
    user_metadata: dict[str, Any] = field(default_factory=dict)
    prompt_id: str | None = None
    preview_id: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class AssetStore:
    """Assets by id. Safe to use from any thread."""

    def __init__(self) -> None:
        self._assets: dict[str, Asset] = {}
        self._lock = threading.RLock()

    def add(self, name: str, blob: Blob, mime_type: str, tags: list[str], **more: Any) -> Asset:
        """A new reference; `more` are further fields of Asset."""
        now = int(time.time() * 1000)
        asset = Asset(name, blob, mime_type, sorted(set(tags)), created=now, updated=now, **more)
        with self._lock:
            self._assets[asset.id] = asset
        return asset

    def get(self, asset_id: str) -> Asset | None:
        with self._lock:
            return self._assets.get(asset_id)

    def find(self, matches: Callable[[Asset], bool]) -> list[Asset]:
        """The assets that match, oldest first."""
        with self._lock:
            return [asset for asset in self._assets.values() if matches(asset)]
