"""What has to be said of radar images before their offsets have a place and a direction on the map."""

from __future__ import annotations

import os
from dataclasses import dataclass

from osgeo import osr

from .. import values
from ..errors import OptionsError
from ..interchange.radar import SIDES
from ..rasters import quietly
from ..terrain.incidence import HIGHEST, LOWEST

#: What a column of the images is a step of.
RANGES = ("slant", "ground")


@dataclass(frozen=True)
class GeocodeOptions:
    """Which product, where its pixels lie, and how the radar flew and looked.

    Attributes
    ----------
    product : str
        A displacement product in pixels, measured from two images in the geometry of the radar: columns are range, rows
        are azimuth.
    output : str
        The product on the map, a GeoTIFF.
    range_geometry : str
        ``slant`` (SLC and what is made of them) or ``ground`` (GRD); what the range spacing is a spacing of.
    longitude, latitude : str or None
        Rasters of degrees (WGS 84) of the size of the images: a lookup that knows the relief.
    gcps : str or None
        Raster with ground control points, used where there are no such rasters; None takes the reference image.
    heading : float or None
        Bearing of the flight, degrees clockwise from true north. None takes it from the lookup, for images whose rows
        follow the flight and whose columns lead away from the radar.
    incidence : float or None
        Degrees from the vertical; needed for slant range.
    incidence_raster : str or None
        Raster of these angles, of the size of the images or on the map, instead.
    side : str
        ``right`` or ``left``, where the radar looks.
    range_spacing, azimuth_spacing : float or None
        Metres from column to column and from row to row. None reads them from the reference image; what is not said
        there comes from the lookup, except for slant range.
    crs : str or None
        Of the map, as ``EPSG:32633`` or WKT; None is the UTM zone of the middle.
    pixel : float or None
        Side of a pixel on the map, in units of the CRS; None is the larger spacing on the ground.
    """

    product: str
    output: str
    range_geometry: str
    longitude: str | None = None
    latitude: str | None = None
    gcps: str | None = None
    heading: float | None = None
    incidence: float | None = None
    incidence_raster: str | None = None
    side: str = "right"
    range_spacing: float | None = None
    azimuth_spacing: float | None = None
    crs: str | None = None
    pixel: float | None = None

    def __post_init__(self) -> None:
        if not self.product:
            raise OptionsError("No displacement product is chosen; choose one that was measured in radar geometry.")
        values.one_of("range_geometry", self.range_geometry, RANGES)
        values.one_of("look side", self.side, SIDES)
        if bool(self.longitude) != bool(self.latitude):
            raise OptionsError("Longitude and latitude belong together; give both rasters, or none.")
        if self.heading is not None:
            values.number("heading", self.heading, -360, 360)
        if self.incidence is not None:
            values.number("incidence", self.incidence, LOWEST, HIGHEST)
            if self.incidence_raster:
                raise OptionsError("The incidence angle is one number or a raster of angles; give one of the two.")
        if self.range_geometry == "slant" and self.incidence is None and not self.incidence_raster:
            raise OptionsError("Slant range becomes motion on the ground by the incidence angle; give it.")
        for name in ("range_spacing", "azimuth_spacing", "pixel"):
            value = getattr(self, name)
            if value is not None and not (values.is_number(value) and value > 0):
                raise OptionsError(f"'{name}' is {values.shown(value)}; it must be a positive number.")
        if self.crs:
            crs_of(self.crs)

    @property
    def provenance_path(self) -> str:
        """Where the record goes."""
        return os.path.splitext(self.output)[0] + ".json"


def crs_of(text: str) -> osr.SpatialReference:
    """A CRS by its code or WKT, with x before y.

    Raises
    ------
    OptionsError
        It is none, or neither geographic nor projected.
    """
    crs = osr.SpatialReference()
    failed, _ = quietly(crs.SetFromUserInput, text)
    if failed is None or failed or not (crs.IsGeographic() or crs.IsProjected()):
        raise OptionsError(f"The CRS of the map is {values.shown(text)}; give one such as EPSG:32633.")
    crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return crs
