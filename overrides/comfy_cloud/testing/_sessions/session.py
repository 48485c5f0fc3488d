"""Define the file of a recorded session: JSON lines, without keys and signed URLs. No I/O but its own lines.

The first line describes the session. Each other line is an exchange (a request and its response), a message of a
WebSocket, or a file, by the hash of its content. Everything is scrubbed before it becomes a line: keys are known from
the headers and queries that carry them and from the names of fields, and all queries of URLs are cut.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO
from urllib.parse import parse_qsl

from blake3 import blake3

from ..._core.secrets import REDACTED, Secret, named_secrets, redact, redact_body

VERSION = 1
MAX_BODY = 64 * 1024 * 1024  # bytes; a larger file is recorded by its size and hash only
FILES_PATH = "/recorded-files/"
# How the names of parameters end that sign a URL. Names of keys and tokens are known to `named_secrets`.
_SIGNING = ("signature", "sig", "credential", "token", "expires", "x-amz-algorithm", "x-amz-date")
# These differ from one client to the next, so that requests with and without them are the same.
_OF_CLIENT = frozenset({"clientid", "token"})
# A file can hold a signed URL that stood in a workflow. It is found there again by its query.
_SIGNED = re.compile(r"https?://[^\s?]+\?(\S*(?:sig|token|expires|credential|key=)\S*)", re.IGNORECASE)
_SUBMIT_FIELDS = ("prompt", "partial_execution_targets", "front", "number")

Query = tuple[tuple[str, str], ...]


class SessionError(ValueError):
    """The file is not a recorded session."""


@dataclass(frozen=True)
class Exchange:
    """One request and its response.

    `body` is the JSON of the request, or None. The response's content is `json`, `text` or the hash of a `file`, or
    none of them. `time` is when the request came, in seconds since the session began.
    """

    time: float
    method: str
    path: str
    query: Query
    body: Any
    status: int
    headers: Mapping[str, str]
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Frame:
    """One message that a WebSocket of the session received. `socket` counts the WebSockets from 0."""

    time: float
    socket: int
    message: str | bytes


@dataclass
class Session:
    """A recorded session. `files` maps hashes to contents, or to None if a content was not recorded."""

    server: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    files: dict[str, bytes | None] = field(default_factory=dict)


class Scrubber:
    """Removes the keys that it has learned, and the queries of all URLs."""

    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}
        self._signatures: set[str] = set()

    def learn(self, value: Any) -> None:
        """Remember the credentials in headers, parameters or JSON, by their names, and the signatures of URLs."""
        for secret in named_secrets(value):
            self._secrets.setdefault(secret.reveal(), secret)
        for text in _texts(value):
            self._signatures.update(_SIGNED.findall(text))

    def text(self, text: str) -> str:
        return redact(text, *self._longest_first())

    def json(self, value: Any) -> Any:
        return redact_body(value, *self._longest_first())

    def holds_secret(self, content: bytes) -> bool:
        """Return whether a file contains a key or a signature. These cannot be cut out, so it must be left out."""
        return any(secret.encode() in content for secret in (*self._secrets, *self._signatures))

    def query(self, text: str) -> Query:
        """Return the parameters of a query, those of a client and signatures cut."""
        found = parse_qsl(text, keep_blank_values=True)
        self.learn(dict(found))
        return tuple((name, REDACTED if self._signs(name) else self.text(value)) for name, value in found)

    @staticmethod
    def _signs(name: str) -> bool:
        return name.lower().endswith(_SIGNING) or bool(named_secrets({name: "x" * 8}))

    def frame(self, message: str | bytes) -> str | bytes:
        """Return a message of a WebSocket. A binary one that contains a key is emptied behind its type."""
        if isinstance(message, bytes):
            return message[:4] if self.holds_secret(message) else self._binary(message)
        try:
            parsed = json.loads(message)
        except (ValueError, RecursionError):
            return self.text(message)
        self.learn(parsed)
        return json.dumps(self.json(parsed))

    def _binary(self, message: bytes) -> bytes:
        # Type 3 is a text for a node: a length, the node's id and the text. All others are pictures.
        if message[:4] != b"\0\0\0\3" or len(message) < 8:
            return message
        start = 8 + int.from_bytes(message[4:8], "big")
        return message[:start] + self.text(message[start:].decode("utf-8", "replace")).encode()

    def _longest_first(self) -> list[Secret]:
        return [self._secrets[text] for text in sorted(self._secrets, key=len, reverse=True)]


def _texts(value: Any) -> Iterator[str]:
    """Yield all strings in JSON."""
    waiting = [value]
    while waiting:
        level = waiting.pop()
        if isinstance(level, str):
            yield level
        elif isinstance(level, Mapping):
            waiting += level.values()
        elif isinstance(level, list):
            waiting += level


def digest(content: bytes) -> str:
    """Return the hash by which a file is named."""
    return blake3(content).hexdigest()


def same_request(path: str, body: Any) -> Any:
    """Return the part of a request's body by which it is found again: of a submit, what is to run."""
    if path.endswith("/prompt") and isinstance(body, dict):
        return {name: body[name] for name in _SUBMIT_FIELDS if name in body}
    return body


def without_client(query: Query) -> Query:
    """Return the parameters that do not depend on the client, in one order."""
    return tuple(sorted((name, value) for name, value in query if name.lower() not in _OF_CLIENT))


