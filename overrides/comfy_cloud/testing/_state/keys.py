"""Create the API keys that an emulator accepts, one for each state of an account."""

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_UNUSABLE = re.compile(r"[^\x21-\x7e]")


def keys_with(valid: object) -> "ApiKeys":
    """Return the keys of an emulator, with one that its user chose, or with new ones. Raises ValueError."""
    if valid is None:
        return ApiKeys()
    # The value is not repeated: a test log may show the message.
    if not isinstance(valid, str) or not valid or _UNUSABLE.search(valid):
        raise ValueError("key must be a string of visible ASCII characters, as it is sent in a header")
    return ApiKeys(valid=valid)


def _key(account_state: str) -> str:
    """Return a fresh key. It names the state of the account, so that a test log shows which key was used by mistake."""
    return f"comfy-emulator-{account_state}-{secrets.token_hex(12)}"


@dataclass(frozen=True)
class ApiKeys:
    """One key for each state of an account.

    With `valid`, everything is allowed. With `no_credits`, submits get 402. With `inactive`, submits get 429. With
    `forbidden`, every operation that needs a key gets 403. The repr shows no key.
    """

    valid: str = field(default_factory=lambda: _key("valid"), repr=False)
    no_credits: str = field(default_factory=lambda: _key("no-credits"), repr=False)
    inactive: str = field(default_factory=lambda: _key("inactive"), repr=False)
    forbidden: str = field(default_factory=lambda: _key("forbidden"), repr=False)

    def __iter__(self) -> Iterator[str]:
        return iter((self.valid, self.no_credits, self.inactive, self.forbidden))

    def found_in(self, texts: Iterable[str]) -> bool:
        """Return whether one of the keys occurs anywhere in one of the strings."""
        return any(key in text for text in texts for key in self)
