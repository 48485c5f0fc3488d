"""What each fault makes of an answer, byte for byte, without a socket."""

import gzip
import json
import zlib
from typing import Any

import pytest

from comfy_cloud.testing import Fault
from comfy_cloud.testing._framing import answer_head
from comfy_cloud.testing._plans import HANG_UP, Pause, Plan, Step, error_answer, plan, replaces_server

LENGTH = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\netag: x\r\n\r\n"
CHUNKS = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
EMPTY = b"HTTP/1.1 302 Found\r\nlocation: x\r\ncontent-length: 0\r\n\r\n"
CHUNKED_BODY = b"3\r\n012\r\n7\r\n3456789\r\n0\r\n\r\n"


def steps(how: Plan, head: bytes, *pieces: bytes, method: str = "GET") -> list[Step]:
    """All steps for an answer whose body comes in these pieces."""
    answer = answer_head(head, method)
    found: list[Step] = [*how.head(answer)]
    body = answer.body()
    for piece in pieces:
        raw, content, _ = body.feed(piece)
        found += how.body(raw, content)
    return [*found, *how.end()]


def wire(found: list[Step]) -> bytes:
    """What is sent before the connection is closed, if it is."""
    sent = found[: found.index(HANG_UP)] if HANG_UP in found else found
    return b"".join(step for step in sent if isinstance(step, bytes))


def test_an_undisturbed_answer_stays_as_it_is():
    found = steps(plan(Fault.expire_address()), CHUNKS, CHUNKED_BODY[:5], CHUNKED_BODY[5:])
    assert b"".join(step for step in found if isinstance(step, bytes)) == CHUNKS + CHUNKED_BODY


@pytest.mark.parametrize("cut", [1, 4, 5, 6, 10])
def test_the_middle_of_a_body_is_at_half_its_length(cut: int):
    body = b"0123456789"
    found = steps(plan(Fault.close("middle")), LENGTH, body[:cut], body[cut:])
    assert wire(found) == LENGTH + b"01234"
    assert HANG_UP in found


