"""The table of the rows: a line on the terminal, a JSON file, and the page `docs/performance.md`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeAlias

from harness import FOLDER, Figures, Row, judged, machine, medians

Result: TypeAlias = dict[str, Any]

PAGE = FOLDER.parent / "docs" / "performance.md"
RESULTS = FOLDER / "results.json"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def result_of(row: Row, sides: dict[str, list[Figures]]) -> Result:
    """Return all that is known of a row from the turns of its sides: its figures, and whether its goal is met."""
    figures = judged(row, sides)
    missing = [side for side in row.sides if side not in sides]
    about = {"name": row.name, "title": row.title, "before": row.before, "goal": row.goal, "unit": row.unit}
    met = None if row.goal is None else figures["ours"] <= row.goal
    over = row.over if row.over in sides else None
    return about | {
        "figures": figures,
        "met": met,
        "missing": missing,
        "over": over,
        "growth": row.growth,
        "sides": {side: medians(turns) for side, turns in sides.items()},
    }


def number(value: float, unit: str = "") -> str:
    return f"{value:.0f}{unit}" if value >= 100 else f"{value:.3g}{unit}" if unit else f"{value:.2f}"


def line(result: Result) -> str:
    ours = number(result["figures"]["ours"], result["unit"])
    others = ", ".join(
        f"{side} {number(value, result['unit'])}" for side, value in result["figures"].items() if side != "ours"
    )
    goal = "" if result["goal"] is None else f" goal {number(result['goal'], result['unit'])}"
    mark = {True: "met", False: "NOT MET", None: ""}[result["met"]]
    return f"{result['name']:16} {ours:>9}{goal} {mark}  {others}"


def write(results: list[Result]) -> None:
    """Write the JSON file, and the tables into the page."""
    measured = {"machine": machine(), "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    RESULTS.write_text(json.dumps({**measured, "rows": results}, indent=1) + "\n")
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    told = f"Measured on {measured['date']}: {measured['machine']}."
    tables = "\n\n".join([told, table(results), growth_table(results)])
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", encoding="utf-8")


def table(results: list[Result]) -> str:
    lines = [
        "| row | first measured | now | goal | others | peak memory (MiB) |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        if result["growth"]:
            continue
        figures, unit = result["figures"], result["unit"]
        others = [f"{side} {number(value, unit)}" for side, value in figures.items() if side != "ours"]
        others += [f"{side}: not measured" for side in result["missing"]]
        goal = "" if result["goal"] is None else number(result["goal"], unit)
        ours = number(figures["ours"], unit)
        ours = f"**{ours}**" if result["met"] is False else ours
        peak = f"{result['sides']['ours']['peak']:.0f}"
        if result["over"]:
            peak += f" ({result['over']} {result['sides'][result['over']]['peak']:.0f})"
        name = f"{result['title']} (`{result['name']}`)"
        lines.append(f"| {name} | {result['before']} | {ours} | {goal} | {', '.join(others)} | {peak} |")
    return "\n".join(lines)


def growth_table(results: list[Result]) -> str:
    lines = ["| what is many | 10 | 100 | 1,000 | 10,000 | grows with |", "| --- | --- | --- | --- | --- | --- |"]
    for result in results:
        if result["growth"]:
            costs = result["sides"]["ours"]
            cells = " | ".join(f"{costs[n] * 1000:.3g} ms" for n in costs if n.isdigit())
            power = result["figures"]["ours"]
            shape = "flat" if power < 0.5 else "linear" if result["met"] else f"**power {power:.2f}**"
            lines.append(f"| {result['title']} (`{result['name']}`) | {cells} | {shape} |")
    return "\n".join(lines)
