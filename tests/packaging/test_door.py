"""One door to the raw client and to the package: a change of the generator, or a new public name, is one change."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import comfy_cloud

PACKAGE = Path(__file__).resolve().parents[2] / "overrides" / "comfy_cloud"


def sources(folder: str) -> dict[str, str]:
    """The text of each module of the package below `folder`, by its path."""
    paths = sorted(path for path in (PACKAGE / folder).rglob("*.py") if (PACKAGE / "raw") not in path.parents)
    return {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def test_one_module_uses_what_the_generator_made_of_an_operation() -> None:
    """Other modules hand `connection.py` an operation: a change of the generator's builders is a change there."""
    inner = re.compile(r"_get_kwargs|_parse_response|\.(asyncio|sync)(_detailed)?\(|operation\.(request|parse)\b")
    flavours = {**sources("_async"), **sources("_sync")}
    assert {path for path, text in flavours.items() if inner.search(text)} == {
        "_async/connection.py",
        "_sync/connection.py",
    }


def test_one_module_makes_the_raw_client() -> None:
    """It is there for users (`cloud.raw`); the layer sends through its connection."""
    users = {path for path, text in sources("").items() if re.search(r"raw\.client import", text)}
    assert users == {"_async/client.py", "_sync/client.py"}


def test_a_public_name_stands_in_the_list_once() -> None:
    text = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    counted = Counter(re.findall(r"\w+", text))
    assert {name for name in comfy_cloud.__all__ if counted[name] > 2} <= {"batch", "errors", "events", "raw"}