def test_the_middle_of_an_answer_without_a_body_is_in_its_head():
    """A redirect has no other middle; a client must survive half a head."""
    assert wire(steps(plan(Fault.close("middle")), EMPTY)) == EMPTY[: len(EMPTY) // 2]
    assert wire(steps(plan(Fault.close("middle")), LENGTH, method="HEAD")) == LENGTH[: len(LENGTH) // 2]


def test_the_middle_of_a_body_of_unknown_length_is_in_its_first_piece():
    assert wire(steps(plan(Fault.close("middle")), CHUNKS, CHUNKED_BODY)) == CHUNKS + CHUNKED_BODY[:12]


def test_closing_after_the_answer_and_losing_it():
    assert steps(plan(Fault.close("after")), LENGTH, b"0123456789") == [LENGTH, b"0123456789", HANG_UP]
    assert steps(plan(Fault.lose_answer()), LENGTH, b"0123456789") == [HANG_UP]


def test_a_stall_holds_the_answer_or_its_second_half():
    assert steps(plan(Fault.stall(2)), LENGTH, b"0123456789") == [Pause(2), LENGTH, b"0123456789"]
    found = steps(plan(Fault.stall(where="middle")), LENGTH, b"0123456789")
    assert found == [LENGTH, b"01234", Pause(None), b"56789"]


def test_a_drip_is_one_byte_at_a_time_head_included():
    found = steps(plan(Fault.drip(0.5)), LENGTH, b"0123456789")
    assert found[1::2] == [Pause(0.5)] * (len(LENGTH) + 10)
    assert [len(step) for step in found[::2] if isinstance(step, bytes)] == [1] * (len(LENGTH) + 10)
    assert wire(found) == LENGTH + b"0123456789"


@pytest.mark.parametrize("sizes", [[10], [1] * 10, [9, 1], [5, 5]])
@pytest.mark.parametrize(("by", "left"), [(1, b"012345678"), (3, b"0123456"), (99, b"")])
def test_a_truncated_body_lacks_its_end(sizes: list[int], by: int, left: bytes):
    """Short of what was announced, or announced to be short: only the first can be told from the length."""
    body, pieces = b"0123456789", []
    for size in sizes:
        pieces.append(body[:size])
        body = body[size:]
    found = steps(plan(Fault.truncate(by)), LENGTH, *pieces)
    assert (wire(found), found[-1]) == (LENGTH + left, HANG_UP)
    relabelled = steps(plan(Fault.truncate(by, relabel=True)), LENGTH, *pieces)
    head = b"HTTP/1.1 200 OK\r\netag: x\r\ncontent-length: %d\r\n\r\n" % len(left)
    assert (wire(relabelled), HANG_UP in relabelled) == (head + left, False)


def test_a_lengthened_body_has_more_than_was_announced():
    found = steps(plan(Fault.lengthen(2)), LENGTH, b"0123456789")
    assert (wire(found), found[-1]) == (LENGTH + b"0123456789\0\0", HANG_UP)
    relabelled = wire(steps(plan(Fault.lengthen(2, relabel=True)), LENGTH, b"0123456789"))
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
    sent = wire(steps(plan(fault), CHUNKS, CHUNKED_BODY[:6], CHUNKED_BODY[6:])).removeprefix(CHUNKS)
    body = answer_head(CHUNKS, "GET").body()
    assert body.feed(sent) == (sent, content, b"")
    assert body.complete == ended


@pytest.mark.parametrize("size", [1, 10, 5000])
def test_a_broken_gzip_body_begins_well_and_cannot_be_decoded(size: int):
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size
    sent = wire(steps(plan(Fault.break_gzip()), head, b"x" * size))
    answer = answer_head(sent.partition(b"\r\n\r\n")[0] + b"\r\n\r\n", "GET")
    assert (answer.get("content-encoding"), answer.chunked, answer.length) == ("gzip", True, None)
    body = answer.body()
    _, content, rest = body.feed(sent.removeprefix(answer.raw))
    assert (body.complete, rest) == (True, b"")
    with pytest.raises(zlib.error):
        gzip.decompress(content)


@pytest.mark.parametrize("fault", [Fault.truncate(), Fault.lengthen(), Fault.break_gzip()])
def test_an_answer_without_a_body_is_spared(fault: Fault):
    """A fault that did nothing must not count as one that happened."""
    how = plan(fault)
    assert wire(steps(how, EMPTY)) == EMPTY
    assert how.spared


def answered(fault: Fault, method: str = "GET", **options: Any) -> tuple[Any, bytes]:
    raw = error_answer(
        fault.options, method, lambda status: b'{"code": "X"}', 1_700_000_000.25, **{"last": False} | options
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    return answer_head(head + b"\r\n\r\n", method), body


def test_an_error_comes_as_json_html_or_nothing():
    """Gateways answer HTML, servers JSON in shapes of their own: the client reads them all."""
    answer, body = answered(Fault.status(503))
    assert (answer.status, answer.line[2], answer.get("content-type")) == (
        503,
        "Service Unavailable",
        "application/json",
    )
    assert body == b'{"code": "X"}'
    answer, body = answered(Fault.status(502, body="html"))
    assert answer.get("content-type") == "text/html"
    assert b"<h1>502 Bad Gateway</h1>" in body
    answer, body = answered(Fault.status(504, body="none"))
    assert (answer.length, body, answer.get("content-type")) == (0, b"", "")
    own = {"error": {"type": "QUEUE_LIMIT"}}
    assert json.loads(answered(Fault.status(429, body=own))[1]) == own
    answer, body = answered(Fault.status(500), "HEAD")
    assert (answer.length, body) == (13, b"")
    assert answered(Fault.status(500), last=True)[0].get("connection") == "close"
    assert answered(Fault.status(599, body="none"))[0].status == 599


def test_retry_after_is_in_whole_seconds_or_a_date_never_too_early():
    assert answered(Fault.status(429))[0].get("retry-after") == ""
    assert answered(Fault.status(429, retry_after=7))[0].get("retry-after") == "7"
    assert answered(Fault.status(429, retry_after=1.2))[0].get("retry-after") == "2"
    date = answered(Fault.status(503, retry_after=10, as_date=True))[0].get("retry-after")
    assert date == "Tue, 14 Nov 2023 22:13:31 GMT"


def test_only_some_faults_keep_the_request_from_the_server():
    assert replaces_server(Fault.close())
    assert replaces_server(Fault.status(500))
    assert not replaces_server(Fault.close("after"))
    assert not replaces_server(Fault.lose_answer())
