"""Draw docs/images/method.png: how a patch of the sample is found again, and what the size of a window does.

    .venv/bin/python -m scripts.method_picture

Plain correlation with one window, written out here so that the picture shows the idea and not the plugin's refinements.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from osgeo import gdal

REPOSITORY = Path(__file__).resolve().parents[1]
SAMPLE = REPOSITORY / "resources" / "sample"
PICTURE = REPOSITORY / "docs" / "images" / "method.png"

_PATCH_X, _PATCH_Y = 86, 122  # in the middle of the landslide
_WINDOW, _SEARCH = 32, 6
_SMALL, _LARGE = 16, 64
_BLUE, _ORANGE, _INK = "#0072b2", "#d55e00", "#1d2a33"


def read(name: str, band: int = 1) -> np.ndarray:
    """Return a band of a file of the sample."""
    gdal.UseExceptions()
    dataset = gdal.Open(str(SAMPLE / name))
    return dataset.GetRasterBand(band).ReadAsArray().astype(float)


def patch(image: np.ndarray, x: int, y: int, side: int) -> np.ndarray:
    """Return the window around a pixel."""
    half = side // 2
    return image[y - half : y + half, x - half : x + half]


def surface(first: np.ndarray, second: np.ndarray, x: int, y: int, side: int) -> np.ndarray:
    """Return the correlation of a window with the other image at every shift of the search."""
    shifts = range(-_SEARCH, _SEARCH + 1)
    wanted = patch(first, x, y, side)
    return np.array([[_correlation(wanted, patch(second, x + dx, y + dy, side)) for dx in shifts] for dy in shifts])


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / np.sqrt((a**2).sum() * (b**2).sum()))


def peak(values: np.ndarray) -> tuple[float, float]:
    """Return the place of the peak in pixels of shift, by a parabola through its neighbours."""
    row, column = np.unravel_index(np.argmax(values), values.shape)
    return _vertex(values[row], column), _vertex(values[:, column], row)


def _vertex(line: np.ndarray, at: int) -> float:
    if not 0 < at < line.size - 1:
        return float(at - _SEARCH)
    left, middle, right = line[at - 1 : at + 2]
    return float(at - _SEARCH + 0.5 * (left - right) / (left - 2 * middle + right))


def draw(path: Path = PICTURE) -> None:
    """Draw the picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    first, second = np.sqrt(read("sample_20240101.tif")), np.sqrt(read("sample_20240113.tif"))
    truth = np.hypot(read("truth_offsets.tif", 1), read("truth_offsets.tif", 2))
    found = surface(first, second, _PATCH_X, _PATCH_Y, _WINDOW)
    shift = peak(found)
    figure, axes = pyplot.subplots(
        1, 4, figsize=(14.2, 3.9), dpi=110, layout="constrained", width_ratios=(1, 1, 1.15, 1.5)
    )
    for axis, image, (dx, dy), color, title in (
        (axes[0], first, (0, 0), _BLUE, "1  A patch of the reference"),
        (axes[1], second, shift, _ORANGE, "2  Where is it in the secondary?"),
    ):
        _show(axis, image, title)
        _frame(axis, 0, 0, _BLUE, "-" if color == _BLUE else "--")
        if color == _ORANGE:
            _frame(axis, dx, dy, _ORANGE, "-")
            axis.annotate(
                "",
                (dx, dy),
                (0, 0),
                arrowprops={"arrowstyle": "-|>", "color": _ORANGE, "lw": 2.5, "shrinkA": 0, "shrinkB": 0},
            )
    _surface(figure, axes[2], found, shift)
    _profile(axes[3], first, second, truth)
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)


def _show(axis, image: np.ndarray, title: str) -> None:
    reach = 22
    shown = patch(image, _PATCH_X, _PATCH_Y, 2 * reach)
    low, high = np.percentile(shown, (2, 98))
    axis.imshow(shown, cmap="gray", vmin=low, vmax=high, extent=(-reach - 0.5, reach - 0.5, reach - 0.5, -reach - 0.5))
    axis.set_title(title, fontsize=11, color=_INK)
    axis.set_xticks([])
    axis.set_yticks([])


def _frame(axis, dx: float, dy: float, color: str, style: str) -> None:
    from matplotlib.patches import Rectangle

    corner = (dx - _WINDOW / 2, dy - _WINDOW / 2)
    axis.add_patch(Rectangle(corner, _WINDOW, _WINDOW, fill=False, ec=color, lw=2.2, ls=style))


def _surface(figure, axis, found: np.ndarray, shift: tuple[float, float]) -> None:
    edge = _SEARCH + 0.5
    image = axis.imshow(found, cmap="cividis", extent=(-edge, edge, edge, -edge))
    axis.plot(*shift, "o", mfc="none", mec=_ORANGE, ms=13, mew=2.2)
    axis.set_xticks((-5, 0, 5))
    axis.set_yticks((-5, 0, 5))
    axis.set_title("3  Where both correlate best", fontsize=11, color=_INK)
    axis.set_xlabel(f"shift to the right (px); best {shift[0]:.2f}")
    axis.set_ylabel(f"shift down (px); best {shift[1]:.2f}")
    figure.colorbar(image, ax=axis, shrink=0.8, label="correlation", pad=0.02)


def _profile(axis, first: np.ndarray, second: np.ndarray, truth: np.ndarray) -> None:
    """Draw the motion along a line across the margin, by a large and by a small window."""
    along = range(40, 140)
    axis.plot(along, truth[_PATCH_Y, along.start : along.stop], color="0.55", lw=3, label="embedded motion")
    for side, color, style in ((_SMALL, _ORANGE, ":"), (_LARGE, _BLUE, "-")):
        moved = [np.hypot(*peak(surface(first, second, x, _PATCH_Y, side))) for x in along]
        axis.plot(along, moved, color=color, ls=style, lw=1.6, label=f"window of {side} px")
    axis.set_title("4  Large windows smear, small ones scatter", fontsize=11, color=_INK)
    axis.set_xlabel("column of the image (px)")
    axis.set_ylabel("motion (px)")
    axis.set_ylim(-0.2, 5.4)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8.5, loc="upper right")


if __name__ == "__main__":
    draw()
    print(f"{PICTURE.relative_to(REPOSITORY)}: {PICTURE.stat().st_size:,} bytes")
