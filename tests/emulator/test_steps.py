"""Test what each fault does to a response, byte by byte, without a socket."""

import gzip
import json
import zlib
from typing import Any

import pytest

from comfy_cloud.testing import Fault
from comfy_cloud.testing._faults.framing import response_head
from comfy_cloud.testing._faults.steps import (
    HANG_UP,
    Pause,
    ResponseSteps,
    Step,
    error_response,
    replaces_server,
    steps_for,
)

LENGTH = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\netag: x\r\n\r\n"
CHUNKS = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
EMPTY = b"HTTP/1.1 302 Found\r\nlocation: x\r\ncontent-length: 0\r\n\r\n"
CHUNKED_BODY = b"3\r\n012\r\n7\r\n3456789\r\n0\r\n\r\n"


def steps(how: ResponseSteps, head: bytes, *pieces: bytes, method: str = "GET") -> list[Step]:
    """Return all steps for a response whose body arrives in these pieces."""
    response = response_head(head, method)
    found: list[Step] = [*how.head(response)]
    body = response.body()
    for piece in pieces:
        raw, content, _ = body.feed(piece)
        found += how.body(raw, content)
    return [*found, *how.end()]


def wire(found: list[Step]) -> bytes:
    """Return the bytes that are sent before the connection is closed, if it is."""
    sent = found[: found.index(HANG_UP)] if HANG_UP in found else found
    return b"".join(step for step in sent if isinstance(step, bytes))


def test_a_response_without_a_fault_is_unchanged():
    found = steps(steps_for(Fault.expire_address()), CHUNKS, CHUNKED_BODY[:5], CHUNKED_BODY[5:])
    assert b"".join(step for step in found if isinstance(step, bytes)) == CHUNKS + CHUNKED_BODY


@pytest.mark.parametrize("cut", [1, 4, 5, 6, 10])
def test_the_middle_of_a_body_is_at_half_its_length(cut: int):
    body = b"0123456789"
    found = steps(steps_for(Fault.close("middle")), LENGTH, body[:cut], body[cut:])
    assert wire(found) == LENGTH + b"01234"
    assert HANG_UP in found


