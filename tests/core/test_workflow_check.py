"""check(): finds what would be refused before a credit is spent, and never cries wolf."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud.workflow import Problem, Workflow


def definition(
    required: dict[str, Any] | None = None,
    optional: dict[str, Any] | None = None,
    output: Any = (),
    *,
    saves: bool = False,
    **more: Any,
) -> dict[str, Any]:
    sections = {"required": required or {}, "optional": optional or {}, "hidden": {"prompt": "PROMPT", "id": ["X"]}}
    return {"input": sections, "output": [*output], "output_node": saves, "api_node": False, **more}


INFO: dict[str, Any] = {
    "LoadImage": definition({"image": [["cat.png"], {"image_upload": True}]}, output=["IMAGE", "MASK"]),
    "EmptyImage": definition(
        {"width": ["INT", {"default": 512, "min": 1, "max": 1024}], "height": ["INT", {"min": 1, "max": 1024}]},
        {"gain": ["FLOAT", {"min": 0.0, "max": 1.0}], "note": ["STRING"]},
        ["IMAGE"],
    ),
    "ImageScale": definition(
        {
            "image": ["IMAGE"],
            "method": [["nearest", "lanczos"], {}],
            "crop": ["COMBO", {"options": ["disabled", "center"]}],
        },
        output=["IMAGE"],
    ),
    "VAEDecode": definition({"samples": ["LATENT"], "vae": ["VAE"]}, output=["IMAGE"]),
    "SaveImage": definition({"images": ["IMAGE", {"tooltip": "x"}], "filename_prefix": ["STRING", {}]}, saves=True),
    "PaidImage": definition({"prompt": ["STRING"]}, output=["IMAGE"], api_node=True),
}


def right() -> dict[str, Any]:
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}},
        "2": {"class_type": "ImageScale", "inputs": {"image": ["1", 0], "method": "lanczos", "crop": "center"}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "out"}},
        "4": {"class_type": "EmptyImage", "inputs": {"width": 1, "height": "1024", "gain": 1, "note": 5}},
        "5": {
            "class_type": "SaveImage",
            "inputs": {"images": ["4", 0], "filename_prefix": ""},
            "_meta": {"title": "B"},
        },
    }


def found(graph: dict[str, Any], info: Any = INFO) -> list[tuple[Any, ...]]:
    return [(p.node_id, p.class_type, p.input_name, p.kind) for p in Workflow(graph).check(info)]


def problem(graph: dict[str, Any], info: Any = INFO) -> Problem:
    (only,) = Workflow(graph).check(info)
    return only


def test_a_right_workflow_has_no_problems() -> None:
    assert Workflow(right()).check(INFO) == []


def test_an_unknown_class_comes_with_the_nearest_known() -> None:
    graph = right()
    graph["2"]["class_type"] = "imagescale"
    only = problem(graph)
    assert (only.node_id, only.class_type, only.input_name, only.kind) == ("2", "imagescale", None, "unknown_class")
    assert only.message == str(only)
    assert "node '2' (imagescale): this server has no such node class (did you mean 'ImageScale'?)" in only.message


def test_a_required_input_that_is_missing() -> None:
    graph = right()
    del graph["5"]["inputs"]["images"]
    only = problem({key: graph[key] for key in "123"} | {"5": graph["5"]})
    assert (only.node_id, only.input_name, only.kind) == ("5", "images", "missing_input")
    assert only.message == "node '5' (SaveImage, 'B'), input 'images' is required and not there"


@pytest.mark.parametrize(
    ("node_id", "name", "value", "kind", "says"),
    [
        ("4", "width", 0, "out_of_range", "is 0, less than the least allowed, 1"),
        ("4", "height", "1025", "out_of_range", "is 1025, more than the most allowed, 1024"),
        ("4", "gain", 1.01, "out_of_range", "is 1.01, more than"),
        ("4", "width", {"__value__": -1}, "out_of_range", "is -1"),
        ("4", "width", "wide", "wrong_type", "is 'wide', which is no INT"),
        ("4", "gain", None, "wrong_type", "which is no FLOAT"),
        ("4", "gain", float("nan"), "not_json", "holds nan"),
        ("2", "method", "lanczo", "not_offered", r"offers ['nearest', 'lanczos'] (did you mean 'lanczos'?)"),
        ("2", "crop", "Center", "not_offered", "(did you mean 'center'?)"),
        ("1", "image", "dog.png", "not_offered", "offers ['cat.png']"),
        ("2", "image", ["77", 0], "missing_node", "links to node '77', which is not there"),
        ("2", "image", ["1", 2], "missing_slot", "links to output 2 of node '1' (LoadImage), which has 2"),
        ("2", "image", ["1", 1], "type_mismatch", "takes IMAGE, and output 1 of node '1' (LoadImage) gives MASK"),
        ("3", "filename_prefix", "[REDACTED]", "redacted", "left in place of a key"),
        ("4", "unheard_of", ["77", 0], "missing_node", "links to node '77'"),
    ],
)
def test_what_a_server_refuses_is_found_with_its_place(
    node_id: str, name: str, value: Any, kind: str, says: str
) -> None:
    graph = right()
    graph[node_id]["inputs"][name] = value
    only = problem(graph)
    assert (only.node_id, only.input_name, only.kind) == (node_id, name, kind)
    assert only.message.startswith(f"node {node_id!r} ({only.class_type})")
    assert says in only.message


def test_a_workflow_without_output_would_run_nothing() -> None:
    graph = right()
    del graph["3"], graph["5"]
    assert found(graph) == [(None, None, None, "no_output")]
    del graph["1"]["inputs"]["image"]
    assert ("1", "LoadImage", "image", "missing_input") in found(graph)


def test_partner_nodes_are_told_to_need_a_key() -> None:
    graph = right()
    graph["4"] = {"class_type": "PaidImage", "inputs": {"prompt": "cat"}}
    only = problem(graph)
    assert (only.node_id, only.kind) == ("4", "partner_key")
    assert "partner_key=" in only.message


def test_keys_that_are_no_nodes_are_told() -> None:
    assert found({**right(), "_comment": "mine"}) == [("_comment", None, None, "not_a_node")]


def test_nodes_that_no_output_needs_are_left_alone() -> None:
    """Editors export what lies about unconnected, and servers do not run it."""
    graph = right()
    graph["9"] = {"class_type": "VAEDecode", "inputs": {"vae": 5}}
    graph["10"] = {"class_type": "PaidImage", "inputs": {}}
    assert found(graph) == []
    graph["11"] = {"class_type": "Gone", "inputs": {}}  # but a class that is not there fails the whole workflow
    assert found(graph) == [("11", "Gone", None, "unknown_class")]


def test_several_problems_come_in_the_order_of_the_graph() -> None:
    graph = right()
    graph["1"]["inputs"]["image"] = "dog.png"
    graph["4"]["inputs"]["width"] = 0
    graph["5"]["inputs"] = {"images": ["4", 1]}
    assert [(node_id, kind) for node_id, _, _, kind in found(graph)] == [
        ("1", "not_offered"),
        ("4", "out_of_range"),
        ("5", "missing_input"),
        ("5", "missing_slot"),
    ]


@pytest.mark.parametrize(
    "image",
    [
        b"bytes",
        Path(__file__),
        "blake3:" + "0" * 64,
        "ab" * 32,
        "ab" * 32 + ".png",
        "ComfyUI_00001_.png [output]",
        "sub/other.png",
        {"some": "widget state"},
        [1, 2, 3],
    ],
)
def test_files_hashes_and_files_of_other_folders_pass(image: Any) -> None:
    """A server lists only one folder by name, and takes all of these."""
    graph = right()
    graph["1"]["inputs"]["image"] = image
    assert found(graph) == []


def sink(required: dict[str, Any], inputs: dict[str, Any], **more: Any) -> list[tuple[Any, ...]]:
    """What is found about a node declared so, holding that, beside a source of every sort of output."""
    info = {
        "Source": definition(output=["IMAGE", "*", "MY_TYPE", "IMAGE,MASK", ["a", "b"], None, "COMFY_MATCHTYPE_V3"]),
        "Sink": definition(required, saves=True, **more),
    }
    return found({"1": {"class_type": "Source"}, "2": {"class_type": "Sink", "inputs": inputs}}, info)


@pytest.mark.parametrize(
    ("required", "inputs"),
    [
        ({"a": ["MY_OTHER"]}, {"a": ["1", 0]}),
        ({"a": ["LATENT"]}, {"a": ["1", 1]}),
        ({"a": ["LATENT"]}, {"a": ["1", 2]}),
        ({"a": ["LATENT,MASK"]}, {"a": ["1", 0]}),
        ({"a": ["LATENT"]}, {"a": ["1", 3]}),
        ({"a": ["LATENT"]}, {"a": ["1", 4]}),
        ({"a": ["LATENT"]}, {"a": ["1", 5]}),
        ({"a": ["LATENT"]}, {"a": ["1", 6]}),
        ({"a": ["*"]}, {"a": ["1", 0]}),
        ({"a": [["x", "y"]]}, {"a": ["1", 0]}),
        ({"a": ["LATENT"]}, {"a": ["1", 99]}),  # a wildcard among the outputs: there may be more
        ({"a": ["FLOAT,INT", {"min": 5}]}, {"a": 1}),
        ({"a": ["COMBO", {"remote": {"route": "/x"}}]}, {"a": "z"}),
        ({"a": ["COMBO", {"remote": {}, "options": ["a"]}]}, {"a": "z"}),
        ({"a": ["COMBO", {}]}, {"a": "z"}),
        ({"a": ["COMBO", {"options": [{"key": "x"}]}]}, {"a": "z"}),
        ({"a": ["COMBO", {"options": ["x"], "multiselect": True}]}, {"a": ["z"]}),
        ({"a": ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "x", "inputs": {}}]}]}, {"a": "z", "a.width": -5}),
        ({"a": ["COMFY_DYNAMICCOMBO_V3", {"options": []}]}, {}),
        ({"a": ["COMFY_AUTOGROW_V3", {"template": {"min": 1}}]}, {"a.image0": ["1", 0]}),
        ({"a": ["IMAGECOMPARE", {"socketless": True}]}, {}),
        ({"a": ["INT", {"hidden": True}]}, {}),
        ({"a": ["INT", {"forceInput": True}]}, {"a": 5}),
        ({"a": ["INT", {"min": None, "max": "many"}]}, {"a": 5}),
        ({"a": ["MODEL", {"lazy": True, "rawLink": True}]}, {"a": "text"}),
        ({"a": ["BOOLEAN"]}, {"a": "yes"}),
        ({"a": ["INT"]}, {"a": [1, 2, 3]}),
        ({"a": [["1", "2"]]}, {"a": "1", "unknown": object.__doc__}),
        ({"a": [[1, 2.5]]}, {"a": 1.0}),
        ({"a": None, "b": [], "c": "INT", "d": [None], "e": ["INT", None], "f": [{}]}, {"d": 1, "e": 1, "f": 1}),
    ],
)
def test_what_is_not_known_passes(required: dict[str, Any], inputs: dict[str, Any]) -> None:
    """A false alarm costs more trust than a missed fault: the server still has the last word."""
    assert sink(required, inputs, is_input_list=True) == []


def test_dots_in_declared_names_are_plain_names() -> None:
    assert sink({"last.": ["FLOAT", {"max": 1}]}, {"last.": 2}) == [("2", "Sink", "last.", "out_of_range")]
    assert sink({"last.": ["FLOAT"]}, {}) == [("2", "Sink", "last.", "missing_input")]
    assert sink({"a": ["COMFY_MATCHTYPE_V3", {}]}, {}) == [("2", "Sink", "a", "missing_input")]


def test_an_empty_choice_offers_nothing() -> None:
    assert sink({"ckpt": [[]]}, {"ckpt": "a.safetensors"}) == [("2", "Sink", "ckpt", "not_offered")]


class Model:
    """As a raw model of the generated client presents itself."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def to_dict(self) -> dict[str, Any]:
        return self.fields


