"""What the panel remembers between sessions, in QGIS's settings under ``deepot/``."""

from __future__ import annotations

from qgis.core import QgsSettings
from qgis.gui import QgsCollapsibleGroupBoxBasic, QgsFileWidget
from qgis.PyQt.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

PREFIX = "deepot/panel"


def remember(widget: QWidget, key: str) -> None:
    """Give a control the value it had last time, and keep the setting up to date from now on.

    A combo box is remembered by the data of its item; a value that is no longer offered is ignored.
    """
    full_key = f"{PREFIX}/{key}"
    read, write, changed = _access(widget)
    stored = QgsSettings().value(full_key)
    if stored is not None:
        write(stored)
    changed.connect(lambda *_: QgsSettings().setValue(full_key, read()))


def _access(widget: QWidget):
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


def _truth(value) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("true", "1")


def _choose(combo: QComboBox, data) -> None:
    index = combo.findData(data)
    if index >= 0:
        combo.setCurrentIndex(index)
