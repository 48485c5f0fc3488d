"""Test the commands for jobs: what they print, save and return, on every kind of server."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from comfy_cloud import ComfyCloud, Preview, UnknownEvent
from comfy_cloud.cli.progress import Bars
from comfy_cloud.cli.shapes import event_object
from comfy_cloud.events import JobEvent, JobStarted
from comfy_cloud.testing import Emulator, Fault
from comfy_cloud.testing._servers.dialect_table import DialectName

from .conftest import CLI, TEXT

BLEND = ("examples/workflows/blend_api.json", "--set", "Picture.image=@examples/picture.png")
UNKNOWN = "0f3c8a52-5d6e-4b7f-9a80-1b2c3d4e5f60"


@pytest.mark.parametrize("dialect", get_args(DialectName))
def test_a_picture_goes_in_and_a_picture_comes_out(
    dialect: DialectName, start: Callable[..., Emulator], cli: CLI
) -> None:
    """One line of a shell does the main job, and stdout is only the path of the file."""
    start(dialect=dialect)
    done = cli("run", *BLEND, "--set", "Scale.width=64", "--out", "pictures")
    assert (done.code, done.err) == (0, "")
    (path,) = done.out.splitlines()
    assert Path(path).parent == Path("pictures")
    assert Path(path).read_bytes().startswith(b"\x89PNG")


def test_uploads_and_files_have_bars(server: Emulator, cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    """A film of gigabytes takes minutes before anything else happens."""
    told: dict[str, tuple[int, int]] = {}
    for name in ("sent", "saved"):
        monkeypatch.setattr(Bars, name, lambda _, done, total, name=name: told.update({name: (done, total)}))
    assert cli("run", *BLEND).code == 0
    size = Path("examples/picture.png").stat().st_size
    assert told == {"sent": (size, size), "saved": (1, 1)}


@pytest.mark.parametrize("dialect", get_args(DialectName))
def test_submit_wait_and_cancel_take_the_printed_id(
    dialect: DialectName, start: Callable[..., Emulator], cli: CLI
) -> None:
    """A script keeps the id in a variable."""
    server = start(dialect=dialect)
    job_id = cli("submit", "text.json").out.strip()
    waited = cli("wait", job_id)
    assert (waited.code, waited.err) == (0, "")
    assert Path(waited.out.strip()).read_text(encoding="utf-8") == "hello"
    server.pause()
    held = cli("submit", "text.json", "--set", "Words.text=other").out.strip()
    assert cli("queue").out.splitlines()[1].split() == [held, "pending", "1", "1", "node"]
    assert cli("cancel", held).out == f"{held} cancelled\n"


def test_run_prints_one_object_with_the_files(server: Emulator, cli: CLI) -> None:
    done = cli("run", "text.json", "--json")
    (job,) = done.objects
    (output,) = job["outputs"]
    assert list(job) == ["id", "status", "created_at", "error", "outputs"]
    assert list(output) == ["node_id", "kind", "filename", "media_type", "text", "file"]
    assert (job["status"], job["error"], output["text"]) == ("completed", None, "hello")
    assert Path(output["file"]).read_text(encoding="utf-8") == "hello"


@pytest.mark.parametrize("command", ["run", "wait"])
def test_events_are_lines_before_the_job(command: str, server: Emulator, cli: CLI) -> None:
    """A program that shows progress of its own reads them as they come."""
    told = "text.json" if command == "run" else cli("submit", "text.json").out.strip()
    *events, job = cli(command, told, "--events").objects
    assert job["status"] == "completed"
    assert events[-1] == {"event": "JobCompleted", "job_id": job["id"]}
    assert all({"event", "job_id"} <= event.keys() for event in events)
    assert cli("wait", job["id"], job["id"], "--events").code == 2


def test_pictures_and_bodies_are_in_no_event() -> None:
    assert event_object(Preview("a", "3", b"picture", "image/png")) == {
        "event": "Preview",
        "job_id": "a",
        "node_id": "3",
        "mime_type": "image/png",
    }
    assert event_object(UnknownEvent("a", "custom", {"key": "x"})) == {
        "event": "UnknownEvent",
        "job_id": "a",
        "type": "custom",
    }


def test_the_key_of_partner_nodes_comes_from_the_environment(
    httpserver: HTTPServer, cli: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an argument, everybody on the machine could read it."""
    monkeypatch.setenv("COMFY_CLOUD_PARTNER_KEY", "partner-key-0123456789")
    httpserver.expect_request("/api/prompt").respond_with_json({"prompt_id": "a"})
    done = cli("submit", "text.json", "--base-url", httpserver.url_for(""))
    assert done.out == "a\n"
    (request, _) = httpserver.log[-1]
    assert json.loads(request.data)["extra_data"]["api_key_comfy_org"] == "partner-key-0123456789"
    assert "partner-key" not in done.out + done.err


