"""What only the synchronous client has to settle: callables that would have to be awaited, and threads."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import ComfyCloud, ConfigurationError, JobStatus
from comfy_cloud._sync import outputs
from comfy_cloud.raw.api.job import get_queue_info
from comfy_cloud.testing import Emulator


def test_a_callable_that_would_have_to_be_awaited_is_refused_with_the_way_out(httpserver: HTTPServer) -> None:
    async def vault() -> str:
        return "key"

    refusal = pytest.raises(ConfigurationError, match="async callable was given to the sync client: use the async one")
    with ComfyCloud(vault, base_url=httpserver.url_for("")) as cloud, refusal:
        get_queue_info.sync(client=cloud.raw)
    assert httpserver.log == []


def test_an_asynchronous_client_cannot_be_handed_in() -> None:
    with pytest.raises(ConfigurationError, match=r"is a AsyncClient, not an httpx\.Client"):
        ComfyCloud("key", http_client=httpx.AsyncClient())  # type: ignore[arg-type]


def test_threads_share_one_client(httpserver: HTTPServer) -> None:
    httpserver.expect_request(re.compile(".*")).respond_with_json({"queue_running": []})
    with ComfyCloud("key", base_url=httpserver.url_for("")) as cloud, ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(get_queue_info.sync, client=cloud.raw) for _ in range(40)]
        assert all(call.result().to_dict() == {"queue_running": []} for call in calls)
    assert {request.headers["X-API-Key"] for request, _ in httpserver.log} == {"key"}


INTERRUPTED = """
import os, signal, sys
from comfy_cloud import ComfyCloud, JobStarted

def on_event(event):
    if isinstance(event, JobStarted):
        os.kill(os.getpid(), signal.SIGINT)

graph = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 600, "steps": 100}}}
with ComfyCloud(sys.argv[1], base_url=sys.argv[2]) as cloud:
    cloud.run(graph, on_event=on_event, cancel_on_exit=sys.argv[3] == "True")
"""


@pytest.mark.parametrize("cancel_on_exit", [False, True])
def test_ctrl_c_leaves_the_job_and_names_it_or_cancels_it(cancel_on_exit: bool) -> None:
    """In a real process: it ends at once, without threads that hang, and the job's id is on the screen."""
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        code = [sys.executable, "-W", "error", "-c", INTERRUPTED, server.api_key, server.url, str(cancel_on_exit)]
        done = subprocess.run(code, capture_output=True, text=True, check=False, timeout=60)
        (job,) = cloud.jobs.list()
        if cancel_on_exit:
            job.wait(30, check=False)
        assert (job.refresh().status is JobStatus.CANCELLED) is cancel_on_exit
    assert "KeyboardInterrupt" in done.stderr
    assert (f"cloud.job('{job.id}').wait()" in done.stderr) is not cancel_on_exit
    assert server.api_key not in done.stderr


def test_a_picture_shows_itself_in_a_notebook(httpserver: HTTPServer) -> None:
    """As the last line of a cell; the second time without fetching it again."""
    picture = b"\x89PNG\r\n\x1a\n" + bytes(1000)
    httpserver.expect_request("/api/view").respond_with_data(picture, content_type="image/png")
    with ComfyCloud("key", base_url=httpserver.url_for("")) as cloud:
        output = cloud.files.download("a.png")
        for _ in range(2):
            assert b64decode(output._repr_mimebundle_()["image/png"]) == picture
    assert len(httpserver.log) == 1


@pytest.mark.parametrize("trouble", ["too large", "gone", "no picture", "slow"])
def test_a_picture_that_cannot_be_shown_is_named(
    httpserver: HTTPServer, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Showing never fails and never hangs, nor does it fetch a film."""
    over = threading.Event()

    def answer(_: Request) -> Response:
        if trouble == "slow":
            over.wait(10)
        if trouble == "gone":
            return Response("", status=404)
        content = b"words" if trouble == "no picture" else b"\x89PNG\r\n\x1a\n" + bytes(6 << 20)
        return Response(content, content_type="image/png")

    httpserver.expect_request("/api/view").respond_with_handler(answer)
    if trouble == "slow":
        monkeypatch.setattr(outputs, "SHOWN_IMAGE_TIMEOUT", 0.05)
    with ComfyCloud("key", base_url=httpserver.url_for("")) as cloud:
        output = cloud.files.download("a.png")
        assert list(output._repr_mimebundle_()) == ["text/plain"]
        film = cloud.files.download("a.mp4")
        assert film._repr_mimebundle_() == {"text/plain": repr(film)}
    over.set()
    assert len(httpserver.log) <= 1
