"""An editor's save becomes the graph that the editor would send: one small save for each rule of the format."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from comfy_cloud import UIFormatError, Workflow

from .conversion_saves import LOAD, NODES, NOISE, Json, node, save, subgraph


def convert(data: Json, nodes: Json = NODES) -> Json:
    """The inputs by node of a save that converts without a problem."""
    workflow = Workflow.from_ui(data, nodes)
    assert workflow.conversion_problems == []
    return {each.id: dict(each.inputs) for each in workflow}


def problems(data: Json, nodes: Json = NODES) -> list[tuple[str | None, str | None, str]]:
    return [(each.node_id, each.input_name, each.kind) for each in Workflow.from_ui(data, nodes).conversion_problems]


FLAT = save(
    LOAD,
    node(2, "Noise", NOISE, {"image": 1}),
    node(3, "Save", ["pic", 80], {"images": 2}, title="Keep"),
    links=[(1, 1, 0, 2, 0), (2, 2, 0, 3, 0)],
)
NOISE_INPUTS = {"seed": 7, "steps": 30, "mode": "slow", "strength": 0.25}


def test_a_save_loads_as_the_editor_would_send_it(tmp_path: Any) -> None:
    file = tmp_path / "save.json"
    file.write_text(json.dumps(FLAT))
    workflow = Workflow.load(file, node_info=NODES)
    assert workflow.to_dict() == {
        "1": {"inputs": {"file": "a.png"}, "class_type": "Load", "_meta": {"title": "Load a picture"}},
        "2": {"inputs": {**NOISE_INPUTS, "image": ["1", 0]}, "class_type": "Noise", "_meta": {"title": "Noise"}},
        "3": {
            "inputs": {"prefix": "pic", "quality": 80, "images": ["2", 0]},
            "class_type": "Save",
            "_meta": {"title": "Keep"},
        },
    }
    assert Workflow.loads(json.dumps({"workflow": FLAT}), node_info=NODES) == workflow
    assert workflow.copy().conversion_problems == workflow.conversion_problems == []


def test_without_definitions_the_error_says_how_to_convert() -> None:
    with pytest.raises(UIFormatError, match=r"node_info=cloud\.nodes\.info\(\).*Export \(API\)"):
        Workflow.loads(json.dumps(FLAT))


def test_a_graph_beside_its_save_comes_first() -> None:
    """What was run is not what the editor would run now, once a seed has moved on."""
    both = {"prompt": {"9": {"class_type": "Save", "inputs": {}}}, "workflow": FLAT}
    assert [each.id for each in Workflow.loads(json.dumps(both), node_info=NODES)] == ["9"]


def test_a_save_is_copied_and_not_changed() -> None:
    data = save(node(1, "Plain", [{"deep": [1]}]), node(2, "Save", ["x"]))
    before = copy.deepcopy(data)
    Workflow.from_ui(data, NODES)["Plain"]["curve"]["deep"].append(2)
    assert data == before


def test_data_that_is_no_save_is_refused() -> None:
    for data in ({}, {"1": {"class_type": "Save", "inputs": {}}}):
        with pytest.raises(UIFormatError, match="must be an editor's save"):
            Workflow.from_ui(data, NODES)
    with pytest.raises(TypeError, match="node_info must be"):
        Workflow.from_ui(FLAT, None)


def test_links_may_be_objects_and_ids_strings() -> None:
    """Version 1 of the format, which the editor exports beside 0.4."""
    data = copy.deepcopy(FLAT)
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    data["links"] = [None, *(dict(zip(keys, link, strict=True)) for link in data["links"])]
    data |= {"version": 1, "state": {"lastNodeId": 3}}
    del data["last_node_id"]
    for each in data["nodes"]:
        each["id"] = str(each["id"])
    assert convert(data) == convert(FLAT)


def test_notes_and_muted_nodes_are_left_out() -> None:
    data = save(
        node(1, "Load", ["a.png"], mode=2),
        node(2, "Save", ["x"], {"images": 1}),
        node(3, "Note", ["words"]),
        node(4, "MarkdownNote", ["words"]),
        links=[(1, 1, 0, 2, 0)],
    )
    assert convert(data) == {"2": {"prefix": "x", "quality": 90}}


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        ([7, "randomize", 30, "slow", 0.25], NOISE_INPUTS),
        ([7, None, 30, "slow", 0.25], NOISE_INPUTS),
        ([7, True, 30, "slow", 0.25], NOISE_INPUTS),  # as in 2023
        ([7, 30, "slow", 0.25], NOISE_INPUTS),  # the editor takes 30 for the control
        ([7, "fixed", 30, "slow", 0.25, None, "image"], NOISE_INPUTS),
        ([7, "fixed", 30, None, None], {**NOISE_INPUTS, "mode": "fast", "strength": None}),
        ([], {"seed": 0, "steps": 20, "mode": "fast", "strength": 1.0}),
        (None, {"seed": 0, "steps": 20, "mode": "fast", "strength": 1.0}),
        ([7, "fixed", 30, "slow"], {**NOISE_INPUTS, "strength": 1.0}),
    ],
)
def test_values_go_to_their_widgets(values: Any, sent: Json) -> None:
    assert convert(save(node(1, "Noise", values)))["1"] == sent


def test_values_that_the_server_does_not_offer_stay_and_are_told() -> None:
    """They may belong to another widget; a model that is not installed is `check`'s to tell."""
    data = save(node(1, "Noise", [7, "fixed", 30.5, "medium", "0.5"]), node(2, "Load", ["mine.png"]))
    workflow = Workflow.from_ui(data, NODES)
    assert workflow["1"].inputs == {"seed": 7, "steps": 30.5, "mode": "medium", "strength": "0.5"}
    assert [(each.input_name, each.kind) for each in workflow.conversion_problems] == [
        ("steps", "out_of_range"),
        ("mode", "not_offered"),
        ("strength", "out_of_range"),
    ]


