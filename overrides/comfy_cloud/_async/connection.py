"""The one door to the raw client: other modules hand it an operation and get JSON or a model.

It knows what the generator made of an operation (`Operation`: how to build the request, how to read the response), and
holds what all objects of one client share: HTTP client, WebSocket, timing, and which kind of server answers. It knows
no operation by name but `getUser`, and decides nothing about retries: those are in `http.py`, below it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from uuid import UUID

from .._core.arguments import ARGUMENTS, UnsendableError, unsendable
from .._core.deprecation import warn_deprecated
from .._core.timing import Timing
from .._httpx import httpx
from ..errors import NotFoundError, NotSupportedError
from .http import AsyncHTTPClient
from .submissions import AsyncSubmissions

if TYPE_CHECKING:
    from ..raw.types import Operation
    from .wait_group import AsyncWaitGroup
    from .websocket import AsyncWebSocket

P = ParamSpec("P")
T = TypeVar("T")


class Lifeline:
    """Held by a client, its siblings and all their handles, and by nothing that runs in the background.

    When it is gone nobody can use the client any more, closed or not.
    """


class AsyncLive:
    """The parts that waits need, made when the first of them begins: many programs never wait."""

    def __init__(self, open_socket: Callable[[], AsyncWebSocket] | None) -> None:
        self._lock = threading.Lock()
        self._open_socket = open_socket
        self._waits: AsyncWaitGroup | None = None
        self.opened: AsyncWebSocket | None = None

    @property
    def socket(self) -> AsyncWebSocket | None:
        """The WebSocket, None where only polling is wanted."""
        with self._lock:
            if self.opened is None and self._open_socket is not None:
                self.opened = self._open_socket()
            return self.opened

    @property
    def waits(self) -> AsyncWaitGroup:
        """The group of all waits of the client."""
        from .wait_group import AsyncWaitGroup

        with self._lock:
            self._waits = self._waits or AsyncWaitGroup()
        return self._waits


@dataclass(slots=True, eq=False)
class AsyncConnection:
    """One client's connection to one server."""

    http: AsyncHTTPClient
    live: AsyncLive
    client_id: str
    is_cloud: bool | None
    timing: Timing = field(default_factory=Timing)
    json_tags: bool = False  # the server proved to take an upload's tags only as JSON
    submissions: AsyncSubmissions = field(default_factory=AsyncSubmissions)
    lifeline: Lifeline = field(default_factory=Lifeline)

    @property
    def socket(self) -> AsyncWebSocket | None:
        """The WebSocket, None where only polling is wanted."""
        return self.live.socket

    @property
    def waits(self) -> AsyncWaitGroup:
        """The group of all waits of this client and its siblings."""
        return self.live.waits

    @property
    def origin(self) -> str:
        """The server's address, with the path prefix if there is one."""
        return self.http.server

    def request(self, operation: Operation[P, Any], *args: P.args, **kwargs: P.kwargs) -> httpx.Request:
        """Build the request of an operation without sending it.

        For what needs more than its JSON: a transfer sets `extensions["total_timeout"]` (seconds, or None for no
        limit) on the request, then hands it to `http.send`. Raises UnsendableError for a value that cannot be sent.
        """
        # The positional arguments are those of the path. None in it would lead to a resource that is called "None".
        for name, value in zip(operation.request.__code__.co_varnames, args, strict=False):
            ARGUMENTS.instance(name, value, (str, UUID, int), "a string")
        try:
            built = operation.request(*args, **kwargs)
            if isinstance(built.get("json"), bytes):  # a body that is encoded already
                built["content"] = built.pop("json")
            return self.http.build_request(**built)
        except ValueError as error:  # of a path or a body; for a URL `http.py` says so
            failed = error if isinstance(error, UnsendableError) else unsendable(operation.id, error)
        raise failed

    def page(self, operation: Operation[..., Any], query: dict[str, Any], position: dict[str, Any]) -> httpx.Request:
        """Build the request of a page of a list. `position` is the rest of its query: no contract has the cursor."""
        built = operation.request(**query)
        return self.http.build_request(**{**built, "params": {**built.get("params", {}), **position}})

    async def call(self, operation: Operation[P, Any], *args: P.args, **kwargs: P.kwargs) -> httpx.Response:
        """Send an operation and return its response, read whole. Raises only ComfyCloudError."""
        return await self.send(operation, self.request(operation, *args, **kwargs))

    async def send(self, operation: Operation[..., Any], request: httpx.Request) -> httpx.Response:
        """Send a request that `request` built, and return its response, read whole. Raises only ComfyCloudError."""
        response = await self.http.send(request)
        # Only now: a ComfyUI may lack the operation, and what is asked instead is not deprecated.
        if operation.deprecated:
            warn_deprecated(operation.id)
        return response

    async def json(self, operation: Operation[P, Any], *args: P.args, **kwargs: P.kwargs) -> Any:
        """Send an operation and return the JSON of its response, or None if the body is empty."""
        # Decoded by `http.py`, which raises UnexpectedResponseError where JSON is promised and something else comes.
        return (await self.call(operation, *args, **kwargs)).extensions.get("json")

    async def model(self, operation: Operation[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Send an operation and return its response as the contract's model."""
        return operation.parse(await self.call(operation, *args, **kwargs))

    async def on_cloud(self) -> bool:
        """Return True if the server is Comfy Cloud. Asks once, and only if the server's name does not tell.

        Only the cloud has `GET /api/user`. A ComfyUI may have assets, but its nodes do not accept their hashes.
        """
        # Uploads side by side may ask twice. That does no harm, and a lock would have to span both flavours.
        if self.is_cloud is None:
            from ..raw.api.user import get_user

            try:
                await self.call(get_user.operation)
                self.is_cloud = True
            except (NotFoundError, NotSupportedError):
                self.is_cloud = False
        return self.is_cloud


def off_contract(name: str, path: str, method: str = "get") -> Operation[..., Any]:
    """Return an operation without a body that the contract does not have.

    Its positional arguments fill the `{}` of `path`, each quoted as one segment; keyword arguments are the query.
    """
    from ..raw.types import Operation, json_content, path_segment

    def request(*segments: str, **query: Any) -> dict[str, Any]:
        url = path.format(*map(path_segment, segments))
        return {"method": method, "url": url, "params": query, "extensions": {"operation": name, "json": True}}

    # In the shape of the generated ones, so that retries, absent routes and decoding hold for it as well.
    return Operation(name, request, json_content)
