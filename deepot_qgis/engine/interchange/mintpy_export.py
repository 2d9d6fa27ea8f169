"""A series as MintPy's ``timeseries.h5`` and ``velocity.h5``, a file for each component; pairs as ``ifgramStack.h5``.

MintPy's files hold one component. A series therefore becomes two pairs of files, east and north, which MintPy treats
as it treats any displacement; with heading and incidence angle also what would show in line of sight and along the
flight, in MintPy's own signs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Callable

import numpy as np

from .. import values
from ..callbacks import Cancelled, Progress
from ..errors import CancelledError, OptionsError
from ..files import require_room, whole_file, whole_files
from ..rasters import Grid
from ..timeseries.assemble import make_folder
from ..timeseries.product import SeriesProduct, open_series
from ..timeseries.stack import PairSource, require_one_grid
from .hdf5 import Array, Hdf5Writer
from .mintpy import FRAME, MAP_PROCESSOR
from .mintpy_attributes import date_texts, file_attributes, look_attributes, map_attributes
from .projection import FIXED, Projection, Projector
from .radar import Look, look_vectors
from .rows import Rows, require_metres, row_blocks, series_rows, velocity_rows

_FLOAT = np.dtype("<f4")
_TRUTH = np.dtype(bool)


@dataclass(frozen=True)
class MintpyOptions:
    """What of a series goes into MintPy's files.

    Attributes
    ----------
    series : str
        ``series.json`` or its folder.
    folder : str
        Where ``timeseries_<component>.h5`` and ``velocity_<component>.h5`` go; made when it is not there.
    components : tuple of str
        Out of `projection.FIXED`; los and azimuth need `look`.
    look : Look or None
    bearing : float or None
        For the component ``bearing``.
    """

    series: str
    folder: str
    components: tuple[str, ...] = ("east", "north")
    look: Look | None = None
    bearing: float | None = None

    def __post_init__(self) -> None:
        if not self.components:
            raise OptionsError("Choose at least one component to export.")
        for component in self.components:
            values.one_of("component of a MintPy file", component, FIXED)
            Projection(component, self.look, self.bearing)


def export_mintpy(
    options: MintpyOptions, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> tuple[str, ...]:
    """Write the files of a series; returns their paths, time series first.

    Raises
    ------
    DeepotError
        No such series, no georeference, no room; nothing is left under a final name.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    series = open_series(options.series)
    require_metres(series)
    pixels = series.grid.width * series.grid.height
    paths = [
        os.path.join(options.folder, f"{kind}_{component}.h5")
        for kind in ("timeseries", "velocity")
        for component in options.components
    ]
    make_folder(options.folder)
    require_room(paths[0], 4 * pixels * (len(series.dates) + 2) * len(options.components))
    place = reference_pixel(series, cancelled)
    with whole_files({path: path for path in paths}) as temporary, ExitStack() as closing:
        writers = []
        for component in options.components:
            projector = Projection(component, options.look, options.bearing).projector(series.grid)
            targets = [
                temporary[os.path.join(options.folder, f"{kind}_{component}.h5")] for kind in ("timeseries", "velocity")
            ]
            attributes = {**look_attributes(options.look), **place}
            if component == "bearing":
                attributes["DEEPOT_BEARING"] = repr(options.bearing)
            writers.append(closing.enter_context(_Component(targets[0], targets[1], series, projector, attributes)))
        for rows in series_rows(series, cancelled):
            progress(rows.share, "Writing MintPy files")
            for writer in writers:
                writer.write(rows)
    progress(1.0, "Done")
    return tuple(paths)


def reference_pixel(series: SeriesProduct, cancelled: Cancelled) -> dict[str, str]:
    """The pixel of the slowest motion as REF_Y and REF_X, without which MintPy's timeseries2velocity.py stops.

    Nothing is subtracted: a series is referenced to its stable area, not to a pixel, and the slowest one is as good
    as zero.
    """
    least, found = np.inf, {}
    for rows in velocity_rows(series, cancelled):
        speed = np.hypot(*rows.velocity)
        speed[~np.isfinite(speed)] = np.inf
        place = int(np.argmin(speed))
        if speed.flat[place] < least:
            least = speed.flat[place]
            row, column = divmod(place, speed.shape[1])
            found = {"REF_Y": str(rows.y0 + row), "REF_X": str(column)}
    return found


