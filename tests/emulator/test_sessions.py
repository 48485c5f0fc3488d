"""Test recorded sessions: what a client got through the recording proxy, it gets again from the file, and no secret."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from websockets.sync.client import connect

from comfy_cloud import APIStatusError, ComfyCloud, ConfigurationError, DownloadError, NotFoundError, events
from comfy_cloud._settings import Server
from comfy_cloud.testing import Emulator, Fault, Gateway
from comfy_cloud.testing._sessions import recorder as recorder_module
from comfy_cloud.testing._sessions.recorder import Recorder
from comfy_cloud.testing._sessions.session import Scrubber, SessionError, read_session

from .conftest import TLS, node

DIALECTS = ["cloud", "cloud-next", "comfyui", "comfyui-old"]
KEY = "a-key-that-must-stay-secret"
PARTNER = "a-partner-key-that-must-stay-secret"
SIGNED = "https://storage.example.com/cat.png?X-Signature=canary-of-a-signature"


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), "red").save(buffer, "PNG")
    return buffer.getvalue()


LINKS = {
    "5": node("EmulatorText", text="bye"),
    "7": node("EmulatorEntries", kind="links", entries=json.dumps([SIGNED])),
}


def graph() -> dict[str, Any]:
    return {
        "1": node("LoadImage", image=picture()),
        "2": node("ImageInvert", image=["1", 0]),
        "3": node("SaveImage", images=["2", 0], filename_prefix="saved"),
        "4": node("EmulatorPreview", seconds=0.0, frames=2, image=["1", 0]),
        "5": node("EmulatorText", text="hello"),
        "6": node("EmulatorFiles", kind="files", filename="a.bin", content="0123456789", repeat=100),
    }


def use(url: str, *, live: bool = True, key: str = KEY) -> dict[str, Any]:
    """Do what a program does, and return all that it gets."""
    heard: list[events.JobEvent] = []
    with ComfyCloud(key, base_url=url, live=live, ssl_context=TLS) as cloud:
        job = cloud.run(graph(), on_event=heard.append, partner_key=PARTNER, timeout=30)
        other = cloud.run(LINKS, timeout=30)
        with pytest.raises(NotFoundError):
            cloud.jobs.get("11111111-1111-4111-8111-111111111111")
        return {
            "ids": [job.id, other.id],
            "files": [output.read() for output in (*job.outputs.files, *other.outputs.files)],
            "texts": [
                output.text for output in (*job.outputs.texts, *other.outputs.texts) if "http" not in str(output.text)
            ],
            "nodes": sorted(cloud.nodes.info().to_dict()),
            "previews": [event.image for event in heard if isinstance(event, events.Preview)],
            "queue": cloud.queue.remaining(),
        }


def recorded(file: Path, dialect: str = "cloud", *, live: bool = True, **options: Any) -> dict[str, Any]:
    with Emulator(dialect=dialect, key=KEY, **options) as server, Recorder(file, base_url=server.url) as proxy:  # type: ignore[arg-type]
        return use(proxy.url, live=live)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_replay_gives_what_the_server_gave_and_holds_no_secret(tmp_path: Path, dialect: str, live: bool):
    file = tmp_path / "session.jsonl"
    first = recorded(file, dialect, live=live)
    assert len(first["files"]) >= 2
    assert len(first["previews"]) == (2 if live else 0)
    with Emulator(replay=file) as replay:
        assert use(replay.url, live=live, key="another-key") == first
        assert len(replay.journal.of("executePrompt")) == 2
    assert secrets_in(file) == []


@pytest.mark.parametrize("live", [True, False])
def test_a_client_may_use_a_websocket_or_not_as_it_likes(tmp_path: Path, live: bool):
    """A recording with a WebSocket serves a client that polls, and the other way round."""
    file = tmp_path / "session.jsonl"
    first = recorded(file, live=live)
    with Emulator(replay=file) as replay:
        second = use(replay.url, live=not live)
    assert (second["ids"], second["files"], second["texts"]) == (first["ids"], first["files"], first["texts"])


def test_a_session_is_served_more_than_once(tmp_path: Path):
    file = tmp_path / "session.jsonl"
    first = recorded(file)
    with Emulator(replay=file) as replay:
        assert [use(replay.url)["files"] for _ in range(2)] == [first["files"], first["files"]]


def secrets_in(file: Path) -> list[str]:
    """Return the secrets that the file holds, in clear or in one of its encoded contents."""
    text = file.read_text(encoding="utf-8")
    decoded = [base64.b64decode(line["base64"]) for line in map(json.loads, text.splitlines()) if "base64" in line]
    whole = text.encode() + b"".join(decoded)
    return [secret for secret in (KEY, PARTNER, "canary-of", "signature=", "Signature=") if secret.encode() in whole]


def test_a_file_that_holds_a_key_is_left_out(tmp_path: Path):
    file = tmp_path / "session.jsonl"
    leaking = {"1": node("EmulatorFiles", kind="files", filename="a.bin", content=f"\x00 key={KEY}")}
    with (
        Emulator(key=KEY) as server,
        Recorder(file, base_url=server.url) as proxy,
        ComfyCloud(KEY, base_url=proxy.url, ssl_context=TLS) as cloud,
    ):
        assert KEY.encode() in cloud.run(leaking).outputs[0].read()
    assert secrets_in(file) == []
    with Emulator(replay=file) as replay, ComfyCloud(base_url=replay.url, ssl_context=TLS) as cloud:
        (output,) = cloud.run(leaking).outputs
        with pytest.raises(DownloadError, match="it is too large, or contains a key"):
            output.read()


def test_a_large_file_is_kept_by_its_hash_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recorder_module, "MAX_BODY", 50_000)
    file = tmp_path / "session.jsonl"
    large = {"1": node("EmulatorFiles", kind="files", filename="a.bin", content="0123456789", repeat=10_000)}
    with (
        Emulator(key=KEY) as server,
        Recorder(file, base_url=server.url) as proxy,
        ComfyCloud(KEY, base_url=proxy.url, ssl_context=TLS, live=False) as cloud,
    ):
        assert len(cloud.run(large).outputs[0].read()) == 100_000
    (kept,) = [line for line in map(json.loads, file.read_text().splitlines()) if "file" in line]
    assert (kept["size"], "base64" in kept) == (100_000, False)


def test_faults_happen_to_a_replay(tmp_path: Path):
    """A session of a real server can be tried in bad weather."""
    file = tmp_path / "session.jsonl"
    first = recorded(file)
    with Emulator(replay=file) as replay:
        replay.fail("executePrompt", Fault.status(503, retry_after=0.01))
        replay.fail("getQueueInfo", Fault.close("middle"))
        assert use(replay.url)["files"] == first["files"]
        assert replay.faults.applied == 2


def test_what_was_not_asked_is_not_found(tmp_path: Path):
    file = tmp_path / "session.jsonl"
    recorded(file, live=False)
    with Emulator(replay=file) as replay:
        response = httpx.get(f"{replay.url}/api/models", verify=TLS)
    assert (response.status_code, response.json()["code"]) == (404, "NOT_RECORDED")


def test_a_gateways_login_goes_on_to_the_server_and_into_no_line(tmp_path: Path):
    file = tmp_path / "session.jsonl"
    with (
        Emulator(dialect="comfyui", gateway=Gateway.bearer("a-token-of-a-gateway")) as server,
        Recorder(file, base_url=server.url) as proxy,
        ComfyCloud(base_url=proxy.url, headers={"Authorization": "Bearer a-token-of-a-gateway"}) as cloud,
    ):
        assert cloud.run({"1": node("EmulatorText", text="a-token-of-a-gateway")}).outputs[0].text
        assert [entry.status for entry in server.journal if entry.path == "/ws"] == [101]
    assert "a-token-of-a-gateway" not in file.read_text()


def test_a_server_out_of_reach_is_a_bad_gateway(tmp_path: Path):
    with Emulator() as server:
        url = server.url
    with Recorder(tmp_path / "session.jsonl", base_url=url) as proxy:
        response = httpx.get(f"{proxy.url}/api/queue", headers={"X-API-Key": KEY}, verify=TLS)
        assert (response.status_code, response.json()["message"]) == (502, "could not reach the server: ConnectError")
        assert httpx.get(f"{proxy.url}/recorded-files/none", verify=TLS).status_code == 404
        with ComfyCloud(base_url=proxy.url, retry=None) as cloud, pytest.raises(APIStatusError):
            cloud.queue.remaining()


def test_a_refused_websocket_is_refused_to_the_client(tmp_path: Path):
    with Emulator() as server, Recorder(tmp_path / "session.jsonl", base_url=server.url) as proxy:
        handshake = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        handshake["Sec-WebSocket-Key"] = base64.b64encode(bytes(16)).decode()
        assert httpx.get(f"{proxy.url}/ws", headers=handshake, verify=TLS).status_code == 401


def test_over_plain_http_to_another_machine_the_key_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As the client does. All else goes on, so that a ComfyUI in the network knows who listens."""
    monkeypatch.setattr(Server, "is_private", lambda _: False)
    with (
        Emulator(dialect="comfyui") as server,
        Recorder(tmp_path / "session.jsonl", base_url=server.url) as proxy,
        connect(f"{proxy.url.replace('http', 'ws')}/ws?token={KEY}&clientId=me", proxy=None) as socket,
    ):
        assert json.loads(socket.recv(10))["data"]["sid"] == "me"
        assert httpx.get(f"{proxy.url}/api/queue", headers={"X-API-Key": KEY}, verify=TLS).status_code == 200
        assert {entry.path: entry.key_present for entry in server.journal} == {"/ws": False, "/api/queue": False}
    assert KEY not in (tmp_path / "session.jsonl").read_text()


