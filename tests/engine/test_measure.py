import json
import os
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal

from deepot_qgis.engine import inference, measure, product, provenance
from deepot_qgis.engine.errors import CancelledError, DeepotError, GridMismatchError, ModelError, OptionsError
from deepot_qgis.engine.estimate import Estimate
from deepot_qgis.engine.measure import MeasureOptions
from deepot_qgis.engine.pair import PairOptions, open_pair
from deepot_qgis.engine.quality import Reason

from . import networks, scenes
from .test_displacement import FRAMES

INNER = np.s_[40:-40, 40:-40]


def options(tmp_path, pair, **changes):
    return MeasureOptions(*pair, str(tmp_path / "out" / "d.tif"), **{"method": "correlation", **changes})


@pytest.fixture(autouse=True)
def out(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.mark.parametrize("frame", FRAMES)
def test_ground_moved_a_known_way_is_measured_so_in_every_frame(tmp_path, frame):
    geotransform, _ = FRAMES[frame]
    dx, dy = 2.3, -1.6
    result = measure.measure(options(tmp_path, scenes.pair(tmp_path, dx, dy, geotransform=geotransform)))
    bands = scenes.read(result.product)
    east = geotransform[1] * dx + geotransform[2] * dy
    north = geotransform[4] * dx + geotransform[5] * dy
    size = np.hypot(geotransform[1], geotransform[4])
    assert np.nanmedian(bands["east"][INNER]) == pytest.approx(east, abs=0.05 * size)
    assert np.nanmedian(bands["north"][INNER]) == pytest.approx(north, abs=0.05 * size)
    assert np.nanmedian(bands["direction"][INNER]) == pytest.approx(np.degrees(np.arctan2(east, north)) % 360, abs=2)
    assert result.statistics["good"] > 0.9
    raw = scenes.read(result.offsets)
    assert np.nanmedian(raw["dx"][INNER]) == pytest.approx(dx, abs=0.05)
    assert np.nanmedian(raw["dy"][INNER]) == pytest.approx(dy, abs=0.05)


def test_degrees_are_measured_in_metres(tmp_path):
    arc = 10 / 111412.0  # 10 m of meridian at 60 degrees north
    pair = scenes.pair(tmp_path, 1.0, -1.0, geotransform=(10.0, arc, 0, 60.0, 0, -arc), epsg=4326)
    bands = scenes.read(measure.measure(options(tmp_path, pair)).product)
    assert np.nanmedian(bands["north"][INNER]) == pytest.approx(10.0, abs=0.3)
    assert np.nanmedian(bands["east"][INNER]) == pytest.approx(5.0, abs=0.3)


def test_the_product_is_what_the_design_says(tmp_path):
    result = measure.measure(
        options(tmp_path, scenes.pair(tmp_path, 1, 0), velocity=str(tmp_path / "out" / "v.tif"), velocity_unit="mm/day")
    )
    dataset = gdal.Open(result.product)
    bands = [dataset.GetRasterBand(number + 1) for number in range(7)]
    assert tuple(band.GetDescription() for band in bands) == product.BANDS
    assert [band.GetUnitType() for band in bands] == ["m", "m", "m", "degree", "m", "", ""]
    assert all(np.isnan(band.GetNoDataValue()) for band in bands)
    assert dataset.GetGeoTransform() == scenes.NORTH_UP and 'ID["EPSG",32613]' in dataset.GetSpatialRef().ExportToWkt(
        ["FORMAT=WKT2_2019"]
    )
    tags = dataset.GetMetadata()
    assert (tags["REFERENCE_DATE"], tags["SECONDARY_DATE"], tags["DAYS"]) == ("2023-09-04", "2023-09-16", "12")
    record = json.loads(Path(result.provenance).read_text())
    assert json.loads(tags[provenance.TAG]) == record
    first = record["inputs"]["reference"]
    assert first["sha256"] == provenance.sha256(first["path"], lambda: False)
    velocity = gdal.Open(result.velocity)
    assert velocity.GetRasterBand(1).GetUnitType() == "mm/day"
    east = np.nanmedian(bands[0].ReadAsArray())
    # both are rounded when they are stored
    assert np.nanmedian(velocity.GetRasterBand(1).ReadAsArray()) == pytest.approx(east * 1000 / 12, rel=2e-5)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"d.tif", "d_offsets.tif", "v.tif", "d.json"}


