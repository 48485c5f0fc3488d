"""Finding nodes and setting inputs: a typo must never be sent, and nothing may change that was not asked for."""

from __future__ import annotations

import copy
import io
import pickle
import random
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum, IntEnum, StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from PIL import Image

from comfy_cloud.errors import AmbiguousNodeError, NodeInputError, NodeNotFoundError, WorkflowError
from comfy_cloud.workflow import Node, Workflow


@pytest.fixture
def workflow() -> Workflow:
    return Workflow(
        {
            "3": {
                "class_type": "KSampler",
                "inputs": {"seed": 5, "cfg": 7.5, "model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0]},
                "_meta": {"title": "First pass"},
            },
            "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}, "_meta": None},
            "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "cat"}, "_meta": {"title": "Positive Prompt"}},
            "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "dog"}, "_meta": {"title": "4"}},
            "8": {"class_type": "LoadImage", "inputs": {"image": "x.png"}, "_meta": {"title": "Twin"}},
            "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}, "_meta": {"title": "Twin"}},
        }
    )


def test_the_first_level_that_matches_decides(workflow: Workflow) -> None:
    assert workflow["6"].id == "6"
    assert workflow[6].id == "6"
    assert workflow["Positive Prompt"].id == "6"
    assert workflow["KSampler"].id == "3"
    assert workflow["4"].id == "4"  # not the node titled "4"


def test_two_matches_on_a_level_are_ambiguous_and_named(workflow: Workflow) -> None:
    """Guessing would set the wrong prompt, and spend credits on it."""
    with pytest.raises(
        AmbiguousNodeError, match=r"node '6' \(CLIPTextEncode, 'Positive Prompt'\), node '7'.*by its id"
    ):
        workflow["CLIPTextEncode"]
    with pytest.raises(AmbiguousNodeError, match="2 nodes go by 'Twin'"):
        workflow["Twin"]
    titled = workflow.to_dict()
    titled["8"]["_meta"]["title"] = titled["9"]["_meta"]["title"] = "KSampler"
    with pytest.raises(AmbiguousNodeError):  # titles decide, though the class would be unique
        Workflow(titled)["KSampler"]


def test_an_unknown_name_tells_the_nearest_and_what_there_is(workflow: Workflow) -> None:
    with pytest.raises(NodeNotFoundError, match=r"'ksampler' \(did you mean 'KSampler'\?\).*node '4' \(Checkpoint"):
        workflow["ksampler"]
    with pytest.raises(KeyError):
        workflow["nothing like it"]


def test_membership_length_and_order(workflow: Workflow) -> None:
    assert "KSampler" in workflow
    assert "Twin" in workflow
    assert 3 in workflow
    assert "VAEDecode" not in workflow
    assert None not in workflow
    assert workflow["3"] in workflow
    assert workflow["3"] not in workflow.copy()
    assert [node.id for node in workflow.nodes] == ["3", "4", "6", "7", "8", "9"]
    assert list(workflow) == list(workflow.nodes)
    assert len(workflow) == 6
    assert repr(workflow) == "<Workflow: 6 nodes>"


def test_a_node_tells_what_it_is_and_its_repr_keeps_inputs_to_itself(workflow: Workflow) -> None:
    node = workflow["3"]
    assert (node.id, node.class_type, node.title) == ("3", "KSampler", "First pass")
    assert workflow["4"].title == "CheckpointLoaderSimple"
    assert repr(node) == "<node '3' (KSampler, 'First pass')>"  # an input may hold a key
    assert node == workflow["First pass"]
    assert len({node, workflow["3"], workflow["4"]}) == 2
    assert node != "3"
    assert list(node) == ["seed", "cfg", "model", "positive", "negative"]
    with pytest.raises(TypeError):
        node.inputs["seed"] = 1  # type: ignore[index]


def test_setting_changes_the_workflow_and_only_this_input(workflow: Workflow) -> None:
    node = workflow["KSampler"]
    node["seed"] = 42
    assert workflow["3"]["seed"] == 42
    assert node["cfg"] == 7.5
    assert "seed" in node
    with pytest.raises(NodeInputError, match="no input 'sed'"):
        node["sed"]


def test_an_input_that_the_node_lacks_is_an_error_unless_added(workflow: Workflow) -> None:
    """A server ignores unknown inputs: a typo would run with the old value, and cost the same."""
    node = workflow["KSampler"]
    with pytest.raises(
        NodeInputError, match=r"no input 'Seed' \(did you mean 'seed'\?\)\. It has: seed, cfg.*add=True"
    ):
        node["Seed"] = 1
    assert "Seed" not in node
    node.set("denoise", 0.5, add=True)
    assert node["denoise"] == 0.5


def test_a_link_in_the_way_is_an_error_unless_replaced(workflow: Workflow) -> None:
    node = workflow["KSampler"]
    with pytest.raises(NodeInputError, match=r"'model' is linked to output 0 of node '4'.*replace_link=True"):
        node["model"] = "b.safetensors"
    assert node["model"] == ["4", 0]
    node.set("model", "b.safetensors", replace_link=True)
    assert node["model"] == "b.safetensors"


def test_links_are_made_of_nodes_ids_and_slots_that_are_there(workflow: Workflow) -> None:
    node = workflow["KSampler"]
    links: list[tuple[Any, list[Any]]] = [
        (workflow["8"], ["8", 0]),
        ((workflow["8"], 1), ["8", 1]),
        (["6", 0], ["6", 0]),
        ((6, 0), ["6", 0]),
    ]
    for given, kept in links:
        node.set("positive", given, replace_link=True)
        assert node["positive"] == kept
    for wrong in (["77", 0], ["6", -1], (workflow["8"], -2), [512, 512]):
        with pytest.raises(NodeInputError, match=r"cannot link.*it is not there.*__value__"):
            node.set("positive", wrong, replace_link=True)
    with pytest.raises(NodeInputError, match="a node of another workflow"):
        node.set("positive", workflow.copy()["8"], replace_link=True)
    with pytest.raises(NodeInputError, match="must be a JSON value"):
        node.set("positive", [workflow["8"], "0"], replace_link=True)
    assert node["positive"] == ["6", 0]
    node["cfg"] = ["a", "b"]  # two texts are no link
    assert node["cfg"] == ["a", "b"]


class Mode(Enum):
    FAST = 1


class Sampler(StrEnum):
    EULER = "euler"


class Steps(IntEnum):
    FEW = 4


class Scalar:
    """As numpy's and torch's scalars present themselves."""

    ndim = 0

    def __init__(self, value: object) -> None:
        self.value = value

    def item(self) -> object:
        return self.value


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        (True, True),
        ("~/a.png", "~/a.png"),
        ((1, (2.5, "x"), {"k": [None]}), [1, [2.5, "x"], {"k": [None]}]),
        (Sampler.EULER, "euler"),
        (Steps.FEW, 4),
        (Scalar(3), 3),
        (Scalar(0.5), 0.5),
        (bytearray(b"ab"), b"ab"),
        (memoryview(b"ab"), b"ab"),
    ],
)
def test_values_are_kept_as_plain_json_and_files_as_bytes(workflow: Workflow, given: object, kept: object) -> None:
    node = workflow["8"]
    node["image"] = given
    assert node["image"] == kept
    assert type(node["image"]) is type(kept)


