"""The images of a series: which take part, and when each was taken."""

from __future__ import annotations

import os
from dataclasses import dataclass

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from deepot_qgis.engine import dates
from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.timeseries.acquisitions import Acquisition
from deepot_qgis.gui.sections.rows import fit_rows
from deepot_qgis.processing.present import present

NAME, DATE = 0, 1
_ROWS = 4, 9  # shown at least and at most without scrolling
_UNKNOWN = QColor(213, 94, 0)


@dataclass(frozen=True)
class Image:
    """A file and what is known of its date.

    Attributes
    ----------
    path
    date
        ISO text, empty when neither metadata nor name says it.
    included
        Whether it takes part.
    """

    path: str
    date: str
    included: bool = True


class ImageTable(QTableWidget):
    """One row an image in the order of the dates; dates can be typed, images can be unticked.

    Signals
    -------
    changed
        An image was added or removed, ticked or unticked, or dated anew.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(0, 2, parent)
        self.setHorizontalHeaderLabels([self.tr("Image"), self.tr("Date (UTC)")])
        self.setToolTip(
            self.tr(
                "Untick what is not to take part. Dates are read from the metadata or the file name; double-click one "
                "to correct it: 2023-09-04, or 2023-09-04T06:30:00"
            )
        )
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        fit_rows(self, *_ROWS)
        modes, header = QHeaderView.ResizeMode, self.horizontalHeader()
        header.setSectionResizeMode(NAME, modes.Stretch)
        header.setSectionResizeMode(DATE, modes.ResizeToContents)
        self.itemChanged.connect(self._item_changed)

    def images(self) -> list[Image]:
        """Return all rows."""
        rows = range(self.rowCount())
        ticked = Qt.CheckState.Checked
        return [
            Image(
                present(self.item(row, NAME)).data(Qt.ItemDataRole.UserRole),
                present(self.item(row, DATE)).text().strip(),
                present(self.item(row, NAME)).checkState() == ticked,
            )
            for row in rows
        ]

    def add(self, images: list[Image]) -> None:
        """Add images that are not there yet."""
        known = {image.path for image in self.images()}
        self.show_images([*self.images(), *(image for image in images if image.path not in known)])

    def remove_selected(self) -> None:
        """Take the selected rows away."""
        selected = {index.row() for index in self.selectionModel().selectedRows()}
        self.show_images([image for row, image in enumerate(self.images()) if row not in selected])

    def show_images(self, images: list[Image]) -> None:
        """Show these images in the order of their dates, those without a date first: they need a hand."""
        self.blockSignals(True)
        self.setRowCount(len(images))
        for row, image in enumerate(sorted(images, key=lambda image: (_order(image.date), image.path))):
            name = QTableWidgetItem(os.path.basename(image.path))
            name.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            name.setCheckState(Qt.CheckState.Checked if image.included else Qt.CheckState.Unchecked)
            name.setData(Qt.ItemDataRole.UserRole, image.path)
            name.setToolTip(image.path)
            self.setItem(row, NAME, name)
            date = QTableWidgetItem(image.date or self.tr("unknown"))
            if not _order(image.date):
                date.setForeground(_UNKNOWN)
            self.setItem(row, DATE, date)
        self.blockSignals(False)
        fit_rows(self, *_ROWS)
        self.changed.emit()

    def acquisitions(self, band: int) -> tuple[Acquisition, ...]:
        """Return what takes part, dated.

        Raises
        ------
        InputError
            A date is not known or cannot be understood.
        """
        found = []
        for image in self.images():
            if image.included:
                try:
                    found.append(Acquisition(image.path, dates.parse(image.date), band))
                except OptionsError:
                    raise InputError(
                        self.tr("The date of {name} is '{date}': type it into the table as 2023-09-04.").format(
                            name=os.path.basename(image.path), date=image.date
                        )
                    ) from None
        return tuple(found)

    def _item_changed(self, item: QTableWidgetItem) -> None:
        if item.column() == DATE:  # sorted once the editor has closed
            QTimer.singleShot(0, lambda: self.show_images(self.images()))
        else:
            self.changed.emit()


def _order(text: str) -> str:
    """Return what dates are sorted by, empty for no date."""
    found = dates.find(text)
    return "" if found is None else found.isoformat()
