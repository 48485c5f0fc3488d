"""All state of one emulated server in one place, and who may ask it.

Handlers get a `Backend` with each request. It builds its parts and closes them; what they do is theirs.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.types import Scope

from ._answers import Refusal
from ._assets import AssetStore
from ._blobs import BlobStore
from ._dialects import Dialect
from ._downloads import content_type
from ._engine import Engine
from ._events import EventBus
from ._execution import NodeCache, Surroundings
from ._files import FileStore, StoredFile
from ._jobs import Job
from ._keys import ApiKeys
from ._operations import OPERATIONS, Operation, RouteTable
from ._signing import Signer


@dataclass(frozen=True)
class Options:
    """How this emulator differs from its dialect."""

    max_concurrent_jobs: int
    keeps_submission_ids: bool


class StorageGuard:
    """Counts the requests by which a key would have reached the storage origin."""

    def __init__(self) -> None:
        self.keys_seen = 0


@dataclass
class Backend:
    """The state of one emulated server. `url` and `storage_url` are its two origins."""

    dialect: Dialect
    options: Options
    url: str
    storage_url: str
    handled: frozenset[str]
    keys: ApiKeys = field(default_factory=ApiKeys)
    bus: EventBus = field(default_factory=EventBus)
    blobs: BlobStore = field(default_factory=BlobStore)
    assets: AssetStore = field(default_factory=AssetStore)
    guard: StorageGuard = field(default_factory=StorageGuard)

    def __post_init__(self) -> None:
        dialect = self.dialect
        self.signer = Signer(self.storage_url)
        self.files = FileStore(self.blobs, content_addressed=dialect.storage.by_hash)
        self.routes = RouteTable(
            [operation for operation in OPERATIONS if operation.id in dialect.operations & self.handled],
            bare_routes=dialect.bare_routes,
            answers_head=dialect.answers_head,
        )
        around = Surroundings(self.files, NodeCache(), self.bus.publish, self._saved, self._shows_cached)
        self.engine = Engine(
            around,
            self.bus,
            max_concurrent_jobs=self.options.max_concurrent_jobs,
            by_number=dialect.submitting.chosen_numbers,
            keeps_cancelled=dialect.queue.keeps_cancelled,
        )

        self._numbers = itertools.count()

    def next_number(self) -> int:
        """The number of the next job that chose none: 0, 1, 2 and so on."""
        return next(self._numbers)

    def live_features(self) -> dict[str, Any]:
        """Features that depend on how the emulator was started."""
        return {"max_concurrent_jobs": self.options.max_concurrent_jobs} if self.dialect.announces_limit else {}

    def close(self) -> None:
        self.engine.close()
        self.blobs.close()

    def admit(self, request: Request, operation: Operation) -> None:
        """Raise Refusal where this request may not ask this operation."""
        if self.dialect.checks_origin and not _same_origin(request):
            raise Refusal(403, "FORBIDDEN", "Foreign origin")
        if not self.dialect.needs_key or operation.access == "public":
            return
        key = request.headers.get("x-api-key")
        if key is None and operation.access == "optional":
            return
        if key is None or key not in tuple(self.keys):
            raise Refusal(401, "UNAUTHORIZED", "Missing or invalid API key")
        if key == self.keys.forbidden:
            raise Refusal(403, "FORBIDDEN", "This API key has no permission for this operation")

    def _saved(self, job: Job, file: StoredFile) -> dict[str, Any]:
        if self.dialect.storage.by_hash:
            self.assets.add(
                file.display_name, file.blob, content_type(file.display_name), [file.folder], prompt_id=job.id
            )
        return {"filename": file.name, "subfolder": file.subfolder, "type": file.folder}

    def _shows_cached(self, job: Job) -> bool:
        return not self.dialect.queue.cached_needs_client or job.client_id is not None


def _same_origin(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def has_key(scope: Scope) -> bool:
    """Whether a request carries an API key where the servers look for one: the header, or a socket's token."""
    names = {name for name, _ in scope["headers"]}
    parameters = scope["query_string"].split(b"&")
    return b"x-api-key" in names or any(parameter.startswith(b"token=") for parameter in parameters)
