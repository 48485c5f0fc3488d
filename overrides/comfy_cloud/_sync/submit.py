# Derived from overrides/comfy_cloud/_async/submit.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Submitting a workflow, and finding the job of a submit whose answer was lost. Never submits twice."""

from __future__ import annotations

import math
import random
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

from .._constants import CANCEL_TIMEOUT, LARGE_GRAPH_NODES, QUEUE_PAUSE, SOCKET_OPEN_PATIENCE
from .._core.error_responses import summarize_node_errors
from .._core.job_state import node_errors_of, read_queue
from .._core.prepared import PreparedWorkflow, SentGraph
from .._core.retry import is_full_queue
from .._core.submission import MARKER, Body, Order, carries, newer_jobs, request_body, usable_id
from .._core.watch import Poll
from .._files import path_hint
from .._httpx import httpx
from .._logging import logger
from .._tracing import span
from ..errors import (
    APIConnectionError,
    APIStatusError,
    ComfyCloudError,
    InvalidWorkflowError,
    RateLimitError,
    ServerError,
    SubmissionUncertainError,
    UnexpectedResponseError,
    WorkflowError,
)
from ..raw.api.job import get_job_detail, get_queue_info, list_jobs
from ..raw.api.workflow import execute_prompt
from ..raw.models import PromptRequest
from ..raw.models.list_jobs_sort_order import ListJobsSortOrder
from ..workflow import Node, Workflow
from . import backend
from .connection import Connection
from .deadline import earliest, until
from .http import redacted
from .jobs import Job
from .states import fetch_state
from .uploads import Progress, upload_files

OutputNames = str | int | Node | Iterable[str | int | Node]


def output_ids(workflow: Workflow, outputs: object) -> tuple[str, ...]:
    """Return the ids of the nodes that a job is to be run for; empty for all of them. Raises WorkflowError."""
    if outputs is None:
        return ()
    names: list[object] = [outputs]
    # A string and a node are iterable, too, and each is one name.
    if isinstance(outputs, Iterable) and not isinstance(outputs, str | Node):
        names = list(outputs)
    if not names:
        raise ValueError("outputs must name a node, or be None for all outputs, not an empty list")
    found: dict[str, None] = {}
    for name in names:
        if not isinstance(name, str | int | Node):
            raise TypeError(f"outputs must be ids, titles or classes of nodes, not {type(name).__name__}")
        if isinstance(name, Node) and name not in workflow:
            raise WorkflowError(f"outputs has {name!r}, a node of another workflow")
        found[name.id if isinstance(name, Node) else workflow[name].id] = None
    return tuple(found)


def submit_workflow(
    connection: Connection,
    workflow: Workflow | Mapping[str, Any],
    order: Order,
    outputs: OutputNames | None,
    on_progress: Progress | None,
) -> Job:
    """Upload the files of a workflow, submit it, and return its job. `outputs` is that of the client's `submit`."""
    submission_id = order.submission_id
    workflow = workflow if isinstance(workflow, Workflow) else Workflow(workflow)
    targets = output_ids(workflow, outputs)
    prepared = PreparedWorkflow(workflow._graph)
    large = len(workflow) > LARGE_GRAPH_NODES
    checked = backend.in_thread(prepared.check) if large else prepared.check()
    about = {"comfy.submission.id": submission_id, "server.address": connection.http.base_url.host}
    with span("comfy.submit", about) as traced:
        # Only a key can be submitted twice: the id of a submit without one is its own.
        turn = connection.submissions.take_turn(submission_id) if order.keyed else None
        try:
            if order.keyed and (job := find_submitted(connection, submission_id, checked)):
                traced.set("comfy.job.id", job.id)
                return job
            graph = prepared.sent(upload_files(connection, prepared.files, on_progress))
            if connection.live.opened is not None:
                connection.live.opened.settle(SOCKET_OPEN_PATIENCE)
            order.sent = True
            job = submit_graph(
                connection,
                graph,
                submission_id=submission_id,
                extra_data=order.extra,
                fields=order.fields,
                targets=targets,
                queue_timeout=order.queue_timeout,
            )
            traced.set("comfy.job.id", job.id)
            if order.keyed:
                connection.submissions.made(submission_id, job.id, time.monotonic())
            return job
        finally:
            if turn is not None:
                turn.put(True)


def find_submitted(connection: Connection, submission_id: str, graph: SentGraph) -> Job | None:
    """Return the job of a submit with this id, however long ago and by whichever client, or None if there is none.

    Looks for the job by its id (`GET /api/jobs/{job_id}`, queue, history), and for the id in the queue. `graph` is the
    workflow that would be submitted.
    """
    job_id, made_at = connection.submissions.job_of(submission_id)
    found = _look(connection, submission_id, None, job_id=job_id)
    # A job can be unknown to a server for a moment after it was accepted.
    if found is None and (made_at is None or time.monotonic() - made_at >= connection.timing.unknown_grace):
        return None
    job = _handle_of(connection, graph)(found or job_id)
    job._ask()
    logger.info("submit %s: taken up as job %s", submission_id, job.id)
    return job


