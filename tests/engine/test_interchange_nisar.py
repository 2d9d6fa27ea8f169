from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.interchange.nisar import NisarOptions, nisar_pair
from deepot_qgis.engine.interchange.radar import vectors

WIDTH, HEIGHT = 6, 5
X, Y = 500000.0 + 80.0 * (np.arange(WIDTH) + 0.5), 4200000.0 - 80.0 * (np.arange(HEIGHT) + 0.5)
HEADING = -12.0
DATES = {"reference": "2026-01-01T05:30:12.000000000", "secondary": "2026-01-13T05:30:12.000000000"}


def goff(path, kind="GOFF", across=2.0, along=-0.7, leave_out=(), dates=DATES, epsg=32613):
    """A product as NISAR's, its incidence angle growing to the right and with height."""
    dataset = gdal.GetDriverByName("netCDF").CreateMultiDimensional(str(path), [], ["FORMAT=NC4"])
    made = {"": dataset.GetRootGroup()}
    dimensions = {}

    def group(name):
        if name not in made:
            parent, _, leaf = name.rpartition("/")
            made[name] = group(parent).CreateGroup(leaf)
        return made[name]

    def put(name, values, kind_=gdal.GDT_Float32):
        if name.rpartition("/")[2] in leave_out:
            return
        values = np.asarray(values)
        axes = []
        for size in values.shape:
            if size not in dimensions:
                dimensions[size] = made[""].CreateDimension(f"d{size}", None, None, size)
            axes.append(dimensions[size])
        parent, _, leaf = name.rpartition("/")
        array = group(parent).CreateMDArray(leaf, axes, gdal.ExtendedDataType.Create(kind_))
        array.WriteArray(values)

    base = f"science/LSAR/{kind}"
    offsets = f"{base}/grids/frequencyA/pixelOffsets"
    put(f"{offsets}/xCoordinates", X, gdal.GDT_Float64)
    put(f"{offsets}/yCoordinates", Y, gdal.GDT_Float64)
    put(f"{offsets}/projection", np.array([epsg], np.uint32), gdal.GDT_UInt32)
    for number in (1, 2) if kind == "GOFF" else (0,):
        layer = f"{offsets}/HH/layer{number}" if number else f"{offsets}/HH"
        plane = np.full((HEIGHT, WIDTH), across, np.float32)
        plane[0, 0], plane[0, 1] = np.nan, -10000
        put(f"{layer}/slantRangeOffset", plane * (number or 1))
        put(f"{layer}/alongTrackOffset", np.full((HEIGHT, WIDTH), along, np.float32))
        put(f"{layer}/slantRangeOffsetVariance", np.full((HEIGHT, WIDTH), 0.01, np.float32))
        put(f"{layer}/alongTrackOffsetVariance", np.full((HEIGHT, WIDTH), 0.04, np.float32))
    radar = f"{base}/metadata/radarGrid"
    heights, xs, ys = (
        np.array([0.0, 1000.0, 2000.0, 3000.0]),
        np.linspace(499000, 501500, 3),
        np.array([4.203e6, 4.198e6]),
    )
    put(f"{radar}/heightAboveEllipsoid", heights, gdal.GDT_Float64)
    put(f"{radar}/xCoordinates", xs, gdal.GDT_Float64)
    put(f"{radar}/yCoordinates", ys, gdal.GDT_Float64)
    cube = np.broadcast_to(incidence(xs, heights[:, None, None]), (4, 2, 3))
    look = vectors(HEADING, cube)
    flight = np.ones((4, 2, 3))
    put(f"{radar}/losUnitVectorX", np.float32(look.los_east))
    put(f"{radar}/losUnitVectorY", np.float32(look.los_north))
    put(f"{radar}/alongTrackUnitVectorX", np.float32(look.azimuth_east * flight))
    put(f"{radar}/alongTrackUnitVectorY", np.float32(look.azimuth_north * flight))
    text = gdal.ExtendedDataType.CreateString()
    for role, date in dates.items():
        name = f"{role}ZeroDopplerStartTime"
        if name not in leave_out:
            one = dimensions.get(1) or dimensions.setdefault(1, made[""].CreateDimension("d1", None, None, 1))
            group("science/LSAR/identification").CreateMDArray(name, [one], text).Write([date])
    made.clear()
    dimensions.clear()
    dataset = None
    return str(path)


