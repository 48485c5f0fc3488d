"""What all tests share: the event loop of asynchronous tests, no settings from the environment, one certificate to
trust, and a server that can send what no HTTP server would."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import socket
import threading
from collections.abc import Iterable, Iterator

import certifi
import pytest


def pytest_collection_finish() -> None:
    """The thousands of tests that were collected stay to the end: the garbage collector need not go through them."""
    gc.freeze()


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, by the pytest plugin of anyio."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own key, server or profile never takes part in a test."""
    for name in ("COMFY_CLOUD_API_KEY", "COMFY_CLOUD_BASE_URL", "COMFY_CLOUD_PROFILE", "COMFY_CLOUD_PARTNER_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COMFY_CLOUD_CONFIG", os.devnull)


@pytest.fixture(scope="session", autouse=True)
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test speaks TLS to a public server. Loading what all of them are trusted by takes a client, and each process
    that a test starts, longer than all else that it does."""
    end = "-----END CERTIFICATE-----\n"
    path = tmp_path_factory.mktemp("trusted") / "certificate.pem"
    path.write_text(certifi.contents().partition(end)[0] + end, encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


class WireServer:
    """Answers each request with the next of `answers` (the last one stays), announces that it hangs up, and does.

    An answer is the bytes on the wire, or several that are sent one after the other. `requests` has what came, as it
    came: head and body.
    """

    def __init__(self) -> None:
        self.answers: list[bytes | Iterable[bytes]] = []
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            # A client may hang up in the middle of an answer that is meant to be too long.
            with connection, contextlib.suppress(OSError):
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        request = self._read(connection)
        if not request:
            return
        self.requests.append(request)
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        for index, part in enumerate([answer] if isinstance(answer, bytes) else answer):
            connection.sendall(part if index else self._announced(part))

    @staticmethod
    def _announced(part: bytes) -> bytes:
        """Else a client that asks again at once may do so on the connection that is about to go."""
        head, end, _ = part.partition(b"\r\n")
        if not end or not re.match(rb"HTTP/1\.1 [2-5]\d\d", head) or b"\r\nconnection:" in part.lower():
            return part
        return head + b"\r\nConnection: close" + part[len(head) :]

    @staticmethod
    def _read(connection: socket.socket) -> bytes:
        data = b""
        while True:
            head, end, body = data.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            chunked = re.search(rb"(?i)\r\ntransfer-encoding: *chunked", head)
            last = (b"\r\n" + body).endswith(b"\r\n0\r\n\r\n")
            complete = last if chunked else len(body) >= int(length[1] if length else 0)
            if end and complete:
                return data
            received = connection.recv(1 << 16)
            if not received:
                return data
            data += received

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@pytest.fixture
def wire() -> Iterator[WireServer]:
    """A server whose answers are bytes."""
    server = WireServer()
    yield server
    server.close()


@pytest.fixture
def refused() -> Iterator[str]:
    """The address of a server that nobody can connect to."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # without listening: the port is ours, and closed
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"
