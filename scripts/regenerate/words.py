"""Find the published words that changed, for a person to word anew. Copies none of them: it keeps their fingerprints.

`openapi-cloud.words.json` has a fingerprint of each published text, by its place, as of the last adoption. A text that
is ours is no change. Figures in a text (limits) and deprecations are facts, whoever words them: they alone are named.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from contract import pointer_to

from .facts import DATA, PARTS, below
from .merge import label_of, place_name

FIGURE = re.compile(r"\b\d[\d.,]*\d\b|\b\d\b|\bdeprecated\b", re.IGNORECASE)


@dataclass(frozen=True)
class Reworded:
    """A place whose published words changed, with the figures in them that ours lack."""

    place: str
    figures: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place} (says: {', '.join(self.figures)})" if self.figures else self.place


def changed_words(known: str, ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[list[Reworded], str]:
    """Return the places of `theirs` whose words are not those that `known` has fingerprints of, and the new file.

    Places with new figures come first. A new place is not among them: it gets a placeholder.
    """
    before: dict[str, str] = json.loads(known or "{}")
    mine, after, changed = dict(_texts(ours)), {}, []
    for place, text in _texts(theirs):
        pointer = pointer_to(place)
        after[pointer] = hashlib.sha256(text.encode()).hexdigest()[:12]
        if mine.get(place) == text:
            # Somebody publishes our own contract: what was published before is still known.
            after[pointer] = before.get(pointer, after[pointer])
        elif place in mine and before.get(pointer) != after[pointer]:
            figures = {one.lower() for one in FIGURE.findall(text)} - {
                one.lower() for one in FIGURE.findall(mine[place])
            }
            changed.append(Reworded(place_name(place), tuple(sorted(figures))))
    changed.sort(key=lambda one: (not one.figures, one.place))
    return changed, json.dumps(after, indent=0, sort_keys=True) + "\n"


def _texts(document: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the summaries and descriptions of a document with their places, on one line each."""
    for part in PARTS:
        yield from _below(document.get(part), (part,), named=part == "paths")


def _below(node: Any, place: tuple[str, ...], *, named: bool) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from _below(child, (*place, label_of(child, index)), named=False)
    elif isinstance(node, dict):
        for key, child in node.items():
            if not named and key in {"summary", "description"} and isinstance(child, str):
                yield (*place, key), " ".join(child.split())
            elif named or not (key in DATA or key.startswith("x-") or key in {"example", "examples"}):
                yield from _below(child, (*place, key), named=below(key, named=named))
