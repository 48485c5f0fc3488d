"""A difference of two contracts: its place, its name, and whether it breaks callers of the raw client.

Callers break if a name is removed, a value must now be given, or a request is refused that was accepted. A new optional
field, value or operation breaks nobody, since responses are read forgivingly. What `rules.py` cannot decide breaks, but
for types, which `python_surface.py` judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from .facts import dumped, is_fact, plain, same
from .rules import ABSENT, REQUEST, RESPONSE, TYPES, implied, why_it_breaks

Document = dict[str, Any]
BOTH = frozenset({REQUEST, RESPONSE})
BODY = "body"


@dataclass(frozen=True)
class Change:
    """One difference.

    `kind` is operation, parameter, field, enum value, model, body, response or other; `what` added, removed or changed.
    `breaking` says why, and is empty where nobody breaks; `typed` leaves that to Python. `operations` are the ids of
    all operations that it reaches; `token` is the bare name or value in the contract.
    """

    kind: str
    what: str
    name: str
    detail: str = ""
    breaking: str = ""
    operations: frozenset[str] = frozenset()
    token: str = ""
    typed: bool = False

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what makes two findings the same."""
        return self.kind, self.what, self.name, self.detail


@dataclass(frozen=True)
class Spot:
    """The place of a comparison: its name, the operations that reach it, and whether in requests or responses."""

    name: str
    operations: frozenset[str]
    uses: frozenset[str] = BOTH
    sides: tuple[Document, Document] = ({}, {})
    through: frozenset[str] = frozenset()

    def below(self, name: str) -> Spot:
        return replace(self, name=name)


def change(
    here: Spot, kind: str, what: str, name: str = "", *, token: str = "", typed: bool = False, **more: str
) -> Change:
    name = name or here.name
    return Change(kind, what, name, operations=here.operations, token=token or name, typed=typed, **more)


def compare_required(old: bool, new: bool, here: Spot, kind: str, token: str) -> Iterator[Change]:
    if new and not old:
        why = "must be given now" if REQUEST in here.uses else ""
        yield change(here, kind, "changed", token=token, detail="optional -> required", breaking=why)
    elif old and not new:
        why = "may be missing from responses now" if RESPONSE in here.uses else ""
        yield change(here, kind, "changed", token=token, detail="required -> optional", breaking=why)


def rest(
    old: Document, new: Document, here: Spot, keys: set[str], kind: str = "other", token: str = ""
) -> Iterator[Change]:
    """Compare facts by the rules for their kinds."""
    for key in sorted(keys):
        said = old.get(key, ABSENT), new.get(key, ABSENT)
        if not is_fact(key, named=False) or (ABSENT not in said and same(*said, key=key)):
            continue
        before, after = (implied(key, part) for part in (old, new))
        if before is not ABSENT and after is not ABSENT and same(before, after, key=key):
            detail, why, typed = f"{key}: says what holds anyway", "", False
        else:
            detail = f"{key}: {short(before)} -> {short(after)}"
            why, typed = why_it_breaks(key, before, after, here.uses), key in TYPES
        yield change(here, kind, "changed", token=token, detail=detail, breaking=why, typed=typed)


def short(value: Any) -> str:
    if value is ABSENT:
        return "nothing"
    if isinstance(value, dict) and set(value) == {"$ref"}:
        value = value["$ref"]
    text = value.rpartition("/")[2] if isinstance(value, str) and value.startswith("#/") else dumped(plain(value))
    return text if len(text) <= 80 else f"{text[:77]}..."
