"""Runs under PyQt6: builds the plugin's widgets, works every control in them, prints what happened as JSON."""

from __future__ import annotations

import faulthandler
import json
import sys
import traceback
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tests.qt6 import shim  # noqa: E402

shim.install()

from PyQt6 import sip  # noqa: E402
from PyQt6.QtCore import QT_VERSION_STR, Qt  # noqa: E402
from PyQt6.QtGui import QDesktopServices  # noqa: E402
from PyQt6.QtTest import QTest  # noqa: E402
from PyQt6.QtWidgets import (  # noqa: E402
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QTabWidget,
    QToolButton,
    QWidget,
)

LEFT = Qt.MouseButton.LeftButton
errors: list[str] = []  # what was raised inside a slot


def quiet_dialogs() -> None:
    """Nothing may wait for a person or open another program."""
    for name, nothing in (("getOpenFileName", ""), ("getSaveFileName", ""), ("getOpenFileNames", [])):
        setattr(QFileDialog, name, staticmethod(lambda *_, nothing=nothing, **__: (nothing, "")))
    QFileDialog.getExistingDirectory = staticmethod(lambda *_, **__: "")
    QDialog.exec = lambda self: 0
    for name in ("question", "information", "warning", "critical"):
        setattr(QMessageBox, name, staticmethod(lambda *_, **__: QMessageBox.StandardButton.No))
    QDesktopServices.openUrl = staticmethod(lambda _url: True)


def work(widget: QWidget) -> int:
    """Touch every control below a widget as a person would; return how many."""
    touched = 0
    for tabs in [widget] * isinstance(widget, QTabWidget) + widget.findChildren(QTabWidget):
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            QApplication.processEvents()
    for control in widget.findChildren(QWidget):
        if sip.isdeleted(control) or not (control.isEnabled() and control.isVisibleTo(widget)):  # as a person sees it
            continue
        touched += 1
        if isinstance(control, QToolButton) and control.menu() is not None:
            for action in control.menu().actions():  # its menu would wait for a choice
                action.trigger()
        elif isinstance(control, QAbstractButton):
            QTest.mouseClick(control, LEFT)
        elif isinstance(control, QComboBox):
            for index in reversed(range(control.count())):
                control.setCurrentIndex(index)
        elif isinstance(control, QAbstractSpinBox):
            control.stepUp()
            control.stepDown()
        elif isinstance(control, QLineEdit) and not control.isReadOnly():
            QTest.keyClicks(control, "12")
        else:
            touched -= 1
        QApplication.processEvents()
    widget.grab()  # paints everything
    return touched


def panel(folder: Path) -> int:
    from qgis.gui import QgsMapCanvas, QgsMessageBar

    from deepot_qgis.gui.dock import DeepotDock

    dock = DeepotDock(QgsMapCanvas(), QgsMessageBar())
    dock.resize(360, 900)
    dock.show()
    QApplication.processEvents()
    touched = 0
    for tab in (dock.pair, dock.series, dock.stations, dock.toolbox):
        dock.show_tab(tab)
        QApplication.processEvents()
        touched += work(tab)
        QTest.mouseClick(dock.run_bar.run, LEFT)
        QApplication.processEvents()
    dock.grab().save(str(folder / "panel.png"))
    dock.shut_down()
    return touched + work(dock.run_bar)


def measured(folder: Path) -> int:
    """A real pair, through the plugin's own task, shown in the section of the last run."""
    from deepot_qgis.engine.measure import MeasureOptions
    from deepot_qgis.gui.pair.last_run import LastRunSection
    from deepot_qgis.gui.task import MeasureJob, MeasureTask
    from tests.engine import scenes

    reference, secondary = scenes.pair(folder, 1.0, 0.5, (96, 96))
    options = MeasureOptions(reference, secondary, str(folder / "out.tif"), method="correlation")
    task, heard = MeasureTask(MeasureJob(options, None, False)), []
    task.succeeded.connect(heard.append)
    task.failed.connect(lambda error: errors.append(str(error)))
    task.finished(task.run())
    section = LastRunSection()
    section.show()
    section.show_result("pair", heard[0][0])
    assert "m" in section.text()
    return work(section)


def notice(folder: Path) -> int:
    from qgis.core import Qgis

    from deepot_qgis.gui.notice import Notice

    shown, clicked = Notice(), []
    shown.show()
    shown.say("Something is wrong.", Qgis.MessageLevel.Warning, "Mend", lambda: clicked.append(1))
    QTest.mouseClick(shown.button(), LEFT)
    assert clicked == [1]
    return work(shown)


