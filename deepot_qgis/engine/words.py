"""In which words pages and plots are written: English, if those who ask for them bring no others."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Fonts for Japanese, Chinese and Korean that Linux, macOS and Windows bring, the most legible first: Matplotlib's own
#: has no glyphs for them and draws boxes instead. Han characters look different in each language; the last of a list is
#: for want of better: of the one file in which Linux brings Noto for all of them, Matplotlib reads the Japanese alone.
FAMILIES = {
    "ja": ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "Meiryo", "MS Gothic", "IPAexGothic"),
    "zh": ("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei")
    + ("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK JP"),
    "ko": ("Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "AppleGothic", "Malgun Gothic", "NanumGothic")
    + ("Noto Sans CJK JP",),
}
_FIRST_EAST_ASIAN = 0x2E80  # Unicode: CJK radicals; what stands before it is not written in these fonts alone

# All but what may stand within a sentence of a page.
_TAG = re.compile(r"(<style>.*?</style>|</?(?!(?:i|code)\b)[a-z!][^<>]*>)", re.DOTALL | re.IGNORECASE)
_WITHIN = re.compile(r"&lt;(/?(?:i|code))&gt;")


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
    """

    language: str = "en"
    say: Callable[[str], str] = _same

    def page(self, html: str) -> str:
        """Return an English page in this language."""
        html = html.replace('<html lang="en">', f'<html lang="{escape(self.language)}">', 1)
        return "".join(part if _TAG.fullmatch(part) else self._said(part) for part in _TAG.split(html))

    def _said(self, part: str) -> str:
        english = unescape(" ".join(part.split()))
        said = self.say(english)
        if said == english:
            return part
        before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
        return before + _WITHIN.sub(r"<\1>", escape(said)) + after

    def figure(self, figure: Figure) -> Figure:
        """Put every text of a figure into this language, but those that no font of this machine can write."""
        from matplotlib.text import Text

        there = families_of(self.language)
        for text in figure.findobj(Text):
            said = self.say(text.get_text())
            if said == text.get_text() or (is_east_asian(said) and not there):
                continue
            text.set_text(said)
            if is_east_asian(said):
                text.set_fontfamily([*there, *text.get_fontfamily()])
        return figure


ENGLISH = Words()


def is_east_asian(text: str) -> bool:
    """Whether a text has signs that Matplotlib's own font lacks."""
    return any(ord(sign) >= _FIRST_EAST_ASIAN for sign in text)


def installed() -> set[str]:
    """Return the names of the fonts that Matplotlib finds on this machine."""
    from matplotlib.font_manager import fontManager

    return {font.name for font in fontManager.ttflist}


@lru_cache(maxsize=1)  # what is not there the second time will not be there the third
def look_again() -> None:
    """Let Matplotlib know of the fonts that were installed after it wrote its list, which it keeps for years."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {font.fname for font in fontManager.ttflist}
    for path in findSystemFonts():
        if path not in known:
            with suppress(Exception):  # a damaged font file raises what FreeType likes
                fontManager.addfont(path)


def families_of(language: str) -> list[str]:
    """Return the families of `FAMILIES` that this machine has for a language, best first."""
    wanted = FAMILIES.get(language, ())
    names = installed() if wanted else set()
    if wanted and names.isdisjoint(wanted):
        look_again()
        names = installed()
    return [family for family in wanted if family in names]


def blocks(html: str) -> list[str]:
    """Return the texts between the tags of a page, each on one line."""
    return [text for part in _TAG.split(html) if not _TAG.fullmatch(part) and (text := " ".join(part.split()))]