def test_a_job_can_be_run_without_saving(server: Emulator, cli: CLI, folder: Path) -> None:
    done = cli("run", "text.json", "--no-save")
    assert done.out.split()[1] == "completed"
    assert not (folder / "out").exists()


def test_files_are_named_by_the_template_and_not_replaced(server: Emulator, cli: CLI) -> None:
    assert cli("run", "text.json", "--name", "made{suffix}").out == "out/made.txt\n"
    assert cli("run", "text.json", "--name", "made{suffix}", "--set", "1.text=new").out == "out/made-1.txt\n"
    again = cli("run", "text.json", "--name", "made{suffix}", "--set", "1.text=newer", "--overwrite")
    assert again.out == "out/made.txt\n"


def test_a_wrong_template_is_told_before_the_job_is_paid(server: Emulator, cli: CLI) -> None:
    done = cli("run", "text.json", "--name", "{nme}")
    assert done.code == 2
    assert "nme" in done.err
    assert len(server.journal) == 0


@pytest.mark.parametrize("out", ["text", "text/sub", "~nobody-of-this-name/out"])
def test_a_folder_that_cannot_be_is_told_before_the_job_is_paid(server: Emulator, cli: CLI, out: str) -> None:
    Path("text").touch()
    done = cli("run", "text.json", "--out", out)
    assert done.code == 2
    assert "--out" in done.err
    assert server.journal.of("executePrompt") == []
    assert cli("run", "text.json", "--no-save").code == 0


def test_a_file_that_is_there_is_a_name_to_save_beside(server: Emulator, cli: CLI) -> None:
    Path("hello.txt").write_text("mine", encoding="utf-8")
    assert cli("run", "text.json", "--out", "hello.txt").out == "hello-1.txt\n"
    assert Path("hello.txt").read_text(encoding="utf-8") == "mine"


def test_the_same_key_pays_once(server: Emulator, cli: CLI) -> None:
    """A script that starts again finds its job."""
    first, second = (cli("submit", "text.json", "--key", "portrait-1").out for _ in range(2))
    assert first == second


def test_a_workflow_is_read_from_stdin(server: Emulator, cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    """`convert` writes what `run -` reads."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(TEXT).encode())))
    assert cli("run", "-").code == 0


def test_only_the_outputs_that_are_asked_for_run(server: Emulator, cli: CLI, folder: Path) -> None:
    two = {**TEXT, "2": {"class_type": "EmulatorText", "inputs": {"text": "second"}}}
    (folder / "two.json").write_text(json.dumps(two), encoding="utf-8")
    (job,) = cli("run", "two.json", "--output", "2", "--json").objects
    assert [output["node_id"] for output in job["outputs"]] == ["2"]


def test_seeds_are_new_each_time(server: Emulator, cli: CLI, folder: Path) -> None:
    """The same seed again is a cached run that makes nothing new."""
    seeded = {"1": {"class_type": "EmulatorText", "inputs": {"text": "x", "seed": 1}}}
    (folder / "seeded.json").write_text(json.dumps(seeded), encoding="utf-8")
    for _ in range(2):
        assert cli("submit", "seeded.json", "--random-seeds").code == 0
    with ComfyCloud() as cloud:
        seeds = {job.refresh().raw["workflow"]["prompt"]["1"]["inputs"]["seed"] for job in cloud.jobs.list()}
    assert len(seeds) == 2
    assert 1 not in seeds


def test_a_failed_job_says_where_and_why(server: Emulator, cli: CLI) -> None:
    failed = cli("run", "fails.json")
    assert (failed.code, failed.out) == (5, "")
    assert "failed in node 1 (EmulatorFail): OOMError: no memory" in failed.err
    job_id = cli("jobs", "--json").objects[0]["id"]
    assert "OOMError" in cli("jobs", job_id).out
    assert cli("wait", job_id).code == 5


def test_a_failed_job_does_not_keep_the_others_from_being_saved(server: Emulator, cli: CLI) -> None:
    """Of a hundred jobs one failed: ninety-nine are saved, and the exit code tells."""
    ids = [cli("submit", name).out.strip() for name in ("fails.json", "text.json")]
    done = cli("wait", *ids, "--json")
    assert done.code == 5
    assert {job["status"]: bool(job["outputs"]) for job in done.objects} == {"failed": False, "completed": True}
    assert json.loads(done.err)["error"]["job_id"] == ids[0]


def test_files_that_could_not_be_fetched_are_not_lost(server: Emulator, cli: CLI) -> None:
    """The job is paid: the command that fetches its files is told. Those of other jobs are saved."""
    server.fail("viewFile", Fault.status(404))
    failed = cli("run", *BLEND)
    job_id = cli("jobs", "--json").objects[0]["id"]
    assert (failed.code, failed.out) == (12, "")
    assert failed.err.endswith(f"to fetch its files:  comfy-cloud wait {job_id}\n")
    text = cli("submit", "text.json").out.strip()
    server.fail("viewFile", Fault.status(404))
    several = cli("wait", job_id, text, "--json")
    assert several.code == 12
    assert {job["id"]: job["outputs"][0]["file"] is not None for job in several.objects} == {job_id: False, text: True}
    assert cli("wait", job_id).code == 0


def test_a_timeout_names_the_job_and_how_to_go_on(server: Emulator, cli: CLI) -> None:
    """The job runs on and costs money: its id must not be lost."""
    server.pause()
    late = cli("run", "text.json", "--timeout", "0.1", "--base-url", server.url)
    assert (late.code, late.out) == (6, "")
    job_id = cli("queue", "--json").objects[0]["pending"][0]["id"]
    assert f"Job {job_id} goes on." in late.err
    assert f"comfy-cloud wait {job_id} --base-url {server.url}\n" in late.err
    stopped = cli("run", "text.json", "--timeout", "0.1", "--cancel-on-exit")
    assert stopped.code == 6
    assert "goes on" not in stopped.err
    assert stopped.err.endswith(" is cancelled.\n")
    assert cli("wait", job_id, job_id, "--cancel-on-exit").code == 2, "it would cancel none of several"
    assert len(cli("queue", "--json").objects[0]["pending"]) == 1


def test_a_job_that_could_not_be_cancelled_is_named(
    server: Emulator, cli: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With other jobs at work, a cloud cannot stop one alone: whoever pays for it is told that it goes on."""
    sleep = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 600, "steps": 6000}}}
    Path("sleep.json").write_text(json.dumps(sleep), encoding="utf-8")
    other = cli("submit", "sleep.json").out.strip()
    server.wait_for(other, "in_progress")

    def interrupt(_: object, event: JobEvent) -> None:
        if isinstance(event, JobStarted):
            raise KeyboardInterrupt

    monkeypatch.setattr(Bars, "event", interrupt)
    stopped = cli("run", "sleep.json", "--set", "1.seconds=601", "--cancel-on-exit")
    assert stopped.code == 130
    assert "could not be cancelled and may go on" in stopped.err
    assert other in stopped.err, "the reason names the job that would stop as well"
    assert "to cancel it:" in stopped.err


