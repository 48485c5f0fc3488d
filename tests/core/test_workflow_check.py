"""check(): finds what would be refused before a credit is spent, and never cries wolf."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import Problem, Workflow
from comfy_cloud.raw.models import GetNodeInfoResponse200


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
    assert only.message == "node '5' (SaveImage, 'B'), input 'images' is required and is not set"


@pytest.mark.parametrize(
    ("node_id", "name", "value", "kind", "says"),
    [
        ("4", "width", 0, "out_of_range", "is 0, less than the least allowed, 1"),
        ("4", "height", "1025", "out_of_range", "is 1025, more than the most allowed, 1024"),
        ("4", "gain", 1.01, "out_of_range", "is 1.01, more than"),
        ("4", "width", {"__value__": -1}, "out_of_range", "is -1"),
        ("4", "width", "wide", "wrong_type", "must be of type INT, not 'wide'"),
        ("4", "gain", None, "wrong_type", "must be of type FLOAT, not None"),
        ("4", "gain", float("nan"), "not_json", "finite number, not nan"),
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
        ({"a": ["LATENT"]}, {"a": ["1", 4]}),
        ({"a": ["LATENT"]}, {"a": ["1", 5]}),
        ({"a": ["LATENT"]}, {"a": ["1", 6]}),
        ({"a": ["*"]}, {"a": ["1", 0]}),
        ({"a": ["LATENT"]}, {"a": ["1", 99]}),  # a wildcard among the outputs: there may be more
        ({"a": ["FLOAT,INT", {"min": 5}]}, {"a": 1}),
        ({"a": ["COMBO", {"remote": {"route": "/x"}}]}, {"a": "z"}),
        ({"a": ["COMBO", {"remote": {}, "options": ["a"]}]}, {"a": "z"}),
        ({"a": ["COMBO", {}]}, {"a": "z"}),
        ({"a": ["COMBO", {"options": [{"key": "x"}]}]}, {"a": "z"}),
        ({"a": ["COMFY_AUTOGROW_V3", {"template": {"min": 1}}]}, {"a.image0": ["1", 0]}),
        ({"a": ["IMAGECOMPARE", {"socketless": True}]}, {}),
        ({"a": ["INT", {"hidden": True}]}, {}),
        ({"a": ["INT", {"forceInput": True}]}, {"a": 5}),
        ({"a": ["INT", {"min": None, "max": "many"}]}, {"a": 5}),
        ({"a": ["BOOLEAN"]}, {"a": "yes"}),
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


LINK_ONLY = {"a": ["IMAGE"]}
CHOICE = {"a": ["COMBO", {"options": ["x", "y"]}]}
SIZES = {"key": "sizes", "inputs": {"required": {"width": ["INT", {"max": 64}]}, "optional": {"note": ["STRING"]}}}
DYNAMIC = {"a": ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "none", "inputs": {}}, SIZES]}]}
NESTED = {"a": ["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "deep", "inputs": {"required": DYNAMIC}}]}]}
GROWING = {
    "a": [
        "COMFY_AUTOGROW_V3",
        {"template": {"input": {"required": {"i": ["IMAGE"]}}, "prefix": "p", "min": 1, "max": 3}},
    ]
}
NAMED = {"a": ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"i": ["FLOAT,INT"]}}, "names": ["x", "y"]}}]}


@pytest.mark.parametrize(
    ("required", "inputs", "name", "kind"),
    [
        # A list in a declared input is a link, whatever its type.
        ({"a": ["INT"]}, {"a": []}, "a", "bad_link"),
        ({"a": ["INT"]}, {"a": [1, 2, 3]}, "a", "bad_link"),
        ({"a": ["STRING"]}, {"a": ["text"]}, "a", "bad_link"),
        (CHOICE, {"a": ["x", "y"]}, "a", "bad_link"),
        (LINK_ONLY, {"a": [["1", 0]]}, "a", "bad_link"),
        (LINK_ONLY, {"a": [1, 0]}, "a", "bad_link"),
        (LINK_ONLY, {"a": [None, 0]}, "a", "bad_link"),
        (LINK_ONLY, {"a": ["1", "0"]}, "a", "bad_link"),
        (LINK_ONLY, {"a": ["1", 0.0]}, "a", "bad_link"),
        (LINK_ONLY, {"a": ["1", None]}, "a", "bad_link"),
        (LINK_ONLY, {"a": ["1", -1]}, "a", "missing_slot"),
        # Some types can only be linked.
        (LINK_ONLY, {"a": "1"}, "a", "wrong_type"),
        (LINK_ONLY, {"a": 0}, "a", "wrong_type"),
        (LINK_ONLY, {"a": {}}, "a", "wrong_type"),
        (LINK_ONLY, {"a": None}, "a", "wrong_type"),
        ({"a": ["IMAGE,MASK"]}, {"a": "text"}, "a", "wrong_type"),
        (
            {"a": ["COMFY_MATCHTYPE_V3", {"template": {"allowed_types": "IMAGE,MASK"}}]},
            {"a": "text"},
            "a",
            "wrong_type",
        ),
        ({"a": ["MODEL", {"lazy": True, "rawLink": True}]}, {"a": "text"}, "a", "wrong_type"),
        ({"a": ["INT"]}, {"a": {}}, "a", "wrong_type"),
        ({"a": ["INT"]}, {"a": {"__value__": [1]}}, "a", "wrong_type"),
        # No link goes into a choice, and a value is one of the choices.
        (CHOICE, {"a": ["1", 0]}, "a", "type_mismatch"),
        (CHOICE, {"a": {}}, "a", "not_offered"),
        (CHOICE, {"a": {"__value__": ["x"]}}, "a", "not_offered"),
        # Sets of types need a type in common.
        ({"a": ["LATENT,MASK"]}, {"a": ["1", 0]}, "a", "type_mismatch"),
        ({"a": ["LATENT"]}, {"a": ["1", 3]}, "a", "type_mismatch"),
        # Dynamic choices bring the inputs of the option that is chosen.
        (DYNAMIC, {}, "a", "missing_input"),
        (DYNAMIC, {"a": "nothing"}, "a", "not_offered"),
        (DYNAMIC, {"a": ["1", 0]}, "a", "not_offered"),
        (DYNAMIC, {"a": "sizes"}, "a.width", "missing_input"),
        (DYNAMIC, {"a": "sizes", "a.width": 65}, "a.width", "out_of_range"),
        (NESTED, {"a": "deep", "a.a": "sizes", "a.a.width": 65}, "a.a.width", "out_of_range"),
        # Growing inputs have items, and a link to anything else fails when the node runs.
        (GROWING, {}, "a.p0", "missing_input"),
        (GROWING, {"a": {"p0": ["1", 0]}}, "a.p0", "missing_input"),
        (GROWING, {"a.p0": ["1", 0], "a.p1": None}, "a.p1", "wrong_type"),
        (GROWING, {"a.p0": ["1", 0], "a.p3": ["1", 0]}, "a.p3", "unknown_input"),
        (GROWING, {"a.p0": ["1", 0], "a.first": ["1", 0]}, "a.first", "unknown_input"),
        (GROWING, {"a.p0": ["1", 0], "p1": ["1", 0]}, "p1", "unknown_input"),
        (NAMED, {"a.x": ["1", 0]}, "a.x", "type_mismatch"),
        (NAMED, {"a.z": ["1", 0]}, "a.z", "unknown_input"),
    ],
)
def test_lists_links_and_choices_are_read_as_servers_read_them(
    required: dict[str, Any], inputs: dict[str, Any], name: str, kind: str
) -> None:
    assert [(where, what) for _, _, where, what in sink(required, inputs)] == [(name, kind)]


@pytest.mark.parametrize(
    ("required", "inputs"),
    [
        (LINK_ONLY, {"a": {"__value__": ["1", 0]}}),  # servers unwrap it and follow the link
        ({"a": ["STRING"]}, {"a": {"__value__": ["text", 1]}}),
        ({"a": ["COMBO", {"options": ["x"], "multiselect": True}]}, {"a": {"__value__": ["x"]}}),
        ({"a": ["COMBO", {"options": []}]}, {"a": "made elsewhere"}),
        ({"ckpt": [[]]}, {"ckpt": "a.safetensors"}),
        (DYNAMIC, {"a": "sizes", "a.width": 64}),
        (DYNAMIC, {"a": "none", "a.width": 65}),  # of another option: ignored
        (NESTED, {"a": "deep", "a.a": "unheard of"}),  # the node runs without what the option would have brought
        (GROWING, {"a.p0": ["1", 0], "a.p2": ["1", 0]}),
        (GROWING, {"a.p0": ["1", 0], "a.p3": 5}),  # a value under a name that is not declared is ignored
        (NAMED, {}),
        ({"b": ["INT"]}, {"b": 1, "undeclared": ["1", "0"]}),
        ({"b": ["INT"]}, {"b": 1, "undeclared": {"nested": ["9", 0]}}),
    ],
)
def test_what_servers_accept_passes(required: dict[str, Any], inputs: dict[str, Any]) -> None:
    assert sink(required, inputs) == []


def test_an_optional_input_that_takes_links_only_may_be_null() -> None:
    info = {"Sink": definition(optional={"a": ["IMAGE"]}, saves=True)}
    assert found({"1": {"class_type": "Sink", "inputs": {"a": None}}}, info) == []
    assert found({"1": {"class_type": "Sink", "inputs": {"a": "x"}}}, info) == [("1", "Sink", "a", "wrong_type")]


@pytest.mark.parametrize("undeclared", [["16:9", 1], ["16:9", 1.0], ["16:9", True]])
def test_a_list_that_servers_take_for_a_link_is_found_in_undeclared_inputs(undeclared: list[Any]) -> None:
    """Real servers accept it with 200, and run no job of anybody from then on."""
    assert sink({}, {"undeclared": undeclared}) == [("2", "Sink", "undeclared", "missing_node")]


def ring(*names: str, needed: bool) -> dict[str, Any]:
    graph = {
        name: {"class_type": "ImageScale", "inputs": {"image": [other, 0], "method": "nearest", "crop": "center"}}
        for name, other in zip(names, [*names[1:], names[0]], strict=True)
    }
    return {**right(), **graph, **({"s": {"class_type": "SaveImage", "inputs": SAVED}} if needed else {})}


SAVED = {"images": ["a", 0], "filename_prefix": ""}


@pytest.mark.parametrize("names", ["a", "ab", "abc"])
def test_a_ring_is_named_in_its_order(names: str) -> None:
    only = problem(ring(*names, needed=True))
    assert (only.kind, only.node_id) == ("cycle", "a")
    assert " -> ".join(f"node {name!r} (ImageScale)" for name in [*names, "a"]) in only.message
    assert found(ring(*names, needed=False)) == []  # no output needs it: servers never look


def test_a_ring_through_an_undeclared_input_is_found() -> None:
    """ComfyUI reports success for it and has run nothing."""
    graph = right()
    graph["1"]["inputs"]["unheard_of"] = ["3", 0]
    info = {**INFO, "SaveImage": {**INFO["SaveImage"], "output": ["IMAGE"]}}
    assert [kind for *_, kind in found(graph, info)] == ["cycle"]


def test_an_output_that_matches_a_type_has_the_types_of_its_links() -> None:
    matching = ["COMFY_MATCHTYPE_V3", {"template": {"template_id": "t", "allowed_types": "*"}}]
    info = {
        **INFO,
        "Switch": definition({"no": matching, "yes": matching}, output=["COMFY_MATCHTYPE_V3"], output_matchtypes=["t"]),
        "Text": definition(output=["STRING"]),
    }
    graph = {
        "t": {"class_type": "Text"},
        "i": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}},
        "s": {"class_type": "Switch", "inputs": {"no": ["t", 0], "yes": ["t", 0]}},
        "o": {"class_type": "SaveImage", "inputs": {"images": ["s", 0], "filename_prefix": ""}},
    }
    assert found(graph, info) == [("o", "SaveImage", "images", "type_mismatch")]
    graph["s"]["inputs"]["yes"] = ["i", 0]  # which of the two it will be is known when it runs
    assert found(graph, info) == []
    graph["s"]["inputs"]["yes"] = "a value"
    assert found(graph, info) == []


def test_a_fault_that_no_output_needs_is_no_problem() -> None:
    graph = right()
    graph["9"] = {"class_type": "ImageScale", "inputs": {"image": ["77", 0], "method": "x", "crop": [1]}}
    assert found(graph) == []


def test_an_id_may_begin_with_an_underscore() -> None:
    graph = {("__proto__" if name == "1" else name): node for name, node in right().items()}
    graph["2"]["inputs"]["image"] = ["__proto__", 0]
    assert found(graph) == []


class Model:
    """As a raw model of the generated client presents itself."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def to_dict(self) -> dict[str, Any]:
        return self.fields


@pytest.mark.parametrize(
    "info",
    [INFO, GetNodeInfoResponse200.from_dict(INFO), Model(INFO), {name: Model(each) for name, each in INFO.items()}],
)
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
