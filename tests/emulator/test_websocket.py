"""Test the WebSockets at `/ws`: who may connect, who gets which message, and what happens if one ends, stalls or
reconnects.
"""

import asyncio
import logging
import re
import socket as sockets
import threading
from contextlib import ExitStack

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

from comfy_cloud.testing import Emulator

from .conftest import Server, node
from .live import Live, live, websocket_url

SLOW = {"5": node("EmulatorSleep", seconds=3600.0)}
QUICK = {"5": node("EmulatorSleep", seconds=0.0)}


def run(server: Server, **body: str) -> str:
    job_id = server.submit(QUICK, **body)
    server.emulator.wait_for(job_id)
    return job_id


@pytest.mark.parametrize("path", ["/ws", "/api/ws"])
def test_the_first_message_has_the_queue_and_the_clients_id(server: Server, path: str):
    server.emulator.pause()
    server.submit(QUICK)
    with connect(websocket_url(server, "mine", path=path), proxy=None) as connection:
        data = Live(connection).until("status")
    assert data == {"status": {"exec_info": {"queue_remaining": 1}}, "sid": "mine"}


def test_a_websocket_without_an_id_gets_one_that_submits_can_use(server: Server):
    with connect(websocket_url(server, None), proxy=None) as connection:
        socket = Live(connection)
        sid = socket.until("status")["sid"]
        assert re.fullmatch("[0-9a-f]{32}", sid)
        job_id = server.submit(QUICK, client_id=sid)
        assert socket.until("execution_success")["prompt_id"] == job_id


def refusal(url: str, **headers: str) -> httpx.Response:
    with pytest.raises(InvalidStatus) as caught, connect(url, proxy=None, additional_headers=headers):
        pass
    response = caught.value.response
    return httpx.Response(response.status_code, content=bytes(response.body))


def test_the_clouds_need_a_key_in_the_url_or_the_header(account: Server):
    keys = account.emulator.keys
    bare = websocket_url(account, token="wrong")
    assert refusal(bare).status_code == 401
    assert refusal(bare.replace("token=wrong&", "")).status_code == 401
    assert set(refusal(bare).json()) in ({"code", "message"}, {"error"})
    assert refusal(websocket_url(account, token=keys.forbidden)).status_code == 403
    with connect(bare.replace("token=wrong&", ""), proxy=None, additional_headers={"X-API-Key": keys.valid}):
        pass


def test_comfyui_ignores_keys_and_refuses_foreign_origins(comfyui: Server):
    with connect(websocket_url(comfyui, token="wrong"), proxy=None):
        pass
    response = refusal(websocket_url(comfyui), Origin="http://evil.example")
    assert (response.status_code, response.content) == (403, b"")
    with connect(websocket_url(comfyui), proxy=None, additional_headers={"Origin": comfyui.emulator.url}):
        pass


def test_websockets_exist_only_at_their_path(server: Server):
    assert refusal(websocket_url(server, path="/other")).status_code == 404
    storage = server.emulator.storage_url.replace("http", "ws", 1)
    assert refusal(f"{storage}/ws").status_code == 403


def test_the_journal_has_websockets_without_their_keys(server: Server):
    with live(server):
        pass
    entry = server.emulator.journal[-1]
    assert (entry.operation, entry.method, entry.path, entry.status) == (None, "GET", "/ws", 101)
    assert entry.key_present
    assert server.emulator.api_key not in repr(entry)


def test_no_key_reaches_a_log(caplog: pytest.LogCaptureFixture, cloud: Server):
    """A user's test run with debug logging would publish the key."""
    caplog.set_level(logging.DEBUG)
    with live(cloud):
        pass
    with connect(websocket_url(cloud, token=cloud.emulator.keys.no_credits), proxy=None):
        pass
    served = [record for record in caplog.records if not record.name.startswith("websockets.client")]
    text = "".join(record.getMessage() for record in served)
    assert not any(key in text for key in cloud.emulator.keys)


def test_on_the_clouds_every_websocket_of_the_account_gets_the_messages_of_every_job(account: Server):
    with live(account, "a") as one, live(account, "b") as other:
        ids = [account.submit(QUICK, client_id="a"), account.submit(QUICK)]
        for socket in (one, other):
            socket.until("execution_success")
            socket.until("execution_success")
            assert {data["prompt_id"] for data in socket.of("execution_success")} == set(ids)
            assert {data["prompt_id"] for data in socket.of("executing")} == set(ids)


