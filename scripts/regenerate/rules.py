"""Decide for each kind of fact whether a change of it breaks callers. A kind without a rule is undecided, and breaks.

Each rule takes the values before and after, and whether requests, responses or both have them. It returns why callers
break, or an empty string. Types have no rule here: `python_surface.py` compares them as Python sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from .facts import same

REQUEST, RESPONSE = "request", "response"
ABSENT: Any = object()
Rule = Callable[[Any, Any, Set[str]], str]

# A change of these may give a Python value another type, or none. The generated signatures tell.
TYPES = frozenset(
    {"type", "format", "$ref", "items", "allOf", "anyOf", "oneOf", "additionalProperties", "enum", "nullable", "schema"}
    | {"properties", "required"}
)
UNDECIDED = "undecided: no rule for this fact"
# What a document means that leaves these out.
IMPLIED = {
    **dict.fromkeys(("required", "deprecated", "nullable", "readOnly", "writeOnly", "uniqueItems"), False),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum", "allowReserved", "allowEmptyValue"), False),
    **dict.fromkeys(("minLength", "minItems", "minProperties"), 0),
    "additionalProperties": True,
}


def nobody(_before: Any, _after: Any, _uses: Set[str]) -> str:
    """Break nobody, whatever changes."""
    return ""


def always(why: str) -> Rule:
    """Return a rule that breaks at each change."""
    return lambda _before, _after, _uses: why


def in_requests(why: str, narrows: Callable[[Any, Any], bool]) -> Rule:
    """Return a rule that breaks if requests have the fact and the change narrows what they may say."""

    def rule(before: Any, after: Any, uses: Set[str]) -> str:
        return why if REQUEST in uses and narrows(before, after) else ""

    return rule


def _number(value: Any, otherwise: float) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _lower_limit(before: Any, after: Any) -> bool:
    return _number(after, float("inf")) < _number(before, float("inf"))


def _higher_limit(before: Any, after: Any) -> bool:
    return _number(after, float("-inf")) > _number(before, float("-inf"))


def _another(before: Any, after: Any) -> bool:
    return after is not ABSENT and after != before


def _another_step(before: Any, after: Any) -> bool:
    # What was a multiple of 10 is one of 5 as well.
    return _another(before, after) and not (_number(before, 0) and _number(before, 0) % _number(after, 1) == 0)


def _exclusive(before: Any, after: Any) -> bool:
    # A number since OpenAPI 3.1, which counts as a narrower limit.
    return _another(before, after) and after is not False


def _hidden(_before: Any, after: Any, uses: Set[str]) -> str:
    return "is no longer in responses" if after is True and RESPONSE in uses else ""


def _headers(before: Any, after: Any, _uses: Set[str]) -> str:
    known = {} if before is ABSENT else before
    kept = {} if after is ABSENT else after
    lost = [name for name in known if name not in kept or not same(known[name], kept[name])]
    return "code that reads the header fails" if lost else ""


REFUSED = "requests that were accepted are refused"
RULES: dict[str, Rule] = {
    **dict.fromkeys(("maximum", "maxLength", "maxItems", "maxProperties"), in_requests(REFUSED, _lower_limit)),
    **dict.fromkeys(("minimum", "minLength", "minItems", "minProperties"), in_requests(REFUSED, _higher_limit)),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), in_requests(REFUSED, _exclusive)),
    "pattern": in_requests(REFUSED, _another),
    "multipleOf": in_requests(REFUSED, _another_step),
    "uniqueItems": in_requests(REFUSED, lambda _, after: after is True),
    "allowEmptyValue": in_requests(REFUSED, lambda _, after: after is not True),
    "default": in_requests("calls that leave it out mean something else", lambda _before, _after: True),
    "readOnly": in_requests("must not be sent now", lambda _, after: after is True),
    "writeOnly": _hidden,
    **dict.fromkeys(("style", "explode", "allowReserved", "encoding", "content"), always("is sent in another form")),
    "discriminator": always("objects are told apart by something else"),
    "headers": _headers,
    **dict.fromkeys(("deprecated", "links", "callbacks", "tags"), nobody),
}


def implied(key: str, part: dict[str, Any]) -> Any:
    """Return what a part of a contract says about `key`, also where it leaves it out."""
    if key == "style" and "in" in part:
        return part.get(key, "form" if part["in"] in {"query", "cookie"} else "simple")
    if key == "explode" and "in" in part:
        return part.get(key, implied("style", part) == "form")
    value = part.get(key, IMPLIED.get(key, ABSENT))
    return True if key == "additionalProperties" and value == {} else value


def why_it_breaks(key: str, before: Any, after: Any, uses: Set[str]) -> str:
    """Return why the change of a fact breaks callers, or an empty string. Types are left to Python."""
    if key in TYPES:
        return ""
    rule = RULES.get(key)
    return UNDECIDED if rule is None else rule(before, after, uses)