def tables(folder: Path) -> int:
    from deepot_qgis.gui.sections.numbers import NumbersTable
    from deepot_qgis.gui.series.table import Image, ImageTable
    from deepot_qgis.gui.share_bar import ShareBar

    numbers, images, shares = NumbersTable(), ImageTable(), ShareBar()
    for widget in (numbers, images, shares):
        widget.resize(300, 120)
        widget.show()
    numbers.show_rows([("Median", "1.2 m"), ("Sigma", "0.1 m")])
    images.add([Image("a_20200101.tif", "2020-01-01"), Image("b_20200113.tif", "2020-01-13")])
    item = images.item(0, 0)
    item.setCheckState(Qt.CheckState.Unchecked)
    assert [image.included for image in images.images()] == [False, True]
    images.selectRow(0)
    QTest.keyClick(images, Qt.Key.Key_Delete)
    shares.set_shares(0.5, {})
    return 3 + sum(work(widget) for widget in (numbers, images, shares))


def network(folder: Path) -> int:
    from datetime import datetime, timedelta, timezone

    from deepot_qgis.gui.series.network import NetworkSection

    section = NetworkSection()
    section.resize(320, 420)
    section.show()
    section.set_dates([datetime(2020, 1, 1, tzinfo=timezone.utc) + timedelta(days=12 * n) for n in range(5)])
    section.draw()
    touched = work(section)
    section.draw()
    section.shut_down()
    return touched


def export(folder: Path) -> int:
    from deepot_qgis.gui.plots.canvas import figure_canvas, new_figure
    from deepot_qgis.gui.plots.export import ExportButton

    figure = new_figure()
    figure.subplots().plot([0, 1], [0, 1])
    canvas = figure_canvas(figure)
    canvas.show()
    button, failed = ExportButton(lambda: figure, lambda: "a,b\n1,2\n", "plot"), []
    button.failed.connect(failed.append)
    button.show()
    for kind in ("png", "svg", "csv"):
        button.save(str(folder / f"plot.{kind}"))
        assert (folder / f"plot.{kind}").stat().st_size
    assert not failed
    return work(button) + work(canvas)


def plots(folder: Path) -> int:
    from qgis.gui import QgsMapCanvas

    from deepot_qgis.gui.plots.dock import PlotDock

    dock = PlotDock(QgsMapCanvas())
    dock.resize(900, 360)
    dock.show()
    touched = work(dock)
    dock.shut_down()
    return touched


def wizard(folder: Path) -> int:
    from deepot_qgis.engine.stations import guess
    from deepot_qgis.gui.stations.wizard import ColumnWizard

    table = folder / "station.csv"
    table.write_text("date,displacement\n2020-01-01,0.0\n2020-01-13,0.5\n2020-01-25,0.9\n", encoding="utf-8")
    dialog = ColumnWizard(guess(str(table)))
    dialog.show()
    return work(dialog)


def plugin(folder: Path) -> int:
    """The entry point: QGIS's own window is a plain one."""
    from unittest.mock import MagicMock

    from PyQt6.QtWidgets import QMainWindow, QToolBar
    from qgis.gui import QgsMapCanvas, QgsMessageBar

    import deepot_qgis

    window, iface = QMainWindow(), MagicMock()
    bar = QToolBar(window)
    iface.mainWindow.return_value = window
    iface.mapCanvas.return_value, iface.messageBar.return_value = QgsMapCanvas(), QgsMessageBar()
    iface.addToolBarIcon.side_effect = bar.addAction
    loaded = deepot_qgis.classFactory(iface)
    loaded.initGui()
    for action in bar.actions():
        action.trigger()
        QApplication.processEvents()
    count = len(bar.actions())
    loaded.unload()
    return count


def main(folder: Path) -> None:
    faulthandler.enable()
    sys.excepthook = lambda *error: errors.append("".join(traceback.format_exception(*error)))
    app = QApplication(sys.argv[:1])
    quiet_dialogs()
    report = {}
    for case in (panel, measured, notice, tables, network, export, plots, wizard, plugin):
        errors.clear()
        try:
            touched = case(folder)
            app.processEvents()
        except Exception:
            touched = 0
            errors.append(traceback.format_exc())
        report[case.__name__] = {"touched": touched, "errors": list(errors)}
        (folder / "report.json").write_text(json.dumps({"qt": QT_VERSION_STR, **report}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
