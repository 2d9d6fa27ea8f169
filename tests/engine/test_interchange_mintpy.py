from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine.errors import CancelledError, DeepotError, GridMismatchError, InputError, OptionsError
from deepot_qgis.engine.interchange.arrays import ArrayFile
from deepot_qgis.engine.interchange.hdf5 import Array, Hdf5Writer
from deepot_qgis.engine.interchange.mintpy import StackGeometry, stack_pairs
from deepot_qgis.engine.interchange.mintpy_components import read_timeseries, velocity_pair
from deepot_qgis.engine.interchange.mintpy_export import MintpyOptions, StackExport, export_mintpy, export_stack
from deepot_qgis.engine.interchange.mintpy_series import SeriesImport, import_series
from deepot_qgis.engine.interchange.radar import Look
from deepot_qgis.engine.rasters import Grid
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.engine.timeseries.assemble import StackOptions, invert_pairs
from deepot_qgis.engine.timeseries.history import InversionOptions
from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.engine.timeseries.stack import PairSource

from . import interchanged as ic

LOOK = Look(-12.0, 38.0)
FLOAT = np.dtype("<f4")
WHOLE = (0, 0, ic.WIDTH, ic.HEIGHT)


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    return ic.series(tmp_path_factory.mktemp("m") / "slide")


def stack(path, attributes=None, leave_out=(), **arrays):
    """A stack as MintPy's load_data.py writes it: geocoded, offsets in pixels."""
    planes = {
        "rangeOffset": np.full((2, 3, 4), 2.0, FLOAT),
        "azimuthOffset": np.full((2, 3, 4), 0.5, FLOAT),
        "date": np.array([["20200101", "20200113"], ["20200113", "20200125"]], dtype="S8"),
        "dropIfgram": np.array([True, True]),
        "bperp": np.zeros(2, FLOAT),
        **arrays,
    }
    found = {
        "WIDTH": "4", "LENGTH": "3", "X_FIRST": "500000.0", "Y_FIRST": "4200000.0", "X_STEP": "20", "Y_STEP": "-20",
        "EPSG": "32613", "PROCESSOR": "isce", "ALOOKS": "2", "RLOOKS": "4", "RANGE_PIXEL_SIZE": "8.0",
        "AZIMUTH_PIXEL_SIZE": "28.0", "FILE_TYPE": "ifgramStack", **(attributes or {}),
    }  # fmt: skip
    planes = {name: values for name, values in planes.items() if name not in leave_out}
    found = {name: text for name, text in found.items() if name not in leave_out}
    with Hdf5Writer(str(path), [Array(name, v.shape, v.dtype) for name, v in planes.items()], found) as file:
        for name, values in planes.items():
            file.put(name, values)
    return str(path)


def test_a_series_is_read_back(series, tmp_path):
    paths = export_mintpy(MintpyOptions(series.folder, str(tmp_path / "made")))
    for path, truth, rate in zip(paths, ic.displacement(), ic.velocity()):
        component = read_timeseries(path)
        assert component.dates == series.dates
        assert component.grid == series.grid
        values = component.read(*WHOLE)
        assert np.isnan(values[:, 0, 0]).all()
        np.testing.assert_allclose(values[:, 1:], truth[:, 1:], rtol=1e-6)
        velocity = ArrayFile(path.replace("timeseries", "velocity"))
        np.testing.assert_allclose(velocity.read("velocity")[1:], rate[1:], rtol=1e-5)
        assert (velocity.read("velocityStd")[1:] > 0).all()
        assert velocity.attributes["UNIT"] == "m/year"


def test_attributes_are_those_mintpy_looks_for(series, tmp_path):
    paths = export_mintpy(MintpyOptions(series.folder, str(tmp_path), ("los",), LOOK))
    found = ArrayFile(paths[0]).attributes
    wanted = {
        "LENGTH": "17", "WIDTH": "23", "X_FIRST": "500000.0", "Y_FIRST": "4200000.0", "X_STEP": "10.0",
        "Y_STEP": "-10.0", "X_UNIT": "meters", "EPSG": "32613", "UTM_ZONE": "13N", "FILE_TYPE": "timeseries",
        "UNIT": "m", "REF_DATE": "20200101", "END_DATE": "20200410", "HEADING": "-12.0", "ORBIT_DIRECTION": "ASCENDING",
        "REF_Y": "0", "REF_X": "1",  # the slowest pixel with an answer
    }  # fmt: skip
    assert {name: found.get(name) for name in wanted} == wanted


