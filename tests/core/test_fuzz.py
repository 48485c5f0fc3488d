"""The checks of `make fuzz` on examples that hypothesis makes, the same ones in each run.

The targets say what must hold; a crash that either finds becomes a test of its own beside the module that it is in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..fuzz import targets  # noqa: TID252 - shared with the fuzzer

STEADY = settings(
    max_examples=60,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
CONTENTS = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.recursive(
        st.sampled_from(targets.SCALARS) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(targets.WORDS) | st.text(), inner, max_size=4)
        ),
        max_leaves=12,
    ).map(lambda value: b"\xff" + json.dumps(value).encode()),
)


@pytest.mark.parametrize("name", targets.TARGETS)
@STEADY
@given(data=CONTENTS)
def test_no_bytes_break_a_pure_part(name: str, data: bytes) -> None:
    """Whatever a server or a file holds is an error of ours or a value, and never a crash in somebody's program."""
    targets.TARGETS[name](data)


@pytest.fixture(scope="module")
def ledger_rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[targets.LedgerRows]:
    rows = targets.LedgerRows(tmp_path_factory.mktemp("ledger"))
    yield rows
    rows.close()


@settings(STEADY, max_examples=25)
@given(data=CONTENTS)
def test_no_row_breaks_a_ledger(ledger_rows: targets.LedgerRows, data: bytes) -> None:
    """What is added comes back as it was; what another program wrote into a column is told in our words."""
    ledger_rows(data)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_a_target_notices_what_is_not_ours(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A fuzzer whose target catches everything finds nothing, however long it runs."""

    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError

    for called in ("FrameReader", "status_error", "from_job_detail", "carried", "parse_time", "safe_name"):
        monkeypatch.setattr(targets, called, broken)
    monkeypatch.setattr(targets, "parse_retry_after", broken)
    monkeypatch.setattr(targets, "Decompressor", broken)
    monkeypatch.setattr(targets, "Download", broken)
    monkeypatch.setattr(targets.Workflow, "loads", broken)
    with pytest.raises(ZeroDivisionError):
        targets.TARGETS[name](bytes(range(1, 200)))


def test_the_values_of_a_fuzzer_follow_from_its_bytes(tmp_path: Path) -> None:
    """A crash that is kept can be run again."""
    data = bytes(range(256))
    first, again = targets.Data(data).json(6), targets.Data(data).json(6)
    assert json.dumps(first) == json.dumps(again)
    assert targets.Data(b"").json() == targets.Data(b"").json()
