"""Small helpers that keep every section's rows alike and narrow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QSizePolicy, QTableWidget, QWidget

from deepot_qgis.gui.sections.button import ButtonRow
from deepot_qgis.gui.sections.combo import EndInEllipsis

_Combo = TypeVar("_Combo", bound=QComboBox)


_LABELS_PX = 120  # a longer label stands above its field, or makes its own row's field shorter


def form(parent: QWidget) -> QFormLayout:
    """Return the form layout that all sections use."""
    layout = QFormLayout(parent)
    layout.setContentsMargins(8, 6, 8, 8)
    layout.setHorizontalSpacing(8)
    layout.setVerticalSpacing(6)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return layout


def align_labels(sections: Iterable[QWidget]) -> None:
    """Give the label columns of all sections one width, so that the fields stand below each other."""
    labels = []
    for section in sections:
        layout = section.layout()
        if not isinstance(layout, QFormLayout):
            continue
        for i in range(layout.rowCount()):
            item = layout.itemAt(i, QFormLayout.ItemRole.LabelRole)
            if item is not None:
                labels.append(item.widget())
    width = min(max((label.sizeHint().width() for label in labels), default=0), _LABELS_PX)
    for label in labels:
        label.setMinimumWidth(width)


def row(*widgets: QWidget, stretch: int = 0) -> QWidget:
    """Return the widgets side by side; the one at index `stretch` takes the free space."""
    box = QWidget()
    layout = QHBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    for i, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if i == stretch else 0)
    return box


def evenly(*buttons: QWidget) -> QWidget:
    """Return buttons side by side, each as wide as the others; in two rows where their texts need the room."""
    return ButtonRow(buttons)


def fit_rows(table: QTableWidget, least: int = 2, most: int = 8) -> None:
    """Make a table as high as its rows, between a least and a most number of them; more scroll."""
    rows = min(max(table.rowCount(), least), most)
    bar = table.horizontalScrollBar().sizeHint().height() if table.horizontalScrollBar().maximum() else 0
    header = table.horizontalHeader().sizeHint().height()
    height = header + rows * table.verticalHeader().defaultSectionSize() + bar + 2 * table.frameWidth()
    table.setFixedHeight(height)


def narrow(combo: _Combo) -> _Combo:
    """Let a combo box be narrower than its longest entry, so that the panel fits in 320 pixels."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    EndInEllipsis(combo)
    return combo


def hint(text: str = "") -> QLabel:
    """Return a small wrapped explanation."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * 0.9)
    label.setFont(font)
    return label
