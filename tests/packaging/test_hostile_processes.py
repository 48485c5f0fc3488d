"""What needs a process of its own: one that is killed in a save, a disk that is full, memory at its peak."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ComfyCloud
from comfy_cloud.testing import Emulator, Fault

from ..conftest import WireServer  # noqa: TID252 - fixtures of all tests

CONTENT = "what the server has" * 20_000
GRAPH = {
    str(number): {
        "class_type": "EmulatorFiles",
        "inputs": {"kind": "images", "filename": f"{number}.png", "content": f"{number}{CONTENT}"},
    }
    for number in range(4)
}
SAVE = """
import os, sys
from comfy_cloud import ComfyCloud, ComfyCloudError
url, job, folder = sys.argv[1:]
with ComfyCloud(os.environ["KEY"], base_url=url, live=False) as cloud:
    outputs = cloud.jobs.get(job).outputs
    print("saving", flush=True)
    try:
        print(*outputs.save(folder), sep="\\n", flush=True)
    except ComfyCloudError as error:
        print(type(error).__name__, error, flush=True)
"""


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator() as server:
        yield server


@pytest.fixture
def job_id(server: Emulator) -> str:
    with ComfyCloud(server.api_key, base_url=server.url, live=False) as cloud:
        return cloud.run(GRAPH, timeout=30).id


def saving(server: Emulator, job_id: str, folder: Path, limits: Any = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SAVE, server.url, job_id, str(folder)],
        env={**os.environ, "KEY": server.api_key},
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=limits,
    )


def finished(child: subprocess.Popen[str]) -> str:
    words, _ = child.communicate(timeout=60)
    assert child.returncode == 0, words
    return words


def check(folder: Path) -> None:
    """What has a final name is whole."""
    for path in folder.iterdir():
        assert path.suffix == ".part" or path.read_text()[1:] == CONTENT


def test_a_save_is_killed_and_made_again(server: Emulator, job_id: str, tmp_path: Path) -> None:
    """A killed process leaves whole files and part files; the next save leaves the four files and nothing else."""
    for number in range(3):
        order = server.fail("storage", Fault.stall(where="middle"), count=1, after=number)
        with saving(server, job_id, tmp_path / "out") as child:
            order.wait_for(1, timeout=30)
            child.send_signal(signal.SIGKILL)
            child.communicate(timeout=30)
        server.faults.clear()
        check(tmp_path / "out")
        finished(saving(server, job_id, tmp_path / "out"))
        check(tmp_path / "out")
        files = [path.name for path in (tmp_path / "out").iterdir()]
        assert len(files) == 4, files
        assert not [name for name in files if name.endswith(".part")]


def test_a_limit_on_the_size_of_files_is_told(server: Emulator, job_id: str, tmp_path: Path) -> None:
    """A quota ends a save with the name of the file, and leaves no part of it."""
    import resource

    def limits() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    words = finished(saving(server, job_id, tmp_path / "out", limits))
    assert "DownloadError" in words
    assert "cannot be written" in words
    assert list((tmp_path / "out").iterdir()) == []


@contextlib.contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """Have a small disk at a folder, or skip the test where nobody may mount one."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_fills_up(server: Emulator, job_id: str, tmp_path: Path) -> None:
    """Two of the four files have room: those are whole, the error names the disk, and no part takes the room."""
    with mounted(tmp_path / "disk", "900k"):
        words = finished(saving(server, job_id, tmp_path / "disk"))
        assert "DownloadError" in words
        assert "No space left" in words
        files = list((tmp_path / "disk").iterdir())
        assert len(files) <= 2
        check(tmp_path / "disk")
        assert not [path for path in files if path.suffix == ".part"]


ASK = """
import json, resource, sys
from comfy_cloud import ComfyCloud, ComfyCloudError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with ComfyCloud(base_url=sys.argv[1], live=False, retry=None) as cloud:
    try:
        found = type(cloud.files.download("a.bin").read() if sys.argv[2] == "read" else cloud.queue.get()).__name__
    except ComfyCloudError as error:
        found = type(error).__name__
print(json.dumps([found, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024]))
"""
BLOCK = 1 << 20


def blocks(piece: bytes, megabytes: int) -> Iterator[bytes]:
    yield b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{"queue_running": ['
    block = piece * (BLOCK // len(piece))
    for _ in range(megabytes):
        yield block


@functools.cache
def bomb(compressed: int) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    packed = b"".join(packer.compress(bytes(BLOCK)) for _ in range(compressed)) + packer.flush()
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed


@pytest.mark.parametrize(
    ("name", "what", "most"),
    [
        ("200 MB of lists", "ask", 700),
        ("JSON without end", "ask", 700),
        ("200 MB of one text", "ask", 900),
        ("a bomb of half a gigabyte", "ask", 700),
        ("a bomb of half a gigabyte", "read", 700),
    ],
)
def test_memory_has_a_peak(wire: WireServer, name: str, what: str, most: int) -> None:
    """In megabytes, above what the client itself takes. JSON without end took 3,700, half a megabyte of gzip 943."""
    wire.answers = [
        {
            "200 MB of lists": lambda: blocks(b"[],", 200),
            "JSON without end": lambda: blocks(b"[1],", 100_000),
            "200 MB of one text": lambda: iter([*blocks(b"x", 0), b'"', *[b"x" * BLOCK] * 200, b'"]}']),
            "a bomb of half a gigabyte": lambda: bomb(512),
        }[name]()
    ]
    done = subprocess.run(
        [sys.executable, "-c", ASK, wire.url, what], capture_output=True, text=True, timeout=120, check=True
    )
    found, peak = json.loads(done.stdout)
    assert found in {"UnexpectedResponseError", "DownloadError", "QueueState"}
    assert peak < most
    assert threading.active_count() < 20
