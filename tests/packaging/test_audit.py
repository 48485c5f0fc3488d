"""`make audit`: a vulnerability fails, a registry without advisories is said to be one, and nothing else passes."""

from __future__ import annotations

from pathlib import Path

import pytest

import audit

FOUND = "Found 1 known vulnerability in 1 package\nhttpx 0.28.0 PYSEC-2099-1 0.28.1"


@pytest.mark.parametrize(
    ("status", "words", "expected", "said"),
    [
        (0, "No known vulnerabilities found", 0, "base.txt: clean"),
        (1, FOUND, 1, "PYSEC-2099-1"),
        (1, "ERROR: requests.exceptions.ConnectionError: Max retries exceeded", 0, "SKIPPED"),
        (1, "ERROR:pip_audit._cli:anyio: Dependency not found on PyPI and could not be audited", 0, "SKIPPED"),
        (1, "ERROR: the requirements file has no hashes", 1, "no hashes"),
    ],
)
def test_an_audit_says_what_it_knows(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
    words: str,
    expected: int,
    said: str,
) -> None:
    """A skip that looks like a clean audit would hide a vulnerability for months."""
    monkeypatch.setattr(audit, "audit", lambda lock: (status, words))
    assert audit.main() == expected
    out = capsys.readouterr().out
    assert said in out
    assert ("clean" in out) == (status == 0)
    assert Path(__file__).resolve().parents[2] == audit.ROOT
