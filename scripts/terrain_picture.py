"""Draw docs/images/terrain.png: layover, shadow and motion along the slope, on mountains made by random numbers.

    .venv/bin/python -m scripts.terrain_picture

What is drawn on the mountains is what the engine writes for them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from osgeo import gdal, osr
from scipy import ndimage

from deepot_qgis.engine.output import Band, GeoTiffWriter
from deepot_qgis.engine.product import bands
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.rasters import Grid
from deepot_qgis.engine.report.colors import DIVERGING
from deepot_qgis.engine.terrain import CLASSES, DownslopeOptions, LayoverOptions, map_layover, project_downslope

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURE = REPOSITORY / "docs" / "images" / "terrain.png"

_PIXEL_M, _LEFT, _TOP, _SIZE = 10.0, 0.0, 3800.0, (380, 560)  # m, m, m, pixels
_RELIEF_M, _INCIDENCE = 680.0, 38.0
_MOVED_M, _SIGMA_M = 10.0, 0.35
_SLIDE = (2450.0, 2450.0, 480.0, 440.0)  # middle and half lengths, m
_PROFILE_Y = 1240.0
_VIEW = (1620.0, 3280.0, 1880.0, 3006.0)  # what the map of motion shows: left, right, bottom, top
_ARROW_STEP, _ARROW_STRETCH = 8, 9  # pixels; metres on the map for a metre
_INK, _SOFT = "#1d2a33", "#5a6b76"


def grid() -> Grid:
    """The grid of the picture, a map whose east is the look direction."""
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32633)
    origin = (500_000.0 + _LEFT, _PIXEL_M, 0.0, 7_000_000.0 + _TOP, 0.0, -_PIXEL_M)
    return Grid(_SIZE[1], _SIZE[0], origin, crs.ExportToWkt(), True)


def relief() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places east and north, and heights, metres: ridges where random waves cross zero."""
    x = _LEFT + _PIXEL_M * (np.arange(_SIZE[1]) + 0.5)
    y = _TOP - _PIXEL_M * (np.arange(_SIZE[0]) + 0.5)
    east, north = np.meshgrid(x, y)
    random = np.random.default_rng(11)
    side = 1024
    waves = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
    waves[0, 0] = np.inf
    field = np.fft.irfft2(np.fft.rfft2(random.standard_normal((side, side))) / (waves**3.0 + 0.006**3.0))
    fine = np.fft.irfft2(np.fft.rfft2(random.standard_normal((side, side))) / waves**2.1)
    place = np.s_[300 : 300 + _SIZE[0], 200 : 200 + _SIZE[1]]
    ridges = 1 - np.minimum(np.abs(field / field.std()), 1.9)[place] / 1.9
    heights = _RELIEF_M * ndimage.gaussian_filter(ridges, 2) ** 1.1 + 26 * (fine / fine.std())[place]
    # a flank that bends from south-east to east, for the slide
    near = np.exp(-(((east - _SLIDE[0]) / 1.9 / _SLIDE[2]) ** 4) - ((north - _SLIDE[1]) / 1.9 / _SLIDE[3]) ** 4)
    flank = 620 - 0.40 * (east - _SLIDE[0]) + 0.30 * (north - _SLIDE[1]) + 2.6e-4 * (north - _SLIDE[1]) ** 2
    heights = (1 - near) * heights + near * (flank + 0.35 * (heights - heights.mean()))
    return east, north, (heights - heights.min() + 300).astype(np.float32)


def slide(east: np.ndarray, north: np.ndarray) -> np.ndarray:
    """How much of the motion each place has, 0..1."""
    distance = np.hypot((east - _SLIDE[0]) / _SLIDE[2], (north - _SLIDE[1]) / _SLIDE[3])
    return ndimage.gaussian_filter(np.clip(1.25 - 0.6 * distance, 0, 1) * (distance < 1), 2)


