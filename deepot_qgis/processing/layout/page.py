"""What stands on the page: names of its items, and the texts that fill them. Any thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.__about__ import CITATION, VERSION
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.report import PairContent, facts, read_pair
from deepot_qgis.engine.report.backdrop import source
from deepot_qgis.engine.report.lineage import Lineage, lineage
from deepot_qgis.engine.styles.views import SIGNIFICANCE
from deepot_qgis.processing.layers.labels import layer_title, reason_title
from deepot_qgis.processing.layers.metadata import refined_text

#: Ids of the template's items.
MAP, GRID, LEGEND, SCALE, NORTH = "deepot_map", "deepot_grid", "deepot_legend", "deepot_scale", "deepot_north"
ARROW = "deepot_arrow"
#: Variables of the layout; the template's labels are expressions of them.
TITLE, SUBTITLE, CREDITS, ARROW_TEXT = "deepot_title", "deepot_subtitle", "deepot_credits", "deepot_arrow_text"
#: Whether the map has a scale; the template writes it as a number, which follows when the map is zoomed.
SCALED = "deepot_scaled"
NUMBERS_HEADING, NUMBER_NAMES, NUMBER_VALUES = "deepot_numbers", "deepot_number_names", "deepot_number_values"
REASONS_HEADING, REASON_NAMES, REASON_VALUES = "deepot_reasons", "deepot_reason_names", "deepot_reason_values"

#: Views that a grey lies over where the motion may be noise, which has no direction.
GREYED = ("direction",)
#: Reasons of masking that have a line of their own; the rest share one.
_MOST_REASONS = 5
_RAMPS = "Crameri (2018), doi:10.5281/zenodo.1243862"


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


@dataclass(frozen=True)
class Page:
    """A product as it is printed.

    Attributes
    ----------
    product
        Path.
    content
        The product as a report sees it.
    texts
        By name of the variable.
    backdrop
        Path and band of the radar image that is still where the record says; None where it is not.
    """

    product: str
    content: PairContent
    texts: dict[str, str]
    backdrop: tuple[str, int] | None


def read_page(product: str, view: str, title: str = "", cancelled: Callable[[], bool] | None = None) -> Page:
    """Read what a page about a product says.

    Parameters
    ----------
    product
        A displacement product (GeoTIFF).
    view
        Key of the view that the map shows.
    title
        Of the page; empty takes one of the two dates.

    Raises
    ------
    DeepotError
        It is no displacement product, or the work was cancelled.
    """
    content, origin = read_pair(product, cancelled), lineage(product)
    numbers, reasons = _numbers(content), _reasons(content)
    texts = {
        TITLE: title or _tr("Ground displacement {dates}").format(dates=content.title()),
        SUBTITLE: _subtitle(content, view),
        NUMBERS_HEADING: _tr("Numbers of the good pixels"),
        NUMBER_NAMES: "\n".join(name for name, _ in numbers),
        NUMBER_VALUES: "\n".join(value for _, value in numbers),
        REASONS_HEADING: _tr("Why the rest is masked") if reasons else "",
        REASON_NAMES: "\n".join(name for name, _ in reasons),
        REASON_VALUES: "\n".join(value for _, value in reasons),
        CREDITS: "\n".join(_credits(origin)),
        ARROW_TEXT: "",
        SCALED: "yes" if content.grid.georeferenced else "",
    }
    return Page(product, content, texts, source(content))


def _subtitle(content: PairContent, view: str) -> str:
    days = content.days
    parts = [
        layer_title(view, content.unit),
        layer_title(SIGNIFICANCE, "") if view in GREYED else "",
        _tr("{days:g} days apart").format(days=days) if days is not None else "",
        content.grid.crs_name() if content.grid.georeferenced else _tr("not georeferenced, everything is in pixels"),
    ]
    return "  ·  ".join(part for part in parts if part)


def _numbers(content: PairContent) -> list[tuple[str, str]]:
    """Names and values, one a line."""
    in_image, unit = content.unit == "px", content.unit
    magnitude, sigma = content.good("magnitude"), content.good("sigma")
    rows = [
        (_tr("First image (UTC)"), _moment(content.first)),
        (_tr("Second image (UTC)"), _moment(content.second)),
        (_tr("Median displacement"), facts.amount(_percentile(magnitude, 50), unit)),
        (_tr("95 % below"), facts.amount(_percentile(magnitude, 95), unit)),
        (_tr("Largest"), facts.amount(_percentile(magnitude, 100), unit)),
        (_tr("Uncertainty, 1 sigma"), f"± {facts.amount(_percentile(sigma, 50), unit)}"),
        (_tr("Median right") if in_image else _tr("Median east"), _median(content, "east")),
        (_tr("Median up") if in_image else _tr("Median north"), _median(content, "north")),
    ]
    if content.days and unit == "m":
        speed = _percentile(magnitude, 95)
        words = "–" if speed is None else _tr("{rate} per day").format(rate=facts.amount(speed / content.days, unit))
        rows.insert(4, (_tr("95 % slower than"), words))
    rows.append((_tr("Measured well"), f"{100 * _good_share(content):.0f} %"))
    return rows


def _reasons(content: PairContent) -> list[tuple[str, str]]:
    """The reasons of masking and their shares of the ground with data, most first."""
    covered = _covered(content)
    apart = (Reason.GOOD, Reason.NODATA, Reason.USER_MASK)
    counts = {reason: count for reason, count in content.counts.items() if count and reason not in apart}
    ordered = sorted(counts, key=lambda reason: -counts[reason])
    rows = [(reason_title(reason), _share(counts[reason], covered)) for reason in ordered[:_MOST_REASONS]]
    rest = sum(counts[reason] for reason in ordered[_MOST_REASONS:])
    return [*rows, (_tr("other reasons"), _share(rest, covered))] if rest else rows


def _credits(origin: Lineage) -> list[str]:
    lines = []
    if origin.images and origin.method:
        lines.append(
            _tr("Measured from {images} by {method}.").format(images=", ".join(origin.images), method=origin.method)
        )
    if origin.refined:
        lines[-1:] = [" ".join([*lines[-1:], refined_text()])]
    if origin.credits:
        lines.append(_tr("Images: {credit}").format(credit="  ·  ".join(origin.credits)))
    lines.append(_tr("Made with DeepOT for QGIS {version}. Colours: {ramps}.").format(version=VERSION, ramps=_RAMPS))
    lines.append(_tr("Method: {citation}").format(citation=CITATION))
    return lines


def _moment(text: str | None) -> str:
    return text.replace("T", " ").rstrip("Z") if text else _tr("unknown")


def _percentile(values: np.ndarray, percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values.size else None


def _median(content: PairContent, band: str) -> str:
    return facts.amount(_percentile(content.good(band), 50), content.unit)


def _covered(content: PairContent) -> int:
    return sum(content.counts.values()) - content.counts[Reason.NODATA] - content.counts[Reason.USER_MASK]


def _good_share(content: PairContent) -> float:
    covered = _covered(content)
    return content.counts[Reason.GOOD] / covered if covered else 0.0


def _share(count: int, covered: int) -> str:
    percent = 100 * count / covered if covered else 0.0
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %"
