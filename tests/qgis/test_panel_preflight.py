"""The preflight card: rows with a sign and a word each, and buttons that put right what is wrong."""

from __future__ import annotations

import re

import numpy as np
import pytest
from qgis.core import Qgis
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QApplication

from deepot_qgis.engine.preflight import Verdict
from deepot_qgis.gui.dates import DateEdit
from deepot_qgis.gui.levels import COLORS, LevelSign
from deepot_qgis.gui.pair.card import PreflightCard, Row
from tests.engine import scenes

LEFT = Qt.MouseButton.LeftButton
TIMEOUT_MS = 20_000


@pytest.fixture
def card_of(panel, choose, qtbot):
    """Return a call that chooses two images and waits until the card has nothing to wait for."""

    def call(reference: str, secondary: str) -> PreflightCard:
        choose(panel, reference, secondary)
        card = panel.pair.images.preflight
        name = secondary.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        done = lambda: bool(card.rows) and all(row.verdict for row in card.rows)  # noqa: E731
        qtbot.waitUntil(lambda: panel.pair.images.secondary.layer().name() == name and done(), timeout=TIMEOUT_MS)
        for _ in range(5):
            QApplication.processEvents()  # until the rows lie where they are clicked
        return card

    return call


def write_pair(folder, first, second, **keywords):
    names = [folder / f"pair_{day}.tif" for day in ("20230904", "20230916")]
    return tuple(scenes.write(name, image, **keywords) for name, image in zip(names, (first, second)))


def verdicts(card) -> dict[str, Verdict]:
    return {row.topic: row.verdict for row in card.rows}


def test_a_good_pair_turns_the_card_green(card_of, tmp_path):
    image = scenes.texture(220, 230)
    card = card_of(*write_pair(tmp_path, image, scenes.moved(image, 0.1, 0)))
    assert list(verdicts(card)) == ["Grids", "Dates", "Values", "No data", "Residual shift", "Smallest motion"]
    assert set(verdicts(card).values()) == {Verdict.GOOD} and card.level == Qgis.MessageLevel.Success
    text = card.text()
    assert text.startswith("Preflight: ready to run\ngood: Grids: one grid, 230 × 220 pixels of 10 m, EPSG:32613")
    assert "12 days, 2023-09-04 to 2023-09-16" in text and "cm/day)" in text and "both are amplitude" in text
    assert card.button() is None and card.isVisible()


def test_a_row_is_said_by_sign_and_word(qtbot):
    card = PreflightCard()
    qtbot.addWidget(card)
    rows = [Row("Grids", "<one>", verdict) for verdict in (*Verdict, None)]
    card.show_rows(rows)
    assert card.level == Qgis.MessageLevel.Critical and "cannot be measured" in card.text()
    signs = [sign.level for sign in card.findChildren(LevelSign)]
    assert signs == [Qgis.MessageLevel.Success, Qgis.MessageLevel.Warning, Qgis.MessageLevel.Critical, None]
    words = [card.word(row.verdict) for row in rows]
    assert words == ["good", "note", "stop", "wait"]
    assert "<one>" in card.text()  # what stands in a file is no markup
    card.show_rows(rows[:2])
    assert card.level == Qgis.MessageLevel.Warning and "ready, with 1 to note" in card.text()
    card.clear()
    assert card.text() == "" and not card.isVisible()


