"""Test where requests, responses and messages end: a cut in the wrong place would mix up two responses."""

import pytest

from comfy_cloud.testing._faults.framing import (
    ChunkedBody,
    FrameReader,
    FramingError,
    message_frame,
    request_head,
    response_head,
)

CHUNKED = b"4\r\nwiki\r\n6;note=x\r\npedia.\r\n0\r\nTrailer: x\r\n\r\n"


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", range(1, len(CHUNKED) + 9))
def test_the_end_of_a_chunked_body_is_found_however_it_is_cut(size: int):
    """Otherwise a pipelined request behind an upload would be lost, or the upload would be cut short."""
    body, raw, content, rest = ChunkedBody(), b"", b"", b""
    for piece in pieces(CHUNKED + b"GET / HT", size):
        if body.complete:
            rest += piece
            continue
        own, payload, left = body.feed(piece)
        raw, content, rest = raw + own, content + payload, rest + left
    assert (raw, content, rest, body.complete) == (CHUNKED, b"wikipedia.", b"GET / HT", True)


@pytest.mark.parametrize("bad", [b"x\r\n", b"\r\n", b"-4\r\n", b"4_0\r\n", b"1" * 20_000])
def test_a_chunk_without_a_size_is_an_error(bad: bytes):
    """Otherwise the proxy would wait for ever, or fill its memory with a line that never ends."""
    with pytest.raises(FramingError):
        ChunkedBody().feed(bad)


def request(first: str, *fields: str) -> bytes:
    return "\r\n".join([first, *fields, "", ""]).encode()


def test_a_request_head_is_parsed():
    raw = request("POST /api/view%2Fx?token=a HTTP/1.1", "Host: x", "CONTENT-LENGTH:  3 ", "Expect: 100-Continue")
    head = request_head(raw)
    assert head is not None
    assert (head.method, head.path, head.query, head.length) == ("POST", "/api/view%2Fx", "token=a", 3)
    assert head.expects_continue
    assert head.keeps_alive
    assert head.body().feed(b"abcGET") == (b"abc", b"abc", b"GET")
    absolute = request_head(request("GET http://host:1/api/queue?x=1 HTTP/1.0"))
    assert absolute is not None
    assert (absolute.path, absolute.keeps_alive, absolute.body().complete) == ("/api/queue", False, True)


@pytest.mark.parametrize(
    "raw",
    [
        request("GET /"),
        request("nonsense"),
        request("GET / SPDY/3"),
        request("GET / HTTP/1.1", "no colon"),
        request("POST / HTTP/1.1", "Content-Length: 3", "Transfer-Encoding: chunked"),
        request("POST / HTTP/1.1", "Content-Length: 3", "Content-Length: 4"),
        request("POST / HTTP/1.1", "Content-Length: -3"),
        request("POST / HTTP/1.1", "Transfer-Encoding: gzip"),
    ],
)
def test_a_request_with_no_clear_end_is_left_to_the_server(raw: bytes):
    assert request_head(raw) is None


@pytest.mark.parametrize(
    ("head", "method", "length", "again"),
    [
        (request("HTTP/1.1 200 OK", "content-length: 7"), "GET", 7, True),
        (request("HTTP/1.1 200 OK", "content-length: 7"), "HEAD", 0, True),
        (request("HTTP/1.1 200", "transfer-encoding: chunked"), "GET", None, True),
        (request("HTTP/1.1 304 Not Modified", "content-length: 7"), "GET", 0, True),
        (request("HTTP/1.1 204 No Content"), "GET", 0, True),
        (request("HTTP/1.1 200 OK", "content-length: 7", "connection: close"), "GET", 7, False),
        (request("HTTP/1.1 200 OK"), "GET", None, False),
        (request("HTTP/1.0 200 OK", "content-length: 7"), "GET", 7, False),
    ],
)
def test_the_head_of_a_response_says_where_its_body_ends(head: bytes, method: str, length: int | None, again: bool):
    """A response to HEAD has a length but no body. Waiting for the body would block the client."""
    response = response_head(head, method)
    assert (response.body_length, response.keeps_alive) == (length, again)
    assert response.body().complete == (length == 0)


def test_a_response_that_is_not_http_is_an_error():
    with pytest.raises(FramingError):
        response_head(b"ICY ok\r\n\r\n", "GET")


MESSAGES: list[str | bytes] = ["", "short", b"\x00" * 125, "x" * 126, b"y" * 65_535, "z" * 65_536, b"end"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000, 65_540, 1 << 20])
def test_the_start_of_each_websocket_message_is_found_once(size: int):
    """Otherwise a fault between messages would happen inside one. Control frames are not messages."""
    frames = [message_frame(message) for message in MESSAGES]
    stream = b"\x89\x02hi".join(frames) + b"\x8a\x00" + b"\x00\x01f" + b"\x88\x00"
    reader, out, begun = FrameReader(), b"", []
    for piece in pieces(stream, size):
        for cut in reader.feed(piece):
            if cut.begins:
                begun.append(len(out))
            out += cut.data
    assert out == stream
    assert begun == [sum(len(frame) + 4 for frame in frames[:number]) for number in range(len(frames))]
