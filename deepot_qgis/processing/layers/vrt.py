"""Rasters that GDAL computes when they are drawn: VRTs beside the files they are made of."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from deepot_qgis.engine.files import whole_file
from deepot_qgis.engine.rasters import Grid


def simple(name: str, band: int) -> str:
    """Return a source: a band of a file, as it is; a name alone is in the folder of the VRT."""
    return f"<SimpleSource>{_file(name, band)}</SimpleSource>"


def looked_up(name: str, band: int, table: Sequence[tuple[float, float]]) -> str:
    """Return a source whose values are replaced by those of a table of pairs, linear between them."""
    pairs = ",".join(f"{before:.9g}:{after:.9g}" for before, after in table)
    return f"<ComplexSource>{_file(name, band)}<LUT>{pairs}</LUT></ComplexSource>"


def derived(
    number: int,
    kind: str,
    function: str,
    source_kind: str,
    sources: Iterable[str],
    description: str = "",
    unit: str = "",
) -> str:
    """Return a band that one of GDAL's own pixel functions computes from sources."""
    nodata = "<NoDataValue>nan</NoDataValue>" if kind == "Float32" else ""
    return (
        f'<VRTRasterBand dataType="{kind}" band="{number}" subClass="VRTDerivedRasterBand">'
        f"<Description>{escape(description)}</Description><UnitType>{escape(unit)}</UnitType>{nodata}"
        f"<PixelFunctionType>{function}</PixelFunctionType>"
        f"<SourceTransferType>{source_kind}</SourceTransferType>{''.join(sources)}</VRTRasterBand>"
    )


def write(path: str, grid: Grid, bands: str) -> None:
    """Write a VRT on a grid.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    place = ""
    if grid.crs_wkt:
        place += f'<SRS dataAxisToSRSAxisMapping="1,2">{escape(grid.crs_wkt)}</SRS>'
    if grid.georeferenced:
        place += f"<GeoTransform>{', '.join(repr(float(value)) for value in grid.geotransform)}</GeoTransform>"
    text = f'<VRTDataset rasterXSize="{grid.width}" rasterYSize="{grid.height}">{place}{bands}</VRTDataset>\n'
    with whole_file(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def _file(name: str, band: int) -> str:
    relative = int(not os.path.isabs(name))
    return f'<SourceFilename relativeToVRT="{relative}">{escape(name)}</SourceFilename><SourceBand>{band}</SourceBand>'
