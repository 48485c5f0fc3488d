"""A download's decisions: what to ask after what came, whether a part fits to what is here, when a file is whole.

Holds no bytes and moves none.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn
from urllib.parse import parse_qsl, urlsplit

from ..errors import APIConnectionError, UnexpectedResponseError
from .secrets import Secret, redact_addresses
from .times import parse_time

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-\d+/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)
_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})
_WHOLE = frozenset({"", "identity"})


class Download:
    """One file on its way: `begin` with each answer, `take` its bytes, `finish` where they end.

    `have` counts the bytes that are here, 0 where the file begins anew, and `most` the most that ever were: a try
    that gets further than all before it made progress.
    """

    def __init__(self) -> None:
        self.most = 0
        self.restart()

    def restart(self) -> None:
        """Nothing is here."""
        self.have = 0
        # Entity tag, time of the last change and length (bytes) of the file, as far as they are known.
        self._known: tuple[str | int | None, ...] = (None, None, None)
        self._decoder: zlib._Decompress | None = None

    def headers(self) -> dict[str, str]:
        """The headers to ask with: for what is missing, where it can be known that this belongs to what is here."""
        tag, _, length = self._known
        # Compressed bytes could be neither counted nor continued.
        headers = {"Accept-Encoding": "identity"}
        if self._decoder is not None or (tag is None and length is None):
            self.restart()
        if self.have:
            headers["Range"] = f"bytes={self.have}-"
            if isinstance(tag, str) and not tag.startswith("W/"):
                headers["If-Range"] = tag
        return headers

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """An answer came. `have` is 0 afterwards where it brings all. Raises APIConnectionError for a wrong part."""
        encoding = headers.get("content-encoding", "").strip().lower()
        if encoding not in _WHOLE | _ENCODINGS:
            raise UnexpectedResponseError(f"viewFile: compressed ({encoding}), unasked", operation="viewFile")
        length = headers.get("content-length", "")
        total = int(length) if length.isdecimal() and encoding in _WHOLE else None
        start = 0
        if status == 206:
            span = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
            start, total = (int(span[1]), None if span[2] == "*" else int(span[2])) if span else (-1, None)
        found = (headers.get("etag"), headers.get("last-modified"), total)
        if status == 206:
            # A ComfyUI sends the part even if `If-Range` says that the file is another one now.
            pairs = [pair for pair in zip(self._known, found, strict=True) if None not in pair]
            fits = start == self.have and encoding in _WHOLE and all(was == now for was, now in pairs)
            if not fits or (start and not pairs):
                self._broken("the part that came does not belong to what is here: has the file changed?")
        else:
            self.restart()
        self._known = tuple(was if now is None else now for was, now in zip(self._known, found, strict=True))
        self._decoder = zlib.decompressobj(wbits=47) if encoding in _ENCODINGS else None

    def take(self, raw: bytes) -> bytes:
        """The content in bytes that came, decompressed where the server compressed it unasked."""
        self.have += len(raw)
        length = self._known[2]
        if isinstance(length, int) and self.have > length:
            self._broken(f"more came than the {length} bytes that were announced")
        self.most = max(self.most, self.have)
        if self._decoder is None:
            return raw
        try:
            return self._decoder.decompress(raw)
        except zlib.error:
            self._broken("its compression is broken")

    def finish(self) -> None:
        """The answer ended. Raises APIConnectionError where the file is not whole."""
        if self._decoder is not None and (not self._decoder.eof or self._decoder.unused_data):
            self._broken("its compression is broken")
        length = self._known[2]
        if isinstance(length, int) and self.have < length:
            raise APIConnectionError(f"viewFile: it ended after {self.have} of {length} bytes", operation="viewFile")

    def _broken(self, why: str) -> NoReturn:
        self.restart()
        raise APIConnectionError(f"viewFile: {why}", operation="viewFile")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SignedURL:
    """An address that a file can be fetched from without a key: `reveal()` gives it, reprs and logs never show it.

    `expires` is an aware datetime in UTC; None where the address does not say, or is one that does not expire.
    """

    _address: Secret
    expires: datetime | None

    def reveal(self) -> str:
        """The whole address. Whoever has it has the file, so keep it out of logs."""
        return self._address.reveal()

    def __repr__(self) -> str:
        until = "" if self.expires is None else f" until {self.expires:%Y-%m-%d %H:%M:%S} UTC"
        return f"<{type(self).__name__} {redact_addresses(self.reveal())}{until}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signed address is not pickled: pass on reveal(), or ask for a new one where it is needed")


def signed_url(address: str) -> SignedURL:
    """The address with its expiry, as Google, Amazon and Azure write it, or as an epoch number in `expires`."""
    query = {name.lower(): value for name, value in parse_qsl(urlsplit(address).query)}
    expires = parse_time(query.get("expires") or query.get("se"))
    for vendor in ("x-goog", "x-amz"):
        signed, seconds = parse_time(query.get(f"{vendor}-date")), query.get(f"{vendor}-expires", "")
        if signed is not None and seconds.isdecimal() and len(seconds) < 10:
            expires = signed + timedelta(seconds=int(seconds))
    return SignedURL(Secret(address), expires)