def test_the_record_runs_again_bit_for_bit(tmp_path):
    first = measure.measure(options(tmp_path, scenes.pair(tmp_path, 0.7, 0.2)))
    again = measure.again(
        MeasureOptions.from_record(provenance.read_options(first.provenance)), str(tmp_path / "out" / "again.tif")
    )
    second = measure.measure(again)
    for a, b in ((first.product, second.product), (first.offsets, second.offsets)):
        assert np.array_equal(gdal.Open(a).ReadAsArray(), gdal.Open(b).ReadAsArray(), equal_nan=True)


def test_without_georeference_the_product_says_pixels(tmp_path):
    result = measure.measure(options(tmp_path, scenes.pair(tmp_path, 1.5, 2.0, geotransform=None, epsg=None)))
    assert result.unit == "px"
    bands = scenes.read(result.product)
    assert np.nanmedian(bands["east"][INNER]) == pytest.approx(1.5, abs=0.05)
    assert np.nanmedian(bands["north"][INNER]) == pytest.approx(-2.0, abs=0.05)
    assert gdal.Open(result.product).GetRasterBand(1).GetUnitType() == "px"
    assert any("pixels" in message for message in result.messages)


def test_holes_are_masked_and_never_filled(tmp_path):
    amplitude = scenes.texture(200, 220)
    later = scenes.moved(amplitude, 3, 0)
    amplitude[60:90, 100:140] = 0
    later[120:160, 30:80] = np.nan
    pair = (
        scenes.write(tmp_path / "a_20230904.tif", amplitude, nodata=0),
        scenes.write(tmp_path / "b_20230916.tif", later, nodata=0),
    )
    result = measure.measure(options(tmp_path, pair))
    raw, bands = scenes.read(result.offsets), scenes.read(result.product)
    assert np.isnan(raw["dx"][60:90, 100:140]).all() and np.isnan(raw["sigma"][60:90, 100:140]).all()
    assert (bands["mask"][60:90, 100:140] == Reason.NODATA).all()
    # The hole of the secondary, seen from the reference, lies 3 px to the left.
    assert np.isnan(raw["dx"][125:155, 32:72]).all()
    assert (bands["mask"][125:155, 32:72] == Reason.NODATA).all()
    for name in ("east", "north", "magnitude", "direction"):
        assert np.isnan(bands[name][bands["mask"] != 0]).all()
        assert np.isfinite(bands[name][bands["mask"] == 0]).all()


def test_unrelated_images_are_masked_with_a_reason(tmp_path):
    pair = (
        scenes.write(tmp_path / "a_20230904.tif", scenes.texture(200, 220, 1)),
        scenes.write(tmp_path / "b_20230916.tif", scenes.texture(200, 220, 2)),
    )
    result = measure.measure(options(tmp_path, pair))
    assert result.statistics["good"] < 0.3
    assert result.statistics["masked"]
    assert any("passed the quality checks" in message for message in result.messages)


def test_an_area_is_cut_out_and_equals_the_whole(tmp_path):
    pair = scenes.pair(tmp_path, 1.2, 0.4, size=(300, 320))
    whole = scenes.read(measure.measure(options(tmp_path, pair)).offsets)
    x, y = 500000 + 10 * 83, 4200000 - 10 * 97
    area = f"POLYGON (({x} {y}, {x + 1000} {y}, {x + 1000} {y - 900}, {x} {y - 900}, {x} {y}))"
    result = measure.measure(options(tmp_path, pair, area=area, offsets=str(tmp_path / "out" / "raw.tif")))
    part = scenes.read(result.offsets)
    assert part["dx"].shape == (90, 100)
    assert np.abs(part["dx"] - whole["dx"][97:187, 83:183]).max() < 0.01
    assert gdal.Open(result.product).GetGeoTransform() == (x, 10, 0, y, 0, -10)


