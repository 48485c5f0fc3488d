"""Spans of OpenTelemetry: a job, its submit, its time in the queue, its run, each node, each transfer.

This module imports nothing of OpenTelemetry. A program that sets a tracer provider has imported its API by then, so the
API is looked up among the imported modules: without it, a hook costs one look-up and no object. Spans hold ids, names,
numbers and the messages of our own exceptions, which hold no key and no signed URL. They never hold a URL, a header or
a body.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from ._logging import logger
from ._version import __version__
from .errors import ComfyCloudError
from .events import (
    JobCancelled,
    JobCompleted,
    JobEvent,
    JobFailed,
    JobQueued,
    JobStarted,
    NodeFinished,
    NodesCached,
    NodeStarted,
)

if TYPE_CHECKING:
    from ._core.job_state import ExecutionError
    from ._core.outputs import Nodes

_ENDS: Final = {JobCompleted: "completed", JobFailed: "failed", JobCancelled: "cancelled"}


def tracing() -> Any:
    """Return the module `opentelemetry.trace` if this program has set a tracer provider, else None."""
    api = sys.modules.get("opentelemetry.trace")
    if api is None or isinstance(api.get_tracer_provider(), api.ProxyTracerProvider):
        return None
    return api


class Span:
    """A span that may be nothing, to be entered once. `nested=False`: what happens inside is not part of it by itself.

    A generator must not be: it would leave its span behind in the context of whoever takes its items.
    """

    __slots__ = ("_api", "_scope", "_span")

    def __init__(self, api: Any, name: str, attributes: Mapping[str, Any], *, nested: bool) -> None:
        self._api = api
        self._span = _start(api, name, attributes)
        self._scope: AbstractContextManager[Any] = self.within() if nested else nullcontext()

    def set(self, name: str, value: str | float | None) -> None:
        """Add an attribute, unless its value is None."""
        if value is not None:
            self._span.set_attribute(name, value)

    def within(self) -> AbstractContextManager[Any]:
        """Make what happens inside a part of the span."""
        scope: AbstractContextManager[Any] = self._api.use_span(
            self._span, record_exception=False, set_status_on_exception=False
        )
        return scope

    def __enter__(self) -> Span:
        self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._scope.__exit__(None, None, None)
        # Who stops taking the chunks of a download has not seen it fail.
        if error is not None and not isinstance(error, GeneratorExit):
            _fail(self._api, self._span, type(error).__name__, error)
        self._span.end()


class _Nothing(Span):
    """The span where nobody traces. There is one, so that it costs nothing."""

    __slots__ = ()

    def __init__(self) -> None:
        self._scope = nullcontext()

    def set(self, name: str, value: str | float | None) -> None:
        """Do nothing."""

    def within(self) -> AbstractContextManager[Any]:
        return self._scope

    def __exit__(self, *_: object) -> None:
        return None


_NOTHING: Final = _Nothing()


def span(name: str, attributes: Mapping[str, Any], *, nested: bool = True) -> Span:
    """Return a span to enter. `attributes` with the value None are left out."""
    api = tracing()
    return _NOTHING if api is None else Span(api, name, attributes, nested=nested)


def current_span() -> Any:
    """Return the context of the span that is active here, so that a later wait can continue its trace; else None."""
    api = tracing()
    if api is None:
        return None
    context = api.get_current_span().get_span_context()
    return context if context.is_valid else None


class JobSpans:
    """The spans of one job as one wait sees it: queue, run, and the nodes within the run."""

    def __init__(self, api: Any, job_id: str, nodes: Nodes, submitted: Any) -> None:
        self._api = api
        self._about = {"comfy.job.id": job_id}
        self._nodes = nodes
        # A span of the caller comes first. Without one, the wait continues the trace of the submit.
        self._parent = None
        if submitted is not None and not api.get_current_span().get_span_context().is_valid:
            self._parent = api.set_span_in_context(api.NonRecordingSpan(submitted))
        self._whole: Any = None
        self._node: Any = None
        self._node_id: str | None = None

    def heard(self, event: JobEvent, error: ExecutionError | None) -> None:
        """Begin and end spans by an event. `error` is what a failed job says of itself."""
        if isinstance(event, JobQueued):
            if self._whole is None:
                self._whole = self._begin("comfy.queue", {"comfy.queue.position": event.position})
        elif isinstance(event, JobStarted):
            self.end()
            self._whole = self._begin("comfy.run", {})
        elif isinstance(event, NodeStarted) and event.node_id != self._node_id:
            self._end_node()
            title, kind = self._nodes.get(event.node_id, (None, None))
            about = {"comfy.node.id": event.node_id, "comfy.node.type": kind, "comfy.node.title": title}
            parent = self._api.set_span_in_context(self._whole) if self._whole is not None else self._parent
            self._node_id, self._node = event.node_id, self._begin(f"comfy.node {kind or ''}".rstrip(), about, parent)
        elif isinstance(event, NodeFinished) and event.node_id == self._node_id:
            self._end_node()
        elif isinstance(event, NodesCached) and self._whole is not None:
            self._whole.set_attribute("comfy.nodes.cached", len(event.node_ids))
        elif (status := _ENDS.get(type(event))) is not None:
            self._over(status, error)

    def end(self) -> None:
        """End what is open: the job is over, or nobody waits for it any more."""
        self._end_node()
        if self._whole is not None:
            self._whole.end()
            self._whole = None

    def _over(self, status: str, error: ExecutionError | None) -> None:
        for open_span in (self._node, self._whole):
            if open_span is not None and status == "failed":
                kind = error.exception_type if error is not None else None
                _fail(self._api, open_span, kind or "JobFailedError", error)
        if self._whole is not None:
            self._whole.set_attribute("comfy.job.status", status)
        self.end()

    def _begin(self, name: str, attributes: Mapping[str, Any], parent: Any = None) -> Any:
        return _start(self._api, name, {**self._about, **attributes}, parent or self._parent)

    def _end_node(self) -> None:
        if self._node is not None:
            self._node.end()
        self._node = self._node_id = None


def job_spans(job_id: str, nodes: Nodes | None, submitted: Any) -> JobSpans | None:
    """Return the spans of a job that is waited for now; None where nobody traces.

    `submitted` is the context of the span in which it was submitted, if it was.
    """
    api = tracing()
    return None if api is None else JobSpans(api, job_id, nodes or {}, submitted)


def _start(api: Any, name: str, attributes: Mapping[str, Any], parent: Any = None) -> Any:
    told = {key: value for key, value in attributes.items() if value is not None}
    return api.get_tracer(logger.name, __version__).start_span(name, context=parent, attributes=told)


def _fail(api: Any, failed: Any, kind: str, error: object) -> None:
    failed.set_attribute("error.type", kind)
    # The text of any other exception is not ours, and may hold anything.
    ours = isinstance(error, ComfyCloudError) or not isinstance(error, BaseException)
    failed.set_status(api.StatusCode.ERROR, str(error) if ours and error is not None else None)
