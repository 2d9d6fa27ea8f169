"""Which kind of numbers a SAR raster holds, and their linear amplitude."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .errors import InputError, OptionsError
from .rasters import Raster

#: What a user may ask for; "auto" recognises.
RADIOMETRIES = ("auto", "amplitude", "intensity", "db", "complex")

_SAMPLE_PX = 256
#: Between the local coefficients of variation of single-look amplitude (0.52) and intensity (1).
_SINGLE_LOOK_INTENSITY = 0.8
_DB_WORDS = re.compile(r"(?<![a-z])(db|decibels?)(?![a-z])")
_INTENSITY_WORDS = re.compile(r"(?<![a-z])(intensity|power|(sigma|gamma|beta) ?(0|nought))")
_AMPLITUDE_WORDS = re.compile(r"(?<![a-z])(amplitude|ampl?|magnitude)(?![a-z])")

#: What a kind was recognised by, each the second half of a sentence.
EVIDENCE = {
    "chosen": "as chosen",
    "type": "the data type is {value}",
    "negative": "most values are negative, as only decibels can be",
    "says_db": "its name or metadata says dB",
    "grey": "8-bit grey levels are taken as a stretched amplitude picture",
    "says_amplitude": "its name or metadata says amplitude",
    "says_intensity": "its name or metadata says so",
    "numbers": "{value} digital numbers of SAR products are amplitude",
    "varies": "the local coefficient of variation is {value}, amplitude has at most 0.52",
    "positive": "the values are positive and nothing says otherwise; set the radiometry if not so",
}


@dataclass(frozen=True)
class Recognition:
    """The kind of numbers and how it was recognised.

    Attributes
    ----------
    kind : str
        ``amplitude``, ``intensity``, ``db`` or ``complex``.
    evidence : str
        One of `EVIDENCE`.
    value : str
        What stands in the words of that evidence.
    """

    kind: str
    evidence: str
    value: str = ""

    @property
    def why(self) -> str:
        """The evidence, the second half of a sentence."""
        return EVIDENCE[self.evidence].format(value=self.value)

    def sentence(self, name: str) -> str:
        """What the user is told."""
        kind = {"db": "decibels", "complex": "complex values (SLC)"}.get(self.kind, self.kind)
        return f"{name} is read as {kind}: {self.why}."


def recognise(raster: Raster, radiometry: str = "auto") -> Recognition:
    """Say which kind of numbers a raster holds.

    The user's word comes first, then the data type, then what the file says of itself (band description, unit,
    metadata, name), then the numbers: negative values mean decibels, and the local coefficient of variation tells
    single-look intensity (1) from single-look amplitude (0.52; Oliver and Quegan, Understanding Synthetic Aperture
    Radar Images, 2004, ch. 4).

    Raises
    ------
    InputError
        The choice contradicts the data type, or intensity and amplitude hold negative values.
    OptionsError
        `radiometry` is not one of `RADIOMETRIES`.
    """
    if radiometry not in RADIOMETRIES:
        raise OptionsError(f"Radiometry '{radiometry}' is not known; choose one of {', '.join(RADIOMETRIES)}.")
    is_complex = raster.dtype.startswith("C")
    if radiometry != "auto":
        if is_complex != (radiometry == "complex"):
            raise InputError(
                f"{raster.name} holds {raster.dtype} values and cannot be read as {radiometry}; set the radiometry to "
                f"{'complex' if is_complex else 'auto'}."
            )
        return Recognition(radiometry, "chosen")
    if is_complex:
        return Recognition("complex", "type", raster.dtype)
    words = _words(raster)
    if raster.dtype != "Byte":
        sample = _sample(raster)
        if _mostly_negative(sample):
            return Recognition("db", "negative")
        if _DB_WORDS.search(words):
            return Recognition("db", "says_db")
    if raster.dtype == "Byte":
        return Recognition("amplitude", "grey")
    if _AMPLITUDE_WORDS.search(words):
        return Recognition("amplitude", "says_amplitude")
    if _INTENSITY_WORDS.search(words):
        return Recognition("intensity", "says_intensity")
    if not raster.dtype.startswith("Float"):
        return Recognition("amplitude", "numbers", raster.dtype)
    variation = _local_variation(sample)
    if variation > _SINGLE_LOOK_INTENSITY:
        return Recognition("intensity", "varies", f"{variation:.2f}")
    return Recognition("amplitude", "positive")


def to_amplitude(values: np.ndarray, valid: np.ndarray, kind: str) -> np.ndarray:
    """Linear amplitude, 0 where there is no data.

    Parameters
    ----------
    values, valid : numpy.ndarray
        As `Raster.read` gives them.
    kind : str
        As `recognise` gives it. Decibels are taken as 20 log10 of the amplitude (10 log10 of the intensity).

    Returns
    -------
    numpy.ndarray
        float32. Zero and negative amplitude or intensity, which SAR processors write where they have no data, are no
        data; so is what overflows. In 8-bit pictures 0 is the darkest grey and stays valid unless declared nodata.
    """
    if kind == "complex":
        amplitude = np.abs(values).astype(np.float32, copy=False)
    elif kind == "db":
        with np.errstate(over="ignore", invalid="ignore"):
            amplitude = np.power(np.float32(10), values.astype(np.float32) / np.float32(20))
    elif kind == "intensity":
        with np.errstate(invalid="ignore"):
            amplitude = np.sqrt(np.maximum(values.astype(np.float32), 0))
    elif values.dtype == np.uint8:
        amplitude = np.maximum(values.astype(np.float32), 0.5)
    else:
        amplitude = values.astype(np.float32, copy=False)
    with np.errstate(invalid="ignore"):
        usable = valid & (amplitude > 0)
        usable &= amplitude < np.inf
    return amplitude if usable.all() else np.where(usable, amplitude, np.float32(0))


def _words(raster: Raster) -> str:
    """What the file says of itself, lower case; the folder's name is not the file's word."""
    items = [raster.name.rsplit(".", 1)[0], raster.description, raster.unit]
    items += [f"{key} {value}" for key, value in raster.metadata().items() if len(value) < 100]
    return " ".join(items).lower().replace("_", " ").replace("-", " ")


def _sample(raster: Raster) -> np.ndarray:
    """Windows of the raster, NaN where invalid, stacked along the first axis: corners' thirds and the centre."""
    grid = raster.grid
    width, height = min(_SAMPLE_PX, grid.width), min(_SAMPLE_PX, grid.height)
    places = {(1, 1), (1, 3), (3, 1), (3, 3), (2, 2)}
    parts = []
    for across, down in sorted(places):
        x0 = int((grid.width - width) * across / 4)
        y0 = int((grid.height - height) * down / 4)
        values, valid = raster.read(x0, y0, width, height)
        parts.append(np.where(valid & (values != 0), values.astype(np.float64), np.nan))
    return np.stack(parts)


def _mostly_negative(sample: np.ndarray) -> bool:
    values = sample[np.isfinite(sample)]
    return values.size > 0 and np.mean(values < 0) > 0.05


def _local_variation(sample: np.ndarray, window: int = 7) -> float:
    """Median over fully valid windows of standard deviation / mean; 0 when there is none."""
    size = (1, window, window)
    valid = np.isfinite(sample)
    filled = np.where(valid, sample, 0.0)
    full = ndimage.uniform_filter(valid.astype(np.float64), size) > 0.999
    mean = ndimage.uniform_filter(filled, size)[full]
    square = ndimage.uniform_filter(filled**2, size)[full]
    if mean.size == 0:
        return 0.0
    return float(np.median(np.sqrt(np.maximum(square - mean**2, 0)) / np.maximum(mean, np.finfo(float).tiny)))
