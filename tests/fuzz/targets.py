"""What no bytes of a server, and no file, may do to the pure parts of the client: raise what is not ours, or go wrong.

A target takes bytes, so that a fuzzer which follows coverage (`make fuzz`) and the property tests of the suite
(`tests/core/test_fuzz.py`) run the same checks. `Data` turns bytes into values that look like what servers send.
"""

from __future__ import annotations

import json
import os
import pickle
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from comfy_cloud import ComfyCloudError, Workflow, WorkflowError
from comfy_cloud._constants import FILE_NAME_MAX_BYTES
from comfy_cloud._core.batch import ItemState, digest, folder_name, to_json
from comfy_cloud._core.bodies import BrokenBodyError, Decompressor, TooLargeError
from comfy_cloud._core.downloads import Download, signed_url
from comfy_cloud._core.error_responses import decode_body, foreign_answer, status_error
from comfy_cloud._core.frames import FrameReader
from comfy_cloud._core.images import image_fault
from comfy_cloud._core.job_state import (
    failure,
    find_history_entry,
    from_history_entry,
    from_job_detail,
    from_job_status,
    read_active,
    read_queue,
)
from comfy_cloud._core.links import outline_of
from comfy_cloud._core.media import carried
from comfy_cloud._core.names import numbered_name, safe_name, unique_names
from comfy_cloud._core.operations import OPERATIONS
from comfy_cloud._core.outputs import media_type_of, read_outputs, submitted_nodes
from comfy_cloud._core.pages import Listing, created_at, read_history
from comfy_cloud._core.progress import Progress
from comfy_cloud._core.retry import Failure, RetryPolicy, retry_delay
from comfy_cloud._core.secrets import named_secrets, redact_body
from comfy_cloud._core.sidecars import told_parameters
from comfy_cloud._core.submission import carries, newer_jobs
from comfy_cloud._core.times import parse_retry_after, parse_time
from comfy_cloud._ledger import Ledger
from comfy_cloud.events import NodeProgress

NOW: Final = datetime(2026, 11, 26, tzinfo=UTC)
JOB: Final = "0bd5a3e8-3a52-4f4a-9a41-3c7e7e4c9a10"
# The words that our readers look for: a fuzzer would take long to spell them.
WORDS: Final = (
    *("id", "prompt_id", "status", "outputs", "images", "filename", "subfolder", "type", "node", "display_node"),
    *("output", "text", "url", "data", "content", "value", "max", "nodes", "state", "running", "finished", "messages"),
    *("execution_error", "exception_message", "traceback", "error", "message", "details", "code", "node_errors"),
    *("errors", "class_type", "inputs", "_meta", "title", "prompt", "workflow", "extra_data", "create_time", "jobs"),
    *("queue_running", "queue_pending", "pagination", "has_more", "next_cursor", "total", "created_at", "history"),
    *("status_str", "completed", "execution_status", "mediaType", "format", "expires", "token", "api_key_comfy_org"),
    *("execution_start", "executing", "progress", "progress_state", "executed", "execution_cached", "seed"),
    *("execution_success", "execution_interrupted", "links", "last_node_id", "version", "comfy_cloud_submission"),
)
SCALARS: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 3, 10**18, 10**400, -(10**400), 0.5, 1e308, float("nan"), float("inf"), "", "a"),
    *("\ud800", "\x00", "../../x", "a.png", "sub/a.png [temp]", "C:\\x", "CON", "blake3:" + "0" * 64, JOB, "1", "2"),
    *("https://host/api/view?filename=a.png&X-Sig=1", "data:image/png;base64,iVBORw0K", "2026-11-26T00:00:00Z"),
    *(1795435200, 1795435200000, "completed", "failed", "{}", "[[", '{"node_id": 1}', "\u202egpj.exe", "é" * 300),
)