def make(folder: Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Classes of visibility, and bands of the motion along the slope, as the engine writes them."""
    where, (x, y, heights) = grid(), relief()
    dem, product = str(folder / "dem.tif"), str(folder / "moved.tif")
    _write(dem, where, (Band("height", "m"),), heights[None])
    hidden = map_layover(LayoverOptions(dem, str(folder / "hidden.tif"), heading=0.0, incidence=_INCIDENCE))
    codes = gdal.Open(hidden.path).ReadAsArray()
    random = np.random.default_rng(2)
    noise = [ndimage.gaussian_filter(random.standard_normal(_SIZE), 6) for _ in range(2)]
    down, right = np.gradient(ndimage.gaussian_filter(heights, 8), _PIXEL_M)
    turned = np.arctan2(down, -right) + np.radians(28) * (y - _SLIDE[1]) / _SLIDE[3]  # aside of the fall
    east, north = (
        _MOVED_M * slide(x, y) * part + _SIGMA_M * field / field.std()
        for part, field in zip((np.cos(turned), np.sin(turned)), noise)
    )
    mask = np.where(codes > 0, np.float32(Reason.LAYOVER_SHADOW), np.float32(Reason.GOOD))
    planes = np.stack([east, north, np.hypot(east, north), 0 * east, 0 * east + _SIGMA_M, 0 * east + 0.8, mask]).astype(
        np.float32
    )
    planes[:4, mask > 0] = np.nan
    _write(product, where, bands("m"), planes)
    along_slope = gdal.Open(project_downslope(DownslopeOptions(product, dem)).path)
    read = {
        along_slope.GetRasterBand(number).GetDescription(): along_slope.GetRasterBand(number).ReadAsArray()
        for number in range(1, along_slope.RasterCount + 1)
    }
    return codes, {**read, "east": planes[0], "north": planes[1]}


def _write(path: str, where: Grid, of: tuple[Band, ...], planes: np.ndarray) -> None:
    writer = GeoTiffWriter(path, where, of)
    writer.write(planes.astype(np.float32))
    writer.finish({}, lambda: False)


def shade(heights: np.ndarray) -> np.ndarray:
    """Hillshade with light from the north-west, 0..1."""
    down, right = np.gradient(heights, _PIXEL_M)
    light = np.array([-1, -1, 1.2]) / np.linalg.norm([1, 1, 1.2])  # right, down, up: where it comes from
    steep = np.sqrt(1 + right**2 + down**2)
    return np.clip((-right * light[0] - down * light[1] + light[2]) / steep, 0, 1)


def draw(path: Path = PICTURE) -> None:
    """Draw the picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    gdal.UseExceptions()
    with tempfile.TemporaryDirectory() as folder:
        codes, moved = make(Path(folder))
    heights = relief()[2]
    figure = pyplot.figure(figsize=(12, 7), dpi=100)
    places = figure.add_gridspec(2, 3, height_ratios=(3.6, 2.0), width_ratios=(1, 1, 0.03), left=0.055, right=0.945,
                                 top=0.955, bottom=0.06, wspace=0.16, hspace=0.2)  # fmt: skip
    left, right = (figure.add_subplot(places[0, number]) for number in range(2))
    for axes in (left, right):
        axes.imshow(shade(heights), cmap="gray", vmin=-0.55, vmax=1.1, extent=_extent(), interpolation="bilinear")
        axes.set_xlabel("east, m", fontsize=9, color=_SOFT)
        axes.tick_params(labelsize=8, colors=_SOFT)
    left.set_ylabel("north, m", fontsize=9, color=_SOFT)
    _visibility(left, codes)
    _motion(figure, right, figure.add_subplot(places[0, 2]), moved)
    _profile(figure.add_subplot(places[1, :2]), codes, heights)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)
    _lighten(path)


def _extent() -> tuple[float, float, float, float]:
    return _LEFT, _LEFT + _PIXEL_M * _SIZE[1], _TOP - _PIXEL_M * _SIZE[0], _TOP


