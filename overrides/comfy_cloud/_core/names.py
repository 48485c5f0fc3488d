"""Names of saved files: a server's name made safe for a local folder and unique there, or a template of the user's.

The result is a name, never a path, and the same on Linux, macOS and Windows. No file system is read: the caller knows
which names are taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Any

from .._constants import FILE_EXTENSION_MAX_BYTES, FILE_NAME_MAX_BYTES

# Control, format (bidi overrides, zero-width) and surrogate characters, line and paragraph separators. In a listing
# they are invisible or reorder the name ("gpj.exe" shown as "exe.jpg"), and surrogates cannot be encoded.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_EDGES = re.compile(r"^[\s.]+|[\s.]+$")
_DRIVE = re.compile(r"^[A-Za-z]:")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Windows opens a device for these names, whatever the extension, and reads superscript digits as digits.
_DEVICE = re.compile(r"^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|$)", re.IGNORECASE)


def safe_name(name: object, fallback: str = "output") -> str:
    """Return `name` as a file name for any system, with at most 200 bytes of UTF-8 and its extension.

    Only the last part of a path is kept. If `name` is not a string, or nothing is left of it, `fallback` is returned.
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


def unique_names(wanted: Iterable[str]) -> Iterator[str]:
    """Yield each name, or the first of `name-1`, `name-2`, ... (before the extension) that was not yielded before.

    Names that differ only in case or in their Unicode form count as equal: macOS and Windows store them as one file.
    """
    # The last number of each name that was given out: thousands of files may have the same name.
    numbers: dict[str, int] = {}
    for wish in wanted:
        name, key = wish, _comparable(wish)
        number = numbers.get(key, 0)
        while _comparable(name) in numbers:
            number += 1
            name = numbered_name(wish, number)
        numbers[key] = number
        numbers.setdefault(_comparable(name), 0)
        yield name


def numbered_name(name: str, number: int) -> str:
    """Return the name with a number before its extension: `cat-2.png`. A long name is shortened for the number."""
    stem, extension = _split(name)
    return _fit(stem, f"-{number}{extension}")


FIELDS: dict[str, str | int] = {
    "filename": "cat_00001_.png",
    "stem": "cat_00001_",
    "suffix": ".png",
    "index": 1,
    "node": "9",
    "kind": "image",
    "job": "5f1c",
    "key": "cat-42",
}
"""Every field of a template, with an example. `index` counts the outputs of one node from 1."""


def check_template(name: str) -> str:
    """Return the template of file names. Raises ValueError for one with an unknown field, or with a folder in it."""
    try:
        fields = [field for _, field, _, _ in Formatter().parse(name) if field is not None]
        unknown = [field for field in fields if field not in FIELDS]
        if unknown:
            raise ValueError(f"unknown field {unknown[0]!r}")
        if "/" in name or "\\" in name:
            raise ValueError("it must be the name of a file, without a folder")
        if not safe_name(name.format_map(FIELDS), ""):
            raise ValueError("it gives an empty name")
    except (ValueError, TypeError, AttributeError) as error:
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        raise ValueError(f"name must be a template of {known}, not {name!r}: {error}") from None
    return name


def fill_template(name: str, fields: Mapping[str, Any]) -> str:
    """Return the name of one file. `fields` has a value for each field of FIELDS but `stem` and `suffix`."""
    filename = str(fields["filename"])
    stem, dot, suffix = filename.rpartition(".")
    parts = {"stem": stem or filename, "suffix": dot + suffix if stem else ""}
    return safe_name(name.format_map({**fields, **parts}), filename)


def _comparable(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _split(name: str) -> tuple[str, str]:
    stem, dot, extension = name.rpartition(".")
    # A dot far from the end is punctuation. If it counted as the start of an extension, most of the name would be cut.
    if not stem or len(extension.encode()) > FILE_EXTENSION_MAX_BYTES:
        return name, ""
    return stem, dot + extension


def _fit(stem: str, suffix: str) -> str:
    """Join stem and suffix, with the stem cut to the limit. A character is never cut in the middle of its bytes."""
    room = FILE_NAME_MAX_BYTES - len(suffix.encode())
    encoded = stem.encode()
    if len(encoded) > room:
        stem = _EDGES.sub("", encoded[:room].decode(errors="ignore"))
    return stem + suffix
