"""comfy-api-simplified, a client of ComfyUI's own routes, does with the emulator what it does with ComfyUI.

Its users who test against the emulator lose, with each of these, a call that works on their ComfyUI.
"""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from comfy_api_simplified import ComfyApiWrapper, ComfyWorkflowWrapper
from comfy_api_simplified.exceptions import ComfyApiError
from PIL import Image

from comfy_cloud.testing import Emulator

from .conftest import failing, inverting, is_inverse, node, refused, while_listening

SLEEPING = {"5": node("Sleep", "EmulatorSleep", seconds=3600.0)}


@pytest.fixture
def api(emulator: Emulator) -> ComfyApiWrapper:
    return ComfyApiWrapper(emulator.url)


@pytest.fixture
def workflow(api: ComfyApiWrapper, picture: Path) -> ComfyWorkflowWrapper:
    """The inverting workflow on an uploaded picture."""
    stored = api.upload_image(picture, subfolder="mine")
    assert {name: stored[name] for name in ("name", "subfolder", "type")} == {
        "name": "picture.png",
        "subfolder": "mine",
        "type": "input",
    }
    found = ComfyWorkflowWrapper(inverting())
    found.set_node_param("Load Image", "image", f"{stored['subfolder']}/{stored['name']}")
    return found


def test_a_job_is_followed_over_the_socket_and_its_images_fetched(
    emulator: Emulator, api: ComfyApiWrapper, workflow: ComfyWorkflowWrapper, picture: Path
) -> None:
    images = while_listening(emulator, api.queue_and_wait_images, workflow, "Save Image")
    assert list(images) == ["peers_00001_.png"]
    assert is_inverse(images["peers_00001_.png"], picture)
    assert len(emulator.journal.of("executePrompt")) == 1


def test_a_job_that_is_over_before_the_socket_is_open(
    api: ComfyApiWrapper, workflow: ComfyWorkflowWrapper, picture: Path
) -> None:
    """It submits first and connects then: the first status tells that nothing is left to wait for."""
    images = api.queue_and_wait_images(workflow, "Save Image")
    assert [is_inverse(content, picture) for content in images.values()] == [True]


def test_images_come_over_the_socket(emulator: Emulator, api: ComfyApiWrapper) -> None:
    red = node("Red", "EmptyImage", width=4, height=2, batch_size=2, color=0xFF0000)
    sending = {"1": red, "2": node("Send", "SaveImageWebsocket", images=["1", 0])}
    images = while_listening(emulator, api.queue_and_wait_images, sending, "Send")
    assert list(images) == ["0", "1"]
    for content in images.values():
        with Image.open(io.BytesIO(content)) as image:
            assert (image.format, image.size, image.getpixel((3, 1))) == ("PNG", (4, 2), (255, 0, 0))


def test_a_job_that_fails(emulator: Emulator, api: ComfyApiWrapper) -> None:
    with pytest.raises(ComfyApiError, match="Execution error occurred"):
        while_listening(emulator, api.queue_and_wait_images, failing(), "Fail")


def test_a_refused_workflow(api: ComfyApiWrapper) -> None:
    with pytest.raises(ComfyApiError, match="status code 400"):
        api.queue_prompt(refused())


def test_a_place_in_the_queue_and_an_interrupt(emulator: Emulator, api: ComfyApiWrapper) -> None:
    running, first, second = (api.queue_prompt(SLEEPING)["prompt_id"] for _ in range(3))
    emulator.wait_for(running, "in_progress")
    assert [api.get_queue_size_before(job_id) for job_id in (running, first, second)] == [0, 1, 2]
    api.interrupt()
    assert emulator.wait_for(running) == "cancelled"
    assert api.get_history(running)[running]["status"]["completed"] is False
    with pytest.raises(ValueError, match="not in the queue"):
        api.get_queue_size_before(running)


def test_what_the_server_has(api: ComfyApiWrapper) -> None:
    assert {"LoadImage", "SaveImage"} <= api.get_object_info().keys()
    assert list(api.get_object_info("LoadImage")) == ["LoadImage"]
    assert api.get_system_stats()["devices"]
    assert all(isinstance(name, str) for name in api.get_embeddings())