def test_signs_differ_in_shape_and_not_in_colour_alone(qtbot):
    pictures = []
    for level in COLORS:
        if level == Qgis.MessageLevel.Info:
            continue
        sign = LevelSign(level)
        qtbot.addWidget(sign)
        sign.resize(sign.sizeHint())
        image = sign.grab().toImage()
        side = image.width()
        background = image.pixelColor(0, side // 2).lightness()
        pictures.append([abs(image.pixelColor(x, 1).lightness() - background) > 20 for x in range(side)])
    assert len({tuple(picture) for picture in pictures}) == 3


def test_a_pair_that_moved_as_a_whole_is_put_right_by_a_click(card_of, panel, qtbot, tmp_path):
    image = scenes.texture(220, 230)
    card = card_of(*write_pair(tmp_path, image, np.roll(image, (-2, 6), (0, 1))))
    assert verdicts(card)["Residual shift"] is Verdict.LOOK and card.level == Qgis.MessageLevel.Warning
    assert re.search(r"6\.3\d px \(x \+[56]\.\d\d, y -[12]\.\d\d\) = 63 m", card.text())
    panel.pair.products.folder.setFilePath(str(tmp_path))
    assert card.button().text() == "Correct by whole pixels" and "-6 columns, +2 rows" in card.button().toolTip()
    with qtbot.waitSignal(panel.runner.idle, timeout=TIMEOUT_MS):
        qtbot.mouseClick(card.button(), LEFT)
    assert panel.pair.images.secondary.layer().name() == "pair_20230916_moved"
    assert panel.pair.images.secondary.date.iso() == "2023-09-16"
    qtbot.waitUntil(lambda: verdicts(card).get("Residual shift") is Verdict.GOOD, timeout=TIMEOUT_MS)


def test_everything_that_is_wrong_is_said_at_once(card_of, panel, qtbot, moving_pair, tmp_path):
    g = scenes.NORTH_UP
    earlier = scenes.write(tmp_path / "earlier_20230801.tif", scenes.texture(160, 192), (g[0] + 25, *g[1:]))
    card = card_of(moving_pair[0], earlier)
    assert verdicts(card)["Grids"] is Verdict.STOP and verdicts(card)["Dates"] is Verdict.STOP
    buttons = card.buttons()
    assert set(buttons) == {"Make an aligned copy", "Swap the images"}
    qtbot.mouseClick(buttons["Swap the images"], LEFT)
    assert panel.pair.images.reference.layer().name() == "earlier_20230801"
    qtbot.waitUntil(lambda: verdicts(card).get("Dates") is Verdict.GOOD, timeout=TIMEOUT_MS)
    assert verdicts(card)["Grids"] is Verdict.STOP


def test_what_is_missing_can_be_set_from_the_card(card_of, panel, qtbot, tmp_path):
    image = scenes.texture(160, 170)
    first = scenes.write(tmp_path / "first.tif", image, geotransform=None, epsg=None)
    second = scenes.write(tmp_path / "second_intensity.tif", image**2, geotransform=None, epsg=None)
    card = card_of(first, second)
    assert "results are in pixels" in card.text() and "no velocity" in card.text() and "intensity" in card.text()
    buttons = card.buttons()
    qtbot.mouseClick(buttons["Choose the kind"], LEFT)
    assert not panel.pair.advanced.isCollapsed()
    panel.pair.advanced.radiometry.setCurrentIndex(panel.pair.advanced.radiometry.findData("amplitude"))
    qtbot.waitUntil(lambda: verdicts(card).get("Values") is Verdict.GOOD, timeout=TIMEOUT_MS)
    panel.activateWindow()
    called = []
    panel.pair.images.reference.date.setFocus = lambda *_: called.append(True)
    card.buttons()["Set the dates"].click()
    assert called


def test_the_card_goes_with_its_images(card_of, panel, qtbot, moving_pair):
    card = card_of(*moving_pair)
    panel.pair.images.secondary.layers.setLayer(None)
    qtbot.waitUntil(lambda: not card.isVisible() and not card.rows, timeout=TIMEOUT_MS)


@pytest.mark.parametrize("before", [None, "2024-01-01", "2024-01-01T10:30:00Z"])
def test_an_unknown_date_shows_no_date(qtbot, before):
    edit = DateEdit()
    qtbot.addWidget(edit)
    edit.set_iso(before)
    edit.set_iso(None)
    assert edit.iso() is None and edit.lineEdit().text() == "date unknown"
