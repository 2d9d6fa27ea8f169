"""Offset rasters of ISCE and autoRIFT: the order of the bands, signs, nodata, dates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.interchange.autorift import AutoriftOptions, autorift_pair
from deepot_qgis.engine.interchange.isce import IsceOptions, isce_pair
from deepot_qgis.engine.interchange.radar import Look
from deepot_qgis.engine.interchange.sources import pair_dates

from . import interchanged as ic

LOOK = Look(-12.0, 30.0)
ISCE = IsceOptions(LOOK, 2.5, 14.0)
ROOT = np.sin(np.radians(30.0))
DATES = {"first": "2020-01-01", "second": "2020-01-13"}


def write(path, *bands, driver="GTiff", georeferenced=True, nodata=None):
    height, width = np.shape(bands[0])
    dataset = gdal.GetDriverByName(driver).Create(str(path), width, height, len(bands), gdal.GDT_Float32)
    if georeferenced:
        dataset.SetGeoTransform((500000.0, 30.0, 0.0, 4200000.0, 0.0, -30.0))
        dataset.SetProjection(ic.wkt(32613))
    for number, values in enumerate(bands, start=1):
        band = dataset.GetRasterBand(number)
        band.WriteArray(np.asarray(values, np.float32))
        if nodata is not None:
            band.SetNoDataValue(nodata)
    dataset = None
    return str(path)


def ground(across_px, along_px):
    """East and north, by hand: ground range to the right of an ascending track, azimuth along it."""
    flight = np.radians(-12.0)
    across, along = 2.5 * across_px / ROOT, 14.0 * along_px
    return (
        across * np.cos(flight) + along * np.sin(flight),
        -across * np.sin(flight) + along * np.cos(flight),
    )


def test_isce_writes_azimuth_first_and_counts_range_away_from_the_radar(tmp_path):
    azimuth, across = np.full((4, 5), 0.5), np.full((4, 5), 2.0)
    azimuth[0, 0] = across[0, 0] = -10000
    azimuth[1, 1] = -10000  # one band only
    path = write(tmp_path / "20200101_20200113.bip", azimuth, across, driver="ENVI")
    pair = isce_pair(path, ISCE)
    assert pair.days == 12
    east, north, sigma = pair.read(0, 0, 5, 4)
    assert np.isnan([east[0, 0], north[0, 0], east[1, 1], north[1, 1], sigma[1, 1]]).all()
    np.testing.assert_allclose((east[2, 2], north[2, 2]), ground(2.0, 0.5), atol=0.02)
    assert sigma[2, 2] == pytest.approx(0.1 * np.sqrt(((2.5 / ROOT) ** 2 + 14.0**2) / 2), rel=1e-4)
    assert any("band 1 was taken as azimuth" in note for note in pair.notes)


def test_the_wrong_order_shows(tmp_path):
    path = write(tmp_path / "20200101_20200113.tif", np.full((4, 5), 0.5), np.full((4, 5), 2.0))
    swapped = isce_pair(path, IsceOptions(LOOK, 2.5, 14.0, "range,azimuth"))
    np.testing.assert_allclose([p[0, 0] for p in swapped.read(0, 0, 1, 1)[:2]], ground(0.5, 2.0), atol=0.05)
    assert any("band 1 was taken as range" in note for note in swapped.notes)


def test_alos2app_writes_range_first(tmp_path):
    path = write(tmp_path / "200101-200113_denseoffset.off", np.full((4, 5), 2.0), np.full((4, 5), 0.5), driver="ENVI")
    pair = isce_pair(path, IsceOptions(LOOK, 2.5, 14.0, **DATES))
    np.testing.assert_allclose([p[0, 0] for p in pair.read(0, 0, 1, 1)[:2]], ground(2.0, 0.5), atol=0.02)


def test_errors_come_from_the_covariance_beside(tmp_path):
    path = write(tmp_path / "20200101_20200113.tif", np.full((4, 5), 0.5), np.full((4, 5), 2.0))
    write(tmp_path / "20200101_20200113_cov.tif", np.full((4, 5), 0.04), np.full((4, 5), 0.09), np.zeros((4, 5)))
    pair = isce_pair(path, ISCE)
    across, along = 0.3 * 2.5 / ROOT, 0.2 * 14.0
    assert pair.read(0, 0, 1, 1)[2][0, 0] == pytest.approx(np.sqrt((across**2 + along**2) / 2), rel=1e-4)


def test_a_reversed_pair_is_turned(tmp_path):
    bands = np.full((4, 5), 0.5), np.full((4, 5), 2.0)
    back = isce_pair(write(tmp_path / "20200113_20200101.tif", *bands), ISCE)
    forth = isce_pair(write(tmp_path / "20200101_20200113.tif", *bands), ISCE)
    assert (back.first, back.second) == (forth.first, forth.second)
    np.testing.assert_allclose(back.read(0, 0, 1, 1)[0], -forth.read(0, 0, 1, 1)[0])
    assert any("signs were turned" in note for note in back.notes)


@pytest.mark.parametrize(
    ("name", "bands", "keywords", "words"),
    [
        ("20200101_20200113.tif", 1, {}, "has one band"),
        ("20200101_20200113.tif", 2, {"georeferenced": False}, "radar coordinates"),
        ("offsets.tif", 2, {}, "does not tell its two dates"),
        ("20200101_20200113_20200125.tif", 2, {}, "more than two dates"),
    ],
)
def test_what_isce_rasters_lack_is_said(tmp_path, name, bands, keywords, words):
    path = write(tmp_path / name, *[np.ones((4, 5))] * bands, **keywords)
    with pytest.raises((InputError, OptionsError), match=words):
        isce_pair(path, ISCE)


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("20130510_20131025.tif", 168),
        ("pair_2013-05-10_2013-10-25/offsets.bip", 168),
        ("20130510_20131025/dense_offsets.bip", 168),
        ("S1A_20200101T053012_20200101T053040_X_S1A_20200113T053012_20200113T053040.tif", 12),
    ],
)
def test_dates_are_in_the_names(path, days):
    first, second = pair_dates(path, None, None)
    assert (second - first).days == days


def test_given_dates_go_before_the_name():
    first, second = pair_dates("20130510_20131025.tif", "2020-01-01", "2020-01-13")
    assert (first.year, (second - first).days) == (2020, 12)


def test_autorift_counts_its_second_offset_upward_on_maps(tmp_path):
    dx, dy = np.full((4, 5), 3.0), np.full((4, 5), 2.0)
    dx[0, 0] = np.nan
    dy[0, 1] = -32767
    path = write(tmp_path / "offset.tif", dx, dy, np.zeros((4, 5)), np.full((4, 5), 32))
    pair = autorift_pair(path, AutoriftOptions(x_spacing=10.0, y_spacing=15.0, **DATES))
    east, north, sigma = pair.read(0, 0, 5, 4)
    assert (east[2, 2], north[2, 2]) == (30.0, 30.0)
    assert np.isnan(east[0, :2]).all() and np.isnan(sigma[0, :2]).all()
    assert sigma[2, 2] == pytest.approx(0.1 * np.sqrt((10**2 + 15**2) / 2), rel=1e-5)


def test_autorift_of_radar_images_is_range_and_azimuth(tmp_path):
    path = write(tmp_path / "offset.tif", np.full((4, 5), 2.0), np.full((4, 5), 0.5), *[np.zeros((4, 5))] * 2)
    pair = autorift_pair(path, AutoriftOptions(x_spacing=2.5, y_spacing=14.0, look=LOOK, **DATES))
    np.testing.assert_allclose([p[0, 0] for p in pair.read(0, 0, 1, 1)[:2]], ground(2.0, 0.5), atol=0.02)


def test_autorift_velocity(tmp_path):
    path = write(tmp_path / "velocity.tif", np.full((4, 5), 365.25), np.full((4, 5), -36.525))
    pair = autorift_pair(path, AutoriftOptions(**DATES))
    np.testing.assert_allclose([p[0, 0] for p in pair.read(0, 0, 1, 1)[:2]], (12.0, -1.2), rtol=1e-5)
    forced = autorift_pair(path, AutoriftOptions("offset", 10.0, 10.0, **DATES))
    assert forced.read(0, 0, 1, 1)[0][0, 0] == pytest.approx(3652.5)


def test_autorift_offsets_need_the_pixels_of_the_images(tmp_path):
    path = write(tmp_path / "offset.tif", *[np.ones((4, 5))] * 4)
    with pytest.raises(OptionsError, match="pixel spacing in x and in y"):
        autorift_pair(path, AutoriftOptions(**DATES))
    with pytest.raises(OptionsError, match="x spacing"):
        AutoriftOptions(x_spacing=-10.0)
    assert Path(path).exists()
