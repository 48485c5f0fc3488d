"""Build responses with the bytes of a file: ranges, conditional requests, Content-Disposition.

ComfyUI's `/api/view` and the storage origin use them. They differ in two points only: whether `If-Range` has an effect,
and whether the file's name is sent.
"""

import re
from collections.abc import AsyncIterator
from email.utils import formatdate, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from .._state.blobs import Blob
from .._state.files import content_type

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def blob_response(
    request: Request, blob: Blob, *, filename: str, modified: float, heeds_if_range: bool, named: bool
) -> Response:
    """Return the response to GET or HEAD for a file or one range of it: 200, 206, 304 or 416.

    `modified` is in epoch seconds. With `heeds_if_range`, an `If-Range` with another ETag gets the whole file; ComfyUI
    0.3.64 and 0.33.0 ignore the header.
    """
    # The ETag depends on the content alone, so uploading the same bytes again does not invalidate it.
    etag = f'"{blob.digest[:32]}"'
    headers = {
        "etag": etag,
        "last-modified": formatdate(int(modified), usegmt=True),
        "content-type": content_type(filename),
        "x-content-type-options": "nosniff",
    }
    if named:
        headers["content-disposition"] = f'filename="{filename}"'.encode("ascii", "replace").decode()
    if _not_modified(request, etag, modified):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range")
    if wanted is not None and heeds_if_range and request.headers.get("if-range", etag) != etag:
        wanted = None
    if wanted is None:
        return _slice(blob, 0, blob.size, 200, headers)
    span = _span(wanted, blob.size)
    if span is None:
        return Response(status_code=416, headers={**headers, "content-range": f"bytes */{blob.size}"})
    start, stop = span
    headers["content-range"] = f"bytes {start}-{stop - 1}/{blob.size}"
    return _slice(blob, start, stop, 206, headers)


def _slice(blob: Blob, start: int, stop: int, status: int, headers: dict[str, str]) -> Response:
    headers |= {"content-length": str(stop - start), "accept-ranges": "bytes"}
    # Contents in memory are sent in one piece. Others are read while they are sent, so that a large file needs no
    # memory.
    if isinstance(blob.content, bytes):
        return Response(blob.content[start:stop], status, headers=headers)

    async def body() -> AsyncIterator[bytes]:
        for chunk in blob.chunks(start, stop):
            yield chunk

    return StreamingResponse(body(), status, headers=headers)


def _not_modified(request: Request, etag: str, modified: float) -> bool:
    if_none_match = request.headers.get("if-none-match")
    if if_none_match is not None:
        return if_none_match.strip() == "*" or etag in [tag.strip() for tag in if_none_match.split(",")]
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return int(modified) <= parsedate_to_datetime(since).timestamp()
    except ValueError:
        return False


def _span(header: str, size: int) -> tuple[int, int] | None:
    """Return the half-open range of bytes that a Range header names, or None if it cannot be served."""
    match = _RANGE.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        return (max(size - int(last), 0), size) if int(last) > 0 and size > 0 else None
    start = int(first)
    stop = min(int(last) + 1, size) if last else size
    return (start, stop) if start < stop else None
