"""Section 1: which files, how their columns are read, where the stations stand."""

from __future__ import annotations

import os

from qgis.core import Qgis, QgsCoordinateReferenceSystem, QgsGeometry
from qgis.gui import QgsFileWidget, QgsMapCanvas, QgsMapTool, QgsProjectionSelectionWidget
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QFileDialog, QGroupBox, QLabel, QListWidget, QWidget

from deepot_qgis.engine.errors import DeepotError, InputError
from deepot_qgis.engine.stations import CsvGuess, CsvOptions, Reading
from deepot_qgis.gui.notice import Notice
from deepot_qgis.gui.plots.tools import PointTool
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.rows import evenly, form
from deepot_qgis.gui.stations.table import Position, StationTable
from deepot_qgis.gui.stations.task import GuessTask, ReadStationsTask
from deepot_qgis.gui.stations.wizard import ColumnWizard
from deepot_qgis.processing.present import present
from deepot_qgis.processing.spoken import spoken

_LIST_HEIGHT = 66


class StationFiles(QGroupBox):
    """Files, their columns and positions, and the stations in them.

    Signals
    -------
    changed
        The stations were read anew.
    refused
        A DeepotError to be shown.
    """

    changed = pyqtSignal()
    refused = pyqtSignal(object)

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Stations"))
        self._canvas = canvas
        self.csv: CsvOptions | None = None
        self._reader = Runner(self)
        self._again = False
        self._placing = PointTool(canvas)
        self.files = QListWidget()
        self.files.setMaximumHeight(_LIST_HEIGHT)
        self.add, self.remove = Button(self.tr("Add…")), Button(self.tr("Remove"))
        self.columns = Button(self.tr("Columns…"))
        self.positions = QgsFileWidget()
        self.crs = QgsProjectionSelectionWidget()
        self.crs.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
        self._crs_label = QLabel(self.tr("CRS"))
        self.stations = StationTable()
        self.place = Button(self.tr("Place on map"))
        self.place.setCheckable(True)
        self.notice = Notice(closable=False)
        self._explain()
        self._lay_out()
        self._connect()

    def _explain(self) -> None:
        self.files.setToolTip(self.tr("Tables (CSV, text) and GNSS files in the PBO format"))
        self.add.setToolTip(self.tr("Choose tables of extensometers or GNSS, or files in the PBO format"))
        self.remove.setToolTip(self.tr("Take the selected files off the list"))
        self.columns.setToolTip(
            self.tr("Say what the columns of the tables hold: time, zone, displacement, unit, sign, position")
        )
        self.positions.setToolTip(
            self.tr("A table or point layer with name, x, y (and bearing, plunge) where the files themselves have none")
        )
        self.crs.setToolTip(self.tr("Coordinate reference system of the table of positions"))
        self.place.setToolTip(self.tr("Select a station above, then click where it stands on the map"))

    def _lay_out(self) -> None:
        layout = form(self)
        layout.addRow(self.files)
        layout.addRow(evenly(self.add, self.columns, self.remove))
        layout.addRow(self.tr("Positions"), self.positions)
        layout.addRow(self._crs_label, self.crs)
        layout.addRow(self.stations)
        layout.addRow(self.place)
        layout.addRow(self.notice)
        present(self.positions.lineEdit()).setPlaceholderText(self.tr("in the files themselves"))
        self._show_fitting()

    def _connect(self) -> None:
        self.add.clicked.connect(self._browse)
        self.remove.clicked.connect(self._remove)
        self.columns.clicked.connect(self.look_at_columns)
        self.positions.fileChanged.connect(lambda _: self.read())
        self.positions.fileChanged.connect(lambda _: self._show_fitting())
        self.crs.crsChanged.connect(lambda _: self.read())
        self._reader.idle.connect(self._read_again)
        self.place.toggled.connect(self._take_tool)
        self._placing.picked.connect(self._place)
        self._canvas.mapToolSet.connect(self._tool_changed)

    # ---- what the user does

    def paths(self) -> tuple[str, ...]:
        """Return the chosen files."""
        return tuple(present(self.files.item(i)).toolTip() for i in range(self.files.count()))

    def add_files(self, paths: list[str]) -> None:
        """Add files to the list and read them."""
        for path in paths:
            if path not in self.paths():
                self.files.addItem(os.path.basename(path))
                present(self.files.item(self.files.count() - 1)).setToolTip(path)
        self.read()

    def read(self) -> None:
        """Read all files anew, in the background."""
        if self._reader.busy():
            self._again = True
            return
        if not self.paths():
            self._take(Reading(()))
            return
        task = ReadStationsTask(self.paths(), self.csv, self.positions.filePath().strip(), self.crs_text())
        task.succeeded.connect(self._take)
        task.failed.connect(self._failed)
        self._reader.start(task)

    def busy(self) -> bool:
        """Say whether files are being read."""
        return self._reader.busy()

    def crs_text(self) -> str:
        """Return the CRS of a table of positions."""
        crs = self.crs.crs()
        return (crs.authid() or crs.toWkt()) if crs.isValid() else ""

    def look_at_columns(self) -> None:
        """Open the wizard for the selected table, or the first."""
        if not self.paths():
            self.refused.emit(InputError(self.tr("There is no file of stations yet: click 'Add…' first.")))
            return
        chosen = max(0, self.files.currentRow())
        task = GuessTask(self.paths()[chosen])
        task.succeeded.connect(self._open_wizard)
        task.failed.connect(self.refused)
        self._looker = Runner(self)
        self._looker.start(task)

    def take_columns(self, options: CsvOptions) -> None:
        """Read all tables as the wizard says."""
        self.csv = options
        self.read()

    def shut_down(self) -> None:
        """Stop reading, and give the map its tool back."""
        self._reader.cancel()
        self._canvas.mapToolSet.disconnect(self._tool_changed)
        self._canvas.unsetMapTool(self._placing)

    # ---- parts

    def _open_wizard(self, guess: CsvGuess) -> None:
        if guess.kind == "pbo":
            self.notice.say(
                self.tr("This file is in the PBO format, which fixes its columns: there is nothing to choose."),
                Qgis.MessageLevel.Info,
            )
            return
        self.wizard = ColumnWizard(guess, self.csv, self)
        self.wizard.finished.connect(self._wizard_done)
        self.wizard.open()

    def _wizard_done(self, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            self.take_columns(self.wizard.options())
        self.wizard.deleteLater()

    def _take(self, reading: Reading) -> None:
        self.stations.show_stations(reading.stations)
        problems = [f"⚠ {problem.name}: {spoken(problem.why)}" for problem in reading.problems]
        lines = [*problems, *reading.notes]
        if lines:
            level = Qgis.MessageLevel.Warning if problems else Qgis.MessageLevel.Info
            action = (self.tr("Columns…"), self.look_at_columns) if problems else ()
            self.notice.say("\n".join(lines), level, *action)
        else:
            self.notice.clear()
        self.changed.emit()

    def _failed(self, error: DeepotError) -> None:
        self.stations.show_stations(())
        self.notice.say(str(error), Qgis.MessageLevel.Warning)
        self.changed.emit()

    def _read_again(self) -> None:
        if self._again:
            self._again = False
            self.read()

    def _browse(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Choose files of stations"), "", self.tr("Tables (*.csv *.txt *.tsv *.dat);;All files (*)")
        )
        self.add_files(paths)

    def _remove(self) -> None:
        current = self.files.currentItem()
        for item in self.files.selectedItems() or ([current] if current is not None else []):
            self.files.takeItem(self.files.row(item))
        self.read()

    def _show_fitting(self) -> None:
        given = bool(self.positions.filePath().strip())
        self._crs_label.setVisible(given)
        self.crs.setVisible(given)

    def _take_tool(self, wanted: bool) -> None:
        if wanted:
            self._canvas.setMapTool(self._placing)
        else:
            self._canvas.unsetMapTool(self._placing)

    def _tool_changed(self, now: QgsMapTool | None, _before: QgsMapTool | None = None) -> None:
        self.place.setChecked(now is self._placing)

    def _place(self, point: QgsGeometry) -> None:
        chosen = self.stations.chosen()
        if chosen < 0:
            self.refused.emit(InputError(self.tr("Select the station in the table first, then click on the map.")))
            return
        crs = self._canvas.mapSettings().destinationCrs()
        where = point.asPoint()
        self.stations.place(chosen, Position(where.x(), where.y(), crs.authid() or crs.toWkt()))
        self.place.setChecked(False)
