"""The column wizard: which column of a table holds what, and how it is written."""

from __future__ import annotations

import os

from qgis.core import Qgis, QgsCoordinateReferenceSystem
from qgis.gui import QgsProjectionSelectionWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.stations import CsvGuess, CsvOptions
from deepot_qgis.engine.stations.csv_options import ROLES
from deepot_qgis.engine.stations.moments import NAMED
from deepot_qgis.engine.stations.station import LENGTHS
from deepot_qgis.gui.notice import Notice
from deepot_qgis.gui.sections.rows import hint
from deepot_qgis.gui.stations.labels import role_title
from deepot_qgis.processing.spoken import spoken

_ZONES = ("UTC", "America/Denver", "America/Los_Angeles", "America/Anchorage", "Europe/Berlin", "Asia/Tokyo", "-07:00")
_STRPTIME = ("%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y %H:%M")
_COLUMN_WIDTH = 130


class ColumnWizard(QDialog):
    """A preview with a role above every column, prefilled with what was recognised.

    Parameters
    ----------
    guess
        What the file seems to hold.
    options
        What was chosen last time, None for the guess.
    """

    def __init__(self, guess: CsvGuess, options: CsvOptions | None = None, parent: QWidget | None = None):
        super().__init__(parent)
        self._guess = guess
        self.setWindowTitle(self.tr("Columns of {name}").format(name=os.path.basename(guess.path)))
        self.resize(760, 480)
        self.preview = QTableWidget(1 + len(guess.rows), len(guess.columns))
        self.roles: list[QComboBox] = []
        self.unit, self.sign, self.time_format, self.zone = (QComboBox() for _ in range(4))
        self.name = QLineEdit()
        self.crs = QgsProjectionSelectionWidget()
        self.notice = Notice(closable=False)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._fill_preview()
        self._fill_form()
        self._explain()
        self._lay_out()
        if options is not None:
            self._show(options)
        self._connect()
        self._check()

    def options(self) -> CsvOptions:
        """Return how the table is to be read.

        Raises
        ------
        OptionsError
            Something is missing or chosen twice.
        """
        roles = {}
        for column, combo in zip(self._guess.columns, self.roles):
            if combo.currentData() and combo.currentData() not in roles:
                roles[combo.currentData()] = column.name
            elif combo.currentData():
                self._refuse_twice(combo.currentData())
        return self._guess.options(
            roles,
            unit=self.unit.currentData(),
            sign=self.sign.currentData(),
            time_format=self._text(self.time_format) or "auto",
            time_zone=self._text(self.zone) or "UTC",
            crs=self._crs_text() if "x" in roles else "",
            name=self.name.text().strip() or None,
        )

    # ---- construction

    def _fill_preview(self) -> None:
        table = self.preview
        table.setHorizontalHeaderLabels([column.name for column in self._guess.columns])
        table.verticalHeader().hide()
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        for k, column in enumerate(self._guess.columns):
            combo = QComboBox()
            for role in ("", *ROLES):
                combo.addItem(role_title(role), role)
            combo.setCurrentIndex(max(0, combo.findData(column.role)))
            combo.setToolTip(
                self.tr("What column '{name}' holds ({why})").format(name=column.name, why=spoken(column.why))
            )
            table.setCellWidget(0, k, combo)
            table.setColumnWidth(k, _COLUMN_WIDTH)
            self.roles.append(combo)
            for i, cells in enumerate(self._guess.rows, start=1):
                table.setItem(i, k, QTableWidgetItem(cells[k] if k < len(cells) else ""))

    def _fill_form(self) -> None:
        for unit in LENGTHS:
            self.unit.addItem(unit, unit)
        self.unit.setCurrentIndex(max(0, self.unit.findData(self._guess.unit)))
        self.sign.addItem(self.tr("as it is"), 1)
        self.sign.addItem(self.tr("turned round (× −1)"), -1)
        for combo in (self.time_format, self.zone):
            combo.setEditable(True)
        self.time_format.addItem(self.tr("recognise by itself"), "auto")
        for name, text in NAMED.items():
            self.time_format.addItem(text, name)
        found = [column.time_format for column in self._guess.columns if column.role == "time" and column.time_format]
        for text in dict.fromkeys((*found, *_STRPTIME)):
            if text not in NAMED:
                self.time_format.addItem(text, text)
        self.time_format.setCurrentIndex(max(0, self.time_format.findData(found[0] if found else "auto")))
        for zone in _ZONES:
            self.zone.addItem(zone, zone)
        if self._guess.crs:
            self.crs.setCrs(QgsCoordinateReferenceSystem(self._guess.crs))

    def _explain(self) -> None:
        self.unit.setToolTip(self.tr("Unit of length of displacement and its error in the table"))
        self.sign.setToolTip(self.tr("Turn the displacement round where the table counts the other way as positive"))
        self.time_format.setToolTip(
            self.tr("How times are written: choose one, or write it as day %d, month %m, year %Y, %H:%M:%S")
        )
        self.zone.setToolTip(
            self.tr("Zone of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver")
        )
        self.crs.setToolTip(self.tr("Coordinate reference system of the position, when the table has one"))
        self.name.setToolTip(self.tr("Name of the station when the table holds only one; empty takes the file's name"))
        self.name.setPlaceholderText(os.path.splitext(os.path.basename(self._guess.path))[0])

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(self.tr("Time format"), self.time_format)
        form.addRow(self.tr("Time zone"), self.zone)
        form.addRow(self.tr("Unit"), self.unit)
        form.addRow(self.tr("Sign"), self.sign)
        form.addRow(self.tr("CRS of positions"), self.crs)
        form.addRow(self.tr("Station name"), self.name)
        layout = QVBoxLayout(self)
        layout.addWidget(hint(self.tr("Say in the first row what each column holds.")))
        layout.addWidget(self.preview, 1)
        layout.addLayout(form)
        layout.addWidget(self.notice)
        layout.addWidget(self.buttons)

    def _connect(self) -> None:
        for combo in (*self.roles, self.unit, self.sign):
            combo.currentIndexChanged.connect(self._check)
        for combo in (self.time_format, self.zone):
            combo.editTextChanged.connect(self._check)
        self.crs.crsChanged.connect(self._check)
        self.name.textChanged.connect(self._check)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    # ---- state

    def _show(self, options: CsvOptions) -> None:
        by_column = {getattr(options, role): role for role in ROLES if getattr(options, role)}
        for column, combo in zip(self._guess.columns, self.roles):
            combo.setCurrentIndex(max(0, combo.findData(by_column.get(column.name, ""))))
        self.unit.setCurrentIndex(self.unit.findData(options.unit))
        self.sign.setCurrentIndex(self.sign.findData(options.sign))
        for combo, text in ((self.time_format, options.time_format), (self.zone, options.time_zone)):
            if combo.findData(text) >= 0:
                combo.setCurrentIndex(combo.findData(text))
            else:
                combo.setEditText(text)
        if options.crs:
            self.crs.setCrs(QgsCoordinateReferenceSystem(options.crs))
        self.name.setText(options.name or "")

    def _check(self, *_: object) -> None:
        """Say what is missing; only what can be read is accepted."""
        button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        try:
            self.options()
        except DeepotError as error:
            self.notice.say(str(error), Qgis.MessageLevel.Warning)
            button.setEnabled(False)
            return
        button.setEnabled(True)
        if self._guess.notes:
            self.notice.say("\n".join(self._guess.notes), Qgis.MessageLevel.Info)
        else:
            self.notice.clear()

    def _refuse_twice(self, role: str) -> None:
        from deepot_qgis.engine.errors import OptionsError

        raise OptionsError(
            self.tr("Two columns are chosen as '{role}'; choose one of them.").format(role=role_title(role))
        )

    def _crs_text(self) -> str:
        crs = self.crs.crs()
        return (crs.authid() or crs.toWkt()) if crs.isValid() else ""

    @staticmethod
    def _text(combo: QComboBox) -> str:
        """Return the data of the entry that is shown, else what was typed."""
        index = combo.findText(combo.currentText(), Qt.MatchFlag.MatchExactly)
        return combo.itemData(index) if index >= 0 else combo.currentText().strip()
