"""A raster of layover and shadow from a DEM, the heading and look side of the radar, and the incidence angle."""

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
from ..interchange.radar import SIDES, convergence
from ..output import BLOCK
from ..product import Block
from ..rasters import Grid, Raster
from . import rays
from .classes import Class, ClassWriter, beside, write_names
from .incidence import MappedIncidence, SteadyIncidence, open_incidence, require_one
from .relief import Relief

#: Values of the raster; colours of Okabe and Ito, which everybody tells apart.
CLASSES = (
    Class(0, "good", (255, 255, 255, 255)),
    Class(rays.LAYOVER, "layover", (230, 159, 0, 255)),
    Class(rays.SHADOW, "shadow", (0, 114, 178, 255)),
    Class(rays.LAYOVER + rays.SHADOW, "layover and shadow", (204, 121, 167, 255)),
)
#: Sides of what is worked on at once, without what lies around it.
_SIDE, _LONGEST_SIDE = 2 * BLOCK, 8 * BLOCK
#: Pixels that may be in memory at once with what lies around.
_MOST_PX = 200_000_000


@dataclass(frozen=True)
class LayoverOptions:
    """Where the radar looked from, at which ground.

    Attributes
    ----------
    dem : str
        Path of a digital elevation model with any grid and CRS; metres, or feet where the band says so.
    output : str
        Path of the GeoTIFF to write: 0 seen well, 1 layover, 2 shadow, 3 both, 255 unknown.
    heading : float
        Bearing of the flight, degrees clockwise from true north; about -12 on ascending and -168 on descending passes.
    incidence : float or None
        Degrees from the vertical.
    incidence_raster : str or None
        Raster of incidence angles from the vertical (on the ellipsoid, not on the slope), instead.
    side : str
        ``right`` or ``left``, where the radar looks.
    grid : str or None
        Raster, such as a displacement product, on whose grid the result lies; None takes the DEM's own.
    dem_band : int
        From 1.
    """

    dem: str
    output: str
    heading: float
    incidence: float | None = None
    incidence_raster: str | None = None
    side: str = "right"
    grid: str | None = None
    dem_band: int = 1

    def __post_init__(self) -> None:
        if not self.dem:
            raise OptionsError("No elevation model is chosen; choose a DEM.")
        values.number("heading", self.heading, -360, 360)
        values.one_of("look side", self.side, SIDES)
        require_one(self.incidence, self.incidence_raster)

    @property
    def provenance_path(self) -> str:
        """Where the record goes."""
        return os.path.splitext(self.output)[0] + ".json"


@dataclass(frozen=True)
class LayoverResult:
    """What was made.

    Attributes
    ----------
    path, provenance : str
    shares : mapping
        Share of the pixels with heights in each class, by its name.
    messages : tuple of str
    """

    path: str
    provenance: str
    shares: Mapping[str, float]
    messages: tuple[str, ...]


