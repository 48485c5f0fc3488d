"""The ledger of a batch, where somebody else wrote into it or a text is no text."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from comfy_cloud import BatchError, ComfyCloud

GRAPH = {"1": {"class_type": "A", "inputs": {"text": "a"}}}
SERVER = "http://127.0.0.1:1"  # nothing is sent


@pytest.mark.parametrize("column", ["files", "params", "result"])
@pytest.mark.parametrize("text", ["{", "5", '[{"size": 1}]', "[" * 10_000])
def test_a_row_that_somebody_damaged_is_told_as_one(tmp_path: Path, column: str, text: str) -> None:
    """It was a JSONDecodeError from the middle of `items()`, without the name of the row."""
    with ComfyCloud(base_url=SERVER) as cloud:
        with cloud.batch(tmp_path) as batch:
            batch.add([("cat", GRAPH)])
        with closing(sqlite3.connect(tmp_path / "batch.sqlite")) as ledger, ledger:
            ledger.execute(f"UPDATE rows SET {column} = ?", (text,))
        with cloud.batch(tmp_path) as batch:
            if column != "files" and text in ("5", '[{"size": 1}]'):
                assert batch.items()[0].key == "cat"  # other than ours, but JSON
                return
            with pytest.raises(BatchError, match=r"row 'cat' of the ledger .* is damaged"):
                batch.items()


def test_half_a_character_is_refused_before_anything_is_kept(tmp_path: Path) -> None:
    """A text that was cut in the middle of an emoji was a UnicodeEncodeError."""
    with ComfyCloud(base_url=SERVER) as cloud, cloud.batch(tmp_path) as batch:
        with pytest.raises(ValueError, match="half of a surrogate pair is not a character") as caught:
            batch.add([("cat \ud83d", GRAPH)])
        assert not isinstance(caught.value, UnicodeError)
        assert batch.items() == []
