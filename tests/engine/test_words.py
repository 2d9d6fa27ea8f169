"""The fonts in which figures are written that Matplotlib's own cannot write."""

from __future__ import annotations

import pytest

from deepot_qgis.engine import words

manager = pytest.importorskip("matplotlib.font_manager")


def test_fonts_that_were_installed_later_are_found(monkeypatch):
    """Matplotlib keeps the list of fonts that it made when it was first used."""
    files = set(manager.findSystemFonts())
    fonts = [font for font in manager.fontManager.ttflist if font.fname in files]
    if not fonts:
        pytest.skip("this machine has no fonts besides Matplotlib's own")
    name = fonts[0].name
    monkeypatch.setattr(
        manager.fontManager, "ttflist", [font for font in manager.fontManager.ttflist if font.name != name]
    )
    assert name not in words.installed()
    words.look_again.cache_clear()
    words.look_again()
    assert name in words.installed()


@pytest.mark.parametrize("language", words.FAMILIES)
def test_every_language_has_the_font_of_most_linux_systems(language):
    assert {"Noto Sans CJK JP"} & set(words.FAMILIES[language])
