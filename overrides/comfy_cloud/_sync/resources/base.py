# Derived from overrides/comfy_cloud/_async/resources/base.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""The base of a client's resources (`cloud.jobs`, `cloud.assets`, ...): their connection, and lazy lists.

Models come out as the server filled them: a value of the wrong type, or a body of the wrong shape, is as it came.
Which page is next is decided by `_core/pages.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..._core.pages import Listing, other_sort_word
from ...errors import BadRequestError, NotFoundError
from ...raw.types import Operation
from .. import backend
from ..connection import Connection

T = TypeVar("T")


class Resource:
    """Operations of one kind on the connection of one client."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _items(
        self,
        operation: Operation[..., Any],
        query: dict[str, Any],
        listing: Listing,
        make: Callable[[Mapping[str, Any]], T | None],
    ) -> backend.Stream[T]:
        """Yield what `make` makes of the items of a listing. The next page is asked for when its items are needed."""
        while not listing.done:
            request = self._connection.page(operation, query, listing.query)
            try:
                response = self._connection.send(operation, request)
            except BadRequestError as error:
                word = other_sort_word(query.get("sort_by"), error.message)
                if word is None:
                    raise
                query["sort_by"] = word
                continue
            for item in listing.take(response.extensions.get("json")):
                if (made := make(item)) is not None:
                    yield made


def not_found(operation: str, what: str, *, job_id: str | None = None) -> NotFoundError:
    """Return NotFoundError for what a server says with an empty success, where others answer 404."""
    return NotFoundError(f"{operation}: {what}", status=404, operation=operation, job_id=job_id)
