"""Assets: named, tagged references to contents. What the references point to is in `_blobs`.

The store keeps and finds them; what a server allows with them is in `_asset_rules`.
"""

import itertools
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ._blobs import Blob
from ._files import StoredFile


@dataclass(eq=False)
class Asset:
    """One reference. Times are epoch milliseconds.

    `file` is the file that came with it, None for a mere reference to known content. `public` ones belong to
    everybody and nobody may change them. `sequence` counts the assets of a store.
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
        """A new reference; `more` are further fields of Asset."""
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
        """The assets that match, oldest first."""
        with self._lock:
            return [asset for asset in self._assets.values() if matches(asset)]

    def change(self, asset: Asset, **fields: Any) -> None:
        """Set fields of an asset; tags are cleaned, and its time of change moves on."""
        with self._lock:
            if "tags" in fields:
                fields["tags"] = clean_tags(fields["tags"])
                self._known_tags.update(fields["tags"])
            for name, value in fields.items():
                setattr(asset, name, value)
            asset.updated = max(_now(), asset.updated + 1)

    def add_tags(self, asset: Asset, tags: Iterable[str]) -> tuple[list[str], list[str]]:
        """Attach tags; returns those that are new and those that were there."""
        with self._lock:
            added, present = _parted(tags, asset.tags)
            self.change(asset, tags=[*asset.tags, *added])
        return added, present

    def remove_tags(self, asset: Asset, tags: Iterable[str]) -> tuple[list[str], list[str]]:
        """Detach tags; returns those that were there and those that were not."""
        with self._lock:
            missing, removed = _parted(tags, asset.tags)
            self.change(asset, tags=[tag for tag in asset.tags if tag not in removed])
        return removed, missing

    def remove(self, asset: Asset) -> bool:
        """Drop an asset; returns whether no other one refers to its content."""
        with self._lock:
            self._assets.pop(asset.id, None)
            return not any(other.blob.digest == asset.blob.digest for other in self._assets.values())

    def know_tags(self, tags: Iterable[str]) -> None:
        """Tags that exist although no asset carries them."""
        with self._lock:
            self._known_tags.update(tags)

    def count_tags(self, matches: Callable[[Asset], bool], *, include_zero: bool = False) -> Counter[str]:
        """How many of the matching assets carry each tag; tags without any are counted 0 or left out."""
        with self._lock:
            counts = Counter(dict.fromkeys(self._known_tags, 0) if include_zero else {})
            counts.update(tag for asset in self.find(matches) for tag in asset.tags)
        return counts


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags without blanks around them, each once, sorted; upper and lower case differ."""
    return sorted({tag.strip() for tag in tags} - {""})


def _parted(tags: Iterable[str], there: list[str]) -> tuple[list[str], list[str]]:
    """The tags that are not `there`, and those that are."""
    wanted = clean_tags(tags)
    return [tag for tag in wanted if tag not in there], [tag for tag in wanted if tag in there]


def _now() -> int:
    return int(time.time() * 1000)