def test_widgets_are_in_the_order_that_the_server_gives() -> None:
    """A server may sort the inputs of a definition by name, and has their order beside."""
    nodes = copy.deepcopy(NODES)
    required = nodes["Noise"]["input"]["required"]
    nodes["Noise"]["input_order"] = {"required": list(required)}
    nodes["Noise"]["input"]["required"] = dict(sorted(required.items()))
    assert convert(FLAT, nodes) == convert(FLAT)


def test_a_list_is_sent_as_data() -> None:
    data = save(node(1, "Plain", [[1, 2]]), node(2, "Plain", [{"x": 1}]))
    assert convert(data) == {"1": {"curve": {"__value__": [1, 2]}}, "2": {"curve": {"x": 1}}}


def test_a_linked_widget_keeps_its_place_and_its_value() -> None:
    def data(mode: int) -> Json:
        noise = node(2, "Noise", NOISE, {"steps": 1, "image": 9})
        return save(node(1, "Number", [5], mode=mode), noise, links=[(1, 1, 0, 2, 0)])

    linked = {"seed": 7, "steps": ["1", 0], "mode": "slow", "strength": 0.25}
    assert Workflow.from_ui(data(0), NODES)["2"].inputs == linked
    assert Workflow.from_ui(data(2), NODES)["2"].inputs == NOISE_INPUTS  # a muted source: the own value comes back
    assert problems(data(0)) == [("2", "image", "missing_node")]  # link 9 is not in the save


def test_links_to_inputs_that_the_class_lacks_are_kept() -> None:
    data = save(LOAD, node(2, "Save", ["x"], {"images": 1, "mask": 2}), links=[(1, 1, 0, 2, 0), (2, 1, 1, 2, 1)])
    assert convert(data)["2"] == {"prefix": "x", "quality": 90, "images": ["1", 0], "mask": ["1", 1]}


def test_dynamic_choices_take_as_many_values_as_their_option_has() -> None:
    data = save(node(1, "Resize", ["by size", 10, 20, False]), node(2, "Resize", ["by factor", 3, False]))
    assert convert(data) == {
        "1": {"by": "by size", "by.width": 10, "by.height": 20, "sharp": False},
        "2": {"by": "by factor", "by.factor": 3, "sharp": False},
    }


def test_an_unknown_key_of_a_dynamic_choice_is_told() -> None:
    data = save(node(1, "Resize", ["by area", 10, False]))
    assert problems(data) == [("1", "by", "not_offered"), ("1", "sharp", "missing_value")]


def test_growing_inputs_are_links_by_their_full_names() -> None:
    data = save(LOAD, node(2, "Join", [], {"images.image0": 1, "images.image1": 2}), links=[(1, 1, 0, 2, 0)])
    data["links"].append([2, 1, 0, 2, 1, "IMAGE"])
    assert convert(data)["2"] == {"images.image0": ["1", 0], "images.image1": ["1", 0]}


def test_custom_combo_has_its_options_from_the_save() -> None:
    data = save(node(1, "CustomCombo", ["b", 1, "a", "b", ""]))
    assert convert(data)["1"] == {"choice": "b", "index": 1, "option1": "a", "option2": "b", "option3": ""}


