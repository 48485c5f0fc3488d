"""Loading workflows: what people have on disk must load as it is, or be refused with what to do about it."""

from __future__ import annotations

import io
import json
import math
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from comfy_cloud import workflow as workflow_module
from comfy_cloud._core.media import bounds
from comfy_cloud._core.media.png import SIGNATURE
from comfy_cloud.errors import UIFormatError, WorkflowError
from comfy_cloud.workflow import Workflow

GRAPH: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}, "_meta": {"title": "Photo"}},
    "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "négatif"}},
}
UI_SAVES = [
    {"last_node_id": 3, "last_link_id": 2, "nodes": [{"id": 1, "type": "LoadImage"}], "links": [], "version": 0.4},
    {"version": 1, "state": {"lastNodeId": 3, "lastLinkId": 2}, "nodes": [{"id": 1}], "links": [{"id": 1}]},
    {"state": {"lastNodeId": 0, "lastLinkId": 0, "lastGroupid": 0, "lastRerouteId": 0}, "nodes": []},
    {"nodes": [{"id": 9, "type": "c0ffee"}], "links": [], "definitions": {"subgraphs": [{"nodes": []}]}},
    {"prompt": {"nodes": [], "links": []}},
    {"workflow": {"nodes": [], "links": []}},
]


def png(*texts: tuple[str, str], kind: str = "tEXt") -> bytes:
    """A picture with texts as Pillow, and so ComfyUI, writes them."""
    info = PngImagePlugin.PngInfo()
    for key, text in texts:
        info.add_itxt(key, text, zip=True) if kind == "iTXt" else info.add_text(key, text, zip=kind == "zTXt")
    file = io.BytesIO()
    Image.new("RGB", (4, 4)).save(file, "png", pnginfo=info)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


@pytest.mark.parametrize(
    "wrap", [lambda g: g, lambda g: {"prompt": g}, lambda g: {"prompt": g, "extra_data": {"k": 1}}]
)
def test_a_graph_and_its_wrappers_load_alike(wrap: Any) -> None:
    """Else a workflow read back from a job, or saved with its submit, would have to be unwrapped by hand."""
    assert Workflow(wrap(GRAPH)).to_dict() == GRAPH
    assert Workflow.loads(json.dumps(wrap(GRAPH))).to_dict() == GRAPH


def test_a_node_called_prompt_is_no_wrapper() -> None:
    graph = {"prompt": {"class_type": "PreviewAny", "inputs": {"source": 1}}}
    assert Workflow(graph).to_dict() == graph


def test_loading_copies_deeply_and_leaves_the_callers_dict_alone() -> None:
    """Else a sweep over one loaded dict would carry settings from one run into the next."""
    before = json.dumps(GRAPH)
    workflow = Workflow(GRAPH)
    workflow["Photo"]["image"] = "dog.png"
    workflow.to_dict()["3"]["inputs"]["images"][1] = 7
    assert json.dumps(GRAPH) == before
    assert workflow["3"]["images"] == ["2", 0]


def test_a_file_loads_by_path_text_path_and_open_file(tmp_path: Path) -> None:
    file = tmp_path / "flow.json"
    file.write_text(json.dumps(GRAPH, ensure_ascii=False), encoding="utf-8")
    expected = Workflow(GRAPH)
    assert Workflow.load(file) == expected
    assert Workflow.load(str(file)) == expected
    with file.open("rb") as binary, file.open(encoding="utf-8") as text:
        assert Workflow.load(binary) == expected
        assert Workflow.load(text) == expected


def test_a_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "a.json").write_text(json.dumps(GRAPH), encoding="utf-8")
    assert Workflow.load("~/a.json").to_dict() == GRAPH
    with pytest.raises(WorkflowError, match="no home folder of '~nobody-of-this-name'"):
        Workflow.load("~nobody-of-this-name/a.json")


