import math

import numpy as np
import pytest
from osgeo import osr

from deepot_qgis.engine import dates, displacement
from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.rasters import UNREFERENCED, Grid


def grid(geotransform, epsg, width=5, height=4):
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    return Grid(width, height, geotransform, crs.ExportToWkt(), True)


def ground(grid, dx, dy, sigma=0.5):
    shape = (grid.height, grid.width)
    offset = np.stack([np.full(shape, dx, np.float32), np.full(shape, dy, np.float32)])
    return displacement.displacement(offset, np.full(shape, sigma, np.float32), grid)


ANGLE = math.radians(30)
FRAMES = {
    "north up": ((500000, 10, 0, 4200000, 0, -10), (10 * 1.0, -10 * 2.0)),
    "south up": ((500000, 10, 0, 4200000, 0, 10), (10 * 1.0, 10 * 2.0)),
    "non-square": ((500000, 20, 0, 4200000, 0, -5), (20 * 1.0, -5 * 2.0)),
    "rotated": (
        (500000, 10 * math.cos(ANGLE), 10 * math.sin(ANGLE), 4200000, 10 * math.sin(ANGLE), -10 * math.cos(ANGLE)),
        (
            10 * (math.cos(ANGLE) * 1.0 + math.sin(ANGLE) * 2.0),
            10 * (math.sin(ANGLE) * 1.0 - math.cos(ANGLE) * 2.0),
        ),
    ),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_one_right_two_down_in_every_projected_frame(frame):
    geotransform, (east, north) = FRAMES[frame]
    found = ground(grid(geotransform, 32613), 1, 2)
    assert np.allclose(found.east, east, rtol=1e-6) and np.allclose(found.north, north, rtol=1e-6)
    assert np.allclose(found.magnitude, math.hypot(east, north), rtol=1e-6)
    assert np.allclose(found.direction, math.degrees(math.atan2(east, north)) % 360, atol=1e-3)


@pytest.mark.parametrize("dx, dy, bearing", [(0, -1, 0), (1, 0, 90), (0, 1, 180), (-1, 0, 270), (1, -1, 45)])
def test_direction_is_a_compass_bearing(dx, dy, bearing):
    assert np.allclose(ground(grid(FRAMES["north up"][0], 32613), dx, dy).direction, bearing)


def test_degrees_become_metres_through_the_ellipsoid():
    # One arc second on WGS 84 at 60 degrees: 15.50 m of parallel, 30.95 m of meridian.
    arc = 1 / 3600
    found = ground(grid((10.0, arc, 0, 60.0, 0, -arc), 4326), 1, -1)
    assert np.allclose(found.east, 15.500, atol=0.002)
    assert np.allclose(found.north, 30.948, atol=0.002)


def test_web_mercator_is_measured_on_the_ground():
    x, y = 0.0, 5621521.486192066  # 45 degrees north
    found = ground(grid((x, 10, 0, y, 0, -10), 3857), 1, 0)
    assert np.allclose(found.east, 10 * math.cos(math.radians(45)), rtol=2e-3)  # radius of the sphere / ellipsoid


def test_feet_become_metres():
    found = ground(grid((2000000, 10, 0, 600000, 0, -10), 2263), 1, 0)  # New York Long Island, US survey feet
    assert np.allclose(found.east, 10 * 1200 / 3937, rtol=1e-6)


def test_without_georeference_everything_is_pixels_and_north_is_up():
    found = ground(Grid(5, 4, UNREFERENCED, "", False), 3, -4, sigma=0.25)
    assert (found.east == 3).all() and (found.north == 4).all() and (found.magnitude == 5).all()
    assert np.allclose(found.sigma, 0.25)
    assert displacement.unit(Grid(5, 4, UNREFERENCED, "", False)) == "px"


def test_sigma_scales_with_the_pixel_and_nan_stays():
    found = ground(grid((500000, 20, 0, 4200000, 0, -20), 32613), np.nan, 1, sigma=0.1)
    assert np.allclose(found.sigma, 2.0)
    assert np.isnan(found.east).all() and np.isnan(found.magnitude).all()


def test_a_crs_without_ground_is_refused():
    crs = osr.SpatialReference()
    crs.SetFromUserInput('LOCAL_CS["site",UNIT["metre",1]]')
    with pytest.raises(InputError, match="reproject"):
        displacement.metres_per_unit(Grid(5, 4, (0, 1, 0, 0, 0, -1), crs.ExportToWkt(), True))


def test_velocity_units():
    first, second = dates.parse("2023-01-01"), dates.parse("2023-01-11")
    assert displacement.velocity_factor(first, second, "m/yr") == pytest.approx(36.525)
    assert displacement.velocity_factor(first, second, "mm/day") == pytest.approx(100)
    with pytest.raises(OptionsError):
        displacement.velocity_factor(second, first, "m/yr")
    with pytest.raises(OptionsError):
        displacement.velocity_factor(first, second, "furlongs")
