"""Mask and reference: what of a measurement is left out, what stands still, how much survives."""

from __future__ import annotations

import os

from qgis.core import QgsCoordinateReferenceSystem, QgsRasterLayer
from qgis.gui import QgsCollapsibleGroupBoxBasic, QgsMapCanvas
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QGroupBox, QVBoxLayout, QWidget

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.refine import RefineOptions
from deepot_qgis.gui.ground.limits import LimitsForm
from deepot_qgis.gui.ground.mask_list import MaskList
from deepot_qgis.gui.ground.outcome import Outcome
from deepot_qgis.gui.ground.product_chooser import ProductChooser
from deepot_qgis.gui.ground.task import RefineJob
from deepot_qgis.gui.ground.watch import PreviewWatch
from deepot_qgis.gui.names import free_name
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.reference import ReferenceSection
from deepot_qgis.gui.sections.rows import hint


class RefineSection(QgsCollapsibleGroupBoxBasic):
    """Folded until somebody opens it: a product is good without.

    Signals
    -------
    refused
        A `DeepotError`: what was chosen cannot be.
    """

    refused = pyqtSignal(object)

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Mask and reference"))
        self.setToolTip(
            self.tr("After a measurement: leave out what is not to be trusted, and set stable ground to zero")
        )
        self.products, self.limits, self.masks = ProductChooser(), LimitsForm(), MaskList(canvas)
        self.reference, self.outcome = ReferenceSection(canvas, "refine"), Outcome()
        self.apply = Button(self.tr("Apply"))
        self.apply.setObjectName("deepotRefine")
        self.apply.setToolTip(
            self.tr("Write a refined copy of the product beside it and add it to the map; the product stays as it is")
        )
        self.watch = PreviewWatch(self._to_look_at, self)
        self._lay_out()
        self._connect()
        self.setCollapsed(True)
        self._product_changed()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(6)
        column.addWidget(hint(self.tr("For a finished measurement; nothing is measured again.")))
        row = QFormLayout()
        row.addRow(self.tr("Product"), self.products)
        column.addLayout(row)
        column.addWidget(self.limits)
        left_out = QGroupBox(self.tr("Left out"))
        inside = QVBoxLayout(left_out)
        inside.setContentsMargins(8, 6, 8, 8)
        inside.addWidget(self.masks)
        column.addWidget(left_out)
        column.addWidget(self.reference)
        column.addWidget(self.outcome)
        column.addWidget(self.apply)

    def _connect(self) -> None:
        self.products.changed.connect(self._product_changed)
        for part in (self.limits, self.masks, self.reference):
            part.changed.connect(self.watch.look)
        self.collapsedStateChanged.connect(self.watch.look)
        self.masks.refused.connect(self.refused)
        self.watch.began.connect(lambda: self.outcome.say(self.tr("Looking at what survives…")))
        self.watch.found.connect(self.outcome.show_survivors)
        self.watch.failed.connect(lambda error: self.outcome.say(str(error)))

    # ---- what is chosen

    def job(self) -> RefineJob:
        """Return what a click on Apply would do.

        Raises
        ------
        DeepotError
            Something is missing or cannot be.
        """
        path = self.products.path()
        if not path:
            raise InputError(self.tr("There is no displacement product yet: click Run first, or choose a file."))
        title = self.tr("{title}, refined").format(title=self.products.combo.currentText())
        return RefineJob(self._options(free_name(os.path.splitext(path)[0] + "_refined", ".tif")), title)

    def _options(self, output: str) -> RefineOptions:
        return RefineOptions(
            product=self.products.path(),
            output=output,
            masks=self.masks.masks(),
            reference=self.reference.options(self._crs()),
            **self.limits.options(),
        )

    def _to_look_at(self) -> RefineOptions | None:
        return None if self.isCollapsed() or not self.products.path() else self._options("")

    def _crs(self) -> QgsCoordinateReferenceSystem:
        path = self.products.path()
        return QgsRasterLayer(path).crs() if path else QgsCoordinateReferenceSystem()

    def _product_changed(self) -> None:
        path = self.products.path()
        self.apply.setEnabled(bool(path))
        if path:
            self.masks.set_crs(self._crs())
            self.watch.look()
        else:
            self.outcome.say(self.tr("There is no displacement product yet: click Run first, or choose a file."))

    # ---- around a run

    def set_busy(self, busy: bool) -> None:
        """While something runs, it has the machine to itself."""
        self.apply.setEnabled(not busy and bool(self.products.path()))

    def shut_down(self) -> None:
        """Stop what is under way and leave the map as it was found."""
        self.watch.stop()
        self.masks.shut_down()
        self.reference.shut_down()
        self.products.shut_down()
