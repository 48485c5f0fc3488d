# Derived from tests/_async/test_lists.py by scripts/unasync.py: do not edit. Rebuild with: make derive
"""Lists: lazy, across pages, by cursor and by offset, filtered by time. Jobs, assets, tags and history alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import ComfyCloud, ConfigurationError, JobError, JobStatus, NotSupportedError
from comfy_cloud import _constants as constants
from comfy_cloud._core import pages
from comfy_cloud.testing import Emulator

from .conftest import connect

pytestmark = pytest.mark.anyio

TEXT = {"1": {"class_type": "EmulatorText", "inputs": {"text": "hello"}}}
EVERY = ["cloud", "cloud-next", "comfyui", "comfyui-old"]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(params=["cloud"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with Emulator(dialect=request.param) as emulator:
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with connect(server.url, server.api_key, live=False) as client:
        yield client


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two items a page, so that a few items are many pages."""
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)


def collect(items: Any) -> list[Any]:
    return [item for item in items]


def run(cloud: ComfyCloud, server: Emulator, times: int) -> list[str]:
    """Ids of finished jobs, newest first."""
    ids = []
    for number in range(times):
        job = cloud.submit({"1": {"class_type": "EmulatorText", "inputs": {"text": str(number)}}})
        server.wait_for(job.id)
        ids.append(job.id)
    return ids[::-1]


def test_pages_are_no_larger_than_the_contract_allows() -> None:
    assert constants.PAGE_SIZE <= 500


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("server", ["cloud", "cloud-next", "comfyui"], indirect=True)
def test_jobs_come_across_pages_as_handles(cloud: ComfyCloud, server: Emulator) -> None:
    """A user goes through all jobs with one loop."""
    ids = run(cloud, server, 5)
    jobs = collect(cloud.jobs.list())
    assert [job.id for job in jobs] == ids
    assert {job.status for job in jobs} == {JobStatus.COMPLETED}
    for job in jobs:
        assert job.created_at is not None
        assert timedelta(0) <= datetime.now(UTC) - job.created_at < timedelta(minutes=1)


def test_a_listed_job_has_no_outputs_until_it_is_asked_for(cloud: ComfyCloud, server: Emulator) -> None:
    """A list leaves them out; an empty sequence would say that the job made nothing."""
    run(cloud, server, 1)
    (job,) = collect(cloud.jobs.list())
    with pytest.raises(JobError, match="refresh"):
        _ = job.outputs
    assert (job.refresh()).outputs[0].text == "0"


def test_a_listed_job_has_the_outputs_that_the_list_has(httpserver: HTTPServer) -> None:
    """Some servers list them whole; one output as a preview of them is not all."""
    outputs = {"3": {"text": ["hello"]}}
    preview = {"preview_output": {"filename": "a.png", "nodeId": "3", "mediaType": "images"}, "outputs_count": 1}
    items = [{"id": "a", "status": "completed", "outputs": outputs}, {"id": "b", "status": "failed", **preview}]
    listed(httpserver, [{"jobs": items}])
    with connect(httpserver.url_for("")) as cloud:
        whole, part = collect(cloud.jobs.list())
    assert (whole.status, [output.text for output in whole.outputs]) == (JobStatus.COMPLETED, ["hello"])
    assert part.status is JobStatus.FAILED
    with pytest.raises(JobError, match="refresh"):
        _ = part.outputs


@pytest.mark.usefixtures("small_pages")
def test_nothing_is_asked_before_it_is_needed(cloud: ComfyCloud, server: Emulator) -> None:
    """Who wants the newest job does not wait for thousands."""
    run(cloud, server, 5)
    asked = server.journal
    jobs = cloud.jobs.list()
    assert len(asked.of("listJobs")) == 0
    taken = []
    for job in jobs:
        taken.append(job)
        if len(taken) == 2:
            break
    assert len(asked.of("listJobs")) == 1
    assert len(collect(cloud.jobs.list(limit=2))) == 2
    assert len(asked.of("listJobs")) == 2
    assert len(collect(cloud.jobs.list(limit=3))) == 3
    assert len(collect(cloud.jobs.list(limit=0))) == 0
    assert len(asked.of("listJobs")) == 4


