"""What the preflight found, in the user's words: the rows of its card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qgis.PyQt.QtCore import QObject

from deepot_qgis.engine import preflight
from deepot_qgis.engine.amplitude import EVIDENCE
from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.preflight import Preflight, Promise, Verdict
from deepot_qgis.engine.selftest.quick_estimate import QuickEstimate
from deepot_qgis.engine.selftest.result import SelfTestResult, length_text, width_text
from deepot_qgis.engine.shift import ResidualShift
from deepot_qgis.gui.pair.card import Row
from deepot_qgis.processing.present import present
from deepot_qgis.processing.spoken import spoken

#: Ways out that the tab knows, by name.
ALIGN, SWAP, SET_DATES, CHOOSE_KIND, MOVE = "align", "swap", "set_dates", "choose_kind", "move"

Calls = Mapping[str, Callable[[], None]]


@dataclass(frozen=True)
class Found:
    """All that is known of a pair so far; what is not known yet is None."""

    facts: Preflight
    promise: Promise | None = None
    tested: SelfTestResult | None = None
    problem: str = ""


class Wording(QObject):
    """Makes the rows of the card.

    Parameters
    ----------
    calls
        What a way out does, by its name.
    """

    def __init__(self, calls: Calls, parent: QObject | None = None):
        super().__init__(parent)
        self._calls = calls

    def rows(self, found: Found) -> list[Row]:
        """Return the rows, in the order in which the topics are looked at."""
        facts = found.facts
        rows = [self._grids(facts.grids)]
        if facts.dates is not None:
            rows.append(self._dates(facts.dates))
        if facts.amplitudes is not None:
            rows.append(self._amplitudes(facts.amplitudes))
        if facts.data is not None:
            rows.append(self._data(facts.data))
        if facts.problem is None:
            rows += [self._shift(found), self._smallest(found)]
        return rows

    def refusal(self, error: DeepotError) -> Row:
        """Return the one row of a pair that cannot even be looked at."""
        return Row(self.tr("Images"), spoken(str(error)), Verdict.STOP)

    # ---- topics

    def _grids(self, grids: preflight.Grids) -> Row:
        topic = self.tr("Grids")
        if grids.problem is not None:
            problem = spoken(str(grids.problem))
            if not grids.can_align:
                return Row(topic, problem, grids.verdict)
            tip = self.tr("Resample the secondary to the grid of the reference, as a file of its own")
            return Row(topic, problem, grids.verdict, self.tr("Make an aligned copy"), self._calls[ALIGN], tip)
        grid = present(grids.grid)
        size = self.tr("{width} × {height} pixels").format(width=grid.width, height=grid.height)
        if grids.metres is None:
            text = self.tr("one grid, {size}; not georeferenced: results are in pixels").format(size=size)
        elif abs(grids.stretch - 1) > 0.01:
            text = self.tr("one grid, {size} of {side}, {crs}; its map scale {scale:.3f} is taken out").format(
                size=size, side=length_text(grids.metres), crs=grid.crs_name(), scale=grids.stretch
            )
        else:
            text = self.tr("one grid, {size} of {side}, {crs}").format(
                size=size, side=length_text(grids.metres), crs=grid.crs_name()
            )
        return Row(topic, text, grids.verdict)

    def _dates(self, dates: preflight.Dates) -> Row:
        topic = self.tr("Dates")
        tip = self.tr("Put the cursor into the date that is missing or wrong")
        if dates.problem is not None:
            swap_tip = self.tr("Exchange reference and secondary, with their dates")
            ways = (self.tr("Swap the images"), self._calls[SWAP])
            return Row(topic, spoken(str(dates.problem)), dates.verdict, *ways, swap_tip)
        if dates.days:
            text = self.tr("{days:g} days, {first} to {second}").format(
                days=dates.days, first=dates.reference, second=dates.secondary
            )
            return Row(topic, text, dates.verdict)
        if dates.days is None:
            text = self.tr("a date is unknown: displacement, but no velocity")
        else:
            text = self.tr("both images have one date: displacement, but no velocity")
        return Row(topic, text, dates.verdict, self.tr("Set the dates"), self._calls[SET_DATES], tip)

    def _amplitudes(self, kinds: preflight.Amplitudes) -> Row:
        topic, first, second = self.tr("Values"), kinds.reference, kinds.secondary
        if first.kind == second.kind:
            why = self.tr(EVIDENCE[first.evidence]).format(value=first.value)
            text = self.tr("both are {kind} ({why})").format(kind=self._kind(first.kind), why=why)
            return Row(topic, text, kinds.verdict)
        text = self.tr("{first} and {second}; both become linear amplitude").format(
            first=self._kind(first.kind), second=self._kind(second.kind)
        )
        tip = self.tr("Open Advanced at the radiometry, where the kind of values can be chosen")
        return Row(topic, text, kinds.verdict, self.tr("Choose the kind"), self._calls[CHOOSE_KIND], tip)

    def _kind(self, kind: str) -> str:
        kinds = {
            "amplitude": self.tr("amplitude"),
            "intensity": self.tr("intensity"),
            "db": self.tr("decibels"),
            "complex": self.tr("complex (SLC)"),
        }
        return kinds[kind]

    def _data(self, data: preflight.Data) -> Row:
        topic = self.tr("No data")
        if data.coverage is None:
            return Row(topic, spoken(str(data.problem)), data.verdict)
        empty = 100 * (1 - data.coverage.common)
        if empty < 0.1:
            return Row(topic, self.tr("none is missing"), data.verdict)
        text = self.tr("{share:.0f} % of the grid has no data in one of the images").format(share=max(empty, 1))
        return Row(topic, text, data.verdict)

    def _shift(self, found: Found) -> Row:
        topic = self.tr("Residual shift")
        if found.promise is None:
            return self._waiting(topic, found)
        shift, verdict = found.promise.shift, found.promise.shift_verdict
        if shift.length is None:
            return Row(topic, self.tr("cannot be told: too little is alike in the two images"), verdict)
        amount = self._shift_amount(shift)
        if verdict is Verdict.GOOD:
            return Row(topic, amount, verdict)
        text = self.tr(
            "{amount}: everything seems to move by this, or does. Refer the result to stable ground to take it out."
        ).format(amount=amount)
        if shift.whole == (0, 0):
            return Row(topic, text, verdict)
        tip = self.tr(
            "Copy the secondary moved by whole pixels ({dx:+d} columns, {dy:+d} rows); nothing is resampled"
        ).format(dx=-shift.whole[0], dy=-shift.whole[1])
        return Row(topic, text, verdict, self.tr("Correct by whole pixels"), self._calls[MOVE], tip)

    def _shift_amount(self, shift: ResidualShift) -> str:
        length = present(shift.length)
        if length < 0.05:
            return self.tr("below 0.05 px")
        pixels = f"{length:.2f} px (x {shift.dx:+.2f}, y {shift.dy:+.2f})"
        return pixels if shift.metres is None else f"{pixels} = {length_text(length * shift.metres)}"

    def _smallest(self, found: Found) -> Row:
        topic = self.tr("Smallest motion")
        if found.tested is not None:
            return Row(topic, self.tested_text(found.tested), Verdict.GOOD)
        if found.promise is None:
            return self._waiting(topic, found)
        return Row(topic, self.estimate_text(found.promise.limit), found.promise.limit_verdict)

    def _waiting(self, topic: str, found: Found) -> Row:
        return Row(topic, found.problem or self.tr("estimating"), Verdict.LOOK if found.problem else None)

    # ---- the smallest motion, also said elsewhere

    def tested_text(self, result: SelfTestResult) -> str:
        """Return what the self-test found, for the middle size of body that shows."""
        shown = [detection for detection in result.best.detections if detection.limit_px is not None]
        label = result.best.label
        if not shown:
            return self.tr("Self-test ({label}): no motion of the tested bodies shows reliably.").format(label=label)
        found = min(shown, key=lambda detection: abs(detection.size_px - 60))
        return self.tr("Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair.").format(
            label=label, amount=result.amount(present(found.limit_px)), width=result.width(found.size_px)
        )

    def estimate_text(self, found: QuickEstimate) -> str:
        """Return the quick estimate in words."""
        if found.answered < preflight.MATCHED:
            return self.tr(
                "only {share:.0f} % of the sampled ground can be matched between the two images; hardly any motion "
                "will show"
            ).format(share=100 * found.answered)
        if found.limit_px is None:
            return self.tr("too few places to estimate it; the self-test may tell")
        return self.tr("{amount}, of a body {width} wide (quick estimate)").format(
            amount=_in_centimetres(found, found.limit_px), width=width_text(found.size_px, found.metres)
        )


def _in_centimetres(found: QuickEstimate, limit_px: float) -> str:
    """The smallest motion in pixels, cm and cm a day, one unit for every pair so that pairs can be compared."""
    text = f"{limit_px:.2g} px"
    if found.metres is not None:
        length = 100 * limit_px * found.metres
        text += f" = {_two_digits(length)} cm"
        if found.days:
            text += f" ({_two_digits(length / found.days)} cm/day)"
    return text


def _two_digits(value: float) -> str:
    """A positive number with two digits that count, never as a power of ten."""
    return f"{value:.2g}" if 1e-3 < value < 99 else f"{float(f'{value:.2g}'):.10g}"
