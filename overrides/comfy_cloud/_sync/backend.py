"""What cannot be derived: pausing, running side by side. The counterpart of the async flavour's; written by hand."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from ..errors import ConfigurationError

P = ParamSpec("P")
T = TypeVar("T")

sleep = time.sleep
Lock = threading.Lock


def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks; here nothing else waits, so it is run in place."""
    return function(*args, **kwargs)


def resolve(value: T) -> T:
    """What a callable gave. Raises ConfigurationError for what only the async client can await."""
    if inspect.iscoroutine(value):
        value.close()
        raise ConfigurationError("an async callable was given to the sync client: use the async one, or a plain function")
    return value


def gather(calls: Iterable[Callable[[], T]], limit: int) -> list[T]:
    """Results in the order of `calls`, at most `limit` under way; the first error ends the rest."""
    waiting = list(calls)
    if len(waiting) <= 1 or limit <= 1:
        return [call() for call in waiting]
    with ThreadPoolExecutor(max_workers=min(limit, len(waiting))) as threads:
        futures = [threads.submit(call) for call in waiting]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()