def submit_row(connection: Connection, graph: Mapping[str, Any], submission_id: str, **order: Any) -> Job:
    """Send the graph of a batch's row as `submit_graph` does, in a span of its own."""
    with span("comfy.submit", {"comfy.submission.id": submission_id}) as traced:
        job = submit_graph(connection, SentGraph(graph), submission_id=submission_id, **order)
        traced.set("comfy.job.id", job.id)
        return job


def submit_graph(
    connection: Connection,
    graph: SentGraph,
    *,
    submission_id: str,
    extra_data: Mapping[str, Any],
    fields: Mapping[str, Any],
    targets: tuple[str, ...],
    queue_timeout: float | None,
) -> Job:
    """Send a graph whose files are uploaded (`POST /api/prompt`) and return its job.

    A full queue is waited for up to `queue_timeout` seconds (None: no limit).

    The request carries `submission_id` as `prompt_id` and in `extra_data`, so that the job is found where the answer
    is lost. `fields` are more fields of the request, `targets` the ids of the outputs to run for (empty: all). Raises
    InvalidWorkflowError for a refusal, SubmissionUncertainError where nobody can tell.
    """
    since, started = datetime.now(UTC), time.monotonic()
    body = request_body(
        graph.text,
        submission_id=submission_id,
        client_id=connection.client_id,
        extra_data=extra_data,
        **fields,
        **({"partial_execution_targets": list(targets)} if targets else {}),
    )
    handle = _handle_of(connection, graph, targets)
    try:
        response = _send(connection, body, queue_timeout)
    except InvalidWorkflowError as error:
        error.args = (f"{error.message}{_path_hints(graph, error.node_errors)}",)
        raise
    except (APIConnectionError, UnexpectedResponseError, ServerError) as error:
        if not _may_have_arrived(error):
            raise
        lost = error
    else:
        answer = response.extensions.get("json")
        if not isinstance(answer, Mapping):
            answer = {}
        elif answer.get("node_errors") or answer.get("error"):
            answer = redacted(answer, response)  # it may quote a partner key
        if job_id := usable_id(answer.get("prompt_id")):
            return handle(job_id, node_errors=_node_errors(job_id, answer, graph))
        if answer.get("error"):
            raise InvalidWorkflowError(
                f"executePrompt: refused: {summarize_node_errors(answer.get('node_errors')) or answer['error']}",
                status=200,
                body=dict(answer),
                operation="executePrompt",
                node_errors=node_errors_of(answer),
            )
        lost = UnexpectedResponseError("executePrompt: the answer names no job", operation="executePrompt", status=200)
    logger.info("submit %s: no usable answer (%s), looking for the job", submission_id, type(lost).__name__)
    total = connection.http.total_timeout
    # The search is part of the call, and one short look always has time.
    with until(None if total is None else max(started + total, time.monotonic() + connection.timing.poll_first)):
        found = _find(connection, submission_id, since)
    if found is not None:
        logger.info("submit %s: found as job %s", submission_id, found)
        return handle(found)
    if isinstance(lost, ServerError) and lost.status == 500:
        raise lost  # the server did answer, and has no such job
    raise SubmissionUncertainError(
        f"{connection.origin}: the answer to the submit was lost ({lost}) and no job with its id {submission_id} could"
        " be found; it may still appear, and it may be paid for: look before you submit again",
        submission_id=submission_id,
        since=since,
    ) from lost


def name_submit(error: BaseException, order: Order) -> None:
    """Put the id of a submit on what ends it, since the job may have been accepted, unless its own id is there.

    On Ctrl-C and a cancelled task as well: the job costs money, and only here its id is at hand.
    """
    if not order.sent or getattr(error, "job_id", None) is not None:
        return
    with suppress(AttributeError):  # an exception with slots takes none
        error.submission_id = order.submission_id  # type: ignore[attr-defined]
    if not isinstance(error, ComfyCloudError):
        logger.info("submit %s: broken off (%s)", order.submission_id, type(error).__name__)
        error.add_note(
            f"the job of submit {order.submission_id} may have been accepted: cloud.job({order.submission_id!r}).wait()"
            f" takes it up; a server that chooses ids itself has it under another one, with the submit's id as {MARKER}"
        )


def cancel_submitted(connection: Connection, submission_id: str, since: datetime) -> None:
    """Look for the job of a submit that was broken off, and cancel it. Takes CANCEL_TIMEOUT seconds at most."""
    with until(time.monotonic() + CANCEL_TIMEOUT):
        found = _find(connection, submission_id, since)
        if found is not None:
            Job(connection, found, submitted=True)._cancel_quietly()


def _send(connection: Connection, body: Body, queue_timeout: float | None) -> httpx.Response:
    deadline, told = math.inf if queue_timeout is None else time.monotonic() + queue_timeout, False
    while True:
        try:
            return connection.call(execute_prompt.operation, body=cast(PromptRequest, body))
        except RateLimitError as error:
            left = deadline - time.monotonic()
            if not is_full_queue(error) or left <= 0:
                raise
        if not told:
            logger.info("submit: the queue is full, waiting for room (queue_timeout=%s)", queue_timeout)
        told = True
        backend.sleep(min(left, QUEUE_PAUSE))