class SessionWriter:
    """Writes lines as they happen, so that a recording that is interrupted can be replayed up to there."""

    def __init__(self, file: TextIO, server: str) -> None:
        self._file = file
        self._files: set[str] = set()
        self._write({"comfy_session": VERSION, "server": server})

    def exchange(self, exchange: Exchange) -> None:
        request = {"method": exchange.method, "path": exchange.path, "query": list(map(list, exchange.query))}
        if exchange.body is not None:
            request["body"] = exchange.body
        response = {"status": exchange.status, "headers": dict(exchange.headers), **exchange.content}
        self._write({"time": round(exchange.time, 4), "request": request, "response": response})

    def frame(self, frame: Frame) -> None:
        binary = isinstance(frame.message, bytes)
        shown = base64.b64encode(frame.message).decode() if isinstance(frame.message, bytes) else frame.message
        name = "base64" if binary else "text"
        self._write({"time": round(frame.time, 4), "socket": frame.socket, name: shown})

    def file(self, name: str, content: bytes | None, size: int) -> None:
        """Add a file by its hash, once. Without its content, only the size is kept."""
        if name not in self._files:
            self._files.add(name)
            more = {} if content is None else {"base64": base64.b64encode(content).decode()}
            self._write({"file": name, "size": size, **more})

    def _write(self, line: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def read_session(lines: Iterable[str]) -> Session:
    """Read the lines of a file. Raises SessionError, which names the line."""
    session = Session()
    for number, line in enumerate(lines, 1):
        try:
            _read_line(session, json.loads(line), first=number == 1)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SessionError(f"line {number} is not part of a recorded session: {error!r}") from None
    if not session.server:
        raise SessionError("the file is empty")
    return session


def _read_line(session: Session, line: Any, *, first: bool) -> None:
    if first:
        if line["comfy_session"] != VERSION:
            raise SessionError(f"the version of the session must be {VERSION}, not {line['comfy_session']!r}")
        session.server = str(line["server"])
    elif "file" in line:
        session.files[line["file"]] = base64.b64decode(line["base64"]) if "base64" in line else None
    elif "socket" in line:
        message = base64.b64decode(line["base64"]) if "base64" in line else str(line["text"])
        session.frames.append(Frame(float(line["time"]), int(line["socket"]), message))
    else:
        request, response = line["request"], dict(line["response"])
        query = tuple((str(name), str(value)) for name, value in request["query"])
        status, headers = int(response.pop("status")), dict(response.pop("headers"))
        place = str(request["method"]), str(request["path"]), query
        session.exchanges.append(Exchange(float(line["time"]), *place, request.get("body"), status, headers, response))


class Replay:
    """Chooses the recorded response to each request. It reads no clock: time is that of the recording.

    A question that was asked many times has each of its different answers once, in their order, and then the last one
    for ever. Once a message of a WebSocket was sent, answers that are older are skipped, as if time had passed.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_request: dict[tuple[str, str, Query], list[Exchange]] = {}
        self._used: dict[tuple[str, str, Query], set[int]] = {}
        self._now = 0.0
        self._submits = 0
        for exchange in session.exchanges:
            key = (exchange.method, exchange.path, without_client(exchange.query))
            known = self._by_request.setdefault(key, [])
            if not (known and exchange.method in _ASKING and _same_answer(known[-1], exchange)):
                known.append(exchange)

    def answer(self, method: str, path: str, query: Query, body: Any) -> Exchange | None:
        """Return the exchange with the response to a request, or None if there was no such request."""
        key = (method, path, without_client(query))
        known = self._by_request.get(key)
        if known is None:
            return None
        used = self._used.setdefault(key, set())
        if method in _ASKING:
            index = self._asked(known, used)
        else:
            wanted = same_request(path, body)
            same = [at for at, exchange in enumerate(known) if same_request(path, exchange.body) == wanted]
            candidates = same or range(len(known))
            index = next((at for at in candidates if at not in used), candidates[-1])
            self._submits += path.endswith("/prompt") and index not in used
        used.add(index)
        self._now = max(self._now, known[index].time)
        return known[index]

    def _asked(self, known: Sequence[Exchange], used: set[int]) -> int:
        following = max(used) + 1 if used else 0
        past = [at for at, exchange in enumerate(known) if exchange.time <= self._now and at >= following]
        return min(past[-1] if past else following, len(known) - 1)

    def frames(self, socket: int) -> Iterator[tuple[int, Frame]]:
        """Yield the messages of a WebSocket, each with the number of submits that must have come before it.

        The WebSockets of a client are served as those of the recording, in their order and then from the first again.
        """
        count = 1 + max((frame.socket for frame in self._session.frames), default=0)
        submits = [exchange.time for exchange in self._session.exchanges if exchange.path.endswith("/prompt")]
        for frame in self._session.frames:
            if frame.socket == socket % count:
                yield sum(time < frame.time for time in submits), frame

    @property
    def submits(self) -> int:
        """Return how many submits were answered."""
        return self._submits

    def sent(self, frame: Frame) -> None:
        """Note that a message was sent: what was asked before is older than it."""
        self._now = max(self._now, frame.time)

    def file(self, name: str) -> bytes | None:
        return self._session.files.get(name)


_ASKING = frozenset({"GET", "HEAD"})


def _same_answer(one: Exchange, other: Exchange) -> bool:
    return (one.status, one.content, one.headers.get("location")) == (
        other.status,
        other.content,
        other.headers.get("location"),
    )