def test_a_value_that_is_set_is_copied(workflow: Workflow) -> None:
    box = {"x": [1]}
    workflow["8"]["image"] = box
    box["x"].append(2)
    assert workflow["8"]["image"] == {"x": [1]}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "must be .*, not datetime.datetime"),
        ({1, 2}, "must be .*, not builtins.set"),
        (Mode.FAST, "must be .*, not .*Mode"),
        (Scalar(datetime(2026, 1, 1, tzinfo=UTC)), "must be .*, not .*Scalar"),
        ({"a": [object()]}, r"\['a'\]\[0\] must be .*, not builtins.object"),
        ({1: 2}, "keys of a mapping must be strings, not 1"),
        (io.StringIO("x"), "must be open in binary mode"),
        (io.BytesIO, "must be .*, not builtins.type"),
        (Image.Image, "must be .*, not builtins.type"),
    ],
)
def test_other_types_are_refused_where_they_are_set(workflow: Workflow, given: object, says: str) -> None:
    """Else the error comes from json, at the submit, naming neither node nor input."""
    with pytest.raises(NodeInputError, match=rf"^node '8' \(LoadImage, 'Twin'\), input 'image'.*{says}"):
        workflow["8"]["image"] = given
    assert workflow["8"]["image"] == "x.png"


def test_a_value_that_contains_itself_is_refused(workflow: Workflow) -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NodeInputError, match="must not contain itself"):
        workflow["8"]["image"] = endless


