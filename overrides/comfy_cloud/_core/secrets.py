"""Hide the API key and signed URLs. This module knows strings only, neither loggers nor requests."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

# An address, or a target without its host, as httpx shows it in some records. It ends where nothing can belong to it
# any more: a quote, a bracket or a backslash may stand in a file's name, with the signature behind it. So everything up
# to white space is part of it. The query is optional for speed: no character is looked at twice.
_ADDRESS = re.compile(
    r"(?P<start>\b(?:https?|wss?)://(?P<user>[^\s/?#]*@)?|(?<![\w:])/)(?P<rest>[^\s?]*)(?P<query>\?\S*)?", re.ASCII
)
# What usually follows an address in a text. It stays where it is the end of what was cut, and opens nothing.
_CLOSING = "'\">)]},.;:"

# Names under which credentials stand in headers and in JSON, such as `api_key_comfy_org` of partner nodes.
_SECRET_NAME = re.compile(
    r"(?:(?:api|access|auth|private|secret)[-_]?key|token|secret|passw(?:or)?d|authorization|cookie|credentials?)"
    r"(?:_comfy_org)?$",
    re.ASCII | re.IGNORECASE,
)
# Shorter values are words such as `none`, and cutting them would make messages unreadable.
_SECRET_MIN_CHARS = 8

REDACTED = "[redacted]"


class Secret:
    """A string that is not shown in reprs, messages, formats, comparisons or pickles."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the string, for the code that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled; set the API key where it is needed, such as in the environment")


class SecretText(str):
    """A secret inside a JSON body. It is sent like any string, but the repr of the body does not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<secret>"


def redact_addresses(text: str) -> str:
    """Return the text with the queries and credentials of all URLs in it cut."""
    return _ADDRESS.sub(_cut, text)


def _cut(match: re.Match[str]) -> str:
    start, query = match["start"], match["query"] or ""
    start = start.removesuffix(match["user"] or "")
    closing = query[len(query.rstrip(_CLOSING)) :]
    return f"{start}{match['rest']}" + (f"?{REDACTED}{closing}" if len(query) > 1 else query)


def redact(text: str, *secrets: Secret | None) -> str:
    """Return the text without these secrets and without the queries of URLs."""
    for secret in secrets:
        if secret:
            text = text.replace(secret.reveal(), REDACTED)
    return redact_addresses(text)


def named_secrets(value: Any) -> list[Secret]:
    """Return the strings that stand under the name of a credential in `value`: JSON, its bytes, or headers."""
    if isinstance(value, bytes):
        with contextlib.suppress(ValueError, RecursionError):
            return named_secrets(json.loads(value))
        return []
    found: list[Secret] = []
    levels = [value]
    while levels:
        level = levels.pop()
        if isinstance(level, Mapping):
            for name, item in level.items():
                if isinstance(item, str) and _SECRET_NAME.search(str(name)):
                    # A scheme (`Bearer`) or a cookie's name stands before the credential itself.
                    found += [Secret(part) for part in {item, *re.split(r"[\s;=]+", item)} if _is_long(part)]
                levels.append(item)
        elif isinstance(level, (list, tuple)):
            levels += level
    return sorted(found, key=lambda secret: -len(secret.reveal()))


def _is_long(text: str) -> bool:
    return len(text) >= _SECRET_MIN_CHARS


def redact_body(body: Any, *secrets: Secret | None) -> Any:
    """Redact all strings in decoded JSON, keys of objects included.

    Undecoded JSON cannot be redacted: it may write a key or a URL with escapes such as `\\u002d` or `\\/`.
    """
    try:
        return _redact_within(body, secrets)
    except RecursionError:
        return REDACTED


def _redact_within(body: Any, secrets: tuple[Secret | None, ...]) -> Any:
    if isinstance(body, str):
        return redact(body, *secrets)
    if isinstance(body, list):
        return [_redact_within(item, secrets) for item in body]
    if isinstance(body, dict):
        return {redact(str(name), *secrets): _redact_within(item, secrets) for name, item in body.items()}
    return body


def redact_value(value: Any) -> Any:
    """Redact an argument of a log record, which can be a string, bytes, headers, a URL or a number."""
    if isinstance(value, (int, float, type(None))):
        return value
    text = str(value)
    cut = redact_addresses(text)
    # A format can use the repr instead. The str of a WebSocket frame is cut short, its repr is the whole content. So
    # the value itself is kept only if both are the same.
    return value if cut == text == repr(value) else cut
