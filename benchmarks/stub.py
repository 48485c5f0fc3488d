"""The server of the benchmarks: canned responses from a process of its own, which costs it little.

Below `/cloud` it answers like Comfy Cloud, with files behind a redirect to another origin, elsewhere like a ComfyUI.
What a request wants is in its path or body: `/api/view?filename=4194304-7.bin` is a file of that length, a node
`Sleep` with `seconds` makes a job that runs so long. `GET /ended/ID` tells when a job was over, by the clock that all
processes of a machine share (`time.monotonic`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import socketserver
import sys
import threading
import time
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from data import assets, jobs, node_info

BLOCK: Final = bytes(range(256)) * 4096  # 1 MiB
ACCEPT: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SECONDS: Final = re.compile(rb'"seconds": ?([0-9.]+)')
FILES: Final = re.compile(rb'"files": ?([0-9]+)')
FRAMES: Final = re.compile(rb'"frames": ?([0-9]+)')
JOB_ID: Final = re.compile(rb'"prompt_id": ?"([^"]+)"')
UUID: Final = "9f8a1c0d-2b3e-4f56-8a7b-1c2d3e4f5a6b"
NOW: Final = "2026-11-26T12:00:00Z"

ended: dict[str, float] = {}
made: dict[str, int] = {}
sockets: list[socket.socket] = []
storage_port = 0


class Handler(socketserver.StreamRequestHandler):
    """One connection."""

    rbufsize = 1 << 16
    disable_nagle_algorithm = True

    def handle(self) -> None:
        with suppress(ConnectionError):
            while line := self.rfile.readline():
                method, target, _ = line.decode("latin-1").split(" ")
                headers: dict[str, str] = {}
                while (field := self.rfile.readline().decode("latin-1").strip()) != "":
                    name, _, value = field.partition(":")
                    headers[name.lower()] = value.strip()
                if "upgrade" in headers:
                    self.listen(headers["sec-websocket-key"])
                    return
                keep = method == "POST" and target.endswith(("/prompt", "/v2/jobs"))
                self.answer(method, target, self.received(headers, keep=keep))

    def received(self, headers: dict[str, str], *, keep: bool) -> bytes:
        """Return the body if it is to be kept, else read it and throw it away."""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
            return b""
        left = int(headers.get("content-length", 0))
        if keep:
            return self.rfile.read(left)
        room = memoryview(bytearray(min(left, 1 << 20)))
        while left:
            left -= self.rfile.readinto(room[:left])  # type: ignore[attr-defined]
        return b""

    def answer(self, method: str, target: str, body: bytes) -> None:
        path, query = (parts := urlsplit(target)).path, parse_qs(parts.query)
        cloud = path.startswith("/cloud/")
        path = path.removeprefix("/cloud").removeprefix("/api")
        if path == "/view" and cloud:
            location = f"http://localhost:{storage_port}/view?{parts.query}"
            self.wfile.write(f"HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n".encode())
            return
        if path == "/view" or path.endswith("/content"):
            name = query.get("filename", [path.split("/")[-2]])[0]
            self.send_file(int(re.split("[-.]", name)[0]))
            return
        status, content = route(method, path, query, body, cloud)
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
        self.wfile.write(head.encode() + (b"" if method == "HEAD" else content))

    def send_file(self, length: int) -> None:
        head = f"HTTP/1.1 200 X\r\ncontent-type: application/octet-stream\r\ncontent-length: {length}\r\n\r\n"
        self.wfile.write(head.encode())
        while length:
            self.wfile.write(BLOCK[:length])
            length -= min(length, len(BLOCK))

    def listen(self, key: str) -> None:
        """Keep a WebSocket until its client closes it. What the client says is not needed."""
        accept = base64.b64encode(hashlib.sha1(key.encode() + ACCEPT).digest()).decode()  # noqa: S324
        switch = "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade"
        self.wfile.write(f"{switch}\r\nsec-websocket-accept: {accept}\r\n\r\n".encode())
        sockets.append(self.connection)
        try:
            while frame := self.connection.recv(1 << 16):
                if frame[0] == 0x88:
                    self.wfile.write(b"\x88\x00")
                    return
        finally:
            sockets.remove(self.connection)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 512


def route(method: str, path: str, query: dict[str, list[str]], body: bytes, cloud: bool) -> tuple[int, bytes]:
    """Return the status and the JSON of a response."""
    name = path.rpartition("/")[2]
    if path in ("/prompt", "/v2/jobs") and method == "POST":
        return submitted(body) if path == "/prompt" else (201, v2_job())
    if path.startswith("/v2/jobs/"):
        return 200, v2_job()
    if path.startswith("/v2/assets"):
        return (404, b"{}") if method == "HEAD" or name == "from-hash" else (201, v2_asset())
    if path == "/jobs":
        # A list of as many jobs as the filter says, or of those that run.
        number, page = int(query.get("workflow_id", ["0"])[0]), int(query.get("limit", ["100"])[0])
        start = int(query.get("offset", ["0"])[0])
        return 200, listed(number, start, page) if number else active()
    if path.startswith("/jobs/"):
        return 200, detail(name)
    if path.startswith("/history/"):
        return 200, dumped({name: {"outputs": outputs(name), "status": {"status_str": "success", "completed": True}}})
    if path == "/assets" and method == "GET":
        return 200, dumped({"assets": assets(int(query["limit"][0])), "has_more": False})
    if path.startswith("/assets/hash/") or path == "/assets/from-hash":
        return 404, b"{}"
    if path == "/assets":
        return 200, dumped(assets(1)[0])
    if path.startswith("/upload/"):
        return 200, b'{"name": "picture.bin", "subfolder": "", "type": "input"}'
    if path == "/object_info":
        return 200, node_info()
    if path == "/queue":
        return 200, b'{"queue_running": [], "queue_pending": []}'
    if path.startswith("/ended/"):
        return 200, dumped(ended.get(name, 0.0))
    if path == "/user" and not cloud:
        return 404, b""
    return 200, b'{"system": {"os": "linux", "comfyui_version": "0.33.0"}, "devices": []}'


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def submitted(body: bytes) -> tuple[int, bytes]:
    """Take a job; it ends at once, or after the seconds of its node `Sleep`, and is told to the WebSockets."""
    found = JOB_ID.search(body)
    job_id = found[1].decode() if found else hashlib.md5(body + repr(len(made)).encode()).hexdigest()  # noqa: S324
    seconds = float(match[1]) if (match := SECONDS.search(body)) else 0.0
    made[job_id] = int(match[1]) if (match := FILES.search(body)) else 1
    ended[job_id] = time.monotonic() + seconds
    frames = int(match[1]) if (match := FRAMES.search(body)) else 0
    if seconds or frames:
        ended[job_id] = float("inf")
        threading.Timer(seconds, run, [job_id, frames]).start()
    return 200, dumped({"prompt_id": job_id, "number": 1, "node_errors": {}})


def run(job_id: str, frames: int) -> None:
    """Send the messages of a job in the order of ComfyUI 0.33.0: its history is there only with the last of them."""
    tell("execution_start", {"prompt_id": job_id})
    for step in range(frames):
        tell("executing", {"prompt_id": job_id, "node": str(step + 1)})
    tell("execution_success", {"prompt_id": job_id})
    # A ComfyUI takes as long to write its history. A client that believes the message before finds the job running, and
    # the rows about the time until an end is noticed measure what it does then.
    time.sleep(0.003)
    ended[job_id] = time.monotonic()
    tell("executing", {"prompt_id": job_id, "node": None})
    tell("status", {"status": {"exec_info": {"queue_remaining": 0}}})


def tell(kind: str, data: dict[str, Any]) -> None:
    text = dumped({"type": kind, "data": data})
    length = bytes([len(text)]) if len(text) < 126 else b"\x7e" + len(text).to_bytes(2, "big")
    for connection in sockets.copy():
        with suppress(OSError):
            connection.sendall(b"\x81" + length + text)


def is_over(job_id: str) -> bool:
    return ended.get(job_id, 0.0) <= time.monotonic()


def outputs(job_id: str) -> dict[str, Any]:
    """Return the outputs of a job. `files-LENGTH-N` has N files in one node, `nodes-LENGTH-N` one in each of N."""
    kind, length, number = (
        job_id.split("-") if job_id.startswith(("files-", "nodes-")) else ("", "4096", made.get(job_id, 1))
    )
    files = [{"filename": f"{length}-{n}.bin", "subfolder": "", "type": "output"} for n in range(int(number))]
    return {str(n): {"images": [file]} for n, file in enumerate(files)} if kind == "nodes" else {"9": {"images": files}}


def detail(job_id: str) -> bytes:
    found = outputs(job_id)
    state = {"status": "completed", "outputs": found} if is_over(job_id) else {"status": "in_progress"}
    if job_id.startswith("nodes-"):  # the nodes have titles
        graph = {n: {"class_type": "SaveImage", "_meta": {"title": f"Save {n}"}, "inputs": {}} for n in found}
        state["workflow"] = {"prompt": graph}
    return dumped({"id": job_id, "create_time": 1_764_000_000_000, **state})


def active() -> bytes:
    found = [{"id": job_id, "status": "in_progress", "create_time": 1} for job_id in list(ended) if not is_over(job_id)]
    page = {"offset": 0, "limit": 10_000, "total": len(found), "has_more": False}
    return dumped({"jobs": found, "pagination": page})


def listed(number: int, start: int, page: int) -> bytes:
    found = jobs(number)[start : start + page]
    more = start + len(found) < number
    return dumped({"jobs": found, "pagination": {"offset": start, "limit": page, "total": number, "has_more": more}})


def v2_job() -> bytes:
    urls = {name: f"/api/v2/jobs/{UUID}/{name}" for name in ("self", "cancel", "events", "workflow")}
    times = {"created_at": NOW, "started_at": NOW, "completed_at": NOW, "expires_at": NOW}
    output = {"node_id": "9", "name": "a.bin", "type": "file", "content_type": "application/octet-stream", "hash": None}
    output |= {"size_bytes": 1, "id": "536870912", "url": "http://127.0.0.1/", "url_expires_at": NOW}
    state = {"status": "succeeded", "queue_position": None, "progress": None, "error": None, "outputs": [output]}
    return dumped({"id": UUID, **times, **state, "urls": urls})


def v2_asset() -> bytes:
    about = {"hash": "blake3:" + "0" * 64, "size_bytes": 1, "content_type": "application/octet-stream"}
    return dumped({"id": UUID, **about, "created_at": NOW, "url": "http://127.0.0.1/", "url_expires_at": NOW})


def main() -> None:
    global storage_port
    servers = [Server(("127.0.0.1", 0), Handler) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    storage_port = servers[1].server_address[1]
    print(f"http://127.0.0.1:{servers[0].server_address[1]}", flush=True)
    sys.stdin.read()  # until the harness, which holds the other end, is gone


if __name__ == "__main__":
    main()