def test_on_the_clouds_two_websockets_of_one_id_both_get_messages(account: Server):
    with live(account, "same") as first, live(account, "same") as second:
        run(account)
        first.until("execution_success")
        second.until("execution_success")


def test_on_comfyui_only_the_submitting_client_gets_the_messages_of_its_job(comfyui: Server):
    with live(comfyui, "mine") as mine, live(comfyui, "other") as other:
        run(comfyui, client_id="mine")
        mine.until_end()
        assert "progress" in mine.kinds
        other.until_idle()
        assert other.is_silent()
        assert set(other.kinds) == {"status"}


def test_on_comfyui_a_job_without_client_sends_everybody_its_progress_and_nothing_else(comfyui: Server):
    """This is why a client must always send a client_id: otherwise it never gets the end of its job."""
    with live(comfyui, "a") as one, live(comfyui, None) as other:
        run(comfyui)
        for socket in (one, other):
            socket.until_idle()
            assert socket.is_silent()
            assert socket.kinds == ["status", "status", "status", "progress", "status"]
            assert len(socket.of("progress_state")) == 3


def test_on_comfyui_previews_and_interrupts_of_a_job_without_client_go_to_everybody(comfyui: Server):
    with live(comfyui, "a") as one, live(comfyui, "b") as other:
        one.say({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
        one.until("feature_flags")
        comfyui.submit({"2": node("EmulatorPreview", seconds=0.0, frames=1), "5": SLOW["5"]})
        for socket in (one, other):
            socket.until("1")
        comfyui.post("/interrupt", {})
        for socket in (one, other):
            socket.until("execution_interrupted")
            socket.until_idle()
            assert socket.is_silent()
            assert (socket.of("4"), socket.of("execution_start"), socket.of("executing")) == ([], [], [])


def test_on_comfyui_the_newest_websocket_of_an_id_takes_over_and_removes_the_id_at_its_end(comfyui: Server):
    with live(comfyui, "dup") as first:
        with live(comfyui, "dup") as second:
            run(comfyui, client_id="dup")
            second.until_end()
            assert first.is_silent()
        comfyui.emulator.wait_for_sockets(1)
        run(comfyui, client_id="dup")
        assert first.is_silent()


def test_on_comfyui_closing_the_older_websocket_cuts_off_the_newer_one(comfyui: Server):
    """A client that opens the new WebSocket before the old one is closed gets no more messages."""
    with connect(websocket_url(comfyui, "swap"), proxy=None) as older, live(comfyui, "swap") as newer:
        older.close()
        comfyui.emulator.wait_for_sockets(1)
        run(comfyui, client_id="swap")
        assert newer.is_silent()
        assert newer.connection.ping().wait(10)


def test_on_the_clouds_closing_the_older_websocket_does_no_harm(account: Server):
    with connect(websocket_url(account, "swap"), proxy=None) as older, live(account, "swap") as newer:
        older.close()
        account.emulator.wait_for_sockets(1)
        run(account)
        newer.until("execution_success")


def test_on_comfyui_a_client_that_reconnects_is_told_which_node_is_running(comfyui: Server):
    with live(comfyui) as first:
        job_id = comfyui.submit(SLOW, client_id="tests")
        first.until("executing")
    comfyui.emulator.wait_for_sockets(0)
    assert comfyui.emulator.wait_for(job_id, "in_progress") == "in_progress"
    with live(comfyui) as back, live(comfyui, "other") as other:
        assert back.heard[0][1]["sid"] == "tests"
        assert back.next() == ("executing", {"node": "5"})  # and not of which job
        comfyui.post("/interrupt", {"prompt_id": job_id})
        back.until("execution_interrupted")
        back.until_end()
        other.until_idle()
    with live(comfyui) as late:
        assert late.is_silent()


def test_on_the_clouds_no_message_is_repeated(account: Server):
    job_id = account.submit(SLOW)
    account.emulator.wait_for(job_id, "in_progress")
    with live(account) as socket:
        assert socket.is_silent()


def test_features_are_exchanged_in_the_clients_first_message_only(server: Server):
    flags = {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
    with live(server, "one") as socket:
        socket.say(flags)
        assert socket.until("feature_flags") == server.get("/api/features").json()
    with live(server, "two") as socket:
        socket.say({"type": "hello"})
        socket.say(flags)
        assert socket.is_silent()


def test_junk_from_a_client_is_ignored(server: Server):
    with live(server) as socket:
        for junk in ("{", '"x"', "[1]", "null", b"\x00\x01", '{"type": "feature_flags", "data": []}'):
            socket.connection.send(junk)
        assert socket.connection.ping().wait(10)
        run(server, client_id="tests")
        socket.until("execution_success")


def test_websockets_are_counted_and_dropped_without_a_closing_handshake(server: Server):
    with ExitStack() as stack:
        opened = [stack.enter_context(live(server, f"c{number}")) for number in range(3)]
        assert server.emulator.sockets == 3
        server.emulator.drop_sockets()
        for socket in opened:
            with pytest.raises(ConnectionClosedError) as caught:
                socket.next()
            assert caught.value.rcvd is None
        server.emulator.wait_for_sockets(0)
    with pytest.raises(TimeoutError, match=r"after 0\.01 s: 0 WebSockets are open, not 1"):
        server.emulator.wait_for_sockets(1, timeout=0.01)


def test_a_silenced_websocket_stays_open_and_sends_nothing(server: Server):
    """A client can notice this only by its own ping. It must not wait for a response to its close frame."""
    with connect(websocket_url(server, "mute"), proxy=None, close_timeout=0.05) as connection:
        mute = Live(connection)
        mute.until("status")
        server.emulator._backend.hub.silence()
        with live(server, "tests") as other:
            run(server, client_id="tests")
            other.until("execution_success")
            assert not connection.ping().wait(0.05)
            assert mute.is_silent()
            assert server.emulator.sockets == 2
        connection.close()
        assert connection.protocol.close_rcvd is None
    server.emulator.wait_for_sockets(0)


def test_any_frame_can_be_sent_to_every_websocket(server: Server):
    with live(server, "a") as one, live(server, "b") as other:
        for frame in ("no json {", b"\x00\x00\x00\x63junk"):
            server.emulator._backend.hub.send_raw(frame)
            assert [socket.connection.recv(10) for socket in (one, other)] == [frame, frame]


def test_a_client_that_reads_nothing_delays_nobody_and_is_dropped(server: Server):
    """Otherwise one stuck test client would stop every job, or use all memory."""
    port = int(server.emulator.url.rpartition(":")[2])
    with sockets.create_connection(("127.0.0.1", port)) as stuck, live(server, "other") as other:
        path = websocket_url(server, "tests").partition(f":{port}")[2]
        handshake = ["Host: x", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        lines = [f"GET {path} HTTP/1.1", *handshake, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
        stuck.sendall("\r\n".join(lines).encode())
        server.emulator.wait_for_sockets(2)
        for _ in range(40):
            server.emulator._backend.hub.send_raw(bytes(1024 * 1024))
            other.connection.recv(10)
        run(server, client_id="other")
        other.until("execution_success")
        server.emulator.wait_for_sockets(1)


def test_closing_the_emulator_ends_open_websockets_at_once():
    with Emulator() as emulator:
        url = f"{emulator.url.replace('http', 'ws', 1)}/ws?token={emulator.api_key}"
        with connect(url, proxy=None) as connection:
            connection.recv(10)
            emulator.close()
            with pytest.raises(ConnectionClosedError):
                connection.recv(10)
        assert emulator.sockets == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("comfy-emulator")]


def test_a_broken_connection_gets_no_more_frames(cloud: Server, caplog: pytest.LogCaptureFixture):
    """asyncio logs a line for each frame that is sent into a broken connection: once 33,575 lines on stderr."""

    async def break_off() -> None:
        (socket,) = cloud.emulator._backend.hub._sockets()
        for _ in range(100):
            socket.push("frame")
        await asyncio.sleep(0)  # the task that sends is woken, and runs after the connection broke
        socket._connection.abort()

    with caplog.at_level(logging.WARNING), live(cloud):
        cloud.emulator._server.run_in_loop(break_off())
        cloud.emulator.wait_for_sockets(0)
    assert caplog.text == ""