def test_line_of_sight_and_azimuth_have_mintpys_signs(series, tmp_path):
    paths = export_mintpy(MintpyOptions(series.folder, str(tmp_path), ("los", "azimuth"), LOOK))
    los, azimuth = (read_timeseries(path).read(*WHOLE)[:, 1:] for path in paths[:2])
    east, north = ic.displacement()[:, :, 1:]
    a, i = np.radians(90 + 12.0), np.radians(38.0)
    np.testing.assert_allclose(los, np.sin(i) * (-east * np.sin(a) + north * np.cos(a)), atol=1e-4)
    np.testing.assert_allclose(azimuth, east * np.sin(np.radians(-12)) + north * np.cos(np.radians(12)), atol=1e-4)


@pytest.mark.parametrize("look", [None, LOOK])
def test_a_series_comes_back(series, tmp_path, look):
    components = ("east", "north") if look is None else ("los", "azimuth")
    paths = export_mintpy(MintpyOptions(series.folder, str(tmp_path), components, look))
    back = open_series(import_series(SeriesImport(paths[0], paths[1], str(tmp_path / "back"), look)))
    assert back.dates == series.dates and back.grid == series.grid and back.unit == "m"
    np.testing.assert_allclose(back.read(*WHOLE)[:2], series.read(*WHOLE)[:2], atol=1e-6)
    assert back.read(*WHOLE)[2, 1:, 1:].max() == pytest.approx(1.0)  # 0.1 of 10 m


def test_two_series_that_do_not_belong_together(series, tmp_path):
    paths = export_mintpy(MintpyOptions(series.folder, str(tmp_path)))
    with pytest.raises(OptionsError, match="holds the component 'north' where 'east'"):
        import_series(SeriesImport(paths[1], paths[0], str(tmp_path / "back")))
    with pytest.raises(OptionsError, match="given twice"):
        SeriesImport(paths[0], paths[0], str(tmp_path / "back"))
    for number, other in enumerate(
        (
            ic.series(tmp_path / "d", days=(0, 12, 36, 48, 120)),
            ic.series(tmp_path / "g", ic.grid(geotransform=(500005.0, 10, 0, 4200000, 0, -10))),
        )
    ):
        others = export_mintpy(MintpyOptions(other.folder, str(tmp_path / f"o{number}"), ("north",)))
        with pytest.raises(InputError, match="other dates" if number == 0 else "not on the grid") as raised:
            import_series(SeriesImport(paths[0], others[0], str(tmp_path / "back")))
        assert isinstance(raised.value, GridMismatchError) == bool(number)
    assert not (tmp_path / "back" / "series.json").exists()


@pytest.mark.parametrize(
    ("grid", "unit", "words"),
    [
        (Grid(ic.WIDTH, ic.HEIGHT, (0, 1, 0, 0, 0, -1), "", False), "px", "in pixels"),
        (ic.grid(geotransform=(500000, 10, 1, 4200000, 1, -10)), "m", "rotated"),
        (
            replace(ic.grid(), crs_wkt=ic.wkt(32613).replace('AUTHORITY["EPSG","32613"]', 'EXTENSION["a","b"]')
                    .replace('"central_meridian",-105', '"central_meridian",-104.3')),
            "m",
            "no EPSG code",
        ),
    ],
)  # fmt: skip
def test_what_mintpy_cannot_hold_is_said(tmp_path, grid, unit, words):
    ic.series(tmp_path / "s", grid, unit=unit)
    with pytest.raises(DeepotError, match=words):
        export_mintpy(MintpyOptions(str(tmp_path / "s"), str(tmp_path / "o")))
    assert not list((tmp_path / "o").glob("*")) if (tmp_path / "o").exists() else True


def test_two_acquisitions_of_one_day_keep_their_time(tmp_path):
    moments = (*ic.moments()[:4], datetime(2020, 2, 18, 17, 30, tzinfo=timezone.utc))
    ic.series(tmp_path / "s", dates=moments)
    path = export_mintpy(MintpyOptions(str(tmp_path / "s"), str(tmp_path), ("east",)))[0]
    assert ArrayFile(path).texts("date")[-2:].tolist() == ["20200218T0000", "20200218T1730"]
    assert read_timeseries(path).dates == moments


def test_cancelling_leaves_nothing(series, tmp_path):
    with pytest.raises(CancelledError):
        export_mintpy(MintpyOptions(series.folder, str(tmp_path)), cancelled=lambda: True)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("look", [None, LOOK])
