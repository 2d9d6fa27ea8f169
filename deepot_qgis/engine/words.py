"""In which words pages and plots are written: English, if those who ask for them bring no others."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What may stand within a sentence of a page.
_TAG = re.compile(r"(<style>.*?</style>|</?(?!(?:i|code)\b)[a-z!][^<>]*>)", re.DOTALL | re.IGNORECASE)


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Words:
    """The language of pages and plots.

    Attributes
    ----------
    language : str
        As HTML names it.
    say : callable
        From an English text to that language; what it does not know it returns as it is.
    draw : callable
        The same for what stands in a plot, whose font may lack the letters.
    """

    language: str = "en"
    say: Callable[[str], str] = _same
    draw: Callable[[str], str] = _same

    def page(self, html: str) -> str:
        """Return a page in this language."""
        html = html.replace('<html lang="en">', f'<html lang="{self.language}">', 1)
        return "".join(part if _TAG.fullmatch(part) else self._said(part) for part in _TAG.split(html))

    def _said(self, part: str) -> str:
        text = " ".join(part.split())
        if not text:
            return part
        said = self.say(unescape(text))
        return (
            part if said == unescape(text) else escape(said).replace("&lt;i&gt;", "<i>").replace("&lt;/i&gt;", "</i>")
        )

    def figure(self, figure: Figure) -> None:
        """Put every text of a figure into this language."""
        from matplotlib.text import Text

        for text in figure.findobj(Text):
            text.set_text(self.draw(text.get_text()))


ENGLISH = Words()


def blocks(html: str) -> list[str]:
    """Return the texts between the tags of a page, each on one line."""
    return [text for part in _TAG.split(html) if not _TAG.fullmatch(part) and (text := " ".join(part.split()))]
