"""The tab "Series": its sections, and what happens between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qgis.core import Qgis, QgsCoordinateReferenceSystem
from qgis.PyQt.QtWidgets import QLabel, QWidget

from deepot_qgis.engine.errors import DeepotError, InputError, RuntimeMissingError
from deepot_qgis.engine.rasters import Raster
from deepot_qgis.engine.timeseries.run import SeriesOptions, SeriesResult
from deepot_qgis.gui.desk import Desk
from deepot_qgis.gui.navigation import zoom_to_layer
from deepot_qgis.gui.sections.advanced import AdvancedSection
from deepot_qgis.gui.sections.area import AreaSection
from deepot_qgis.gui.sections.method import MethodSection
from deepot_qgis.gui.sections.reference import ReferenceSection
from deepot_qgis.gui.series.history import HistorySection
from deepot_qgis.gui.series.images import SeriesImages
from deepot_qgis.gui.series.network import NetworkSection
from deepot_qgis.gui.series.playback import play
from deepot_qgis.gui.series.results import SeriesResults
from deepot_qgis.gui.series.task import SeriesTask
from deepot_qgis.gui.tab import Section, Tab
from deepot_qgis.gui.task import Inventory
from deepot_qgis.processing.layers.series import add_series_group, dates_group, remove_series, series_group
from deepot_qgis.processing.layers.series_files import SeriesFiles
from deepot_qgis.processing.present import current_project, present

if TYPE_CHECKING:
    from deepot_qgis.gui.plots.dock import PlotDock


class SeriesTab(Tab):
    """Many dates in, a history of displacement for every pixel.

    Parameters
    ----------
    open_plots
        Shows the plot dock and returns it.
    """

    HELP_PAGE = "timeseries"

    def __init__(self, desk: Desk, open_plots: Callable[[], PlotDock], parent: QWidget | None = None):
        super().__init__(desk, parent)
        self._open_plots = open_plots
        self._files: SeriesFiles | None = None
        self.images, self.area, self.method = SeriesImages(), AreaSection(desk.canvas), MethodSection()
        self.network, self.reference = NetworkSection(), ReferenceSection(desk.canvas)
        self.history, self.advanced, self.results = HistorySection(), AdvancedSection(), SeriesResults()
        self._use_one_band()
        steps = (self.images, self.area, self.method, self.network, self.reference, self.history)
        others = (Section(self.advanced, step=False), Section(self.results, step=False))
        self.fill(self.tr("How did the ground move over many SAR images?"), (*map(Section, steps), *others))
        self.images.changed.connect(self._dates_changed)
        self.advanced.reference_band.valueChanged.connect(self.images.set_band)
        self.results.plot.clicked.connect(self._plot)
        self.results.play.clicked.connect(self.play)
        self.results.zoom.clicked.connect(self._zoom)

    def run_tip(self) -> str:
        return self.tr("Measure all pairs and make one history of displacement of them; QGIS stays usable meanwhile")

    def set_inventory(self, inventory: Inventory) -> None:
        """Take in what is known of models and devices."""
        self.method.set_inventory(inventory)

    def options(self) -> SeriesOptions:
        """Return what a click on Run would do.

        Raises
        ------
        DeepotError
            Something is missing or cannot be.
        """
        if not self.images.table.rowCount():
            raise InputError(
                self.tr("There are no images yet: choose layers of the project, a folder, or files under 1. Images.")
            )
        images = self.images.acquisitions()
        if len(images) < 2:
            raise InputError(self.tr("A series needs at least two images: tick or add more under 1. Images."))
        crs = self._crs()
        knobs = self.advanced.options()
        return SeriesOptions(
            images=images,
            output=self.history.output([image.date for image in images]),
            network=self.network.options(),
            radiometry=self.advanced.input_options()["radiometry"],
            area=self.area.area_text(crs),
            reference=self.reference.options(crs),
            inversion=self.history.inversion(),
            netcdf=self.history.netcdf.isChecked(),
            **self.method.options(),
            **knobs,
        )

    def run(self) -> None:
        """Make the series."""
        self.desk.launch(self._task, self._show_result, self.show_error)

    def play(self) -> None:
        """Show one date after the other."""
        files = present(self._files)
        group = series_group(current_project(), files.record)
        shown = dates_group(group) if group is not None else None
        if group is None or shown is None:
            self.show_error(InputError(self.tr("The layers of this series are gone from the project: run it again.")))
            return
        play(self.desk.canvas, files.dates, group, shown)

    def show_error(self, error: DeepotError) -> None:
        missing = isinstance(error, RuntimeMissingError)
        self.desk.show_error(error, *(self.ways_to_measure(self.method) if missing else ()))

    def known(self) -> dict[str, Any]:
        try:
            known: dict[str, Any] = {"LAYERS": [image.path for image in self.images.acquisitions()]}
        except DeepotError:
            known = {}
        if self._files is not None:
            known.update(SERIES=self._files.record, MAP=self._files.record)
        return known

    def shut_down(self) -> None:
        self.images.shut_down()
        self.network.shut_down()
        self.reference.shut_down()

    # ---- parts

    def _use_one_band(self) -> None:
        """All images of a series are read from one band: show one of the two knobs of a pair."""
        layout = self.advanced.rows
        taken = layout.takeRow(self.advanced.secondary_band)  # hidden it would come back when the section unfolds
        taken.labelItem.widget().deleteLater()
        self.advanced.secondary_band.setParent(None)  # type: ignore[call-overload] # Qt takes none: no parent
        label = layout.labelForField(self.advanced.reference_band)
        assert isinstance(label, QLabel)
        label.setText(self.tr("Band"))
        self.advanced.reference_band.setToolTip(
            self.tr("Band of every image, for files with several polarisations; from 1")
        )

    def _crs(self) -> QgsCoordinateReferenceSystem:
        """Return the CRS of the images, that of the first that can be read."""
        for image in self.images.acquisitions():
            try:
                return QgsCoordinateReferenceSystem.fromWkt(Raster(image.path, image.band).grid.crs_wkt)
            except DeepotError:
                continue  # the run names it
        return QgsCoordinateReferenceSystem()

    def _dates_changed(self) -> None:
        try:
            self.network.set_dates([image.date for image in self.images.acquisitions()])
        except DeepotError:
            self.network.set_dates([])  # what is wrong stands below the table

    def _task(self) -> SeriesTask:
        options = self.options()
        remove_series(current_project(), options.output)  # its files are made anew; open ones cannot be replaced
        return SeriesTask(options)

    def _show_result(self, value: tuple[SeriesResult, SeriesFiles]) -> None:
        result, self._files = value
        add_series_group(current_project(), self._files)
        self.results.show_result(result, self._files.title)
        self.desk.say(
            self.tr("Done: {dates} dates from {pairs} pairs, added as '{title}'.").format(
                dates=len(result.dates), pairs=len(result.pairs), title=self._files.title
            ),
            Qgis.MessageLevel.Success,
        )
        self.reveal(self.results)

    def _plot(self) -> None:
        self._open_plots().show_series(present(self._files).record)

    def _zoom(self) -> None:
        group = series_group(current_project(), present(self._files).record)
        layers = [node.layer() for node in group.findLayers()] if group is not None else []
        if layers:
            zoom_to_layer(self.desk.canvas, present(layers[0]))
