"""Typed nodes: what is written for a server's definitions builds the graph that its user meant."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from comfy_cloud._core.stubs import write_stubs

FACTOR = {"required": {"factor": ["FLOAT", {"default": 2, "max": 8}]}}
NUMBERED = {"template": {"input": {"required": {"i": ["IMAGE"]}}, "prefix": "image"}}
NAMED = {"template": {"input": {"required": {"i": ["INT"]}}, "names": ["a", "b"]}}
DEFINITIONS: dict[str, Any] = {
    "Load Picture": {
        "input": {"required": {"image": [["a.png"], {"image_upload": True}]}},
        "output": ["IMAGE", "MASK"],
        "output_name": ["IMAGE", "IMAGE"],
        "description": 'Ends """ here \\" and there\u2028.',
    },
    "Save": {"input": {"required": {"images": ["IMAGE"], "class": ["STRING", {"default": "x"}]}}, "output": []},
    "Size": {
        "input": {
            "required": {
                "pixels": ["IMAGE,MASK"],
                "size": [
                    "COMFY_DYNAMICCOMBO_V3",
                    {
                        "options": [
                            {
                                "key": "by factor",
                                "inputs": {"required": {"factor": ["FLOAT", {"default": 2, "max": 8}]}},
                            },
                            {"key": "none", "inputs": {}},
                        ]
                    },
                ],
                "method": [["area", "near"], {"default": "near"}],
            },
            "optional": {"seed": ["INT", {"min": 0, "max": 9}], "curve": ["CURVE", {"default": []}]},
        },
        "output": ["COMFY_MATCHTYPE_V3"],
    },
    "Batch": {
        "input": {
            "required": {
                "images": [
                    "COMFY_AUTOGROW_V3",
                    {"template": {"input": {"required": {"i": ["IMAGE"]}}, "prefix": "image"}},
                ]
            },
            "optional": {
                "named": [
                    "COMFY_AUTOGROW_V3",
                    {"template": {"input": {"required": {"i": ["INT"]}}, "names": ["a", "b"]}},
                ]
            },
        },
        "output": ["IMAGE"],
    },
    "1 odd-name": {"input": {"required": {"x y": ["INT", {"default": True}], "x-y": ["*"]}}, "output": ["INT"]},
    "Any": {"input": {}, "output": ["INT"], "output_name": None},
    "Own": {
        "input": {"required": {"super": ["INT"], "Items": ["INT"], "value": ["INT"]}},
        "output": ["INT", "INT", "*"],
        "output_name": ["int", "property", "Any"],
    },
    "broken": None,
}


@pytest.fixture
def nodes() -> Any:
    module = ModuleType("nodes_of_a_test")
    exec(compile(write_stubs(DEFINITIONS, server="https://server.test"), "nodes.py", "exec"), module.__dict__)
    return module


def test_calls_become_the_graph_in_the_order_of_what_is_needed(nodes: Any) -> None:
    picture = nodes.Load_Picture(image="a.png", title="Mine")
    sized = nodes.Size(pixels=picture.IMAGE, size=nodes.Size_size_by_factor(factor=3), seed=1)
    batch = nodes.Batch(images=[picture.IMAGE, picture.IMAGE], named={"b": 5})
    graph = nodes.workflow(nodes.Save(images=batch.IMAGE), sized).to_dict()
    assert graph == {
        "1": {"class_type": "Load Picture", "inputs": {"image": "a.png"}, "_meta": {"title": "Mine"}},
        "2": {"class_type": "Batch", "inputs": {"images.image0": ["1", 0], "images.image1": ["1", 0], "named.b": 5}},
        "3": {"class_type": "Save", "inputs": {"images": ["2", 0], "class": "x"}},
        "4": {
            "class_type": "Size",
            "inputs": {"pixels": ["1", 0], "size": "by factor", "size.factor": 3, "method": "near", "seed": 1},
        },
    }


def test_outputs_of_one_name_are_told_apart(nodes: Any) -> None:
    picture = nodes.Load_Picture(image="a.png")
    assert (picture.IMAGE.slot, picture.IMAGE_1.slot) == (0, 1)
    assert (type(picture.IMAGE), type(picture.IMAGE_1)) == (nodes.IMAGE, nodes.MASK)


def test_names_that_python_does_not_have_get_others(nodes: Any) -> None:
    odd = nodes._1_odd_name(x_y=1, x_y_="anything")
    assert odd.inputs == {"x y": 1, "x-y": "anything"}
    assert nodes.Any_1().INT.slot == 0
    assert nodes.Save(images=nodes.Load_Picture(image="b").IMAGE, class_="y").inputs["class"] == "y"


def test_names_of_the_module_itself_are_not_hidden(nodes: Any) -> None:
    """An output that is called `property` broke the import, and one called `int` each input of its class for mypy."""
    own = nodes.Own(super_=1, Items_=2, value=3)
    assert own.inputs == {"super": 1, "Items": 2, "value": 3}
    assert (own.int_0.slot, own.property_1.slot, own.Any_2.slot) == (0, 1, 2)


def test_texts_of_definitions_are_never_code(nodes: Any) -> None:
    """Definitions come from a server, and the module is executed where it is imported."""
    assert nodes.Load_Picture.__doc__.startswith("Load Picture: Ends ''' here")
    evil = {'x"]); raise SystemExit #': {"input": {"required": {'a\n"': [['b"\n'], {"tooltip": '"""\nraise'}]}}}}
    exec(write_stubs(evil, server='"""\nraise SystemExit'), ModuleType("evil").__dict__)


def test_a_thousand_classes_are_written_at_once() -> None:
    many = {f"{name} {number}": each for number in range(200) for name, each in DEFINITIONS.items()}
    assert write_stubs(many, server="x").count("(Call):") == 200 * sum(map(bool, DEFINITIONS.values()))
