"""Which speed shows in which product: the table of docs/data.md, from the numbers of the self-test.

    make case-speeds

The self-test embeds known motion in the image that ships with the plugin, measures it, and says from which motion on a
body shows (docs/selftest.md). In pixels that holds for any sensor whose speckle is as coherent; spacing and interval
of a product turn it into a speed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from cases import command, files, imagery, measuring, page, plots
from deepot_qgis.engine import selftest
from deepot_qgis.engine.correlation import CorrelationOptions
from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.rasters import UNREFERENCED, Grid
from scripts import sample

NAME = "speeds"
COHERENCES = (0.7, 0.4)
SIZES_PX = (60.0, 120.0)
#: The sample is continued by its mirror image to this side, which holds enough bodies.
SIDE_PX, WINDOW_PX = 640, 320
LOOKS = 4
_BEGIN, _END = "<!-- speeds: begin, written by `make case-speeds` -->", "<!-- speeds: end -->"


@dataclass(frozen=True)
class Product:
    """A product as one orders it.

    Attributes
    ----------
    name : str
    spacing_m : float
        Side of a pixel on the ground.
    days : float
        Interval of a pair.
    """

    name: str
    spacing_m: float
    days: float


PRODUCTS = (
    Product("Sentinel-1 GRD, or RTC at 10 m", 10.0, 12),
    Product("Sentinel-1 GRD, or RTC at 10 m", 10.0, 48),
    Product("Sentinel-1 RTC at 30 m", 30.0, 12),
    Product("ALOS-2 stripmap 3 m (L1.5)", 2.5, 14),
    Product("ALOS-2 stripmap 3 m (L1.5)", 2.5, 70),
    Product("TerraSAR-X stripmap, geocoded to 3 m", 3.0, 11),
    Product("TerraSAR-X spotlight, geocoded to 1 m", 1.0, 11),
    Product("RADARSAT-2 ultrafine, 2 m", 2.0, 24),
    Product("UAVSAR, SLC geocoded to 2 m", 2.0, 168),
    Product("UAVSAR, ground-range product, 6 m", 6.0, 168),
)


@dataclass(frozen=True)
class Limits:
    """What one method needs on the sample.

    Attributes
    ----------
    method : str
    coherence : float
    size_px : float
    limit_px : float or None
        A body shows from this motion on; None where no tested motion showed.
    loss_px : float or None
        It is lost beyond; None where the largest tested still shows.
    largest_px : float
        Largest motion tested.
    """

    method: str
    coherence: float
    size_px: float
    limit_px: float | None
    loss_px: float | None
    largest_px: float


def image(folder: Path, side: int) -> Path:
    """The sample as a larger image."""
    whole = sample.read(sample.IMAGE)
    index = [imagery.there_and_back(length, side) for length in whole.shape]
    path = folder / "sample_continued.tif"
    grid = files.metres(Grid(side, side, UNREFERENCED, "", False), 1.0)
    files.write_image(path, whole[np.ix_(*index)], grid, datetime(2024, 1, 1, tzinfo=timezone.utc), sample.CREDIT)
    return path


def measure(path: Path, coherences: tuple[float, ...], sizes: tuple[float, ...], windows: int) -> list[Limits]:
    """Run the self-test at each coherence."""
    network = measuring.network() is not None
    found = []
    for coherence in coherences:
        result = selftest.selftest(
            selftest.SelfTestOptions(
                str(path),
                method="model" if network else "correlation",
                coherence=coherence,
                looks=LOOKS,
                sizes_px=sizes,
                windows=windows,
                window_px=WINDOW_PX,
            )
        )
        for method, score in zip(("model", "correlation") if network else ("correlation",), result.scores):
            found += [
                Limits(method, coherence, one.size_px, one.limit_px, one.loss_px, one.largest_px)
                for one in score.detections
            ]
        print(f"  coherence {coherence:g}: {result.effort}, {result.seconds:.0f} s")
    return found


def run(quick: bool, folder: Path, docs: Path | None) -> dict:
    """Measure and write the tables into docs/data.md; returns the numbers."""
    path = image(folder, WINDOW_PX if quick else SIDE_PX)
    limits = measure(
        path, COHERENCES[:1] if quick else COHERENCES, SIZES_PX[:1] if quick else SIZES_PX, 1 if quick else 4
    )
    tables = [_limits(limits), _speeds(limits)]
    for header, rows in tables:
        print(page.plain(header, rows))
    if not quick or docs:
        target = (docs or page.DOCS) / "data.md"
        insert(
            target, [page.prose(_words()), page.table(*tables[0]), page.prose(_more(limits)), page.table(*tables[1])]
        )
        print(f"Written into {target}")
    return {"limits": [vars(one) for one in limits]}


def insert(path: Path, parts: list[str]) -> None:
    """Put paragraphs between the two marks of a page; the rest of it stays.

    Raises
    ------
    InputError
        The page is not there or has no marks.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if text.count(_BEGIN) != 1 or text.count(_END) != 1 or text.index(_BEGIN) > text.index(_END):
        raise InputError(
            f"{path} does not hold the marks '{_BEGIN}' and '{_END}' once each; put them where the tables go."
        )
    before, after = text[: text.index(_BEGIN)], text[text.index(_END) :]
    path.write_text(before + "\n\n".join([_BEGIN, *parts, ""]) + after, encoding="utf-8")


