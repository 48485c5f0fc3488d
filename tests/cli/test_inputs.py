"""Test what is typed for inputs: values, places, sweeps and rows, and what a mistake is answered with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import Workflow, WorkflowError
from comfy_cloud.cli.inputs import read_rows, read_sweep, read_value, set_inputs
from comfy_cloud.testing import Emulator

from .conftest import CLI

GRAPH = {
    "3": {"class_type": "KSampler", "inputs": {"seed": 1, "cfg": 8.0, "name.x": "a", "latent": ["6", 0]}},
    "6": {"class_type": "CLIPTextEncode", "_meta": {"title": "Prompt 1.5"}, "inputs": {"text": ""}},
}


@pytest.fixture
def workflow() -> Workflow:
    """Two nodes, one with a dot in its title."""
    return Workflow(GRAPH)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("42", 42),
        ("7.5", 7.5),
        ("true", True),
        ("null", None),
        ('"42"', "42"),
        ('{"a": [1]}', {"a": [1]}),
        ("a cat, on a mat", "a cat, on a mat"),
        ("", ""),
        ("NaN", "NaN"),
        ("@@home", "@home"),
        ("@a/b.png", Path("a/b.png")),
        ("@~/b.png", Path.home() / "b.png"),
    ],
)
def test_a_value_is_json_a_file_or_text(typed: str, value: Any) -> None:
    """A prompt needs no quotes within the quotes of the shell."""
    assert read_value(typed) == value
    assert type(read_value(typed)) is type(value)


def test_an_unknown_home_folder_is_said() -> None:
    with pytest.raises(WorkflowError, match="no home folder of '~nobody-of-this-name'"):
        read_value("@~nobody-of-this-name/a.png")


@pytest.mark.parametrize("name", ["3.seed", "KSampler.seed", " KSampler.seed "])
def test_a_node_is_named_by_id_title_or_class(name: str, workflow: Workflow) -> None:
    set_inputs(workflow, [f"{name}=5", "Prompt 1.5.text=x=y", "KSampler.name.x=b"])
    assert workflow["3"]["seed"] == 5
    assert workflow["6"]["text"] == "x=y"
    assert workflow["3"]["name.x"] == "b"


MISTAKES = {
    "KSampler.sed=1": r"--set KSampler.sed: node '3' \(KSampler\) has no input 'sed' \(did you mean 'seed'\?\)",
    "KSamplr.seed=1": r"--set KSamplr.seed: no node .* 'KSamplr' \(did you mean 'KSampler'\?\)",
    "seed=1": r"--set seed: an input must be named as 'NODE.INPUT', not 'seed'",
    "KSampler.latent=1": r"--set KSampler.latent: the input is linked to node '6' \(Prompt 1.5\); set an input of that",
    "KSampler.seed=@nowhere.png": r"node '3' \(KSampler\), input 'seed': 'nowhere.png' is not there",
}


@pytest.mark.parametrize(("typed", "message"), MISTAKES.items())
def test_a_wrong_place_is_named_with_what_there_is(typed: str, message: str, workflow: Workflow) -> None:
    """In words of the shell: how to do it in Python helps nobody here."""
    with pytest.raises(WorkflowError, match=message) as caught:
        set_inputs(workflow, [typed])
    assert "node.set" not in str(caught.value)


def params(rows: Any) -> list[dict[str, Any]]:
    return [dict(row.params) for row in rows]


def test_sweeps_combine_or_go_in_pairs(workflow: Workflow) -> None:
    typed = ["KSampler.seed=1..2", 'Prompt 1.5.text=["a", "b"]']
    combined = params(read_sweep(workflow, typed, pairwise=False))
    assert combined == [{"KSampler.seed": seed, "Prompt 1.5.text": text} for seed in (1, 2) for text in "ab"]
    assert params(read_sweep(workflow, typed, pairwise=True)) == [combined[0], combined[3]]
    assert params(read_sweep(workflow, ["3.seed=-1..1"], pairwise=False)) == [{"3.seed": each} for each in (-1, 0, 1)]
    assert len(params(read_sweep(workflow, [], pairwise=False))) == 1


def test_an_input_cannot_be_swept_twice(cli: CLI, folder: Path) -> None:
    """One of the two lists would be dropped without a word, and the other one paid."""
    (folder / "graph.json").write_text(json.dumps(GRAPH), encoding="utf-8")
    for other in ("3.seed", "KSampler.seed"):
        sweeps = ("--sweep", "3.seed=1..3", "--sweep", f"{other}=4..6")
        done = cli("batch", "run", "b", "graph.json", *sweeps, "--base-url", "http://127.0.0.1:1")
        assert (done.code, done.err) == (4, f"Error: --sweep {other}: the input is given twice\n")
        assert not (folder / "b").exists()


@pytest.mark.parametrize(
    "typed", [["3.seed=5"], ["3.seed"], ["3.seed=2..1"], ["3.seed=[]"], ["3.seed=1..2", "3.cfg=[1]", "--zip"]]
)
def test_a_wrong_sweep_is_an_error_of_usage(typed: list[str], cli: CLI, folder: Path) -> None:
    (folder / "graph.json").write_text(json.dumps(GRAPH), encoding="utf-8")
    flags = [each for each in typed if each.startswith("--")]
    sweeps = [part for each in typed if each not in flags for part in ("--sweep", each)]
    done = cli("batch", "run", "b", "graph.json", *sweeps, *flags, "--base-url", "http://127.0.0.1:1")
    assert done.code == 2
    assert "--sweep must be" in done.err or "--zip needs as many values" in done.err
    assert not (folder / "b").exists()


def test_rows_of_a_file_have_keys_and_values(workflow: Workflow, tmp_path: Path) -> None:
    """As a spreadsheet saves them."""
    file = tmp_path / "rows.csv"
    file.write_text('\ufeffkey,3.seed,Prompt 1.5.text\r\nx,1,"a, b"\r\n,2,c\r\n', encoding="utf-8")
    rows = list(read_rows(workflow, file))
    assert [row.key for row in rows] == ["x", None]
    assert params(rows) == [{"3.seed": 1, "Prompt 1.5.text": "a, b"}, {"3.seed": 2, "Prompt 1.5.text": "c"}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key,3.sed\nx,1\n", r"rows.csv, column 3.sed: node '3' \(KSampler\) has no input 'sed'"),
        ("key,3.seed\nx,1\ny\n", r"rows.csv, line 3: a row must have 2 cells"),
        ("key,3.seed\nx,1,2\n", r"rows.csv, line 2: a row must have 2 cells"),
        ("key,3.seed\nx,\xff\n", r"rows.csv must be CSV in UTF-8"),
        ("3.seed,KSampler.seed\n1,2\n", r"rows.csv, column KSampler.seed: the input is given twice"),
        ("", r"rows.csv is empty: its first line must have a column NODE.INPUT"),
    ],
)
def test_a_wrong_file_of_rows_is_named_with_the_line(
    text: str, message: str, workflow: Workflow, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(WorkflowError, match=message):
        list(read_rows(workflow, tmp_path / "rows.csv"))


SAVE = {
    "version": 0.4,
    "last_node_id": 1,
    "last_link_id": 0,
    "nodes": [
        {
            "id": 1, "type": "EmulatorText", "pos": [0, 0], "size": [1, 1], "flags": {}, "order": 0, "mode": 0,
            "inputs": [], "outputs": [], "properties": {}, "widgets_values": ["from the editor"],
        }
    ],
    "links": [], "groups": [], "config": {}, "extra": {},
}  # fmt: skip


def test_an_editors_save_is_converted_with_the_servers_nodes(server: Emulator, cli: CLI, folder: Path) -> None:
    """The file that the editor saves is the one that people have."""
    (folder / "save.json").write_text(json.dumps(SAVE), encoding="utf-8")
    done = cli("run", "save.json")
    assert done.code == 0
    assert "save.json is an editor's save" in done.err
    assert Path(done.out.strip()).read_text(encoding="utf-8") == "from the editor"
    assert cli("run", "save.json", "--quiet").err == ""


def test_recorded_nodes_convert_and_check_without_a_server(
    server: Emulator, cli: CLI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a train, or in CI without a key."""
    (folder / "save.json").write_text(json.dumps(SAVE), encoding="utf-8")
    assert cli("nodes", "--save", "nodes.json").out == "nodes.json\n"
    requests = len(server.journal)
    monkeypatch.delenv("COMFY_CLOUD_API_KEY")
    converted = cli("convert", "save.json", "--node-info", "nodes.json", "--out", "api.json")
    assert (converted.code, converted.out) == (0, "api.json\n")
    assert json.loads(Path("api.json").read_text(encoding="utf-8"))["1"]["inputs"] == {"text": "from the editor"}
    assert cli("check", "api.json", "--node-info", "nodes.json").code == 0
    assert len(server.journal) == requests


@pytest.mark.parametrize(("content", "message"), [("[", "must be JSON"), ("[]", "must be an object")])
def test_a_wrong_file_of_nodes_is_named(content: str, message: str, cli: CLI, folder: Path) -> None:
    (folder / "nodes.json").write_text(content, encoding="utf-8")
    done = cli("check", "text.json", "--node-info", "nodes.json")
    assert done.code == 4
    assert f"nodes.json {message}" in done.err
