"""Test the commands for batches: a sweep from the shell, its state, its rows, its page, and what failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator

from .conftest import CLI


def test_a_sweep_runs_once_and_is_told_of(server: Emulator, cli: CLI) -> None:
    """The same command again adds nothing, and pays nothing."""
    command = ("batch", "run", "b", "text.json", "--sweep", 'Words.text=["a", "b"]')
    done = cli(*command)
    assert done.code == 0
    assert sorted(Path(path).read_text(encoding="utf-8") for path in done.out.splitlines()) == ["a", "b"]
    assert done.err.splitlines()[0] == "2 new rows"
    again = cli(*command)
    assert (again.code, again.out) == (0, "")
    assert cli("batch", "status", "b").out == "done         2\n"
    assert cli("batch", "sheet", "b").out == f"{Path('b/index.html').absolute()}\n"
    rows = cli("batch", "items", "b", "--json").objects
    assert [row["params"] for row in rows] == [{"Words.text": "a"}, {"Words.text": "b"}]
    assert list(rows[0]) == ["key", "state", "params", "job_id", "files", "error", "seconds", "tries"]
    assert len(cli("batch", "items", "b").out.splitlines()) == 3


def test_rows_of_a_file_are_run_under_their_keys(server: Emulator, cli: CLI, folder: Path) -> None:
    (folder / "rows.csv").write_text("key,Words.text\ncat,a cat\ndog,a dog\n", encoding="utf-8")
    done = cli("batch", "run", "b", "text.json", "--rows", "rows.csv", "--json", "--name", "{key}{suffix}")
    assert {row["key"]: Path(*row["files"]).name for row in done.objects} == {"cat": "cat.txt", "dog": "dog.txt"}


def test_what_failed_is_told_and_can_be_planned_again(server: Emulator, cli: CLI) -> None:
    failed = cli("batch", "run", "b", "fails.json")
    assert (failed.code, failed.out) == (5, "")
    assert "failed: " in failed.err
    assert "not done: 1 row\n" in failed.err
    assert cli("batch", "retry", "b").out == "1\n"
    assert cli("batch", "status", "b", "--json").objects[0]["planned"] == 1
    assert cli("batch", "run", "b").code == 5
    assert cli("batch", "retry", "b", "--state", "cancelled").out == "0\n"


def test_the_status_is_told_while_another_process_runs_the_batch(server: Emulator, cli: CLI) -> None:
    """That is when it is asked for; what changes the batch is refused."""
    cli("batch", "run", "b", "text.json")
    with ComfyCloud() as cloud, cloud.batch("b"):
        assert cli("batch", "status", "b").out == "done         1\n"
        assert cli("batch", "retry", "b").code == 3


@pytest.mark.parametrize("command", ["status", "items", "retry", "sheet", "run"])
def test_a_mistyped_folder_makes_no_batch(command: str, server: Emulator, cli: CLI, folder: Path) -> None:
    done = cli("batch", command, "portrats")
    assert (done.code, done.out) == (3, "")
    assert "portrats is not the folder of a batch" in done.err
    assert not (folder / "portrats").exists()


def test_an_interrupt_says_how_to_go_on(server: Emulator, cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    from comfy_cloud.cli import batches

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batches, "report", interrupt)
    stopped = cli("batch", "run", "b", "text.json")
    assert stopped.code == 130
    assert stopped.err.endswith("Error: interrupted\nto go on:  comfy-cloud batch run b\n")


TOGETHER = [
    ("--sweep", "a.b=1..2"),
    ("--rows", "x.csv"),
    ("--set", "a.b=1"),
    ("text.json", "--sweep", "1.text=[1]", "--rows", "x.csv"),
    ("text.json", "--budget", "nan"),
]


@pytest.mark.parametrize("options", TOGETHER)
def test_options_that_do_not_go_together_are_an_error_of_usage(options: tuple[str, ...], cli: CLI) -> None:
    assert cli("batch", "run", "b", *options).code == 2
