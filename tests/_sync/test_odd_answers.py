# Derived from tests/_async/test_odd_answers.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Every method on answers that no contract allows: empty, null, of another shape, with values in the wrong places.

What cannot be used is an error of ours or an empty result; it is never a crash in the middle of somebody's program.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import ComfyCloud, ComfyCloudError, Workflow
from comfy_cloud._core.operations import OFF_CONTRACT, OPERATIONS
from comfy_cloud._core.watch import Timing

pytestmark = pytest.mark.anyio

ID = "0bd5a3e8-3a52-4f4a-9a41-3c7e7e4c9a10"
HASH = "blake3:" + "0" * 64
GRAPH = {"1": {"class_type": "A", "inputs": {"i": b"content"}}}
QUICK = Timing(poll_first=0.001, poll_longest=0.002, unknown_grace=0, outputs_grace=0.002, submit_lookup=0.001)

BODIES = [
    "",
    "null",
    "[]",
    "{}",
    '"text"',
    "42",
    "[null, 1, [], {}]",
    '{"id": null, "status": null, "outputs": null, "create_time": {}, "execution_error": []}',
    '{"status": "completed", "outputs": {"1": null, "2": [[1]], "3": {"images": {"filename": 5}}}}',
    '{"jobs": {}, "assets": null, "tags": 4, "history": [{}, null], "pagination": [], "has_more": true}',
    '{"jobs": [null, {}, {"id": 5}], "assets": [{"id": 4, "tags": "x", "created_at": {}}], "tags": [{"name": 1}]}',
    '{"queue_running": {}, "queue_pending": [null, [], [1], [1, "a"], {"x": 1}], "exec_info": []}',
    '{"name": [], "prompt_id": 4, "task_id": "t", "error": [], "asset": 3, "progress": "half"}',
    '{"error": "refused", "node_errors": [], "detail": {}, "system": null, "devices": {}, "data": 1}',
]

# As a user calls them; what comes is looked at, as far as it can be.
CALLS: dict[str, Callable[[ComfyCloud], Any]] = {
    "account": lambda cloud: cloud.account(),
    "jobs.list": lambda cloud: cloud.jobs.list(created_after="2020-01-01", limit=5),
    "jobs.get": lambda cloud: cloud.jobs.get(ID),
    "jobs.status": lambda cloud: cloud.jobs.status(ID),
    "queue.get": lambda cloud: cloud.queue.get(),
    "queue.cancel": lambda cloud: cloud.queue.cancel([ID]),
    "queue.clear": lambda cloud: cloud.queue.clear(),
    "queue.remaining": lambda cloud: cloud.queue.remaining(),
    "queue.interrupt_all": lambda cloud: cloud.queue.interrupt_all(),
    "history.list": lambda cloud: cloud.history.list(limit=4),
    "history.get": lambda cloud: cloud.history.get(ID),
    "history.delete": lambda cloud: cloud.history.delete(ID),
    "history.clear": lambda cloud: cloud.history.clear(),
    "assets.list": lambda cloud: cloud.assets.list(limit=4),
    "assets.get": lambda cloud: cloud.assets.get(ID),
    "assets.upload": lambda cloud: cloud.assets.upload(b"content"),
    "assets.create_from_hash": lambda cloud: cloud.assets.create_from_hash(HASH),
    "assets.exists": lambda cloud: cloud.assets.exists(HASH),
    "assets.update": lambda cloud: cloud.assets.update(ID, name="x"),
    "assets.delete": lambda cloud: cloud.assets.delete(ID),
    "assets.add_tags": lambda cloud: cloud.assets.add_tags(ID, "x"),
    "assets.remove_tags": lambda cloud: cloud.assets.remove_tags(ID, "x"),
    "assets.tags": lambda cloud: cloud.assets.tags(limit=3),
    "assets.tag_histogram": lambda cloud: cloud.assets.tag_histogram(),
    "assets.remote_metadata": lambda cloud: cloud.assets.remote_metadata("https://host/x"),
    "assets.import_url": lambda cloud: cloud.assets.import_url("https://host/x"),
    "files.upload_image": lambda cloud: cloud.files.upload_image(b"content"),
    "files.upload_mask": lambda cloud: cloud.files.upload_mask(b"content", "a.png"),
    "files.mask_layers": lambda cloud: cloud.files.mask_layers("a.png"),
    "files.download": lambda cloud: cloud.files.download("a.png").read(),
    "models.folders": lambda cloud: cloud.models.folders(),
    "models.list": lambda cloud: cloud.models.list("loras"),
    "models.preview": lambda cloud: cloud.models.preview("loras", "a"),
    "nodes.info": lambda cloud: cloud.nodes.info(),
    "userdata.list": lambda cloud: cloud.userdata.list(),
    "userdata.read": lambda cloud: cloud.userdata.read("a"),
    "userdata.write": lambda cloud: cloud.userdata.write("a", b""),
    "userdata.delete": lambda cloud: cloud.userdata.delete("a"),
    "workflows.templates": lambda cloud: cloud.workflows.templates(),
    "workflows.subgraphs": lambda cloud: cloud.workflows.subgraphs(),
    "workflows.subgraph": lambda cloud: cloud.workflows.subgraph("a"),
    "system.stats": lambda cloud: cloud.system.stats(),
    "system.features": lambda cloud: cloud.system.features(),
    "submit": lambda cloud: cloud.submit(GRAPH),
    "job.refresh": lambda cloud: cloud.job(ID).refresh(),
    "job.wait": lambda cloud: cloud.job(ID).wait(0.01),
    "job.cancel": lambda cloud: cloud.job(ID).cancel(),
}


