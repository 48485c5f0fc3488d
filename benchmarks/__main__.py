"""Measure comfy-cloud beside bare httpx and other clients: `make bench`, `make profile ROW=...`.

python benchmarks [ROW ...] [--rounds N]      measure all rows or some, print a table
python benchmarks --page                      all rows, and write benchmarks/results.json and docs/performance.md
python benchmarks profile ROW                 print the profile of our side of a row
python benchmarks list                        print the names of the rows
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import time

import report
import rows_calls
import rows_growth
import rows_start
import rows_transfers
import rows_waits
from harness import Row, prepared, run_row, serve, stub

ROWS: dict[str, Row] = {
    row.name: row for family in (rows_start, rows_calls, rows_transfers, rows_waits, rows_growth) for row in family.ROWS
}


def bench(names: list[str], rounds: int | None, *, page: bool) -> None:
    started, results = time.monotonic(), []
    with stub() as url:
        for row in [ROWS[name] for name in names] or ROWS.values():
            began = time.monotonic()
            result = report.result_of(row, run_row(row, url, min(rounds or row.rounds, row.rounds)))
            results.append(result)
            print(f"{report.line(result)}  [{time.monotonic() - began:.0f} s]", flush=True)
    print(f"{len(results)} rows in {time.monotonic() - started:.0f} s")
    if page:
        report.write(results)


def profile(name: str) -> None:
    row = ROWS[name]
    ours = row.sides["ours"]
    profiler = cProfile.Profile()
    with stub() as url:
        if isinstance(ours, str):
            profiler.runcall(exec, compile(ours, "side", "exec"), {"URL": url})
        else:
            with prepared(ours, url) as turn:
                print(profiler.runcall(turn))
    pstats.Stats(profiler).sort_stats("tottime").print_stats(40)


def main() -> None:
    if sys.argv[1:2] == ["side"]:
        row, side, url = sys.argv[2:]
        serve(ROWS[row].sides[side], url)  # type: ignore[arg-type]
        return
    if sys.argv[1:2] == ["profile"]:
        profile(sys.argv[2])
        return
    if sys.argv[1:2] == ["list"]:
        print("\n".join(f"{row.name:24} {row.title}" for row in ROWS.values()))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--page", action="store_true")
    options = parser.parse_args()
    bench(options.rows, options.rounds, page=options.page)


if __name__ == "__main__":
    main()
