"""The decisions of a download: which range to request, whether a response continues the file, when it is complete.

No I/O: the bytes are received and stored elsewhere. Signed URLs are here too, because they lead to downloads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

from .._constants import RESPONSE_MAX_BYTES
from ..errors import APIConnectionError, UnexpectedResponseError
from .bodies import ENCODINGS, WHOLE, BrokenBodyError, Decompressor, TooLargeError
from .secrets import Secret, redact_addresses
from .times import parse_time

__all__ = ["SignedURL"]

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d+/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)


class Download:
    """The state of one file's download. Call `begin` with each response, `take` with its bytes, `finish` at its end.

    `have` is the number of bytes received so far; it is 0 if the file starts again. `most` is the largest value that
    `have` ever had, so that the caller can tell whether a try made progress.
    """

    def __init__(self) -> None:
        self.most = 0
        self.restart()

    def restart(self) -> None:
        """Forget all bytes that were received."""
        self.have = 0
        # ETag, Last-Modified and length (bytes) of the file; None if unknown.
        self._known: tuple[str | int | None, ...] = (None, None, None)
        self._decoder: Decompressor | None = None

    @property
    def length(self) -> int | None:
        """The number of bytes of the file, or None if it is not known."""
        length = self._known[2]
        return length if isinstance(length, int) else None

    def headers(self) -> dict[str, str]:
        """Return the headers of the next request, with a Range if the response can be recognised as the same file."""
        tag, _, length = self._known
        # Content-Length and Range count compressed bytes, and a decoder cannot continue in the middle of a stream.
        headers = {"Accept-Encoding": "identity"}
        # Without an ETag or a length, the second part of another file could not be told from the second part of this.
        if self._decoder is not None or (tag is None and length is None):
            self.restart()
        if self.have:
            headers["Range"] = f"bytes={self.have}-"
            # RFC 9110 forbids weak tags in If-Range: they do not promise equal bytes.
            if isinstance(tag, str) and not tag.startswith("W/"):
                headers["If-Range"] = tag
        return headers

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take the status and headers of a response. If it brings the whole file, `have` is 0 afterwards.

        Raises APIConnectionError if the response is a part (206) that does not continue the bytes received so far.
        """
        if status in {204, 205}:
            raise UnexpectedResponseError(f"viewFile: status {status} brings no file", operation="viewFile")
        encoding = headers.get("content-encoding", "").strip().lower()
        if encoding not in WHOLE | ENCODINGS:
            raise UnexpectedResponseError(f"viewFile: unrequested Content-Encoding {encoding!r}", operation="viewFile")
        length = headers.get("content-length", "")
        total = int(length) if length.isdecimal() and encoding in WHOLE else None
        start = 0
        if status == 206:
            span = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
            start, total = (int(span[1]), None if span[2] == "*" else int(span[2])) if span else (-1, None)
        found = (headers.get("etag"), headers.get("last-modified"), total)
        if status == 206:
            # ComfyUI 0.3.64 and 0.33.0 ignore If-Range and send the part even if the file has changed. So the part is
            # accepted only if nothing that is known about both differs.
            pairs = [pair for pair in zip(self._known, found, strict=True) if None not in pair]
            fits = start == self.have and encoding in WHOLE and all(was == now for was, now in pairs)
            if not fits or (start and not pairs):
                self._broken("the partial response does not continue the bytes received so far; the file has changed")
        else:
            self.restart()
        self._known = tuple(was if now is None else now for was, now in zip(self._known, found, strict=True))
        self._decoder = Decompressor(encoding, RESPONSE_MAX_BYTES) if encoding in ENCODINGS else None

    def take(self, raw: bytes) -> bytes:
        """Count received bytes and return their content. It is decompressed if the server compressed it unasked."""
        self.have += len(raw)
        if (length := self.length) is not None and self.have > length:
            self._broken(f"the response has more than the announced {length} bytes")
        self.most = max(self.most, self.have)
        if self._decoder is None:
            return raw
        try:
            return self._decoder.take(raw)
        except BrokenBodyError:
            self._broken("the compressed content is broken")
        except TooLargeError as error:
            # Its length was not announced, and a small file can hold terabytes of zeros.
            raise UnexpectedResponseError(f"viewFile: the decompressed file is {error}", operation="viewFile") from None

    def finish(self) -> None:
        """Check the file at the end of a response. Raises APIConnectionError if the file is not complete."""
        if self._decoder is not None and not self._decoder.is_whole:
            self._broken("the compressed content is broken")
        if (length := self.length) is not None and self.have < length:
            # The bytes received so far are kept: the next try can request the rest.
            raise APIConnectionError(f"viewFile: ended after {self.have} of {length} bytes", operation="viewFile")

    def _broken(self, why: str) -> NoReturn:
        self.restart()
        raise APIConnectionError(f"viewFile: {why}", operation="viewFile")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SignedURL:
    """A URL that downloads a file without an API key. Only `reveal()` returns it; the repr shows it without its query.

    `expires` is an aware datetime in UTC, or None if the URL does not tell or does not expire.
    """

    _address: Secret
    expires: datetime | None

    def reveal(self) -> str:
        """Return the whole URL. It gives access to the file, so keep it out of logs."""
        return self._address.reveal()

    def __repr__(self) -> str:
        until = "" if self.expires is None else f" until {self.expires:%Y-%m-%d %H:%M:%S} UTC"
        return f"<{type(self).__name__} {redact_addresses(self.reveal())}{until}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a SignedURL cannot be pickled; pass on reveal(), or call url() again where it is needed")


def signed_url(address: str) -> SignedURL:
    """Return a URL with its expiry, which is read from the query.

    Google (`X-Goog-Date`, `X-Goog-Expires`), Amazon (`X-Amz-`), Azure (`se`) and an epoch number in `expires` are
    known.
    """
    query = {name.lower(): value for name, value in parse_qsl(urlsplit(address).query)}
    expires = parse_time(query.get("expires") or query.get("se"))
    for vendor in ("x-goog", "x-amz"):
        signed, seconds = parse_time(query.get(f"{vendor}-date")), query.get(f"{vendor}-expires", "")
        if signed is not None and seconds.isdecimal() and len(seconds) < 10:
            expires = signed + timedelta(seconds=int(seconds))
    return SignedURL(Secret(address), expires)
