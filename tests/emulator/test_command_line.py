"""`python -m comfy_cloud.testing` as a user starts it: its faults, its log, and what it says of a wrong file."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .conftest import TLS

COMMAND = [sys.executable, "-W", "error", "-m", "comfy_cloud.testing"]


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """The command with these arguments: address, key, process; interrupted at the end."""
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
    """A client in any language can be tried against them; a request that a fault hit is in the log like others."""
    file = tmp_path / "faults.json"
    faults = [
        {"operation": "getQueueInfo", "fault": "status", "status": 503, "retry_after": 7},
        {"operation": "getQueueInfo", "fault": "close"},
        {"operation": "getFeatures", "fault": "lose_answer"},
    ]
    file.write_text(json.dumps(faults), encoding="utf-8")
    with running("--faults", str(file)) as (url, key, process), httpx.Client(verify=TLS, base_url=url) as client:
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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file or directory"),
        ("[", "not JSON: Expecting value"),
        ('[{"operation": "viewfile", "fault": "close"}]', "fault 1: unknown operation 'viewfile'; did you mean"),
        ('[{"operation": "viewFile", "fault": "closed"}]', "fault 1: unknown fault 'closed'; there are close, "),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, content: str | None, message: str):
    """Nothing starts: a server without the faults that were meant proves nothing."""
    file = tmp_path / "faults.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    done = subprocess.run([*COMMAND, "--faults", str(file)], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"cannot read the faults in {file}: {message}")
    assert done.stderr.count("\n") == 1


def test_the_help_names_every_option():
    done = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, env=os.environ, timeout=30, check=False)
    assert all(option in done.stdout for option in ("--port", "--host", "--dialect", "--faults FILE"))
