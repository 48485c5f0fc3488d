"""Check arguments of public methods and settings, and convert them to the parameters of operations. No I/O."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from operator import index
from typing import Any, Final, Literal, SupportsIndex, TypeAlias
from uuid import UUID

from .._constants import NUMBER_MAX
from ..errors import ConfigurationError

Ids = str | UUID | Iterable[str | UUID]

# The words that the contract and real servers have. A ComfyUI has its own for `sort_by`.
StatusWord: TypeAlias = Literal["pending", "in_progress", "completed", "failed", "cancelled"]
OutputType: TypeAlias = Literal["image", "video", "audio"]
JobSort: TypeAlias = Literal["create_time", "execution_time", "created_at", "execution_duration"]
AssetSort: TypeAlias = Literal["name", "created_at", "updated_at", "size", "last_access_time"]
Order: TypeAlias = Literal["asc", "desc"]
TagOrder: TypeAlias = Literal["count_desc", "name_asc"]
FolderType: TypeAlias = Literal["input", "output", "temp"]

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"(?:[!-~](?:[ -~\t]*[!-~])?)?")


class UnsendableError(ConfigurationError, ValueError):
    """Raised when a request cannot carry a value: half a surrogate pair, `..` as an id, a name of megabytes.

    A ValueError, since a caller can hand in such a value; and one of ours, since a server can hand it out, as the id of
    a job or the name of a file.
    """


def unsendable(operation: str, error: Exception) -> UnsendableError:
    """Return the exception for a value that a request could not be built of. It does not repeat the value."""
    if isinstance(error, UnicodeEncodeError):
        half = repr(error.object[error.start])
        return UnsendableError(f"{operation}: cannot send {half}: half of a surrogate pair is not a character")
    return UnsendableError(f"{operation}: cannot send a value: {error}")


@dataclass(frozen=True, slots=True)
class Checker:
    """Checks of values that a user hands in. A wrong one is an error with the name of the argument and what it must be.

    `wrong_type` and `wrong_value` are raised. No message shows a value that may be a secret.
    """

    wrong_type: type[Exception]
    wrong_value: type[Exception]

    def number(
        self, name: str, value: object, *, unit: str = "seconds", zero: bool = True, unlimited: bool = True
    ) -> None:
        """Check a time, or so many of another unit; `zero` allows 0, `unlimited` allows None for no limit."""
        if value is None and unlimited:
            return
        wanted = f"{'0 or more' if zero else 'more than 0'}{', or None for no limit' if unlimited else ''}"
        message = f"{name} must be a number of {unit}, {wanted}, not {_shown(value)}"
        if isinstance(value, bool) or not isinstance(value, Real):  # numpy's numbers are Real as well
            raise self.wrong_type(message)
        number: Any = value
        if not 0 <= number <= NUMBER_MAX or (number == 0 and not zero):  # NaN is neither
            raise self.wrong_value(message)

    def count(self, name: str, value: object, *, least: int = 0, unlimited: bool = True, hint: str = "") -> None:
        """Check a whole number; `unlimited` allows None for no limit."""
        if value is None and unlimited:
            return
        message = f"{name} must be a whole number, {least} or more, not {_shown(value)}{hint}"
        if isinstance(value, bool | type) or not isinstance(value, SupportsIndex):
            raise self.wrong_type(message)
        if index(value) < least:
            raise self.wrong_value(message)

    def instance(self, name: str, value: object, kind: type | tuple[type, ...], wanted: str) -> None:
        """Check the class of a value. None has to be among the classes where it is allowed."""
        if not isinstance(value, kind):
            raise self.wrong_type(f"{name} must be {wanted}, not {type(value).__name__}")

    def text(self, name: str, value: object) -> None:
        """Check a name, a path or a URL."""
        self.instance(name, value, str, "a string")
        if not value:
            raise self.wrong_value(f"{name} must not be empty")

    def word(self, name: str, value: object, words: Iterable[str]) -> None:
        """Check a word of a fixed set; None leaves it to the server."""
        if value is not None and value not in (allowed := tuple(words)):
            error = self.wrong_value if isinstance(value, str) else self.wrong_type
            raise error(f"{name} must be one of {', '.join(allowed)}, not {_shown(value)}")

    def listener(self, name: str, value: object, *, awaits: bool, takes: str = "an event", arguments: int = 1) -> None:
        """Check a function that is told of events, or called with what `takes` says; `awaits` lets it be async."""
        if value is None:
            return
        wanted = f"{name} must be a function that takes {takes}"
        from ..events import show_progress  # half as long to import as all else that a client needs at first

        if value is show_progress:
            raise self.wrong_type(f"{wanted}, such as show_progress() returns: call it")
        if not callable(value):
            raise self.wrong_type(f"{wanted}, not {_shown(value)}")
        if not awaits and is_async(value):
            raise self.wrong_type(f"{wanted}, not an async one, which would not be awaited")
        try:
            signature = inspect.signature(value)
        except (TypeError, ValueError):
            return  # a builtin that does not tell
        try:
            signature.bind(*range(arguments))
        except TypeError:
            raise self.wrong_type(f"{wanted} and nothing else, not {_name_of(value)}{signature}") from None

    def patience(self, timeout: object, on_event: object = None, *, awaits: bool = True) -> None:
        """Check what a wait takes."""
        self.number("timeout", timeout)
        self.listener("on_event", on_event, awaits=awaits)

    def progress(self, on_progress: object, *, awaits: bool) -> None:
        """Check what is told how much of a transfer is done, of how much."""
        self.listener("on_progress", on_progress, awaits=awaits, takes="two numbers", arguments=2)

    def flags(self, **values: object) -> None:
        """Check switches, by their names. 0, "" and "no" would be taken for one or the other."""
        for name, value in values.items():
            self.instance(name, value, bool, "True or False")

    def texts(self, **values: object) -> None:
        """Check strings, which may be empty, by their names."""
        for name, value in values.items():
            self.instance(name, value, str, "a string")

    def as_json(self, name: str, value: object) -> str:
        """Return a value as JSON text. Checks that it has nothing that JSON cannot hold."""
        try:
            return json.dumps(value, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise self.wrong_type(f"{name} cannot be written as JSON: {error}") from None

    def headers(self, name: str, value: object) -> None:
        """Check headers. Their values can be secrets and are never shown."""
        if value is None:
            return
        if not isinstance(value, Mapping):
            raise self.wrong_type(f"{name} must be a mapping of names to values, not {type(value).__name__}")
        for header, content in value.items():
            if not isinstance(header, str) or not _HEADER_NAME.fullmatch(header):
                raise self.wrong_value(f"{name} must have names of letters, digits and hyphens, not {_shown(header)}")
            self.header_value(f"{name}[{header!r}]", content)

    def header_value(self, name: str, value: object) -> None:
        """Check a string that goes into a header."""
        self.instance(name, value, str, "a string")
        if not _HEADER_VALUE.fullmatch(str(value)):
            raise self.wrong_value(f"{name} must be printable ASCII, without line ends and spaces around it")


# Settings of a client are refused with one error, whatever is wrong. Arguments raise what Python's own functions do.
SETTINGS: Final = Checker(ConfigurationError, ConfigurationError)
ARGUMENTS: Final = Checker(TypeError, ValueError)
# What lists have always raised for a limit below 0.
LISTS: Final = Checker(TypeError, ConfigurationError)


def is_async(function: object) -> bool:
    """Return True if calling it gives a coroutine."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))  # noqa: B004


def as_id(name: str, value: object) -> str:
    """Return an id as a string. An empty one would name a whole collection, and None a thing called "None"."""
    if not isinstance(value, str | UUID):
        hint = "; pass its id" if hasattr(value, "id") else ""
        raise TypeError(f"{name} must be a string or a UUID, not {_shown(value)}{hint}")
    text = str(value).strip()
    if not text:
        raise ValueError(f"{name} must not be empty")
    return text


def drop_none(**fields: Any) -> dict[str, Any]:
    """Return the fields whose value is not None."""
    return {name: value for name, value in fields.items() if value is not None}


def as_str_list(name: str, values: Ids) -> list[str]:
    """Return names or ids as a list of strings. A single string is one item, not its letters."""
    if isinstance(values, str | UUID):
        return [as_id(name, values)]
    if not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a string or a list of strings, not {_shown(values)}")
    return [as_id(name, value) for value in values]


def _shown(value: object) -> str:
    plain = value is None or isinstance(value, bool | int | float | str)
    return text if plain and len(text := repr(value)) <= 50 else type(value).__name__


def _name_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)
