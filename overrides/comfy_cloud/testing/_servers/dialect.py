"""Define the properties of a server, which are the columns of the table in `dialect_table`.

Handlers read these fields. No handler asks for the name of a dialect.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.responses import Response

from .._engine.events import Message
from .._engine.jobs import Job, State
from .._engine.validation import CheckRules
from .._state.asset_rules import AssetRules
from .._state.blueprints import BlueprintRules
from .._state.models import ModelRules
from .._state.userdata import UserdataRules

ErrorShape = Callable[[int, str, str], Response]


@dataclass(frozen=True)
class UploadLimits:
    """The limits of an image upload."""

    size: int  # bytes
    edge: int  # px
    pixels: int


@dataclass(frozen=True)
class Submitting:
    """The behaviour of `POST /api/prompt`.

    With `canonical_ids`, `prompt_id` must be a lowercase UUID; otherwise any string is accepted. With `chosen_numbers`,
    the caller may order the queue. With `same_number_crash`, the server crashes if a job of the same id and number is
    already waiting, but queues the new job anyway. With `null_extra_data`, `"extra_data": null` is accepted and kills
    the worker. With `stamps_extra_data`, `create_time` is added to it and the partner keys are removed. With
    `underscore_crash`, the server crashes on a top-level key that begins with `_`. `rules` are the rules of the checks.
    """

    canonical_ids: bool
    chosen_numbers: bool
    same_number_crash: bool
    null_extra_data: bool
    stamps_extra_data: bool
    underscore_crash: bool
    rules: CheckRules


@dataclass(frozen=True)
class Queue:
    """The life of jobs in the queue.

    `max_concurrent_jobs` is the number of jobs that run at once, and `max_queued_jobs` the number of jobs that may
    wait or run, unless the emulator's arguments say otherwise. With `keeps_cancelled`, a job that was cancelled
    while waiting can still be read. With `delete_interrupts`, deleting from the queue also stops running jobs. With
    `interrupts_oldest`, an interrupt that names no job stops the oldest running job, or the oldest waiting one if
    none is running; otherwise it stops all running jobs. With `empty_responses`, `POST /api/queue` returns no body.
    With `cached_needs_client`, the cached outputs of a job without `client_id` stay empty. With `replaces_workers`,
    a job that kills its worker fails and the others go on; otherwise no job ever runs again. `settle_time` is how
    long REST still calls a job in progress after the message of its end, in seconds. `state_of_ring` is the state
    in which a job ends whose links form a ring. `item` converts a job and its position to an item of `GET
    /api/queue`.
    """

    max_concurrent_jobs: int
    max_queued_jobs: int | None
    keeps_cancelled: bool
    delete_interrupts: bool
    interrupts_oldest: bool
    empty_responses: bool
    cached_needs_client: bool
    replaces_workers: bool
    settle_time: float
    state_of_ring: State
    item: Callable[[Job, int], list[Any]]


@dataclass(frozen=True)
class JobList:
    """The behaviour of `GET /api/jobs` and `GET /api/jobs/{job_id}`.

    `entry` and `detail` convert a job to JSON. `sort_words` maps the values of `sort_by` to what each sorts by,
    beginning with the default. If `default_limit` is None, a request without a limit gets all jobs. `max_limit` is the
    highest accepted limit. With `clamps_offset`, a negative offset counts as 0. With `filters_outputs`, `output_type`
    has an effect. With `history_first`, an id that was used twice names the finished job, not the active one.
    """

    entry: Callable[[Job], dict[str, Any]]
    detail: Callable[[Job], dict[str, Any]]
    sort_words: Mapping[str, Literal["created", "duration"]]
    default_limit: int | None
    max_limit: int | None
    clamps_offset: bool
    filters_outputs: bool
    history_first: bool


@dataclass(frozen=True)
class Storage:
    """The storage and return of files.

    With `by_hash`, contents are named by their hash. With `makes_assets`, uploaded images and job outputs become
    assets. With `names_assets`, outputs and upload responses contain the ids of these assets. With `redirects`,
    `/api/view` returns 302 with a signed URL. `limits` are the limits of an image upload. `max_body` is the limit of
    the server's framework, in bytes.
    """

    by_hash: bool
    makes_assets: bool
    names_assets: bool
    redirects: bool
    limits: UploadLimits | None
    max_body: int | None


@dataclass(frozen=True)
class Delivery:
    """The delivery of messages to WebSockets.

    With `by_client`, a message about a job goes only to the newest WebSocket with the job's `client_id`; otherwise it
    goes to every WebSocket. With `end_mark`, a job's last message is `executing` with node null. With `resumes`, a
    client that reconnects while its job is running is told which node is running. `shape` converts a message to the
    server's wording.
    """

    by_client: bool
    end_mark: bool
    resumes: bool
    shape: Callable[[Message], Message]


@dataclass(frozen=True)
class Dialect:
    """One kind of server.

    `name` is the name that users pass to `Emulator`. `operations` are the ids of the operations that the server has.
    With `bare_routes`, paths also work without their `/api` prefix. With `allows_head`, HEAD works for every GET
    operation.

    With `needs_key`, a request must have a known API key. With `checks_origin`, a request from a web page of another
    origin is refused. With `strict_bodies`, a malformed body gets 400; otherwise it crashes the server. With
    `announces_limit`, the features include the number of concurrent jobs.

    `error` is the shape of errors, and `errors` has the operations with other shapes. `crash` is the response when the
    server's own code fails. `no_route` is the response if the path or the method does not exist. `features`, `system`
    and `device` are what the server reports about itself. `status_words` are the words of `GET
    /api/job/{job_id}/status`. The other fields are parts of the row.
    """

    name: str
    operations: frozenset[str]
    bare_routes: bool
    allows_head: bool
    needs_key: bool
    checks_origin: bool
    strict_bodies: bool
    announces_limit: bool
    error: ErrorShape
    crash: Callable[[], Response]
    no_route: Callable[[str, str, frozenset[str]], Response]
    submitting: Submitting
    queue: Queue
    jobs: JobList
    storage: Storage
    delivery: Delivery
    assets: AssetRules
    userdata: UserdataRules
    models: ModelRules
    blueprints: BlueprintRules
    features: Mapping[str, Any]
    system: Mapping[str, Any]
    device: Mapping[str, Any]
    errors: Mapping[str, ErrorShape] = field(default_factory=dict)
    status_words: Mapping[str, str] = field(default_factory=dict)