def test_the_middle_of_a_response_without_a_body_is_in_its_head():
    """A redirect has no other middle, and a client must survive half a head."""
    assert wire(steps(steps_for(Fault.close("middle")), EMPTY)) == EMPTY[: len(EMPTY) // 2]
    assert wire(steps(steps_for(Fault.close("middle")), LENGTH, method="HEAD")) == LENGTH[: len(LENGTH) // 2]


def test_the_middle_of_a_body_of_unknown_length_is_in_its_first_piece():
    assert wire(steps(steps_for(Fault.close("middle")), CHUNKS, CHUNKED_BODY)) == CHUNKS + CHUNKED_BODY[:12]


def test_closing_after_the_response_and_losing_it():
    assert steps(steps_for(Fault.close("after")), LENGTH, b"0123456789") == [LENGTH, b"0123456789", HANG_UP]
    assert steps(steps_for(Fault.lose_answer()), LENGTH, b"0123456789") == [HANG_UP]


def test_a_stall_delays_the_response_or_its_second_half():
    assert steps(steps_for(Fault.stall(2)), LENGTH, b"0123456789") == [Pause(2), LENGTH, b"0123456789"]
    found = steps(steps_for(Fault.stall(where="middle")), LENGTH, b"0123456789")
    assert found == [LENGTH, b"01234", Pause(None), b"56789"]


def test_a_drip_is_one_byte_at_a_time_head_included():
    found = steps(steps_for(Fault.drip(0.5)), LENGTH, b"0123456789")
    assert found[1::2] == [Pause(0.5)] * (len(LENGTH) + 10)
    assert [len(step) for step in found[::2] if isinstance(step, bytes)] == [1] * (len(LENGTH) + 10)
    assert wire(found) == LENGTH + b"0123456789"


@pytest.mark.parametrize("sizes", [[10], [1] * 10, [9, 1], [5, 5]])
@pytest.mark.parametrize(("by", "left"), [(1, b"012345678"), (3, b"0123456"), (99, b"")])
def test_a_truncated_body_lacks_its_end(sizes: list[int], by: int, left: bytes):
    """The body is shorter than announced, or announced to be shorter. Only the first is visible from the length."""
    body, pieces = b"0123456789", []
    for size in sizes:
        pieces.append(body[:size])
        body = body[size:]
    found = steps(steps_for(Fault.truncate(by)), LENGTH, *pieces)
    assert (wire(found), found[-1]) == (LENGTH + left, HANG_UP)
    relabelled = steps(steps_for(Fault.truncate(by, relabel=True)), LENGTH, *pieces)
    head = b"HTTP/1.1 200 OK\r\netag: x\r\ncontent-length: %d\r\n\r\n" % len(left)
    assert (wire(relabelled), HANG_UP in relabelled) == (head + left, False)


def test_a_lengthened_body_has_more_than_was_announced():
    found = steps(steps_for(Fault.lengthen(2)), LENGTH, b"0123456789")
    assert (wire(found), found[-1]) == (LENGTH + b"0123456789\0\0", HANG_UP)
    relabelled = wire(steps(steps_for(Fault.lengthen(2, relabel=True)), LENGTH, b"0123456789"))
    assert relabelled == b"HTTP/1.1 200 OK\r\netag: x\r\ncontent-length: 12\r\n\r\n0123456789\0\0"


@pytest.mark.parametrize(
    ("fault", "content", "ended"),
    [
        (Fault.truncate(), b"012345678", False),
        (Fault.truncate(relabel=True), b"012345678", True),
        (Fault.lengthen(2, relabel=True), b"0123456789\0\0", True),
    ],
)
def test_a_chunked_body_is_resized_by_whole_chunks(fault: Fault, content: bytes, ended: bool):
    sent = wire(steps(steps_for(fault), CHUNKS, CHUNKED_BODY[:6], CHUNKED_BODY[6:])).removeprefix(CHUNKS)
    body = response_head(CHUNKS, "GET").body()
    assert body.feed(sent) == (sent, content, b"")
    assert body.complete == ended


@pytest.mark.parametrize("size", [1, 10, 5000])
def test_a_broken_gzip_body_starts_valid_and_cannot_be_decoded(size: int):
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size
    sent = wire(steps(steps_for(Fault.break_gzip()), head, b"x" * size))
    response = response_head(sent.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", "GET")
    assert (response.get("content-encoding"), response.chunked, response.length) == ("gzip", True, None)
    body = response.body()
    _, content, rest = body.feed(sent.removeprefix(response.raw))
    assert (body.complete, rest) == (True, b"")
    with pytest.raises(zlib.error):
        gzip.decompress(content)


@pytest.mark.parametrize("fault", [Fault.truncate(), Fault.lengthen(), Fault.break_gzip()])
def test_a_fault_of_a_body_has_no_effect_without_a_body(fault: Fault):
    """A fault that did nothing must not count as one that happened."""
    how = steps_for(fault)
    assert wire(steps(how, EMPTY)) == EMPTY
    assert how.had_no_effect


def response_to(fault: Fault, method: str = "GET", **options: Any) -> tuple[Any, bytes]:
    raw = error_response(
        fault.options, method, lambda status: b'{"code": "X"}', 1_700_000_000.25, **{"last": False} | options
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    return response_head(head + b"\r\n\r\n", method), body


def test_an_error_is_json_html_or_empty():
    """Gateways send HTML, servers JSON in various shapes, and the client reads them all."""
    response, body = response_to(Fault.status(503))
    assert (response.status, response.line[2], response.get("content-type")) == (
        503,
        "Service Unavailable",
        "application/json",
    )
    assert body == b'{"code": "X"}'
    response, body = response_to(Fault.status(502, body="html"))
    assert response.get("content-type") == "text/html"
    assert b"<h1>502 Bad Gateway</h1>" in body
    response, body = response_to(Fault.status(504, body="none"))
    assert (response.length, body, response.get("content-type")) == (0, b"", "")
    own = {"error": {"type": "QUEUE_LIMIT"}}
    assert json.loads(response_to(Fault.status(429, body=own))[1]) == own
    response, body = response_to(Fault.status(500), "HEAD")
    assert (response.length, body) == (13, b"")
    assert response_to(Fault.status(500), last=True)[0].get("connection") == "close"
    assert response_to(Fault.status(599, body="none"))[0].status == 599


def test_retry_after_is_in_whole_seconds_or_a_date_and_never_too_early():
    assert response_to(Fault.status(429))[0].get("retry-after") == ""
    assert response_to(Fault.status(429, retry_after=7))[0].get("retry-after") == "7"
    assert response_to(Fault.status(429, retry_after=1.2))[0].get("retry-after") == "2"
    date = response_to(Fault.status(503, retry_after=10, as_date=True))[0].get("retry-after")
    assert date == "Tue, 14 Nov 2023 22:13:31 GMT"


def test_only_some_faults_keep_the_request_from_the_server():
    assert replaces_server(Fault.close())
    assert replaces_server(Fault.status(500))
    assert not replaces_server(Fault.close("after"))
    assert not replaces_server(Fault.lose_answer())