def test_a_stack_is_read_back(tmp_path, look):
    sources = ic.pairs()
    back = stack_pairs(export_stack(sources, StackExport(str(tmp_path / "ifgramStack.h5"), look)))
    assert len(back) == len(sources)
    for source, pair in zip(sources, back):
        assert isinstance(pair, PairSource)
        assert (pair.first, pair.second, pair.grid, pair.unit) == (source.first, source.second, source.grid, "m")
        np.testing.assert_allclose(pair.read(2, 3, 9, 5), source.read(2, 3, 9, 5), atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.floats(-3, 3, width=32), st.floats(-3, 3, width=32), st.sampled_from((-12.0, -168.0, 10.0, 77.0)))
def test_offsets_of_a_radar_in_pixels(tmp_path_factory, across, along, heading):
    """Range pixels grow away from the radar, azimuth pixels along the flight; the ground moved accordingly."""
    if across == along == 0:
        return
    path = stack(
        tmp_path_factory.mktemp("r") / "ifgramStack.h5",
        rangeOffset=np.full((2, 3, 4), across, FLOAT),
        azimuthOffset=np.full((2, 3, 4), along, FLOAT),
    )
    pair = stack_pairs(path, StackGeometry(Look(heading, 30.0)))[0]
    east, north, sigma = (plane[1, 1] for plane in pair.read(0, 0, 4, 3))
    ground = 2.0 * across / np.sin(np.radians(30.0))  # 8 m / 4 looks
    flown = 14.0 * along  # 28 m / 2 looks
    flight = np.radians(heading)
    right = (np.cos(flight), -np.sin(flight))
    expected = [ground * right[0] + flown * np.sin(flight), ground * right[1] + flown * np.cos(flight)]
    np.testing.assert_allclose((east, north), expected, rtol=1e-3, atol=0.05)  # the map's north is 0.0 degrees off
    assert sigma == pytest.approx(0.1 * np.sqrt((4.0**2 + 14.0**2) / 2), rel=1e-3)
    assert any("0.1 px" in note for note in pair.notes) and any("horizontal" in note for note in pair.notes)


def test_dropped_pairs_and_pixels_without_data(tmp_path):
    offsets = np.full((2, 3, 4), 1.0, FLOAT)
    offsets[:, 0, 0] = 0
    path = stack(tmp_path / "s.h5", dropIfgram=np.array([False, True]), rangeOffset=offsets, azimuthOffset=offsets)
    found = stack_pairs(path, StackGeometry(LOOK))
    assert [pair.name for pair in found] == ["20200113_20200125 of s.h5"]
    east = found[0].read(0, 0, 4, 3)[0]
    assert np.isnan(east[0, 0]) and np.isfinite(east[1:]).all()
    with pytest.raises(InputError, match="marked as dropped"):
        stack_pairs(stack(tmp_path / "none.h5", dropIfgram=np.array([False, False])), StackGeometry(LOOK))


@pytest.mark.parametrize(("side", "to_satellite"), [("right", 102.0), ("left", -78.0)])
def test_a_geometry_file_gives_each_pixel_its_own_direction(tmp_path, side, to_satellite):
    path = stack(tmp_path / "s.h5", {"ANTENNA_SIDE": "-1" if side == "right" else "1"})
    incidence = np.linspace(30, 45, 12).reshape(3, 4).astype(FLOAT)
    geometry = {"incidenceAngle": incidence, "azimuthAngle": np.full((3, 4), to_satellite, FLOAT)}
    with Hdf5Writer(str(tmp_path / "g.h5"), [Array(n, (3, 4), FLOAT) for n in geometry], {}) as file:
        for name, values in geometry.items():
            file.put(name, values)
    found = stack_pairs(path, StackGeometry(file=str(tmp_path / "g.h5")))[0].read(1, 1, 2, 2)
    for row, column in np.ndindex(2, 2):
        alone = stack_pairs(path, StackGeometry(Look(-12.0, float(incidence[row + 1, column + 1]), side)))[0]
        np.testing.assert_allclose(
            [p[row, column] for p in found], [p[0, 0] for p in alone.read(1, 1, 1, 1)], rtol=1e-4
        )


