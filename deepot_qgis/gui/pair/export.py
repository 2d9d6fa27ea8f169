"""The product of the last run in other forms: a menu, and the task that writes one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from deepot_qgis.engine.interchange.cog_export import CogOptions, export_cog
from deepot_qgis.engine.interchange.netcdf_export import NetcdfOptions, export_netcdf
from deepot_qgis.engine.report import MapOptions, ReportOptions, write_map, write_report
from deepot_qgis.gui.task import DeepotTask
from deepot_qgis.processing.layers.arrows import write_arrows

REPORT, COG, MAP, ARROWS, NETCDF = "report", "cog", "map", "arrows", "netcdf"
#: What the name of the product gets for each form.
_ENDINGS = {
    REPORT: "_report.html",
    COG: "_cog.tif",
    MAP: "_map.png",
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


def _writer(export: Export) -> Callable:
    """The call that writes, given progress and cancelled."""
    if export.kind == ARROWS:
        return lambda progress, cancelled: write_arrows(export.product, export.path)
    options, write = {
        REPORT: (ReportOptions, write_report),
        COG: (CogOptions, export_cog),
        MAP: (MapOptions, write_map),
        NETCDF: (NetcdfOptions, export_netcdf),
    }[export.kind]
    chosen = options(export.product, export.path)
    return lambda progress, cancelled: write(chosen, progress, cancelled)


def beside(product: str, kind: str) -> str:
    """Return a free name for a form beside the product."""
    stem, ending = os.path.splitext(product)[0], _ENDINGS[kind]
    path, number = f"{stem}{ending}", 2
    while os.path.exists(path):
        name, extension = os.path.splitext(ending)
        path, number = f"{stem}{name}_{number}{extension}", number + 1
    return path


class ExportButton(QToolButton):
    """A button with a menu of forms; asks for the file.

    Signals
    -------
    chosen
        Form and path.
    """

    chosen = pyqtSignal(str, str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._product = ""
        self.setText(self.tr("Export"))
        self.setToolTip(self.tr("Save the result in another form"))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for kind, title, tip in (
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
        ending = os.path.splitext(suggested)[1]
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Export"), suggested, f"*{ending}")
        if path:
            self.chosen.emit(kind, path if path.lower().endswith(ending) else path + ending)
