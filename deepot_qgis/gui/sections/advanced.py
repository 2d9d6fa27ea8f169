"""Advanced: the knobs that are rarely needed, folded away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from qgis.gui import QgsCollapsibleGroupBoxBasic
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

from deepot_qgis.engine.amplitude import RADIOMETRIES
from deepot_qgis.engine.correlation import CorrelationOptions
from deepot_qgis.engine.memory import CONTEXTS_PX, SIDES_PX
from deepot_qgis.engine.quality import QualityOptions
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.rows import form, narrow
from deepot_qgis.gui.settings import remember
from deepot_qgis.processing.windows import parse_windows, windows_text

_AUTOMATIC = 0  # the tile size that fits into the free memory, the context that a network asks for

_KNOB_WIDTH = 70


class AdvancedSection(QgsCollapsibleGroupBoxBasic):
    """Radiometry, bands, quality limits, windows, tiles and their context."""

    input_changed = pyqtSignal()  # something changed that the preflight looks at

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Advanced"))
        self.setToolTip(self.tr("Click to show or hide the knobs that are rarely needed"))
        self.setCollapsed(True)
        self._make_input_knobs()
        self._make_quality_knobs()
        self._make_tile_knobs()
        self._make_correlation_knobs()
        self.defaults = Button(self.tr("Back to defaults"))
        self.defaults.setToolTip(self.tr("Set every knob of this section to its default"))
        self._lay_out()
        self.reset()
        for widget, key in (
            (self.radiometry, "radiometry"),
            (self.min_correlation, "min_correlation"),
            (self.max_sigma, "max_sigma_px"),
            (self.windows, "windows_px"),
            (self.search, "search_px"),
            (self.posting, "posting_px"),
            (self.tile, "tile_size_px"),
            (self.context, "tile_context_px"),
            (self, "advanced_collapsed"),
        ):
            remember(widget, key)
        self.defaults.clicked.connect(self.reset)
        self.radiometry.currentIndexChanged.connect(lambda _: self.input_changed.emit())
        for band in (self.reference_band, self.secondary_band):
            band.valueChanged.connect(lambda _: self.input_changed.emit())

    def _make_input_knobs(self) -> None:
        self.radiometry = narrow(QComboBox())
        for kind in RADIOMETRIES:
            self.radiometry.addItem(kind, kind)
        self.radiometry.setToolTip(
            self.tr("Which numbers the images hold. 'auto' recognises them and says above what it found.")
        )
        self.reference_band, self.secondary_band = QSpinBox(), QSpinBox()
        for band in (self.reference_band, self.secondary_band):
            band.setRange(1, 9999)
        self.reference_band.setToolTip(self.tr("Band of the reference image, for files with several polarisations"))
        self.secondary_band.setToolTip(self.tr("Band of the secondary image; use the same polarisation"))

    def _make_quality_knobs(self) -> None:
        self.min_correlation, self.max_sigma = QDoubleSpinBox(), QDoubleSpinBox()
        self.min_correlation.setRange(0.0, 1.0)
        self.min_correlation.setSingleStep(0.05)
        self.min_correlation.setToolTip(
            self.tr("Pixels whose images agree less than this after the motion is taken out are masked (0 to 1)")
        )
        self.max_sigma.setRange(0.01, 100.0)
        self.max_sigma.setSingleStep(0.1)
        self.max_sigma.setSuffix(" px")
        self.max_sigma.setToolTip(self.tr("Pixels with a larger 1-sigma uncertainty of a component are masked"))

    def _make_tile_knobs(self) -> None:
        self.tile, self.context = QSpinBox(), QSpinBox()
        for knob, most, step in ((self.tile, SIDES_PX[1], 64), (self.context, CONTEXTS_PX[1], 16)):
            knob.setRange(_AUTOMATIC, most)
            knob.setSingleStep(step)
            knob.setSuffix(" px")
            knob.setSpecialValueText(self.tr("automatic"))
        self.tile.setToolTip(
            self.tr(
                "Side of the tiles that are worked on at once: larger is faster and needs more memory. Automatic takes "
                "what fits."
            )
        )
        self.context.setToolTip(
            self.tr(
                "How far a network looks beyond each tile. The wider, the less the answer depends on where tiles are "
                "cut, and the longer it takes: with 256 px, ten-thousandths of a pixel remain. Automatic takes what "
                "the network asks for."
            )
        )

    def _make_correlation_knobs(self) -> None:
        self.windows, self.search, self.posting = QLineEdit(), QSpinBox(), QSpinBox()
        self.windows.setToolTip(
            self.tr(
                "Conventional method: sides of the correlation windows. Small ones keep the margins of a landslide "
                "sharp, large ones lower the noise; each a multiple of the one before."
            )
        )
        self.search.setRange(2, 64)
        self.search.setToolTip(self.tr("Conventional method: the largest motion that is looked for, along each axis"))
        self.posting.setRange(2, 128)
        self.posting.setToolTip(self.tr("Conventional method: distance between measured points"))
        for knob in (self.search, self.posting):
            knob.setSuffix(" px")

    def _lay_out(self) -> None:
        self.rows = layout = form(self)
        layout.addRow(self.tr("Radiometry"), self.radiometry)
        layout.addRow(self.tr("Reference band"), self.reference_band)
        layout.addRow(self.tr("Secondary band"), self.secondary_band)
        layout.addRow(self.tr("Min. correlation"), self.min_correlation)
        layout.addRow(self.tr("Max. uncertainty"), self.max_sigma)
        layout.addRow(self.tr("Windows (px)"), self.windows)
        layout.addRow(self.tr("Search range"), self.search)
        layout.addRow(self.tr("Posting"), self.posting)
        layout.addRow(self.tr("Tile size"), self.tile)
        layout.addRow(self.tr("Tile context"), self.context)
        layout.addRow(self.defaults)
        for knob in (*self.findChildren(QSpinBox), *self.findChildren(QDoubleSpinBox), self.windows):
            knob.setMinimumWidth(_KNOB_WIDTH)  # their own wish is wider than the panel may be
        for knob in (self.tile, self.context):
            knob.setMinimumWidth(knob.sizeHint().width())  # it may show a word

    def reset(self) -> None:
        """Set everything to its default."""
        self.choose_input(RADIOMETRIES[0], 1, 1)
        self.choose(QualityOptions(), CorrelationOptions(), None, None)

    def choose_input(self, radiometry: str, reference_band: int, secondary_band: int) -> None:
        """Set how the images are read."""
        self.radiometry.setCurrentIndex(self.radiometry.findData(radiometry))
        self.reference_band.setValue(reference_band)
        self.secondary_band.setValue(secondary_band)

    def choose(
        self,
        quality: QualityOptions,
        correlation: CorrelationOptions,
        tile_px: int | None,
        context_px: int | None,
    ) -> None:
        """Set the rest; what has no knob is kept and given back by `options`."""
        self._quality, self._correlation = quality, correlation
        self.windows.setText(windows_text(correlation.windows_px))
        self.search.setValue(correlation.search_px)
        self.posting.setValue(correlation.posting_px)
        self.min_correlation.setValue(quality.min_correlation)
        self.max_sigma.setValue(quality.max_sigma_px)
        self.tile.setValue(tile_px or _AUTOMATIC)
        self.context.setValue(context_px or _AUTOMATIC)

    def input_options(self) -> dict[str, Any]:
        """Return how the images are read, as keywords of `PairOptions`."""
        return {
            "radiometry": self.radiometry.currentData(),
            "reference_band": self.reference_band.value(),
            "secondary_band": self.secondary_band.value(),
        }

    def options(self) -> dict[str, Any]:
        """Return the rest, as keywords of `MeasureOptions`.

        Raises
        ------
        OptionsError
            The window sizes are no numbers or do not fit each other.
        """
        return {
            "quality": replace(
                self._quality, min_correlation=self.min_correlation.value(), max_sigma_px=self.max_sigma.value()
            ),
            "correlation": replace(
                self._correlation,
                posting_px=self.posting.value(),
                windows_px=parse_windows(self.windows.text()),
                search_px=self.search.value(),
            ),
            "tile_px": self.tile.value() or None,
            "context_px": self.context.value() or None,
        }