@pytest.mark.parametrize("path", ["", "\ud83d.json", "a\0.json"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(WorkflowError, match="is no path"):
        Workflow.load(path)


def test_strict_is_a_switch() -> None:
    with pytest.raises(TypeError, match="strict must be True or False, not str"):
        Workflow.loads(json.dumps(GRAPH), strict="no")  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_what_windows_editors_and_shells_write_loads(encoding: str) -> None:
    text = json.dumps(GRAPH, ensure_ascii=False)
    assert Workflow.loads(text.encode(encoding)) == Workflow(GRAPH)
    assert Workflow.loads("\ufeff" + text) == Workflow(GRAPH)


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt"])
def test_a_png_gives_back_the_workflow_it_was_made_by(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "out.png"
    file.write_bytes(png(("prompt", json.dumps(GRAPH)), ("workflow", '{"nodes": []}'), kind=kind))
    assert Workflow.load(file) == Workflow(GRAPH)
    assert Workflow.loads(file.read_bytes()) == Workflow(GRAPH)


def test_utf8_in_a_plain_png_text_is_read_as_such() -> None:
    """Some writers ignore that the standard says Latin-1; prompts in other scripts would come back garbled."""
    for encoding in ("utf-8", "latin-1"):
        body = b"prompt\0" + json.dumps(GRAPH, ensure_ascii=False).encode(encoding)
        data = SIGNATURE + chunk(b"tEXt", body) + chunk(b"IEND", b"")
        assert Workflow.loads(data)["3"]["filename_prefix"] == "négatif"


def test_a_png_cut_after_its_texts_still_gives_its_workflow() -> None:
    data = png(("prompt", json.dumps(GRAPH)))
    assert Workflow.loads(data[:-20]) == Workflow(GRAPH)


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (png(("workflow", '{"nodes": []}')), UIFormatError, r"only the editor's workflow.*Export \(API\)"),
        (png(("parameters", "a cat")), WorkflowError, "carries no workflow"),
        (png(("prompt", "{")), WorkflowError, "not JSON"),
        (png()[:30], WorkflowError, "cut off"),
        (png(("prompt", "{}")).replace(b"prompt\0{}", b"prompt\0{]"), WorkflowError, "damaged"),
        (SIGNATURE + chunk(b"zTXt", b"prompt\0\0junk"), WorkflowError, "compressed text is damaged"),
        (SIGNATURE + chunk(b"zTXt", b"prompt\0\0" + zlib.compress(b"x" * 99)[:-6]), WorkflowError, "cut off"),
        (SIGNATURE + b"\xff\xff\xff\xfftEXt", WorkflowError, "cut off"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", WorkflowError, "is a WebP"),
        (b"\xff\xd8\xff\xe0 picture", WorkflowError, "is a JPEG that was cut off"),
        (b"BM\xff\xfe picture", WorkflowError, "neither JSON nor a file that carries a workflow"),
    ],
)
def test_pictures_without_a_usable_workflow_say_so(data: bytes, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        Workflow.loads(data)


def test_a_text_that_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a picture of some kilobytes from anywhere could take all memory."""
    monkeypatch.setattr(bounds, "MAX_TEXT_BYTES", 1000)
    with pytest.raises(WorkflowError, match="larger than 1000 bytes"):
        Workflow.loads(png(("prompt", " " * 100_000), kind="zTXt"))


def test_a_file_too_large_for_a_workflow_is_not_read_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(workflow_module, "MAX_FILE_BYTES", 100)
    (tmp_path / "film.mp4").write_bytes(bytes(101))
    with pytest.raises(WorkflowError, match=r"film\.mp4.*larger than 100 bytes"):
        Workflow.load(tmp_path / "film.mp4")


@pytest.mark.parametrize("save", UI_SAVES)
def test_an_editors_save_is_recognised_whatever_its_generation(save: dict[str, Any], tmp_path: Path) -> None:
    """It is what most people have at hand; a server only answers 500 to it."""
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(save))
    with pytest.raises(UIFormatError, match=r"mine\.json.*UI format.*Workflow > Export \(API\)"):
        Workflow.load(file)
    with pytest.raises(UIFormatError):
        Workflow(save)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"1": {"class_type": "A",\n  "inputs": {,}}}', "not JSON.*line 2 column 14"),
        ("", "is empty"),
        ("portrait.json", "not JSON"),
        ("[1]", "holds a list.*maps node ids"),
        ("null", "holds a NoneType"),
        ("{}", "holds no nodes"),
        ('{"_comment": "x"}', "holds no nodes"),
        ('{"1": {"class_type": "A", "inputs": {}}, "seed": 5, "2": {"inputs": {}}}', "not a node: seed, 2"),
        ('{"1": {"class_type": "A", "inputs": []}}', r"node '1' \(A\): 'inputs' is a list"),
        ('{"1": {"class_type": "A"}, "1": {"class_type": "B"}}', "node id '1' is twice"),
        ('{"1": {"class_type": "A", "inputs": {"seed": 1, "seed": 2}}}', "key 'seed' is twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"1": {"class_type": "A", "inputs": {"n": ' + "9" * 5000 + "}}}", "cannot be read"),
    ],
)
def test_what_is_no_workflow_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(WorkflowError, match=says):
        Workflow.loads(text)


def test_wrong_things_handed_to_the_wrong_loader_name_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match=r"Workflow\.load reads a file"):
        Workflow("portrait.json")  # type: ignore[arg-type]
    with pytest.raises(WorkflowError, match="takes a path or an open file, not dict"):
        Workflow.load(GRAPH)  # type: ignore[arg-type]
    with pytest.raises(WorkflowError, match="takes text or bytes, not dict"):
        Workflow.loads(GRAPH)  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        Workflow.load(tmp_path / "nowhere.json")
    (tmp_path / "out.png").write_bytes(png())
    with (
        (tmp_path / "out.png").open(encoding="utf-8") as text,
        pytest.raises(WorkflowError, match=r"out\.png.*open it with 'rb'"),
    ):
        Workflow.load(text)


def test_notes_are_kept_aside_and_never_sent() -> None:
    """A `_comment` makes a server answer 500, and people leave it there."""
    graph = {**GRAPH, "_comment": ["mine"], "_9": {"note": "no class"}}
    workflow = Workflow(graph)
    assert workflow.to_dict() == graph
    assert "_9" not in workflow
    assert len(workflow) == 3
    assert workflow._prepare().graph({}) == GRAPH


def test_a_node_whose_id_begins_with_an_underscore_is_a_node() -> None:
    """Servers run it: only what has no class makes them answer 500."""
    graph = {**GRAPH, "__proto__": {"class_type": "SaveImage", "inputs": {}}}
    assert "__proto__" in Workflow(graph)
    assert Workflow(graph)._prepare().graph({}) == graph


def test_ids_written_as_numbers_become_text_with_the_links_to_them() -> None:
    workflow = Workflow(
        {1: {"class_type": "A", "inputs": {"size": [7, 7]}}, 2: {"class_type": "B", "inputs": {"a": [1, 0]}}}
    )
    assert workflow.to_dict() == {
        "1": {"class_type": "A", "inputs": {"size": [7, 7]}},
        "2": {"class_type": "B", "inputs": {"a": ["1", 0]}},
    }
    assert workflow[2]["a"] == ["1", 0]
    with pytest.raises(WorkflowError, match="two nodes have the id '1'"):
        Workflow({1: {"class_type": "A"}, "1": {"class_type": "B"}})
    with pytest.raises(WorkflowError, match="the id of a node must be a string"):
        Workflow({None: {"class_type": "A"}})


def test_a_node_without_inputs_gets_the_empty_ones_that_servers_need() -> None:
    assert Workflow({"1": {"class_type": "A"}}).to_dict() == {"1": {"class_type": "A", "inputs": {}}}


def test_nan_is_read_and_only_refused_when_it_would_be_sent() -> None:
    """ComfyUI writes NaN beside the inputs of its pictures; those workflows must load and run again."""
    text = '{"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "is_changed": [NaN]}}'
    workflow = Workflow.loads(png(("prompt", text)))
    assert math.isnan(workflow.to_dict()["1"]["is_changed"][0])
    assert workflow._prepare().graph({}) == {"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}}}
    workflow = Workflow.loads('{"1": {"class_type": "K", "inputs": {"cfg": NaN}}}')
    with pytest.raises(WorkflowError, match=r"node '1' \(K\), input 'cfg' must be a finite number, not nan"):
        workflow._prepare()


def test_raw_models_load_by_their_dict() -> None:
    """`job.raw` and the raw client hand out models, not dicts."""

    class Model:
        def to_dict(self) -> dict[str, Any]:
            return {"prompt": GRAPH}

    assert Workflow(Model()) == Workflow(GRAPH)  # type: ignore[arg-type]
