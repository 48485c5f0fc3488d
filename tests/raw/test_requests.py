"""What is sent is what was given: byte for byte, under names that lead nowhere else, and nothing beside it."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import APIConnectionError, APIStatusError
from comfy_cloud.raw.api.asset import list_assets, update_asset, upload_asset
from comfy_cloud.raw.api.file import upload_image, upload_mask, view_file
from comfy_cloud.raw.api.job import get_history, list_jobs, manage_queue
from comfy_cloud.raw.api.user import delete_userdata_file, get_userdata, get_userdata_file, post_userdata_file
from comfy_cloud.raw.api.workflow import execute_prompt
from comfy_cloud.raw.models import (
    PromptRequest,
    QueueManageRequest,
    UpdateAssetBody,
    UploadAssetFilesBody,
    UploadAssetJsonBody,
    UploadImageBody,
    UploadMaskBody,
)
from comfy_cloud.raw.types import UNSET, File

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests
from .conftest import Raw

GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
NASTY = b'start\r\n--+++\r\nContent-Disposition: form-data; name="type"\r\n\r\noutput\r\n--+++--\r\nend\x00\xff'


def parts(request: bytes) -> list[tuple[str, str | None, str, bytes]]:
    """Name, file name, type and content of each part of a multipart request, read by Python's own parser."""
    head, _, body = request.partition(b"\r\n\r\n")
    content_type = re.search(rb"(?i)\r\n(content-type: .*)", head)
    assert content_type is not None
    message = BytesParser(policy=HTTP).parsebytes(content_type[1] + b"\r\n\r\n" + body)
    found = []
    for part in message.iter_parts():  # type: ignore[attr-defined]
        disposition = part["content-disposition"].params
        content = part.get_payload(decode=True)
        found.append((disposition["name"], disposition.get("filename"), part.get_content_type(), content))
    return found


def boundary(request: bytes) -> bytes:
    match = re.search(rb"(?i)multipart/form-data; boundary=(\S+)", request)
    assert match is not None
    return match[1]


def test_each_multipart_body_has_a_fresh_random_boundary(wire: WireServer, raw: Raw) -> None:
    wire.answers = [GOOD]
    for _ in range(3):
        raw(wire.url, upload_image, body=UploadImageBody(File(b"x", "a.png")))
    boundaries = [boundary(request) for request in wire.requests]
    assert len(set(boundaries)) == 3
    assert all(len(line) >= 16 for line in boundaries)


def test_a_file_that_looks_like_a_form_arrives_byte_for_byte_and_adds_no_field(
    httpserver: HTTPServer, raw: Raw
) -> None:
    seen: list[tuple[dict[str, Any], bytes, str | None, str]] = []

    def handler(request: Request) -> Response:
        image = request.files["image"]
        seen.append((request.form.to_dict(), image.read(), image.filename, image.mimetype))
        return Response("{}", content_type="application/json")

    httpserver.expect_request("/api/upload/image").respond_with_handler(handler)
    body = UploadImageBody(File(NASTY, 'näme "x".png', "image/png"), type_="input")
    raw(httpserver.url_for(""), upload_image, body=body)
    assert seen == [({"type": "input"}, NASTY, 'näme "x".png', "image/png")]


def test_parts_that_were_not_set_are_not_sent_and_the_file_comes_last(wire: WireServer, raw: Raw) -> None:
    wire.answers = [GOOD]
    body = UploadAssetFilesBody(
        File(io.BytesIO(b"content"), "a.png", "image/png"), tags=["input", "mine"], name="A", id=UUID(int=5)
    )
    body["extra"] = {"a": [1, True, None]}
    body["nothing"] = None
    body["unset"] = UNSET
    raw(wire.url, upload_asset, body=body)
    assert parts(wire.requests[0]) == [
        ("tags", None, "text/plain", b"input"),
        ("tags", None, "text/plain", b"mine"),
        ("id", None, "text/plain", b"00000000-0000-0000-0000-000000000005"),
        ("name", None, "text/plain", b"A"),
        ("extra", None, "application/json", b'{"a": [1, true, null]}'),
        ("file", "a.png", "image/png", b"content"),
    ]


