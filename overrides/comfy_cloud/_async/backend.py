"""What cannot be derived: pausing, running side by side, leaving the event loop. The other flavour has its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

sleep = asyncio.sleep
Lock = asyncio.Lock


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run what blocks (files, hashing) without holding up the event loop."""
    return await asyncio.to_thread(function, *args, **kwargs)


async def resolve(value: T | Awaitable[T]) -> T:
    """What a callable gave, awaited where it is to be awaited."""
    if isinstance(value, Awaitable):
        return await value
    return value


async def gather(calls: Iterable[Callable[[], Awaitable[T]]], limit: int) -> list[T]:
    """Results in the order of `calls`, at most `limit` under way; the first error ends the rest."""
    free = asyncio.Semaphore(limit)

    async def one(call: Callable[[], Awaitable[T]]) -> T:
        async with free:
            return await call()

    tasks = [asyncio.ensure_future(one(call)) for call in calls]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