def test_jobs_are_filtered_by_status(cloud: ComfyCloud, server: Emulator) -> None:
    (done,) = run(cloud, server, 1)
    server.pause()
    waiting = cloud.submit(TEXT)
    for status, expected in [
        ("pending", [waiting.id]),
        (JobStatus.COMPLETED, [done]),
        (["completed", JobStatus.PENDING], [waiting.id, done]),
        ("failed", []),
    ]:
        assert [job.id for job in collect(cloud.jobs.list(status=status))] == expected


@pytest.mark.parametrize("server", ["cloud", "comfyui"], indirect=True)
def test_the_contracts_sort_words_work_on_a_comfyui(cloud: ComfyCloud, server: Emulator) -> None:
    """It calls them otherwise and refuses the contract's."""
    ids = run(cloud, server, 3)
    jobs = collect(cloud.jobs.list(sort_by="create_time", sort_order="asc"))
    assert [job.id for job in jobs] == ids[::-1]
    assert {job.id for job in collect(cloud.jobs.list(sort_by="execution_time"))} == set(ids)
    with pytest.raises(ValueError, match="sort_by must be one of create_time"):
        cloud.jobs.list(sort_by="beauty")  # type: ignore[arg-type]


@pytest.mark.parametrize("server", ["cloud", "cloud-next", "comfyui"], indirect=True)
def test_jobs_are_filtered_by_time(cloud: ComfyCloud, server: Emulator) -> None:
    before = datetime.now(UTC)
    ids = run(cloud, server, 2)
    assert [job.id for job in collect(cloud.jobs.list(created_after=before))] == ids
    assert [job.id for job in collect(cloud.jobs.list(created_after="1 January 2020"))] == ids
    assert collect(cloud.jobs.list(created_after=before + timedelta(hours=1))) == []
    assert collect(cloud.jobs.list(created_before=before - timedelta(hours=1))) == []


def test_an_unreadable_time_is_told_at_once(cloud: ComfyCloud, server: Emulator) -> None:
    with pytest.raises(ConfigurationError, match="created_after='soon'"):
        cloud.jobs.list(created_after="soon")
    with pytest.raises(ConfigurationError, match="created_before='late'"):
        cloud.assets.list(created_before="late")
    assert len(server.journal) == 0


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("server", ["cloud", "cloud-next", "comfyui"], indirect=True)
def test_assets_come_across_pages(cloud: ComfyCloud, server: Emulator) -> None:
    """By offset and by cursor, with a total of 0, too."""
    names = [f"{number}.bin" for number in range(5)]
    for name in names:
        cloud.assets.upload(name.encode(), name=name, tags=["input", "mine"])
    found = collect(cloud.assets.list(include_tags="mine", sort="name", order="asc"))
    assert [asset.name for asset in found] == names
    assert len(server.journal.of("listAssets")) == 3
    assert len(collect(cloud.assets.list(include_tags=["mine", "input"], limit=3))) == 3
    recent = collect(cloud.assets.list(include_tags="mine", created_after=datetime.now(UTC) - timedelta(hours=1)))
    assert [asset.name for asset in recent] == names[::-1]
    assert collect(cloud.assets.list(include_tags="mine", created_before="2020")) == []


@pytest.mark.usefixtures("small_pages")
def test_tags_come_across_pages(cloud: ComfyCloud) -> None:
    tags = ["input", *(f"tag-{number}" for number in range(4))]
    cloud.assets.upload(b"content", tags=tags)
    assert [tag.name for tag in collect(cloud.assets.tags(order="name_asc", include_public=False))] == tags
    assert len(collect(cloud.assets.tags(prefix="tag-", limit=3))) == 3


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("server", EVERY, indirect=True)
def test_history_comes_newest_first_on_every_server(cloud: ComfyCloud, server: Emulator) -> None:
    ids = run(cloud, server, 5)
    for _ in range(2):
        assert [entry.prompt_id for entry in collect(cloud.history.list())] == ids
    assert [entry.prompt_id for entry in collect(cloud.history.list(limit=2))] == ids[:2]
    assert collect(cloud.history.list(limit=0)) == []
    assert len(server.journal.of("getHistory")) <= (1 if server.dialect.startswith("comfyui") else 9)


