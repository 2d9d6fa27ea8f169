"""The real images that the cases lie on, and what stands in where they are not there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal
from scipy import ndimage

from deepot_qgis.engine import synthetic
from scripts import sample

REPOSITORY = Path(__file__).resolve().parents[1]
ISRO = "an amplitude image of the ISRO set SIH1733"
_SEEN = (
    "The networks were trained on pieces of this image too, with other motion and other speckle; on ground that no "
    "network has seen both methods are compared in [accuracy.md](accuracy.md)."
)
_UNSEEN = "No network was trained on this image."


@dataclass(frozen=True)
class Imagery:
    """Reflectivity of real ground.

    Attributes
    ----------
    intensity : (H, W) float32
        Without speckle, median 1, positive.
    water : (H, W) bool
        Dark, smooth surfaces.
    source : str
        What it is, for a sentence.
    seen : str
        A sentence on whether the networks know it.
    """

    intensity: np.ndarray
    water: np.ndarray
    source: str
    seen: str


def shared(*parts: str) -> Path | None:
    """A file or folder of the shared material, None where it is not there.

    It is looked for in ``$DEEPOT_SHARED``, or in a folder ``shared`` beside the repository.
    """
    folder = Path(os.environ.get("DEEPOT_SHARED", REPOSITORY.parent / "shared")) / "data"
    path = folder.joinpath(*parts)
    return path if path.exists() else None


def needs(what: str) -> str:
    """What to say where shared material is missing."""
    return (
        f"Not here: {what}. The images' sources are in docs/training.md, the field is published with Hu et al. (2020), "
        "doi:10.1038/s41467-020-16617-7. Put them below data/ in a folder 'shared' beside the repository, or name the "
        "folder that holds data/ in DEEPOT_SHARED. Until then an analytic variant runs; it leaves docs/ as it is."
    )


def scene(name: str, rows: slice, columns: slice) -> Imagery | None:
    """A window of one of the large 8-bit scenes (``mountain_layover``, ``city_river``); None where it is not there."""
    path = shared("train", f"scene_{name}.jpg")
    if path is None:
        return None
    gdal.UseExceptions()
    bands = gdal.Open(str(path)).ReadAsArray().astype(np.float32)
    image = (bands.mean(0) if bands.ndim == 3 else bands)[rows, columns] + 1
    return _without_speckle(image, _dark(image), f"{ISRO} ({name.replace('_', ' and ')})", _SEEN)


def sample_ground(shape: tuple[int, int]) -> Imagery:
    """The Sentinel-1 image that ships with the plugin, continued by its mirror image to any size."""
    image = sample.read(sample.IMAGE)
    # water is found in the whole picture: a threshold needs both kinds of ground
    index = [there_and_back(length, size) for length, size in zip(image.shape, shape)]
    wet = sample.water(image)[np.ix_(*index)]
    return _without_speckle(image[np.ix_(*index)], wet, "the Sentinel-1 sample that ships with the plugin", _UNSEEN)


def there_and_back(length: int, size: int) -> np.ndarray:
    """Positions along an axis that turn back at its ends."""
    step = np.arange(size) % (2 * (length - 1))
    return np.where(step < length, step, 2 * (length - 1) - step)


def _dark(image: np.ndarray) -> np.ndarray:
    """Lakes and rivers of an 8-bit scene: hardly any signal over several pixels, and some extent."""
    level = ndimage.gaussian_filter(image, 2.5)
    dark = level < 0.33 * np.median(level)
    labels, count = ndimage.label(dark)
    if not count:
        return dark
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return ndimage.binary_closing(sizes[labels] > 1200, iterations=2)


def _without_speckle(amplitude: np.ndarray, wet: np.ndarray, source: str, seen: str) -> Imagery:
    intensity = sample.calm(synthetic.reflectivity(amplitude), wet)
    intensity = np.maximum(intensity / np.median(intensity), 1e-3).astype(np.float32)
    return Imagery(intensity, wet, source, seen)
