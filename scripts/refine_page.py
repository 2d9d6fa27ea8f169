"""Print the table of docs/refine.md: a misregistered copy of the sample pair, refined step by step.

    python -m scripts.refine_page
    python -m scripts.refine_page --picture docs/images/refine.png

The motion of the sample is known, so each step is scored by what is left of the error.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from osgeo import gdal

from deepot_qgis.engine import synthetic
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.quality import REASON_NAMES, Reason
from deepot_qgis.engine.rasters import Raster
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.engine.refine import Mask, RefineOptions, StableGround, measure_backward, refine
from deepot_qgis.engine.report.colors import DIVERGING, REASONS
from deepot_qgis.engine.resources import folder

#: By which the secondary is moved, pixels of 10 m: a co-registration that is off.
SHIFT_PX = (0.40, 0.25)
PIXEL_M = 10.0
BAY = (
    "POLYGON((581400 6260600, 582560 6260900, 582560 6259440, 580750 6259440, 580750 6259650, 581300 6260200, "
    "581400 6260600))"
)
WEST = "((580000 6259500, 580600 6259500, 580600 6260700, 580000 6260700, 580000 6259500))"
EAST = "((581400 6261000, 582400 6261000, 582400 6261500, 581400 6261500, 581400 6261000))"
HEAD = "| step | good pixels | median error east | median error north | median distance from truth | 95 % nearer than |"


def main() -> None:
    """Print the table, or draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", metavar="PNG")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        for line in lines(place):
            if not asked.picture:
                print(line)
        if asked.picture:
            draw(os.path.join(place, "measured.tif"), os.path.join(place, "shifted.tif"), asked.picture)


def lines(place: str) -> Iterator[str]:
    """Lines of the page: a table, and what the run says of stable ground."""
    sample = folder("resources") / "sample"
    reference = str(sample / "sample_20240101.tif")
    secondary = _misregistered(str(sample / "sample_20240113.tif"), os.path.join(place, "sample_20240113.tif"))
    truth = [_band(str(sample / "truth_offsets.tif"), number) for number in (1, 2)]
    measured = os.path.join(place, "measured.tif")
    measure(MeasureOptions(reference, secondary, measured, method="correlation"))
    backward = measure_backward(measured, os.path.join(place, "backward_offsets.tif"))
    yield HEAD
    yield "| --- |" + " --- |" * 5
    yield _row("as measured", measured, truth)
    options = RefineOptions(measured, os.path.join(place, "refined.tif"))
    stable: StableGround | None = None
    for title, asked in (
        ("sigma at most 0.3 px", {"max_sigma": 0.3}),
        ("and there and back within 0.3 px", {"backward": backward, "max_disagreement_px": 0.3}),
        ("and without the bay", {"masks": (Mask(area=BAY),)}),
        ("and stable ground west and east at zero", {"reference": _stable(f"MULTIPOLYGON({WEST},{EAST})")}),
        ("the same with a ramp", {"reference": _stable(f"MULTIPOLYGON({WEST},{EAST})", ramp=True)}),
        ("a ramp from the west alone: wrong", {"reference": _stable(f"POLYGON{WEST}", ramp=True)}),
    ):
        options = replace(options, **asked)
        result = refine(options)
        yield _row(title, result.product, truth)
        if options.reference.kind == "area" and stable is None:
            stable = result.survivors.stable
            os.replace(result.product, os.path.join(place, "shifted.tif"))
    assert stable is not None
    yield from ("", *(f"    {line}" for line in stable.sentences()))


def draw(measured: str, refined: str, path: str) -> None:
    """East before and after, and the reasons of masking."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.colors import LinearSegmentedColormap, ListedColormap
    from matplotlib.patches import Patch

    figure, axes = pyplot.subplots(1, 3, figsize=(11, 4.2), constrained_layout=True)
    ramp = LinearSegmentedColormap.from_list("vik", DIVERGING)
    ramp.set_bad("#d9d9d9")
    for axis, product, title in zip(axes, (measured, refined), ("East, as measured", "East, refined")):
        picture = axis.imshow(_band(product, 1), cmap=ramp, vmin=-8, vmax=8, interpolation="nearest")
        axis.set_title(title, fontsize=11)
    figure.colorbar(picture, ax=axes[:2], label="m", shrink=0.85, extend="both", pad=0.01)
    codes = _band(refined, 7)
    colours = ["#ffffff", *(REASONS[reason] for reason in list(Reason)[1:])]
    axes[2].imshow(codes, cmap=ListedColormap(colours), vmin=-0.5, vmax=len(colours) - 0.5, interpolation="nearest")
    axes[2].set_title("Why masked", fontsize=11)
    seen = [reason for reason in Reason if (codes == reason).mean() > 0.005]
    patches = [
        Patch(facecolor=colours[reason], edgecolor="#888888", label=f"{REASON_NAMES[reason]} {share:.0f} %")
        for reason in seen
        for share in [100 * float((codes == reason).mean())]
    ]
    axes[2].legend(handles=patches, loc="upper center", bbox_to_anchor=(0.5, -0.02), ncol=2, fontsize=8, frameon=False)
    for axis in axes:
        axis.set_xticks([])
        axis.set_yticks([])
    figure.savefig(path, dpi=100)


def _band(product: str, number: int) -> np.ndarray:
    return Raster(product, number).read(0, 0, 256, 256)[0]


def _stable(area: str, ramp: bool = False) -> ReferenceOptions:
    return ReferenceOptions("area", area, ramp)


def _misregistered(path: str, copy: str) -> str:
    raster = Raster(path)
    amplitude = raster.read(0, 0, raster.grid.width, raster.grid.height)[0].astype(np.float32)
    target = gdal.GetDriverByName("GTiff").Create(copy, raster.grid.width, raster.grid.height, 1, gdal.GDT_Float32)
    target.SetGeoTransform(raster.grid.geotransform)
    target.SetProjection(raster.grid.crs_wkt)
    target.SetMetadata({key: value for key, value in raster.metadata().items() if not key.startswith("STATISTICS")})
    moved = synthetic.move(amplitude, synthetic.constant(amplitude.shape, *SHIFT_PX))
    target.GetRasterBand(1).WriteArray(np.maximum(moved, 1e-3).astype(np.float32))
    target.FlushCache()
    return copy


def _row(title: str, product: str, truth: list[np.ndarray]) -> str:
    east, north, mask = (_band(product, number) for number in (1, 2, 7))
    good = mask == 0
    off = (east - PIXEL_M * truth[0])[good], (north + PIXEL_M * truth[1])[good]
    distance = np.hypot(*off)
    numbers = (*(np.median(one) for one in off), np.median(distance), np.percentile(distance, 95))
    return f"| {title} | {100 * good.mean():.0f} % |" + "".join(f" {number:.2f} m |" for number in numbers)


if __name__ == "__main__":
    main()