class Data:
    """Values by bytes, from their front. When the bytes are used up, every value is the smallest of its sort."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def rest(self) -> bytes:
        """Return the bytes that no value has used."""
        return self._data[self._at :]

    def byte(self) -> int:
        if self._at >= len(self._data):
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def text(self) -> str:
        """Return a word of ours, a string of any characters, or one that a server might send."""
        kind = self.byte()
        if kind < 160:
            return WORDS[kind % len(WORDS)]
        if kind < 200:
            length = self.byte() % 16
            taken, self._at = self._data[self._at : self._at + length], self._at + length
            return taken.decode("utf-8", "surrogateescape")
        return str(SCALARS[kind % len(SCALARS)])[:400]

    def scalar(self) -> Any:
        """Return a value that holds no others."""
        return SCALARS[self.byte() % len(SCALARS)]

    def json(self, depth: int = 4) -> Any:
        """Return what JSON can hold."""
        kind = self.byte()
        if depth and kind < 90:
            return {self.text(): self.json(depth - 1) for _ in range(kind % 6)}
        if depth and kind < 140:
            return [self.json(depth - 1) for _ in range(kind % 5)]
        return self.scalar() if kind < 220 else self.text()


def frames(data: bytes) -> None:
    """Frames of a WebSocket, text and binary, in a row: their events are ours, and progress never goes back."""
    source, reader = Data(data), FrameReader()
    progress = Progress(JOB, outline_of({"1": {"inputs": {}}, "2": {"inputs": {"a": ["1", 0]}}}), ("2",))
    told = 0.0
    for _ in range(source.byte() % 6):
        kind = source.byte()
        if kind < 100:
            states = {source.text(): {"state": source.text(), "value": source.scalar(), "max": source.scalar()}}
            fields = {"prompt_id": JOB, "node": source.text(), "value": source.scalar(), "max": source.scalar()}
            about = {"type": ("progress", "progress_state", "executing", "executed", "execution_cached")[kind % 5]}
            frame: str | bytes = json.dumps({**about, "data": {**fields, "nodes": states, "output": source.json(2)}})
        elif kind < 200:
            frame = json.dumps({"type": source.text(), "data": source.json()})
        elif kind < 220:
            frame = source.rest.decode("utf-8", "replace")
        else:
            frame = bytes([0, 0, 0, kind % 6]) + source.rest
        parsed = reader.read(frame)
        for event in [*parsed.events, *([parsed.states] if parsed.states else [])]:
            assert pickle.loads(pickle.dumps(event)).job_id == event.job_id
            repr(event)
            if isinstance(event, NodeProgress):
                assert 0.0 <= event.fraction <= 1.0
            if heard := progress.heard(event):
                assert told <= heard.fraction <= 1.0
                told = heard.fraction


def error_bodies(data: bytes) -> None:
    """Error responses of any body: an exception of ours that pickles, and a decision on a retry."""
    source = Data(data)
    status = 300 + (source.byte() * 256 + source.byte()) % 300
    names = [None, *OPERATIONS]
    name = names[source.byte() % len(names)]
    content = json.dumps(source.json()).encode() if source.byte() < 200 else source.rest
    body = redact_body(decode_body(content), *named_secrets(content))
    foreign_answer(status, body, name)
    retry_after = parse_retry_after(source.text(), NOW)
    error = status_error(status=status, body=body, operation=name, method="GET", path="/api/x", retry_after=retry_after)
    assert isinstance(error, ComfyCloudError)
    assert str(error)
    assert type(pickle.loads(pickle.dumps(error))) is type(error)
    failed = Failure(error, retry_after=retry_after)
    for repeatable in (True, False):
        delay = retry_delay(RetryPolicy(), failed, tries=1, repeatable=repeatable, replayable=True, random=lambda: 1.0)
        assert delay is None or 0 <= delay <= 60


def outputs(data: bytes) -> None:
    """What a job's answer holds: states, outputs with names that are safe to save, queue, pages."""
    body = Data(data).json(6)
    for read in (from_job_detail, from_job_status, from_history_entry):
        state = read(body)
        for entry in read_outputs(state.outputs):
            safe_name(entry.filename or entry.node_id)
            media_type_of(entry)
            hash(entry)
            repr(entry)
        str(failure(JOB, state, None))
    read_outputs(body)
    submitted_nodes(body)
    outline_of(body if isinstance(body, dict) else {})
    for item in read_queue(body):
        repr(item)
    read_active(body)
    find_history_entry(body, JOB)
    created_at(body)
    carries(body, JOB)
    newer_jobs(body, NOW)
    json.dumps(told_parameters(JOB, body), default=str)
    for item in read_history(body):
        created_at(item)
    listing = Listing("jobs", limit=3, created_after=NOW, newest_first=True)
    for _ in range(3):
        assert len(listing.take(body)) <= 3


def workflows(data: bytes) -> None:
    """Workflows as text or bytes: refused in our words, or read, checked and written back as they were."""
    source = Data(data)
    if source.byte() < 128:
        nodes = {
            str(number): {"class_type": source.text(), "inputs": {source.text(): source.json(2)}}
            for number in range(1 + source.byte() % 3)
        }
        text: str | bytes = json.dumps(source.json(5) if source.byte() < 64 else nodes)
    else:
        text = source.rest
    try:
        workflow = Workflow.loads(text)
    except WorkflowError:
        return
    workflow.randomize_seeds()
    for node in workflow.nodes:
        assert node.id in workflow
        repr(node)
    again = Workflow(workflow.to_dict())
    assert to_json(again.to_dict()) == to_json(workflow.to_dict())
    with suppress(ComfyCloudError):
        workflow.check({source.text(): source.json(5) for _ in range(3)})
    with suppress(ComfyCloudError):
        workflow._prepare()


MEDIA: Final = (
    *(b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"fLaC", b"OggS", b"ID3", b"\x1aE\xdf\xa3", b"glTF"),
    *(b"RIFF\0\0\0\0WEBP", b"\0\0\0\x18ftypmp42", b"\0\0\0\x18ftypavif", b"\x10\0\0\0\0\0\0\0{", b"\xff\xfb"),
)


def media(data: bytes) -> None:
    """Containers of every kind, cut and damaged: their texts, or ValueError; never more than the file is worth."""
    source = Data(data)
    kind = source.byte()
    content = (MEDIA[kind % len(MEDIA)] if kind < 200 else b"") + source.rest
    with suppress(ValueError):
        found = carried(content)
        assert found is None or all(isinstance(text, str) for text in found.texts.values())
    image_fault(content, len(content))