def _color(value: int) -> str:
    red, green, blue, _ = next(one.color for one in CLASSES if one.value == value)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _white() -> dict[str, object]:
    """White letters that can be read on snow."""
    from matplotlib import patheffects

    return {"color": "white", "path_effects": [patheffects.withStroke(linewidth=2.4, foreground=_INK)]}


def _visibility(axes, codes: np.ndarray) -> None:
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch, Rectangle

    axes.set_title("What the radar sees", fontsize=12, color=_INK, loc="left", weight="bold")
    shown = np.ma.masked_where((codes == 0) | (codes == 255), codes)
    axes.imshow(shown, cmap=ListedColormap([_color(n) for n in (1, 2, 3)]), vmin=0.5, vmax=3.5, alpha=0.72,
                extent=_extent(), interpolation="nearest")  # fmt: skip
    axes.axhline(_PROFILE_Y, color="white", lw=2.2)
    axes.axhline(_PROFILE_Y, color=_INK, lw=1, ls=(0, (5, 3)))
    axes.text(_LEFT + 40, _PROFILE_Y + 25, "profile below", fontsize=9, **_white())
    arrow = {"arrowstyle": "-|>", "color": "white", "lw": 2.2, "mutation_scale": 16}
    axes.annotate("", (1150, 3560), (150, 3560), arrowprops=arrow)
    axes.annotate("", (150, 3680), (150, 2900), arrowprops=arrow)
    axes.text(260, 3610, f"look, incidence {_INCIDENCE:g}°", fontsize=10, **_white())
    axes.text(200, 2950, "flight", fontsize=10, **_white())
    axes.add_patch(Rectangle((_VIEW[0], _VIEW[2]), _VIEW[1] - _VIEW[0], _VIEW[3] - _VIEW[2], fc="none", ec="white",
                             lw=1.3))  # fmt: skip
    axes.text(_VIEW[1] - 30, _VIEW[2] + 40, "right", fontsize=9, **_white(), ha="right")
    names = [Patch(color=_color(one.value), alpha=0.85, label=one.name) for one in CLASSES if one.value]
    axes.legend(handles=names, loc="lower right", fontsize=9, framealpha=0.92)