@pytest.mark.parametrize(
    ("leave_out", "attributes", "geometry", "words"),
    [
        (("azimuthOffset",), {}, LOOK, "no azimuthOffset"),
        (("X_FIRST",), {}, LOOK, "radar coordinates"),
        (("EPSG",), {"X_UNIT": "meters"}, LOOK, "coordinate reference system"),
        (("WIDTH",), {}, LOOK, "lacks the attribute WIDTH"),
        (("RANGE_PIXEL_SIZE",), {}, LOOK, "lacks the attribute RANGE_PIXEL_SIZE"),
        ((), {"ALOOKS": "two"}, LOOK, "ALOOKS of s.h5 is 'two'"),
        ((), {}, None, "heading and the incidence angle"),
        (("date",), {}, LOOK, "no 'date'"),
    ],
)
def test_what_a_stack_lacks_is_said(tmp_path, leave_out, attributes, geometry, words):
    path = stack(tmp_path / "s.h5", attributes, leave_out)
    with pytest.raises(DeepotError, match=words):
        stack_pairs(path, geometry and StackGeometry(geometry))


def test_heading_and_incidence_of_the_stack_itself(tmp_path):
    path = stack(tmp_path / "s.h5", {"HEADING": "-12.0", "CENTER_INCIDENCE_ANGLE": "38.0"})
    np.testing.assert_allclose(
        stack_pairs(path)[0].read(0, 0, 4, 3), stack_pairs(path, StackGeometry(LOOK))[0].read(0, 0, 4, 3)
    )


def test_utm_zone_and_degrees_tell_the_crs(tmp_path):
    south = stack(tmp_path / "a.h5", {"UTM_ZONE": "19S"}, ("EPSG",))
    assert stack_pairs(south, StackGeometry(LOOK))[0].grid.crs_name() == "EPSG:32719"
    degrees = stack(
        tmp_path / "b.h5", {"X_UNIT": "degrees", "X_FIRST": "10", "Y_FIRST": "47", "X_STEP": "1e-3", "Y_STEP": "-1e-3"},
        ("EPSG",),
    )  # fmt: skip
    assert stack_pairs(degrees, StackGeometry(LOOK))[0].grid.crs_name() == "EPSG:4326"


def test_a_stack_needs_pairs_on_one_grid(tmp_path):
    other = ic.pairs(ic.grid(32614))
    with pytest.raises(GridMismatchError):
        export_stack([ic.pairs()[0], other[1]], StackExport(str(tmp_path / "s.h5")))
    with pytest.raises(InputError, match="no measured pair"):
        export_stack([], StackExport(str(tmp_path / "s.h5")))


def test_a_time_series_in_another_unit_is_refused(series, tmp_path):
    path = export_mintpy(MintpyOptions(series.folder, str(tmp_path), ("east",)))[0]
    content = Path(path).read_bytes()
    place = content.index(b"UNIT\0")
    (tmp_path / "mm.h5").write_bytes(
        content[:place] + content[place:].replace(b"m\0\0\0\0\0\0\0", b"k\0\0\0\0\0\0\0", 1)
    )
    with pytest.raises(InputError, match="is in k"):
        read_timeseries(str(tmp_path / "mm.h5"))
    with pytest.raises(InputError, match="no 'timeseries'"):
        read_timeseries(path.replace("timeseries", "velocity"))


@pytest.mark.parametrize("look", [None, LOOK])
def test_velocities_are_the_displacement_between_their_dates(series, tmp_path, look):
    components = ("east", "north") if look is None else ("los", "azimuth")
    paths = export_mintpy(MintpyOptions(series.folder, str(tmp_path), components, look))[2:]
    pair = velocity_pair(*paths, look)
    assert (pair.first, pair.second, pair.grid) == (series.dates[0], series.dates[-1], series.grid)
    east, north, sigma = pair.read(*WHOLE)
    np.testing.assert_allclose((east[1:], north[1:]), ic.displacement()[:, -1, 1:], atol=1e-5)
    assert np.isnan(east[0, 0]) and (sigma[1:] > 0).all()
    with pytest.raises(OptionsError, match="holds the component"):
        velocity_pair(*paths[::-1], look)
    with pytest.raises(InputError, match="no 'velocity'"):
        velocity_pair(paths[0].replace("velocity", "timeseries"), paths[1], look)


def test_others_pairs_become_a_series(tmp_path):
    """A stack of MintPy's, inverted here without a copy in between."""
    sources = stack_pairs(export_stack(ic.pairs(), StackExport(str(tmp_path / "ifgramStack.h5"), LOOK)))
    still = ReferenceOptions("none")
    result = invert_pairs(sources, StackOptions(still, InversionOptions("none"), netcdf=False), str(tmp_path / "s"))
    found = open_series(result.record)
    assert found.dates == ic.moments()
    np.testing.assert_allclose(found.read(*WHOLE)[:2], ic.displacement(), atol=1e-5)
