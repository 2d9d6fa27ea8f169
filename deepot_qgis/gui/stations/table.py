"""The stations that were read: which take part, where they stand, and along which line they measure."""

from __future__ import annotations

from dataclasses import dataclass

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QResizeEvent
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from deepot_qgis.engine import dates
from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.stations import Placement, Station
from deepot_qgis.gui.sections.rows import fit_rows
from deepot_qgis.gui.stations.labels import kind_title
from deepot_qgis.processing.present import present

NAME, POSITION, BEARING, PLUNGE = range(4)
_NAME_PX = 96  # that names have at least, however long the headers of the others are


@dataclass(frozen=True)
class Position:
    """Where a station was placed by hand."""

    x: float
    y: float
    crs: str


class StationTable(QTableWidget):
    """One row a station; the name has a tick, bearing and plunge can be typed.

    Signals
    -------
    edited
        Something that the user may change has changed.
    """

    edited = pyqtSignal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(0, 4, parent)
        self._stations: tuple[Station, ...] = ()
        self._positions: dict[str, Position] = {}
        self.setHorizontalHeaderLabels(
            [self.tr("Station"), self.tr("Position"), self.tr("Bearing °"), self.tr("Plunge °")]
        )
        self.setToolTip(
            self.tr(
                "Untick what is not to be compared. Bearing: direction in which an extensometer counts as positive, "
                "degrees clockwise from north; empty takes the map's own mean direction. Plunge: degrees below the "
                "horizontal."
            )
        )
        for column in range(self.columnCount()):
            head = present(self.horizontalHeaderItem(column))
            head.setToolTip(head.text())
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        fit_rows(self)
        modes, header = QHeaderView.ResizeMode, self.horizontalHeader()
        header.setMinimumSectionSize(30)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setSectionResizeMode(NAME, modes.Stretch)
        for column in (POSITION, BEARING, PLUNGE):
            header.setSectionResizeMode(column, modes.ResizeToContents)
        self.itemChanged.connect(lambda _: self.edited.emit())

    def resizeEvent(self, event: QResizeEvent) -> None:
        most = (self.viewport().width() - _NAME_PX) // (self.columnCount() - 1)
        self.horizontalHeader().setMaximumSectionSize(max(most, _NAME_PX // 2))
        super().resizeEvent(event)

    def show_stations(self, stations: tuple[Station, ...]) -> None:
        """Show what was read; lines and ticks of stations that were there before are kept."""
        kept = {present(self.item(row, NAME)).text(): self._typed(row) for row in range(self.rowCount())}
        self._stations = stations
        self.blockSignals(True)
        self.setRowCount(len(stations))
        for row, station in enumerate(stations):
            bearing, plunge, ticked = kept.get(station.name, (_text(station.bearing), _text(station.plunge), True))
            name = QTableWidgetItem(station.name)
            name.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            name.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)
            name.setToolTip(self._tip(station))
            self.setItem(row, NAME, name)
            self.setItem(row, BEARING, QTableWidgetItem(bearing))
            self.setItem(row, PLUNGE, QTableWidgetItem(plunge))
            self._show_position(row)
        self.blockSignals(False)
        fit_rows(self)
        self.edited.emit()

    def chosen(self) -> int:
        """Return the selected row, -1 when there is none."""
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else -1

    def place(self, row: int, position: Position) -> None:
        """Place a station by hand."""
        self._positions[self._stations[row].name] = position
        self._show_position(row)
        self.edited.emit()

    def names(self) -> tuple[str, ...]:
        """Return the stations that are ticked."""
        rows = range(self.rowCount())
        return tuple(
            present(self.item(row, NAME)).text()
            for row in rows
            if present(self.item(row, NAME)).checkState() == Qt.CheckState.Checked
        )

    def all_names(self, kind: str = "") -> tuple[str, ...]:
        """Return all stations, or those of a kind."""
        return tuple(station.name for station in self._stations if kind in ("", station.kind))

    def placements(self) -> tuple[Placement, ...]:
        """Return what was typed or placed by hand.

        Raises
        ------
        OptionsError
            A bearing or plunge is no number.
        """
        found = []
        for row, station in enumerate(self._stations):
            position = self._positions.get(station.name)
            bearing = self._number(row, BEARING, self.tr("bearing"))
            plunge = self._number(row, PLUNGE, self.tr("plunge")) or 0.0
            if position is None and bearing == station.bearing and plunge == station.plunge:
                continue
            where = {} if position is None else vars(position)
            found.append(Placement(station.name, bearing=bearing, plunge=plunge, **where))
        return tuple(found)

    def _number(self, row: int, column: int, what: str) -> float | None:
        text = present(self.item(row, column)).text().strip().rstrip("°").replace(",", ".")
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            raise OptionsError(
                self.tr("The {what} of station {name} is '{text}'; write degrees as a number.").format(
                    what=what, name=self._stations[row].name, text=text
                )
            ) from None

    def _typed(self, row: int) -> tuple[str, str, bool]:
        ticked = present(self.item(row, NAME)).checkState() == Qt.CheckState.Checked
        return present(self.item(row, BEARING)).text(), present(self.item(row, PLUNGE)).text(), ticked

    def _show_position(self, row: int) -> None:
        station = self._stations[row]
        here = self._positions.get(station.name, station)
        known = here.x is not None and here.y is not None
        item = QTableWidgetItem("✓" if known else self.tr("missing"))
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        item.setToolTip(
            f"{here.x:.6f}, {here.y:.6f} ({here.crs})"
            if known
            else self.tr("Choose a file of positions, or select the row and click 'Place on map'")
        )
        self.setItem(row, POSITION, item)

    def _tip(self, station: Station) -> str:
        return self.tr("{kind}, {count} values from {first} to {last}").format(
            kind=kind_title(station.kind),
            count=len(station.times),
            first=dates.text(station.times[0])[:10],
            last=dates.text(station.times[-1])[:10],
        )


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