def test_an_interrupt_names_the_job(server: Emulator, cli: CLI, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Bars, "event", interrupt)
    stopped = cli("run", "text.json")
    (job,) = cli("jobs", "--json").objects
    assert stopped.code == 130
    assert stopped.err.splitlines()[1:3] == [
        f"Job {job['id']} goes on.",
        f"to wait for it:  comfy-cloud wait {job['id']}",
    ]


def test_an_interrupt_of_several_waits_names_them_all(
    server: Emulator, cli: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ComfyCloud, "as_completed", interrupt)
    stopped = cli("wait", "one", "two")
    assert (stopped.code, stopped.err) == (130, "Error: interrupted\nto go on:  comfy-cloud wait one two\n")


def test_a_lost_submit_names_the_id_that_was_sent(
    httpserver: HTTPServer, cli: CLI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether it costs money: the id is all there is to look for it."""
    sent = []

    def lose(request: Request) -> Response:
        sent.append(json.loads(request.data)["prompt_id"])
        return Response("cut", status=502)

    httpserver.expect_request("/api/prompt").respond_with_handler(lose)
    httpserver.expect_request(re.compile("")).respond_with_data("no", status=404)
    lost = cli("submit", "text.json", "--base-url", httpserver.url_for(""))
    assert lost.code == 9
    assert f"The server may have accepted the job as {sent[0]}." in lost.err
    assert f"comfy-cloud wait {sent[0]} --base-url " in lost.err


def test_the_list_has_a_row_for_each_job(server: Emulator, cli: CLI) -> None:
    ids = [cli("submit", "text.json", "--set", f"Words.text={number}").out.strip() for number in range(3)]
    listed = cli("jobs", "--limit", "2")
    assert [line.split()[0] for line in listed.out.splitlines()] == ["JOB", ids[2], ids[1]]
    assert [job["id"] for job in cli("jobs", "--limit", "0", "--json").objects] == ids[::-1]
    assert cli("jobs", "--status", "failed").out.split() == ["JOB", "STATUS", "SUBMITTED"]
    assert cli("jobs", "--since", "2100-01-01", "--json").out == ""


@pytest.mark.parametrize(
    ("command", "code"), [(("wait", UNKNOWN), 9), (("cancel", UNKNOWN), 8), (("jobs", UNKNOWN), 8)]
)
def test_an_unknown_id_is_an_error(command: tuple[str, ...], code: int, server: Emulator, cli: CLI) -> None:
    failed = cli(*command)
    assert (failed.code, failed.out) == (code, "")
    assert UNKNOWN in failed.err
