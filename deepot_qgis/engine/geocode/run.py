"""From a product in the geometry of the radar to one on the map."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from osgeo import osr

from .. import product, provenance
from ..callbacks import Cancelled, Progress
from ..displacement import pixel_metres, polar
from ..errors import CancelledError, InputError, OptionsError
from ..files import refuse_inputs, require_room, whole_files
from ..output import BLOCK, GeoTiffWriter, strip_rows
from ..pipeline import band_steps, round_bands
from ..product import Block
from ..quality import Reason
from ..rasters import Grid, Raster, quietly
from ..terrain.incidence import MappedIncidence, SteadyIncidence, understood, within
from .frame import Frame, find_frame
from .inverse import Inverse, Part
from .lookup import GcpLookup, Lookup, MappedLookup, geographic
from .nodes import Nodes, look
from .options import GeocodeOptions, crs_of
from .source import RadarProduct

#: Pixels of the map along a side, beyond which the pixel is surely a mistake.
_MOST_SIDE = 200_000
#: Pixels of the images along a side that a part of the map may cover.
_MOST_SOURCE = 3000
#: Of the record of the measurement, what its product on the map is made from; its options would measure again.
_KEPT = ("inputs", "days", "estimator", "window_px")


@dataclass(frozen=True)
class GeocodeResult:
    """What was made.

    Attributes
    ----------
    product, provenance : str
        Paths.
    statistics : mapping
        See `product.Statistics.summary`.
    messages : tuple of str
    """

    product: str
    provenance: str
    statistics: Mapping[str, Any]
    messages: tuple[str, ...]


def geocode(
    options: GeocodeOptions, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> GeocodeResult:
    """Bring a product in pixels of range and azimuth to metres east and north on a map.

    Parameters
    ----------
    options : GeocodeOptions
    progress : callable, optional
        Called with the share that is done (0..1) and what is being done.
    cancelled : callable, optional
        Asked often; when it returns True the run ends.

    Returns
    -------
    GeocodeResult

    Raises
    ------
    InputError
        The product is none or on a map already; a lookup cannot be read or does not fit it.
    OptionsError
        What was said of the radar does not fit the lookup, or something is missing.
    OutputError
        The product cannot be written.
    CancelledError
        The user cancelled; nothing is left.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    progress(0.0, "Reading the lookup")
    scene = _Scene(options)
    grid, targets = scene.grid, {"product": options.output, "record": options.provenance_path}
    for target in targets.values():
        refuse_inputs(target, scene.inputs)
    require_room(options.output, 4 * len(product.BANDS) * grid.width * grid.height)
    statistics, steps = product.Statistics(grid.width * grid.height), band_steps(grid)
    with whole_files(targets) as temporary:
        writer = GeoTiffWriter(temporary["product"], grid, product.bands("m"))
        try:
            for block in _blocks(grid, scene.ratio):
                if cancelled():
                    raise CancelledError("Cancelled; nothing was written.")
                progress(0.98 * block.y0 / grid.height, "Bringing offsets to the map")
                planes = scene.planes(block)
                round_bands(planes, steps)
                statistics.add(planes)
                writer.place(planes, block.x0, block.y0)
            numbers = statistics.summary()
            if not numbers["covered"]:
                raise InputError(f"No pixel of {scene.source.name} has its place on the map; is the lookup that of it?")
            record = scene.record(numbers, cancelled)
            writer.finish(_tags(scene.source.tags, record), cancelled)
        finally:
            writer.close()
        provenance.write(temporary["record"], record)
    progress(1.0, "Done")
    return GeocodeResult(options.output, options.provenance_path, numbers, tuple(record["messages"]))


def _blocks(grid: Grid, ratio: float) -> Iterator[Block]:
    """Parts of the map, smaller where its pixels are so many times larger than those of the images."""
    most = max(16, int(_MOST_SOURCE / ratio))
    wide, high = min(2 * BLOCK, most), min(BLOCK, strip_rows(grid.width), most)
    for y0 in range(0, grid.height, high):
        for x0 in range(0, grid.width, wide):
            yield Block(x0, y0, min(wide, grid.width - x0), min(high, grid.height - y0))