def map_layover(
    options: LayoverOptions, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> LayoverResult:
    """Find the ground that a radar does not see, or sees together with other ground.

    Parameters
    ----------
    options : LayoverOptions
    progress : callable, optional
        Called with the share that is done (0..1) and what is being done.
    cancelled : callable, optional
        Asked often; when it returns True the run ends.

    Returns
    -------
    LayoverResult

    Raises
    ------
    InputError
        A raster cannot be read or has no georeference, or the DEM lies elsewhere.
    OutputError
        The raster cannot be written.
    CancelledError
        The user cancelled; nothing is left.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    scene = _Scene(options)
    grid, path = scene.grid, options.output
    inputs = [name for name in (options.dem, options.incidence_raster, options.grid) if name]
    for target in (path, options.provenance_path):
        refuse_inputs(target, inputs)
    require_room(path, grid.width * grid.height)
    counts = np.zeros(256, np.int64)
    with whole_files({"names": beside(path), "raster": path, "record": options.provenance_path}) as temporary:
        with ClassWriter(temporary["raster"], grid, "layover_shadow", CLASSES, rays.UNKNOWN) as writer:
            for block in scene.blocks():
                if cancelled():
                    raise CancelledError("Cancelled; nothing was written.")
                progress(0.98 * block.y0 / grid.height, "Following the radar's rays")
                codes = scene.codes(block)
                counts += np.bincount(codes.ravel(), minlength=256)
                writer.place(codes, block.x0, block.y0)
            found = scene.verdict(counts)
            record = _record(options, inputs, found, cancelled)
            writer.finish({provenance.TAG: provenance.text(record)}, cancelled)
        write_names(temporary["names"], CLASSES)
        provenance.write(temporary["record"], record)
    progress(1.0, "Done")
    return found


class _Scene:
    """Ground and radar, opened."""

    def __init__(self, options: LayoverOptions):
        self._options = options
        self._relief = Relief(options.dem, options.dem_band)
        self._incidence: SteadyIncidence | MappedIncidence
        self._incidence = open_incidence(options.incidence, options.incidence_raster)
        model = Raster(options.grid) if options.grid else None
        if model is not None and not model.grid.georeferenced:
            raise InputError(
                f"{model.name} has no georeference, so nothing can be laid on its grid; choose a raster on the map."
            )
        self.grid = model.grid if model is not None else self._relief.laid.grid
        self._model = model.name if model is not None else self._relief.name
        tall = 1.02 * (self._relief.high - self._relief.low) + 1  # of a thinned copy, which may lack the summit
        lengths = [(1 / slant, slant) for slant in np.tan(np.radians([self._incidence.low, self._incidence.high]))]
        self._behind = tall * max(folded for folded, _ in lengths)
        self._before = self._behind + tall * max(shaded for _, shaded in lengths)

    def blocks(self) -> Iterator[Block]:
        """Parts of the grid, longer along the rays where these have far to go."""
        course, upright = self._course(self.grid)
        long = min(max(_SIDE, -(-2 * math.ceil(self._before / course.step_m) // BLOCK) * BLOCK), _LONGEST_SIDE)
        across, down = (_SIDE, long) if upright else (long, _SIDE)
        for y0 in range(0, self.grid.height, down):
            for x0 in range(0, self.grid.width, across):
                yield Block(x0, y0, min(across, self.grid.width - x0), min(down, self.grid.height - y0))

    def codes(self, block: Block) -> np.ndarray:
        """Classes of a block, uint8 ``(height, width)``."""
        course, upright = self._course(self.grid.window(block.x0, block.y0, block.width, block.height))
        before, behind = (math.ceil(reach / course.step_m) + 2 for reach in (self._before, self._behind))
        above = math.ceil(max(course.drift * before, -course.drift * behind, 0)) + 2
        below = math.ceil(max(-course.drift * before, course.drift * behind, 0)) + 2
        backwards = self._backwards()
        left, right = (behind, before) if backwards else (before, behind)
        if upright:
            around = (block.x0 - above, block.y0 - left, block.width + above + below, block.height + left + right)
        else:
            around = (block.x0 - left, block.y0 - above, block.width + left + right, block.height + above + below)
        self._require_memory(around)
        window = self.grid.window(*around)

        def turned(image: np.ndarray) -> np.ndarray:
            along = image.T if upright else image
            return along[:, ::-1] if backwards else along

        heights = turned(self._relief.heights(window))
        wide, high = (block.height, block.width) if upright else (block.width, block.height)
        found = rays.follow(
            heights,
            turned(self._incidence.degrees(window)),
            course,
            (above, above + high),
            (before, before + wide),
        )
        found = found[:, ::-1] if backwards else found
        return np.ascontiguousarray(found.T if upright else found)

    def _direction(self, grid: Grid) -> tuple[float, float]:
        """Columns and rows that a ray goes for a metre over the ground."""
        turn = 90 if self._options.side == "right" else -90
        bearing = math.radians(self._options.heading + turn - convergence(grid))
        g = grid.geotransform
        across, along = (float(scale[len(scale) // 2, 0]) for scale in metres_per_unit(grid))
        a, b, c, d = g[1] * across, g[2] * across, g[4] * along, g[5] * along
        east, north = math.sin(bearing), math.cos(bearing)
        area = a * d - b * c
        return (d * east - b * north) / area, (a * north - c * east) / area

    def _course(self, grid: Grid) -> tuple[rays.Course, bool]:
        """How rays cross a part of the grid, and whether they go up or down it rather than left or right."""
        right, down = self._direction(grid)
        # Decided for the whole grid alike: neighbouring parts must not follow rays in two ways.
        wide, high = self._direction(self.grid)
        upright = abs(high) > abs(wide)
        along, aside = (down, right) if upright else (right, down)
        return rays.Course(1 / abs(along), aside / abs(along)), upright

    def _backwards(self) -> bool:
        right, down = self._direction(self.grid)
        return (down if abs(down) > abs(right) else right) < 0

    def _require_memory(self, around: tuple[int, int, int, int]) -> None:
        if around[2] * around[3] > _MOST_PX:
            raise InputError(
                f"Mountains as high as those of {self._relief.name} cast over {self._before:.0f} m, too many pixels of "
                f"{self._model} to be held in memory; give a coarser raster as the grid, or cut the DEM to your area."
            )

    def verdict(self, counts: np.ndarray) -> LayoverResult:
        """The numbers of the run.

        Raises
        ------
        InputError
            The DEM lies elsewhere.
        """
        known = int(counts.sum() - counts[rays.UNKNOWN])
        if not known:
            raise InputError(
                f"{self._relief.name} has no height, or no angle is known, where {self._model} lies; choose rasters of "
                "one place."
            )
        shares = {one.name: float(counts[one.value] / known) for one in CLASSES}
        messages = [*self._relief.messages, *self._incidence.messages, *self._relief.resolution_note(self.grid)]
        missing = counts[rays.UNKNOWN] / counts.sum()
        if missing > 0.001:
            messages.append(f"Heights or angles are missing for {100 * missing:.1f} % of the pixels; they hold 255.")
        said = ", ".join(f"{100 * share:.1f} % {name}" for name, share in shares.items())
        messages.append(f"Of the ground with heights: {said}.")
        options = self._options
        return LayoverResult(options.output, options.provenance_path, shares, tuple(messages))


def _record(options: LayoverOptions, inputs: list[str], found: LayoverResult, cancelled: Cancelled) -> dict[str, Any]:
    return {
        "inputs": [{"path": path, "sha256": provenance.sha256(path, cancelled)} for path in inputs],
        "layover_shadow": asdict(options),
        "shares": dict(found.shares),
        "messages": list(found.messages),
        "versions": provenance.versions(None),
    }
