"""Test starting, stopping and loading the emulator."""

import socket
import threading
import warnings

import httpx
import pytest

from comfy_cloud.testing import Emulator


def test_closing_leaves_no_thread_and_frees_both_ports():
    """Otherwise threads and ports would accumulate in a user's test run."""
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
        response = httpx.post(
            f"{emulator.url}/api/prompt", json={"prompt": workflow}, headers={"X-API-Key": emulator.api_key}
        )
        emulator.wait_for(response.json()["prompt_id"], "in_progress")


def test_closing_survives_an_open_connection_and_a_large_upload():
    """A keep-alive connection must not keep the emulator open. Large bodies go through helper threads."""
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
    with pytest.raises(ValueError, match="dialect must be one of cloud"):
        Emulator(dialect="comfy")
    with pytest.raises(ValueError, match="at least 1, not 0"):
        Emulator(max_concurrent_jobs=0)
    with pytest.raises(ValueError, match="max_queued_jobs must be at least 1, not 0"):
        Emulator(max_queued_jobs=0)
    for options, message in (
        ({"max_concurrent_jobs": "2"}, "max_concurrent_jobs must be at least 1, not '2'"),
        ({"max_concurrent_jobs": 10**6}, "max_concurrent_jobs must be at most 1000: each job has a thread"),
        ({"keeps_submission_ids": "no"}, "keeps_submission_ids must be True or False, not 'no'"),
        ({"dialect": ["cloud"]}, r"dialect must be one of cloud, .*, not \['cloud'\]"),
        ({"host": 5}, "host must be a string, such as '127.0.0.1', not 5"),
        ({"max_concurrent_jobs": 1.5}, "max_concurrent_jobs must be at least 1, not 1.5"),
        ({"max_queued_jobs": True}, "max_queued_jobs must be at least 1, not True"),
        ({"job_credits": -1}, "job_credits must be a number, 0 or more, not -1"),
        ({"gateway": "secret"}, r"gateway must be a Gateway, such as Gateway.bearer\('secret'\), not 'secret'"),
    ):
        with pytest.raises(ValueError, match=message):
            Emulator(**options)
    with pytest.raises(ValueError, match="max_queued_jobs must be None for 'comfyui', not 5"):
        Emulator(dialect="comfyui", max_queued_jobs=5)


def test_a_taken_port_is_an_oserror_and_leaves_nothing_behind():
    before = set(threading.enumerate())
    with Emulator() as emulator, pytest.raises(OSError, match="in use"):
        Emulator(port=emulator.port)
    assert set(threading.enumerate()) == before


def test_the_key_is_in_no_repr():
    with Emulator() as emulator:
        assert emulator.api_key not in repr(emulator) + repr(emulator.keys) + repr(emulator.journal)


def test_an_unknown_name_is_an_attribute_error():
    import comfy_cloud.testing

    with pytest.raises(AttributeError, match="no attribute 'Emulater'"):
        comfy_cloud.testing.Emulater  # noqa: B018
    assert set(comfy_cloud.testing.__all__) <= set(dir(comfy_cloud.testing))
