"""Fonts for plots in Japanese, Chinese and Korean: Matplotlib's own has no glyphs for them and draws boxes instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsApplication

from deepot_qgis.engine.words import FAMILIES, families_of, is_east_asian

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def make_legible(figure: Figure) -> None:
    """Give every text with East Asian characters a font that has them, where one is installed.

    Other texts keep their font; the text's own stays as the last of the list, for signs that the font lacks
    (Matplotlib before 3.6 takes the first font only).
    """
    from matplotlib.text import Text

    texts = [text for text in figure.findobj(Text) if is_east_asian(text.get_text())]
    families = _families() if texts else []
    for text in texts:
        others = [family for family in text.get_fontfamily() if family not in families]
        text.set_fontfamily([*families, *others])


def _families() -> list[str]:
    own = (QgsApplication.locale() or "")[:2]
    languages = sorted(FAMILIES, key=lambda language: language != own)
    return list(dict.fromkeys(family for language in languages for family in families_of(language)))
