"""A coordinate reference system as attributes of a CF grid mapping variable."""

from __future__ import annotations

from osgeo import osr

from ..rasters import Grid

#: CF's names of the parameters of OGC projections (CF conventions 1.8, appendix F).
_PARAMETERS = {
    "latitude_of_projection_origin": osr.SRS_PP_LATITUDE_OF_ORIGIN,
    "longitude_of_central_meridian": osr.SRS_PP_CENTRAL_MERIDIAN,
    "scale_factor_at_central_meridian": osr.SRS_PP_SCALE_FACTOR,
    "false_easting": osr.SRS_PP_FALSE_EASTING,
    "false_northing": osr.SRS_PP_FALSE_NORTHING,
}


def mapping_attributes(grid: Grid) -> dict[str, str | float]:
    """Attributes of the variable ``mapping`` of a georeferenced, unrotated grid.

    The text of the CRS goes with it in any case; of the projections CF has names for, transverse Mercator, polar
    stereographic and plain degrees are spelled out, which are what such products come in.
    """
    crs = grid.require_crs()
    wkt = crs.ExportToWkt()
    found: dict[str, str | float] = {"crs_wkt": wkt, "spatial_ref": wkt}
    found["GeoTransform"] = " ".join(f"{number:.16g}" for number in grid.geotransform)
    code = crs.GetAuthorityCode(None)
    if code and code.isdigit():
        found["spatial_epsg"] = float(code)
    found["semi_major_axis"] = crs.GetSemiMajor()
    found["inverse_flattening"] = crs.GetInvFlattening()
    if crs.IsGeographic():
        return {"grid_mapping_name": "latitude_longitude", **found}
    projection = crs.GetAttrValue("PROJECTION")
    if projection == osr.SRS_PT_TRANSVERSE_MERCATOR:
        numbers = {name: crs.GetNormProjParm(key, 0.0) for name, key in _PARAMETERS.items()}
        return {"grid_mapping_name": "transverse_mercator", **numbers, **found}
    if projection == osr.SRS_PT_POLAR_STEREOGRAPHIC:
        return {"grid_mapping_name": "polar_stereographic", **_polar(crs), **found}
    return {"grid_mapping_name": (projection or "unknown").lower(), **found}


def _polar(crs: osr.SpatialReference) -> dict[str, float]:
    parallel = crs.GetNormProjParm(osr.SRS_PP_LATITUDE_OF_ORIGIN, 0.0)
    return {
        "latitude_of_projection_origin": 90.0 if parallel > 0 else -90.0,
        "standard_parallel": parallel,
        "straight_vertical_longitude_from_pole": crs.GetNormProjParm(osr.SRS_PP_CENTRAL_MERIDIAN, 0.0),
        "false_easting": crs.GetNormProjParm(osr.SRS_PP_FALSE_EASTING, 0.0),
        "false_northing": crs.GetNormProjParm(osr.SRS_PP_FALSE_NORTHING, 0.0),
    }