def test_a_mask_goes_with_its_reference(wire: WireServer, raw: Raw) -> None:
    wire.answers = [GOOD]
    reference = json.dumps({"filename": "a.png", "type": "input"})
    raw(wire.url, upload_mask, body=UploadMaskBody(File(b"mask", "m.png"), original_ref=reference))
    assert [(name, content) for name, _, _, content in parts(wire.requests[0])] == [
        ("original_ref", reference.encode()),
        ("image", b"mask"),
    ]


@pytest.mark.parametrize("operation", [upload_image, post_userdata_file])
@pytest.mark.parametrize("position", [0, 7])
@pytest.mark.parametrize("on_disk", [True, False])
def test_a_file_is_sent_from_where_it_stands_also_on_a_retry(
    wire: WireServer, raw: Raw, tmp_path: Path, operation: Any, position: int, on_disk: bool
) -> None:
    content = b"header:" + bytes(range(256)) * 1000
    (tmp_path / "file.bin").write_bytes(content)
    wire.answers = [BUSY, BUSY, GOOD]
    with (tmp_path / "file.bin").open("rb") if on_disk else io.BytesIO(content) as file:
        file.seek(position)
        if operation is upload_image:
            raw(wire.url, upload_image, body=UploadImageBody(File(file, "f.bin")))
            bodies = [parts(request)[0][3] for request in wire.requests]
        else:
            raw(wire.url, post_userdata_file, "f.bin", body=File(file))
            bodies = [request.partition(b"\r\n\r\n")[2] for request in wire.requests]
    assert bodies == [content[position:]] * 3
    assert not re.search(rb"(?i)\r\ntransfer-encoding", wire.requests[0])


