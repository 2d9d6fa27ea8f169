"""Relief and radar geometry through Processing."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsProcessingException, QgsRasterLayer

from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.rasters import Raster
from tests.engine import scenes
from tests.engine.radar_scenes import Radar
from tests.qgis.test_processing import run  # noqa: F401  (a fixture)


@pytest.fixture(scope="session")
def dem(tmp_path_factory) -> str:
    """A cone of 60 degrees, 400 m high."""
    east, north = np.meshgrid(np.arange(150) - 75.0, np.arange(150) - 75.0)
    heights = np.clip(400 - 17.3 * np.hypot(east, north), 0, None).astype(np.float32)
    return scenes.write(tmp_path_factory.mktemp("relief") / "dem.tif", heights)


def test_layover_and_shadow(run, dem, tmp_path):  # noqa: F811
    out = str(tmp_path / "seen.tif")
    found = run("deepot:layovershadow", DEM=dem, HEADING=-12, INCIDENCE=38, OUTPUT=out)
    codes = gdal.Open(found["OUTPUT"]).ReadAsArray()
    assert {0, 1, 2} <= set(np.unique(codes))
    assert found["SHADOW_SHARE"] == pytest.approx(np.mean((codes == 2) | (codes == 3)))
    layer = QgsRasterLayer(out, "seen")  # takes the QML beside it
    classes = {one.value: one for one in layer.renderer().classes()}
    assert classes[0].color.alpha() == 0 and classes[1].label == "layover" and classes[2].color.alpha() == 255


def test_layover_and_shadow_says_what_is_missing(run, dem, tmp_path):  # noqa: F811
    out = str(tmp_path / "seen.tif")
    with pytest.raises(QgsProcessingException, match="Give the heading of the radar"):
        run("deepot:layovershadow", DEM=dem, INCIDENCE=38, OUTPUT=out)  # 0 would be due north
    with pytest.raises(QgsProcessingException, match="give one of the two"):
        run("deepot:layovershadow", DEM=dem, HEADING=-12, OUTPUT=out)
    with pytest.raises(QgsProcessingException, match="give one of the two"):
        run("deepot:layovershadow", DEM=dem, HEADING=-12, INCIDENCE=38, INCIDENCE_RASTER=dem, OUTPUT=out)
    with pytest.raises(QgsProcessingException, match="holds no angles of incidence"):
        run("deepot:layovershadow", DEM=dem, HEADING=-12, INCIDENCE_RASTER=dem, OUTPUT=out)


def test_displacement_along_the_slope(run, moving_pair, tmp_path):  # noqa: F811
    product = str(tmp_path / "moved.tif")
    measure(MeasureOptions(*moving_pair, output=product, method="correlation"))
    grid = Raster(product).grid
    columns = np.arange(grid.width, dtype=np.float32)[None, :] * np.ones((grid.height, 1), np.float32)
    east = float(np.nanmedian(scenes.read(product)["east"]))
    hill = scenes.write(tmp_path / "hill.tif", 3000 - np.sign(east) * 5 * columns, grid.geotransform)
    out = str(tmp_path / "along.tif")
    found = run("deepot:downslope", PRODUCT=product, DEM=hill, OUTPUT=out)
    assert found["MEDIAN_DOWNSLOPE"] == pytest.approx(abs(east), rel=0.1)
    assert found["UPHILL_SHARE"] < 0.05
    layer = QgsRasterLayer(out, "along")  # takes the QML beside it
    assert layer.renderer().type() == "singlebandpseudocolor" and layer.bandCount() == 8
    low, high = layer.renderer().classificationMin(), layer.renderer().classificationMax()
    assert low == -high < 0


def test_a_product_in_radar_geometry_on_the_map(run, tmp_path):  # noqa: F811
    radar = Radar(-168.0)
    images = radar.images(tmp_path, 15.0, 6.0)
    product, out = str(tmp_path / "radar.tif"), str(tmp_path / "map.tif")
    measure(MeasureOptions(*images, output=product, method="correlation"))
    lookup = radar.lookup(tmp_path)
    same = {"PRODUCT": product, "LONGITUDE": lookup["longitude"], "LATITUDE": lookup["latitude"], "RANGE": "slant",
            "RANGE_SPACING": radar.range_m, "OUTPUT": out}  # fmt: skip
    with pytest.raises(QgsProcessingException, match="by the incidence angle; give it"):
        run("deepot:geocode", **same)
    found = run("deepot:geocode", **same, INCIDENCE=radar.incidence)
    assert found["MEDIAN_MAGNITUDE"] == pytest.approx(np.hypot(15, 6), abs=0.3)
    layer = QgsRasterLayer(out, "map")
    assert layer.crs().authid() == "EPSG:32613" and layer.bandCount() == 7
    assert np.nanmedian(scenes.read(out)["east"]) == pytest.approx(15, abs=0.3)
    other = run("deepot:geocode", **same, INCIDENCE=radar.incidence, CRS="EPSG:32614", PIXEL=20)
    assert QgsRasterLayer(other["OUTPUT"], "map").crs().authid() == "EPSG:32614"
