"""Spans as whoever operates a service reads them: where the time of a job went, and why it failed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from PIL import Image

from comfy_cloud import AsyncComfyCloud, ComfyCloud, JobFailedError, JobQueued, JobStarted, NotFoundError
from comfy_cloud.testing import Emulator

Spans = Callable[[], dict[str, ReadableSpan]]


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> TracerProvider:
    """The provider of this program. OpenTelemetry lets a process set it once, and other tests set none."""
    made = TracerProvider(shutdown_on_exit=False)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: made)
    return made


@pytest.fixture
def spans(provider: TracerProvider) -> Spans:
    """The spans that have ended since, by name; two of one name are told apart by a number."""
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    def ended() -> dict[str, ReadableSpan]:
        named: dict[str, ReadableSpan] = {}
        for span in exporter.get_finished_spans():
            named[span.name if span.name not in named else f"{span.name} {len(named)}"] = span
        exporter.clear()
        return named

    return ended


def parents(named: dict[str, ReadableSpan]) -> dict[str, str | None]:
    """The name of the span that each span is a part of."""
    names = {span.context.span_id: name for name, span in named.items() if span.context}
    return {name: names.get(span.parent.span_id) if span.parent else None for name, span in named.items()}


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def blend(folder: Path) -> dict[str, Any]:
    """A workflow with a file to upload and a file to download."""
    picture = folder / "picture.png"
    Image.new("RGB", (8, 6), "red").save(picture)
    return {
        "1": {**node("LoadImage", image=picture), "_meta": {"title": "Picture"}},
        "2": node("ImageInvert", image=["1", 0]),
        "3": node("SaveImage", images=["2", 0], filename_prefix="x"),
    }


FAILS = {"7": node("EmulatorFail", message="no memory", exception_type="OOMError")}
RUN = {
    "comfy.job": None,
    "comfy.submit": "comfy.job",
    "comfy.upload": "comfy.submit",
    "comfy.run": "comfy.job",
    "comfy.node LoadImage": "comfy.run",
    "comfy.node ImageInvert": "comfy.run",
    "comfy.node SaveImage": "comfy.run",
    "comfy.download": None,
}


def check_run(named: dict[str, ReadableSpan], job_id: str) -> None:
    named.pop("comfy.queue", None)  # a job that starts at once was not seen waiting
    assert parents(named) == RUN
    assert {name: (span.attributes or {}).get("comfy.job.id") for name, span in named.items()} == {
        name: None if name == "comfy.upload" else job_id for name in RUN
    }
    assert dict(named["comfy.node LoadImage"].attributes or {}) == {
        "comfy.job.id": job_id,
        "comfy.node.id": "1",
        "comfy.node.type": "LoadImage",
        "comfy.node.title": "Picture",
    }
    assert (named["comfy.run"].attributes or {})["comfy.job.status"] == "completed"
    assert (named["comfy.upload"].attributes or {})["file.name"] == "picture.png"
    assert (named["comfy.download"].attributes or {})["file.size"] > 50  # type: ignore[operator]
    assert {span.status.status_code for span in named.values()} == {trace.StatusCode.UNSET}


def test_a_job_is_a_trace_from_the_upload_to_the_last_node(spans: Spans, tmp_path: Path) -> None:
    """Whoever looks for the time of a slow request finds the node that took it."""
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        job = cloud.run(blend(tmp_path))
        job.outputs.save(tmp_path / "out")
    check_run(spans(), job.id)


def test_an_async_job_is_the_same_trace(spans: Spans, tmp_path: Path) -> None:
    async def run(server: Emulator) -> str:
        async with AsyncComfyCloud(server.api_key, base_url=server.url) as cloud:
            job = await cloud.run(blend(tmp_path))
            await job.outputs.save(tmp_path / "out")
            return job.id

    with Emulator() as server:
        job_id = asyncio.run(run(server))
    check_run(spans(), job_id)


def test_a_later_wait_continues_the_trace_of_the_submit(spans: Spans) -> None:
    """A job that is submitted here and waited for there is still one trace, with its time in the queue."""
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        server.pause()
        job = cloud.submit({"1": node("EmulatorSleep", seconds=600, steps=1000)})
        for event in job.events():
            if isinstance(event, JobQueued):
                server.resume()
            elif isinstance(event, JobStarted):
                job.cancel()
    named = spans()
    assert {name: parent for name, parent in parents(named).items() if "node" not in name} == {
        "comfy.submit": None,
        "comfy.queue": "comfy.submit",
        "comfy.run": "comfy.submit",
    }
    queue, run = named["comfy.queue"], named["comfy.run"]
    assert queue.end_time is not None
    assert run.start_time is not None
    assert queue.end_time <= run.start_time
    assert (queue.attributes or {})["comfy.queue.position"] == 1
    assert (run.attributes or {})["comfy.job.status"] == "cancelled"
    assert run.status.is_unset


def test_the_spans_of_a_job_are_parts_of_the_callers_own(spans: Spans, provider: TracerProvider) -> None:
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        server.pause()
        job = cloud.submit({"1": node("EmulatorText", text="hello")})
        spans()
        with provider.get_tracer("mine").start_as_current_span("request"):
            job.wait(on_event=lambda event: server.resume())
    assert parents(spans())["comfy.queue"] == "request"


def test_a_failed_job_says_so_where_it_failed(spans: Spans) -> None:
    """An alert on spans with errors shows the reason, not only that there was one."""
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud, pytest.raises(JobFailedError):
        cloud.run(FAILS)
    named = spans()
    for name, kind in {
        "comfy.run": "OOMError",
        "comfy.node EmulatorFail": "OOMError",
        "comfy.job": "JobFailedError",
    }.items():
        assert named[name].status.status_code is trace.StatusCode.ERROR
        assert "no memory" in (named[name].status.description or "")
        assert (named[name].attributes or {})["error.type"] == kind
    assert named["comfy.submit"].status.is_ok


def test_what_a_callers_function_raises_is_named_and_not_quoted(spans: Spans) -> None:
    """The text of an exception of another program may hold anything."""

    def refuse(event: object) -> None:
        raise LookupError("their secret")

    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud, pytest.raises(LookupError):
        cloud.run(FAILS, on_event=refuse)
    job = spans()["comfy.job"]
    assert (job.attributes or {})["error.type"] == "LookupError"
    assert job.status.description is None


def test_a_download_that_fails_is_an_error_and_one_that_is_left_is_none(spans: Spans, tmp_path: Path) -> None:
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url, retry=None) as cloud:
        image = cloud.run(blend(tmp_path)).outputs[0]
        spans()
        for _ in image.iter_bytes():
            break
        assert spans()["comfy.download"].status.is_ok
        with pytest.raises(Exception, match="none") as failed:
            cloud.files.download("none.png").read()
    assert isinstance(failed.value.__cause__, NotFoundError)
    assert spans()["comfy.download"].status.status_code is trace.StatusCode.ERROR


def test_each_row_of_a_batch_has_its_submit(spans: Spans, tmp_path: Path) -> None:
    with (
        Emulator() as server,
        ComfyCloud(server.api_key, base_url=server.url) as cloud,
        cloud.batch(tmp_path / "batch") as batch,
    ):
        batch.add([(name, {"1": node("EmulatorText", text=name)}) for name in "ab"])
        done = {item.job_id for item in batch.run()}
    named = [span for name, span in spans().items() if name.startswith("comfy.submit")]
    assert {(span.attributes or {})["comfy.job.id"] for span in named} == done


def test_without_a_provider_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that only has OpenTelemetry installed pays for no span."""
    monkeypatch.setattr(trace, "get_tracer", lambda *_: pytest.fail("a tracer was asked for"))
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        assert cloud.run({"1": node("EmulatorText", text="hello")}).outputs[0].text == "hello"
    monkeypatch.delitem(sys.modules, "opentelemetry.trace")
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        cloud.run({"1": node("EmulatorText", text="hello")})
    assert "opentelemetry.trace" not in sys.modules