class Once(io.RawIOBase):
    """A stream that can be read once, such as a pipe or the answer to a download."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)


def test_a_file_that_cannot_be_read_again_is_sent_once_and_whole(wire: WireServer, raw: Raw) -> None:
    wire.answers = [BUSY, GOOD]
    with pytest.raises(APIStatusError), Once(b"a stream") as stream:
        raw(wire.url, upload_image, body=UploadImageBody(File(stream, "f.bin")))  # type: ignore[arg-type]
    assert len(wire.requests) == 1
    assert b"a stream" in wire.requests[0]


def test_a_pipe_is_sent_whole(wire: WireServer, raw: Raw) -> None:
    wire.answers = [GOOD]
    reading, writing = os.pipe()
    os.write(writing, b"through a pipe")
    os.close(writing)
    with open(reading, "rb") as pipe:
        raw(wire.url, upload_image, body=UploadImageBody(File(pipe, "f.bin")))
    assert b"through a pipe" in wire.requests[0]


def test_json_bodies_hold_no_null_that_was_not_asked_for(wire: WireServer, raw: Raw) -> None:
    wire.answers = [GOOD]
    graph = {"1": {"class_type": "EmptyImage", "inputs": {"width": 8, "mask": None}}}
    raw(wire.url, execute_prompt, body=PromptRequest.from_dict({"prompt": graph}))
    raw(wire.url, manage_queue, body=QueueManageRequest())
    raw(wire.url, update_asset, UUID(int=1), body=UpdateAssetBody(name="B"))
    raw(wire.url, upload_asset, body=UploadAssetJsonBody(url="https://example.com/a.png", tags=["input"], name="A"))
    bodies = [json.loads(request.partition(b"\r\n\r\n")[2]) for request in wire.requests]
    assert bodies == [
        {"prompt": graph},
        {},
        {"name": "B"},
        {"url": "https://example.com/a.png", "tags": ["input"], "name": "A"},
    ]
    assert all(re.search(rb"(?i)\r\ncontent-type: application/json\r\n", request) for request in wire.requests)


def test_a_null_that_was_asked_for_is_sent(wire: WireServer, raw: Raw) -> None:
    wire.answers = [GOOD]
    raw(wire.url, update_asset, UUID(int=1), body=UpdateAssetBody.from_dict({"name": "B", "preview_id": None}))
    assert json.loads(wire.requests[0].partition(b"\r\n\r\n")[2]) == {"name": "B", "preview_id": None}


@pytest.mark.parametrize("operation", [list_jobs, list_assets, get_history, get_userdata], ids=lambda o: o.__name__)
def test_parameters_with_defaults_are_not_sent_unless_given(wire: WireServer, raw: Raw, operation: Any) -> None:
    wire.answers = [GOOD]
    raw(wire.url, operation, **({"dir_": "workflows"} if operation is get_userdata else {}))
    target = wire.requests[0].split(b" ")[1]
    assert target.partition(b"?")[2] == (b"dir=workflows" if operation is get_userdata else b"")


def test_parameters_that_are_given_are_sent(httpserver: HTTPServer, raw: Raw) -> None:
    httpserver.expect_request(re.compile(".*")).respond_with_json({})
    raw(httpserver.url_for(""), list_jobs, offset=0, limit=100, status="a&b=c d", workflow_id=None)
    raw(httpserver.url_for(""), get_userdata, dir_="", recurse=False, split=True)
    raw(httpserver.url_for(""), view_file, filename="ä/b?.png", type_="output", frame_rate=0)
    sent = [request.args.to_dict(flat=False) for request, _ in httpserver.log]
    assert sent == [
        {"offset": ["0"], "limit": ["100"], "status": ["a&b=c d"]},
        {"dir": [""], "recurse": ["false"], "split": ["true"]},
        {"filename": ["ä/b?.png"], "type": ["output"], "frame_rate": ["0"]},
    ]


def test_lists_travel_in_one_value_with_commas(httpserver: HTTPServer, raw: Raw) -> None:
    httpserver.expect_request("/api/assets").respond_with_json({})
    raw(httpserver.url_for(""), list_assets, include_tags=["input", "my tag"], exclude_tags=["models"])
    sent = httpserver.log[0][0].args.to_dict(flat=False)
    assert sent == {"include_tags": ["input,my tag"], "exclude_tags": ["models"]}


@pytest.mark.parametrize(
    ("name", "travels"),
    [
        ("workflows/my flow.json", b"workflows%2Fmy%20flow.json"),
        ("a%2Fb", b"a%252Fb"),
        ("a?b#c&d=e;f", b"a%3Fb%23c%26d%3De%3Bf"),
        ("../../api/queue", b"..%2F..%2Fapi%2Fqueue"),
        ("a\\b\r\nX-Evil: 1", b"a%5Cb%0D%0AX-Evil%3A%201"),
        ("ünï", b"%C3%BCn%C3%AF"),
        ("...", b"..."),
    ],
)
@pytest.mark.parametrize("operation", [get_userdata_file, delete_userdata_file], ids=lambda o: o.__name__)
def test_a_name_is_one_segment_of_the_path(
    wire: WireServer, raw: Raw, operation: Any, name: str, travels: bytes
) -> None:
    wire.answers = [GOOD]
    raw(wire.url + "/behind/a/prefix", operation, name)
    assert wire.requests[0].split(b" ")[1] == b"/behind/a/prefix/api/userdata/" + travels


def test_a_name_arrives_as_it_was_given(httpserver: HTTPServer, raw: Raw) -> None:
    httpserver.expect_request("/api/userdata/workflows/100% ü?.json").respond_with_data(b"found")
    assert raw(httpserver.url_for(""), get_userdata_file, "workflows/100% ü?.json").read() == b"found"


@pytest.mark.parametrize("operation", [get_userdata_file, delete_userdata_file], ids=lambda o: o.__name__)
@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_does_not_lead_to_another_operation(wire: WireServer, raw: Raw, operation: Any, name: str) -> None:
    wire.answers = [GOOD]
    with pytest.raises(ValueError, match="cannot be a path parameter"):
        raw(wire.url, operation, name)
    assert wire.requests == []


def test_a_compressed_file_is_sent_unpacked_and_whole(wire: WireServer, raw: Raw, tmp_path: Path) -> None:
    wire.answers = [BUSY, GOOD]
    content = bytes(1000) + b"the end"
    (tmp_path / "a.gz").write_bytes(gzip.compress(content))
    with gzip.open(tmp_path / "a.gz") as file:
        raw(wire.url, upload_image, body=UploadImageBody(File(file, "a")))  # type: ignore[arg-type]
    assert [content in request for request in wire.requests] == [True, True]


def test_a_file_that_shrinks_while_it_is_sent_is_an_error_of_ours(wire: WireServer, raw: Raw) -> None:
    class Shrinking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return b""

    wire.answers = [GOOD]
    with pytest.raises(APIConnectionError, match="uploadImage"):
        raw(wire.url, upload_image, body=UploadImageBody(File(Shrinking(b"content"), "a")))
