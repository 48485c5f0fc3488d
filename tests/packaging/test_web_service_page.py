"""The table of statuses in docs/guide/in-a-web-service.md is true: it has every error, and says what its code does."""

from __future__ import annotations

import re
from pathlib import Path

from comfy_cloud import ComfyCloudError, errors

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "guide" / "in-a-web-service.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ((?:\w+Error(?:, )?)+) \| (\d{3}) \| \S.* \|$", PAGE, re.MULTILINE)
TABLE = {name: int(status) for names, status in ROWS for name in names.split(", ")}
CODE = {name: int(status) for name, status in re.findall(r"^    \(errors\.(\w+), (\d{3})\),$", PAGE, re.MULTILINE)}


def test_the_code_of_the_page_does_what_its_table_says() -> None:
    """What is not in the code is a 500."""
    assert {name: status for name, status in TABLE.items() if status != 500} == CODE


def test_a_subclass_comes_before_its_base() -> None:
    """The first row that fits counts: a row behind its base would never be reached."""
    for named in (TABLE, CODE):
        kinds = [getattr(errors, name) for name in named]
        late = [(kind, base) for at, kind in enumerate(kinds) for base in kinds[:at] if issubclass(kind, base)]
        assert [(kind, base) for kind, base in late if TABLE[kind.__name__] != TABLE[base.__name__]] == []


def test_the_table_decides_on_every_error_of_a_service() -> None:
    """An error that nobody thought of is a 500 by decision: mistakes in arguments, batches, and the bases."""
    kinds = {name: kind for name in errors.__all__ if isinstance(kind := getattr(errors, name), type)}
    decided = tuple(kinds[name] for name in TABLE if kinds[name] is not ComfyCloudError)
    left = {name for name, kind in kinds.items() if not issubclass(kind, decided)}
    assert left == {
        "ComfyCloudError",
        "APIStatusError",
        "BadRequestError",
        "UnprocessableEntityError",
        "NotSupportedError",
        "JobError",
        "BatchError",
        "BatchConflictError",
        "BatchInUseError",
    }
