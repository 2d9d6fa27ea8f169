"""Motion along the fall of the ground: how much of a displacement goes downhill, and how much aside."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .. import provenance, values
from ..callbacks import Cancelled, Progress
from ..displacement import metres_per_unit
from ..errors import CancelledError, InputError, OptionsError
from ..files import refuse_inputs, require_room, whole_files
from ..interchange.rows import row_blocks
from ..output import Band, GeoTiffWriter
from ..product import BANDS, band_numbers
from ..quality import REASON_NAMES, Reason
from ..rasters import Grid, Raster
from .relief import Relief, aspect, rise, slope, smoothed

#: Codes of the band ``mask`` besides those of the displacement product.
FLAT, NO_HEIGHT = 20, 21
MASK_NAMES: Mapping[int, str] = {
    **{int(reason): name for reason, name in REASON_NAMES.items()},
    FLAT: "flatter than the limit",
    NO_HEIGHT: "no height",
}
DOWNSLOPE_BANDS = (
    Band("downslope", "m"),
    Band("along_surface", "m"),
    Band("across", "m"),
    Band("deviation", "degree"),
    Band("slope", "degree"),
    Band("aspect", "degree"),
    Band("sigma", "m"),
    Band("mask"),
)
#: Standard errors by which motion must exceed zero to count in the verdict, and degrees that are downhill or uphill.
_CLEAR, _DOWNHILL = 3.0, 45.0
#: Of the record of the product, what its descendant is made from; its options would make the product again.
_KEPT = ("inputs", "days", "unit", "crs", "estimator")
#: A Gaussian ends here, in standard deviations; scipy's own number.
_REACH = 4.0


@dataclass(frozen=True)
class DownslopeOptions:
    """Which motion, over which ground.

    Attributes
    ----------
    product : str
        A displacement product in metres.
    dem : str
        Path of a digital elevation model with any grid and CRS.
    output : str
        Path of the GeoTIFF; empty takes ``<product>_downslope.tif``.
    min_slope : float
        Degrees; flatter ground has no fall to speak of and is masked.
    smoothing : float
        Metres: standard deviation of the Gaussian that averages the heights before their slope is taken, so that the
        slope is that of the hillside and not of every hump; 0 does not.
    dem_band : int
        From 1.
    """

    product: str
    dem: str
    output: str = ""
    min_slope: float = 5.0
    smoothing: float = 30.0
    dem_band: int = 1

    def __post_init__(self) -> None:
        if not self.product or not self.dem:
            raise OptionsError("A displacement product and an elevation model are needed; choose both.")
        values.number("min_slope", self.min_slope, 0, 80)
        values.number("smoothing", self.smoothing, 0, 5000)
        if not self.output:
            object.__setattr__(self, "output", os.path.splitext(self.product)[0] + "_downslope.tif")

    @property
    def provenance_path(self) -> str:
        """Where the record goes."""
        return os.path.splitext(self.output)[0] + ".json"


@dataclass(frozen=True)
class DownslopeResult:
    """What was made.

    Attributes
    ----------
    path, provenance : str
    statistics : mapping
        Of the ground that moves by more than three standard errors: ``moving`` (pixels), ``median_downslope`` (m),
        ``downhill`` and ``uphill`` (shares that go within 45 degrees of straight down or up).
    messages : tuple of str
    """

    path: str
    provenance: str
    statistics: Mapping[str, float | int | None]
    messages: tuple[str, ...]


def project_downslope(
    options: DownslopeOptions, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> DownslopeResult:
    """Project the displacement of a product on the fall of the ground.

    Raises
    ------
    InputError
        The product is none or not in metres; the DEM cannot be read, has no georeference, or lies elsewhere.
    OutputError
        The raster cannot be written.
    CancelledError
        The user cancelled; nothing is left.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    ground, targets = _Hillside(options), {"raster": options.output, "record": options.provenance_path}
    grid, inputs = ground.grid, (options.product, options.dem)
    for target in targets.values():
        refuse_inputs(target, inputs)
    require_room(options.output, 4 * len(DOWNSLOPE_BANDS) * grid.width * grid.height)
    found = _Count()
    with whole_files(targets) as temporary:
        writer = GeoTiffWriter(temporary["raster"], grid, DOWNSLOPE_BANDS)
        try:
            for share, planes in ground.strips():
                if cancelled():
                    raise CancelledError("Cancelled; nothing was written.")
                progress(0.98 * share, "Projecting motion on the slope")
                found.add(planes)
                writer.write(planes)
            statistics = found.summary()
            messages = (*ground.messages(), *found.sentences())
            if not found.heights:
                raise InputError(f"{ground.relief.name} has no height where {ground.name} lies; choose a DEM there.")
            record = {
                **{key: value for key, value in ground.record.items() if key in _KEPT},
                "downslope": {
                    "options": asdict(options),
                    "inputs": [{"path": path, "sha256": provenance.sha256(path, cancelled)} for path in inputs],
                    "statistics": statistics,
                    "messages": messages,
                    "versions": provenance.versions(None),
                },
            }
            writer.finish({**ground.tags, provenance.TAG: provenance.text(record)}, cancelled)
        finally:
            writer.close()
        provenance.write(temporary["record"], record)
    progress(1.0, "Done")
    return DownslopeResult(options.output, options.provenance_path, statistics, messages)