def test_every_method_is_called() -> None:
    """What is new is tried, too."""
    rows = [*OPERATIONS.values(), *OFF_CONTRACT.values()]
    methods = {method for row in rows for method in row.method.split(", ")}
    assert methods <= set(CALLS)


def result_of(call: Any) -> Any:
    """What a call gives: a list, where it is lazy."""
    if isinstance(call, Iterator):
        return [item for item in call]
    return call


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_no_answer_is_a_crash(httpserver: HTTPServer, number: int) -> None:
    body, is_cloud = BODIES[number], number % 2 == 0  # where the two differ, each meets the half of the shapes
    httpserver.expect_request(re.compile(".*")).respond_with_handler(answering(body))
    with ComfyCloud("key", base_url=httpserver.url_for(""), live=False, retry=None) as cloud:
        cloud._connection.timing = QUICK
        cloud._connection.is_cloud = is_cloud
        for name, call in CALLS.items():
            try:
                found = result_of(call(cloud))
                repr(found)
                for attribute in ("status", "outputs", "error", "created_at", "progress", "asset"):
                    repr(getattr(found, attribute, None))
                if name == "nodes.info":
                    Workflow(GRAPH).check(found or {})
            except ComfyCloudError as error:
                assert str(error), name  # noqa: PT017 - which of ours it is differs by body
            except TypeError as error:
                assert str(error).startswith("node_info must be what nodes.info() returns"), name  # noqa: PT017


def answering(body: str) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        request.get_data()
        return Response(body, content_type="application/json")

    return answer


def test_a_job_without_an_id_is_not_listed(httpserver: HTTPServer) -> None:
    """Its handle could ask for nothing."""
    answer = answering('{"jobs": [{}, {"id": null}, {"id": "a", "status": "completed"}], "has_more": false}')
    httpserver.expect_request("/api/jobs").respond_with_handler(answer)
    with ComfyCloud("key", base_url=httpserver.url_for("")) as cloud:
        assert [job.id for job in result_of(cloud.jobs.list())] == ["a"]


def test_what_a_submit_was_not_told_is_no_warning(httpserver: HTTPServer) -> None:
    """Only what the server dropped is."""
    httpserver.expect_request("/api/prompt").respond_with_json({"prompt_id": "a", "node_errors": None, "error": None})
    with ComfyCloud("key", base_url=httpserver.url_for(""), live=False) as cloud:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            job = cloud.submit({"1": {"class_type": "A", "inputs": {}}})
    assert job.node_errors == {}
