"""Keeping the API key and signed addresses out of sight. Knows no logger and no request, only texts."""

from __future__ import annotations

import re
from typing import Any, NoReturn

# The query of an address, and credentials before its host: the parts that can open something.
_ADDRESS = re.compile(
    r"(?P<start>\b(?:https?|wss?)://)(?:[^\s/?#\"'<>\\]*@)?(?P<rest>[^\s?#\"'<>\\]*)(?P<query>\?[^\s\"'<>\\]*)?"
)
# httpx shows a target without its host in some records.
_TARGET = re.compile(r"(?P<path>(?<![\w:])/[^\s?\"'<>\\]*)\?[^\s\"'<>\\]+")

REDACTED = "[redacted]"


class Secret:
    """A text that shows itself nowhere: not in reprs, messages, formats, comparisons or pickles."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text, for the one place that sends it."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled: hand the key over where it is needed, e.g. by the environment")


class SecretText(str):
    """A secret where JSON wants a text: it is sent, and the repr of what holds it does not show it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<secret>"


def redact_addresses(text: str) -> str:
    """`text` with the queries (and credentials) of all addresses in it cut."""

    def cut(match: re.Match[str]) -> str:
        query = f"?{REDACTED}" if match["query"] else ""
        return f"{match['start']}{match['rest']}{query}"

    return _TARGET.sub(rf"\g<path>?{REDACTED}", _ADDRESS.sub(cut, text))


def redact(text: str, *secrets: Secret | None) -> str:
    """`text` without these secrets and without queries of addresses."""
    for secret in secrets:
        if secret:
            text = text.replace(secret.reveal(), REDACTED)
    return redact_addresses(text)


def redact_body(body: Any, *secrets: Secret | None) -> Any:
    """`redact` for every text in decoded JSON. Decoded first: JSON can write a key or an address with escapes."""
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
    """`redact_addresses` for whatever a log record carries: bytes, headers, addresses, numbers."""
    if isinstance(value, (int, float, type(None))):
        return value
    text = str(value)
    cut = redact_addresses(text)
    # What shows more in its repr is left behind: a frame of the socket is whole there.
    return value if cut == text == repr(value) else cut