def _may_have_arrived(error: ComfyCloudError) -> bool:
    # A connection that was refused, or a name that was not found, cannot have brought the workflow anywhere.
    if isinstance(error, APIConnectionError):
        return error.sent
    # Busy, said by the API itself: it has not begun.
    return not (isinstance(error, APIStatusError) and error.status == 503 and isinstance(error.body, dict))


def _handle_of(connection: Connection, graph: SentGraph, targets: tuple[str, ...] = ()) -> Callable[..., Job]:
    """Return the constructor of a handle that knows the workflow of its job."""
    return partial(Job, connection, submitted=True, nodes=graph.nodes, outline=graph.outline, targets=targets)


def _path_hints(graph: SentGraph, node_errors: Mapping[str, Any]) -> str:
    """Return hints about strings in the nodes that the server refuses which are paths of files on this machine."""
    values = [value for node_id in node_errors for value in graph.values.get(node_id, {}).get("inputs", {}).values()]
    hints = dict.fromkeys(filter(None, map(path_hint, values)))
    return f".{'.'.join(hints)}" if hints else ""


def _node_errors(job_id: str, body: Mapping[str, Any], graph: SentGraph) -> dict[str, Any]:
    """Return what the server dropped when it accepted a workflow, and warn about it."""
    node_errors = node_errors_of(body)
    dropped = summarize_node_errors(node_errors)
    if dropped or body.get("error"):
        text = (dropped or "the server reports an error beside the job") + _path_hints(graph, node_errors)
        warnings.warn(f"job {job_id} runs without some of its outputs: {text}", UserWarning, stacklevel=4)
    logger.info("job %s: submitted", job_id)
    return node_errors


def _find(connection: Connection, submission_id: str, since: datetime) -> str | None:
    """Return the id of the job that a submit made, or None if it is not found within `timing.submit_lookup`."""
    # The job can become visible a moment after it was accepted, and the network that lost the answer may still be down.
    now = time.monotonic()
    limit = earliest(now + connection.timing.submit_lookup)
    poll = Poll(connection.timing, now, random.random, None if limit is None else max(0.0, limit - now))
    looked_at: set[str] = set()
    while True:
        try:
            with until(poll.limit(time.monotonic())):
                found = _look(connection, submission_id, since, looked_at=looked_at)
        except ComfyCloudError:
            found = None  # out of reach now; that is what the time is for
            if not connection.http.transport.is_open:
                return None  # closed while it searched: no try can succeed
        poll.answered(now := time.monotonic())
        if found is not None or poll.expired(now):
            return found
        backend.sleep(poll.due - now)


def look_up(connection: Connection, submission_id: str, since: datetime) -> Job | None:
    """Return the job of a submit that another process began, or None if there is none by all that can be known.

    A job can become visible a while after `since`; a server that is out of reach is waited for. Raises refusals.
    """
    timing, age = connection.timing, (datetime.now(UTC) - since).total_seconds()
    # The clock may have been set in between: it is looked for as long as for a submit of now at most.
    poll = Poll(replace(timing, unreachable=math.inf), time.monotonic(), random.random)
    last = time.monotonic() + min(max(timing.submit_lookup - age, 0.0), timing.submit_lookup)
    while True:
        try:
            found = _look(connection, submission_id, since)
        except ComfyCloudError as error:
            if poll.failed(error, time.monotonic()):
                raise
        else:
            poll.answered(now := time.monotonic())
            if found is not None or now >= last:
                return None if found is None else Job(connection, found, submitted=True)
        backend.sleep(max(0.0, poll.due - time.monotonic()))


def _look(
    connection: Connection,
    submission_id: str,
    since: datetime | None,
    *,
    job_id: str | None = None,
    looked_at: set[str] | None = None,
) -> str | None:
    # In the order of what is cheap and certain: by the id that we chose, by the marker of jobs in the queue, by the
    # marker in the details of new jobs. A server that chooses ids itself keeps only the marker.
    job_id = job_id or submission_id
    if fetch_state(connection, job_id) is not None:
        return job_id
    queue = connection.json(get_queue_info.operation)
    marked = [item.job_id for item in read_queue(queue) if item.extra_data.get(MARKER) == submission_id]
    if marked:
        return marked[0]
    if since is None or "listJobs" in connection.http.absent:
        return None
    looked_at = set() if looked_at is None else looked_at
    # The server's clock may be a little behind ours.
    newest = connection.json(list_jobs.operation, sort_order=ListJobsSortOrder.DESC, limit=20)
    for job_id in newer_jobs(newest, since - timedelta(seconds=60)):
        # Each job is looked at once in a search: what a job was submitted with does not change.
        if job_id not in looked_at:
            detail = connection.json(get_job_detail.operation, job_id)
            looked_at.add(job_id)
            if carries(detail, submission_id):
                return job_id
    return None
