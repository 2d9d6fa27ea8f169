"""Fonts for plots in Japanese, Chinese and Korean: Matplotlib's own has no glyphs for them and draws boxes instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsApplication

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# What Linux, macOS and Windows bring, the most legible first. Han characters look different in each language, so that
# the fonts of the user's language go before the others.
FAMILIES = {
    "ja": ("Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", "Meiryo", "MS Gothic", "IPAexGothic"),
    "zh": ("Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei")
    + ("WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    "ko": ("Noto Sans CJK KR", "Noto Sans KR", "Apple SD Gothic Neo", "AppleGothic", "Malgun Gothic", "NanumGothic"),
}
_FIRST_EAST_ASIAN = 0x2E80  # Unicode: CJK radicals; what stands before it is not written in these fonts alone


def make_legible(figure: Figure) -> None:
    """Give every text with East Asian characters a font that has them, where one is installed.

    Other texts keep their font; the text's own stays as the last of the list, for signs that the font lacks
    (Matplotlib before 3.6 takes the first font only).
    """
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if any(ord(sign) >= _FIRST_EAST_ASIAN for sign in text.get_text())]
    families = _families() if texts else []
    for text in texts:
        others = [family for family in text.get_fontfamily() if family not in families]
        text.set_fontfamily([*families, *others])


def _families() -> list[str]:
    own = (QgsApplication.locale() or "")[:2]
    languages = sorted(FAMILIES, key=lambda language: language != own)
    there = installed()
    return [family for language in languages for family in FAMILIES[language] if family in there]


def installed() -> set[str]:
    """Return the names of the fonts that Matplotlib finds on this machine."""
    from matplotlib.font_manager import fontManager

    return {font.name for font in fontManager.ttflist}