class _Component:
    """Time series and velocity of one component."""

    def __init__(
        self,
        series_path: str,
        velocity_path: str,
        series: SeriesProduct,
        projector: Projector,
        attributes: Mapping[str, str],
    ):
        self._projector = projector
        grid, moments = series.grid, series.dates
        texts = date_texts(moments)
        common = {
            **map_attributes(grid),
            **attributes,
            "REF_DATE": texts[0],
            "DEEPOT_COMPONENT": projector.component,
        }
        count = len(texts)
        self._series = Hdf5Writer(
            series_path,
            [
                Array("timeseries", (count, grid.height, grid.width), _FLOAT, {"UNIT": "m"}),
                Array("date", (count,), np.dtype(f"S{len(texts[0])}")),
                Array("bperp", (count,), _FLOAT, {"UNIT": "m"}),  # not known from amplitude images; 0
            ],
            {**common, **file_attributes("timeseries", "m", moments)},
        )
        self._series.put("date", np.array(texts, dtype=bytes))
        shape = (grid.height, grid.width)
        self._velocity = Hdf5Writer(
            velocity_path,
            [Array(name, shape, _FLOAT, {"UNIT": "m/year"}) for name in ("velocity", "velocityStd")],
            {**common, **file_attributes("velocity", "m/year", moments), "DATE12": f"{texts[0]}_{texts[-1]}"},
        )

    def __enter__(self) -> _Component:
        return self

    def __exit__(self, *_: object) -> None:
        self._series.close()
        self._velocity.close()

    def write(self, rows: Rows) -> None:
        """Write the rows of both files."""
        moved = self._projector.displacement(rows.east, rows.north, rows.velocity)
        self._series.put_rows("timeseries", rows.y0, moved)
        self._velocity.put_rows("velocity", rows.y0, self._projector.velocity(rows.velocity))
        self._velocity.put_rows("velocityStd", rows.y0, self._projector.sigma(rows.velocity_sigma))


@dataclass(frozen=True)
class StackExport:
    """How pairs become a stack of offsets.

    Attributes
    ----------
    path : str
        Of the ``ifgramStack.h5``.
    look : Look or None
        None: rangeOffset is east and azimuthOffset north. Given: what the radar would see of the horizontal motion,
        rangeOffset toward the satellite, azimuthOffset along the flight. Metres in both cases: PROCESSOR says cosicorr,
        whose offsets MintPy leaves unscaled; those in pixels it inverts in radar coordinates only.
    """

    path: str
    look: Look | None = None


def export_stack(
    sources: Sequence[PairSource],
    options: StackExport,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> str:
    """Write pairs as MintPy's stack; returns its path.

    Raises
    ------
    DeepotError
        No pair, grids differ, no georeference, no room; nothing is left under a final name.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    require_one_grid(sources)
    pairs = sorted(sources, key=lambda source: (source.first, source.second))
    grid = pairs[0].grid
    require_room(options.path, 16 * len(pairs) * grid.width * grid.height)
    with whole_file(options.path) as path, _stack_writer(path, pairs, options) as writer:
        project = _offsets(options.look, grid)
        blocks = list(row_blocks(grid.width, grid.height, 4))
        for number, pair in enumerate(pairs):
            for y0, height in blocks:
                if cancelled():
                    raise CancelledError("Cancelled; nothing was written.")
                progress((number + y0 / grid.height) / len(pairs), "Writing the stack")
                for name, plane in project(*pair.read(0, y0, grid.width, height)).items():
                    writer.put_rows(name, y0, plane, number)
    progress(1.0, "Done")
    return options.path


def _stack_writer(path: str, pairs: Sequence[PairSource], options: StackExport) -> Hdf5Writer:
    moments = sorted({moment for pair in pairs for moment in (pair.first, pair.second)})
    text = dict(zip(moments, date_texts(moments)))
    grid, count = pairs[0].grid, len(pairs)
    names = [f"{axis}Offset{kind}" for axis in ("azimuth", "range") for kind in ("", "Std")]
    dates = np.array([[text[pair.first], text[pair.second]] for pair in pairs], dtype=bytes)
    writer = Hdf5Writer(
        path,
        [
            *(Array(name, (count, grid.height, grid.width), _FLOAT, {"UNIT": "m"}) for name in names),
            Array("date", dates.shape, dates.dtype),
            Array("bperp", (count,), _FLOAT, {"UNIT": "m"}),  # not known from amplitude images; 0
            Array("dropIfgram", (count,), _TRUTH),
        ],
        {
            **map_attributes(grid),
            **file_attributes("ifgramStack", "m", moments),
            **look_attributes(options.look),
            **_frame(options, grid),
        },
    )
    writer.put("date", dates)
    writer.put("dropIfgram", np.ones(count, bool))  # in MintPy True is kept
    return writer


def _frame(options: StackExport, grid: Grid) -> dict[str, str]:
    x, y = abs(grid.geotransform[1]), abs(grid.geotransform[5])
    return {
        "PROCESSOR": MAP_PROCESSOR,
        FRAME: "map" if options.look is None else "radar",
        "ALOOKS": "1",
        "RLOOKS": "1",
        "RANGE_PIXEL_SIZE": repr(x),
        "AZIMUTH_PIXEL_SIZE": repr(y),
    }


def _offsets(look: Look | None, grid: Grid) -> Callable[..., dict[str, np.ndarray]]:
    directions = None if look is None else look_vectors(look, grid)

    def project(east: np.ndarray, north: np.ndarray, sigma: np.ndarray) -> dict[str, np.ndarray]:
        across, along, errors = east, north, (sigma, sigma)
        if directions is not None:
            across, along = directions.project(east, north)
            errors = directions.radar_sigma(sigma)
        return {
            "rangeOffset": across,
            "rangeOffsetStd": errors[0],
            "azimuthOffset": along,
            "azimuthOffsetStd": errors[1],
        }

    return project
