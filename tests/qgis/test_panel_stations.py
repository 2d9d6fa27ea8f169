"""The tab "Stations": files, the column wizard, a comparison by clicks, its numbers and plots."""

from __future__ import annotations

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRectangle
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDialogButtonBox

from deepot_qgis.engine.stations import guess
from deepot_qgis.gui.stations.table import BEARING, NAME, StationTable
from deepot_qgis.gui.stations.wizard import ColumnWizard
from deepot_qgis.processing.layers.series import add_series_group
from deepot_qgis.processing.layers.series_files import series_files
from tests.qgis import series

LEFT = Qt.MouseButton.LeftButton
TIMEOUT_MS = 30_000
#: Direction of the mound's motion.
BEARING_DEG = 143.13


def extensometer(path: Path, place: tuple[float, float], rate_m_yr: float, header: str = "") -> str:
    """Daily readings in millimetres with a position."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(",") if header else ["Date", "Displacement_mm", "Easting", "Northing"])
        first = series.dates()[0]
        for day in range(0, series.STEP_DAYS * series.COUNT, 2):
            moment = first + timedelta(days=day)
            writer.writerow([moment.strftime("%Y-%m-%d"), f"{1000 * rate_m_yr * day / 365.25:.2f}", *place])
    return str(path)


@pytest.fixture(autouse=True)
def no_models(monkeypatch):
    """Nothing here needs a network: do not wait until onnxruntime is loaded."""
    monkeypatch.setattr("deepot_qgis.gui.dock.DeepotDock._look_around", lambda _: None)


@pytest.fixture(scope="module")
def record(tmp_path_factory) -> str:
    return series.write(tmp_path_factory.mktemp("series") / "mound")


@pytest.fixture
def upper(tmp_path) -> str:
    return extensometer(tmp_path / "upper.csv", series.TOP, 5.0)


@pytest.fixture
def tab(panel, record, tmp_path):
    """The tab with the series chosen, in a panel as wide as it is in QGIS."""
    add_series_group(QgsProject.instance(), series_files(record))
    panel.show_tab(panel.stations)
    panel.stations.how.folder.setFilePath(str(tmp_path / "out"))
    (tmp_path / "out").mkdir()
    return panel.stations


@pytest.fixture
def add(qtbot):
    """Return a call that adds files and waits until they are read."""

    def call(tab, *paths: str) -> None:
        tab.files.add_files(list(paths))
        qtbot.waitUntil(lambda: not tab.files.busy(), timeout=TIMEOUT_MS)

    return call


@pytest.fixture
def options(tab, add):
    """Return a call that opens the wizard on a file and accepts it with a CRS."""

    def call(path: str, crs: str = "EPSG:32613", **choices) -> None:
        wizard = ColumnWizard(guess(path))
        wizard.crs.setCrs(QgsCoordinateReferenceSystem(crs))
        tab.files.take_columns(wizard.options())

    return call


def run(panel, qtbot) -> None:
    with qtbot.waitSignal(panel.runner.idle, timeout=TIMEOUT_MS):
        qtbot.mouseClick(panel.run_bar.run, LEFT)


def ready(tab, qtbot, count: int = 1) -> None:
    qtbot.waitUntil(lambda: not tab.files.busy() and tab.files.stations.rowCount() == count, timeout=TIMEOUT_MS)


def test_from_files_to_numbers_and_plots(panel, tab, add, options, qtbot, upper, tmp_path):
    add(tab, upper)
    options(upper)
    ready(tab, qtbot)
    tab.files.stations.item(0, BEARING).setText(str(BEARING_DEG))
    run(panel, qtbot)
    assert panel.run_bar.notice.level == Qgis.MessageLevel.Success, panel.run_bar.notice.text()
    assert tab.results.isVisible() and tab.results.table.item(0, 0).text() == "upper"
    one = tab._result.comparisons[0]
    assert one.bearing == pytest.approx(BEARING_DEG) and one.bearing_from == "given"
    assert abs(one.along.metrics.bias) < 0.05 and one.along.metrics.r2 > 0.99
    layer = next(layer for layer in QgsProject.instance().mapLayers().values() if "Stations" in layer.name())
    assert layer.isValid() and layer.featureCount() == 1 and layer.labelsEnabled()
    assert {path.name for path in (tmp_path / "out" / "stations").iterdir()} >= {"stations.csv", "comparison.csv"}
    plots = panel._own_plots
    assert plots.tabs.currentWidget() is plots.stations and plots.stations.which.count() == 2
    plots.stations.which.setCurrentIndex(1)
    assert len(plots.stations.figure.axes) == 1
    plots.stations.export.save(str(tmp_path / "stations.csv"))
    rows = list(csv.DictReader((tmp_path / "stations.csv").open()))
    assert len(rows) == series.COUNT and float(rows[-1]["map_m"]) == pytest.approx(
        float(one.along.mapped[-1]), rel=1e-4
    )


def test_the_bearing_is_the_maps_own_when_none_is_given(panel, tab, add, options, qtbot, upper):
    add(tab, upper)
    options(upper)
    ready(tab, qtbot)
    run(panel, qtbot)
    one = tab._result.comparisons[0]
    assert one.bearing_from == "map" and one.bearing == pytest.approx(BEARING_DEG, abs=2)
    assert "mean" in tab.results.messages.text()


def test_a_station_that_is_not_ticked_is_left_out(panel, tab, add, options, qtbot, upper, tmp_path):
    lower = extensometer(tmp_path / "lower.csv", series.STILL, 0.0)
    add(tab, upper, lower)
    options(upper)
    ready(tab, qtbot, 2)
    table = tab.files.stations
    row = next(i for i in range(2) if table.item(i, NAME).text() == "lower")
    table.item(row, NAME).setCheckState(Qt.CheckState.Unchecked)
    assert tab.options().names == ("upper",)


def test_wizard_is_prefilled_and_refuses_what_cannot_be(qtbot, tmp_path):
    path = extensometer(tmp_path / "logger.csv", (1, 2), 1.0, "When,Reading (mm),a,b")
    wizard = ColumnWizard(guess(path))
    qtbot.addWidget(wizard)
    wizard.show()
    assert wizard.roles[0].currentData() == "time" and wizard.unit.currentData() == "mm"
    assert wizard.preview.rowCount() > 10 and wizard.preview.item(1, 0).text() == "2023-01-05"
    accept = wizard.buttons.button(QDialogButtonBox.StandardButton.Ok)
    wizard.roles[1].setCurrentIndex(wizard.roles[1].findData("displacement"))
    assert accept.isEnabled() and wizard.options().displacement == "Reading (mm)"
    wizard.roles[2].setCurrentIndex(wizard.roles[2].findData("displacement"))
    assert not accept.isEnabled() and "Two columns are chosen as 'Displacement'" in wizard.notice.text()
    wizard.roles[2].setCurrentIndex(0)
    wizard.zone.setEditText("Mars/Olympus")
    assert not accept.isEnabled() and "time zone 'Mars/Olympus' is not known" in wizard.notice.text()
    wizard.zone.setEditText("-07:00")
    wizard.sign.setCurrentIndex(1)
    wizard.name.setText("upper")
    chosen = wizard.options()
    assert (chosen.time_zone, chosen.sign, chosen.name, chosen.unit) == ("-07:00", -1, "upper", "mm")
    again = ColumnWizard(guess(path), chosen)
    qtbot.addWidget(again)
    assert again.options() == chosen


def test_the_wizard_opens_by_a_click(tab, add, qtbot, upper):
    add(tab, upper)
    qtbot.mouseClick(tab.files.columns, LEFT)
    qtbot.waitUntil(lambda: getattr(tab.files, "wizard", None) is not None, timeout=TIMEOUT_MS)
    tab.files.wizard.crs.setCrs(QgsCoordinateReferenceSystem("EPSG:32613"))
    qtbot.mouseClick(tab.files.wizard.buttons.button(QDialogButtonBox.StandardButton.Ok), LEFT)
    ready(tab, qtbot)
    assert tab.files.csv.crs == "EPSG:32613" and tab.files.stations.item(0, 1).text() == "✓"


def test_a_station_is_placed_on_the_map(tab, add, options, qtbot, qgis_canvas, tmp_path):
    path = tmp_path / "bare.csv"
    path.write_text("Date,Displacement_mm\n" + "".join(f"2023-0{m}-01,{m}\n" for m in range(1, 9)), encoding="utf-8")
    add(tab, str(path))
    ready(tab, qtbot)
    table = tab.files.stations
    assert table.item(0, 1).text() == "missing"
    qgis_canvas.resize(600, 400)
    qgis_canvas.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32613"))
    qgis_canvas.setExtent(QgsRectangle(500000, 4199040, 501280, 4200000))
    qtbot.mouseClick(tab.files.place, LEFT)
    pixel = qgis_canvas.getCoordinateTransform().transform(QgsPointXY(*series.TOP)).toQPointF().toPoint()
    QTest.mouseClick(qgis_canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, pixel)
    assert "Select the station in the table first" in tab.desk.run_bar.notice.text()
    table.selectRow(0)
    QTest.mouseClick(qgis_canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, pixel)
    assert table.item(0, 1).text() == "✓" and not tab.files.place.isChecked()
    placement = tab.options().placements[0]
    assert placement.crs == "EPSG:32613" and placement.x == pytest.approx(series.TOP[0], abs=5)


def assert_refused(panel, *words: str) -> None:
    notice = panel.run_bar.notice
    assert notice.isVisible() and notice.level == Qgis.MessageLevel.Critical
    for word in words:
        assert word in notice.text()
    assert "Traceback" not in notice.text() and panel.run_bar.run.isEnabled()


def test_no_file(panel, tab, qtbot):
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "There is no file of stations yet")


def test_no_map(panel, add, qtbot, upper):
    panel.show_tab(panel.stations)
    add(panel.stations, upper)
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "There is no map to compare with")


def test_a_bearing_that_is_no_number(panel, tab, add, options, qtbot, upper):
    add(tab, upper)
    options(upper)
    ready(tab, qtbot)
    tab.files.stations.item(0, BEARING).setText("downhill")
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "The bearing of station upper is 'downhill'")


def test_a_break_that_is_none(panel, tab, add, options, qtbot, upper):
    add(tab, upper)
    options(upper)
    ready(tab, qtbot)
    tab.how.breaks.setText("when it rained")
    qtbot.mouseClick(panel.run_bar.run, LEFT)
    assert_refused(panel, "is no break; write station=date")


def test_a_station_outside_the_map(panel, tab, add, options, qtbot, tmp_path):
    far = extensometer(tmp_path / "far.csv", (700000.0, 4300000.0), 1.0)
    add(tab, far)
    options(far)
    ready(tab, qtbot)
    run(panel, qtbot)
    assert_refused(panel, "No station can be compared", "outside")


def test_text_in_a_number_column_is_said_where_it_is(tab, add, options, qtbot, upper):
    lines = Path(upper).read_text(encoding="utf-8").splitlines()
    lines[5] = lines[5].replace(lines[5].split(",")[1], "wet")
    Path(upper).write_text("\n".join(lines), encoding="utf-8")
    add(tab, upper)
    qtbot.waitUntil(lambda: "wet" in tab.files.notice.text(), timeout=TIMEOUT_MS)
    assert tab.files.notice.button().text() == "Columns…"


def test_a_file_that_is_no_table(tab, add, qtbot, moving_pair):
    add(tab, moving_pair[0])
    assert "is not a text file" in tab.files.notice.text()
    assert tab.files.stations.rowCount() == 0


def test_tab_fits_in_320_pixels(tab):
    assert tab.widget().minimumSizeHint().width() <= 300


def test_names_have_room_beside_long_headers(qtbot):
    table = StationTable()
    qtbot.addWidget(table)
    table.setHorizontalHeaderLabels(["Estación", "Posición del lugar", "Rumbo geográfico °", "Inmersión de la línea °"])
    table.resize(340, 120)
    table.show()
    header = table.horizontalHeader()
    assert header.sectionSize(NAME) >= 90
    assert header.length() <= table.viewport().width()