@pytest.mark.parametrize("server", ["comfyui-old"], indirect=True)
def test_a_server_without_the_list_says_so(cloud: ComfyCloud) -> None:
    for items, operation in [
        (cloud.jobs.list(), "listJobs"),
        (cloud.assets.list(), "listAssets"),
        (cloud.assets.tags(), "listTags"),
    ]:
        with pytest.raises(NotSupportedError, match=operation):
            collect(items)


def listed(httpserver: HTTPServer, pages: list[Any]) -> list[dict[str, str]]:
    """Serve these pages of jobs in turn; returns the queries that came for them."""
    queries: list[dict[str, str]] = []

    def answer(request: Request) -> Response:
        queries.append(dict(request.args))
        return Response(json.dumps(pages[min(len(queries), len(pages)) - 1]), content_type="application/json")

    httpserver.expect_request("/api/jobs").respond_with_handler(answer)
    return queries


def milliseconds(minutes: float) -> int:
    return int((NOON + timedelta(minutes=minutes)).timestamp() * 1000)


def page(*minutes: float, **more: Any) -> dict[str, Any]:
    """Jobs that were made so many minutes after noon."""
    jobs = [{"id": f"job {minute}", "status": "completed", "create_time": milliseconds(minute)} for minute in minutes]
    return {"jobs": jobs, "pagination": {"has_more": True, **more}}


def test_an_old_job_ends_the_pages_where_we_asked_for_the_newest_first(httpserver: HTTPServer) -> None:
    """Who asks for the last hour does not wait for the last year."""
    queries = listed(httpserver, [page(3, 2), page(1, -1), page(-2, -3)])
    with connect(httpserver.url_for("")) as cloud:
        jobs = collect(cloud.jobs.list(created_after=NOON))
    assert [job.id for job in jobs] == ["job 3", "job 2", "job 1"]
    assert len(queries) == 2
    assert queries[0]["sort_by"] == "create_time"
    assert queries[0]["sort_order"] == "desc"


@pytest.mark.parametrize(
    "order", [{"sort_by": "execution_time"}, {"sort_order": "asc"}, {"sort_by": "create_time", "sort_order": "asc"}]
)
def test_an_old_job_ends_nothing_in_another_order(httpserver: HTTPServer, order: dict[str, str]) -> None:
    """Newer ones may follow."""
    queries = listed(httpserver, [page(-3, -2), page(-1, 1), page(has_more=False)])
    with connect(httpserver.url_for("")) as cloud:
        jobs = collect(cloud.jobs.list(created_after=NOON, **order))
    assert [job.id for job in jobs] == ["job 1"]
    assert [{name: query.get(name) for name in order} for query in queries] == [order] * 3


def test_only_what_was_asked_is_sent(httpserver: HTTPServer) -> None:
    """A sort word that nobody asked for is refused by a ComfyUI."""
    queries = listed(httpserver, [page(has_more=False)])
    with connect(httpserver.url_for("")) as cloud:
        collect(cloud.jobs.list(limit=7))
    assert queries == [{"limit": "7"}]


@pytest.mark.parametrize("body", [None, [], {}, {"jobs": None}, "text", {"jobs": [None, 3]}])
def test_a_list_that_is_none_is_empty(httpserver: HTTPServer, body: Any) -> None:
    listed(httpserver, [body])
    with connect(httpserver.url_for("")) as cloud:
        assert collect(cloud.jobs.list()) == []


def test_a_server_that_repeats_itself_is_left(httpserver: HTTPServer) -> None:
    """It ignores the offset and says for ever that there is more."""
    queries = listed(httpserver, [page(2, 1)])
    with connect(httpserver.url_for("")) as cloud:
        assert len(collect(cloud.jobs.list())) == 2
    assert len(queries) == 2
