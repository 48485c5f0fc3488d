# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
"""What the generated modules share: unset values, files, and how values are read and encoded.

Reading is forgiving: a value that does not fit its type stays as it came. Nothing here does I/O of its own.
"""

import datetime
import io
import json
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from enum import Enum
from typing import IO, Any, BinaryIO, Generic, Literal, TypeVar
from urllib.parse import quote
from uuid import UUID

from attrs import define, field


class Unset:
    """The type of `UNSET`: a value that was not given or did not come. False in a condition."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __copy__(self) -> "Unset":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Unset":
        return self

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()

FileContent = IO[bytes] | bytes
FileTypes = tuple[str | None, FileContent, str | None]
RequestFiles = list[tuple[str, FileTypes]]


class _Tail(io.RawIOBase):
    """The rest of a seekable file from where it stood: httpx rewinds to 0, which must mean there.

    It has no `fileno`, since the size of a file on disk is not that of a GzipFile.
    """

    def __init__(self, payload: IO[bytes], start: int) -> None:
        self._payload = payload
        self._start = start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._payload.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            position = self._payload.seek(offset + self._start if whence == io.SEEK_SET else offset, whence)
        except ValueError as error:
            raise io.UnsupportedOperation(str(error)) from error  # the end of a GzipFile
        return position - self._start

    def tell(self) -> int:
        return self._payload.tell() - self._start


class _Stream:
    """A file that can only be read, and once: without a `fileno`, for httpx would believe that a pipe is empty."""

    def __init__(self, payload: IO[bytes]) -> None:
        self.read = payload.read


@define
class File:
    """A file to send or one that was received.

    `payload` is a binary file (or bytes) and is sent from where it stands; `file_name` and `mime_type` go with it.
    """

    payload: BinaryIO | bytes = field(
        repr=lambda payload: f"<{len(payload)} bytes>" if isinstance(payload, bytes) else str(payload)
    )
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Name, content and type, as httpx takes them for a multipart part."""
        payload: FileContent = self.payload
        if not isinstance(payload, bytes):
            try:
                payload = _Tail(payload, payload.tell())  # type: ignore[assignment]
            except (AttributeError, OSError):
                payload = _Stream(payload)  # type: ignore[assignment]
        return self.file_name or "file", payload, self.mime_type  # without a name it would be a plain field

    def read(self) -> bytes:
        """The content from where it stands."""
        return self.payload if isinstance(self.payload, bytes) else self.payload.read()

    @classmethod
    def from_bytes(cls, content: Any) -> "File":
        """A received file. Raises TypeError for anything but bytes."""
        if not isinstance(content, bytes):
            raise TypeError("a file is bytes")
        return cls(payload=io.BytesIO(content))


T = TypeVar("T")


@define
class Response(Generic[T]):
    """A successful answer: status, raw content (bytes), headers, and what was read from it."""

    status_code: int
    content: bytes = field(repr=lambda content: f"<{len(content)} bytes>")
    headers: MutableMapping[str, str] = field(repr=False)
    parsed: T


Reader = Callable[[Any], Any]


def as_it_came(value: Any) -> Any:
    """The reader of values that need none."""
    return value


def read(reader: Reader, value: Any) -> Any:
    """`value` through `reader`; as it came where it is null, unset or does not fit."""
    if value is None or value is UNSET:
        return value
    try:
        return reader(value)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        return value


def uuid(text: Any) -> UUID:
    """The reader of ids. Only one in the usual form is a UUID: any other would be sent back in another form."""
    value = UUID(text)
    if str(value) != text:
        raise ValueError("not in the usual form")
    return value


class SentTime(datetime.datetime):
    """A time that is sent as it came: with its Z, and all its digits. A time calculated from it is an ordinary one."""

    text: str | None = None


def date_time(text: Any) -> datetime.datetime:
    """The reader of times in ISO format."""
    value = SentTime.fromisoformat(text)
    value.text = text
    return value


def list_of(reader: Reader) -> Reader:
    """A reader of lists whose items go through `reader`."""

    def read_list(value: Any) -> Any:
        if not isinstance(value, list):
            raise TypeError("not a list")
        return value if reader is as_it_came else [read(reader, item) for item in value]

    return read_list


def one_of(*readers: Reader) -> Reader:
    """The first reader that fits decides."""

    def read_one(value: Any) -> Any:
        for reader in readers:
            try:
                return reader(value)
            except (TypeError, ValueError, KeyError, AttributeError, OverflowError):  # noqa: PERF203
                continue
        return value

    return read_one


def names(values: Mapping[str, Any]) -> str:
    """How reprs show extra fields: their names, since a value may be a key or a signed address."""
    return str(list(values))


def encode(value: Any) -> Any:
    """`value` as JSON has it, decided by what it is: what was read as it came is sent as it came."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime.datetime, datetime.date)):
        return getattr(value, "text", None) or value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {key: encode(item) for key, item in value.items() if item is not UNSET}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    return value


def as_text(value: Any) -> str:
    """A parameter as headers and form fields carry it."""
    value = encode(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def path_segment(value: Any) -> str:
    """A path parameter, quoted whole. Raises ValueError for one that would lead to another operation."""
    text = as_text(value)
    if text in {"", ".", ".."}:
        raise ValueError(f"{text!r} cannot be a path parameter")
    return quote(text, safe="")


def joined(value: Any) -> Any:
    """A list parameter without `explode`: its items in one value, with commas between."""
    value = encode(value)
    return ",".join(as_text(item) for item in value) if isinstance(value, list) else value


def cookies(values: Mapping[str, Any]) -> str:
    """The `Cookie` header of these parameters; what was not given is left out."""
    given = {name: value for name, value in values.items() if value is not UNSET and value is not None}
    return "; ".join(f"{quote(name)}={quote(as_text(value))}" for name, value in given.items())


def multipart(fields: Iterable[tuple[str, Any]]) -> RequestFiles:
    """The parts of a multipart body: what was not given is left out, files come last."""
    texts: RequestFiles = []
    files: RequestFiles = []
    for name, value in fields:
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(item, Unset) or item is None:
                continue
            if isinstance(item, File):
                files.append((name, item.to_tuple()))
            elif isinstance(item, bytes):
                files.append((name, (None, item, "application/octet-stream")))
            else:
                kind = "application/json" if isinstance(encode(item), (dict, list)) else "text/plain"
                texts.append((name, (None, as_text(item).encode(), kind)))
    return texts + files


def content_of(body: Any) -> Any:
    """A body that is sent as it is. A file is read, so that it can be sent again and by either kind of client."""
    return body.read() if hasattr(body, "read") else encode(body)


def json_content(response: Any) -> Any:
    """The JSON of a response, None where it is empty; decoded once where the transport has done so."""
    if "json" in response.extensions:
        return response.extensions["json"]
    return response.json() if response.content else None


__all__ = ["UNSET", "File", "FileTypes", "RequestFiles", "Response", "Unset"]
