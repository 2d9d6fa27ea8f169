"""An aligned copy of a raster, made only when the user asks for it."""

from __future__ import annotations

import numpy as np
from osgeo import gdal

from . import dates, output
from .callbacks import Cancelled, Progress
from .errors import CancelledError, InputError, OutputError
from .files import reason, refuse_inputs, stopped, whole_file
from .rasters import Grid, Raster, caller, quietly, require_dataset

_ROWS = 512


def align(
    secondary: str,
    reference: str,
    target: str,
    band: int = 1,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> str:
    """Resample one band of `secondary` to the grid of `reference` with a Lanczos kernel.

    Parameters
    ----------
    secondary, reference, target : str
        Paths; `target` becomes a GeoTIFF.
    band : int
        Band of the secondary.
    progress : callable, optional
        Called with the share that is done (0..1) and what is being done.
    cancelled : callable, optional
        Asked often; when it returns True the copy ends.

    Returns
    -------
    str
        `target`.

    Raises
    ------
    InputError
        A raster cannot be read, has no georeference, or the two do not overlap.
    OutputError
        The copy cannot be written.
    CancelledError
        The user cancelled; nothing is left.
    """
    progress = progress or (lambda share, what: None)
    cancelled = cancelled or (lambda: False)

    def go_on(share: float, *_: object) -> int:
        progress(share, "Aligning")
        return 0 if cancelled() else 1

    source, model = Raster(secondary, band), Raster(reference)
    for raster in (source, model):
        if not raster.grid.georeferenced:
            raise InputError(
                f"{raster.name} is not georeferenced, so there is nothing to align by; georeference it first."
            )
    refuse_inputs(target, (secondary, reference))
    with whole_file(target) as temporary:
        dataset = _empty_copy(temporary, model.grid, source)
        call = caller(source.path)
        original = require_dataset(source.path)
        if band != 1 or original.RasterCount > 1:
            original, _ = call(gdal.Translate, "", original, format="VRT", bandList=[band])
        done, words = call(
            gdal.Warp,
            dataset,
            original,
            resampleAlg=gdal.GRA_Lanczos,
            errorThreshold=0.0,
            multithread=True,
            callback=go_on,
        )
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
        if not done:
            raise OutputError(
                reason(words, temporary)
                or f"{source.name} could not be aligned to {model.name} ({words.strip()}); is it damaged, or the disk "
                "full?"
            )
        if not _keep_sign(dataset.GetRasterBand(1), source):
            raise InputError(
                f"{source.name} and {model.name} do not overlap, so an aligned copy would be empty; choose images of "
                "one place."
            )
        dataset.SetMetadata(_tags(source))  # after the warp, which writes tags of its own
        _, words = quietly(dataset.FlushCache)
        del dataset
        if words.strip():
            raise stopped(words, temporary)
    return target


def _tags(source: Raster) -> dict[str, str]:
    """Where the copy comes from, and the date that its new name may lack."""
    date = dates.of_raster(source)
    tags = {"DEEPOT_ALIGNED_FROM": source.name}
    if date is not None:
        tags["ACQUISITION_DATE"] = dates.text(date)
    return tags


def _empty_copy(path: str, grid: Grid, source: Raster) -> gdal.Dataset:
    kind = gdal.GetDataTypeByName(source.dtype) if source.dtype.startswith("C") else gdal.GDT_Float32
    dataset, words = quietly(
        gdal.GetDriverByName("GTiff").Create, path, grid.width, grid.height, 1, kind, options=output.GTIFF_OPTIONS
    )
    if dataset is None:
        raise stopped(words, path)
    dataset.SetGeoTransform(grid.geotransform)
    dataset.SetProjection(grid.crs_wkt)
    band = dataset.GetRasterBand(1)
    band.SetNoDataValue(float("nan"))
    band.SetDescription(source.description)
    band.SetUnitType(source.unit)
    band.Fill(float("nan"))
    return dataset


def _keep_sign(band: gdal.Band, source: Raster) -> bool:
    """Undo the negative ringing of the kernel around bright scatterers of an image that has no negative values.

    Returns whether the copy holds any data.
    """
    values, valid = source.overview(1024)
    positive = not np.iscomplexobj(values) and bool(valid.any()) and float(values[valid].min()) >= 0
    some = False
    for y in range(0, band.YSize, _ROWS):
        rows = min(_ROWS, band.YSize - y)
        part = band.ReadAsArray(0, y, band.XSize, rows)
        some = some or bool(np.isfinite(part).any())
        if positive:
            band.WriteArray(np.abs(part), 0, y)
    return some
