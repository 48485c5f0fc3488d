"""A batch in processes that end in every way: killed, interrupted, two at once, on a disk that is read-only."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from comfy_cloud import BatchInUseError, ComfyCloud, ItemState, sweep
from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parents[2]


def files(content: str) -> dict[str, Any]:
    inputs = {"kind": "images", "filename": "made.png", "content": content}
    return {"1": {"class_type": "EmulatorFiles", "inputs": inputs}}


# Python does not install its handler where the shell that started the tests ignores SIGINT, as with `&` in a script.
SCRIPT = """
import os, signal, sys
from comfy_cloud import ComfyCloud, sweep

signal.signal(signal.SIGINT, signal.default_int_handler)
graph = {"1": {"class_type": "EmulatorFiles", "inputs": {"kind": "images", "filename": "made.png", "content": "?"}}}
with ComfyCloud(os.environ["KEY"], base_url=sys.argv[1]) as cloud, cloud.batch(sys.argv[2]) as batch:
    batch.add(sweep(graph, {"1.content": [str(number) for number in range(12)]}))
    print("opened", flush=True)
    for item in batch.run(window=4):
        print(item.state, flush=True)
"""


@pytest.fixture
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def cloud(server: Emulator) -> Iterator[ComfyCloud]:
    with ComfyCloud(server.api_key, base_url=server.url) as made:
        yield made


def start(server: Emulator, folder: Path) -> subprocess.Popen[str]:
    code = [sys.executable, "-W", "error", "-c", SCRIPT, server.url, str(folder)]
    environment = {**os.environ, "KEY": server.api_key}
    script = subprocess.Popen(code, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert script.stdout is not None
    assert script.stdout.readline() == "opened\n"
    return script


def test_the_second_process_is_told_who_owns_the_batch_and_a_killed_owner_is_taken_over(
    server: Emulator, cloud: ComfyCloud, tmp_path: Path
) -> None:
    """Two dispatchers would pay each row twice; a lock that outlives its owner would end the batch for good."""
    server.pause()
    with start(server, tmp_path) as owner:
        server.journal.wait_for("executePrompt", count=4)
        with pytest.raises(BatchInUseError, match=f"in use by process {owner.pid} on ") as caught:
            cloud.batch(tmp_path)
        assert caught.value.pid == owner.pid
        owner.send_signal(signal.SIGKILL)
        owner.communicate()
    server.resume()
    with cloud.batch(tmp_path) as batch:
        assert len(list(batch.run(window=20))) == 12
        assert batch.counts()[ItemState.DONE] == 12
    assert len(server.journal.of("executePrompt")) == 12


def test_ctrl_c_collects_what_runs_and_a_second_one_leaves_at_once(
    server: Emulator, cloud: ComfyCloud, tmp_path: Path
) -> None:
    """The first one wastes nothing that is paid; after the second one, the next run wastes nothing either."""
    server.pause()
    with start(server, tmp_path) as once:
        server.journal.wait_for("executePrompt", count=4)
        server.journal.wait_for("listJobs")
        once.send_signal(signal.SIGINT)
        assert once.stderr is not None
        assert "Ctrl-C again leaves them" in once.stderr.readline()
        server.resume()
        printed, errors = once.communicate(timeout=60)
    assert printed.splitlines() == ["done"] * 4
    assert "KeyboardInterrupt" in errors

    server.pause()
    with start(server, tmp_path) as twice:
        server.journal.wait_for("executePrompt", count=8)
        server.journal.clear()
        server.journal.wait_for("listJobs")
        twice.send_signal(signal.SIGINT)
        assert twice.stderr is not None
        twice.stderr.readline()
        twice.send_signal(signal.SIGINT)
        printed, errors = twice.communicate(timeout=60)
    assert printed == ""
    assert "KeyboardInterrupt" in errors
    assert server.api_key not in errors
    server.resume()
    with cloud.batch(tmp_path) as batch:
        assert len(list(batch.run())) == 8
    assert len(list(cloud.jobs.list())) == 12


# What root may do beyond the permissions of a folder is taken away from it.
UNPRIVILEGED = ["setpriv", "--bounding-set", "-dac_override"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


@pytest.mark.skipif(
    os.name == "nt" or (bool(UNPRIVILEGED) and which("setpriv") is None), reason="root may write into any folder here"
)
def test_a_folder_that_is_read_only_is_said_and_what_it_has_can_be_run_later(
    server: Emulator, cloud: ComfyCloud, tmp_path: Path
) -> None:
    """A disk that went read-only: nothing is sent, since nothing could be recorded."""
    folder = tmp_path / "batch"
    with cloud.batch(folder) as batch:
        batch.add(sweep(files("?"), {"1.content": [str(number) for number in range(12)]}))
    for path in (*folder.iterdir(), folder):
        path.chmod(path.stat().st_mode & ~0o222)
    command = [*UNPRIVILEGED, sys.executable, "-W", "error", "-c", SCRIPT, server.url, str(folder)]
    environment = {**os.environ, "KEY": server.api_key}
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    last = refused.stderr.splitlines()[-1]
    assert last.startswith("comfy_cloud.errors.BatchError: could not use the ledger"), refused.stderr
    assert "readonly" in last
    assert str(folder) in last
    assert list(server.journal) == []
    for path in (folder, *folder.iterdir()):
        path.chmod(path.stat().st_mode | 0o200)
    with cloud.batch(folder) as batch:
        assert len(list(batch.run(window=12))) == 12
    assert len(server.journal.of("executePrompt")) == 12


def test_the_101st_job_waits_for_room_in_the_queue_and_is_run(
    server: Emulator, cloud: ComfyCloud, tmp_path: Path
) -> None:
    """The account's own limit: a loop ends here with a hundred paid jobs in a variable."""
    server.pause()
    with cloud.batch(tmp_path) as batch:
        batch.add(sweep(files("?"), {"1.content": [str(number) for number in range(103)]}))
        futures = batch.futures(window=200)
        server.journal.wait_for("executePrompt", count=101, timeout=60)
        server.resume()
        assert [future.result(60).state for future in futures.values()] == ["done"] * 103
        assert {item.tries for item in batch.items()} == {1}
    answers = Counter(entry.status for entry in server.journal.of("executePrompt"))
    assert answers.pop(200) == 103
    assert set(answers) == {429}
    assert len(list(cloud.jobs.list())) == 103


