"""Test what all commands share: help, errors as text and JSON, warnings, profiles, and what a missing extra leaves."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from comfy_cloud.cli import main
from comfy_cloud.cli.app import app
from comfy_cloud.cli.program import printable
from comfy_cloud.testing import Emulator, Fault

from .conftest import CLI

COMMANDS = [
    "run", "submit", "wait", "cancel", "jobs", "queue", "check", "convert", "nodes", "stubs", "models", "doctor",
    "batch", "batch run", "batch status", "batch retry", "batch items", "batch sheet",
    "assets", "assets list", "assets upload", "assets import", "assets delete",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example_of_it(command: str, cli: CLI) -> None:
    done = cli(*command.split(), "--help")
    assert (done.code, done.err) == (0, "")
    assert re.search(rf"Example:\s+comfy-cloud\s+{command}\b", done.out)
    assert max(map(len, done.out.splitlines())) <= 80


def test_no_command_is_left_out_here(cli: CLI) -> None:
    from typer.main import get_command

    names = []
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        names += [name, *(f"{name} {inner}" for inner in getattr(command, "commands", {}))]
    assert sorted(names) == sorted([*COMMANDS, "emulator"])


@pytest.mark.parametrize("width", [40, 60, 200])
def test_the_help_fits_the_terminal(width: int, cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = cli("run", "--help").out.splitlines()
    assert max(map(len, lines)) <= min(width, 100)


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("command", ["", "batch", "assets"])
def test_a_list_of_commands_is_never_cut(width: int, command: str, cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command does is told in the first place where people look."""
    monkeypatch.setenv("COLUMNS", str(width))
    told = cli(*command.split(), "--help").out
    assert "..." not in told.partition("Commands:")[2]
    assert width < 80 or max(map(len, told.splitlines())) <= width
    assert width < 80 or not re.search(r"^ {8,}\S", told.partition("Commands:")[2], re.MULTILINE), "one line each"


def test_the_emulator_gets_its_own_options(cli: CLI) -> None:
    done = cli("emulator", "--help")
    assert done.code == 0
    assert "--dialect" in done.out
    assert cli("emulator", "--port", "none").code == 2
    assert cli("emulator", "--faults", "missing.json").code == 3


def test_errors_are_json_on_stderr_where_json_is_asked_for(server: Emulator, cli: CLI) -> None:
    failed = cli("run", "fails.json", "--json")
    assert failed.out == ""
    error = json.loads(failed.err)["error"]
    assert list(error) == ["type", "message", "exit_code", "job_id", "hint"]
    assert (error["type"], error["exit_code"]) == ("JobFailedError", failed.code)
    assert error["job_id"]


