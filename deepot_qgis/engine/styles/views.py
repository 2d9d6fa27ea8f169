"""The pictures a result is shown as: which file, which band, which kind of ramp.

Plain data, no QGIS: the ranges are computed from it in a worker thread, the styles from it in the main thread.
"""

from __future__ import annotations

from dataclasses import dataclass

SEQUENTIAL, DIVERGING, CYCLIC, ERROR, SHARE, CLASSES = "sequential", "diverging", "cyclic", "error", "share", "classes"
COUNT, VEIL = "count", "veil"
SIGNIFICANCE = "significance"


@dataclass(frozen=True)
class View:
    """One band shown one way.

    Attributes
    ----------
    key
        Name used in file names, custom properties and tests.
    band
        Name of the band (its GDAL description) in the file.
    kind
        Which ramp and range rule.
    scale_group
        Views with the same group share one range, so that they can be compared by eye.
    """

    key: str
    band: str
    kind: str
    scale_group: str


PRODUCT_VIEWS = (
    View("magnitude", "magnitude", SEQUENTIAL, "magnitude"),
    View("direction", "direction", CYCLIC, "direction"),
    View("east", "east", DIVERGING, "component"),
    View("north", "north", DIVERGING, "component"),
    View("sigma", "sigma", ERROR, "sigma"),
    View("correlation", "correlation", SHARE, "correlation"),
    View("mask", "mask", CLASSES, "mask"),
)
VELOCITY_VIEWS = (View("velocity", "magnitude", SEQUENTIAL, "velocity"),)
OFFSET_VIEWS = (
    View("offset_x", "dx", DIVERGING, "offset"),
    View("offset_y", "dy", DIVERGING, "offset"),
)
SIGNIFICANCE_VIEWS = (View(SIGNIFICANCE, SIGNIFICANCE, VEIL, SIGNIFICANCE),)
DOWNSLOPE_VIEWS = (
    View("downslope", "downslope", DIVERGING, "downslope"),
    View("along_surface", "along_surface", DIVERGING, "downslope"),
    View("across", "across", DIVERGING, "downslope"),
    View("slope", "slope", SEQUENTIAL, "slope"),
    View("aspect", "aspect", CYCLIC, "aspect"),
)
SERIES_VELOCITY_VIEWS = (
    View("velocity_magnitude", "magnitude", SEQUENTIAL, "velocity"),
    View("velocity_east", "east", DIVERGING, "component"),
    View("velocity_north", "north", DIVERGING, "component"),
    View("velocity_direction", "direction", CYCLIC, "direction"),
    View("velocity_sigma", "sigma", ERROR, "sigma"),
    View("annual_east", "annual_east", SEQUENTIAL, "annual"),
    View("annual_north", "annual_north", SEQUENTIAL, "annual"),
)
SERIES_QUALITY_VIEWS = (
    View("closure", "closure", ERROR, "closure"),
    View("pairs", "pairs", COUNT, "pairs"),
)
