# Machine-written from the contract by scripts/generate.py: do not edit. Rebuild with: make generate
"""What the generated modules share: unset values, files, and how values are read and encoded.

Reading is forgiving: a value that does not fit its type stays as it came. Nothing here does I/O of its own.
"""

import datetime
import io
import json
from collections.abc import (
    Callable,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    MutableMapping,
    ValuesView,
)
from enum import Enum
from typing import (
    IO,
    TYPE_CHECKING,
    Any,
    BinaryIO,
    ClassVar,
    Generic,
    Literal,
    ParamSpec,
    Self,
    TypeVar,
    cast,
    overload,
)
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


P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D")


@define(frozen=True)
class Operation(Generic[P, T]):
    """An operation of the contract, for callers that send its requests themselves.

    `request` gives the keywords for `build_request` of an httpx client; `parse` reads a successful httpx response;
    `deprecated` says that the API may drop the operation.
    """

    id: str
    request: Callable[P, dict[str, Any]]
    parse: Callable[[Any], T]
    deprecated: bool = False


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
    """Read a time in ISO format. A time without a zone is one in UTC: ComfyUI 0.33.0 sends assets' times so."""
    value = SentTime.fromisoformat(text)
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.UTC)
    value.text = text
    return value


def list_of(reader: Reader) -> Reader:
    """A reader of lists whose items go through `reader`."""

    def read_list(value: Any) -> Any:
        if not isinstance(value, list):
            raise TypeError("not a list")
        if reader is as_it_came:
            return value
        try:
            return [reader(item) for item in value]  # most lists have nothing else, and one call an item is half of two
        except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
            return [read(reader, item) for item in value]

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


@define(frozen=True)
class Alternative:
    """One object of a union: its reader, and the fields by which it is told from the others.

    `tags` are the discriminator's fields with the values that mean this object, `words` its fields of few values.
    """

    reader: Reader
    tags: Mapping[str, tuple[Any, ...]]
    words: Mapping[str, tuple[Any, ...]]
    required: tuple[str, ...]

    def fit(self, value: Mapping[str, Any]) -> tuple[bool, bool, int, int]:
        """Return how well `value` fits: the greatest of several fits best."""
        tagged = bool(self.tags) and all(value.get(name) in known for name, known in self.tags.items())
        worded = all(value[name] in known for name, known in self.words.items() if name in value)
        missing = sum(name not in value for name in self.required)
        return tagged, worded, -missing, len(self.required)


def object_of(*alternatives: Alternative) -> Reader:
    """Return a reader of objects: by the discriminator, then by enum words and required fields, else the nearest."""

    def read_object(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise TypeError("not an object")
        return max(alternatives, key=lambda alternative: alternative.fit(value)).reader(value)

    return read_object


# How each field is read: its name in JSON (None for the fields that are not declared) and its reader.
Readers = dict[str, tuple[str | None, Reader]]
_READERS: dict[type, Readers] = {}


class Model:
    """An object of the contract. A field is read from the JSON when it is first asked for, and kept.

    A list of 10,000 assets has 50,000 times and ids, which take longer than all else and which mostly nobody reads.
    """

    __slots__ = ("_values",)
    DECLARED: ClassVar[Mapping[str, str]] = {}
    _values: dict[str, Any]

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Read from a JSON object. Raises TypeError for anything else."""
        if type(src_dict) is not dict and not isinstance(src_dict, Mapping):
            raise TypeError(f"{cls.__name__} is read from a JSON object")
        model = cls.__new__(cls)
        model._values = dict(src_dict)
        return model

    @classmethod
    def _readers(cls) -> Readers:
        raise NotImplementedError

    if not TYPE_CHECKING:  # a type checker would believe in every attribute

        def __getattr__(self, name: str) -> Any:
            """Read a field whose slot is empty: Python asks here for nothing else that is there."""
            cls = type(self)
            readers = _READERS.get(cls)
            if readers is None:
                readers = _READERS[cls] = cls._readers()
            if name not in readers:
                raise AttributeError(f"{cls.__name__!r} object has no attribute {name!r}", name=name, obj=self)
            values = object.__getattribute__(self, "_values")
            key, reader = readers[name]
            if key is not None:
                value = read(reader, values.get(key, UNSET))
            else:
                value = {other: read(reader, item) for other, item in values.items() if other not in cls.DECLARED}
            setattr(self, name, value)
            return value


V = TypeVar("V")


class Fields(Model, Generic[V]):
    """A model that is a mapping of all its fields, declared or not, by their names in JSON. `UNSET` ones are not there.

    It is no subclass of `Mapping`, whose metaclass would make each `isinstance` slow, but is registered as one.
    """

    __slots__ = ()
    additional_properties: dict[str, Any]

    @property
    def additional_keys(self) -> list[str]:
        """The names of the fields that the contract does not declare."""
        return list(self.additional_properties)

    def __getitem__(self, key: str) -> V:
        if key not in self.DECLARED:
            return cast(V, self.additional_properties[key])
        value = getattr(self, self.DECLARED[key])
        if value is UNSET:
            raise KeyError(key)
        return cast(V, value)

    def __setitem__(self, key: str, value: V) -> None:
        if key in self.DECLARED:
            setattr(self, self.DECLARED[key], value)
        else:
            self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        if key in self.DECLARED:
            self[key]  # raises KeyError if it is not there
            setattr(self, self.DECLARED[key], UNSET)
        else:
            del self.additional_properties[key]

    def __iter__(self) -> Iterator[str]:
        yield from (name for name, attribute in self.DECLARED.items() if getattr(self, attribute) is not UNSET)
        yield from self.additional_properties

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        if isinstance(key, str) and key in self.DECLARED:
            return getattr(self, self.DECLARED[key]) is not UNSET
        return key in self.additional_properties

    def keys(self) -> KeysView[str]:
        """Return the names of the fields that are there."""
        return KeysView(cast(Mapping[str, V], self))

    def values(self) -> ValuesView[V]:
        """Return the values of the fields that are there."""
        return ValuesView(cast(Mapping[str, V], self))

    def items(self) -> ItemsView[str, V]:
        """Return names and values of the fields that are there."""
        return ItemsView(cast(Mapping[str, V], self))

    @overload
    def get(self, key: str) -> V | None: ...
    @overload
    def get(self, key: str, default: D) -> V | D: ...
    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a field, or `default` if it is not there."""
        try:
            return self[key]
        except KeyError:
            return default


Mapping.register(Fields)


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


__all__ = ["UNSET", "File", "FileTypes", "Model", "Operation", "RequestFiles", "Response", "Unset"]
