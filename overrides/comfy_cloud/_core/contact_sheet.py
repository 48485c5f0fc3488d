"""The contact sheet of a batch: one page of HTML that loads nothing but the pictures beside it. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .batch import Item


def contact_sheet(template: str, title: str, items: Iterable[Item], home: Path) -> str:
    """Return the page for the folder `home`, from its template. Paths are relative, so that the folder can be moved."""
    # Nothing in a script may look like its end, whatever a prompt says.
    data = json.dumps([_told(item, home) for item in items], default=str, ensure_ascii=False).replace("<", "\\u003c")
    return template.replace("{{title}}", escape(title)).replace("{{data}}", data)


def _told(item: Item, home: Path) -> dict[str, Any]:
    return {
        "key": item.key,
        "state": item.state,
        "params": item.params,
        "files": [_address(path, home) for path in item.paths],
        "error": item.error,
        "seconds": item.seconds,
        "job": item.job_id,
    }


def _address(path: Path, home: Path) -> str:
    return quote(path.relative_to(home).as_posix()) if path.is_relative_to(home) else path.as_uri()
