"""The results as tables of text (Markdown) and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import msgspec

from bench.figure import Figure

DIGITS = 3


def table(title: str, figures: Sequence[Figure]) -> str:
    """Return a table with a row for each case and a column for each figure."""
    columns = list(dict.fromkeys((figure.what, figure.unit) for figure in figures))
    heads = ["case", *(f"{what}, {unit}" if unit else what for what, unit in columns)]
    rows = [heads, ["---"] + ["---:"] * len(columns)]
    for case in dict.fromkeys(figure.case for figure in figures):
        found = {(figure.what, figure.unit): cell(figure) for figure in figures if figure.case == case}
        rows.append([case, *(found.get(column, "") for column in columns)])
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in aligned(rows)) + "\n"


def aligned(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the cells filled up to the width of their column."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]


def cell(figure: Figure) -> str:
    """Return the value, and beside it the target and whether it is met."""
    value = f"{figure.value:.{DIGITS}g}" if figure.value < 1000 else f"{figure.value:.0f}"
    if figure.met is None:
        return value
    return f"{value} (<= {figure.limit:g} {'met' if figure.met else 'NOT MET'})"


def text(facts: Mapping[str, str], tables: Mapping[str, Sequence[Figure]]) -> str:
    """Return everything for people."""
    lines = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    return "\n".join([lines + "\n", *(table(title, figures) for title, figures in tables.items() if figures)])


def json(facts: Mapping[str, str], tables: Mapping[str, Sequence[Figure]]) -> str:
    """Return everything for programs: `machine`, and `figures` with case, what, value, unit, limit, met."""
    figures = [asdict(figure) | {"met": figure.met} for group in tables.values() for figure in group]
    return msgspec.json.format(msgspec.json.encode({"machine": facts, "figures": figures})).decode()
