"""Fixtures: a running emulator per dialect with an HTTP client on it, and the workflows that the tests run."""

import io
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image

from comfy_cloud.testing import Emulator

TLS = ssl.create_default_context()  # made once: it costs more than an emulator does


class Server:
    """An emulator, a client that sends its key, and shorthands for what nearly every test does."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        headers = {"X-API-Key": emulator.api_key}
        self.http = httpx.Client(base_url=emulator.url, headers=headers, timeout=10, verify=TLS)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.http.post(path, json=body, headers=headers)

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.http.get(path, params=query)

    def submit(self, workflow: dict[str, Any], **body: Any) -> str:
        answer = self.post("/api/prompt", {"prompt": workflow, **body})
        assert answer.status_code == 200, answer.text
        job_id: str = answer.json()["prompt_id"]
        return job_id

    def run(self, workflow: dict[str, Any], **body: Any) -> str:
        """Submit with a client_id, wait for the end, return the job's id."""
        job_id = self.submit(workflow, **{"client_id": "tests", **body})
        self.emulator.wait_for(job_id)
        return job_id

    def outputs(self, job_id: str) -> dict[str, Any]:
        if "cloud" in self.emulator.dialect:
            found: dict[str, Any] = self.get(f"/api/jobs/{job_id}").json()["outputs"]
        else:
            found = self.get(f"/api/history/{job_id}").json()[job_id]["outputs"]
        return found

    def image(self, workflow: dict[str, Any], node: str = "9") -> Image.Image:
        """Run a workflow and fetch the first image that a node gives."""
        entry = self.outputs(self.run(workflow))[node]["images"][0]
        return Image.open(io.BytesIO(self.fetch(entry)))

    def fetch(self, entry: dict[str, str]) -> bytes:
        """The bytes of an entry among the outputs; a redirect is followed without the key."""
        query = {"filename": entry["filename"], "subfolder": entry["subfolder"], "type": entry["type"]}
        answer = self.http.get("/api/view", params=query)
        if answer.status_code == 302:
            answer = httpx.get(answer.headers["location"], verify=TLS)
        assert answer.status_code == 200
        return answer.content

    def upload(self, image: Image.Image | bytes, name: str = "in.png", **fields: str) -> httpx.Response:
        content = image if isinstance(image, bytes) else png(image)
        return self.http.post("/api/upload/image", files={"image": (name, content, "image/png")}, data=fields)


def refusal(answer: httpx.Response) -> dict[str, Any]:
    """`code` and `message` of a refusal by a cloud: the newer one wraps them up."""
    body = answer.json()
    found: dict[str, Any] = body["error"] if set(body) == {"error"} else body
    assert set(found) == {"code", "message"}
    return found


def png(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


def node(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


def serve(**options: Any) -> Iterator[Server]:
    with Emulator(**options) as emulator:
        server = Server(emulator)
        with server.http:
            yield server


@pytest.fixture
def cloud() -> Iterator[Server]:
    yield from serve(dialect="cloud")


@pytest.fixture
def old() -> Iterator[Server]:
    yield from serve(dialect="comfyui-old")


@pytest.fixture
def new() -> Iterator[Server]:
    yield from serve(dialect="comfyui")


@pytest.fixture(params=["cloud", "cloud-next"])
def account(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each cloud in turn."""
    yield from serve(dialect=request.param)


@pytest.fixture(params=["comfyui", "comfyui-old"])
def comfyui(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each ComfyUI in turn."""
    yield from serve(dialect=request.param)


@pytest.fixture(params=["cloud", "cloud-next", "comfyui", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each dialect in turn, for what all servers have in common."""
    yield from serve(dialect=request.param)
