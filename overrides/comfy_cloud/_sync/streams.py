# Derived from overrides/comfy_cloud/_async/streams.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Read the bodies of responses: within a limit and decompressed, or piece by piece, in both cases with our errors only.

A body that is streamed has no limit here, and whoever takes its pieces decompresses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from .._core.bodies import Decompressor, TooLargeError
from .._core.error_responses import Place
from .._httpx import connection_error, httpx
from ..errors import ComfyCloudError, UnexpectedResponseError

# In place of a stream that was closed. The stream of httpcore keeps the request as it was sent, with the key, and a
# response may be kept for long.
_CLOSED: Final = httpx.ByteStream(b"")


class ErrorStream(httpx.SyncByteStream):
    """A streamed response body whose reading raises our errors."""

    def __init__(self, stream: Any, place: Place) -> None:
        self._stream = stream
        self._place = place

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._stream:
                yield chunk
            return
        except ComfyCloudError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is below raises its own
            failed = connection_error(error, self._place)
        # Outside of the `except`, so that the error of httpx is not its context: that holds the request.
        raise failed

    def close(self) -> None:
        self._stream.close()
        self._stream = _CLOSED


def read_whole(response: httpx.Response, place: Place, limit: int, *, cut: bool) -> None:
    """Read the body of a response, of `limit` bytes at most when it is decompressed.

    A longer one raises UnexpectedResponseError, or ends there if it may be `cut`.
    """
    # Decompressed here and not by httpx, which knows no limit.
    body, pieces = Decompressor(response.headers.pop("content-encoding", ""), limit), []
    stream: Any = response.stream
    try:
        for piece in stream:
            pieces.append(body.take(piece))  # noqa: PERF401 - what is cut keeps those before
        body.finish()
    except TooLargeError as error:
        if not cut:
            pieces.clear()  # the traceback would hold them for as long as the error lives
            message = f"{place}: the response is {error}"
            raise UnexpectedResponseError(message, operation=place.operation) from None
    stream.close()
    response.stream = httpx.ByteStream(b"".join(pieces))
    response.read()
