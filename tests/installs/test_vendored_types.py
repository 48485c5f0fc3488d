"""Types of a vendored copy, seen from the project that holds it. Here, since the type checker takes its time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ..packaging.vendoring import project

CALLER = """
from pathlib import Path
from typing import assert_type

from ._vendor.comfy_cloud import AsyncComfyCloud, ComfyCloud, ComfyCloudError, Job, Outputs, Workflow
from ._vendor.comfy_cloud.raw.api.job import get_queue_info
from ._vendor.comfy_cloud.raw.models import QueueInfo


def draw(picture: Path) -> list[Path]:
    workflow = Workflow.load("portrait_api.json")
    workflow["Picture"]["image"] = picture
    try:
        with ComfyCloud() as cloud:
            assert_type(get_queue_info.sync(client=cloud.raw), QueueInfo)
            job = cloud.run(workflow)
            assert_type(job, Job)
            assert_type(job.outputs, Outputs)
            return job.outputs.save("out")
    except ComfyCloudError as error:
        assert_type(error.job_id, str | None)
        raise


async def count() -> int:
    async with AsyncComfyCloud() as cloud:
        return await cloud.queue.remaining()
"""


def test_a_foreign_package_is_strictly_typed_through_its_copy(tmp_path: Path) -> None:
    """mypy follows the copy under its own name, and finds nothing in it to complain about."""
    source = project(tmp_path / "src", "acme", "comfy_cloud", "--testing")
    (source / "acme" / "draw.py").write_text(CALLER, encoding="utf-8")
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\n", encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", "../mypy.ini", "--cache-dir", "../cache", "-p", "acme"]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("Success: no issues found in ")
