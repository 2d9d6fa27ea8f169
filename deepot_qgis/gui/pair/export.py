"""The product of the last run in other forms: a menu, and the task that writes one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from qgis.core import QgsProcessingUtils
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QMenu, QWidget

from deepot_qgis.engine.callbacks import Cancelled, Progress
from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.interchange.cog_export import CogOptions, export_cog
from deepot_qgis.engine.interchange.netcdf_export import NetcdfOptions, export_netcdf
from deepot_qgis.engine.report import MapOptions, ReportOptions, write_map, write_report
from deepot_qgis.gui.map.designer import layout_in_project, open_designer
from deepot_qgis.gui.names import free_name
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.task import DeepotTask
from deepot_qgis.processing.layers.arrows import ArrowPoints, write_arrows
from deepot_qgis.processing.layout.compose import write_page
from deepot_qgis.processing.layout.page import Page, read_page
from deepot_qgis.processing.layout.template import ENDINGS as PAGE_ENDINGS
from deepot_qgis.processing.layout.template import require_ending
from deepot_qgis.processing.present import current_project
from deepot_qgis.processing.spoken import words_of_user

REPORT, COG, MAP, ARROWS, NETCDF = "report", "cog", "map", "arrows", "netcdf"
PAGE, LAYOUT = "page", "layout"
#: What a page shows.
_VIEW = "magnitude"
#: What the name of the product gets for each form.
_ENDINGS = {
    REPORT: "_report.html",
    COG: "_cog.tif",
    MAP: "_map.png",
    PAGE: "_page.pdf",
    ARROWS: "_arrows.gpkg",
    NETCDF: "_velocity.nc",
}


@dataclass(frozen=True)
class Export:
    """A form and where it goes."""

    kind: str
    product: str
    path: str


class ExportTask(DeepotTask):
    """Write a product in another form; succeeds with the `Export`."""

    def __init__(self, export: Export):
        super().__init__("DeepOT: export")
        self._export = export
        self._write = _writer(export)  # options that cannot be are refused before the task begins

    def work(self) -> Export:
        self._write(self.tell, self.isCanceled)
        return self._export


class PageTask(DeepotTask):
    """Put a product on a page: a file, or a layout that QGIS opens; succeeds with the `Export`.

    It is read in the worker; layers and layouts live in the main thread, where the task ends.
    """

    def __init__(self, export: Export):
        super().__init__("DeepOT: page")
        self._export = export
        if export.kind == PAGE:
            require_ending(export.path)

    def work(self) -> tuple[Page, ArrowPoints]:
        product = self._export.product
        page = read_page(product, _VIEW, cancelled=self.isCanceled)
        return page, write_arrows(product, QgsProcessingUtils.generateTempFilename("arrows.gpkg"))

    def finished(self, done: bool) -> None:
        if done and not self.isCanceled():
            try:
                self._finish(*self._value)
            except DeepotError as error:
                self._value, self._error = None, error
        super().finished(done)

    def _finish(self, page: Page, arrows: ArrowPoints) -> None:
        if self._export.kind == PAGE:
            write_page(page, _VIEW, arrows, self._export.path)
        else:
            open_designer(layout_in_project(current_project(), page, _VIEW, arrows))
        self._value = self._export


def export_task(export: Export) -> DeepotTask:
    """Return the task that writes a form.

    Raises
    ------
    OptionsError
        The name of the file does not fit the form.
    """
    return PageTask(export) if export.kind in (PAGE, LAYOUT) else ExportTask(export)


def _writer(export: Export) -> Callable[[Progress, Cancelled], object]:
    """The call that writes, given progress and cancelled."""
    if export.kind == ARROWS:
        return lambda progress, cancelled: write_arrows(export.product, export.path)
    forms: dict[str, tuple[Callable[[str, str], Any], Callable[..., object]]] = {
        REPORT: (ReportOptions, partial(write_report, words=words_of_user())),
        COG: (CogOptions, export_cog),
        MAP: (MapOptions, partial(write_map, words=words_of_user())),
        NETCDF: (NetcdfOptions, export_netcdf),
    }
    options, write = forms[export.kind]
    chosen = options(export.product, export.path)
    return lambda progress, cancelled: write(chosen, progress, cancelled)


def beside(product: str, kind: str) -> str:
    """Return a free name for a form beside the product."""
    stem, ending = os.path.splitext(product)[0], _ENDINGS[kind]
    name, extension = os.path.splitext(ending)
    return free_name(stem + name, extension)


class ExportButton(Button):
    """A button with a menu of forms; asks for the file.

    Signals
    -------
    chosen
        Form and path.
    """

    chosen = pyqtSignal(str, str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent=parent)
        self._product = ""
        self.setText(self.tr("Export"))
        self.setToolTip(self.tr("Save the result in another form"))
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        layout = menu.addAction(self.tr("Print layout"))
        layout.setToolTip(self.tr("Open a page with map, legend, scale, dates, numbers and credits, to be arranged"))
        layout.triggered.connect(lambda _checked=False: self.chosen.emit(LAYOUT, ""))
        for kind, title, tip in (
            (PAGE, self.tr("Page (PDF)..."), self.tr("The same page as a file: PDF, PNG or SVG")),
            (MAP, self.tr("Map (PNG)..."), self.tr("Displacement with arrows, legend, scale bar and north arrow")),
            (ARROWS, self.tr("Arrows (GeoPackage)..."), self.tr("Points with the motion where it is above 3 sigma")),
            (COG, self.tr("Cloud Optimized GeoTIFF..."), self.tr("All bands with overviews, for a web server")),
            (NETCDF, self.tr("Velocity (NetCDF)..."), self.tr("Metres a year, in the form of ITS_LIVE")),
            (REPORT, self.tr("Report (HTML)..."), self.tr("Inputs, settings, maps, numbers and plots as one page")),
        ):
            action = menu.addAction(title)
            action.setToolTip(tip)
            action.triggered.connect(lambda _checked=False, kind=kind: self._ask(kind))
        self.setMenu(menu)

    def set_product(self, product: str) -> None:
        """Say what is exported."""
        self._product = product

    def _ask(self, kind: str) -> None:
        suggested = beside(self._product, kind)
        endings = PAGE_ENDINGS if kind == PAGE else (os.path.splitext(suggested)[1],)
        kinds = " ".join(f"*{ending}" for ending in endings)
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Export"), suggested, kinds)
        if path:
            self.chosen.emit(kind, path if path.lower().endswith(endings) else path + endings[0])
