"""Test the fault proxy on a real socket: what a fault does to the traffic, and that nothing happens without one."""

import gzip
import json
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import httpx
import pytest
from blake3 import blake3
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import ClientConnection, connect

from comfy_cloud.testing import Emulator, Fault

from .conftest import TLS, Server, node

TEXT = {"1": node("EmulatorText", text="x")}


class Wire:
    """A connection on which a test writes every byte itself."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.emulator.port), timeout=10)
        self.key = server.emulator.api_key

    def send(self, method: str, path: str, *fields: str, body: bytes = b"") -> None:
        self.socket.sendall(self.request(method, path, *fields, body=body))

    def request(self, method: str, path: str, *fields: str, body: bytes = b"") -> bytes:
        lines = [f"{method} {path} HTTP/1.1", "Host: x", f"X-API-Key: {self.key}", *fields]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def head(self) -> bytes:
        received = b""
        while not received.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            assert byte, f"the connection ended after {received!r}"
            received += byte
        return received

    def read(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            piece = self.socket.recv(size - len(received))
            assert piece
            received += piece
        return received

    def response(self) -> tuple[int, bytes]:
        """Return status and body of the next response, by its Content-Length."""
        head = self.head().decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0)
        return int(head.split()[1]), self.read(length)

    def rest(self) -> bytes:
        """Return everything until the connection ends."""
        received = b""
        while piece := self.socket.recv(1 << 16):
            received += piece
        return received


@pytest.fixture
def wire(server: Server) -> Iterator[Wire]:
    connection = Wire(server)
    with connection.socket:
        yield connection


def download(cloud: Server, size: int = 1000) -> str:
    """Store a file of that many bytes and return a signed URL of it."""
    name = cloud.upload(b"x" * size, "file.bin").json()["name"]
    return str(cloud.get("/api/view", filename=name, type="input").headers["location"])


def fetch(url: str) -> httpx.Response:
    return httpx.get(url, verify=TLS)


Item = TypeVar("Item")


def until(error: type[Exception], source: Iterable[Item]) -> list[Item]:
    """Return all items until the source fails with that error."""
    found: list[Item] = []
    items = iter(source)
    try:
        for item in items:
            found.append(item)  # noqa: PERF402 - what came before the error counts
    except error:
        return found
    pytest.fail(f"no {error.__name__} after {len(found)} items")


# --- nothing ordered: what goes through must come out


def test_a_connection_serves_many_requests_and_pipelined_ones_in_order(wire: Wire):
    requests = [("GET", "/api/queue"), ("GET", "/api/nothing"), ("GET", "/api/system_stats")] * 3
    wire.socket.sendall(b"".join(wire.request(*request) for request in requests))
    responses = [wire.response() for _ in requests]
    assert [status for status, _ in responses] == [200, 404, 200] * 3
    assert "queue_running" in json.loads(responses[0][1])
    assert "system" in json.loads(responses[2][1])


def test_a_chunked_body_arrives_and_the_next_request_is_answered(wire: Wire, server: Server):
    body = json.dumps({"prompt": TEXT}).encode()
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:5], body[5:])) + b"0\r\n\r\n"
    wire.send("POST", "/api/prompt", "Transfer-Encoding: chunked", body=chunks + wire.request("GET", "/api/queue"))
    assert [wire.response()[0], wire.response()[0]] == [200, 200]
    assert server.emulator.journal.of("executePrompt")[0].body_hash == blake3(body).hexdigest()


def test_a_client_that_expects_100_continue_gets_it(wire: Wire):
    body = json.dumps({"prompt": TEXT}).encode()
    wire.send("POST", "/api/prompt", "Expect: 100-continue", f"Content-Length: {len(body)}")
    assert wire.head().startswith(b"HTTP/1.1 100")
    wire.socket.sendall(body)
    assert wire.response()[0] == 200


def test_a_response_to_head_has_no_body_and_the_connection_stays_open(old: Server):
    wire = Wire(old)
    old.upload(b"abc", "x.bin")
    with wire.socket:
        wire.send("HEAD", "/view?filename=x.bin&type=input")
        assert b"content-length: 3\r\n" in wire.head().lower()
        wire.send("GET", "/view?filename=x.bin&type=input")
        assert wire.response() == (200, b"abc")


def test_bytes_that_are_not_http_get_the_servers_own_response(wire: Wire):
    wire.socket.sendall(b"this is not HTTP\r\n\r\n")
    assert wire.rest().startswith(b"HTTP/1.1 400 ")


def test_a_head_without_an_end_gets_the_servers_own_response(wire: Wire):
    """It must not fill the memory."""
    wire.socket.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000)
    assert wire.rest().startswith(b"HTTP/1.1 400 ")


def test_a_client_that_leaves_in_the_middle_of_an_upload_does_no_harm(wire: Wire, server: Server):
    wire.send("POST", "/api/prompt", "Content-Length: 1000", body=b"half")
    wire.socket.close()
    assert server.emulator.journal.wait_for("executePrompt")[0].status is None
    assert server.get("/api/queue").status_code == 200


def test_a_half_closed_connection_still_gets_its_response(wire: Wire):
    wire.send("GET", "/api/queue", "Connection: close")
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.rest().startswith(b"HTTP/1.1 200 ")


def test_a_big_upload_and_a_big_download_need_no_memory(old: Server):
    """An emulator in a test run must not hold what passes through it. A slow reader slows the sender down."""
    size = 100_000_000

    def parts() -> Iterator[bytes]:
        boundary, chunk = b"--b\r\n", bytes(1_000_000)
        yield boundary + b'Content-Disposition: form-data; name="image"; filename="big.bin"\r\n\r\n'
        for _ in range(size // len(chunk)):
            yield chunk
        yield b"\r\n--b--\r\n"

    tracemalloc.start()
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    assert old.http.post("/upload/image", content=parts(), headers=headers, timeout=60).status_code == 200
    with old.http.stream("GET", "/view?filename=big.bin&type=input") as response:
        assert sum(len(piece) for piece in response.iter_bytes()) == size
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < size / 10


def open_socket(server: Server) -> ClientConnection:
    url = server.emulator.url.replace("http", "ws") + "/ws?clientId=tests"
    if "cloud" in server.emulator.dialect:
        url += f"&token={server.emulator.api_key}"
    return connect(url, open_timeout=10)


def told(client: ClientConnection) -> dict[str, Any]:
    """Return the next text message."""
    while isinstance(message := client.recv(10), bytes):
        pass
    found: dict[str, Any] = json.loads(message)
    return found


def test_websocket_messages_pass_in_both_directions(server: Server):
    with open_socket(server) as client:
        client.send(json.dumps({"type": "feature_flags", "data": {}}))
        assert [told(client)["type"] for _ in range(2)] == ["status", "feature_flags"]
        assert client.ping().wait(10)
        server.run(TEXT)
        kinds = []
        while "execution_success" not in kinds:
            kinds.append(told(client)["type"])
        assert "executing" in kinds


# --- faults of requests and responses


def test_closing_before_the_response_keeps_the_request_from_the_server(server: Server):
    rule = server.emulator.fail("executePrompt", Fault.close())
    with pytest.raises(httpx.RemoteProtocolError):
        server.post("/api/prompt", {"prompt": TEXT})
    entry = server.emulator.journal.of("executePrompt")[0]
    body = server.http.build_request("POST", "/", json={"prompt": TEXT}).content
    assert (entry.status, entry.body_hash) == (None, blake3(body).hexdigest())
    assert rule.applied == 1
    assert server.post("/api/prompt", {"prompt": TEXT}).status_code == 200


def test_a_job_runs_although_its_response_was_lost(server: Server):
    """Nobody can write this test for the real server: was the job submitted twice?"""
    server.emulator.fail("executePrompt", Fault.lose_answer())
    job_id = "6f6e4a5c-0000-4000-8000-000000000001"
    server.emulator.pause()
    with pytest.raises(httpx.RemoteProtocolError):
        server.post("/api/prompt", {"prompt": TEXT, "prompt_id": job_id})
    assert [entry.status for entry in server.emulator.journal.of("executePrompt")] == [200]
    assert [item[1] for item in server.get("/api/queue").json()["queue_pending"]] == [job_id]


def test_a_response_can_end_in_its_middle(cloud: Server):
    url = download(cloud)
    cloud.emulator.fail("storage", Fault.close("middle"))
    with httpx.Client(verify=TLS) as client, client.stream("GET", url) as response:
        assert b"".join(until(httpx.RemoteProtocolError, response.iter_bytes())) == b"x" * 500
    assert len(fetch(url).content) == 1000


def test_a_connection_can_end_after_a_response_that_did_not_announce_it(wire: Wire, server: Server):
    server.emulator.fail("getQueueInfo", Fault.close("after"))
    wire.send("GET", "/api/queue")
    head, _, body = wire.rest().partition(b"\r\n\r\n")
    assert b"connection: close" not in head.lower()
    assert "queue_running" in json.loads(body)


def test_a_stall_lasts_as_long_as_it_should(wire: Wire, server: Server):
    server.emulator.fail("getQueueInfo", Fault.stall(0.01))
    wire.send("GET", "/api/queue")
    wire.send("GET", "/api/nothing")  # what is sent meanwhile is answered afterwards
    assert [wire.response()[0], wire.response()[0]] == [200, 404]


def test_a_stall_without_an_end_ends_with_the_client(server: Server):
    """This tests a read timeout. A stalled response must not stay when the client has gone."""
    threads = threading.active_count()
    rule = server.emulator.fail("getQueueInfo", Fault.stall(), count=None)
    for where in ("before", "middle"):
        server.emulator.faults.clear()
        rule = server.emulator.fail("getQueueInfo", Fault.stall(where=where))  # type: ignore[arg-type]
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(
                f"{server.emulator.url}/api/queue",
                headers={"X-API-Key": server.emulator.api_key},
                timeout=httpx.Timeout(10, read=0.05),
                verify=TLS,
            )
        assert rule.applied == 1
    assert server.get("/api/queue").status_code == 200
    assert threading.active_count() == threads


def test_a_response_can_be_sent_byte_by_byte(wire: Wire, server: Server):
    """A read timeout never expires here; only a total timeout helps."""
    wire.send("GET", "/api/queue")
    whole = len(wire.head()) + len(wire.socket.recv(1 << 16))
    server.emulator.fail("getQueueInfo", Fault.drip(0.0001))
    wire.send("GET", "/api/queue")
    sizes = []
    while sum(sizes) < whole:
        sizes.append(len(wire.socket.recv(1 << 16)))
    assert len(sizes) > 20


def test_errors_are_sent_in_place_of_the_server_and_the_connection_stays_open(wire: Wire, server: Server):
    server.emulator.fail("getQueueInfo", Fault.status(503, retry_after=3))
    server.emulator.fail("getQueueInfo", Fault.status(502, body="html"))
    body = json.dumps({"prompt": TEXT}).encode()
    server.emulator.fail("executePrompt", Fault.status(429, body={"error": {"type": "QUEUE_LIMIT"}}))
    wire.send("GET", "/api/queue")
    wire.send("GET", "/api/queue")
    wire.send("POST", "/api/prompt", f"Content-Length: {len(body)}", body=body)
    wire.send("GET", "/api/queue")
    responses = [wire.response() for _ in range(4)]
    assert [status for status, _ in responses] == [503, 502, 429, 200]
    assert isinstance(json.loads(responses[0][1]), dict)
    assert json.loads(responses[2][1]) == {"error": {"type": "QUEUE_LIMIT"}}
    journal = [(entry.operation, entry.status, entry.key_present) for entry in server.emulator.journal]
    assert journal == [
        ("getQueueInfo", 503, True),
        ("getQueueInfo", 502, True),
        ("executePrompt", 429, True),
        ("getQueueInfo", 200, True),
    ]
    assert server.emulator.journal[2].body_hash == blake3(body).hexdigest()
    assert server.emulator.journal[0].time <= server.emulator.journal[3].time


def test_an_error_reaches_a_client_that_waits_for_100_continue(wire: Wire, server: Server):
    """The error must not wait for a body that the client sends only when asked."""
    server.emulator.fail("executePrompt", Fault.status(500, body="none"))
    wire.send("POST", "/api/prompt", "Expect: 100-continue", "Content-Length: 9")
    assert (
        wire.rest().lower() == b"http/1.1 500 internal server error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
    assert server.emulator.journal[0].body_hash is None


def test_a_download_can_be_too_short_or_too_long_with_either_length_announced(cloud: Server):
    url = download(cloud)
    for fault in (Fault.truncate(10), Fault.truncate(10, relabel=True), Fault.lengthen(10, relabel=True)):
        cloud.emulator.fail("storage", fault)
    with pytest.raises(httpx.RemoteProtocolError):
        fetch(url)
    assert [len(fetch(url).content) for _ in range(3)] == [990, 1010, 1000]
    cloud.emulator.fail("storage", Fault.lengthen(10))
    assert len(fetch(url).content) == 1000  # what was announced; the rest lies in wait on the connection
    assert cloud.emulator.faults.applied == 4


def test_a_download_can_be_broken_gzip(cloud: Server):
    url = download(cloud)
    cloud.emulator.fail("storage", Fault.break_gzip())
    with pytest.raises(httpx.DecodingError):
        fetch(url)
    cloud.emulator.fail("storage", Fault.break_gzip())
    with httpx.stream("GET", url, verify=TLS) as response:
        raw = b"".join(response.iter_raw())
    assert response.headers["content-encoding"] == "gzip"
    with pytest.raises(zlib.error):
        gzip.decompress(raw)


def test_a_fault_of_a_body_does_not_count_if_there_is_no_body(cloud: Server):
    """`viewFile` of the cloud is a redirect. A test that meant the download would pass without a fault."""
    url = download(cloud)
    name = url.partition("?")[0].rpartition("/")[2]
    rule = cloud.emulator.fail("viewFile", Fault.truncate())
    assert cloud.get("/api/view", filename=name).status_code == 302
    assert rule.applied == 0
    assert cloud.emulator.storage_keys_seen == 0


def test_a_signed_url_can_expire_and_a_new_one_is_valid(cloud: Server):
    url = download(cloud)
    name = url.partition("?")[0].rpartition("/")[2]
    assert fetch(url).status_code == 200
    cloud.emulator.fail("storage", Fault.expire_address())
    assert [fetch(url).status_code for _ in range(2)] == [400, 400]
    assert b"ExpiredToken" in fetch(url).content
    assert fetch(cloud.get("/api/view", filename=name).headers["location"]).status_code == 200


@pytest.mark.parametrize("state", ["pending", "in_progress", "completed"])
def test_a_job_can_be_forgotten_in_any_state(cloud: Server, state: str):
    """A client must end with "lost" and not wait for ever. The queue behind a forgotten job continues."""
    workflow = {"1": node("EmulatorSleep", seconds=600.0)} if state == "in_progress" else TEXT
    if state == "pending":
        cloud.emulator.pause()
    with open_socket(cloud) as client:
        job_id = cloud.submit(workflow)
        cloud.emulator.wait_for(job_id, state)  # type: ignore[arg-type]
        cloud.emulator.fail("getJobDetail", Fault.forget_job())
        assert [cloud.get(f"/api/jobs/{job_id}").status_code for _ in range(2)] == [404, 404]
        queue = cloud.get("/api/queue").json()
        assert (queue["queue_running"], queue["queue_pending"]) == ([], [])
        assert cloud.get("/api/jobs").json()["jobs"] == []
        cloud.emulator.resume()
        other = cloud.run({"1": node("EmulatorText", text="other")})
        heard = []
        while ("execution_success", other) not in heard:
            message = told(client)
            heard.append((message["type"], message["data"].get("prompt_id")))
    assert ("execution_interrupted", job_id) not in heard
    assert cloud.emulator.faults.applied == 1


def test_faults_reach_routes_that_only_comfyui_has(old: Server):
    job_id = old.run(TEXT)
    old.emulator.fail("comfyuiHistoryOfPrompt", Fault.status(500))
    assert [old.get(f"/history/{job_id}").status_code for _ in range(2)] == [500, 200]
    old.emulator.fail("comfyuiHistoryOfPrompt", Fault.forget_job())
    assert old.get(f"/history/{job_id}").json() == {}


def test_a_fault_happens_on_a_connection_that_was_open_before_it_was_added(wire: Wire, server: Server):
    wire.send("GET", "/api/queue")
    assert wire.response()[0] == 200
    server.emulator.fail("*", Fault.status(500), count=None)
    wire.send("GET", "/api/queue")
    assert wire.response()[0] == 500
    server.emulator.faults.clear()
    wire.send("GET", "/api/queue")
    assert wire.response()[0] == 200


# --- faults of connections


def test_a_port_that_refuses_is_open_again_when_the_faults_are_cleared(server: Server):
    url = f"{server.emulator.url}/api/system_stats"
    with httpx.Client(verify=TLS) as client:
        assert client.get(url).status_code == 200
        rule = server.emulator.fail("connection", Fault.refuse(), count=None)
        for _ in range(3):  # the connection that was open is gone, too
            with pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)):
                client.get(url)
        with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
            probe.connect(("127.0.0.1", server.emulator.port))
        assert rule.applied == 1
        server.emulator.faults.clear()
        assert client.get(url).status_code == 200


def test_a_port_refuses_for_a_time(server: Server):
    rule = server.emulator.fail("connection", Fault.refuse(0.05))
    assert rule.applied == 1
    for _ in range(100_000):
        try:
            response = httpx.get(f"{server.emulator.url}/api/system_stats", verify=TLS)
        except httpx.ConnectError:
            continue
        break
    assert response.status_code == 200
    assert rule.over


def test_a_number_of_connections_is_reset_unread(server: Server):
    rule = server.emulator.fail("connection", Fault.refuse(), count=2)
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{server.emulator.url}/api/system_stats", verify=TLS)
    assert httpx.get(f"{server.emulator.url}/api/system_stats", verify=TLS).status_code == 200
    assert rule.applied == 2
    assert len(server.emulator.journal) == 1


def test_the_storage_alone_can_be_down(cloud: Server):
    url = download(cloud)
    cloud.emulator.fail("storage", Fault.refuse(), count=None)
    with pytest.raises(httpx.ConnectError):
        fetch(url)
    assert cloud.get("/api/queue").status_code == 200
    cloud.emulator.faults.clear()
    assert fetch(url).status_code == 200


@pytest.mark.parametrize("fault", [Fault.refuse(60), Fault.stall()])
def test_an_emulator_closes_while_a_fault_is_in_progress(fault: Fault):
    """A test that fails in the middle must not leave threads, ports or a hanging run behind."""
    before = set(threading.enumerate())
    emulator = Emulator()
    with socket.create_connection(("127.0.0.1", emulator.port)) as client:
        emulator.fail("connection" if fault.kind == "refuse" else "*", fault)
        if fault.kind == "stall":
            client.sendall(b"GET /api/system_stats HTTP/1.1\r\nHost: x\r\n\r\n")
            emulator.journal.wait_for("getSystemStats")
        emulator.close()
        emulator.faults.clear()  # after the end it does nothing
    assert set(threading.enumerate()) == before


# --- faults of sockets


def test_a_websocket_can_be_refused_or_lost_at_its_handshake(server: Server):
    server.emulator.fail("socket", Fault.status(503))
    server.emulator.fail("socket", Fault.close())
    server.emulator.fail("socket", Fault.lose_answer())
    for _ in range(3):
        with pytest.raises(Exception, match=r"HTTP 503|valid HTTP|EOF|closed"):
            open_socket(server)
    with open_socket(server) as client:
        assert json.loads(client.recv(10))["type"] == "status"


def test_a_websocket_can_be_dropped_between_two_messages(server: Server):
    server.emulator.fail("socket", Fault.drop(), after=2)
    with open_socket(server) as client:
        server.submit(TEXT, client_id="tests")
        assert len(until(ConnectionClosedError, client)) == 2
    server.emulator.wait_for_sockets(0)


def test_a_websocket_can_stay_open_and_silent(server: Server):
    """There is no message, no pong and no end: only a client that pings and gives up notices."""
    rule = server.emulator.fail("socket", Fault.silence(), after=1)
    with open_socket(server) as client:
        assert json.loads(client.recv(10))["type"] == "status"
        server.run(TEXT)
        rule.wait_for()
        pong = client.ping()
        assert server.emulator.sockets == 1
        server.emulator.drop_sockets()  # the server's end of it; this one stays
        server.emulator.wait_for_sockets(0)
        client.send("still there?")
        with pytest.raises(TimeoutError):
            client.recv(0)
        assert not pong.is_set()
        client.socket.shutdown(socket.SHUT_RDWR)


def test_junk_between_messages_changes_none_of_them(server: Server):
    server.emulator.fail("socket", Fault.junk())
    server.emulator.fail("socket", Fault.junk(["mine", b"\x00"]))
    with open_socket(server) as client:
        received: list[Any] = [client.recv(10) for _ in range(9)]
        server.run(TEXT)
        received += [client.recv(10) for _ in range(3)]
    assert json.loads(received[0])["type"] == "emulator_unknown"
    assert {type(message) for message in received[:8]} == {str, bytes}
    assert json.loads(received[8])["type"] == "status"
    assert received[9:11] == ["mine", b"\x00"]
    assert "type" in json.loads(received[11])


def test_a_frame_that_the_protocol_forbids_makes_the_client_close(server: Server):
    server.emulator.fail("socket", Fault.bad_frame())
    with open_socket(server) as client, pytest.raises(ConnectionClosedError, match="1002"):
        client.recv(10)


def test_an_error_in_json_is_in_the_servers_own_shape(cloud: Server, old: Server):
    """Most routes of ComfyUI send no body with an error, so the contract's shape is used for it."""
    for server in (cloud, old):
        server.emulator.fail("getQueueInfo", Fault.status(503))
        assert server.get("/api/queue").json()["code"] == "SERVICE_UNAVAILABLE"
