"""Paragraphs of the pages that benchmarks, cases and scripts write, folded like the rest of docs/."""

from __future__ import annotations

import textwrap

WIDTH = 120


def prose(text: str, first: str = "", then: str = "") -> str:
    """A paragraph, folded.

    Parameters
    ----------
    text : str
        White space in it does not matter.
    first, then : str
        What the first line and the others begin with, as the bullet of a list and its indent.
    """
    return textwrap.fill(
        " ".join(text.split()), WIDTH, initial_indent=first, subsequent_indent=then,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
