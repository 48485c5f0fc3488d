"""The adapters in docs/guide/events.md show something: on a terminal, where the test of all pages has none."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from comfy_cloud import ComfyCloud, Workflow
from comfy_cloud.events import JobProgress
from comfy_cloud.testing import Emulator

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "guide" / "events.md").read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ADAPTERS = [code for code in BLOCKS if "    def tell(" in code]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("code", ADAPTERS, ids=range(3))
def test_an_adapter_ends_with_a_full_bar(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stderr", terminal)
    with Emulator() as server, ComfyCloud(server.api_key, base_url=server.url) as cloud:
        workflow = Workflow.load(ROOT / "examples" / "workflows" / "colour_api.json")
        job = cloud.run(workflow)
        names: dict[str, Any] = {"cloud": cloud, "workflow": workflow, "job": job, "JobProgress": JobProgress}
        exec("from tqdm import tqdm\n" + code, names)
    assert "100%" in terminal.getvalue()
    body = code.partition("def tell(")[2].split("\n\n")[0]
    assert len([line for line in body.splitlines() if line.strip()]) <= 5, "five lines each"
