"""Which fault hits which request: the orders for faults, who may still claim them, and their file format.

Decides only. The gate asks for every request and does what the fault says.
"""

import inspect
import json
import random
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, overload

from ._faults import ANY, KINDS, OF_MESSAGES, SOCKET, Fault, is_number, is_whole

_ORDER_FIELDS = ("operation", "count", "probability", "seed", "after")


class FaultOrder:
    """One order for a fault: with which operation, how often, and how likely. `applied` counts how often it was;
    `over` is True when the time of one that lasts has passed."""

    def __init__(
        self, operation: str, fault: Fault, *, count: int | None, probability: float, seed: int, after: int
    ) -> None:
        fault.check_operation(operation)
        if count is not None and (not is_whole(count) or count < 1):
            raise ValueError(f"count must be at least 1, or None for always, not {count!r}")
        if not is_number(probability) or not 0 < probability <= 1:
            raise ValueError(f"probability must be above 0 and at most 1, not {probability!r}")
        if not is_whole(after) or after < 0:
            raise ValueError(f"after must be a number of requests, 0 or more, not {after!r}")
        self.operation = operation
        self.fault = fault
        self.count = count
        self.probability = probability
        self.applied = 0
        self.shuts_port = fault.kind == "refuse" and (count is None or fault.options["seconds"] is not None)
        if self.shuts_port and (probability != 1 or after or count not in (None, 1)):
            raise ValueError("a port that is shut for a time takes no count, probability or after")
        self.over = False
        self._to_spare = after
        self._random = random.Random(seed)  # noqa: S311
        self._changed = threading.Condition()

    @property
    def exhausted(self) -> bool:
        """Whether it has happened as often as was ordered."""
        return self.count is not None and self.applied >= self.count

    def wait_for(self, count: int = 1, *, timeout: float = 10.0) -> None:
        """Block until the fault was applied `count` times; raises TimeoutError after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.applied >= count, timeout):
                raise TimeoutError(f"{self!r} was applied {self.applied} times in {timeout} s, not {count}")

    def hits(self) -> bool:
        """Whether the fault happens this time; counts it if so."""
        if self.exhausted:
            return False
        if self._to_spare:
            self._to_spare -= 1
            return False
        # Rolled for every request that could be hit, so that a seed gives the same pattern every time.
        if self._random.random() >= self.probability:
            return False
        self.count_applied(1)
        return True

    def count_applied(self, change: int) -> None:
        """Called by the gate: it happened `change` times more."""
        with self._changed:
            self.applied += change
            self._changed.notify_all()

    def __repr__(self) -> str:
        return f"<FaultOrder {self.operation} {self.fault!r}, applied {self.applied} times>"


class Faults(Sequence[FaultOrder]):
    """The orders for faults, oldest first; may be read from any thread. The oldest order that fits a request hits
    it, and no other. `emulator.fail` adds to them."""

    def __init__(self) -> None:
        self._orders: tuple[FaultOrder, ...] = ()
        self._lock = threading.Lock()
        self._on_change: Callable[[FaultOrder | None], None] = lambda _: None

    @overload
    def __getitem__(self, index: int) -> FaultOrder: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[FaultOrder, ...]: ...
    def __getitem__(self, index: int | slice) -> FaultOrder | tuple[FaultOrder, ...]:
        return self._orders[index]

    def __len__(self) -> int:
        return len(self._orders)

    def __repr__(self) -> str:
        return f"<Faults: {', '.join(map(repr, self._orders)) or 'none'}>"

    @property
    def applied(self) -> int:
        """How many faults have happened, of the orders that are not cleared."""
        return sum(order.applied for order in self._orders)

    def clear(self) -> None:
        """Withdraw all orders: from now on nothing fails. A port that refused connections accepts them again."""
        with self._lock:
            self._orders = ()
        self._on_change(None)

    def add(self, order: FaultOrder) -> None:
        """Called by `Emulator.fail`: from now on this order is claimed, too."""
        with self._lock:
            self._orders = (*self._orders, order)
        self._on_change(order)

    def on_change(self, listener: Callable[[FaultOrder | None], None]) -> None:
        """Call `listener` after every change of the orders, with the one that was added, in the thread that makes
        the change."""
        self._on_change = listener

    def claim(self, operation: str | None) -> FaultOrder | None:
        """The order whose fault happens to this request, counted; None for an undisturbed one."""
        return self._first(
            lambda order: (
                order.operation in (operation, ANY)
                and order.fault.kind not in OF_MESSAGES
                and order.fault.kind != "refuse"
            )
        )

    def claim_message(self) -> FaultOrder | None:
        """The order that happens to the message that a socket is about to send."""
        return self._first(lambda order: order.operation == SOCKET and order.fault.kind in OF_MESSAGES)

    def claim_connection(self, operation: str) -> FaultOrder | None:
        """The order by which a new connection is reset."""
        return self._first(
            lambda order: order.operation == operation and order.fault.kind == "refuse" and not order.shuts_port
        )

    def shutting(self, operation: str) -> FaultOrder | None:
        """The order that keeps a port shut."""
        return next(
            (order for order in self._orders if order.operation == operation and order.shuts_port and not order.over),
            None,
        )

    def _first(self, fits: Callable[[FaultOrder], bool]) -> FaultOrder | None:
        if not self._orders:
            return None
        with self._lock:
            return next((order for order in self._orders if fits(order) and order.hits()), None)


def read_orders(text: str) -> list[FaultOrder]:
    """The orders in a JSON list of objects: `operation`, `fault` (the name of a method of Fault), and the words that
    this method and `emulator.fail` take. Raises ValueError naming the entry and what is wrong with it."""
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(entries, list):
        raise ValueError(f"a list of faults is wanted, not {type(entries).__name__}")
    orders = []
    for number, entry in enumerate(entries, 1):
        try:
            orders.append(_read_order(entry))
        except ValueError as error:
            raise ValueError(f"fault {number}: {error}") from None
    return orders


def _read_order(entry: object) -> FaultOrder:
    if not isinstance(entry, dict) or not {"operation", "fault"} <= entry.keys():
        raise ValueError('an object with "operation" and "fault" is wanted')
    kind = entry["fault"]
    if kind not in KINDS:
        raise ValueError(f"unknown fault {kind!r}; there are {', '.join(KINDS)}")
    make: Callable[..., Fault] = getattr(Fault, kind)
    known = tuple(inspect.signature(make).parameters)
    words: dict[str, Any] = {name: value for name, value in entry.items() if name != "fault"}
    strange = words.keys() - {*known, *_ORDER_FIELDS}
    if strange:
        raise ValueError(f"{kind} takes no {_quoted(sorted(strange))}; it takes {_quoted((*known, *_ORDER_FIELDS))}")
    options = {name: words.pop(name) for name in known if name in words}
    try:
        fault = make(**options)
    except TypeError as error:
        raise ValueError(str(error).partition(" ")[2]) from None
    return FaultOrder(fault=fault, **{**_DEFAULTS, **words})


_DEFAULTS: dict[str, Any] = {"count": 1, "probability": 1.0, "seed": 0, "after": 0}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