def test_every_kind_of_numbers_measures_the_same(tmp_path):
    first = scenes.texture(160, 170)
    later = scenes.moved(first, 1.4, -0.8)
    for name, kind in {
        "amplitude": lambda a: a,
        "intensity": lambda a: a**2,
        "db": lambda a: 20 * np.log10(np.maximum(a, 1e-3)),
        "complex": lambda a: (a * np.exp(1j * a)).astype(np.complex64),
        "amplitude_8bit": lambda a: np.clip(a / 2, 1, 255).astype(np.uint8),
        "amplitude_16bit": lambda a: (a * 100).astype(np.uint16),
    }.items():
        pair = (
            scenes.write(tmp_path / f"{name}_20230904.tif", kind(first)),
            scenes.write(tmp_path / f"{name}_20230916.tif", kind(later)),
        )
        result = measure.measure(options(tmp_path, pair))
        raw = scenes.read(result.offsets)
        assert np.nanmedian(raw["dx"][INNER]) == pytest.approx(1.4, abs=0.06), name
        assert np.nanmedian(raw["dy"][INNER]) == pytest.approx(-0.8, abs=0.06), name
        said = {"db": "decibels"}.get(name, name.split("_")[0])
        assert sum(f"read as {said}" in message for message in result.messages) == 2, name


def test_tiles_leave_no_seams(tmp_path):
    pair = scenes.pair(tmp_path, 1.2, 0.4, size=(300, 320))
    whole = scenes.read(measure.measure(options(tmp_path, pair, tile_px=2048)).offsets)
    tiled = scenes.read(measure.measure(options(tmp_path, pair, tile_px=96)).offsets)
    for name in ("dx", "dy"):
        assert np.isfinite(whole[name]).all()
        assert np.abs(whole[name] - tiled[name]).max() < 0.01


def test_ground_that_leaves_the_image_is_masked_as_outside(tmp_path):
    bands = scenes.read(measure.measure(options(tmp_path, scenes.pair(tmp_path, 6, 0))).product)
    assert (bands["mask"][40:-40, -4:] == Reason.OUTSIDE).mean() > 0.9
    assert (bands["mask"][40:-40, 40:-40] != Reason.OUTSIDE).all()


def test_a_model_runs_by_path(tmp_path):
    model = networks.write(tmp_path / "n.onnx", offset=(1, -2), sigma=0.25)
    result = measure.measure(options(tmp_path, scenes.pair(tmp_path, 1, -2), method="model", model=model, device="cpu"))
    bands = scenes.read(result.product)
    assert (bands["east"][INNER] == 10).all() and (bands["north"][INNER] == 20).all()
    assert np.allclose(bands["sigma"][INNER], 2.5)
    assert (result.model, result.device) == ("constant", "cpu")
    record = json.loads(Path(result.provenance).read_text())
    assert record["estimator"]["sha256"] == provenance.sha256(model, lambda: False)


@pytest.mark.parametrize("stop_at", [0.0, 0.3, 0.8, 0.97])
def test_cancel_leaves_nothing(tmp_path, out, stop_at):
    reached = []
    with pytest.raises(CancelledError):
        measure.measure(
            options(tmp_path, scenes.pair(tmp_path, 1, 0, size=(300, 300)), tile_px=96),
            progress=lambda share, what: reached.append(share),
            cancelled=lambda: bool(reached) and reached[-1] >= stop_at,
        )
    assert list(out.iterdir()) == []


def test_failures_leave_nothing(tmp_path, out):
    first, second = scenes.pair(tmp_path, 1, 0)
    other = scenes.write(tmp_path / "other.tif", scenes.texture(190, 220))
    (tmp_path / "bad.onnx").write_text("no network")
    for pair, changes, kind in (
        ((first, other), {}, GridMismatchError),
        ((first, second), {"method": "model", "model": str(tmp_path / "bad.onnx")}, ModelError),
        ((first, second), {"offsets": first}, DeepotError),
        ((first, str(tmp_path / "gone.tif")), {}, DeepotError),
    ):
        with pytest.raises(kind):
            measure.measure(options(tmp_path, pair, **changes))
        assert list(out.iterdir()) == []
    assert os.path.exists(first)


@pytest.mark.parametrize(
    "bad",
    [
        {"method": "magic"},
        {"device": "abacus"},
        {"tile_px": 10},
        {"velocity_unit": "furlongs"},
        {"offsets": "same.tif", "velocity": "same.tif"},
    ],
)
def test_impossible_options_are_refused(bad):
    with pytest.raises(OptionsError):
        MeasureOptions("a.tif", "b.tif", "out.tif", **bad)