def _motion(figure, axes, beside, moved: dict[str, np.ndarray]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    axes.set_title("Motion along the slope", fontsize=12, color=_INK, loc="left", weight="bold")
    image = axes.imshow(
        moved["downslope"], cmap=LinearSegmentedColormap.from_list("vik", DIVERGING), vmin=-12, vmax=12,
        extent=_extent(), alpha=0.75, interpolation="nearest",
    )  # fmt: skip
    rows, columns = np.mgrid[_ARROW_STEP // 2 : _SIZE[0] : _ARROW_STEP, _ARROW_STEP // 2 : _SIZE[1] : _ARROW_STEP]
    axes.contour(relief()[2], np.arange(0, 3000, 40), colors="#33414b", linewidths=0.4, alpha=0.7, origin="image",
                 extent=_extent())  # fmt: skip
    axes.set_xlim(*_VIEW[:2])
    axes.set_ylim(*_VIEW[2:])
    east, north = moved["east"][rows, columns], moved["north"][rows, columns]
    clear = np.hypot(east, north) > 6 * _SIGMA_M
    rows, columns, east, north = (values[clear] for values in (rows, columns, east, north))
    x, y = _LEFT + _PIXEL_M * (columns + 0.5), _TOP - _PIXEL_M * (rows + 0.5)
    keys = {"angles": "xy", "scale_units": "xy", "scale": 1 / _ARROW_STRETCH, "width": 0.0035}
    arrows = axes.quiver(x, y, east, north, color=_INK, zorder=4, **keys)
    axes.quiverkey(arrows, 0.80, 0.105, 10, "10 m of motion", labelpos="N", coordinates="axes",
                   fontproperties={"size": 9}, zorder=6)  # fmt: skip
    fall = np.radians(moved["aspect"][rows, columns])
    axes.quiver(x, y, 9 * np.sin(fall), 9 * np.cos(fall), color="#e69f00", zorder=3, **{**keys, "width": 0.0026})
    axes.text(0.80, 0.045, "orange: the fall of the slope", fontsize=9, ha="center", color="#9a6200", zorder=6,
              transform=axes.transAxes)  # fmt: skip
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((0.615, 0.02), 0.37, 0.165, transform=axes.transAxes, fc="white", alpha=0.92, zorder=2))
    bar = figure.colorbar(image, cax=beside)
    bar.set_label("downslope, m (negative: uphill)", fontsize=9, color=_SOFT)
    bar.ax.tick_params(labelsize=8, colors=_SOFT)


def _profile(axes, codes: np.ndarray, heights: np.ndarray) -> None:
    row = round((_TOP - _PROFILE_Y) / _PIXEL_M)
    x, z, code = _LEFT + _PIXEL_M * (np.arange(_SIZE[1]) + 0.5), heights[row], codes[row]
    axes.set_title("Why: rays and ranges along the profile", fontsize=12, color=_INK, loc="left", weight="bold")
    low, high = z.min() - 120, z.max() + 330
    axes.fill_between(x, z, low, color="#e3e0da", lw=0)
    axes.plot(x, z, color=_INK, lw=1)
    for value in (1, 2, 3):
        axes.plot(x, np.where(code == value, z, np.nan), color=_color(value), lw=4.5, solid_capstyle="butt")
    angle = np.radians(_INCIDENCE)
    for start in np.arange(x[0] - 1500, x[-1], 130.0):  # where the ray would be at the upper edge
        above = high - (x - start) / np.tan(angle)
        stop = np.flatnonzero((x > start) & (z >= above))
        if stop.size and (x[stop[0]] > x[0] + 20):
            axes.plot([start, x[stop[0]]], [high, z[stop[0]]], color="#a0902a", lw=0.7, alpha=0.8, zorder=0)
    _same_range(axes, x, z, angle)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(low, high)
    axes.set_aspect("equal")
    axes.set_xlabel("away from the radar, m", fontsize=9, color=_SOFT)
    axes.set_ylabel("height, m", fontsize=9, color=_SOFT)
    axes.tick_params(labelsize=8, colors=_SOFT)


def _same_range(axes, x: np.ndarray, z: np.ndarray, angle: float) -> None:
    """A line on which all ground has one range: through the slope that leans most, and what it falls on."""
    reach = x * np.sin(angle) - z * np.cos(angle)
    deepest = int(np.argmax(np.maximum.accumulate(reach) - reach))
    first = int(np.argmax(reach[:deepest]))
    middle = (reach[first] + reach[deepest]) / 2
    at = first + int(np.argmin(np.abs(reach[first : deepest + 1] - middle)))
    line = np.array([-560.0, 560.0])  # along the wave front, metres
    axes.plot(x[at] + line * np.cos(angle), z[at] + line * np.sin(angle), color="#b3265a", lw=1.4, ls=(0, (4, 2)))
    axes.annotate(
        "all ground on this line\nis one place in the image", (x[at] + line[1] * np.cos(angle),
        z[at] + line[1] * np.sin(angle)),
        (6, 0), textcoords="offset points", fontsize=9, color="#8f1c47", va="center",
        bbox={"fc": "white", "ec": "none", "alpha": 0.8, "pad": 1.5},
    )  # fmt: skip


def _lighten(path: Path) -> None:
    """Store the picture with a palette, a third as large."""
    from PIL import Image

    with Image.open(path) as image:
        image.convert("RGB").quantize(256, kmeans=3, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)


if __name__ == "__main__":
    draw()
    print(f"{PICTURE.relative_to(REPOSITORY)}: {PICTURE.stat().st_size / 1e3:.0f} kB")
