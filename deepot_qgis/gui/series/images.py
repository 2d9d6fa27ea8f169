"""Section 1: the images, their dates, and whether they fit together."""

from __future__ import annotations

from qgis.core import Qgis
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QDialog, QFileDialog, QGroupBox, QWidget

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.rasters import Grid
from deepot_qgis.engine.timeseries.acquisitions import Acquisition
from deepot_qgis.gui.notice import Notice
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.rows import evenly, form
from deepot_qgis.gui.series.layers_dialog import LayersDialog
from deepot_qgis.gui.series.table import ImageTable
from deepot_qgis.gui.series.task import Checked, CheckImagesTask, FindTask, Found

_SETTLE_MS = 300


class SeriesImages(QGroupBox):
    """Images from layers, files or a folder; checked in the background.

    Signals
    -------
    changed
        The images or their dates changed.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Images"))
        self.table = ImageTable()
        self.band = 1
        self.grid: Grid | None = None
        self.layers, self.folder = Button(self.tr("Layers…")), Button(self.tr("Folder…"))
        self.files, self.remove = Button(self.tr("Files…")), Button(self.tr("Remove"))
        self.layers.setToolTip(self.tr("Take raster layers of the project"))
        self.folder.setToolTip(self.tr("Take all rasters of a folder"))
        self.files.setToolTip(self.tr("Choose raster files"))
        self.remove.setToolTip(self.tr("Take the selected images off the list; the files stay"))
        self.notice = Notice(closable=False)
        layout = form(self)
        layout.addRow(evenly(self.layers, self.folder, self.files, self.remove))
        layout.addRow(self.table)
        layout.addRow(self.notice)
        self._finder, self._checker = Runner(self), Runner(self)
        self._check_again = False
        self._problems: tuple[str, ...] = ()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._connect()

    def _connect(self) -> None:
        self.layers.clicked.connect(self._ask_layers)
        self.folder.clicked.connect(self._ask_folder)
        self.files.clicked.connect(self._ask_files)
        self.remove.clicked.connect(self.table.remove_selected)
        self.table.changed.connect(self._changed)
        self._settle.timeout.connect(self._check)
        self._checker.idle.connect(self._checked)

    def take(self, paths: list[str]) -> None:
        """Look at files and folders, and add their images."""
        if not paths or self._finder.busy():
            return
        task = FindTask(tuple(paths))
        task.succeeded.connect(self._take_found)
        task.failed.connect(self._refuse)
        self._finder.start(task)

    def busy(self) -> bool:
        """Say whether images are being looked at."""
        return self._finder.busy() or self._checker.busy() or self._settle.isActive()

    def acquisitions(self) -> tuple[Acquisition, ...]:
        """Return what takes part.

        Raises
        ------
        InputError
            A date is not known.
        """
        return self.table.acquisitions(self.band)

    def set_band(self, band: int) -> None:
        """Use another band of every image."""
        self.band = band
        self._changed()

    def shut_down(self) -> None:
        """Stop what is under way."""
        self._settle.stop()
        self._finder.cancel()
        self._checker.cancel()

    # ---- parts

    def _ask_layers(self) -> None:
        self.dialog = LayersDialog(self)
        self.dialog.finished.connect(self._layers_chosen)
        self.dialog.open()

    def _layers_chosen(self, result: int) -> None:
        if result == QDialog.DialogCode.Accepted:
            self.take(self.dialog.paths())
        self.dialog.deleteLater()

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Choose the folder with the images"))
        if folder:
            self.take([folder])

    def _ask_files(self) -> None:
        self.take(QFileDialog.getOpenFileNames(self, self.tr("Choose the images"))[0])

    def _take_found(self, found: Found) -> None:
        self._problems = found.problems
        self.table.add(list(found.images))

    def _changed(self) -> None:
        self.grid = None
        self._settle.start()
        self.changed.emit()

    def _check(self) -> None:
        if self._checker.busy():
            self._check_again = True
            return
        if not self.table.rowCount() and not self._problems:
            self.notice.clear()
            return
        try:
            images = self.acquisitions()
        except DeepotError as error:
            self._refuse(error)
            return
        task = CheckImagesTask(images)
        task.succeeded.connect(self._show_fit)
        task.failed.connect(self._refuse)
        self._checker.start(task)

    def _checked(self) -> None:
        if self._check_again:
            self._check_again = False
            self._check()

    def _show_fit(self, checked: Checked) -> None:
        self.grid = checked.grid
        first, last = checked.images[0].date, checked.images[-1].date
        size = self.tr("✓ {count} images from {first} to {last}, one grid of {width} × {height} pixels.").format(
            count=len(checked.images),
            first=first.strftime("%Y-%m-%d"),
            last=last.strftime("%Y-%m-%d"),
            width=checked.grid.width,
            height=checked.grid.height,
        )
        problems = [f"⚠ {sentence}" for sentence in (*checked.damaged, *self._problems)]
        level = Qgis.MessageLevel.Warning if problems else Qgis.MessageLevel.Success
        self.notice.say("\n".join([size, *problems]), level)

    def _refuse(self, error: DeepotError) -> None:
        problems = [f"⚠ {sentence}" for sentence in self._problems]
        self.notice.say("\n".join([str(error), *problems]), Qgis.MessageLevel.Warning)