def incidence(x, height):
    return 38.0 + (x - 500000.0) / 1000.0 + height / 1000.0


@pytest.mark.parametrize("kind", ["GOFF", "GUNW"])
def test_offsets_become_east_and_north(tmp_path, kind):
    pair = nisar_pair(goff(tmp_path / "a.h5", kind))
    assert (pair.days, pair.unit) == (12, "m")
    assert pair.grid.geotransform == (500000.0, 80.0, 0.0, 4200000.0, 0.0, -80.0)
    assert pair.grid.crs_name() == "EPSG:32613"
    east, north, sigma = pair.read(0, 0, WIDTH, HEIGHT)
    assert np.isnan(east[0, :2]).all() and np.isfinite(east[1:]).all()
    # slant range grows away from the radar: ground to the right of the track, by 1 / sin of the incidence
    slant = np.sin(np.radians(incidence(X, 0.0)))
    flight = np.radians(HEADING)
    wanted = 2.0 / slant * np.cos(flight) - 0.7 * np.sin(flight), -2.0 / slant * np.sin(flight) - 0.7 * np.cos(flight)
    np.testing.assert_allclose(east[2], wanted[0], atol=2e-3)
    np.testing.assert_allclose(north[2], wanted[1], atol=2e-3)
    np.testing.assert_allclose(sigma[2], np.sqrt(((0.1 / slant) ** 2 + 0.2**2) / 2), rtol=1e-3)


def test_a_window_is_a_part_of_the_whole(tmp_path):
    pair = nisar_pair(goff(tmp_path / "a.h5"))
    whole, part = pair.read(0, 0, WIDTH, HEIGHT), pair.read(2, 1, 3, 2)
    np.testing.assert_allclose(part, [plane[1:3, 2:5] for plane in whole], rtol=1e-6)


def test_height_and_layer(tmp_path):
    path = goff(tmp_path / "a.h5")
    east = {
        options: nisar_pair(path, options).read(2, 2, 1, 1)[0][0, 0]
        for options in (NisarOptions(), NisarOptions(height=1500.0), NisarOptions(2))
    }
    flat, high, second = east.values()
    ratio = np.sin(np.radians(incidence(X[2], 0))) / np.sin(np.radians(incidence(X[2], 1500)))
    assert (high + 0.7 * np.sin(np.radians(HEADING))) / (flat + 0.7 * np.sin(np.radians(HEADING))) == pytest.approx(
        ratio, rel=1e-3
    )
    assert second > 1.9 * flat


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({"kind": "ROFF"}, "ROFF product, in radar coordinates"),
        ({"kind": "GSLC"}, "no NISAR product with geocoded offsets"),
        ({"leave_out": ("alongTrackOffset",)}, "holds no alongTrackOffset"),
        ({"leave_out": ("projection",)}, "lacks 'projection'"),
        ({"leave_out": ("losUnitVectorX",)}, "no 'science/LSAR/GOFF/metadata/radarGrid/losUnitVectorX'"),
        ({"leave_out": ("secondaryZeroDopplerStartTime",)}, "secondaryZeroDopplerStartTime"),
        ({"dates": {**DATES, "secondary": "never"}}, "is 'never', which is no date"),
        ({"epsg": 999999}, "EPSG 999999"),
    ],
)
def test_what_is_missing_is_said(tmp_path, keywords, words):
    with pytest.raises(InputError, match=words):
        nisar_pair(goff(tmp_path / "a.h5", **keywords))


def test_layers_and_polarizations_that_are_not_there(tmp_path):
    path = goff(tmp_path / "a.h5")
    with pytest.raises(InputError, match="in layer 3"):
        nisar_pair(path, NisarOptions(3))
    with pytest.raises(InputError, match="polarisation VV"):
        nisar_pair(path, NisarOptions(polarization="VV"))
    with pytest.raises(OptionsError, match="layer"):
        NisarOptions(4)
