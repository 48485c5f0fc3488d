"""What the groups of operations (`cloud.jobs`, `cloud.assets`, ...) share: their connection, and lists that ask page by
page. Which page is next is decided by `_core/pages.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from .._core.pages import Listing, other_sort_word
from ..errors import BadRequestError
from ..raw.client import Client as RawClient
from . import backend
from .connection import AsyncConnection

T = TypeVar("T")


class AsyncGroup:
    """Operations of one kind, on one client's connection."""

    def __init__(self, connection: AsyncConnection, raw: RawClient) -> None:
        self._connection = connection
        self._raw = raw

    async def _items(
        self, kwargs: dict[str, Any], listing: Listing, make: Callable[[Mapping[str, Any]], T | None]
    ) -> backend.Stream[T]:
        """The items of a listing that `make` makes something of; the next page is asked for when it is needed."""
        params = kwargs.pop("params")
        while not listing.done:
            try:
                body = await self._connection.answer({**kwargs, "params": {**params, **listing.query}})
            except BadRequestError as error:
                word = other_sort_word(params.get("sort_by"), error.message)
                if word is None:
                    raise
                params["sort_by"] = word
                continue
            for item in listing.take(body):
                if (made := make(item)) is not None:
                    yield made