class _Hillside:
    """A product and the ground under it, opened."""

    def __init__(self, options: DownslopeOptions):
        self._options = options
        numbers = band_numbers(options.product)
        self._bands = {name: Raster(options.product, numbers[name]) for name in BANDS}
        first = self._bands["east"]
        self.name, self.grid = first.name, first.grid
        if not self.grid.georeferenced or first.unit == "px":
            raise InputError(
                f"{self.name} is in pixels and has no place on a map; bring it to the map first (Geocode, "
                "deepot:geocode), or georeference the images."
            )
        tags = first.metadata()
        self.record: dict[str, Any] = provenance.of_product(options.product, tags)
        self.tags = {key: tags[key] for key in ("REFERENCE_DATE", "SECONDARY_DATE", "DAYS", "UNIT") if key in tags}
        self.relief = Relief(options.dem, options.dem_band)

    def messages(self) -> tuple[str, ...]:
        """What to know of the DEM."""
        return (*self.relief.messages, *self.relief.resolution_note(self.grid))

    def strips(self) -> Iterator[tuple[float, np.ndarray]]:
        """Share that is done, and bands of some rows, from the top down."""
        for y0, rows in row_blocks(self.grid.width, self.grid.height, 4 * len(DOWNSLOPE_BANDS)):
            yield y0 / self.grid.height, self._strip(y0, rows)

    def _strip(self, y0: int, rows: int) -> np.ndarray:
        width = self.grid.width
        # The scale in which heights are averaged and their slope is taken is that of the middle of the strip.
        spread = self._spread(self.grid.window(0, y0, width, rows))
        above, aside = (math.ceil(_REACH * sigma) + 1 for sigma in spread)
        around = self.grid.window(-aside, y0 - above, width + 2 * aside, rows + 2 * above)
        heights = smoothed(self.relief.heights(around), spread)
        inner = np.s_[above : above + rows, aside : aside + width]
        east, north = (component[inner] for component in rise(heights, around))
        read = {name: self._read(name, y0, rows) for name in ("east", "north", "sigma", "mask")}
        return planes(read["east"], read["north"], read["sigma"], read["mask"], (east, north), self._options.min_slope)

    def _spread(self, grid: Grid) -> tuple[float, float]:
        """Standard deviation of the Gaussian down and across, pixels."""
        g = grid.geotransform
        across, along = (float(scale[len(scale) // 2, 0]) for scale in metres_per_unit(grid))
        down = math.hypot(g[2] * across, g[5] * along)
        right = math.hypot(g[1] * across, g[4] * along)
        return self._options.smoothing / down, self._options.smoothing / right

    def _read(self, name: str, y0: int, rows: int) -> np.ndarray:
        found, valid = self._bands[name].read(0, y0, self.grid.width, rows)
        return np.where(valid, found, np.float32(np.nan)).astype(np.float32)


def planes(
    east: np.ndarray,
    north: np.ndarray,
    sigma: np.ndarray,
    mask: np.ndarray,
    gradient: tuple[np.ndarray, np.ndarray],
    min_slope: float,
) -> np.ndarray:
    """Bands of the downslope raster.

    Parameters
    ----------
    east, north, sigma, mask : numpy.ndarray
        Of a displacement product, float32 ``(H, W)``.
    gradient : tuple of numpy.ndarray
        As `relief.rise` gives it.
    min_slope : float
        Degrees.

    Returns
    -------
    numpy.ndarray
        float32 ``(8, H, W)``, see `DOWNSLOPE_BANDS`. With d the direction of the steepest way down on the map:
        ``downslope`` is the part of the horizontal motion along d, positive downhill and negative uphill;
        ``along_surface`` is how far ground that moves parallel to its surface went for that (divided by the cosine of
        the slope); ``across`` is what goes aside, positive to the right of who looks down; ``deviation`` is the angle
        between motion and d, 0 straight down and 180 straight up. These are NaN where masked; slope and aspect stay.
    """
    fall, bearing = slope(*gradient), aspect(*gradient)
    known = np.isfinite(fall)
    code = np.where(np.isfinite(mask), mask, np.float32(Reason.NODATA))
    code = np.where((code == Reason.GOOD) & ~np.isfinite(east), np.float32(Reason.NODATA), code)
    code = np.where((code == Reason.GOOD) & ~known, np.float32(NO_HEIGHT), code)
    with np.errstate(invalid="ignore", divide="ignore"):
        # ground without any slope has no direction, whatever the limit
        code = np.where((code == Reason.GOOD) & ((fall < min_slope) | (fall == 0)), np.float32(FLAT), code)
        steep = np.hypot(*gradient)
        down_east, down_north = (-component / steep for component in gradient)
        downslope = east * down_east + north * down_north
        across = east * down_north - north * down_east
        deviation = np.degrees(np.arctan2(np.abs(across), downslope))
        surface = downslope / np.cos(np.radians(fall))
    found = np.stack([downslope, surface, across, deviation, fall, bearing, sigma, code]).astype(np.float32)
    found[:4, code != Reason.GOOD] = np.nan
    return found


class _Count:
    """Numbers of a run, gathered strip by strip."""

    #: Of each strip so many values are kept for the median.
    _KEPT = 200_000

    def __init__(self) -> None:
        self.heights = self._pixels = self._moving = self._downhill = self._uphill = self._flat = self._unknown = 0
        self._sample: list[np.ndarray] = []

    def add(self, found: np.ndarray) -> None:
        """Take in the bands of a strip."""
        downslope, across, deviation, code = found[0], found[2], found[3], found[7]
        self._pixels += int(np.isin(code, (Reason.GOOD, FLAT, NO_HEIGHT)).sum())
        self.heights += int(np.isfinite(found[4]).sum())
        self._flat += int((code == FLAT).sum())
        self._unknown += int((code == NO_HEIGHT).sum())
        with np.errstate(invalid="ignore"):
            moving = np.hypot(downslope, across) > _CLEAR * found[6]
        self._moving += int(moving.sum())
        self._downhill += int((deviation[moving] <= _DOWNHILL).sum())
        self._uphill += int((deviation[moving] >= 180 - _DOWNHILL).sum())
        along = downslope[moving]
        self._sample.append(along[:: max(1, along.size // self._KEPT)])

    def summary(self) -> dict[str, float | int | None]:
        """As `DownslopeResult` has them."""
        sample = np.concatenate(self._sample or [np.empty(0, np.float32)])
        return {
            "moving": self._moving,
            "median_downslope": float(np.median(sample)) if sample.size else None,
            "downhill": self._downhill / self._moving if self._moving else None,
            "uphill": self._uphill / self._moving if self._moving else None,
        }

    def sentences(self) -> Iterator[str]:
        """What the numbers mean."""
        for count, what in ((self._flat, MASK_NAMES[FLAT]), (self._unknown, MASK_NAMES[NO_HEIGHT])):
            if count:
                yield f"{100 * count / self._pixels:.1f} % of the measured ground is masked: {what}."
        numbers = self.summary()
        if numbers["moving"]:
            down, up = (100 * float(numbers[name] or 0) for name in ("downhill", "uphill"))
            yield (
                f"Of the ground that moves by more than {_CLEAR:g} sigma, {down:.0f} % goes within {_DOWNHILL:g} "
                f"degrees of straight downhill and {up:.0f} % uphill; median {numbers['median_downslope']:.3g} m "
                "downslope."
            )
        else:
            yield f"No sloping ground moves by more than {_CLEAR:g} sigma."
