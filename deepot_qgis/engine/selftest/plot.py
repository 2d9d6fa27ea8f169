"""The picture of a self-test as SVG: what moving bodies are read to have moved."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from .detection import Detection
from .result import SelfTestResult

#: Okabe and Ito's blue and vermilion: told apart by colour-blind readers; the marks differ in shape as well.
COLORS = ("#0072b2", "#d55e00")
_SIDE, _LEFT, _TOP, _GAP, _BOTTOM = 236, 52, 34, 44, 44
_INK, _FAINT = "#333333", "#d8d8d8"


class _Axis:
    """Logarithmic scale in pixels, the same for both axes."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = np.log10(low), np.log10(high)

    def __call__(self, value: float) -> float:
        """Place of a value, 0 at the low end and `_SIDE` at the high end."""
        share = (np.log10(max(value, 1e-9)) - self._low) / (self._high - self._low)
        return float(np.clip(share, 0, 1)) * _SIDE

    def ticks(self) -> list[float]:
        """Decades, and 2 and 5 between them where there is room."""
        steps = (1, 2, 5) if self._high - self._low < 2.5 else (1,)
        decades = range(int(np.floor(self._low)), int(np.ceil(self._high)) + 1)
        found = [step * 10.0**decade for decade in decades for step in steps]
        return [value for value in found if self._low - 1e-6 <= np.log10(value) <= self._high + 1e-6]


def picture(result: SelfTestResult) -> str:
    """One panel for each size of body; empty when no size was tested."""
    count = len(result.best.detections)
    if not count:
        return ""
    width = _LEFT + count * (_SIDE + _GAP)
    parts = [_panel(result, index, _LEFT + index * (_SIDE + _GAP)) for index in range(count)]
    height = _TOP + _SIDE + _BOTTOM
    title = "Motion read from bodies of ground, against the motion that was embedded"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="{title}" '
        f'style="max-width: {1.1 * width:.0f}px" font-family="sans-serif" font-size="11" fill="{_INK}">'
        f"{''.join(parts)}</svg>"
    )


def _panel(result: SelfTestResult, index: int, left: int) -> str:
    detections = [score.detections[index] for score in result.scores]
    axis = _range(detections)
    frame = f'<rect width="{_SIDE}" height="{_SIDE}" fill="none" stroke="{_INK}"/>'
    body = [_grid(axis), _line(0, 0, _SIDE, _SIDE, _INK, "1 3"), frame]
    for number, detection in reversed(list(enumerate(detections))):  # the first method is drawn on top
        body += [_marks(axis, detection, number), _thresholds(axis, detection, number)]
    title = escape(f"Body {result.width(detections[0].size_px)} wide")
    body.append(f'<text x="{_SIDE / 2}" y="-12" text-anchor="middle" font-weight="bold">{title}</text>')
    body.append(f'<text x="{_SIDE / 2}" y="{_SIDE + 34}" text-anchor="middle">embedded motion (px)</text>')
    if index == 0:
        body.append(f'<text transform="translate(-38 {_SIDE / 2}) rotate(-90)" text-anchor="middle">read (px)</text>')
    return f'<g transform="translate({left} {_TOP})">{"".join(body)}</g>'


def _range(detections: Sequence[Detection]) -> _Axis:
    motions = [motion for detection in detections for motion, _ in detection.readings] or [0.1, 1.0]
    levels = [detection.level_px for detection in detections if detection.level_px]
    low, high = min([*motions, *levels]) * 0.5, max([*motions, *levels]) * 1.3
    return _Axis(max(low, 1e-3), max(high, 10 * low))


def _grid(axis: _Axis) -> str:
    parts = []
    for value in axis.ticks():
        place = axis(value)
        parts += [_line(place, 0, place, _SIDE, _FAINT, ""), _line(0, place, _SIDE, place, _FAINT, "")]
        parts.append(f'<text x="{place:.1f}" y="{_SIDE + 16}" text-anchor="middle">{value:g}</text>')
        parts.append(f'<text x="-6" y="{_SIDE - place + 4:.1f}" text-anchor="end">{value:g}</text>')
    return "".join(parts)


def _line(x0: float, y0: float, x1: float, y1: float, color: str, dashes: str) -> str:
    """A line; y upwards."""
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x0:.1f}" y1="{_SIDE - y0:.1f}" x2="{x1:.1f}" y2="{_SIDE - y1:.1f}" stroke="{color}"{dash}/>'


def mark(x: float, y: float, number: int) -> str:
    """The mark of a method: the first a dot, the second an open square."""
    if number == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{COLORS[0]}" fill-opacity="0.75"/>'
    return f'<rect x="{x - 2.6:.1f}" y="{y - 2.6:.1f}" width="5.2" height="5.2" fill="none" stroke="{COLORS[1]}"/>'


def _marks(axis: _Axis, detection: Detection, number: int) -> str:
    return "".join(mark(axis(motion), _SIDE - axis(value), number) for motion, value in detection.readings)


def _thresholds(axis: _Axis, detection: Detection, number: int) -> str:
    """Decision level as a dashed line, detection limit as an arrow on the axis of motion."""
    color, parts = COLORS[number], []
    if detection.level_px:
        place = axis(detection.level_px)
        parts.append(_line(0, place, _SIDE, place, color, "5 3"))
    if detection.limit_px:
        x = axis(detection.limit_px)
        parts.append(_line(x, 0, x, _SIDE, color, ""))
        parts.append(f'<path d="M {x:.1f} 9 l -5 -9 h 10 z" fill="{color}" stroke="white" stroke-width="0.7"/>')
    return "".join(parts)
