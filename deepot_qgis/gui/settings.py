"""What the panel remembers: with the project, and for new projects in QGIS's settings under ``deepot/``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import QgsSettings
from qgis.gui import QgsCollapsibleGroupBoxBasic, QgsFileWidget
from qgis.PyQt.QtCore import QObject, pyqtBoundSignal
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from deepot_qgis.processing.present import current_project

PREFIX = "deepot/panel"
#: Of the entries in a project.
SCOPE = "deepot"


def remember(widget: QWidget, key: str) -> None:
    """Give a control the value it had last time in this project, and keep it up to date from now on.

    A new project begins with what was chosen last in any. A combo box is remembered by the data of its item; a value
    that is no longer offered is ignored.
    """
    Remembered(widget, key)


class Remembered(QObject):
    """Keeps one control; lives as long as the control does."""

    def __init__(self, widget: QWidget, key: str):
        super().__init__(widget)
        self._key = key
        self._read, self._write, changed = _access(widget)
        self._restoring = False
        self._restore()
        changed.connect(self._keep)
        project = current_project()
        project.readProject.connect(self._restore)
        project.cleared.connect(self._restore)

    def _restore(self, *_project: object) -> None:
        stored = entry(self._key)
        if stored is None:
            stored = QgsSettings().value(f"{PREFIX}/{self._key}")
        if stored is None:
            return
        self._restoring = True  # a project that was only opened has not changed
        try:
            self._write(stored)
        except ValueError:
            pass  # a setting that somebody edited
        finally:
            self._restoring = False

    def _keep(self, *_change: object) -> None:
        if not self._restoring:
            value = self._read()
            QgsSettings().setValue(f"{PREFIX}/{self._key}", value)
            keep_entry(self._key, value)


def entry(key: str) -> str | None:
    """Return what the project holds under a key, None when it holds nothing."""
    found = current_project().readEntry(SCOPE, f"panel/{key}")
    return found[0] if found[1] is True else None


def keep_entry(key: str, value: object) -> None:
    """Put a value into the project; None is kept as empty text."""
    current_project().writeEntry(SCOPE, f"panel/{key}", "" if value is None else str(value))


def _access(widget: QWidget) -> tuple[Callable[[], object], Callable[[Any], None], pyqtBoundSignal]:
    """Return (read, write, changed signal) of a control."""
    if isinstance(widget, QgsCollapsibleGroupBoxBasic):
        return widget.isCollapsed, lambda v: widget.setCollapsed(_truth(v)), widget.collapsedStateChanged
    if isinstance(widget, QgsFileWidget):
        return widget.filePath, lambda v: widget.setFilePath(str(v)), widget.fileChanged
    if isinstance(widget, QCheckBox):
        return widget.isChecked, lambda v: widget.setChecked(_truth(v)), widget.toggled
    if isinstance(widget, QComboBox):
        return widget.currentData, lambda v: _choose(widget, v), widget.currentIndexChanged
    if isinstance(widget, QSpinBox):
        return widget.value, lambda v: widget.setValue(int(float(v))), widget.valueChanged
    if isinstance(widget, QDoubleSpinBox):
        return widget.value, lambda v: widget.setValue(float(v)), widget.valueChanged
    if isinstance(widget, QLineEdit):
        return widget.text, lambda v: widget.setText(str(v)), widget.textChanged
    raise TypeError(f"no rule to remember a {type(widget).__name__}")


def _truth(value: object) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("true", "1")


def _choose(combo: QComboBox, data: object) -> None:
    index = combo.findData(data)
    if index >= 0:
        combo.setCurrentIndex(index)