def _words() -> str:
    return f"""In pixels, by the self-test on the Sentinel-1 image that ships with the plugin, continued by its mirror
        image, with simulated dates of {LOOKS} looks: a body of that width shows from the first number on (seen in 95 %
        of cases, 5 % false alarms), and is lost beyond the second. A plus says that the largest motion tested was still
        seen."""


def _limits(limits: list[Limits]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    columns = sorted({(one.size_px, one.method) for one in limits}, key=lambda pair: (pair[0], pair[1] != "model"))
    header = ("coherence", *(f"{size:g} px wide, {plots.NAMES[method]}" for size, method in columns))
    rows = []
    for coherence in sorted({one.coherence for one in limits}, reverse=True):
        by = {(one.size_px, one.method): one for one in limits if one.coherence == coherence}
        rows.append((f"{coherence:g}", *(_range(by.get(column)) for column in columns)))
    return header, rows


def _range(one: Limits | None) -> str:
    if one is None or one.limit_px is None:
        return "not seen"
    end = f"{one.largest_px:.2g}+" if one.loss_px is None else f"{one.loss_px:.2g}"
    return f"{one.limit_px:.2g} to {end} px"


def _chosen(limits: list[Limits]) -> tuple[Limits, Limits | None]:
    """What the table of speeds is made of: the smallest body at high and low coherence, by the network if there."""
    method = "model" if any(one.method == "model" for one in limits) else "correlation"
    smallest = min(one.size_px for one in limits)
    mine = [one for one in limits if one.method == method and one.size_px == smallest]
    mine.sort(key=lambda one: -one.coherence)
    return mine[0], mine[-1] if len(mine) > 1 else None


def _reach_px() -> float:
    """Largest offset that the network, or else conventional tracking, can see."""
    card = measuring.network()
    return float(card.metadata["max_offset_px"]) if card else float(CorrelationOptions().search_px)


def _more(limits: list[Limits]) -> str:
    high, low = _chosen(limits)
    also = f", in brackets at {low.coherence:g}" if low else ""
    return f"""The same as speeds of a body {high.size_px:g} px wide, {plots.NAMES[high.method]}, coherence
        {high.coherence:g}{also}. The slowest is the mean speed over one pair from which the body shows; a series of
        pairs sees somewhat less, and what is to be *measured* and not only seen should move several times as far. The
        fastest moves {_reach_px():g} px, the range of the method; narrow bodies are lost before."""


def _speeds(limits: list[Limits]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    high, low = _chosen(limits)
    header = ("product", "pixel", "interval", "width of the body", "slowest", "fastest")
    rows = []
    for product in PRODUCTS:
        slowest = _speed(high.limit_px, product)
        if low is not None:
            slowest += f" ({_speed(low.limit_px, product)})"
        rows.append(
            (
                product.name,
                f"{product.spacing_m:g} m",
                f"{product.days:g} days",
                f"{high.size_px * product.spacing_m:g} m",
                slowest,
                _speed(_reach_px(), product),
            )
        )
    return header, rows


def _speed(pixels: float | None, product: Product) -> str:
    if pixels is None:
        return "-"
    speed = 1000 * pixels * product.spacing_m / product.days
    return f"{speed / 1000:.2g} m/day" if speed >= 1000 else f"{float(f'{speed:.2g}'):g} mm/day"


if __name__ == "__main__":
    sys.exit(command.main(NAME, run, __doc__))
