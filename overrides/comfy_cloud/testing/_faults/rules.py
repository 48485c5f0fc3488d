"""Decide which fault happens to which request: the rules that tests add, their counters, and their file format.

This module only decides. The fault proxy asks it for every request and applies the fault.
"""

import inspect
import json
import random
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, overload

from .._engine.node import NodeError
from .faults import ANY, KINDS, MESSAGE_FAULTS, NODE_FAULTS, SOCKET, Fault, is_int, is_number

_RULE_FIELDS = ("operation", "count", "probability", "seed", "after")


class FaultOrder:
    """One rule: a fault, its operation, and how often and how likely it happens.

    `applied` counts how often it has happened. `over` becomes True when the time of a port closing has passed.
    """

    def __init__(
        self,
        operation: str,
        fault: Fault,
        *,
        count: int | None = 1,
        probability: float = 1.0,
        seed: int = 0,
        after: int = 0,
    ) -> None:
        fault.check_operation(operation)
        if count is not None and (not is_int(count) or count < 1):
            raise ValueError(f"count must be at least 1, or None for always, not {count!r}")
        if not is_number(probability) or not 0 < probability <= 1:
            raise ValueError(f"probability must be above 0 and at most 1, not {probability!r}")
        if not is_int(after) or after < 0:
            raise ValueError(f"after must be a number of requests or runs, 0 or more, not {after!r}")
        self.operation = operation
        self.fault = fault
        self.count = count
        self.probability = probability
        self.applied = 0
        # Only these refusals last. A rule with a number resets that many single connections and leaves the port open.
        self.shuts_port = fault.kind == "refuse" and (count is None or fault.options["seconds"] is not None)
        if self.shuts_port and (probability != 1 or after or count not in (None, 1)):
            raise ValueError("count, probability and after must be left out for a port that refuses for a time")
        self.over = False
        self._to_skip = after
        self._random = random.Random(seed)  # noqa: S311
        self._changed = threading.Condition()

    @property
    def exhausted(self) -> bool:
        """Return whether the fault has happened as often as it should."""
        return self.count is not None and self.applied >= self.count

    def wait_for(self, count: int = 1, *, timeout: float = 10.0) -> None:
        """Block until the fault was applied `count` times. Raises TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.applied >= count, timeout):
                raise TimeoutError(f"timed out after {timeout} s: {self!r}, not {count}")

    def hits(self) -> bool:
        """Return whether the fault happens this time, and count it if so."""
        if self.exhausted:
            return False
        if self._to_skip:
            self._to_skip -= 1
            return False
        # Draw a number for every request that could be hit, so that a seed produces the same pattern every time.
        if self._random.random() >= self.probability:
            return False
        self.count_applied(1)
        return True

    def count_applied(self, change: int) -> None:
        """Add `change` to the number of times that the fault happened. Called by the proxy."""
        with self._changed:
            self.applied += change
            self._changed.notify_all()

    def __repr__(self) -> str:
        return f"<FaultOrder {self.operation} {self.fault!r}, applied {self.applied} times>"


class Faults(Sequence[FaultOrder]):
    """The rules, oldest first; may be read from any thread. `emulator.fail` adds rules.

    At most one fault happens to a request: that of the oldest rule that matches.
    """

    def __init__(self) -> None:
        self._rules: tuple[FaultOrder, ...] = ()
        self._lock = threading.Lock()
        self._on_change: Callable[[FaultOrder | None], None] = lambda _: None

    @overload
    def __getitem__(self, index: int) -> FaultOrder: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[FaultOrder, ...]: ...
    def __getitem__(self, index: int | slice) -> FaultOrder | tuple[FaultOrder, ...]:
        return self._rules[index]

    def __len__(self) -> int:
        return len(self._rules)

    def __repr__(self) -> str:
        return f"<Faults: {', '.join(map(repr, self._rules)) or 'none'}>"

    @property
    def applied(self) -> int:
        """Return how many faults have happened, not counting rules that were cleared."""
        return sum(rule.applied for rule in self._rules)

    def clear(self) -> None:
        """Remove all rules: from now on nothing fails. A port that refused connections accepts them again."""
        with self._lock:
            self._rules = ()
        self._on_change(None)

    def add(self, rule: FaultOrder) -> None:
        """Add a rule. Called by `Emulator.fail`."""
        with self._lock:
            # Replace the tuple instead of changing a list: readers in other threads need no lock.
            self._rules = (*self._rules, rule)
        self._on_change(rule)

    def on_change(self, listener: Callable[[FaultOrder | None], None]) -> None:
        """Call `listener` after every change of the rules, with the added rule or None, in the thread of the change."""
        self._on_change = listener

    def claim(self, operation: str | None) -> FaultOrder | None:
        """Return the rule whose fault happens to this request, and count it. Return None if no fault happens."""
        return self._first(
            lambda rule: (
                rule.operation in (operation, ANY)
                and rule.fault.kind not in MESSAGE_FAULTS | NODE_FAULTS
                and rule.fault.kind != "refuse"
            )
        )

    def claim_message(self) -> FaultOrder | None:
        """Return the rule whose fault happens to the next message of a WebSocket, and count it."""
        return self._first(lambda rule: rule.operation == SOCKET and rule.fault.kind in MESSAGE_FAULTS)

    def node_names(self) -> frozenset[str]:
        """Return the names of the nodes that will fail."""
        return frozenset(
            rule.operation for rule in self._rules if rule.fault.kind in NODE_FAULTS and not rule.exhausted
        )

    def node_exception(self, names: frozenset[str]) -> Exception | None:
        """Return the exception that a node with these names raises now, and count it. Return None for no failure."""
        rule = self._first(lambda rule: rule.fault.kind in NODE_FAULTS and rule.operation in names)
        return None if rule is None else NodeError(rule.fault.options["exception_type"], rule.fault.options["message"])

    def claim_connection(self, operation: str) -> FaultOrder | None:
        """Return the rule that resets a new connection, and count it."""
        return self._first(
            lambda rule: rule.operation == operation and rule.fault.kind == "refuse" and not rule.shuts_port
        )

    def shutting(self, operation: str) -> FaultOrder | None:
        """Return the rule that keeps a port closed."""
        return next(
            (rule for rule in self._rules if rule.operation == operation and rule.shuts_port and not rule.over),
            None,
        )

    def _first(self, fits: Callable[[FaultOrder], bool]) -> FaultOrder | None:
        # Most tests add no fault. Do not take the lock for each of their requests.
        if not self._rules:
            return None
        with self._lock:
            return next((rule for rule in self._rules if fits(rule) and rule.hits()), None)


def read_rules(text: str) -> list[FaultOrder]:
    """Read rules from a JSON list of objects.

    An object has `operation`, `fault` (the name of a method of Fault), and the arguments of this method and of
    `emulator.fail`. Raises ValueError, which names the entry and what is wrong with it.
    """
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise ValueError(f"could not parse the JSON: {error}") from None
    if not isinstance(entries, list):
        raise ValueError(f"the JSON must be a list of faults, not {type(entries).__name__}")
    rules = []
    for number, entry in enumerate(entries, 1):
        try:
            rules.append(_read_rule(entry))
        except ValueError as error:
            raise ValueError(f"fault {number}: {error}") from None
    return rules


def _read_rule(entry: object) -> FaultOrder:
    if not isinstance(entry, dict) or not {"operation", "fault"} <= entry.keys():
        raise ValueError('an entry must be an object with "operation" and "fault"')
    kind = entry["fault"]
    if kind not in KINDS:
        raise ValueError(f"fault must be one of {', '.join(KINDS)}, not {kind!r}")
    make: Callable[..., Fault] = getattr(Fault, kind)
    known = tuple(inspect.signature(make).parameters)
    words: dict[str, Any] = {name: value for name, value in entry.items() if name != "fault"}
    strange = words.keys() - {*known, *_RULE_FIELDS}
    if strange:
        raise ValueError(f"{kind} takes no {_quoted(sorted(strange))}; it takes {_quoted((*known, *_RULE_FIELDS))}")
    options = {name: words.pop(name) for name in known if name in words}
    try:
        fault = make(**options)
    except TypeError as error:
        raise ValueError(str(error).partition(" ")[2]) from None
    return FaultOrder(fault=fault, **words)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