def times(data: bytes) -> None:
    """Times of any form: aware and in UTC, or None; the expiry of addresses alike."""
    source = Data(data)
    for value in (data.decode("latin-1"), data.decode("utf-8", "surrogateescape"), source.json(1), source.text()):
        moment = parse_time(value)
        assert moment is None or moment.utcoffset() is not None
    with suppress(ValueError):  # what urlsplit refuses is refused before it gets here
        signed_url(f"https://host/?X-Amz-Date={source.text()}&X-Amz-Expires={source.text()}&se={source.text()}")


def file_names(data: bytes) -> None:
    """Names from a server: one part of a path, of bounded length, that any file system takes, and no device."""
    source = Data(data)
    raw = (
        data.decode("utf-8", "surrogatepass" if source.byte() < 128 else "replace") if _decodes(data) else source.text()
    )
    name = safe_name(raw)
    taken = list(unique_names([name] * 4))
    for number, unique in enumerate(taken):
        for made in (name, numbered_name(name, number), unique):
            assert made
            assert made not in {".", ".."}
            assert not set(made) & set('/\\:<>"|?*\0\r\n\u202e')
            assert len(made.encode()) <= FILE_NAME_MAX_BYTES
            assert made == made.strip(" .")
            assert made.partition(".")[0].rstrip().upper() not in {"CON", "NUL", "AUX", "PRN", "COM1", "LPT9"}
            assert os.path.basename(made) == made
            assert not any(unicodedata.category(char) in {"Cc", "Cs"} for char in made)
    assert len(set(taken)) == len(taken)
    assert safe_name(name) == name


def _decodes(data: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        data.decode("utf-8", "surrogatepass")
        return True
    return False


def retry_after(data: bytes) -> None:
    """`Retry-After` of any form: seconds from 0 that a timer takes, or None."""
    for text in (data.decode("latin-1"), Data(data).text(), Data(data).json(1)):
        seconds = parse_retry_after(text, NOW)
        assert seconds is None or 0 <= seconds < 1e15


def bodies(data: bytes) -> None:
    """Compressed bodies in pieces: their content within the limit, or the two errors for that."""
    source = Data(data)
    encoding = ("", "gzip", "deflate", "br", "identity")[source.byte() % 5]
    limit, size = 1 << 10, 1 + source.byte() % 64
    with suppress(BrokenBodyError, TooLargeError):
        decompressor, content = Decompressor(encoding, limit), b""
        rest = source.rest
        for start in range(0, len(rest), size):
            content += decompressor.take(rest[start : start + size])
        assert len(content) <= limit
        decompressor.finish()


def downloads(data: bytes) -> None:
    """Responses of a download, with any headers, cut anywhere: what was taken is what was counted."""
    source, download = Data(data), Download()
    for _ in range(source.byte() % 4):
        download.headers()
        headers = {
            "content-length": source.text(),
            "content-range": f"bytes {source.byte()}-{source.text()}/{source.byte()}",
            "etag": source.text(),
            "content-encoding": ("", "", "gzip", "br")[source.byte() % 4],
        }
        with suppress(ComfyCloudError):
            download.begin((200, 206)[source.byte() % 2], headers)
            download.take(source.rest[:64])
            download.finish()
        assert download.have <= download.most


class LedgerRows:
    """Rows of a ledger: what is added is read back as it was, and columns that others damaged are a BatchError."""

    def __init__(self, folder: Path) -> None:
        self._ledger = Ledger(folder, "http://127.0.0.1")

    def close(self) -> None:
        self._ledger.close()

    def __call__(self, data: bytes) -> None:
        source = Data(data)
        key, graph = source.text(), {"1": {"class_type": "A", "inputs": {"a": 0}}}
        changes, params = {"1": {"a": source.json(2)}}, {"p": source.json(2)}
        ledger = self._ledger
        row = (key, digest(to_json(graph)), to_json(params), to_json(graph), to_json(changes))
        with ledger._lock:
            with suppress(ComfyCloudError, ValueError):  # ValueError: a key or a value that is not Unicode
                assert folder_name(key, taken=source.byte() < 128)
                ledger.add([row])
                (found,) = ledger.rows()
                assert ledger.item(found).key == key
                assert to_json(ledger.graph(found)["1"]["inputs"]) == to_json({"a": changes["1"]["a"]})
                column = ("files", "params", "changes", "result")[source.byte() % 4]
                changed = {column: source.text(), "state": list(ItemState)[source.byte() % 7]}
                ledger.record({found["number"]: changed})
                (found,) = ledger.rows()
                ledger.graph(found)
                ledger.item(found)
            with ledger.writing():
                ledger._db.execute("DELETE FROM rows")


TARGETS: Final[dict[str, Callable[[bytes], None]]] = {
    target.__name__: target
    for target in (
        *(frames, error_bodies, outputs, workflows, media, times, file_names, retry_after, bodies, downloads),
    )
}