def test_a_path_must_be_a_file_when_it_is_set(workflow: Workflow, tmp_path: Path) -> None:
    """A typo in a file name shows in the line that has it, not minutes later in an upload."""
    photo = tmp_path / "me.jpg"
    photo.write_bytes(b"jpg")
    node = workflow["8"]
    node["image"] = photo
    assert node["image"] == photo
    node["image"] = PurePosixPath(photo)
    assert isinstance(node["image"], Path)
    with pytest.raises(NodeInputError, match=r"'image'.*you\.jpg' is not there"):
        node["image"] = tmp_path / "you.jpg"
    with pytest.raises(NodeInputError, match="is a folder"):
        node["image"] = {"deep": [tmp_path]}
    with pytest.raises(NodeInputError, match="expanduser"):
        node["image"] = Path("~/me.jpg")
    assert node["image"] == photo
    with pytest.raises(NodeInputError, match=r"node '1' \(LoadImage\), input 'image'.*is not there"):
        Workflow({"1": {"class_type": "LoadImage", "inputs": {"image": tmp_path / "you.jpg"}}})


def test_switches_and_random_numbers_are_checked(workflow: Workflow) -> None:
    for wrong in ({"add": "no"}, {"replace_link": 1}):
        with pytest.raises(TypeError, match=f"{next(iter(wrong))} must be True or False"):
            workflow["8"].set("image", "a.png", **wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"rng must be a random\.Random, not int"):
        workflow.randomize_seeds(5)  # type: ignore[arg-type]


def test_open_files_must_be_open_for_reading_bytes(workflow: Workflow, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"png")
    node = workflow["8"]
    with path.open("rb") as file:
        node["image"] = file
        assert node["image"] is file
    with pytest.raises(NodeInputError, match="closed"):
        node["image"] = file
    with path.open() as text, pytest.raises(NodeInputError, match="binary mode"):
        node["image"] = text
    with path.open("ab") as writing, pytest.raises(NodeInputError, match="must be open for reading"):
        node["image"] = writing
    with tempfile.NamedTemporaryFile("w+") as text, pytest.raises(NodeInputError, match="binary mode"):
        node["image"] = text


def test_a_pil_image_is_taken_as_a_file(workflow: Workflow) -> None:
    picture = Image.new("RGB", (2, 2))
    workflow["8"]["image"] = picture
    assert workflow["8"]["image"] is picture


@pytest.mark.parametrize(
    "duplicate", [Workflow.copy, copy.copy, copy.deepcopy, lambda w: pickle.loads(pickle.dumps(w))]
)
def test_a_copy_is_equal_and_its_own(workflow: Workflow, duplicate: Callable[[Workflow], Workflow]) -> None:
    twin = duplicate(workflow)
    assert twin == workflow
    twin["KSampler"]["seed"] = 1
    assert twin != workflow
    assert workflow["KSampler"]["seed"] == 5
    assert workflow != workflow.to_dict()
    with pytest.raises(TypeError, match="unhashable"):
        hash(workflow)


def test_copies_share_open_files(workflow: Workflow) -> None:
    file = io.BytesIO(b"x")
    workflow["8"]["image"] = file
    assert workflow.copy()["8"]["image"] is file
    assert workflow.to_dict()["8"]["inputs"]["image"] is file


def test_fresh_seeds_go_to_every_plain_seed_and_nothing_else() -> None:
    """The same seed is a cached run with nothing new; a linked one is not ours to cut."""
    graph = {
        "1": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 20}},
        "2": {"class_type": "RandomNoise", "inputs": {"noise_seed": 2**60}},
        "3": {"class_type": "KSampler", "inputs": {"seed": ["4", 0]}},
        "4": {"class_type": "PrimitiveInt", "inputs": {"value": 5, "seed": "fixed"}},
        "5": {"class_type": "TextGenerate", "inputs": {"sampling_mode": "on", "sampling_mode.seed": 0}},
    }
    workflow, again = Workflow(graph), Workflow(graph)
    drawn = workflow.randomize_seeds(random.Random(7))
    assert set(drawn) == {("1", "seed"), ("2", "noise_seed"), ("5", "sampling_mode.seed")}
    for (node_id, name), seed in drawn.items():
        assert workflow[node_id][name] == seed
        assert 0 <= seed <= (2**50 - 1 if node_id == "2" else 2**31 - 1)
        graph[node_id]["inputs"][name] = seed  # type: ignore[index]
    assert workflow == Workflow(graph)
    assert again.randomize_seeds(random.Random(7)) == drawn
    assert workflow.randomize_seeds() != drawn


def test_a_fresh_seed_differs_from_the_one_before() -> None:
    class Stuck(random.Random):
        draws = iter([5, 5, 6])

        def randint(self, a: int, b: int) -> int:
            return next(self.draws)

    assert Workflow({"1": {"class_type": "K", "inputs": {"seed": 5}}}).randomize_seeds(Stuck()) == {("1", "seed"): 6}


def test_node_is_only_a_view(workflow: Workflow) -> None:
    assert isinstance(workflow["3"], Node)
    with pytest.raises(WorkflowError):
        workflow["3"]["model"] = 1
