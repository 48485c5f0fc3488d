"""The API keys that an emulator knows, and what each of them is refused."""

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


def _key(standing: str) -> str:
    return f"comfy-emulator-{standing}-{secrets.token_hex(12)}"


@dataclass(frozen=True)
class ApiKeys:
    """One key per standing of an account: `valid`; `no_credits`, whose submits are answered 402; `inactive`, whose
    submits are answered 429; `forbidden`, which is answered 403 everywhere. No key is shown in the repr."""

    valid: str = field(default_factory=lambda: _key("valid"), repr=False)
    no_credits: str = field(default_factory=lambda: _key("no-credits"), repr=False)
    inactive: str = field(default_factory=lambda: _key("inactive"), repr=False)
    forbidden: str = field(default_factory=lambda: _key("forbidden"), repr=False)

    def __iter__(self) -> Iterator[str]:
        return iter((self.valid, self.no_credits, self.inactive, self.forbidden))

    def found_in(self, texts: Iterable[str]) -> bool:
        """Whether one of the keys stands anywhere in one of the texts."""
        return any(key in text for text in texts for key in self)