def test_a_velocity_needs_dates_and_a_georeference(tmp_path):
    velocity = str(tmp_path / "out" / "v.tif")
    values = scenes.texture(100, 100)
    undated = (scenes.write(tmp_path / "a.tif", values), scenes.write(tmp_path / "b.tif", values))
    with pytest.raises(OptionsError, match="dates"):
        measure.measure(options(tmp_path, undated, velocity=velocity))
    bare = scenes.pair(tmp_path, 0, 0, geotransform=None, epsg=None)
    with pytest.raises(OptionsError, match="georeference"):
        measure.measure(options(tmp_path, bare, velocity=velocity))


def test_progress_goes_up_to_one(tmp_path):
    seen = []
    measure.measure(options(tmp_path, scenes.pair(tmp_path, 1, 0)), progress=lambda share, what: seen.append(share))
    assert seen == sorted(seen) and seen[0] == 0 and seen[-1] == 1


def test_tiles_without_data_are_not_measured(tmp_path):
    values = scenes.texture(300, 300)
    values[:, 150:] = 0
    pair = open_pair(
        PairOptions(scenes.write(tmp_path / "a.tif", values), scenes.write(tmp_path / "b.tif", values * 2))
    )
    seen = []

    class Counting:
        name, margin_px, tile_multiple, max_offset_px, tile_px, overlap_px, workers = "counting", 0, 8, 8.0, None, 16, 1

        def estimate(self, reference, secondary):
            seen.append(reference.any())
            shape = reference.shape
            return Estimate(np.zeros((2, *shape), np.float32), np.ones(shape, np.float32))

    rows = list(inference.offsets(pair, Counting(), 64, lambda share: None, lambda: False))
    assert all(seen) and np.isnan(np.concatenate(rows, axis=1)[0, :, 150:]).all()


def test_options_survive_the_record(tmp_path):
    before = replace(options(tmp_path, ("a.tif", "b.tif")), area="POLYGON EMPTY", tile_px=256)
    path = tmp_path / "r.json"
    provenance.write(str(path), {"options": asdict(before)})
    assert MeasureOptions.from_record(provenance.read_options(str(path))) == before


def test_cancel_does_not_wait_for_a_tile(tmp_path):
    release, began = threading.Event(), threading.Event()

    class Slow:
        name, margin_px, tile_multiple, max_offset_px, tile_px, overlap_px, workers = "slow", 0, 8, 8.0, None, 16, 1

        def estimate(self, reference, secondary):
            began.set()
            release.wait(30)
            shape = reference.shape
            return Estimate(np.zeros((2, *shape), np.float32), np.ones(shape, np.float32))

    pair = open_pair(PairOptions(*scenes.pair(tmp_path, 0, 0)))
    started = time.monotonic()
    try:
        with pytest.raises(CancelledError):
            list(inference.offsets(pair, Slow(), 64, lambda share: None, began.is_set))
        assert time.monotonic() - started < 10  # the tile would take 30
    finally:
        release.set()


def test_cancel_does_not_wait_for_the_network_to_open(tmp_path, monkeypatch):
    release, began = threading.Event(), threading.Event()

    def slow(model, device):
        began.set()
        release.wait(30)

    monkeypatch.setattr("deepot_qgis.engine.measure.run.NetworkEstimator", slow)
    started = time.monotonic()
    try:
        with pytest.raises(CancelledError):
            wanted = replace(options(tmp_path, scenes.pair(tmp_path, 0, 0)), method="model")
            measure.measure(wanted, cancelled=began.is_set)
        assert time.monotonic() - started < 10  # opening would take 30
    finally:
        release.set()


def test_every_file_is_hashed_once(tmp_path, monkeypatch):
    pair, hashed, sha256 = scenes.pair(tmp_path, 1, 0), [], provenance.sha256

    def seen(path, cancelled):
        hashed.append(path)
        return sha256(path, cancelled)

    monkeypatch.setattr(provenance, "sha256", seen)
    model = networks.write(tmp_path / "constant.onnx")
    measure.measure(options(tmp_path, pair, method="model", model=model, device="cpu"))
    assert sorted(hashed) == sorted([*pair, model])
