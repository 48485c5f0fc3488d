"""Signed addresses on the storage origin: who holds one may read one content until it expires.

The secret is made anew for every emulator, so an address of another one is refused.
"""

import hashlib
import hmac
import secrets
import time
from typing import Literal
from urllib.parse import quote, urlencode

LIFETIME = 300  # s


class Signer:
    """Makes and checks addresses below `base_url`."""

    def __init__(self, base_url: str, lifetime: float = LIFETIME) -> None:
        self._base_url = base_url
        self._lifetime = lifetime
        self._secret = secrets.token_bytes(32)
        self._newest = 0  # ms, the latest time up to which an address was said to be good
        self._expired = 0  # ms, addresses up to this one are no longer good

    def sign(self, object_name: str) -> str:
        """An address of the object that is good from now on for `lifetime` seconds."""
        # No two say the same, so that `expire` does not reach those that come after it.
        self._newest = max(int((time.time() + self._lifetime) * 1000), self._newest + 1)
        expires = str(self._newest)
        query = urlencode({"expires": expires, "signature": self._signature(object_name, expires)})
        return f"{self._base_url}/{quote(object_name)}?{query}"

    def check(self, object_name: str, expires: str, signature: str) -> Literal["good", "forged", "expired"]:
        if not hmac.compare_digest(signature, self._signature(object_name, expires)):
            return "forged"
        return "good" if max(time.time() * 1000, self._expired) < int(expires) else "expired"

    def expire(self) -> None:
        """Let all addresses that were made so far expire now."""
        self._expired = self._newest

    def _signature(self, object_name: str, expires: str) -> str:
        return hmac.new(self._secret, f"{object_name}\n{expires}".encode(), hashlib.sha256).hexdigest()
