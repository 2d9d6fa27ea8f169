"""A reading of a product in words."""

from __future__ import annotations

from html import escape

from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine.probe import Reading
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.report.facts import amount
from deepot_qgis.engine.report.scales import CLEAR_SIGMAS
from deepot_qgis.processing.layers.labels import reason_title
from deepot_qgis.processing.present import present


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


def direction_words(bearing: float, in_image: bool) -> str:
    """Return a bearing as one of eight directions: of the compass, or within an image that is nowhere on a map."""
    compass = (
        _tr("north"),
        _tr("north-east"),
        _tr("east"),
        _tr("south-east"),
        _tr("south"),
        _tr("south-west"),
        _tr("west"),
        _tr("north-west"),
    )
    sides = (
        _tr("up"),
        _tr("up and right"),
        _tr("right"),
        _tr("down and right"),
        _tr("down"),
        _tr("down and left"),
        _tr("left"),
        _tr("up and left"),
    )
    return (sides if in_image else compass)[round(bearing / 45.0) % 8]


def reading_html(reading: Reading) -> str:
    """Return what is known of a pixel as rich text of a few lines."""
    lines = [f"<b>{escape(_heading(reading))}</b>"]
    if reading.magnitude is not None:
        lines += _motion(reading)
    elif reading.reason in (None, Reason.GOOD):
        lines.append(_tr("Not measured here."))
    else:
        lines.append(_tr("Masked: <b>{reason}</b>").format(reason=escape(reason_title(reading.reason))))
        if reading.sigma is not None:
            lines.append(_tr("Uncertainty ± {sigma}").format(sigma=amount(reading.sigma, reading.unit)))
    if reading.correlation is not None:
        lines.append(_tr("Correlation {correlation:.2f}").format(correlation=reading.correlation))
    return "<br>".join(lines)


def _motion(reading: Reading) -> list[str]:
    in_image = reading.unit.startswith("px")
    magnitude, east, north = present(reading.magnitude), present(reading.east), present(reading.north)
    factor, unit = _scale(reading, magnitude)
    size = f"{factor * magnitude:.3g}"
    if reading.sigma is not None:
        size = f"{size} ± {factor * reading.sigma:.2g}"
    lines = [f"<b>{size} {unit}</b>"]
    if reading.direction is not None:
        towards = _tr("towards {direction} ({bearing:.0f}°)")
        words = direction_words(reading.direction, in_image)
        lines.append(towards.format(direction=words, bearing=reading.direction % 360.0))
    parts = _tr("right {east}, up {north}") if in_image else _tr("east {east}, north {north}")
    right, up = (f"{factor * value:.3g} {unit}".replace("-", "−", 1) for value in (east, north))
    lines.append(parts.format(east=right, north=up))
    if reading.days and reading.unit == "m":
        lines.append(_tr("{rate} per day").format(rate=amount(magnitude / reading.days, "m")))
    if reading.clear is False:
        lines.append(_tr("Below {count:g} sigma: this may be noise.").format(count=CLEAR_SIGMAS))
    return lines


def _scale(reading: Reading, magnitude: float) -> tuple[float, str]:
    """Return a factor and the unit that it leads to: one for all numbers of a reading, so that they can be compared."""
    if reading.unit.split("/")[0] == "m" and magnitude < 1:
        return 100.0, f"c{reading.unit}"
    return 1.0, reading.unit


def _heading(reading: Reading) -> str:
    if not (reading.first and reading.second):
        return reading.name
    days = _tr("{days:g} days").format(days=reading.days)
    return f"{reading.first[:10]} – {reading.second[:10]} ({days})"
