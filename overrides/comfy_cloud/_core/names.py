"""Makes file names that come from a server safe to create in a local folder, and unique there.

A name, never a path: what comes out has no folder part and is the same on Linux, macOS and Windows. It looks at no
file system; whether a name is taken is for the caller to know.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from .._constants import FILE_EXTENSION_MAX_BYTES, FILE_NAME_MAX_BYTES

# Control, format (bidi overrides, zero-width) and surrogate characters, line and paragraph separators: invisible in a
# listing, or not encodable at all.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_EDGES = re.compile(r"^[\s.]+|[\s.]+$")
_DRIVE = re.compile(r"^[A-Za-z]:")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Windows opens the device for these whatever the extension, and takes superscript digits for digits.
_DEVICE = re.compile(r"^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)


def safe_name(name: object, fallback: str = "output") -> str:
    """`name` as a file name for any system: at most 200 bytes of UTF-8, with its extension kept.

    Of a path only the last part stays. `fallback` is given for what is no text, or leaves nothing.
    """
    if not isinstance(name, str):
        return fallback
    visible = "".join(char for char in name if unicodedata.category(char) not in _INVISIBLE)
    parts = [part for part in re.split(r"[/\\]", unicodedata.normalize("NFC", visible)) if part.strip()]
    last = _EDGES.sub("", parts[-1]) if parts else ""
    safe = _fit(*_split(_EDGES.sub("", _FORBIDDEN.sub("_", _DRIVE.sub("", last)))))
    if _DEVICE.match(safe):
        safe = _fit(*_split("_" + safe))
    return safe or fallback


def unique_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or the first of `wanted-1`, `wanted-2`, ... (before the extension) that is not among `taken`.

    Names that differ only in case or in their Unicode form count as the same, as on macOS and Windows.
    """
    keys = {_comparable(name) for name in taken}
    name, number = wanted, 0
    while _comparable(name) in keys:
        number += 1
        name = numbered_name(wanted, number)
    return name


def numbered_name(name: str, number: int) -> str:
    """`numbered_name("cat.png", 2)` is `"cat-2.png"`; a long name gives up some of its end for the number."""
    stem, extension = _split(name)
    return _fit(stem, f"-{number}{extension}")


def _comparable(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    # A dot far from the end is punctuation: cutting before it would lose most of the name.
    if not stem or len(extension.encode()) > FILE_EXTENSION_MAX_BYTES:
        return name, ""
    return stem, dot + extension


def _fit(stem: str, suffix: str) -> str:
    """`stem` and `suffix`, with the stem shortened to whole characters within the limit."""
    room = FILE_NAME_MAX_BYTES - len(suffix.encode())
    encoded = stem.encode()
    if len(encoded) > room:
        stem = _EDGES.sub("", encoded[:room].decode(errors="ignore"))
    return stem + suffix
