"""Sign URLs on the storage origin: whoever has one may read one content until the URL expires.

The secret is new for every emulator, so a URL of another emulator is refused.
"""

import hashlib
import hmac
import secrets
import time
from typing import Literal
from urllib.parse import quote, urlencode

LIFETIME = 300  # s


class Signer:
    """Makes and checks URLs below `base_url`."""

    def __init__(self, base_url: str, lifetime: float = LIFETIME) -> None:
        self._base_url = base_url
        self._lifetime = lifetime
        self._secret = secrets.token_bytes(32)
        self._newest = 0  # ms, the latest expiry time of all URLs so far
        self._expired = 0  # ms, URLs with an expiry time up to this one have expired

    def sign(self, object_name: str) -> str:
        """Return a URL of the object that is valid for `lifetime` seconds."""
        # No two URLs share an expiry time. Otherwise `expire` would also end a URL that is made right after it.
        self._newest = max(int((time.time() + self._lifetime) * 1000), self._newest + 1)
        expires = str(self._newest)
        query = urlencode({"expires": expires, "signature": self._signature(object_name, expires)})
        return f"{self._base_url}/{quote(object_name)}?{query}"

    def check(self, object_name: str, expires: str, signature: str) -> Literal["good", "forged", "expired"]:
        """Return whether a signature is valid, forged, or valid but expired."""
        # Check the signature before the time: a forged URL must not be reported as expired.
        if not hmac.compare_digest(signature, self._signature(object_name, expires)):
            return "forged"
        return "good" if max(time.time() * 1000, self._expired) < int(expires) else "expired"

    def expire(self) -> None:
        """Make all URLs that exist so far expire now."""
        self._expired = self._newest

    def _signature(self, object_name: str, expires: str) -> str:
        return hmac.new(self._secret, f"{object_name}\n{expires}".encode(), hashlib.sha256).hexdigest()
