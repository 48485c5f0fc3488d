"""Keep JSON on disk between runs, in the user's cache folder. What cannot be kept is fetched anew, without an error.

Nothing secret is kept there: the folder may be on a shared machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from ._logging import logger


def read_cached(name: str) -> Any:
    """Return the JSON that was kept under a name, None if there is none or it cannot be read."""
    try:
        return json.loads((_folder() / name).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None


def write_cached(name: str, value: Any) -> None:
    """Keep JSON under a name. A reader sees the old file or the new one, never a part."""
    temporary = None
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=_folder(), suffix=".part", delete=False, encoding="utf-8") as file:
            temporary = Path(file.name)
            json.dump(value, file)
        temporary.replace(_folder() / name)
    except OSError as error:
        logger.debug("cache %s: not kept (%s)", name, type(error).__name__)
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def _folder() -> Path:
    # The variable is for machines whose home cannot be written, and for tests.
    chosen = os.environ.get("COMFY_CLOUD_CACHE_DIR", "")
    return Path(chosen) if chosen else user_cache_path("comfy-cloud", appauthor=False)
