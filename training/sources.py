"""The real images that training takes its ground from, and which of them training must never see.

Read from ``data`` in the folder named by ``DEEPOT_SHARED`` (default ``../shared`` beside the repository). Credits and
licences: docs/training.md.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy import ndimage

from deepot_qgis.engine.synthetic import reflectivity

# Held out of training for good, like envisat_slc.npz and singlelook_crops.npz: evaluation uses only these and the real
# repeat pairs.
HELD_OUT_CHIPS = ("/test/", "2021/ALBANIA/", "2021/GUYANA/")


def data_folder() -> Path:
    """Folder of the shared data; raises FileNotFoundError with the way out."""
    default = Path(__file__).resolve().parents[1].parent / "shared"
    folder = Path(os.environ.get("DEEPOT_SHARED", default)) / "data"
    if not (folder / "train").is_dir():
        raise FileNotFoundError(f"{folder / 'train'} is not there; set DEEPOT_SHARED to the folder that holds data/.")
    return folder


@dataclass(frozen=True)
class Crop:
    """A piece of a real image: amplitude float32 (S, S), or complex64 where the source is a single-look complex."""

    image: np.ndarray
    source: str
    clean: bool = False  # no speckle left: a reflectivity as it is


def is_held_out_chip(name: str) -> bool:
    """Whether a GRD chip belongs to the places kept for evaluation."""
    return any(part in name for part in HELD_OUT_CHIPS)


@cache
def _chips(which: str, held_out: bool) -> np.ndarray:
    with np.load(data_folder() / "train" / f"sentinel1_grd_chips_{which}.npz") as file:
        keep = np.array([is_held_out_chip(str(name)) == held_out for name in file["names"]])
        chips = file["chips"][keep]
    # the stretch saturates some chips and leaves others empty: neither has a texture to follow
    empty = (chips == 255).mean((1, 2)) > 0.02
    flat = chips.astype(np.float32).std((1, 2)) < 6
    return chips[~(empty | flat)]


def _place(name: str) -> str:
    """What the names of a chip before and after have in common."""
    return name.lower().replace("before", "").replace("after", "")


@cache
def _repeat_chips() -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Chips of one place at two dates that show the same texture, and the small shift (dx, dy) between them."""
    dates = []
    for which in ("before", "after"):
        with np.load(data_folder() / "train" / f"sentinel1_grd_chips_{which}.npz") as file:
            names = [str(name) for name in file["names"]]
            dates.append({_place(n): chip for n, chip in zip(names, file["chips"]) if not is_held_out_chip(n)})
    pairs = [(dates[0][place], dates[1][place]) for place in sorted(dates[0].keys() & dates[1].keys())]
    full = [pair for pair in pairs if max((chip == 255).mean() for chip in pair) < 0.02]
    found = [(*pair, *_registration(*pair)) for pair in full]
    return [(first, second, shift) for first, second, shift, correlation in found if correlation > 0.35]


def _registration(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, float]:
    """Shift of the second chip as a whole, and the correlation of the texture once it is undone.

    The vertex of a parabola is biased except at no shift: the shift is undone in the Fourier domain until it is there.
    """
    levels = first.astype(float), second.astype(float)
    spectra = [np.fft.fft2(level - ndimage.uniform_filter(level, 9)) for level in levels]
    power = np.conj(spectra[0]) * spectra[1] / np.sqrt(np.prod([(np.abs(part) ** 2).sum() for part in spectra]))
    row, column = (np.fft.fftfreq(size) for size in first.shape)
    shift = np.zeros(2)
    for _ in range(8):
        turn = np.exp(2j * np.pi * (column[None] * shift[0] + row[:, None] * shift[1]))
        peak = np.fft.ifft2(power * turn).real * first.size
        sides = ((peak[0, -1], peak[0, 1]), (peak[-1, 0], peak[1, 0]))
        vertex = [(high - low) / (2 * max(2 * peak[0, 0] - high - low, 1e-3)) for low, high in sides]
        shift += np.clip(vertex, -0.5, 0.5)
    moving = np.hypot(*shift) > 1.5  # no longer a matter of registration
    return shift.astype(np.float32), 0.0 if moving else float(peak[0, 0])


@cache
def _complex(name: str) -> np.ndarray:
    with np.load(data_folder() / "train" / name) as file:
        iq = file["iq"].astype(np.float32)
    return iq[..., 0] + 1j * iq[..., 1]


@cache
def _scene(name: str) -> np.ndarray:
    from osgeo import gdal

    gdal.UseExceptions()
    image = gdal.Open(str(data_folder() / "train" / name)).ReadAsArray().astype(np.float32)
    return image.mean(0) if image.ndim == 3 else image


