"""Hold all state of one emulated server, and decide who may use it.

A handler gets a `Backend` with each request. The backend creates its parts and closes them.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.types import Scope

from .._engine.cache import NodeCache
from .._engine.events import EventBus
from .._engine.execution import Context, NodeFailures
from .._engine.jobs import Job
from .._engine.queue import Engine
from .._engine.recorded_nodes import NodeSet, own_nodes
from .._servers.dialect import Dialect
from .._servers.operations import OPERATIONS, Operation, RouteTable
from .._servers.responses import Refusal
from .._state.assets import Asset, AssetStore
from .._state.blobs import BlobStore
from .._state.files import FileStore, StoredFile, content_type
from .._state.keys import ApiKeys
from .._state.masks import MaskLayers
from .._state.models import all_files
from .._state.remote import Fetcher
from .._state.signed_urls import Signer
from .._state.tasks import TaskStore
from .._state.userdata import Userdata
from .gateway import Gateway
from .websocket import Hub

_CONCURRENT_JOBS_MAX = 1000


@dataclass(frozen=True)
class Options:
    """The options of this emulator that differ from its dialect.

    `recorded` are node classes of another server, in place of the emulator's own. Raises ValueError.
    """

    max_concurrent_jobs: int
    max_queued_jobs: int | None
    keeps_submission_ids: bool
    gateway: Gateway | None = None
    job_credits: float | None = None
    recorded: NodeSet | None = None

    def __post_init__(self) -> None:
        for name in ("max_concurrent_jobs", "max_queued_jobs"):
            jobs = getattr(self, name)
            if jobs is not None and (type(jobs) is not int or jobs < 1):
                raise ValueError(f"{name} must be at least 1, not {jobs!r}")
        if self.max_concurrent_jobs > _CONCURRENT_JOBS_MAX:
            raise ValueError(f"max_concurrent_jobs must be at most {_CONCURRENT_JOBS_MAX}: each job has a thread")
        if not isinstance(self.keeps_submission_ids, bool):
            raise ValueError(f"keeps_submission_ids must be True or False, not {self.keeps_submission_ids!r}")
        if self.gateway is not None and not isinstance(self.gateway, Gateway):
            raise ValueError(f"gateway must be a Gateway, such as Gateway.bearer('secret'), not {self.gateway!r}")
        cost = self.job_credits
        if cost is not None and (type(cost) not in (int, float) or not 0 <= cost < float("inf")):
            raise ValueError(f"job_credits must be a number, 0 or more, not {cost!r}")


@dataclass
class Backend:
    """The state of one emulated server.

    `url` and `storage_url` are its two origins. `failures` are the nodes that a test makes fail. `imported` maps the
    URL of an import to the digest of its content.
    """

    dialect: Dialect
    options: Options
    url: str
    storage_url: str
    handled: frozenset[str]
    failures: NodeFailures
    keys: ApiKeys = field(default_factory=ApiKeys)
    bus: EventBus = field(default_factory=EventBus)
    blobs: BlobStore = field(default_factory=BlobStore)
    assets: AssetStore = field(default_factory=AssetStore)
    masks: MaskLayers = field(default_factory=MaskLayers)
    userdata: Userdata = field(default_factory=Userdata)
    fetcher: Fetcher = field(default_factory=Fetcher)
    tasks: TaskStore = field(default_factory=TaskStore)
    imported: dict[str, str] = field(default_factory=dict)
    storage_keys_seen: int = 0

    def __post_init__(self) -> None:
        dialect = self.dialect
        self.signer = Signer(self.storage_url)
        self.files = FileStore(self.blobs, content_addressed=dialect.storage.by_hash)
        self.routes = RouteTable(
            [operation for operation in OPERATIONS if operation.id in dialect.operations & self.handled],
            bare_routes=dialect.bare_routes,
            allows_head=dialect.allows_head,
        )
        self.known = self.options.recorded or own_nodes(dialect.submitting.rules.definitions)
        context = Context(
            self.files,
            self.known,
            NodeCache(),
            self.bus.publish,
            self._record_output,
            self._reports_cached,
            self.failures,
            dialect.queue.state_of_ring,
        )
        self.engine = Engine(
            context,
            self.bus,
            max_concurrent_jobs=self.options.max_concurrent_jobs,
            by_number=dialect.submitting.chosen_numbers,
            keeps_cancelled=dialect.queue.keeps_cancelled,
            replaces_workers=dialect.queue.replaces_workers,
            settle_time=dialect.queue.settle_time,
        )
        self.hub = Hub(dialect.delivery, self.bus, self.features)
        self._numbers = itertools.count()
        self.assets.add_known_tags(dialect.assets.known_tags)
        # On the cloud, the models are assets that belong to everybody.
        if dialect.assets.public:
            for folder, model in all_files():
                blob = self.blobs.put_bytes(model.content)
                self.assets.add(model.name, blob, content_type(model.name), ["models", folder], public=True)

    def next_number(self) -> int:
        """Return the number of the next job whose submit chose none: 0, 1, 2 and so on."""
        return next(self._numbers)

    def features(self) -> dict[str, Any]:
        """Return what the server reports about itself. Some of it depends on how the emulator was started."""
        limit = {"max_concurrent_jobs": self.options.max_concurrent_jobs} if self.dialect.announces_limit else {}
        return {**self.dialect.features, **limit}

    def close(self) -> None:
        # Stop the jobs first: they still write into the stores that are closed below.
        self.engine.close()
        self.fetcher.close()
        self.tasks.close()
        self.blobs.close()

    def admit(self, request: Request, operation: Operation) -> None:
        """Raise Refusal if the caller may not use this operation."""
        self._check_origin(request)
        key = request.headers.get("x-api-key")
        if operation.access != "public" and not (key is None and operation.access == "optional"):
            self._check_key(key)

    def admit_socket(self, handshake: HTTPConnection) -> None:
        """Raise Refusal if this handshake may not open a WebSocket. Here the key may be in the query."""
        self._check_origin(handshake)
        self._check_key(handshake.headers.get("x-api-key") or handshake.query_params.get("token"))

    def _check_origin(self, request: HTTPConnection) -> None:
        """Refuse a web page of another origin. ComfyUI does so to protect a local server from foreign pages."""
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
        """Return the asset of an uploaded file: the existing one if the server reuses assets, otherwise a new one."""
        rules = self.dialect.assets
        known = self.assets.find(lambda asset: asset.blob.digest == file.blob.digest and not asset.public)
        if known and rules.reuses:
            return known[0]
        tags = [file.folder, *rules.upload_tags]
        return self.assets.add(file.display_name, file.blob, content_type(file.display_name), tags, file=file)

    def _record_output(self, job: Job, file: StoredFile) -> dict[str, Any]:
        """Return the entry of a job's file among the outputs, and create its asset if the server does so."""
        entry = {"filename": file.name, "subfolder": file.subfolder, "type": file.folder}
        if not self.dialect.storage.makes_assets:
            return entry
        rules, name = self.dialect.assets, file.display_name
        # An output gets an asset of its own even for known bytes, since it belongs to its job.
        tags = [file.folder, *rules.upload_tags]
        asset = self.assets.add(name, file.blob, content_type(name), tags, prompt_id=job.id, file=file)
        return entry | {"id": asset.id} if self.dialect.storage.names_assets else entry

    def _reports_cached(self, job: Job) -> bool:
        return not self.dialect.queue.cached_needs_client or job.client_id is not None


def has_key(scope: Scope) -> bool:
    """Return whether a request has an API key where the servers look for one: in the header or in a WebSocket's
    `token`.
    """
    names = {name for name, _ in scope["headers"]}
    parameters = scope["query_string"].split(b"&")
    return b"x-api-key" in names or any(parameter.startswith(b"token=") for parameter in parameters)
