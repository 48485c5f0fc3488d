"""Provide the fixtures: a running emulator for each dialect, an HTTP client for it, and shorthands for workflows."""

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
        response = self.post("/api/prompt", {"prompt": workflow, **body})
        assert response.status_code == 200, response.text
        job_id: str = response.json()["prompt_id"]
        return job_id

    def run(self, workflow: dict[str, Any], **body: Any) -> str:
        """Submit with a client_id, wait for the end, and return the job's id."""
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
        """Run a workflow and return the first image of a node."""
        entry = self.outputs(self.run(workflow))[node]["images"][0]
        return Image.open(io.BytesIO(self.fetch(entry)))

    def fetch(self, entry: dict[str, str]) -> bytes:
        """Return the bytes of an output entry. Follow a redirect without the key."""
        query = {"filename": entry["filename"], "subfolder": entry["subfolder"], "type": entry["type"]}
        response = self.http.get("/api/view", params=query)
        if response.status_code == 302:
            response = httpx.get(response.headers["location"], verify=TLS)
        assert response.status_code == 200
        return response.content

    def upload(self, image: Image.Image | bytes, name: str = "in.png", **fields: str) -> httpx.Response:
        content = image if isinstance(image, bytes) else png(image)
        return self.http.post("/api/upload/image", files={"image": (name, content, "image/png")}, data=fields)


def refusal(response: httpx.Response) -> dict[str, Any]:
    """Return `code` and `message` of a refusal by a cloud. The newer cloud wraps them in `error`."""
    body = response.json()
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
    """Provide each cloud in turn."""
    yield from serve(dialect=request.param)


@pytest.fixture(params=["comfyui", "comfyui-old"])
def comfyui(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Provide each ComfyUI in turn."""
    yield from serve(dialect=request.param)


@pytest.fixture(params=["cloud", "cloud-next", "comfyui", "comfyui-old"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Provide each dialect in turn, for behaviour that all servers share."""
    yield from serve(dialect=request.param)
