"""The panel without a mouse: the Tab key goes from top to bottom, keys run and cancel."""

from __future__ import annotations

import pytest
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QLineEdit, QWidget

LEFT = Qt.MouseButton.LeftButton


def chain(tab: QWidget) -> list[QWidget]:
    """The controls of a tab in the order of the Tab key."""
    found, widget = [], tab.nextInFocusChain()
    while widget is not tab:
        keyboard = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        part = isinstance(widget, QLineEdit) and widget.objectName() == "qt_spinbox_lineedit"
        if keyboard and not part and tab.widget().isAncestorOf(widget) and widget.isVisibleTo(tab):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return found


@pytest.mark.parametrize("name", ["pair", "series", "stations", "toolbox"])
def test_the_tab_key_goes_from_top_to_bottom(panel, provider, name):
    tab = getattr(panel, name)
    panel.show_tab(tab)
    if hasattr(tab, "advanced"):
        tab.advanced.setCollapsed(False)
    QApplication.processEvents()
    controls = chain(tab)
    assert len(controls) > 5
    tops = [control.mapTo(tab.widget(), QPoint(0, 0)).y() for control in controls]
    late = [
        f"{type(after).__name__} '{after.toolTip()[:40]}' at {low} comes after {type(before).__name__} at {high}"
        for before, after, high, low in zip(controls, controls[1:], tops, tops[1:])
        if low < high - 12  # side by side, centred
    ]
    assert "\n".join(late) == ""


def test_keys_run_and_cancel(panel, choose, qtbot, big_pair, tmp_path):
    choose(panel, *big_pair)
    panel.pair.products.folder.setFilePath(str(tmp_path))
    panel.activateWindow()
    panel.pair.method.method.setFocus()
    qtbot.waitUntil(panel.pair.method.method.hasFocus, timeout=20_000)
    QTest.keyClick(panel.pair.method.method, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert panel.runner.busy() and "Ctrl+Return" in panel.run_bar.run.toolTip()
    with qtbot.waitSignal(panel.runner.idle, timeout=20_000):
        QTest.keyClick(panel.pair.method.method, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    assert panel.run_bar.notice.text().startswith("Cancelled")
    qtbot.waitUntil(panel.runner.settled, timeout=30_000)


def test_a_button_that_is_too_narrow_says_all_of_its_text(qtbot):
    from deepot_qgis.gui.sections.button import Button, CheckBox

    for kind in (Button, CheckBox):
        button = kind("Unfiltered offsets as well")
        qtbot.addWidget(button)
        button.resize(button.sizeHint())
        assert button.shown_text() == button.text()
        button.resize(button.sizeHint().width() // 2, button.height())
        assert button.shown_text().endswith("…") and button.text() == "Unfiltered offsets as well"
        assert button.minimumSizeHint().width() < 60