def test_a_wrong_key_leads_to_the_settings(server: Emulator, cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMFY_CLOUD_API_KEY", "wrong-key-0123456789")
    done = cli("jobs")
    assert done.code == 3
    assert done.err.splitlines()[-1] == "settings in use:  comfy-cloud doctor"


def test_a_server_out_of_reach_is_told(cli: CLI, refused: str) -> None:
    done = cli("run", "text.json", "--base-url", refused, "--quiet")
    assert (done.code, done.out) == (7, "")
    assert refused in done.err
    assert "may have accepted" not in done.err


ANSWERS = [(Fault.status(500), 8), (Fault.status(402), 11), (Fault.status(403), 3), (Fault.close(), 7)]


@pytest.mark.parametrize(("fault", "code"), ANSWERS)
def test_what_a_server_answers_decides_the_code(
    fault: Fault, code: int, server: Emulator, cli: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fail("getQueueInfo", fault, count=None)
    monkeypatch.setattr("comfy_cloud._sync.backend.sleep", lambda _: None)
    assert cli("queue").code == code


def test_an_argument_that_the_client_refuses_is_an_error_of_usage(server: Emulator, cli: CLI) -> None:
    for arguments in (["run", "text.json", "--timeout", "nan"], ["submit", "text.json", "--key", ""]):
        done = cli(*arguments)
        assert (done.code, done.out) == (2, "")
        assert "Error: " in done.err
    assert "--since must be a time, such as '2026-11-23 18:00'" in cli("jobs", "--since", "yesterday").err
    assert len(server.journal) == 0


def test_credentials_in_a_url_are_not_repeated(cli: CLI) -> None:
    """Whoever pastes the screen into a report does not paste a password."""
    done = cli("jobs", "--base-url", "https://ann:pass-word-0123@gateway.example")
    assert done.code == 3
    assert "pass-word" not in done.err
    assert "comfy-cloud doctor --base-url https://gateway.example" in done.err


def test_what_to_do_is_told_in_the_words_of_the_command_line(
    start: Callable[..., Emulator], cli: CLI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who types in a shell does not know the arguments of Python."""
    sleep = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 60.0}}}
    nodes = {
        "Paid": {"input": {"required": {"model": [["a"]]}}, "output": [], "output_node": True, "api_node": True},
    }
    save = {
        "nodes": [
            {
                "id": 1,
                "type": "Paid",
                "widgets_values": ["b.safetensors"],
                "properties": {
                    "models": [{"name": "b.safetensors", "url": "https://huggingface.co/x/y", "directory": "z"}]
                },
            }
        ],
        "links": [],
    }
    for name, content in (("sleep", sleep), ("nodes", nodes), ("save", save)):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    start()
    first, _ = (cli("submit", "sleep.json").out.strip() for _ in range(2))
    refused = cli("cancel", first)
    assert "; cancel --force does it" in refused.err
    late = cli("run", "sleep.json", "--timeout", "0.05", "--cancel-on-exit")
    assert late.code == 6
    assert "; cancel --force does it" in late.err
    assert "()" not in late.err
    assert cli("cancel", first, "--force").code == 0
    told = cli("check", "save.json", "--node-info", "nodes.json").out
    assert "calls a paid partner service: its key is read from COMFY_CLOUD_PARTNER_KEY\n" in told
    assert "comfy-cloud assets import https://huggingface.co/x/y\n" in told
    monkeypatch.delenv("COMFY_CLOUD_API_KEY")
    assert "set COMFY_CLOUD_API_KEY or use --profile\n" in cli("jobs", "--base-url", "https://cloud.comfy.org").err


def test_commands_to_type_are_quoted(cli: CLI, folder: Path) -> None:
    done = cli("jobs", "--profile", "my lab")
    assert "comfy-cloud doctor --profile 'my lab'\n" in done.err


def test_missing_files_are_told_without_numbers(cli: CLI, server: Emulator) -> None:
    done = cli("run", "nowhere.json")
    assert (done.code, done.err) == (12, "Error: nowhere.json: No such file or directory\n")


def test_a_profile_is_used_and_completed(
    server: Emulator, cli: CLI, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comfy_cloud.cli.program import _complete_profile

    file = folder / "profiles.toml"
    file.write_text(f'[lab]\nkey = "{server.api_key}"\nbase_url = "{server.url}"\n[work]\n', encoding="utf-8")
    file.chmod(0o644)
    monkeypatch.delenv("COMFY_CLOUD_API_KEY")
    monkeypatch.delenv("COMFY_CLOUD_BASE_URL")
    monkeypatch.setenv("COMFY_CLOUD_CONFIG", str(file))
    done = cli("submit", "text.json", "--profile", "lab")
    assert done.code == 0
    assert done.err == f"Warning: {file} holds a key and others can read it: chmod 600 {file}\n"
    assert server.api_key not in done.out + done.err
    assert cli("jobs", "--profile", "lab", "--quiet", "--json").objects[0]["id"] == done.out.strip()
    assert cli("jobs").code == 3
    assert _complete_profile("w") == ["work"]
    file.write_text("[", encoding="utf-8")
    assert _complete_profile("w") == []


def test_a_server_cannot_control_the_terminal() -> None:
    """The name of a file may come from anybody."""
    assert printable("a\x1b[2Jb\x07\r\nc\u202e") == "a\ufffd[2Jb\ufffd\ufffd\nc\ufffd"


ODD = {"1": {"class_type": "EmulatorText", "_meta": {"title": "T\u2192"}, "inputs": {"text": "\u00e9\u2192\U0001f600"}}}


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "utf-8"])
def test_no_character_loses_a_result(
    encoding: str, server: Emulator, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe of Windows takes few characters, and the job is paid when its result is printed."""
    (folder / "odd.json").write_text(json.dumps(ODD), encoding="utf-8")

    def printed(*arguments: str) -> str:
        binary = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(binary, encoding=encoding))
        assert main(list(arguments)) == 0
        sys.stdout.flush()
        return binary.getvalue().decode(encoding)

    assert json.loads(printed("run", "odd.json", "--json"))["outputs"][0]["text"] == ODD["1"]["inputs"]["text"]
    assert json.loads(printed("convert", "odd.json")) == ODD
    assert printed("run", "odd.json", "--out", "\u2192", "--name", "{job}").startswith(("\u2192", "\\u2192"))


def test_half_a_character_is_written_as_json_has_it(server: Emulator, cli: CLI, folder: Path) -> None:
    """A text that was cut within an emoji can be converted, looked at and mended."""
    (folder / "half.json").write_text('{"1": {"class_type": "A", "inputs": {"text": "\\ud83d"}}}', encoding="utf-8")
    for done in (
        cli("convert", "half.json").out,
        cli("convert", "half.json", "--out", "o.json") and Path("o.json").read_text(),
    ):
        assert json.loads(done)["1"]["inputs"]["text"] == "\ud83d"
    assert cli("convert", "half.json", "--json").objects[0]["workflow"]["1"]["inputs"]["text"] == "\ud83d"


def test_streams_that_are_closed_are_no_fault(
    server: Emulator, cli: CLI, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """Under a supervisor, or behind `>&-`, the streams are not there at all."""
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert main(["run", "text.json"]) == 0
    assert main(["jobs"]) == 0
    assert main(["run", "-"]) == 4


def test_only_a_word_is_completed(cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shell asks the program itself; it must answer quickly and print nothing else."""
    monkeypatch.setenv("_COMFY_CLOUD_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "comfy-cloud ba")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert cli().out.split() == ["batch"]


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_one_line_says_what_to_install(
    missing: str, cli: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever installed only the library types the command as well."""
    for name in [name for name in sys.modules if name.startswith(("comfy_cloud.cli.", f"{missing}."))]:
        if not name.endswith((".exits", ".doctor")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    done = cli("run", "text.json")
    line = f'could not import {missing}, which the command line needs: pip install "comfy-cloud[cli]"\n'
    assert (done.code, done.out, done.err) == (3, "", line)
    report = cli()
    assert report.code == 0
    assert report.out.startswith("comfy_cloud ")
    assert report.err == line


def test_a_broken_dependency_is_not_taken_for_a_missing_extra(cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is there for what is broken, so it works then."""
    for name in [name for name in sys.modules if name.startswith("comfy_cloud.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("comfy_cloud.cli.batches", raising=False)
    monkeypatch.setitem(sys.modules, "comfy_cloud._core.batch", None)
    with pytest.raises(ModuleNotFoundError, match="batch"):
        main(["--help"])
    report = cli("doctor")
    assert report.code == 0
    assert report.out.startswith("comfy_cloud ")
    assert report.err.startswith("could not import comfy_cloud._core.batch")