class _Scene:
    """A product, its lookup and its radar, opened."""

    def __init__(self, options: GeocodeOptions):
        self.options, self.source = options, RadarProduct(options.product)
        self._lookup = self._open_lookup()
        nodes = look(self._lookup, *self.source.size)
        self._incidence: SteadyIncidence | MappedIncidence | _RadarIncidence
        self._incidence, angle, told = self._open_incidence()
        tags = Raster(self.source.reference).metadata() if self.source.reference else {}
        self._frame, messages = find_frame(options, nodes, tags, angle)
        self.grid = _map_grid(options, nodes)
        #: Pixels of the images along a side of a pixel of the map.
        self.ratio = (pixel_metres(self.grid) or 1.0) / min(nodes.axis(down)[1] for down in (False, True))
        self._inverse = Inverse(self._lookup, nodes, self.source.size, crs_of(self.grid.crs_wkt))
        self.messages = [*told, *messages]
        if not self._lookup.knows_relief:
            self.messages.append(
                f"The ground control points of {self._lookup.name} do not know the relief: mountains lie too close to "
                "the radar by their height over the tangent of the incidence angle. Rasters of longitude and latitude "
                "do."
            )

    @property
    def inputs(self) -> list[str]:
        """Files that are read."""
        options = self.options
        lookup = (options.longitude, options.latitude) if options.longitude else (self._gcps(),)
        return [path for path in (options.product, *lookup, options.incidence_raster) if path]

    def _gcps(self) -> str:
        path = self.options.gcps or self.source.reference
        if path is None:
            raise OptionsError(
                f"The reference image of {self.source.name} is not in its place any more; give rasters of longitude "
                "and latitude, or a raster with ground control points."
            )
        return path

    def _open_lookup(self) -> Lookup:
        where = self.source.size, self.source.origin
        if self.options.longitude and self.options.latitude:
            return MappedLookup(self.options.longitude, self.options.latitude, *where)
        return GcpLookup(self._gcps(), *where)

    def _open_incidence(
        self,
    ) -> tuple[SteadyIncidence | MappedIncidence | _RadarIncidence, float | None, tuple[str, ...]]:
        """Angles, the one in the middle, and what to know of them."""
        options = self.options
        if not options.incidence_raster:
            angle = 45.0 if options.incidence is None else options.incidence  # ground range does not ask for it
            return SteadyIncidence(angle), options.incidence, ()
        if Raster(options.incidence_raster).grid.georeferenced:
            mapped = MappedIncidence(options.incidence_raster)
            return mapped, (mapped.low + mapped.high) / 2, mapped.messages
        radar = _RadarIncidence(options.incidence_raster, self.source)
        return radar, radar.middle, radar.messages

    def planes(self, block: Block) -> np.ndarray:
        """Bands of a part of the map, float32 ``(7, height, width)``."""
        grid = self.grid.window(block.x0, block.y0, block.width, block.height)
        planes = np.full((len(product.BANDS), block.height, block.width), np.nan, np.float32)
        planes[6] = Reason.NODATA
        part = self._inverse.part(grid)
        if part is None:
            return planes
        found = self.source.at(part)
        of = self._incidence
        incidence = of.at(part) if isinstance(of, _RadarIncidence) else of.degrees(grid)
        east, north, sigma = self._frame.motion(found["dx"], found["dy"], found["sigma"], incidence, grid)
        planes[0], planes[1], planes[4], planes[5] = east, north, sigma, found["correlation"]
        polar(planes[0], planes[1], planes[2], planes[3])
        lacking = (found["mask"] == Reason.GOOD) & ~np.isfinite(east)  # no angle there
        planes[6] = np.where(lacking, np.float32(Reason.NODATA), found["mask"])
        planes[:4, planes[6] != Reason.GOOD] = np.nan
        return planes

    def record(self, statistics: Mapping[str, Any], cancelled: Cancelled) -> dict[str, Any]:
        """What goes beside the product."""
        frame: Frame = self._frame
        return {
            **{key: value for key, value in self.source.record.items() if key in _KEPT},
            "unit": "m",
            "crs": self.grid.crs_name(),
            "geotransform": self.grid.geotransform,
            "geocoding": {
                "options": asdict(self.options),
                "inputs": [{"path": path, "sha256": provenance.sha256(path, cancelled)} for path in self.inputs],
                "frame": asdict(frame),
                "versions": provenance.versions(None),
            },
            "statistics": dict(statistics),
            "messages": self.messages,
            "versions": provenance.versions(None),
        }


