"""Decide whether node definitions that were kept on disk still hold. No I/O and no clock.

Definitions are hundreds of kilobytes, and a check before each submit would fetch them each time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from .._constants import NODE_CACHE_LONGEST
from .declared_inputs import mapping


def file_name(server: str) -> str:
    """Return the name of the file for a server, by its origin: no two servers share one."""
    return f"nodes-{hashlib.sha256(server.encode()).hexdigest()[:16]}.json"


def version_of(stats: object) -> str:
    """Return what a server says of its version in `GET /api/system_stats`."""
    system = mapping(mapping(stats).get("system"))
    return " ".join(str(system.get(name, "")) for name in ("comfyui_version", "cloud_version"))


def entry(info: object, version: str, now: float) -> dict[str, Any]:
    """Return what is kept for definitions that were fetched at `now` (seconds since 1970)."""
    return {"version": version, "fetched": now, "info": mapping(info)}


def kept_info(kept: object, version: str, now: float) -> Mapping[str, Any] | None:
    """Return the definitions in a kept entry if the server's version is still the same and the entry is not too old."""
    fields = mapping(kept)
    fetched, info = fields.get("fetched"), mapping(fields.get("info"))
    if not info or fields.get("version") != version or not isinstance(fetched, int | float):
        return None
    # A clock that was set back makes an entry look as if it came from the future.
    return info if 0 <= now - fetched < NODE_CACHE_LONGEST else None