@pytest.mark.parametrize("forgets", [False, True])
def test_a_short_soak(forgets: bool) -> None:
    """The long one is `make soak`."""
    options = ["--rows", "30", "--kills", "2", "--window", "16", *(["--forgets", "--lost", "0.05"] if forgets else [])]
    command = [sys.executable, str(ROOT / "benchmarks" / "soak.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.stdout.endswith("as it must be\n"), done.stdout + done.stderr


CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), None)
PROBE = """
<script>addEventListener("load", () => {
  const count = () => document.getElementById("count").textContent;
  const seen = {cards: document.querySelectorAll("article").length, count: count()};
  const [order, direction] = document.querySelectorAll("select");
  order.value = "EmptyImage.color"; order.onchange();
  direction.value = "descending"; direction.onchange();
  seen.first = document.querySelector("dd").textContent;
  const filter = document.querySelector('select[aria-label="EmptyImage.color"]');
  filter.value = "255"; filter.onchange();
  seen.filtered = count();
  seen.pictures = [...document.images].every(image => image.complete && image.naturalWidth === 64);
  seen.ground = getComputedStyle(document.body).backgroundColor;
  seen.loaded = performance.getEntriesByType("resource").map(entry => entry.name);
  document.title = JSON.stringify(seen);
});</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
@pytest.mark.parametrize(("scheme", "ground"), [(1, "rgb(246, 246, 244)"), (0, "rgb(22, 23, 26)")])
def test_the_contact_sheet_works_in_a_browser_and_loads_nothing_else(
    cloud: ComfyCloud, tmp_path: Path, scheme: int, ground: str
) -> None:
    """Sorting, filtering and pictures are scripts: only a browser can tell that they work, by day and by night."""
    empty = {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}}
    save = {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}}
    with cloud.batch(tmp_path) as batch:
        batch.add(sweep({"1": empty, "2": save}, {"EmptyImage.color": [0, 65280, 255]}))
        list(batch.run(window=3))
        page = batch.contact_sheet()
    page.write_text(page.read_text().replace("</html>", f"{PROBE}</html>"))
    assert CHROMIUM is not None
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom"]
    options.append(f"--blink-settings=preferredColorScheme={scheme}")
    done = subprocess.run([CHROMIUM, *options, page.as_uri()], capture_output=True, text=True, check=True, timeout=120)
    title = re.search(r"<title>(.*?)</title>", done.stdout)
    assert title is not None
    seen = json.loads(title[1].replace("&amp;", "&"))
    assert (seen["cards"], seen["count"], seen["first"], seen["filtered"]) == (3, "3 rows", "65280", "1 of 3 rows")
    assert seen["pictures"]
    assert seen["ground"] == ground
    assert all(name.startswith("file:") for name in seen["loaded"])