def test_inputs_that_are_only_sockets_have_no_value() -> None:
    assert convert(save(node(1, "Plain", [{"points": []}]))) == {"1": {"curve": {"points": []}}}


@pytest.mark.parametrize(("mode", "image"), [(0, {"image": ["1", 1]}), (4, {"image": ["1", 1]}), (2, {})])
def test_reroutes_are_looked_through(mode: int, image: Json) -> None:
    data = save(
        LOAD,
        node(2, "Reroute", None, {"": 1}, gives=["*"]),
        node(3, "Reroute", None, {"": 2}, gives=["*"], mode=mode),
        node(4, "Noise", NOISE, {"image": 3}),
        links=[(1, 1, 1, 2, 0), (2, 2, 0, 3, 0), (3, 3, 0, 4, 0)],
    )
    assert convert(data)["4"] == NOISE_INPUTS | image


def test_a_ring_of_reroutes_is_told() -> None:
    data = save(
        node(1, "Reroute", None, {"": 1}, gives=["*"]),
        node(2, "Reroute", None, {"": 2}, gives=["*"]),
        node(3, "Save", ["x"], {"images": 3}),
        links=[(1, 2, 0, 1, 0), (2, 1, 0, 2, 0), (3, 1, 0, 3, 0)],
    )
    assert problems(data) == [("3", "images", "cycle")]


def test_a_primitive_gives_its_value_to_the_widget_it_is_linked_to() -> None:
    data = save(
        node(1, "PrimitiveNode", [99, "fixed"], gives=["INT"], mode=2),
        node(2, "Noise", NOISE, {"seed": 1}),
        node(3, "PrimitiveNode", [], gives=["INT"]),
        node(4, "Noise", NOISE, {"seed": 2}),
        links=[(1, 1, 0, 2, 0), (2, 3, 0, 4, 0)],
    )
    assert convert(data) == {"2": {**NOISE_INPUTS, "seed": 99}, "4": NOISE_INPUTS}


def test_a_primitive_behind_a_reroute_is_lost_as_in_the_editor_and_told() -> None:
    data = save(
        node(1, "PrimitiveNode", [99, "fixed"], gives=["INT"]),
        node(2, "Reroute", None, {"": 1}, gives=["*"]),
        node(3, "Noise", NOISE, {"seed": 2}),
        links=[(1, 1, 0, 2, 0), (2, 2, 0, 3, 0)],
    )
    assert Workflow.from_ui(data, NODES)["3"]["seed"] == 7
    assert problems(data) == [("3", "seed", "lost_value")]


@pytest.mark.parametrize(
    ("links", "images"),
    [
        ([(1, 1, 1, 3, 0), (2, 1, 0, 3, 1)], ["1", 1]),  # the input at the place of the output
        ([(2, 1, 0, 3, 1)], None),  # which is open: nothing, though another has a link
    ],
)
def test_a_bypassed_node_hands_on_what_fits(links: list[Any], images: Any) -> None:
    ends = {"a": 1 if len(links) > 1 else None, "b": 2}
    data = save(
        LOAD,
        node(3, "Blend", [0.5], ends, mode=4),
        node(4, "Save", ["x"], {"images": 3}),
        links=[*links, (3, 3, 0, 4, 0)],
    )
    assert convert(data)["4"].get("images") == images


def test_a_bypassed_node_finds_its_type_among_other_inputs() -> None:
    bypassed = node(3, "Other", None, {"mask": 1, "picture": 2}, gives=["IMAGE", "LATENT"], mode=4)
    data = save(
        LOAD,
        bypassed,
        node(4, "Save", ["x"], {"images": 3}),
        node(5, "Save", ["y"], {"images": 4}),
        links=[(1, 1, 1, 3, 0), (2, 1, 0, 3, 1), (3, 3, 0, 4, 0), (4, 3, 1, 5, 0)],
    )
    found = convert(data)
    assert found["4"]["images"] == ["1", 0]
    assert "images" not in found["5"]


SUB = subgraph(
    "sub",
    [
        node(20, "Noise", NOISE, {"image": 1, "seed": 2, "steps": 3}),
        node(21, "Noise", [8, "fixed", 9, "fast", 1.0], {"image": 4}),
    ],
    [(1, -10, 0, 20, 0), (2, -10, 1, 20, 1), (3, -10, 2, 20, 2), (4, 20, 0, 21, 0), (5, 21, 0, -20, 0)],
    {"picture": "IMAGE", "seed": "INT", "steps": "INT"},
    {"IMAGE": "IMAGE"},
)


