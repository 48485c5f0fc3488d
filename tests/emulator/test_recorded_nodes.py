"""Test workflows of people's own: node definitions of another server, and stand-ins for what cannot be executed."""

import io
import json
import struct
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from comfy_cloud import ComfyCloud, Workflow, events
from comfy_cloud.testing import Emulator, Gateway

from .conftest import Server, node, png, serve
from .live import live
from .recorded import NODE_INFO, text_to_image


@pytest.fixture
def own() -> Iterator[Server]:
    """Provide a cloud that has the node classes of `recorded`."""
    yield from serve(node_info=NODE_INFO)


def after_pictures(*last: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Return a workflow that makes pictures and ends with these nodes, the first of which is node 20."""
    graph = text_to_image(**options)
    del graph["9"]
    return graph | {str(20 + number): item for number, item in enumerate(last)}


def file_of(server: Server, graph: dict[str, Any], node_id: str, kind: str) -> tuple[str, bytes]:
    """Run a workflow. Return the extension and the content of the only file of a node."""
    job_id = server.run(graph)
    (entry,) = server.outputs(job_id)[node_id][kind]
    return entry["filename"].rpartition(".")[2], server.fetch(entry)


@pytest.mark.parametrize("dialect", ["cloud", "cloud-next", "comfyui", "comfyui-old"])
def test_a_text_to_image_workflow_makes_a_picture_of_the_latents_size(dialect: str):
    for server in serve(dialect=dialect, node_info=NODE_INFO):
        assert server.image(text_to_image()).size == (96, 64)


def test_another_seed_or_text_makes_another_picture_and_the_same_makes_the_same():
    """On the cloud, a file's name is the hash of its content: equal pictures would be one file."""
    pictures = [
        server.image(graph).convert("RGB").tobytes()
        for graph in (text_to_image(), text_to_image(seed=2), text_to_image(text="a ship"), text_to_image())
        for server in serve(node_info=NODE_INFO)  # a new one each time, which has nothing cached
    ]
    assert pictures[0] == pictures[3]
    assert len(set(pictures)) == 3


def test_the_pictures_of_a_batch_differ(own: Server):
    graph = text_to_image(count=3)
    found = own.outputs(own.run(graph))["9"]["images"]
    assert len({entry["filename"] for entry in found}) == 3


def test_an_uploaded_picture_flows_through_with_its_size(own: Server):
    name = own.upload(Image.new("RGB", (40, 30), "red")).json()["name"]
    graph = {
        **text_to_image(),
        "3": node("EncodeImage", pixels=["10", 0], vae=["1", 2]),
        "6": node("Upscale", samples=["4", 0], scale_by=2.0),
        "10": node("LoadImage", image=name),
    }
    graph["5"]["inputs"]["samples"] = ["6", 0]
    assert own.image(graph).size == (80, 60)


def test_the_nodes_that_the_emulator_has_are_executed(own: Server):
    name = own.upload(Image.new("RGB", (5, 4), (1, 2, 3))).json()["name"]
    graph = {"1": node("LoadImage", image=name), "9": node("SaveImage", images=["1", 0], filename_prefix="a")}
    assert own.image(graph).getpixel((0, 0)) == (1, 2, 3)


def test_a_file_that_only_the_recorded_server_has_is_a_stand_in(own: Server):
    """The recorded server accepts it, so the emulator does, too. Any other file must be uploaded."""
    graph = {
        "1": node("LoadImage", image="of_the_server.png"),
        "9": node("SaveImage", images=["1", 0], filename_prefix="a"),
    }
    assert own.image(graph).size == (512, 512)
    graph["1"]["inputs"]["image"] = "nobodys.png"
    refused = own.post("/api/prompt", {"prompt": graph})
    (reason,) = refused.json()["node_errors"]["1"]["errors"]
    assert (refused.status_code, reason["type"]) == (400, "custom_validation_failed")
    assert reason["details"] == "image - Invalid image file: nobodys.png"


def test_a_video_is_a_film_and_an_animation_has_frames(own: Server):
    graph = after_pictures(
        node("CreateVideo", images=["5", 0], fps=8.0), node("SaveVideo", video=["20", 0], filename_prefix="v/film")
    )
    graph["3"]["inputs"]["length"] = 9
    extension, film = file_of(own, graph, "21", "images")
    assert (extension, film[4:12], film.count(b"\xff\xd8\xff")) == ("mp4", b"ftypisom", 9)
    graph = after_pictures(node("SaveAnimatedWEBP", images=["5", 0], filename_prefix="a"), count=3)
    extension, animation = file_of(own, graph, "20", "images")
    with Image.open(io.BytesIO(animation)) as picture:
        assert (extension, picture.format, picture.n_frames) == ("webp", "WEBP", 3)  # type: ignore[attr-defined]
    graph = after_pictures(node("VHS_VideoCombine", images=["5", 0]), count=3)
    assert file_of(own, graph, "20", "gifs")[0] == "mp4"


def test_a_sound_is_a_tone_of_its_length(own: Server):
    graph = {
        "1": node("EmptyAudio", seconds=2.0),
        "2": node("DecodeAudio", samples=["1", 0]),
        "3": node("SaveAudio", audio=["2", 0], filename_prefix="audio/x"),
    }
    extension, sound = file_of(own, graph, "3", "audio")
    with wave.open(io.BytesIO(sound)) as tone:
        assert (extension, tone.getnframes() / tone.getframerate()) == ("wav", 2.0)


def test_a_mesh_is_a_box(own: Server):
    graph = after_pictures(
        node("ImageToMesh", image=["5", 0]), node("SaveGLB", mesh=["20", 0], filename_prefix="mesh/box")
    )
    extension, model = file_of(own, graph, "21", "3d")
    magic, version, length = struct.unpack("<4sII", model[:12])
    assert (extension, magic, version, length) == ("glb", b"glTF", 2, len(model))
    (size,) = struct.unpack("<I", model[12:16])
    assert json.loads(model[20 : 20 + size])["accessors"][1]["count"] == 36


def test_latents_are_saved_and_models_leave_no_output(own: Server):
    graph = after_pictures(
        node("SaveLatent", samples=["4", 0], filename_prefix="l"),
        node("SaveModel", model=["1", 0], filename_prefix="m"),
    )
    extension, content = file_of(own, graph, "20", "latents")
    (size,) = struct.unpack("<Q", content[:8])
    assert (extension, json.loads(content[8 : 8 + size])["__metadata__"]["width"]) == ("latent", "96")
    assert "21" not in own.outputs(own.run(graph))


@pytest.mark.parametrize(
    ("made", "slot", "text"),
    [
        (node("ImageSize", image=["5", 0]), 0, "96"),
        (node("ImageSize", image=["5", 0]), 1, "64"),
        (node("Join", text="a", other="b"), 0, "a"),
        (node("Describe", image=["5", 0]), 1, "1.0"),
        (node("Describe", image=["5", 0]), 2, "True"),
    ],
)
def test_numbers_and_texts_are_outputs(own: Server, made: dict[str, Any], slot: int, text: str):
    graph = after_pictures(made, node("PreviewAny", source=["20", slot]))
    assert own.outputs(own.run(graph))["21"]["text"] == [text]


def test_what_is_no_text_is_named(own: Server):
    graph = after_pictures(node("PreviewAny", source=["1", 0]))
    (text,) = own.outputs(own.run(graph))["20"]["text"]
    assert text.startswith("MODEL ")


def test_switches_pass_on_what_they_are_linked_to_and_masks_have_the_size(own: Server):
    graph = after_pictures(
        node("Switch", on=True, value=["5", 0]),
        node("ImageSize", image=["20", 0]),
        node("PreviewAny", source=["21", 0]),
        node("MaskOf", image=["20", 0]),
        node("SaveAnimatedWEBP", images=["24", 0], filename_prefix="m"),
        node("SaveImage", images=["5", 0], filename_prefix="x"),
    )
    graph["24"] = node("AnyNumber", image=["20", 0], another=["23", 0], not_declared="x")
    graph["26"] = node("SaveAnimatedWEBP", images=["24", 0], filename_prefix="m")
    assert own.outputs(own.run(graph))["22"]["text"] == ["96"]


def test_an_undeclared_link_fails_in_comfyuis_own_nodes_only(own: Server):
    """Many custom nodes take any number of links, and ComfyUI's own raise Python's TypeError."""
    graph = text_to_image()
    graph["5"]["inputs"]["more"] = ["3", 0]
    job = own.get(f"/api/jobs/{own.run(graph)}").json()
    assert job["status"] == "failed"
    assert job["execution_error"]["exception_message"] == (
        "Decode.execute() got an unexpected keyword argument 'more'\n"
    )
    assert job["execution_error"]["current_inputs"]["samples"][0].startswith("LATENT ")


@pytest.mark.parametrize(
    ("node_id", "change", "reason"),
    [
        ("4", {"steps": 0}, "value_smaller_than_min"),
        ("4", {"seed": 2**64}, "value_bigger_than_max"),
        ("4", {"steps": "many"}, "invalid_input_type"),
        ("4", {"sampler": "euler_b"}, "value_not_in_list"),
        ("1", {"name": "three.safetensors"}, "value_not_in_list"),
        ("4", {"model": ["1", 1]}, "return_type_mismatch"),
        ("4", {"model": ["1"]}, "bad_linked_input"),
        ("4", {"model": ["99", 0]}, "exception_during_inner_validation"),
        ("4", {"model": None}, "required_input_missing"),
    ],
)
def test_inputs_are_checked_as_servers_do(own: Server, node_id: str, change: dict[str, Any], reason: str):
    graph = text_to_image()
    graph[node_id]["inputs"] |= change
    graph[node_id]["inputs"] = {name: value for name, value in graph[node_id]["inputs"].items() if value is not None}
    refused = own.post("/api/prompt", {"prompt": graph})
    assert refused.status_code == 400
    reasons = {error["type"] for entry in refused.json()["node_errors"].values() for error in entry["errors"]}
    assert reasons == {reason}


def test_a_class_that_was_not_recorded_is_refused_and_test_nodes_run(own: Server):
    refused = own.post("/api/prompt", {"prompt": {"1": node("EmptyImage", width=8, height=8, batch_size=1, color=0)}})
    assert refused.json()["error"]["type"] == "missing_node_type"
    assert own.outputs(own.run({"1": node("EmulatorText", text="hello")}))["1"] == {"text": ["hello"]}


def test_inputs_that_a_choice_brings_are_checked_and_used(own: Server):
    how = {"how": "by size", "how.width": 33, "how.height": 22}
    graph = after_pictures(
        node("Choose", image=["5", 0], **how), node("SaveImage", images=["20", 0], filename_prefix="x")
    )
    assert own.image(graph, "21").size == (33, 22)
    del graph["20"]["inputs"]["how.height"]
    refused = own.post("/api/prompt", {"prompt": graph}).json()
    assert refused["node_errors"]["20"]["errors"][0]["details"] == "how.height"
    graph["20"]["inputs"] = {"image": ["5", 0], "how": "not"}
    own.submit(graph)
    graph["20"]["inputs"]["how"] = ["3", 0]
    assert own.emulator.wait_for(own.submit(graph)) == "failed"


def test_object_info_is_what_was_recorded_with_the_uploads(own: Server):
    assert own.get("/api/object_info").json() == NODE_INFO
    own.upload(png(Image.new("RGB", (5, 4))), "mine.png")
    own.upload(b"RIFF", "mine.wav")
    found = own.get("/api/object_info").json()
    assert found["LoadImage"]["input"]["required"]["image"][0][0] == "of_the_server.png"
    assert len(found["LoadImage"]["input"]["required"]["image"][0]) > 1
    assert found["LoadAudio"]["input"]["required"]["audio"][1]["options"]
    assert found["KSampler"] == NODE_INFO["KSampler"]


def test_other_definitions_are_another_version(own: Server):
    """Clients keep definitions on disk by the server's version, and an emulator often has the same port again."""
    first = own.get("/api/system_stats").json()["system"]["comfyui_version"]
    for server in serve(node_info={"KSampler": NODE_INFO["KSampler"]}):
        second = server.get("/api/system_stats").json()["system"]["comfyui_version"]
        assert first != second
        assert first.partition("+")[0] == second.partition("+")[0] == "0.14.0"


def test_a_node_is_named_alone_on_a_comfyui():
    for server in serve(dialect="comfyui", node_info=NODE_INFO):
        assert server.get("/api/object_info/KSampler").json() == {"KSampler": NODE_INFO["KSampler"]}
        assert server.get("/api/object_info/EmulatorText").json() == {}


def test_steps_move_bars_and_show_previews():
    for server in serve(dialect="comfyui", node_info=NODE_INFO, node_seconds={"KSampler": 0.02}):
        with live(server) as socket:
            server.submit(text_to_image(steps=4), client_id="tests")
            socket.until_end()
        steps = [data for data in socket.of("progress") if data["node"] == "4"]
        assert [(data["value"], data["max"]) for data in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]
        assert len(socket.of("1")) == 4


def test_the_steps_of_a_schedule_are_those_of_the_sampler(own: Server):
    graph = text_to_image()
    graph["7"] = node("Scheduler", model=["1", 0], steps=3)
    graph["4"] = node("SampleCustom", sigmas=["7", 0], latent_image=["3", 0])
    with live(own) as socket:
        own.submit(graph)
        socket.until_idle()
    assert [(data["node"], data["max"]) for data in socket.of("progress")] == [("4", 3)] * 3


def test_a_slow_stand_in_is_interrupted_at_once():
    for server in serve(dialect="comfyui", node_info=NODE_INFO, node_seconds=600):
        job_id = server.submit(text_to_image())
        server.emulator.wait_for(job_id, "in_progress")
        server.post("/api/interrupt", {"prompt_id": job_id})
        assert server.emulator.wait_for(job_id) == "cancelled"


def test_definitions_come_from_a_file_a_function_or_a_client(tmp_path: Path):
    file = tmp_path / "nodes.json"
    file.write_text(json.dumps(NODE_INFO), encoding="utf-8")
    for given in (file, str(file), lambda: NODE_INFO):
        with Emulator(node_info=given) as emulator, ComfyCloud(emulator.api_key, base_url=emulator.url) as cloud:
            info = cloud.nodes.info()
            assert info.to_dict() == NODE_INFO
            assert Workflow(text_to_image()).check(info) == []
    with Emulator(node_info=info) as emulator, ComfyCloud(emulator.api_key, base_url=emulator.url) as cloud:
        heard: list[events.JobEvent] = []
        job = cloud.run(text_to_image(), on_event=heard.append)
        assert [output.kind for output in job.outputs] == ["image"]
        assert sum(isinstance(event, events.Preview) for event in heard) == 4


async def _asked() -> dict[str, Any]:
    return NODE_INFO


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"node_info": {}}, "node_info must be the answer of GET /api/object_info .*, not dict"),
        ({"node_info": [1]}, "not list"),
        ({"node_info": _asked}, "node_info must not be an async function"),
        ({"node_info": {"KSampler": {"input": {}}}}, r"node_info\['KSampler'\] must be an object with"),
        ({"node_info": {"KSampler": 5}}, r"node_info\['KSampler'\] must be an object with"),
        ({"node_info": NODE_INFO, "node_seconds": -1}, "node_seconds must be a number of seconds, 0 or more, not -1"),
        ({"node_info": NODE_INFO, "node_seconds": {"KSampler": "1"}}, "0 or more, not '1'"),
        ({"node_info": NODE_INFO, "node_seconds": {"Ksampler": 1}}, "names the class 'Ksampler', which is not in"),
        ({"node_info": NODE_INFO, "replay": "x"}, "node_info must be left out with replay"),
        ({"max_queued_jobs": 5, "replay": "x"}, "max_queued_jobs must be left out with replay"),
        ({"gateway": Gateway.bearer("x"), "replay": "x"}, "gateway must be left out with replay"),
        ({"node_seconds": 1}, "node_seconds must be left out without node_info"),
    ],
)
def test_what_cannot_be_is_named(options: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        Emulator(**options)


def test_a_file_that_is_no_json_or_missing_is_named(tmp_path: Path):
    (tmp_path / "nodes.json").write_text("<html>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"could not read node definitions from .*nodes\.json: Expecting value"):
        Emulator(node_info=tmp_path / "nodes.json")
    with pytest.raises(OSError, match="No such file"):
        Emulator(node_info=tmp_path / "none.json")
