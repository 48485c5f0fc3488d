"""What users see when a process ends in the middle of a wait, and what crosses from one process to another."""

from __future__ import annotations

import operator
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from comfy_cloud import ComfyCloud, JobStatus, Workflow, errors
from comfy_cloud.testing import Emulator

# Python does not install its handler where the shell that started the tests ignores SIGINT, as with `&` in a script.
INTERRUPTED = """
import os, signal, sys
from comfy_cloud import ComfyCloud, JobStarted

signal.signal(signal.SIGINT, signal.default_int_handler)

def on_event(event):
    if isinstance(event, JobStarted):
        os.kill(os.getpid(), signal.SIGINT)

graph = {"1": {"class_type": "EmulatorSleep", "inputs": {"seconds": 600, "steps": 100}}}
with ComfyCloud(sys.argv[1], base_url=sys.argv[2]) as cloud:
    cloud.run(graph, on_event=on_event, cancel_on_exit=sys.argv[3] == "True")
"""


@pytest.mark.parametrize("cancel_on_exit", [False, True])
def test_ctrl_c_leaves_the_job_and_names_it_or_cancels_it(cancel_on_exit: bool) -> None:
    """In a real process: it ends at once, without threads that hang, and the job's id is on the screen."""
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        code = [sys.executable, "-W", "error", "-c", INTERRUPTED, server.api_key, server.url, str(cancel_on_exit)]
        done = subprocess.run(code, capture_output=True, text=True, check=False, timeout=60)
        (job,) = cloud.jobs.list()
        if cancel_on_exit:
            job.wait(30, check=False)
        assert (job.refresh().status is JobStatus.CANCELLED) is cancel_on_exit
    assert "KeyboardInterrupt" in done.stderr
    assert (f"cloud.job('{job.id}').wait()" in done.stderr) is not cancel_on_exit
    assert server.api_key not in done.stderr


def test_an_exception_crosses_a_process_pool() -> None:
    graph = {"1": {"class_type": "SaveImage", "inputs": {}}}
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool, pytest.raises(KeyError) as caught:
        pool.submit(operator.getitem, Workflow(graph), "KSampler").result()
    assert isinstance(caught.value, errors.NodeNotFoundError)
    assert "KSampler" in str(caught.value)


ELSEWHERE = """
import pickle, sys
from comfy_cloud import ComfyCloud

job = pickle.load(sys.stdin.buffer)
with ComfyCloud(sys.argv[1], base_url=sys.argv[2]) as cloud:
    print(cloud.job(job).outputs.save(sys.argv[3])[0].read_text())
"""


def test_a_pickled_job_is_saved_in_another_process(tmp_path: Path) -> None:
    """What follows a job can run where there is room for it. The key goes its own way."""
    graph = {"1": {"class_type": "EmulatorFiles", "inputs": {"kind": "images", "filename": "a.png", "content": "made"}}}
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        job = pickle.dumps(cloud.run(graph, timeout=30))
        code = [sys.executable, "-W", "error", "-c", ELSEWHERE, server.api_key, server.url, str(tmp_path)]
        done = subprocess.run(code, input=job, capture_output=True, check=False, timeout=60)
    assert done.stdout == b"made\n", done.stderr.decode()
    assert server.api_key.encode() not in job
