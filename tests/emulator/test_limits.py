"""The emulator is for loopback alone: where it listens, what it fetches, where it writes, how much it keeps."""

from __future__ import annotations

import ipaddress
import os
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from comfy_cloud.testing import Emulator
from comfy_cloud.testing._engine import queue
from comfy_cloud.testing._journal import MAX_ENTRIES
from comfy_cloud.testing._servers import responses
from comfy_cloud.testing._state import blobs

from .conftest import TLS, Server

TEXT = {"1": {"class_type": "EmulatorText", "inputs": {"text": "a"}}}


def listening() -> set[tuple[str, int]]:
    """Return the addresses that this process listens on, as the kernel has them."""
    inodes = set()
    for number in os.listdir("/proc/self/fd"):
        with_link = Path("/proc/self/fd") / number
        try:
            inodes.add(os.readlink(with_link).removeprefix("socket:[").rstrip("]"))
        except OSError:
            continue
    found = set()
    for name in ("tcp", "tcp6"):
        for line in (Path("/proc/self/net") / name).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                address, _, port = fields[1].partition(":")
                words = [bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8)]
                found.add((str(ipaddress.ip_address(b"".join(words))), int(port, 16)))
    return found


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="asks the kernel of Linux")
def test_it_listens_on_loopback_alone() -> None:
    """All four of its ports: nobody in a café reaches a key that is valid."""
    before = listening()
    with Emulator() as emulator:
        opened = listening() - before
        assert len(opened) == 4
        assert {address for address, _ in opened} == {"127.0.0.1"}
        assert emulator.port in {port for _, port in opened}
    assert listening() <= before


@pytest.mark.parametrize("path", ["/moved", "/twice"])
def test_a_source_cannot_lead_it_elsewhere(cloud: Server, httpserver: object, path: str) -> None:
    """Each redirect of a source is checked like its first address."""
    server: object = httpserver
    for name, target in (("/moved", "http://192.0.2.1/x"), ("/twice", "/moved")):
        server.expect_request(name).respond_with_data(status=302, headers={"Location": target})  # type: ignore[attr-defined]
    url = server.url_for(path)  # type: ignore[attr-defined]
    assert cloud.get("/api/assets/remote-metadata", url=url).status_code == 422
    assert cloud.post("/api/assets", {"url": url, "name": "x"}).status_code in {400, 422}


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The only folder for temporary files, in an empty working directory."""
    (tmp_path / "scratch").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "scratch"


def test_it_keeps_to_its_folder_and_leaves_none(scratch: Path) -> None:
    """Names of uploads, of outputs and of user data never become paths on the disk."""
    large = b"\x89PNG\r\n\x1a\n" + bytes(2 * blobs.IN_MEMORY)
    with Emulator(dialect="comfyui") as emulator:
        server = Server(emulator)
        with server.http:
            for name in ("../../up.png", "/etc/up.png", "a/../../up.png", "..\\up.png"):
                files = {"image": (name, large, "image/png")}
                server.http.post("/api/upload/image", files=files)
                server.http.post("/api/upload/image", files=files, data={"subfolder": "../../x"})
                server.http.post(f"/api/userdata/{name.replace('/', '%2F')}", content=b"x")
                server.http.get("/api/view", params={"filename": name, "subfolder": "../..", "type": "input"})
                node = {"kind": "images", "filename": name, "content": "x" * (2 * blobs.IN_MEMORY)}
                server.run({"1": {"class_type": "EmulatorFiles", "inputs": node}})
        written = [path for path in scratch.rglob("*") if path.is_file()]
        assert written
        assert all(path.parent.name.startswith("comfy-emulator-") for path in written)
        assert [path for path in scratch.parent.rglob("*") if path.is_file() and scratch not in path.parents] == []
    assert list(scratch.iterdir()) == []


def test_a_body_does_not_fill_its_memory(cloud: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "MAX_BODY", 1 << 20)

    def endless() -> Iterator[bytes]:
        for _ in range(16):
            yield b'{"a": "' + b"x" * (1 << 20)

    tracemalloc.start()
    for path in ("/api/prompt", "/api/userdata/a.json", "/api/interrupt", "/api/queue"):
        assert cloud.http.post(path, content=endless()).status_code == 413
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 32 << 20
    assert cloud.http.post("/api/interrupt", content=b"[" * 100_000).status_code < 500


def test_files_go_to_the_disk_when_they_are_many(scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "MEMORY_BUDGET", 1 << 20)
    store = blobs.BlobStore()
    for number in range(64):
        blob = store.put_bytes(bytes([number]) * (1 << 17))
        assert b"".join(store.get(blob.digest).chunks(0, 4)) == bytes([number]) * 4  # type: ignore[union-attr]
    kept = sum(len(blob.content) for blob in store._blobs.values() if isinstance(blob.content, bytes))
    assert kept <= 1 << 20
    store.close()
    assert list(scratch.iterdir()) == []


def test_old_jobs_and_requests_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """An emulator that runs for days in a service's tests keeps the last ones."""
    monkeypatch.setattr(queue, "MAX_FINISHED", 5)
    with Emulator() as emulator:
        server = Server(emulator)
        with server.http:
            ids = [server.run(TEXT) for _ in range(8)]
            assert server.get(f"/api/jobs/{ids[0]}").status_code == 404
            assert server.get(f"/api/jobs/{ids[-1]}").status_code == 200
        assert len(emulator._backend.engine.finished()) == 5
        assert emulator.journal._entries.maxlen == MAX_ENTRIES


def test_a_head_does_not_fill_its_memory(cloud: Server) -> None:
    headers = {f"X-{number}": "a" * 1000 for number in range(2000)}
    try:
        response = httpx.get(f"{cloud.emulator.url}/api/queue", headers=headers, verify=TLS)
    except httpx.TransportError:
        return
    assert response.status_code in {400, 431}
