"""What makes one kind of server: the row of the table in `_dialects`, field by field.

Handlers ask the fields of the row; none asks for the name of a dialect.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.responses import Response

from ._asset_rules import AssetRules
from ._blueprints import BlueprintRules
from ._events import Message
from ._jobs import Job
from ._models import ModelRules
from ._userdata import UserdataRules
from ._validation import CheckRules

ErrorShape = Callable[[int, str, str], Response]


@dataclass(frozen=True)
class UploadLimits:
    """What an image upload may be at most."""

    size: int  # bytes
    edge: int  # px
    pixels: int


@dataclass(frozen=True)
class Submitting:
    """How `POST /api/prompt` is answered.

    `canonical_ids` takes only lowercase UUIDs for `prompt_id`, otherwise anything goes. `chosen_numbers` lets the
    caller order the queue. `same_number_crash` crashes where a job of the same id and number waits already, and queues
    the new one all the same. `null_extra_data` accepts `"extra_data": null` and lets the worker die on it.
    `stamps_extra_data` adds `create_time` to it and takes the partner keys out. `underscore_crash` crashes on a
    top-level key that begins with `_`. `rules` are those of the checks.
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
    """How jobs wait and end.

    `max_concurrent_jobs` is how many run at once unless the emulator is told otherwise. `keeps_cancelled`: a job that
    is cancelled while it waits can still be read. `delete_interrupts`: deleting from the queue stops running jobs, too.
    `interrupts_oldest`: an interrupt that names no job stops the oldest one that runs, or the oldest that waits where
    none runs; otherwise all that run. `empty_answers`: `POST /api/queue` answers without a body.
    `cached_needs_client`: cached outputs of a job without `client_id` stay empty. `item` is a job, at its position in
    the queue, as `GET /api/queue` has it.
    """

    max_concurrent_jobs: int
    keeps_cancelled: bool
    delete_interrupts: bool
    interrupts_oldest: bool
    empty_answers: bool
    cached_needs_client: bool
    item: Callable[[Job, int], list[Any]]


@dataclass(frozen=True)
class JobList:
    """How `GET /api/jobs` and `GET /api/jobs/{job_id}` answer.

    `entry` and `detail` are the shapes of a job. `sort_words` are the values of `sort_by` and what each sorts by, the
    default first. Without `default_limit` a request without a limit gets all jobs; `max_limit` is the highest one.
    `clamps_offset` takes a negative offset for 0. `filters_outputs` heeds `output_type`.
    """

    entry: Callable[[Job], dict[str, Any]]
    detail: Callable[[Job], dict[str, Any]]
    sort_words: Mapping[str, Literal["created", "duration"]]
    default_limit: int | None
    max_limit: int | None
    clamps_offset: bool
    filters_outputs: bool


@dataclass(frozen=True)
class Storage:
    """How files are kept and handed out.

    `by_hash`: contents are named by their hash. `makes_assets`: uploaded images and the outputs of jobs become assets.
    `names_assets`: entries among outputs and answers to uploads name them. `redirects`: `/api/view` answers 302 to a
    signed address. `limits` are those of an image upload; `max_body` is what the framework lets through, in bytes.
    """

    by_hash: bool
    makes_assets: bool
    names_assets: bool
    redirects: bool
    limits: UploadLimits | None
    max_body: int | None


@dataclass(frozen=True)
class Delivery:
    """How messages reach sockets.

    `by_client`: what is about a job goes only to the socket that has the job's `client_id` for its own, the newest
    of that id; otherwise to every socket. `end_mark`: after a job's last message comes an `executing` with node null.
    `resumes`: a socket that comes back while a job of its id runs hears at once which node is running. `shape` gives
    the message as this server words it.
    """

    by_client: bool
    end_mark: bool
    resumes: bool
    shape: Callable[[Message], Message]


@dataclass(frozen=True)
class Dialect:
    """One kind of server.

    `name` is what users call it, `operations` are the ids of what it has. `bare_routes` answer without their `/api`
    prefix, too. `answers_head` lets HEAD ask any GET operation. `needs_key` refuses requests without a key that is
    known, `checks_origin` those that a web page of another origin makes. `strict_bodies` refuses malformed bodies with
    400; otherwise they crash the server. `announces_limit` tells the number of concurrent jobs among the features.
    `error` is the shape of refusals, `errors` those of operations that have another; `crash` is what a bug of the
    server looks like, `no_route` the answer where the path or the method does not exist. `features`, `system` and
    `device` are what the server says of itself; `status_words` are the words of `GET /api/job/{job_id}/status`. All
    else is said by the parts of the row.
    """

    name: str
    operations: frozenset[str]
    bare_routes: bool
    answers_head: bool
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
