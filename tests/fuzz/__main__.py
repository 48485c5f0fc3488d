"""Fuzz the pure parts by coverage: `make fuzz`, or `python -m tests.fuzz [--runs N] [--seconds S] [TARGET ...]`.

Each target runs in a process of its own for `--runs` executions or `--seconds`, whichever is over first, on a corpus
that starts with a few real bytes and is kept in out/fuzz/. Prints the executions of each and of all. Exits with 1 at
the first input that a target does not take, which is kept beside the corpus.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "out" / "fuzz"
RUNS: Final = 20_000
DONE: Final = re.compile(r"Done (\d+) runs? in (\d+) second")

_PNG_TEXT: Final = b"prompt\0" + json.dumps({"1": {"class_type": "A", "inputs": {}}}).encode()
_PNG: Final = (
    len(_PNG_TEXT).to_bytes(4, "big") + b"tEXt" + _PNG_TEXT + zlib.crc32(b"tEXt" + _PNG_TEXT).to_bytes(4, "big")
)
SEEDS: Final[dict[str, list[bytes]]] = {
    "frames": [bytes(range(0, 240, 5)), b"\x05\xdc\x00\x00\x00\x02{}" + bytes(8)],
    "media": [b"\x00" + _PNG, b"\x04\x00Exif\0\0II*\0\x08\0\0\0", b"\x06\x00\x00\x00\x1fSegment"],
    "times": [b"2026-11-26T19:40:00Z", b"Thu, 26 Nov 2026 19:40:00 GMT", b"1795435200000", b"11/26/2026 7pm"],
    "retry_after": [b"120", b"Thu, 26 Nov 2026 19:40:00 GMT"],
    "file_names": [b"../../a.png", b"C:\\CON.txt", "e\u0301\u202egpj.exe".encode()],
    "workflows": [b"\xff" + json.dumps({"prompt": {"1": {"class_type": "A", "inputs": {"a": ["1", 0]}}}}).encode()],
    "bodies": [b"\x01\x20" + zlib.compress(b"x" * 5000, wbits=31), b"\x02\x20" + zlib.compress(b"{}")],
}


def fuzz(name: str) -> None:
    """Be the process that fuzzes one target; libFuzzer reads the other arguments and ends the process."""
    import atheris

    # Only what is under test is watched: the branches of the standard library would drown those of ours.
    with atheris.instrument_imports(include=["comfy_cloud"]):
        from tests.fuzz import targets

    rows = targets.LedgerRows(Path(tempfile.mkdtemp())) if name == "ledger_rows" else None
    atheris.Setup(sys.argv, rows or targets.TARGETS[name])
    atheris.Fuzz()


def run(name: str, runs: int, seconds: int) -> tuple[int, bool]:
    """Fuzz one target; return how often it was executed, and whether every execution was clean."""
    corpus = FOLDER / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS.get(name, [])):
        (corpus / f"seed-{number}").write_bytes(seed)
    options = [f"-runs={runs}", f"-max_total_time={seconds}", "-max_len=512", "-timeout=20", "-rss_limit_mb=2048"]
    command = [sys.executable, "-m", "tests.fuzz", "--one", name, *options]
    done = subprocess.run(
        [*command, f"-artifact_prefix={FOLDER}/{name}-", str(corpus)], cwd=ROOT, capture_output=True, text=True
    )
    found = DONE.search(done.stderr)
    if done.returncode or found is None:
        print(done.stdout[-4000:], done.stderr[-4000:], sep="\n")
        return 0, False
    print(f"{name:14} {int(found[1]):10,} executions in {found[2]} s", flush=True)
    return int(found[1]), True


def main() -> int:
    from tests.fuzz.targets import TARGETS

    names = [*TARGETS, "ledger_rows"]
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("targets", nargs="*", choices=[[], *names], default=[])
    options = parser.parse_args()
    results = [run(name, options.runs, options.seconds) for name in options.targets or names]
    print(f"{sum(count for count, _ in results):,} executions, {'clean' if all(ok for _, ok in results) else 'FAILED'}")
    return 0 if all(ok for _, ok in results) else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        target = sys.argv[2]
        del sys.argv[1:3]
        fuzz(target)
    sys.exit(main())
