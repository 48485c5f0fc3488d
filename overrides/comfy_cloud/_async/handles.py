"""Handles: results that outlive their client. They hold the server's address, ids and the last answer, and no key."""

from __future__ import annotations

from typing import Any

from ..errors import ConfigurationError
from .connection import AsyncConnection


class AsyncHandle:
    """Base of what a client hands out. Pickles and copies leave the connection behind; attributes stay readable."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._client: AsyncConnection | None = connection
        self._origin = connection.origin

    @property
    def _connection(self) -> AsyncConnection:
        if self._client is None:
            raise ConfigurationError(
                f"{self!r} is not bound to a client, since it was pickled or copied: call cloud.job(handle) on the job"
                f" with a client of {self._origin}, and use the handle that it returns"
            )
        return self._client

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_client": None}
