"""All state of one emulated server in one place, and who may ask it.

Handlers get a `Backend` with each request. It builds its parts and closes them; what they do is theirs.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.types import Scope

from ._answers import Refusal
from ._assets import Asset, AssetStore
from ._blobs import BlobStore
from ._cache import NodeCache
from ._dialect import Dialect
from ._downloads import content_type
from ._engine import Engine
from ._events import EventBus
from ._execution import Surroundings
from ._files import FileStore, StoredFile
from ._jobs import Job
from ._keys import ApiKeys
from ._masks import MaskLayers
from ._models import every_file
from ._operations import OPERATIONS, Operation, RouteTable
from ._remote import Fetcher
from ._signing import Signer
from ._socket import Hub
from ._tasks import TaskStore
from ._userdata import Userdata


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
    """The state of one emulated server. `url` and `storage_url` are its two origins; `imported` has the digest of
    what was imported from an address."""

    dialect: Dialect
    options: Options
    url: str
    storage_url: str
    handled: frozenset[str]
    keys: ApiKeys = field(default_factory=ApiKeys)
    bus: EventBus = field(default_factory=EventBus)
    blobs: BlobStore = field(default_factory=BlobStore)
    assets: AssetStore = field(default_factory=AssetStore)
    masks: MaskLayers = field(default_factory=MaskLayers)
    userdata: Userdata = field(default_factory=Userdata)
    fetcher: Fetcher = field(default_factory=Fetcher)
    tasks: TaskStore = field(default_factory=TaskStore)
    imported: dict[str, str] = field(default_factory=dict)
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
        self.hub = Hub(dialect.delivery, self.bus, self.features)
        self._numbers = itertools.count()
        self.assets.know_tags(dialect.assets.known_tags)
        if dialect.assets.public:
            for folder, model in every_file():
                blob = self.blobs.put_bytes(model.content)
                self.assets.add(model.name, blob, content_type(model.name), ["models", folder], public=True)

    def next_number(self) -> int:
        """The number of the next job that chose none: 0, 1, 2 and so on."""
        return next(self._numbers)

    def features(self) -> dict[str, Any]:
        """What the server says of itself, some of it dependent on how the emulator was started."""
        limit = {"max_concurrent_jobs": self.options.max_concurrent_jobs} if self.dialect.announces_limit else {}
        return {**self.dialect.features, **limit}

    def close(self) -> None:
        self.engine.close()
        self.fetcher.close()
        self.tasks.close()
        self.blobs.close()

    def admit(self, request: Request, operation: Operation) -> None:
        """Raise Refusal where this request may not ask this operation."""
        self._check_origin(request)
        key = request.headers.get("x-api-key")
        if operation.access != "public" and not (key is None and operation.access == "optional"):
            self._check_key(key)

    def admit_socket(self, handshake: HTTPConnection) -> None:
        """Raise Refusal where no socket may be opened with this handshake; the key may be in the address here."""
        self._check_origin(handshake)
        self._check_key(handshake.headers.get("x-api-key") or handshake.query_params.get("token"))

    def _check_origin(self, request: HTTPConnection) -> None:
        origin = request.headers.get("origin")
        foreign = origin is not None and origin.partition("://")[2] != request.headers.get("host")
        if foreign and self.dialect.checks_origin:
            raise Refusal(403, "FORBIDDEN", "Foreign origin")

    def _check_key(self, key: str | None) -> None:
        if not self.dialect.needs_key:
            return
        if key is None or key not in tuple(self.keys):
            raise Refusal(401, "UNAUTHORIZED", "Missing or invalid API key")
        if key == self.keys.forbidden:
            raise Refusal(403, "FORBIDDEN", "This API key has no permission for this operation")

    def asset_of_upload(self, file: StoredFile) -> Asset:
        """The asset for an uploaded file: a new one, or the one that its content has where it has but one."""
        rules = self.dialect.assets
        known = self.assets.find(lambda asset: asset.blob.digest == file.blob.digest and not asset.public)
        if known and rules.reuses:
            return known[0]
        tags = [file.folder, *rules.upload_tags]
        return self.assets.add(file.display_name, file.blob, content_type(file.display_name), tags, file=file)

    def _saved(self, job: Job, file: StoredFile) -> dict[str, Any]:
        entry = {"filename": file.name, "subfolder": file.subfolder, "type": file.folder}
        if not self.dialect.storage.makes_assets:
            return entry
        rules, name = self.dialect.assets, file.display_name
        tags = [file.folder, *rules.upload_tags]
        asset = self.assets.add(name, file.blob, content_type(name), tags, prompt_id=job.id, file=file)
        return entry | {"id": asset.id} if self.dialect.storage.names_assets else entry

    def _shows_cached(self, job: Job) -> bool:
        return not self.dialect.queue.cached_needs_client or job.client_id is not None


def has_key(scope: Scope) -> bool:
    """Whether a request carries an API key where the servers look for one: the header, or a socket's token."""
    names = {name for name, _ in scope["headers"]}
    parameters = scope["query_string"].split(b"&")
    return b"x-api-key" in names or any(parameter.startswith(b"token=") for parameter in parameters)
