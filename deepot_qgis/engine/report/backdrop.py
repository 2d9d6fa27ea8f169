"""The radar image under a map: the reference of the run, if it is still where the record says."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ..errors import DeepotError
from ..rasters import Raster
from ..values import is_number
from .content import LONGEST, PairContent

#: Pixels of a part of an image that is read as it is; a larger part comes from the thinned whole.
_MOST_PX = 4_000_000
#: Brightness of the darkest and the brightest shown, percentiles.
_DARK, _BRIGHT = 2.0, 98.0


def backdrop(content: PairContent) -> np.ndarray | None:
    """Grey values 0..1 of the ground of a product; None where the image is gone or is another."""
    found, window = source(content), content.said("window_px")
    if found is None or not (isinstance(window, list) and len(window) == 4 and all(map(is_number, window))):
        return None
    try:
        raster = Raster(*found)
        if not _same_ground(raster, window, content):
            return None
        values = _part(raster, *(int(side) for side in window))
    except (DeepotError, ValueError):  # a picture without a backdrop is still a picture
        return None
    return None if values is None else _grey(values)


def source(content: PairContent) -> tuple[str, int] | None:
    """Path and band of the reference image of a product; None where it is gone.

    A record may name it relative to the folder where the command line was, which is told by where the product is now
    and was to go then. Images that were moved together with the product are found beside it.
    """
    named, band = content.said("inputs", "reference", "path"), content.said("inputs", "reference", "band")
    if not isinstance(named, str) or not named or "\0" in named:
        return None
    for path in _places(named, content):
        if path.is_file():
            return str(path), int(band) if is_number(band) else 1
    return None


def _places(named: str, content: PairContent) -> Iterator[Path]:
    """Where an image may be, the likeliest first."""
    image, product = Path(named), Path(os.path.abspath(content.path))
    output = content.said("options", "output")
    if not image.is_absolute() and isinstance(output, str) and not Path(output).is_absolute():
        parts = Path(output).parts
        if product.parts[-len(parts) :] == parts:
            yield Path(*product.parts[: -len(parts)]) / image
    yield image
    yield product.parent / image
    yield product.parent / Path(named.replace("\\", "/")).name


def _same_ground(raster: Raster, window: Sequence[float], content: PairContent) -> bool:
    """Whether the window of an image is the ground of a product: an image of the same name may be another."""
    x0, y0, width, height = (int(side) for side in window)
    grid = raster.grid.window(x0, y0, width, height)
    if (width, height) != (content.grid.width, content.grid.height):
        return False
    pixel = abs(grid.geotransform[1]) + abs(grid.geotransform[2])
    return bool(np.allclose(grid.geotransform, content.grid.geotransform, rtol=1e-9, atol=1e-3 * pixel))


def _part(raster: Raster, x0: int, y0: int, width: int, height: int) -> np.ndarray | None:
    if x0 < 0 or y0 < 0 or x0 + width > raster.grid.width or y0 + height > raster.grid.height or width * height < 1:
        return None
    if width * height <= _MOST_PX:
        values, valid = raster.read(x0, y0, width, height)
    else:
        values, valid = raster.overview(2 * LONGEST)
        down, across = values.shape[0] / raster.grid.height, values.shape[1] / raster.grid.width
        part = np.s_[int(y0 * down) : int((y0 + height) * down) + 1, int(x0 * across) : int((x0 + width) * across) + 1]
        values, valid = values[part], valid[part]
    step = max(1, max(values.shape) // LONGEST)
    return np.where(valid, np.abs(values), np.nan)[::step, ::step].astype(np.float32)


def _grey(values: np.ndarray) -> np.ndarray | None:
    """Square root of the amplitude between its darkest and brightest: speckle stays readable."""
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    root = np.sqrt(values)
    low, high = np.sqrt(np.percentile(known, [_DARK, _BRIGHT]))
    return np.clip((root - low) / max(high - low, 1e-12), 0, 1)
