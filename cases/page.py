"""The pages that the cases write: paragraphs, tables and pictures from numbers, never typed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cases.imagery import REPOSITORY
from scripts.prose import prose

__all__ = ["DOCS", "bullets", "picture", "plain", "prose", "table", "write", "written_by"]

DOCS = REPOSITORY / "docs"


def written_by(command: str, module: str) -> str:
    """The comment that keeps people from editing the page."""
    return f"<!-- Written by `{command}`, text, tables and pictures alike: edit cases/{module}.py, not this file. -->"


def bullets(items: Iterable[str]) -> str:
    """A list, each item folded."""
    return "\n".join(prose(item, first="- ", then="  ") for item in items)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, numbers to the right."""
    lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def picture(path: Path, words: str) -> str:
    """A picture of docs/images."""
    return f"![{words}](images/{path.name})"


def write(path: Path, parts: Iterable[str]) -> Path:
    """Write a page of paragraphs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


def plain(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The same table for a terminal."""
    rows = [header, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) if not number else cell.rjust(width) for number, (cell, width) in
                         enumerate(zip(row, widths)))
        for row in rows
    )  # fmt: skip