def with_sub(host: Json, *more: Json, links: list[Any] | None = None, sub: Json = SUB) -> Json:
    nodes = (LOAD, host, node(6, "Save", ["x"], {"images": 8}), *more)
    links = [(7, 1, 0, host["id"], 0), (8, host["id"], 0, 6, 0), *(links or [])]
    return save(*nodes, links=links, definitions={"subgraphs": [copy.deepcopy(sub)]})


def host(values: Any, inputs: Json | None = None, **more: Any) -> Json:
    given = {"picture": 7, "seed": None, "steps": None} if inputs is None else inputs
    return node(5, "sub", values, given, gives=["IMAGE"], **more)


def test_a_subgraph_is_unfolded_with_the_values_of_its_node() -> None:
    found = convert(with_sub(host([55, 66])))
    assert found["5:20"] == {**NOISE_INPUTS, "seed": 55, "steps": 66, "image": ["1", 0]}
    assert found["5:21"]["image"] == ["5:20", 0]
    assert found["6"]["images"] == ["5:21", 0]
    assert sorted(found) == ["1", "5:20", "5:21", "6"]


@pytest.mark.parametrize(
    ("node_of_sub", "seed", "steps"),
    [
        (host([55, 66], {"picture": 7}), 55, 66),  # it need not list all inputs
        (host([]), 7, 30),
        (host({"steps": 66}), 7, 66),
        (host([55, 66], widgets_values_named={"steps": 3}), 7, 3),
        (host([], properties={"proxyWidgets": [["20", "seed"], ["20", "strength"]]}), 7, 30),
        (host([66, None], properties={"proxyWidgets": [["-1", "steps"], ["-1", "seed"]]}), None, 66),
        (host([1, 66], properties={"proxyWidgets": [["20", "seed"], ["-1", "steps"]]}), 7, 66),
    ],
)
def test_promoted_values(node_of_sub: Json, seed: Any, steps: Any) -> None:
    found = Workflow.from_ui(with_sub(node_of_sub), NODES)["5:20"]
    assert (found["seed"], found["steps"]) == (seed, steps)


def test_a_proxy_sets_a_widget_inside_that_no_input_leads_to() -> None:
    proxies = {"proxyWidgets": [["-1", "seed"], ["20", "strength"], ["21", "strength"], ["20", "$$preview"]]}
    found = convert(with_sub(host([55, 0.75, None, None], properties=proxies)))
    assert (found["5:20"]["seed"], found["5:20"]["strength"], found["5:21"]["strength"]) == (55, 0.75, 1.0)


def test_a_link_to_a_subgraph_comes_before_its_value() -> None:
    linked = host([55, 66], {"picture": 7, "seed": 9})
    data = with_sub(linked, node(9, "Number", [5]), links=[(9, 9, 0, 5, 1)])
    assert convert(data)["5:20"]["seed"] == ["9", 0]
    data["nodes"][-1]["mode"] = 2
    assert convert(data)["5:20"]["seed"] == 55


def test_a_primitive_into_a_subgraph_is_lost_as_in_the_editor_and_told() -> None:
    linked = host([55, 66], {"picture": 7, "seed": 9})
    data = with_sub(linked, node(9, "PrimitiveNode", [5], gives=["INT"]), links=[(9, 9, 0, 5, 1)])
    assert Workflow.from_ui(data, NODES)["5:20"]["seed"] == 55
    assert problems(data) == [("5:20", "seed", "lost_value")]


def test_two_nodes_of_one_subgraph_are_two_sets_of_nodes() -> None:
    second = node(7, "sub", [1, 2], {"picture": None}, gives=["IMAGE"])
    found = convert(with_sub(host([55, 66]), second))
    assert (found["5:20"]["seed"], found["7:20"]["seed"]) == (55, 1)
    assert found["7:21"]["image"] == ["7:20", 0]
    assert "image" not in found["7:20"]


def test_muting_or_bypassing_a_subgraph_holds_for_all_inside() -> None:
    assert convert(with_sub(host([55, 66], mode=2)))["6"] == {"prefix": "x", "quality": 90}
    assert convert(with_sub(host([55, 66], mode=4)))["6"]["images"] == ["1", 0]


