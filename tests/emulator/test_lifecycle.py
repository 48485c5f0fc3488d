"""Starting, stopping and loading the emulator."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
import warnings
from pathlib import Path

import httpx
import pytest

from comfy_cloud.testing import Emulator

ROOT = Path(__file__).parents[2]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "overrides")}
    return subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=30)


def test_closing_leaves_no_thread_and_frees_both_ports():
    """Users' test suites would pile up threads and ports."""
    before = set(threading.enumerate())
    with Emulator() as emulator:
        ports = [int(url.rpartition(":")[2]) for url in (emulator.url, emulator.storage_url)]
        httpx.get(f"{emulator.url}/api/system_stats")
    assert set(threading.enumerate()) == before
    for port in ports:
        with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
            probe.connect(("127.0.0.1", port))


def test_closing_does_not_wait_for_a_job_that_would_run_for_hours():
    with Emulator() as emulator:
        workflow = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 80000.0}}}
        answer = httpx.post(
            f"{emulator.url}/api/prompt", json={"prompt": workflow}, headers={"X-API-Key": emulator.api_key}
        )
        emulator.wait_for(answer.json()["prompt_id"], "in_progress")


def test_closing_survives_an_open_connection_and_a_large_upload():
    """A keep-alive connection must not hold the emulator open; big bodies go through helper threads."""
    before = set(threading.enumerate())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with httpx.Client() as client:
            with Emulator(dialect="comfyui-old") as emulator:
                big = {"image": ("big.bin", bytes(3_000_000))}
                assert client.post(f"{emulator.url}/upload/image", files=big).status_code == 200
                url = f"{emulator.url}/view?filename=big.bin&type=input"
                assert len(client.get(url).content) == 3_000_000
            for thread in set(threading.enumerate()) - before:
                thread.join(5)
    assert set(threading.enumerate()) == before


def test_close_may_be_called_twice():
    emulator = Emulator()
    emulator.close()
    emulator.close()


def test_unknown_dialect_and_limit_are_named():
    with pytest.raises(ValueError, match="unknown dialect 'comfy'; there are cloud"):
        Emulator(dialect="comfy")
    with pytest.raises(ValueError, match="at least 1, not 0"):
        Emulator(max_concurrent_jobs=0)


def test_a_taken_port_is_an_oserror_and_leaves_nothing_behind():
    before = set(threading.enumerate())
    with Emulator() as emulator, pytest.raises(OSError, match="in use"):
        Emulator(port=emulator.port)
    assert set(threading.enumerate()) == before


def test_the_key_is_in_no_repr():
    with Emulator() as emulator:
        assert emulator.api_key not in repr(emulator) + repr(emulator.keys) + repr(emulator.journal)


def test_importing_the_package_loads_no_server():
    """pytest loads the plugin of every installed package: it must cost nothing."""
    done = python("-c", "import comfy_cloud.testing, sys; print({'starlette', 'uvicorn', 'PIL'} & set(sys.modules))")
    assert (done.returncode, done.stdout) == (0, "set()\n"), done.stderr


@pytest.mark.parametrize(
    ("module", "missing"),
    [("starlette", "starlette"), ("uvicorn", "uvicorn"), ("PIL", "pillow"), ("python_multipart", "python-multipart")],
)
def test_a_missing_extra_is_one_clear_line(module: str, missing: str):
    code = f"import sys; sys.modules[{module!r}] = None\nfrom comfy_cloud.testing import Emulator"
    done = python("-c", code)
    assert done.returncode == 1
    assert f'the emulator needs {missing}: pip install "comfy-cloud[testing]"' in done.stderr.splitlines()[-1]


def test_an_unknown_name_is_an_attribute_error():
    import comfy_cloud.testing

    with pytest.raises(AttributeError, match="no attribute 'Emulater'"):
        comfy_cloud.testing.Emulater  # noqa: B018
    assert set(comfy_cloud.testing.__all__) <= set(dir(comfy_cloud.testing))


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_command_prints_url_and_key_logs_requests_and_ends_cleanly(end: signal.Signals):
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "overrides"), "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-m", "comfy_cloud.testing", "--port", "0", "--dialect", "comfyui-old"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        assert process.stdout is not None
        url = process.stdout.readline().removeprefix("url: ").strip()
        assert process.stdout.readline().startswith("key: ")
        with urllib.request.urlopen(f"{url}/queue?token=secret") as answer:
            assert answer.status == 200
        line = process.stdout.readline()
        process.send_signal(end)
        _, errors = process.communicate(timeout=10)
    assert line.endswith(" GET /queue 200 getQueueInfo\n")
    assert (process.returncode, errors) == (0, "")


def test_the_command_names_a_port_that_is_taken():
    with Emulator() as emulator:
        done = python("-m", "comfy_cloud.testing", "--port", str(emulator.port))
    assert done.returncode == 1
    assert done.stderr == f"cannot listen on 127.0.0.1 port {emulator.port}: Address already in use\n"
