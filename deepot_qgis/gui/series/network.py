"""Section 4: which pairs of dates are measured, drawn while they are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QGroupBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from deepot_qgis.engine import network
from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.timeseries.plots import network_figure
from deepot_qgis.gui.plots.canvas import figure_canvas
from deepot_qgis.gui.sections.rows import form, hint, narrow
from deepot_qgis.gui.settings import remember
from deepot_qgis.processing.spoken import spoken, words_of_user

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SEQUENTIAL, ALL, INTERVAL, COHERENCE = network.KINDS
_SETTLE_MS = 150
_HEIGHT = 150
_MOST_DRAWN = 1500  # arcs that are drawn in an instant; more of them would be one dark patch
_FONT = 7.5


class NetworkSection(QGroupBox):
    """Kind of network, its knobs, and a picture of it.

    Signals
    -------
    drawn
        The picture fits what is chosen now.
    """

    drawn = pyqtSignal()

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Pairs"))
        self.kind = narrow(QComboBox())
        self.neighbours = QSpinBox()
        self.min_days, self.max_days, self.decorrelation, self.min_coherence = (QDoubleSpinBox() for _ in range(4))
        self.picture = QWidget()
        self.summary = hint()
        self._dates: tuple[datetime, ...] = ()
        self._fill()
        self._explain()
        self._lay_out()
        for widget, key in (
            (self.kind, "network_kind"),
            (self.neighbours, "network_neighbours"),
            (self.min_days, "network_min_days"),
            (self.max_days, "network_max_days"),
            (self.decorrelation, "network_decorrelation_days"),
            (self.min_coherence, "network_min_coherence"),
        ):
            remember(widget, key)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.draw)
        self.kind.currentIndexChanged.connect(self._chosen)
        for knob in self._knobs():
            knob.valueChanged.connect(lambda _: self._settle.start())
        self._chosen()

    def _knobs(self) -> tuple[QSpinBox | QDoubleSpinBox, ...]:
        return self.neighbours, self.min_days, self.max_days, self.decorrelation, self.min_coherence

    def _fill(self) -> None:
        defaults = NetworkOptions()
        self.kind.addItem(self.tr("Each date with the next ones"), SEQUENTIAL)
        self.kind.addItem(self.tr("All pairs"), ALL)
        self.kind.addItem(self.tr("By interval"), INTERVAL)
        self.kind.addItem(self.tr("By expected coherence"), COHERENCE)
        self.neighbours.setRange(1, 100)
        self.neighbours.setValue(defaults.neighbours)
        for knob, text in ((self.min_days, self.tr("no limit")), (self.max_days, self.tr("no limit"))):
            knob.setRange(0.0, 20_000.0)
            knob.setDecimals(0)
            knob.setSpecialValueText(text)
            knob.setSuffix(self.tr(" days"))
        self.decorrelation.setRange(1.0, 20_000.0)
        self.decorrelation.setDecimals(0)
        self.decorrelation.setSuffix(self.tr(" days"))
        self.decorrelation.setValue(defaults.decorrelation_days)
        self.min_coherence.setRange(0.01, 1.0)
        self.min_coherence.setSingleStep(0.05)
        self.min_coherence.setValue(defaults.min_coherence)

    def _explain(self) -> None:
        self.kind.setToolTip(
            self.tr(
                "Which dates are paired. Short pairs correlate better, long ones show slow motion; pairs that close "
                "loops check each other."
            )
        )
        self.neighbours.setToolTip(self.tr("How many following dates each date is paired with"))
        self.min_days.setToolTip(self.tr("Shortest interval of a pair, days"))
        self.max_days.setToolTip(self.tr("Longest interval of a pair, days"))
        self.decorrelation.setToolTip(
            self.tr(
                "Days after which the coherence of the ground has fallen to 1/e: weeks in X-band or over crops, half a "
                "year and more in L-band or over rock"
            )
        )
        self.min_coherence.setToolTip(self.tr("Pairs of which less coherence is expected are left out (0 to 1)"))

    def _lay_out(self) -> None:
        layout = form(self)
        layout.addRow(self.tr("Network"), self.kind)
        self._rows: dict[QWidget, QLabel] = {}
        for knob, text in (
            (self.neighbours, self.tr("Neighbours")),
            (self.min_days, self.tr("At least")),
            (self.max_days, self.tr("At most")),
            (self.decorrelation, self.tr("Decorrelation")),
            (self.min_coherence, self.tr("Min. coherence")),
        ):
            label = QLabel(text)
            knob.setMinimumWidth(70)
            layout.addRow(label, knob)
            self._rows[knob] = label
        holder = QWidget()
        holder.setFixedHeight(_HEIGHT)
        self._place = QVBoxLayout(holder)
        self._place.setContentsMargins(0, 0, 0, 0)
        self._place.addWidget(self.picture)
        self._holder = holder
        layout.addRow(holder)
        layout.addRow(self.summary)

    # ---- state

    def options(self) -> NetworkOptions:
        """Return the network that is chosen.

        Raises
        ------
        OptionsError
            The shortest interval is longer than the longest, or neither is given where one is needed.
        """
        kind = self.kind.currentData()
        limited = kind != SEQUENTIAL
        return NetworkOptions(
            kind=kind,
            neighbours=self.neighbours.value(),
            min_days=self.min_days.value() if limited and self.min_days.value() else None,
            max_days=self.max_days.value() if limited and self.max_days.value() else None,
            decorrelation_days=self.decorrelation.value(),
            min_coherence=self.min_coherence.value(),
        )

    def set_dates(self, dates: Sequence[datetime]) -> None:
        """Draw the network of these dates, soon."""
        self._dates = tuple(sorted(dates))
        self._settle.start()

    def draw(self) -> None:
        """Draw the network that is chosen, and say what it is."""
        figure = None
        if len(self._dates) < 2:
            self.summary.setText(self.tr("The network is drawn once there are two dates."))
        else:
            figure = self._drawn()
        fresh = QWidget() if figure is None else figure_canvas(figure)
        fresh.setToolTip(self.tr("Each arc is a pair; dates of one colour are linked"))
        self._place.replaceWidget(self.picture, fresh)
        self.picture.deleteLater()
        self.picture = fresh
        self._holder.setVisible(figure is not None)
        self.drawn.emit()

    def shut_down(self) -> None:
        """Draw no more."""
        self._settle.stop()

    def _drawn(self) -> Figure | None:
        try:
            pairs = network.pairs(self._dates, self.options())
        except DeepotError as error:
            self.summary.setText(f"⚠ {spoken(str(error))}")
            return None
        split = network.split_sentence(self._dates, pairs)
        counts = self.tr("{dates} dates, {pairs} pairs.").format(dates=len(self._dates), pairs=len(pairs))
        self.summary.setText(f"{counts} ⚠ {spoken(split)}" if split else counts)
        if len(pairs) > _MOST_DRAWN:
            return None
        figure = words_of_user().figure(network_figure(self._dates, pairs, title=" ", size=(3.2, 1.5)))
        axes = figure.axes[0]
        if axes.get_legend() is not None:
            axes.get_legend().remove()
        axes.set_title("")
        axes.set_ylabel(self.tr("Interval (days)"), fontsize=_FONT)
        axes.tick_params(labelsize=_FONT)
        axes.xaxis.get_offset_text().set_fontsize(_FONT)
        return figure

    def _chosen(self, *_: object) -> None:
        kind = self.kind.currentData()
        shown = {
            self.neighbours: kind == SEQUENTIAL,
            self.min_days: kind != SEQUENTIAL,
            self.max_days: kind != SEQUENTIAL,
            self.decorrelation: kind == COHERENCE,
            self.min_coherence: kind == COHERENCE,
        }
        for knob, visible in shown.items():
            knob.setVisible(visible)
            self._rows[knob].setVisible(visible)
        self._settle.start()