def test_subgraphs_inside_subgraphs() -> None:
    inner = subgraph(
        "outer",
        [node(30, "sub", [55, 66], {"picture": 1, "seed": 2, "steps": None}, gives=["IMAGE"])],
        [(1, -10, 0, 30, 0), (2, -10, 1, 30, 1), (3, 30, 0, -20, 0)],
        {"picture": "IMAGE", "number": "INT"},
        {"IMAGE": "IMAGE"},
    )
    for values, seed in (([44], 44), ([], 55)):
        data = with_sub(node(5, "outer", values, {"picture": 7}, gives=["IMAGE"]), sub=inner)
        data["definitions"]["subgraphs"].append(copy.deepcopy(SUB))
        found = convert(data)
        assert found["6"]["images"] == ["5:30:21", 0]
        assert found["5:30:20"] == {**NOISE_INPUTS, "seed": seed, "steps": 66, "image": ["1", 0]}


def test_ids_that_are_taken_get_the_next_number() -> None:
    data = with_sub(host([1, 2], properties={"proxyWidgets": [["-1", "seed"], ["6", "strength"]]}))
    inner = data["definitions"]["subgraphs"][0]
    inner["nodes"][0]["id"] = 6
    for link in inner["links"]:
        link.update({key: 6 for key in ("origin_id", "target_id") if link[key] == 20})
    data["last_node_id"] = 40
    found = convert(data)
    assert found["5:41"]["strength"] == 2
    assert found["5:21"]["image"] == ["5:41", 0]


def test_a_group_node_becomes_a_subgraph() -> None:
    group = {
        "nodes": [
            {**node(0, "Noise", NOISE, {"image": None}), "index": 0},
            {**node(0, "Noise", NOISE, {"image": None}), "index": 1},
        ],
        "links": [[0, 0, 1, 0, 1, "IMAGE"]],
        "external": [],
    }
    values = [1, "fixed", 2, "fast", 0.1, 3, "fixed", 4, "slow", 0.2]
    grouped = node(2, "workflow>G", values, {"Noise image": 1}, gives=["IMAGE"])
    data = save(
        LOAD,
        grouped,
        node(3, "Save", ["x"], {"images": 2}),
        links=[(1, 1, 0, 2, 0), (2, 2, 0, 3, 0)],
        extra={"groupNodes": {"G": group}},
    )
    found = convert(data)
    assert found["6:4"] == {"seed": 1, "steps": 2, "mode": "fast", "strength": 0.1, "image": ["1", 0]}
    assert found["6:5"] == {"seed": 3, "steps": 4, "mode": "slow", "strength": 0.2, "image": ["6:4", 0]}
    assert found["3"]["images"] == ["6:5", 0]


def test_a_link_to_a_subgraph_that_leads_to_nothing_inside_is_told() -> None:
    linked = node(5, "sub", [55, 66], {"picture": 7, "mask": 9}, gives=["IMAGE"])
    data = with_sub(linked, node(9, "Number", [5]), links=[(9, 9, 0, 5, 1)])
    assert problems(data) == [("5", "mask", "lost_value")]


def test_a_class_that_the_server_lacks_is_told_and_kept() -> None:
    data = save(LOAD, node(2, "Nois", [1, "x"], {"image": 1}, gives=["IMAGE"]), links=[(1, 1, 0, 2, 0)])
    workflow = Workflow.from_ui(data, NODES)
    assert workflow["Nois"].inputs == {"image": ["1", 0]}
    (problem,) = workflow.conversion_problems
    assert (problem.node_id, problem.kind) == ("2", "unknown_class")
    assert "did you mean 'Noise'?" in problem.message
    with pytest.raises(UIFormatError, match="could not be converted exactly: node '2'"):
        Workflow.from_ui(data, NODES, strict=True)


def test_seeds_beyond_the_editors_numbers_stay_exact() -> None:
    """JavaScript would send 18446744073709552000, which is another picture."""
    data = save(node(1, "Noise", [2**64 - 1, "fixed", 30, "slow", 0.25]))
    workflow = Workflow.loads(json.dumps(data), node_info=NODES, strict=True)
    assert workflow["1"]["seed"] == 2**64 - 1
    assert [each.kind for each in workflow.conversion_problems] == ["better_than_editor"]


def test_values_as_an_object_are_read_by_name() -> None:
    values = {"strength": 0.25, "seed": 7, "mode": "slow", "steps": 30, "control_after_generate": "fixed"}
    workflow = Workflow.from_ui(save(node(1, "Noise", values)), NODES, strict=True)
    assert workflow["1"].inputs == NOISE_INPUTS


def test_a_raw_model_serves_as_definitions() -> None:
    from comfy_cloud.raw.models.get_node_info_response_200 import GetNodeInfoResponse200

    model = GetNodeInfoResponse200.from_dict(copy.deepcopy(NODES))
    assert Workflow.from_ui(FLAT, model) == Workflow.from_ui(FLAT, NODES)
