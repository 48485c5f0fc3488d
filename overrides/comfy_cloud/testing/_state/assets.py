"""Store assets: named and tagged references to contents, which are in `blobs`.

The store keeps and finds assets. What a server allows callers to do with them is in `asset_rules`.
"""

import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .blobs import Blob
from .files import StoredFile


@dataclass(eq=False)
class Asset:
    """One asset. Times are epoch milliseconds.

    `file` is the file that was stored with the asset, or None if the asset only refers to known content. A `public`
    asset belongs to everybody, and nobody may change it. `sequence` numbers the assets of a store.
    """

    name: str
    blob: Blob
    mime_type: str
    tags: list[str]
    created: int
    updated: int
    sequence: int
    user_metadata: dict[str, Any] = field(default_factory=dict)
    prompt_id: str | None = None
    preview_id: str | None = None
    file: StoredFile | None = None
    public: bool = False
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


class AssetStore:
    """Assets by id. Safe to use from any thread."""

    def __init__(self) -> None:
        self._assets: dict[str, Asset] = {}
        self._known_tags: set[str] = set()
        self._sequence = itertools.count()
        self._lock = threading.RLock()

    def add(self, name: str, blob: Blob, mime_type: str, tags: list[str], **more: Any) -> Asset:
        """Create an asset. `more` holds further fields of Asset."""
        now = _now()
        with self._lock:
            asset = Asset(name, blob, mime_type, clean_tags(tags), now, now, next(self._sequence), **more)
            self._assets[asset.id] = asset
            self._known_tags.update(asset.tags)
        return asset

    def get(self, asset_id: str) -> Asset | None:
        with self._lock:
            return self._assets.get(asset_id)

    def find(self, matches: Callable[[Asset], bool]) -> list[Asset]:
        """Return the assets that match, oldest first."""
        with self._lock:
            return [asset for asset in self._assets.values() if matches(asset)]

    def change(self, asset: Asset, **fields: Any) -> None:
        """Set fields of an asset. Tags are cleaned, and the asset's time of change advances."""
        with self._lock:
            if "tags" in fields:
                fields["tags"] = clean_tags(fields["tags"])
                self._known_tags.update(fields["tags"])
            for name, value in fields.items():
                setattr(asset, name, value)
            # Two changes within one millisecond must still differ, since lists can be sorted by this time.
            asset.updated = max(_now(), asset.updated + 1)

    def add_tags(self, asset: Asset, tags: Iterable[str]) -> tuple[list[str], list[str]]:
        """Add tags. Return the tags that are new and the tags that the asset already had."""
        with self._lock:
            added, present = _split_tags(tags, asset.tags)
            self.change(asset, tags=[*asset.tags, *added])
        return added, present

    def remove_tags(self, asset: Asset, tags: Iterable[str]) -> tuple[list[str], list[str]]:
        """Remove tags. Return the tags that were removed and the tags that the asset did not have."""
        with self._lock:
            missing, removed = _split_tags(tags, asset.tags)
            self.change(asset, tags=[tag for tag in asset.tags if tag not in removed])
        return removed, missing

    def remove(self, asset: Asset) -> bool:
        """Delete an asset. Return whether no other asset refers to its content."""
        with self._lock:
            self._assets.pop(asset.id, None)
            return not any(other.blob.digest == asset.blob.digest for other in self._assets.values())

    def add_known_tags(self, tags: Iterable[str]) -> None:
        """Register tags that exist although no asset has them."""
        with self._lock:
            self._known_tags.update(tags)

    def count_tags(self, matches: Callable[[Asset], bool], *, include_zero: bool = False) -> Counter[str]:
        """Count the tags of the matching assets. With `include_zero`, known tags that no asset has are counted as 0."""
        with self._lock:
            counts = Counter(dict.fromkeys(self._known_tags, 0) if include_zero else {})
            counts.update(tag for asset in self.find(matches) for tag in asset.tags)
        return counts


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Return the tags sorted, without surrounding blanks and without duplicates. Upper and lower case differ."""
    return sorted({tag.strip() for tag in tags} - {""})


def _split_tags(tags: Iterable[str], there: list[str]) -> tuple[list[str], list[str]]:
    """Return the tags that are not in `there`, and the tags that are."""
    wanted = clean_tags(tags)
    return [tag for tag in wanted if tag not in there], [tag for tag in wanted if tag in there]


def _now() -> int:
    return int(time.time() * 1000)
