"""Fields of ruptures and the slip read from profiles across them."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import osr

from cases import okada, rupture
from deepot_qgis.engine.rasters import Grid


@pytest.fixture(scope="module")
def grid() -> Grid:
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32637)
    return Grid(160, 120, (300_000.0, 20.0, 0, 4_000_000.0, 0, -20.0), crs.ExportToWkt(), True)


@pytest.fixture(scope="module")
def broken(grid) -> rupture.Rupture:
    start, end = np.array([299_000.0, 3_998_300.0]), np.array([304_400.0, 3_999_300.0])
    return rupture.bent(start, end, 60.0, np.full(6, 2.0), 4000.0)


def test_the_field_of_a_scene_is_that_of_its_dislocations(grid, broken):
    """Interpolated away from the trace and computed beside it, to a few millimetres of metres of slip."""
    field = rupture.displacement(broken, grid)
    rng = np.random.default_rng(2)
    rows, columns = rng.integers(0, grid.height, 200), rng.integers(0, grid.width, 200)
    exact = okada.total(broken.faults(), *grid.to_map(columns + 0.5, rows + 0.5))
    np.testing.assert_allclose(field[:, rows, columns], exact, atol=8e-3)


def test_places_beside_the_trace_keep_the_jump(grid, broken):
    field = rupture.displacement(broken, grid)
    at = rupture.stations(broken, 500)
    middle = len(at.along) // 2
    right = np.array([at.direction[middle, 1], -at.direction[middle, 0]])
    sides = [at.place[middle] + side * 4.0 * right for side in (1, -1)]
    x, y = np.array([grid.to_pixel(*side) for side in sides]).T - 0.5
    values = rupture.at_places(broken, grid, field, x, y)
    jump = values[:, 0] - values[:, 1]
    np.testing.assert_allclose(jump @ at.direction[middle], -2.0, atol=0.02)


def test_slip_is_read_back_from_the_profile(grid, broken):
    field = rupture.displacement(broken, grid)
    at = rupture.stations(broken, 400)
    inside = [
        rupture.crossing(field[0], field[1], grid, place, direction, 700, 100).slip(40, 250)
        for place, direction in zip(at.place, at.direction)
    ]
    known = np.array(inside)[np.isfinite(inside)]
    assert known.size >= 5
    assert np.median(known) == pytest.approx(2.0, abs=0.1)


def test_a_masked_side_gives_no_slip(grid, broken):
    field = rupture.displacement(broken, grid)[:2].copy()
    at = rupture.stations(broken, 400)
    middle = len(at.along) // 2
    field[:, :, :] = np.where(rupture.distance_px(broken, grid) < 14, np.nan, field)
    cut = rupture.crossing(*field, grid, at.place[middle], at.direction[middle], 700, 100)
    assert np.isnan(cut.slip(40, 250))


def test_magnitude_of_a_known_moment():
    trace = np.array([[0.0, 0.0], [0.0, 40e3]])
    made = rupture.Rupture(trace, np.array([2.5]), 10e3)
    # 30 GPa x 40 km x 10 km x 2.5 m = 3e19 N m
    assert made.moment_magnitude() == pytest.approx(2 / 3 * (np.log10(3e19) - 9.05), abs=1e-9)