class _RadarIncidence:
    """Angles at the pixels of the images."""

    def __init__(self, path: str, source: RadarProduct):
        self._raster, self._origin = Raster(path), source.origin
        own = self._raster.grid.width, self._raster.grid.height
        if own == source.size:
            self._origin = 0, 0
        elif any(whole < start + part for whole, start, part in zip(own, source.origin, source.size)):
            raise InputError(
                f"{self._raster.name} is {own[0]} x {own[1]} pixels and has no place on a map; give angles of the size "
                "of the images, or on the map."
            )
        values, valid = self._raster.overview(1024)
        found, self._scale, self.messages = understood(np.asarray(values[valid], float), self._raster.name)
        self.middle = float(np.median(found))

    def at(self, part: Part) -> np.ndarray:
        """Degrees of the pixels nearest to what a part of the map asks for, float32, NaN where unknown."""
        x0, y0, width, height = part.window
        values, valid = self._raster.read(x0 + self._origin[0], y0 + self._origin[1], width, height)
        angles = within(np.where(valid, values, np.nan).astype(np.float32) * np.float32(self._scale))
        seen = np.isfinite(part.column)
        row, column = (np.rint(np.where(seen, at, 0)).astype(int) for at in (part.row, part.column))
        return np.asarray(angles[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)])


def _map_grid(options: GeocodeOptions, nodes: Nodes) -> Grid:
    """The grid of the map: all of the images, pixels at round places."""
    lon, lat = nodes.middle
    zone = int((lon + 180) % 360 // 6) + 1
    polar_zone = 5041 if lat > 84 else 5042 if lat < -80 else None
    crs = crs_of(options.crs or f"EPSG:{polar_zone or (32700 if lat < 0 else 32600) + zone}")
    transform, _ = quietly(osr.CoordinateTransformation, geographic(), crs)
    known = np.isfinite(nodes.longitude) & np.isfinite(nodes.latitude)
    places = np.stack([nodes.longitude[known], nodes.latitude[known]], axis=1)
    found, _ = quietly(transform.TransformPoints, places.tolist()) if transform and transform.this else (None, "")
    points = np.array(found or [], float).reshape(-1, 3)[:, :2]
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        raise OptionsError(f"The images do not lie in the reach of {options.crs}; choose another CRS for the map.")
    metres = max(nodes.axis(down)[1] for down in (False, True))
    unit = crs.GetLinearUnits() if crs.IsProjected() else nodes.scale[1]
    side = options.pixel or _round(metres / unit)
    # half a pixel of the images more than the centres of their pixels
    low = np.floor((points.min(axis=0) - metres / unit / 2) / side) * side
    high = np.ceil((points.max(axis=0) + metres / unit / 2) / side) * side
    width, height = (max(1, round(extent)) for extent in (high - low) / side)
    if max(width, height) > _MOST_SIDE:
        raise OptionsError(
            f"With pixels of {side:g} the map would be {width} x {height} pixels; give the pixel in units of the CRS "
            f"({'degrees' if crs.IsGeographic() else crs.GetLinearUnitsName()})."
        )
    return Grid(width, height, (float(low[0]), side, 0.0, float(high[1]), 0.0, -side), crs.ExportToWkt(), True)


def _round(side: float) -> float:
    """A side of a pixel to two digits."""
    digits = 1 - math.floor(math.log10(side))
    return round(side, digits)


def _tags(tags: Mapping[str, str], record: Mapping[str, Any]) -> dict[str, str]:
    """Tags of a GeoTIFF: those of the product in radar geometry, with the new record."""
    return {
        **tags,
        "UNIT": "m",
        "DEEPOT_VERSION": record["versions"]["deepot"],
        provenance.TAG: provenance.text(record),
    }