def test_a_server_that_breaks_off_breaks_off_for_the_client(tmp_path: Path):
    file = tmp_path / "session.jsonl"
    with Emulator(dialect="comfyui") as server, Recorder(file, base_url=server.url) as proxy:
        server.fail("getNodeInfo", Fault.close("middle"))
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{proxy.url}/api/object_info", verify=TLS)
        assert httpx.get(f"{proxy.url}/api/object_info", verify=TLS).status_code == 200
    assert [json.loads(line).get("request") is not None for line in file.read_text().splitlines()] == [False, True]


def test_an_existing_session_is_not_replaced(tmp_path: Path):
    (tmp_path / "a").write_text("precious")
    with pytest.raises(FileExistsError):
        Recorder(tmp_path / "a", base_url="http://127.0.0.1:1")
    assert (tmp_path / "a").read_text() == "precious"


def test_a_recorder_that_cannot_start_says_why(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="must have http"):
        Recorder(tmp_path / "a", base_url="ftp://example.com")
    with pytest.raises(ValueError, match="port must be"):
        Recorder(tmp_path / "a", base_url="http://127.0.0.1:1", port=99999)
    with pytest.raises(OSError, match="No such file"):
        Recorder(tmp_path / "none" / "a", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("<html>", "line 1 is not part of a recorded session"),
        ('{"comfy_session": 99, "server": "x"}', "version of the session must be 1, not 99"),
        ('{"comfy_session": 1, "server": "x"}\n{"time": 1}', "line 2 is not part of a recorded session"),
    ],
)
def test_another_file_is_named(tmp_path: Path, text: str, message: str):
    with pytest.raises(SessionError, match=message):
        read_session(text.splitlines())
    (tmp_path / "a").write_text(text)
    with pytest.raises(ValueError, match="could not read a recorded session from"):
        Emulator(replay=tmp_path / "a")


def test_texts_for_nodes_are_scrubbed_and_pictures_are_not_touched():
    scrubber = Scrubber()
    scrubber.learn({"X-API-Key": KEY})
    head = b"\0\0\0\3" + (2).to_bytes(4, "big") + b"17"
    assert scrubber.frame(head + SIGNED.encode()) == head + b"https://storage.example.com/cat.png?[redacted]"
    assert scrubber.frame(b"\0\0\0\1\0\0\0\2picture") == b"\0\0\0\1\0\0\0\2picture"
    assert scrubber.frame(head + KEY.encode()) == b"\0\0\0\3"
    assert scrubber.frame(f"no JSON, but {KEY}") == "no JSON, but [redacted]"
