"""Writing a report, and a map."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from io import BytesIO
from typing import TYPE_CHECKING

from ..callbacks import Cancelled, Progress
from ..errors import CancelledError, OptionsError, OutputError
from ..files import refuse_inputs, whole_file
from ..words import ENGLISH, Words
from .backdrop import backdrop
from .content import read_pair
from .facts import limits
from .maps import VIEWS, map_figure
from .page import page
from .plots import plots_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI, _MAP_DPI = 110, 200
#: Inches: the first map of a report, the others, and a map of its own.
_LARGE, _SMALL, _MAP = 7.6, 5.6, 8.0
_PICTURES = (".png", ".svg", ".pdf")


@dataclass(frozen=True)
class ReportOptions:
    """A report of one product.

    Attributes
    ----------
    product : str
        A displacement product (GeoTIFF).
    path : str
        Ends in ``.html``.
    """

    product: str
    path: str

    def __post_init__(self) -> None:
        if not self.path.lower().endswith((".html", ".htm")):
            raise OptionsError(f"{os.path.basename(self.path)} must end in .html, by which browsers know a page.")


@dataclass(frozen=True)
class MapOptions:
    """A map of one band as a picture.

    Attributes
    ----------
    product : str
        A displacement product (GeoTIFF).
    path : str
        Ends in ``.png``, ``.svg`` or ``.pdf``.
    band : str
        One of `maps.VIEWS`.
    """

    product: str
    path: str
    band: str = "magnitude"

    def __post_init__(self) -> None:
        if not self.path.lower().endswith(_PICTURES):
            raise OptionsError(f"{os.path.basename(self.path)} must end in {', '.join(_PICTURES[:-1])} or .pdf.")
        if self.band not in VIEWS:
            raise OptionsError(f"There is no band {self.band}; choose one of {', '.join(VIEWS)}.")


def write_report(
    options: ReportOptions,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    words: Words = ENGLISH,
) -> str:
    """Write the report, in these words; returns the path.

    Raises
    ------
    DeepotError
        No such product, no room, no matplotlib; nothing is left under a final name.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    _require_matplotlib()
    refuse_inputs(options.path, (options.product,))
    progress(0.0, "Reading the product")
    content = read_pair(options.product, cancelled)
    under = backdrop(content)
    pictures = {}
    for number, band in enumerate(VIEWS):
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        progress(0.2 + 0.7 * number / len(VIEWS), "Drawing the maps")
        shown = under if band in ("magnitude", "mask") else None
        figure = map_figure(content, band, shown, _LARGE if band == "magnitude" else _SMALL)
        pictures[band] = _bytes(words.figure(figure), "png", _DPI)
    progress(0.9, "Drawing the plots")
    plots = _bytes(words.figure(plots_figure(content, limits(content))), "svg", _DPI)
    with whole_file(options.path) as path, open(path, "w", encoding="utf-8") as file:
        file.write(words.page(page(content, pictures, plots)))
    progress(1.0, "Done")
    return options.path


def write_map(
    options: MapOptions,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    words: Words = ENGLISH,
) -> str:
    """Write the map, in these words; returns the path.

    Raises
    ------
    DeepotError
        No such product, no room, no matplotlib; nothing is left under a final name.
    """
    progress = progress or (lambda share, what: None)
    _require_matplotlib()
    refuse_inputs(options.path, (options.product,))
    progress(0.0, "Reading the product")
    content = read_pair(options.product, cancelled)
    progress(0.5, "Drawing the map")
    under = backdrop(content) if options.band in ("magnitude", "mask") else None
    figure = map_figure(content, options.band, under, _MAP, heading=content.title())
    with whole_file(options.path) as path, open(path, "wb") as file:
        kind = os.path.splitext(options.path)[1][1:].lower()
        file.write(_bytes(words.figure(figure), kind, _MAP_DPI))
    progress(1.0, "Done")
    return options.path


def _bytes(figure: Figure, kind: str, dpi: int) -> bytes:
    target = BytesIO()
    metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
    figure.savefig(target, format=kind, dpi=dpi, facecolor="white", metadata=metadata)
    return target.getvalue()


def _require_matplotlib() -> None:
    if find_spec("matplotlib") is None:
        raise OutputError(
            "Maps and plots cannot be drawn, because the Python package matplotlib is not installed; QGIS brings it "
            "along on Windows and macOS, on Linux install python3-matplotlib."
        )