@cache
def _clean() -> np.ndarray:
    with np.load(data_folder() / "train" / "airsar_clean_reflectivity.npz") as file:
        return np.clip(file["intensity_db"].astype(np.float32), -45, 10)


@cache
def _single_look() -> list[np.ndarray]:
    with np.load(data_folder() / "train" / "singlelook_crops.npz") as file:
        return [channel for name in sorted(file.files) for channel in file[name]]


def _window(image: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    row = rng.integers(0, image.shape[0] - size + 1)
    column = rng.integers(0, image.shape[1] - size + 1)
    return image[row : row + size, column : column + size]


def _chip_crop(which: str, held_out: bool, size: int, rng: np.random.Generator) -> Crop:
    chips = _chips(which, held_out)
    chip = chips[rng.integers(len(chips))]
    decibel_per_count = rng.uniform(0.08, 0.16)  # the chips' own stretch is not known
    image = 10 ** (_window(chip, size, rng).astype(np.float32) * decibel_per_count / 20)
    return Crop(image / image.mean(), f"grd_{which}")


def _filled(make, tries: int = 20):
    """First crop that is mostly signal (the complex images have dark edges)."""
    for _ in range(tries):
        crop = make()
        if np.mean(np.abs(crop) > 0) > 0.98:
            break
    return crop


def training_crop(size: int, rng: np.random.Generator) -> Crop:
    """Random crop of a training image."""
    kind = rng.choice(["after", "before", "scene", "slc", "clean"], p=[0.36, 0.22, 0.14, 0.16, 0.12])
    if kind in ("after", "before"):
        return _chip_crop(kind, False, size, rng)
    if kind == "scene":
        name = rng.choice(["scene_city_airport.jpg", "scene_mountain_layover.jpg", "scene_city_river.jpg"])
        image = _window(_scene(name), size, rng) + 1.0
        return Crop(image / image.mean(), "scene")
    if kind == "slc":
        image = complex_crop(size, rng)
        return Crop(image, "slc")
    decibel = _clean()[rng.integers(3)]
    image = 10 ** (_window(decibel, size, rng) / 20)
    return Crop((image / image.mean()).astype(np.float32), "clean", clean=True)


def repeat_crop(size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Amplitudes of one still place at two dates, in random order, and the shift (dx, dy) of the second as a whole."""
    chips = _repeat_chips()
    first, second, shift = chips[rng.integers(len(chips))]
    if rng.random() < 0.5:
        first, second, shift = second, first, -shift
    row, column = rng.integers(0, first.shape[0] - size + 1, 2)
    decibel_per_count = rng.uniform(0.08, 0.16)
    crops = [chip[row : row + size, column : column + size].astype(np.float32) for chip in (first, second)]
    first, second = (10 ** (crop * decibel_per_count / 20) for crop in crops)
    return first / first.mean(), second / second.mean(), shift


def complex_crop(size: int, rng: np.random.Generator) -> np.ndarray:
    """Random crop of a complex training image, rms 1."""
    name = rng.choice(["radarsat1_vancouver_slc.npz", "sentinel1_iw3_slc.npz"], p=[0.7, 0.3])
    image = _filled(lambda: _window(_complex(name), size, rng))
    return image / max(float(np.sqrt(np.mean(np.abs(image) ** 2))), 1e-6)


def held_out_crop(size: int, rng: np.random.Generator) -> Crop:
    """Random crop of an image that training never sees (size at most 256)."""
    kind = rng.choice(["after", "before", "envisat", "crops"], p=[0.35, 0.35, 0.15, 0.15])
    if kind in ("after", "before"):
        return _chip_crop(kind, True, size, rng)
    if kind == "envisat":
        image = np.abs(_window(_complex("envisat_slc.npz"), size, rng)) + 1e-3
    else:
        images = _single_look()
        image = _window(images[rng.integers(len(images))], size, rng) + 1e-6
    return Crop((image / image.mean()).astype(np.float32), kind)


def crop_reflectivity(crop: Crop, keep_bright: bool) -> np.ndarray:
    """Intensity without speckle, everywhere positive, median 1."""
    amplitude = np.maximum(np.abs(crop.image), 1e-4).astype(np.float32)
    if crop.clean:
        intensity = amplitude**2
    else:
        # a single look needs a wider neighbourhood than a multi-looked product
        window = 7 if crop.source in ("slc", "envisat", "crops") else 5
        intensity = reflectivity(amplitude, window=window, bright=12.0 if keep_bright else 1e9)
    return np.maximum(intensity / np.median(intensity), 1e-4).astype(np.float32)
