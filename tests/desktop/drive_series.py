"""Runs inside the real QGIS: a series from layers to plots, then a station beside it, all by clicks, two pictures.

``tests/desktop/picture.py`` starts it. ``DEEPOT_STACK`` is the folder with the images and ``station.csv``;
``DEEPOT_PICTURE`` and ``DEEPOT_STATIONS_PICTURE`` name the PNGs.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, os.environ["DEEPOT_REPOSITORY"])

from qgis.core import QgsCoordinateReferenceSystem, QgsPointXY, QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDialogButtonBox, QDockWidget
from qgis.utils import iface

from deepot_qgis.gui.pair.sample import stretch_amplitude
from tests.desktop.stack import STATION
from tests.desktop.steps import LEFT, SIZE, click, later, leave, open_panel, save, tidy_window, wait

STACK = Path(os.environ["DEEPOT_STACK"])
PICTURE = os.environ["DEEPOT_PICTURE"]
STATIONS_PICTURE = os.environ["DEEPOT_STATIONS_PICTURE"]
METHOD = os.environ.get("DEEPOT_METHOD", "correlation")
# places of the map, column and row: the core of the slide, its slower body, still ground
PLACES = (STATION, (60, 103), (140, 40))


class Drive:
    """One step after the other."""

    def start(self) -> None:
        tidy_window()
        self.panel = open_panel(400 if SIZE[0] > 1400 else 340)
        self.panel.tabs.setCurrentIndex(1)
        self.tab = self.panel.series
        group = QgsProject.instance().layerTreeRoot().addGroup("Sentinel-1")
        for path in sorted(STACK.glob("*.tif")):
            layer = QgsRasterLayer(str(path), path.stem)
            stretch_amplitude(layer)
            QgsProject.instance().addMapLayer(layer, False)
            group.addLayer(layer).setExpanded(False)
        group.setExpanded(False)
        iface.mapCanvas().setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:32620"))
        click(self.tab.images.layers)
        later(500, self.accept_layers)

    def accept_layers(self) -> None:
        click(self.tab.images.dialog.buttons.button(QDialogButtonBox.StandardButton.Ok))
        wait(lambda: "one grid" in self.tab.images.notice.text(), self.run, "images checked")

    def run(self) -> None:
        self.tab.method.method.setCurrentIndex(0 if METHOD == "model" else 1)
        self.tab.history.folder.setFilePath(str(STACK))
        self.tab.advanced.windows.setText("16, 32")
        later(800, self.start_run)

    def start_run(self) -> None:
        click(self.panel.run_bar.run)
        wait(lambda: not self.panel.runner.busy(), self.ran, "series made", 420)

    def ran(self) -> None:
        assert self.tab.results.isVisible(), self.panel.run_bar.notice.text()
        later(500, self.plot)

    def plot(self) -> None:
        click(self.tab.results.zoom)
        click(self.tab.results.plot)
        window = iface.mainWindow()
        self.plots = window.findChild(QDockWidget, "DeepotPlots")
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        window.resizeDocks([self.plots], [SIZE[1] // 3 - 40], Qt.Orientation.Vertical)
        later(2500, self.pick)

    def pick(self) -> None:
        page, canvas = self.plots.time, iface.mapCanvas()
        page.fit.setCurrentIndex(page.fit.findData("annual"))
        click(page.point)
        for place in PLACES:
            self.click_map(place)
        wait(lambda: not page.reader.busy() and len(page.picks) == 3, self.aim, "points read")
        canvas.refresh()

    def click_map(self, place: tuple[int, int]) -> None:
        canvas = iface.mapCanvas()
        point = QgsPointXY(580000.0 + 10 * (place[0] + 0.5), 6262000.0 - 10 * (place[1] + 0.5))
        pixel = canvas.getCoordinateTransform().transform(point).toQPointF().toPoint()
        QTest.mouseClick(canvas.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, pixel)

    def aim(self) -> None:
        self.tab.ensureWidgetVisible(self.tab.network, 0, 0)
        self.tab.verticalScrollBar().setValue(0 if SIZE[1] > 1000 else self.tab.network.y() - 20)
        iface.messageBar().clearWidgets()
        later(2500, self.picture)

    def picture(self) -> None:
        save(iface.mainWindow(), PICTURE)
        save(self.tab.widget(), PICTURE.replace(".png", "_tab.png")) if "DEEPOT_PARTS" in os.environ else None
        self.panel.tabs.setCurrentIndex(2)
        self.stations = self.panel.stations
        self.stations.files.add_files([str(STACK / "station.csv")])
        wait(lambda: not self.stations.files.busy(), self.columns, "station read")

    def columns(self) -> None:
        click(self.stations.files.columns)
        wait(lambda: getattr(self.stations.files, "wizard", None) is not None, self.wizard, "wizard open")

    def wizard(self) -> None:
        wizard = self.stations.files.wizard
        wizard.crs.setCrs(QgsCoordinateReferenceSystem("EPSG:32620"))
        if "DEEPOT_PARTS" in os.environ:
            save(wizard, PICTURE.replace(".png", "_wizard.png"))
        click(wizard.buttons.button(QDialogButtonBox.StandardButton.Ok))
        wait(lambda: not self.stations.files.busy(), self.compare, "station read again")

    def compare(self) -> None:
        self.stations.how.folder.setFilePath(str(STACK))
        click(self.panel.run_bar.run)
        wait(lambda: not self.panel.runner.busy(), self.compared, "stations compared", 120)

    def compared(self) -> None:
        assert self.stations.results.isVisible(), self.panel.run_bar.notice.text()
        page = self.plots.stations
        page.which.setCurrentIndex(1)
        self.stations.verticalScrollBar().setValue(0)
        iface.messageBar().clearWidgets()
        drawn = lambda: not iface.mapCanvas().isDrawing()  # noqa: E731
        later(4000, lambda: wait(drawn, self.stations_picture, "the map drawn"))

    def stations_picture(self) -> None:
        save(iface.mainWindow(), STATIONS_PICTURE)
        self.play()

    def play(self) -> None:
        """The dates on the map, by QGIS's own controller."""
        self.panel.tabs.setCurrentIndex(1)
        self.tab.ensureWidgetVisible(self.tab.results, 0, 0)
        click(self.tab.results.play)
        later(3000, self.played)

    def played(self) -> None:
        controller = iface.mapCanvas().temporalController()
        assert controller.totalFrameCount() == len(self.tab._files.dates), controller.totalFrameCount()
        controller.pause()
        controller.setCurrentFrameNumber(controller.totalFrameCount() - 1)
        dock = iface.mainWindow().findChild(QDockWidget, "Temporal Controller")
        assert dock is not None and dock.isVisible(), "the temporal controller is not shown"
        later(2000, self.end)

    def end(self) -> None:
        if "DEEPOT_PARTS" in os.environ:
            save(iface.mainWindow(), PICTURE.replace(".png", "_play.png"))
        leave(0)


later(1500, Drive().start)
