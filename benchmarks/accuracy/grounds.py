"""Reflectivity of real ground that training never sees, in squares of any size.

The held-out images are small: chips and crops of 256 px, a scene of 500 px, repeat passes of 350 and 673 px. A square
larger than its image is the image continued by its own mirror image from a random place: no seam in the reflectivity,
no pixel from elsewhere. The speckle is simulated afterwards on the whole square, so nothing of it is mirrored; it is
in the reflectivity only that far-apart places look alike, which is beyond every search range.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from deepot_qgis.engine import synthetic
from training import sources

# shares of the sources: chips for variety of places, scenes for real extent
KINDS = {"after": 0.2, "before": 0.2, "envisat": 0.15, "morocco": 0.2, "mountain": 0.1, "crops": 0.15}
BRIGHT = 12.0
# filled part of both dates of the Morocco pair: rows and columns
MOROCCO_FILLED = slice(202, 552), slice(0, 673)
MOROCCO_PIXEL_M = 14.6, 17.2  # width and height


def read(path: Path) -> np.ndarray:
    """First band of a raster as float32."""
    from osgeo import gdal

    gdal.UseExceptions()
    return gdal.Open(str(path)).ReadAsArray().astype(np.float32)


def morocco() -> list[np.ndarray]:
    """Both dates of the Sentinel-1 pair in Morocco, amplitude, 0 where there is no data."""
    folder = sources.data_folder() / "pairs" / "morocco_sentinel1"
    return [np.nan_to_num(read(folder / f"amplitude_{day}.tif")) for day in ("20230904", "20230916")]


def mountain() -> list[np.ndarray]:
    """Both dates of the single-look mountain pair, amplitude."""
    folder = sources.data_folder() / "pairs" / "mountain_insar"
    return [np.load(folder / f"ampl_{which}.npy").astype(np.float32) for which in ("master", "slave")]


@cache
def _scene(kind: str) -> np.ndarray:
    """Intensity without speckle of a whole held-out scene."""
    if kind == "envisat":
        with np.load(sources.data_folder() / "train" / "envisat_slc.npz") as file:
            iq = file["iq"].astype(np.float32)
        return synthetic.reflectivity(np.hypot(iq[..., 0], iq[..., 1]) + 1e-3, 7, BRIGHT)
    dates = [date[MOROCCO_FILLED] for date in morocco()] if kind == "morocco" else mountain()
    # two dates together have less speckle than one
    amplitude = np.sqrt(sum(date**2 for date in dates) / 2)
    return synthetic.reflectivity(np.maximum(amplitude, 1e-6), 5 if kind == "morocco" else 7, BRIGHT)


@cache
def _crops() -> tuple[np.ndarray, ...]:
    with np.load(sources.data_folder() / "train" / "singlelook_crops.npz") as file:
        return tuple(channel for name in sorted(file.files) for channel in file[name])


@cache
def _chips(which: str) -> np.ndarray:
    with np.load(sources.data_folder() / "train" / f"sentinel1_grd_chips_{which}.npz") as file:
        chips = file["chips"][[sources.is_held_out_chip(str(name)) for name in file["names"]]]
    # the archive's stretch leaves some chips empty or flat: there is no texture in them
    empty = (chips == 255).mean((1, 2)) > 0.02
    return chips[~(empty | (chips.astype(np.float32).std((1, 2)) < 6))]


def _image(kind: str, rng: np.random.Generator) -> np.ndarray:
    if kind in ("after", "before"):
        chips = _chips(kind)
        chip = chips[rng.integers(len(chips))].astype(np.float32)
        decibel_per_count = rng.uniform(0.08, 0.16)  # the chips' own stretch is not known
        return synthetic.reflectivity(10 ** (chip * decibel_per_count / 20), 5, BRIGHT)
    if kind == "crops":
        crops = _crops()
        return synthetic.reflectivity(crops[rng.integers(len(crops))] + 1e-6, 7, BRIGHT)
    return _scene(kind)


def _positions(length: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """Consecutive positions along an axis, turning back at its ends."""
    if length >= size:
        return rng.integers(length - size + 1) + np.arange(size)
    period = 2 * (length - 1)
    step = (rng.integers(period) + np.arange(size)) % period
    return np.where(step < length, step, period - step)


def held_out_ground(size: int, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Intensity without speckle of a random held-out place, float32 (size, size), median 1, and where it is from."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    image = _image(kind, rng)
    square = image[np.ix_(_positions(image.shape[0], size, rng), _positions(image.shape[1], size, rng))]
    square = np.rot90(square, rng.integers(4))
    return np.maximum(square / np.median(square), 1e-4).astype(np.float32), kind
