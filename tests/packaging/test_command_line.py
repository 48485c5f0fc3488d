"""Test `python -m comfy_cloud.testing` as a user starts it: its faults, its log, and its error for a bad file."""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator
from comfy_cloud.testing.__main__ import main

COMMAND = [sys.executable, "-W", "error", "-m", "comfy_cloud.testing"]
TLS = ssl.create_default_context()


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """Start the command with these arguments, provide URL, key and process, and interrupt it at the end."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().removeprefix("url: ").strip()
            key = process.stdout.readline().removeprefix("key: ").strip()
            yield url, key, process
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_faults_come_from_a_file_and_each_request_is_a_line(tmp_path: Path):
    """Clients in any language can be tested with them. A request that failed is in the log like any other."""
    file = tmp_path / "faults.json"
    faults = [
        {"operation": "getQueueInfo", "fault": "status", "status": 503, "retry_after": 7},
        {"operation": "getQueueInfo", "fault": "close"},
        {"operation": "getFeatures", "fault": "lose_answer"},
    ]
    file.write_text(json.dumps(faults), encoding="utf-8")
    with (
        running("--faults", str(file)) as (url, key, process),
        httpx.Client(verify=TLS, base_url=url) as client,
    ):
        client.headers["X-API-Key"] = key
        assert client.get("/api/queue?token=secret").headers["retry-after"] == "7"
        for path in ("/api/queue", "/api/features"):
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(path)
        assert client.get("/api/queue").status_code == 200
        assert process.stdout is not None
        lines = [process.stdout.readline().partition(" ")[2].strip() for _ in range(4)]
    assert lines == [
        "GET /api/queue 503 getQueueInfo",
        "GET /api/queue - getQueueInfo",
        "GET /api/features 200 getFeatures",
        "GET /api/queue 200 getQueueInfo",
    ]


def test_requests_are_served_when_nobody_reads_their_lines(monkeypatch: pytest.MonkeyPatch):
    """In a script, `comfy-cloud emulator | head -2` is a way to learn the URL and the key."""
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # with it, no line is left to write as Python ends
    with running() as (url, key, process), httpx.Client(verify=TLS, base_url=url) as client:
        assert process.stdout is not None
        process.stdout.close()
        statuses = [client.get("/api/queue", headers={"X-API-Key": key}).status_code for _ in range(3)]
        process.stdout = None
    assert statuses == [200, 200, 200]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory"),
        ("[", "could not parse the JSON: Expecting value"),
        ('[{"operation": "viewfile", "fault": "close"}]', "fault 1: unknown operation 'viewfile'; did you mean"),
        ('[{"operation": "viewFile", "fault": "closed"}]', "fault 1: fault must be one of close, "),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, content: str | None, message: str):
    """A server without the intended faults would prove nothing, so none starts."""
    file = tmp_path / "faults.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    done = subprocess.run([*COMMAND, "--faults", str(file)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"could not read the faults in {file}: {message}")
    assert done.stderr.count("\n") == 1


def test_the_help_names_every_option():
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, env=os.environ, timeout=30, check=False)
    options = ("--port", "--host", "--dialect", "--key KEY", "--max-queued-jobs N", "--faults FILE", "--node-info FILE")
    options += ("--node-seconds [CLASS=]SECONDS", "--record FILE", "--base-url URL", "--replay FILE")
    assert all(option in done.stdout for option in options)


NODE_INFO = {"Paint": {"input": {"required": {"text": ["STRING", {}]}}, "output": [], "output_node": True}}


def test_own_workflows_run_with_a_key_that_stays(tmp_path: Path):
    """The same key in each start can be kept in the settings of a program, in any language."""
    file = tmp_path / "nodes.json"
    file.write_text(json.dumps(NODE_INFO), encoding="utf-8")
    options = [
        "--node-info",
        str(file),
        "--node-seconds",
        "0.01",
        "--node-seconds",
        "Paint=0.02",
        "--key",
        "my-own-key",
    ]
    with running(*options, "--max-queued-jobs", "2") as (url, key, _):
        assert key == "my-own-key"
        with ComfyCloud(key, base_url=url) as cloud:
            graph = {"1": {"class_type": "Paint", "inputs": {"text": "a ship"}}}
            assert cloud.run(graph).outputs[0].text == "a ship"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (
            ["--port", "65536"],
            2,
            "port must be a whole number from 0 (a free port) to 65535, not 65536",
        ),
        (["--port", "-1"], 2, "port must be a whole number from 0 (a free port) to 65535, not -1"),
        (
            ["--port", "http"],
            2,
            "port must be a whole number from 0 (a free port) to 65535, not 'http'",
        ),
        (["--key", "a b"], 1, "key must be a string of visible ASCII characters"),
        (["--node-info", "nowhere.json"], 1, "could not read nowhere.json: No such file or directory"),
        (["--node-seconds", "soon"], 2, "such as 2 or KSampler=2, not 'soon'"),
        (["--max-queued-jobs", "0"], 1, "max_queued_jobs must be at least 1, not 0"),
        (["--replay", "nowhere.jsonl"], 1, "could not read nowhere.jsonl: No such file or directory"),
        (["--base-url", "http://127.0.0.1:1"], 2, "--base-url must be with --record FILE"),
        (["--record", "x", "--host", "0.0.0.0"], 2, "--record must be without --host"),
        (["--record", "x", "--replay", "y"], 2, "--record must be without --replay, which is for the emulator itself"),
        (["--record", "x", "--max-queued-jobs", "5"], 2, "--record must be without --max-queued-jobs"),
        (["--record", "x", "--base-url", "ftp://x"], 1, "base_url must have http:// or https://"),
        (["--record", "no/folder/x", "--base-url", "http://x"], 1, "could not write no/folder/x: No such file"),
    ],
)
def test_a_wrong_option_is_one_clear_line(tmp_path: Path, arguments: list[str], status: int, message: str):
    done = subprocess.run([*COMMAND, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (status, "")
    assert message in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_recorded_session_is_replayed(tmp_path: Path):
    """What a server gave once, it gives without the server: files, texts and the job's id."""
    file, graph = tmp_path / "session.jsonl", {"1": {"class_type": "EmulatorText", "inputs": {"text": "hello"}}}

    def outcome(url: str, key: str | None) -> tuple[str, str | None]:
        with ComfyCloud(key, base_url=url) as cloud:
            job = cloud.run(graph)
            return job.id, job.outputs[0].text

    with Emulator() as server, running("--record", str(file), "--base-url", server.url) as (url, said, _):
        assert said == f"recording: {file}"
        recorded = outcome(url, server.api_key)
    assert server.api_key not in file.read_text(encoding="utf-8")
    with running("--replay", str(file)) as (url, _, _):
        assert outcome(url, None) == recorded