class Answer(Model):
    @property
    def additional_properties(self) -> dict[str, Any]:
        return {name: Model(fields) for name, fields in self.fields.items()}


@pytest.mark.parametrize("info", [INFO, Answer(INFO), Model(INFO), {name: Model(each) for name, each in INFO.items()}])
def test_node_info_comes_as_json_or_as_raw_models(info: Any) -> None:
    graph = right()
    graph["4"]["inputs"]["width"] = 0
    graph["2"]["class_type"] = "Nope"
    assert [kind for *_, kind in found(graph, info)] == ["unknown_class", "out_of_range"]


@pytest.mark.parametrize(
    "broken", [None, {}, {"input": None}, {"input": {"required": None}, "output": None, "output_node": None}, "junk"]
)
def test_definitions_that_say_nothing_raise_nothing(broken: Any) -> None:
    assert found(right(), dict.fromkeys(INFO, broken)) == []
    assert found(right(), {}) == []


def test_node_info_of_the_wrong_kind_says_what_it_should_be() -> None:
    for wrong in (None, [INFO], "object_info.json"):
        with pytest.raises(TypeError, match=r"nodes\.info\(\)"):
            Workflow(right()).check(wrong)


def test_problems_compare_and_pickle() -> None:
    graph = right()
    graph["4"]["inputs"]["width"] = 0
    assert pickle.loads(pickle.dumps(problem(graph))) == problem(graph)
