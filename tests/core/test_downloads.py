"""Downloads decided: what is asked after a cut, and that no file is put together from parts of two."""

import copy
import gzip
import pickle
import zlib
from datetime import UTC, datetime

import pytest

from comfy_cloud._core.downloads import Download, SignedURL, signed_url
from comfy_cloud.errors import APIConnectionError, UnexpectedResponseError

TAGGED = {"content-length": "10", "etag": '"a"', "last-modified": "Mon, 23 Nov 2026 18:00:00 GMT"}


def cut(headers: dict[str, str], came: bytes = b"1234") -> Download:
    """A download of which some came."""
    download = Download()
    assert download.headers() == {"Accept-Encoding": "identity"}
    download.begin(200, headers)
    download.take(came)
    return download


def test_the_rest_is_asked_for_by_entity_tag() -> None:
    download = cut(TAGGED)
    assert download.headers() == {"Accept-Encoding": "identity", "Range": "bytes=4-", "If-Range": '"a"'}
    download.begin(206, {"content-range": "bytes 4-9/10", "etag": '"a"'})
    assert download.take(b"567890") == b"567890"
    download.finish()
    assert (download.have, download.most) == (10, 10)


@pytest.mark.parametrize("headers", [{"content-length": "10"}, {"content-length": "10", "etag": 'W/"a"'}])
def test_the_rest_is_asked_for_by_length_where_no_tag_will_do(headers: dict[str, str]) -> None:
    """A weak tag is the same for other bytes, and may not stand in `If-Range`."""
    download = cut(headers)
    assert download.headers() == {"Accept-Encoding": "identity", "Range": "bytes=4-"}
    download.begin(206, {"content-range": "bytes 4-9/10"})
    assert download.have == 4


@pytest.mark.parametrize("headers", [{}, {"last-modified": "now"}, {**TAGGED, "content-encoding": "gzip"}])
def test_what_cannot_be_continued_is_asked_for_whole(headers: dict[str, str]) -> None:
    download = Download()
    download.begin(200, headers)
    download.take(gzip.compress(b"x" * 100)[:12])
    assert download.headers() == {"Accept-Encoding": "identity"}
    assert (download.have, download.most) == (0, 12)


def test_a_server_that_sends_all_again_is_followed() -> None:
    """It heeds `If-Range` and the file has changed, or it knows no ranges."""
    download = cut(TAGGED)
    download.begin(200, {"content-length": "3", "etag": '"b"'})
    assert download.have == 0
    download.take(b"new")
    download.finish()


@pytest.mark.parametrize(
    "part",
    [
        {"content-range": "bytes 4-9/10", "etag": '"b"'},
        {"content-range": "bytes 4-9/11", "etag": '"a"'},
        {"content-range": "bytes 4-9/10", "last-modified": "Mon, 23 Nov 2026 19:00:00 GMT"},
        {"content-range": "bytes 3-9/10"},
        {"content-range": "bytes 4-9/*"},
        {"content-range": "bytes 4-9/" + "9" * 5000},
        {"content-range": "lines 4-9/10"},
        {"content-range": "bytes 4-9/10", "content-encoding": "gzip"},
        {},
    ],
)
def test_a_part_that_may_be_of_another_file_is_not_taken(part: dict[str, str]) -> None:
    """A picture whose upper half is of yesterday looks whole to every check of its length."""
    download = cut(TAGGED)
    with pytest.raises(APIConnectionError, match="does not continue"):
        download.begin(206, part)
    assert download.headers() == {"Accept-Encoding": "identity"}


def test_a_file_that_ends_early_is_not_whole() -> None:
    download = cut(TAGGED)
    with pytest.raises(APIConnectionError, match="after 4 of 10 bytes"):
        download.finish()
    assert download.have == 4


def test_a_file_that_goes_on_too_long_begins_anew() -> None:
    """Nobody knows which of its bytes are the wrong ones."""
    download = cut(TAGGED)
    download.begin(206, {"content-range": "bytes 4-9/10"})
    with pytest.raises(APIConnectionError, match="more than the announced 10 bytes"):
        download.take(b"5678901")
    assert (download.have, download.most) == (0, 4)


def test_an_empty_file_and_one_of_unknown_length_are_whole() -> None:
    for headers in ({"content-length": "0"}, {}):
        download = Download()
        download.begin(200, headers)
        download.finish()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(b"x" * 999)), ("Deflate", zlib.compress(b"x" * 999))],
    ids=["gzip", "deflate"],  # gzip writes the time: workers that start in two seconds would collect other names
)
def test_what_was_compressed_unasked_is_decompressed(encoding: str, packed: bytes) -> None:
    """Some proxies compress whatever they are asked; the length is that of the compressed bytes then."""
    download = Download()
    download.begin(200, {"content-encoding": encoding, "content-length": str(len(packed))})
    assert download.take(packed[:9]) + download.take(packed[9:]) == b"x" * 999
    download.finish()


@pytest.mark.parametrize("damage", ["cut", "broken", "more", "nothing"])
def test_broken_compression_is_never_taken_for_content(damage: str) -> None:
    packed = gzip.compress(bytes(range(256)) * 9)
    came = {"cut": packed[:-9], "broken": packed[:99] + b"\xff" * 20, "more": packed + b"more", "nothing": b""}[damage]
    download = Download()
    download.begin(200, {"content-encoding": "gzip"})
    with pytest.raises(APIConnectionError, match="compressed content is broken"):
        _ = download.take(came), download.finish()
    assert download.have == 0


def test_compression_that_is_not_known_is_an_error() -> None:
    with pytest.raises(UnexpectedResponseError, match=r"Content-Encoding 'br'"):
        Download().begin(200, {"content-encoding": "br"})


MOMENT = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("query", "expires"),
    [
        ("X-Goog-Algorithm=A&X-Goog-Date=20261123T174500Z&X-Goog-Expires=900&X-Goog-Signature=c0ffee", MOMENT),
        ("X-Amz-Date=20261123T170000Z&X-Amz-Expires=3600&X-Amz-Signature=c0ffee", MOMENT),
        (f"Expires={MOMENT.timestamp():.0f}&Signature=c0ffee", MOMENT),
        (f"expires={MOMENT.timestamp() * 1000:.0f}&signature=c0ffee", MOMENT),
        ("sv=1&se=2026-11-23T18%3A00%3A00Z&sig=c0ffee", MOMENT),
        ("X-Goog-Date=20261123T174500Z&X-Goog-Expires=soon&sig=c0ffee", None),
        ("filename=a.png&sig=c0ffee", None),
    ],
)
def test_the_expiry_stands_in_the_address(query: str, expires: datetime | None) -> None:
    signed = signed_url(f"https://user:c0ffee@storage.example/a.png?{query}")
    assert signed.expires == expires
    assert signed.reveal().endswith(query)


def test_a_signed_address_shows_itself_nowhere() -> None:
    """Whoever reads a log could fetch the file."""
    signed = signed_url("https://storage.example/a.png?Expires=1795456800&Signature=c0ffee")
    assert isinstance(signed, SignedURL)
    for text in (repr(signed), str(signed), f"{signed}", repr([signed]), repr(vars(type(signed)))):
        assert "c0ffee" not in text
    assert repr(signed) == "<SignedURL https://storage.example/a.png?[redacted] until 2026-11-23 18:00:00 UTC>"
    for take in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match=r"call url\(\) again"):
            take(signed)