def test_another_command_line_delegates_to_it(capsys: pytest.CaptureFixture[str]):
    """It hands over its own arguments and its own name."""
    with pytest.raises(SystemExit):
        main(["--help"], prog="comfy-cloud emulator")
    assert capsys.readouterr().out.startswith("usage: comfy-cloud emulator [-h]")


@pytest.mark.parametrize("shell", [[], ["sh", "-c", 'trap "" INT; exec "$@"', "sh"]], ids=["foreground", "background"])
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_url_and_key_logs_requests_and_ends_cleanly(end: signal.Signals, shell: list[str]) -> None:
    """A script that starts the command with `&` can end it with SIGINT, although its shell has that signal ignored."""
    command = [*shell, *COMMAND, "--port", "0", "--dialect", "comfyui-old"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().removeprefix("url: ").strip()
            assert process.stdout.readline().startswith("key: ")
            with urllib.request.urlopen(f"{url}/queue?token=secret") as answer:
                assert answer.status == 200
            line = process.stdout.readline()
            process.send_signal(end)
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    assert line.endswith(" GET /queue 200 getQueueInfo\n")
    assert (process.returncode, errors) == (0, "")


def test_the_command_names_a_port_that_is_taken():
    with Emulator() as emulator:
        command = [*COMMAND, "--port", str(emulator.port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stderr == f"could not listen on 127.0.0.1 port {emulator.port}: Address already in use\n"
