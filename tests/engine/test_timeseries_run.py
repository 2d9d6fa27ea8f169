import json
from pathlib import Path

import numpy as np
import pytest

from deepot_qgis.engine import network
from deepot_qgis.engine.errors import CancelledError, GridMismatchError, InputError, OptionsError
from deepot_qgis.engine.jobs import job as job_module
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.engine.timeseries.acquisitions import Acquisition, check_grids, find_acquisitions, read_dates
from deepot_qgis.engine.timeseries.assemble import StackOptions, invert_pairs
from deepot_qgis.engine.timeseries.inversion import InversionOptions
from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.engine.timeseries.run import SeriesOptions, plan, series

from . import histories, scenes

DAYS = ("20200101", "20200113", "20200125", "20200206")
STEP = 0.5  # px of motion from one date to the next, in the middle


def stack(folder, days=DAYS, size=112):
    """Images whose middle moves to the right by `STEP` px a date."""
    from deepot_qgis.engine import synthetic

    ground = scenes.texture(size, size)
    moving = np.zeros((2, size, size), np.float32)
    moving[0, size // 4 : -size // 4, size // 4 : -size // 4] = 1
    for number, day in enumerate(days):
        image = synthetic.move(ground, moving * np.float32(STEP * number)).astype(np.float32)
        scenes.write(folder / f"scene_{day}.tif", image)
    return folder


def options(folder, **changes):
    images = changes.pop("images", None) or find_acquisitions(folder / "images")
    keywords = {"method": "correlation", "network": NetworkOptions(neighbours=2), **changes}
    return SeriesOptions(images, str(folder / "out"), **keywords)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("series")
    (folder / "images").mkdir()
    stack(folder / "images")
    return folder, series(options(folder))


def test_dated_images_become_a_series(measured):
    folder, result = measured
    product = open_series(result.record)
    assert [f"{moment:%Y%m%d}" for moment in product.dates] == list(DAYS)
    assert len(result.pairs) == 5 and result.unit == "m"
    middle = product.at(500000 + 560, 4200000 - 560, 5)
    assert middle.east == pytest.approx(10 * STEP * np.arange(4), rel=0.15, abs=0.6)
    assert np.abs(middle.north).max() < 0.6
    still = product.at(500000 + 150, 4200000 - 150, 5)
    assert np.abs(still.east).max() < 0.6
    assert {path.name for path in (folder / "out").iterdir()} == {
        "east.tif", "north.tif", "sigma.tif", "velocity.tif", "quality.tif", "series.json", "series.nc", "pairs",
        "network.png", "stable.tif",
    }  # fmt: skip
    assert len(list((folder / "out" / "pairs").glob("*.json"))) == 5
    quality = scenes.read(product.paths["quality"])
    assert quality["pairs"][56, 56] == 5 and quality["redundancy"][56, 56] == 2 and quality["components"][56, 56] == 1
    velocity = scenes.read(product.paths["velocity"])
    assert velocity["east"][56, 56] == pytest.approx(10 * STEP / 12 * 365.25, rel=0.15)
    record = json.loads(Path(result.record).read_text())
    assert len(record["pairs"]) == 5 and record["statistics"]["known"] > 0.8
    # pixels of 10 m, pairs of 12 and 24 days: 0.2 and 0.5 px in 12 days
    assert any(
        "with pairs of 12 days, what is slower than 170 mm/day, on narrow bodies than 420 mm/day" in said
        for said in result.messages
    )


def test_measured_pairs_are_taken_again(measured, monkeypatch):
    folder, first = measured
    monkeypatch.setattr(job_module, "measure", lambda *_: pytest.fail("measured again"))
    again = series(options(folder))
    assert "5 of 5 pairs were taken from an earlier run." in again.messages
    assert np.array_equal(
        open_series(first.record).at(500560, 4199440).east, open_series(again.record).at(500560, 4199440).east
    )


@pytest.mark.parametrize("change", ["options", "image", "product"])
def test_a_pair_that_no_longer_fits_is_measured_again(tmp_path, change):
    (tmp_path / "images").mkdir()
    stack(tmp_path / "images", DAYS[:3], 64)
    network_ = NetworkOptions(neighbours=1)
    series(options(tmp_path, network=network_))
    chosen = {"network": network_}
    if change == "options":
        chosen["radiometry"] = "amplitude"
    elif change == "image":
        scenes.write(tmp_path / "images" / f"scene_{DAYS[2]}.tif", scenes.texture(64, 64, seed=5))
    else:
        path = tmp_path / "out" / "pairs" / f"{DAYS[0]}_{DAYS[1]}.tif"
        path.write_bytes(path.read_bytes()[:2000])
    result = series(options(tmp_path, **chosen))
    taken = [message for message in result.messages if "earlier run" in message]
    assert taken == ([] if change == "options" else ["1 of 2 pairs were taken from an earlier run."])


def test_a_cancelled_run_goes_on_where_it_was(tmp_path):
    (tmp_path / "images").mkdir()
    stack(tmp_path / "images", DAYS[:3], 64)
    seen = []

    def stop():
        return any("Pair 2" in text for text in seen)

    with pytest.raises(CancelledError, match="measured so far are kept"):
        series(options(tmp_path), lambda share, text: seen.append(text), stop)
    assert len(list((tmp_path / "out" / "pairs").glob("*.json"))) == 1
    assert not (tmp_path / "out" / "series.json").exists()
    assert "1 of 3 pairs were taken" in " ".join(series(options(tmp_path)).messages)


def test_a_damaged_file_costs_only_its_pairs_and_is_named(tmp_path):
    """One image is cut short, of another only the middle is rotten."""
    (tmp_path / "images").mkdir()
    days = [f"202001{day:02d}" for day in range(1, 22, 3)]
    stack(tmp_path / "images", days, 64)
    short = tmp_path / "images" / f"scene_{days[1]}.tif"
    short.write_bytes(short.read_bytes()[:700])
    rotten = tmp_path / "images" / f"scene_{days[4]}.tif"
    values = scenes.texture(64, 64, seed=9)
    scenes.write(rotten, values, options=("COMPRESS=DEFLATE", "BLOCKYSIZE=8"))
    data = bytearray(rotten.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 400] = b"\0" * 400
    rotten.write_bytes(bytes(data))
    result = series(options(tmp_path, network=NetworkOptions(neighbours=1)))
    assert len(result.dates) == 5
    words = " ".join(result.messages)
    assert short.name in words and rotten.name in words and "with its 2 pairs" in words
    used = {frozenset(pair) for pair in result.pairs}
    assert len(used) == 3
    failed = json.loads(Path(result.record).read_text())["failed_pairs"]
    assert len(failed) == 2 and all(days[4] in pair["name"] for pair in failed)


def test_a_network_with_a_gap_is_said_to_have_one(tmp_path):
    (tmp_path / "images").mkdir()
    stack(tmp_path / "images", ("20200101", "20200113", "20210101", "20210113"), 64)
    result = series(options(tmp_path, network=NetworkOptions(max_days=30)))
    words = " ".join(result.messages)
    assert "falls into 2 parts" in words and "offset between parts is unknown" in words and "mean velocity" in words
    assert result.statistics["split"] == 1


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (("20200101",), "only one date"),
        (("20200101", "20200101T101010"), "are both of 2020-01-01"),
    ],
)
def test_dates_that_make_no_series_are_refused(tmp_path, days, sentence):
    for day in days:
        scenes.write(tmp_path / f"scene_{day}.tif", scenes.texture(40, 40))
    with pytest.raises(InputError, match=sentence):
        find_acquisitions(tmp_path)


def test_images_without_a_date_are_named_and_dates_can_be_given(tmp_path):
    for name in ("a.tif", "b.tif", "scene_20200113.tif"):
        scenes.write(tmp_path / name, scenes.texture(40, 40))
    with pytest.raises(InputError, match=r"No acquisition date is known for a\.tif, b\.tif"):
        find_acquisitions(tmp_path)
    table = tmp_path / "dates.csv"
    table.write_text("file;date\na.tif;2020-03-01\nb.tif;2020-02-01T10:00:00\n")
    found = find_acquisitions(tmp_path, dates=read_dates(str(table)))
    assert [image.name for image in found] == ["scene_20200113.tif", "b.tif", "a.tif"]
    table.write_text("a.tif,2020-03-01\nb.tif,soon\n")
    with pytest.raises(InputError, match="Row 2 of dates.csv has no date"):
        read_dates(str(table))


def test_a_folder_that_holds_nothing(tmp_path):
    with pytest.raises(InputError, match="holds no raster"):
        find_acquisitions(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        find_acquisitions(tmp_path / "nowhere")
    with pytest.raises(InputError, match="There is no image"):
        find_acquisitions([])


def test_images_in_any_order_are_sorted_and_that_is_said(tmp_path):
    stack(tmp_path, DAYS[:3], 40)
    images = tuple(reversed(find_acquisitions(tmp_path)))
    planned = plan(SeriesOptions(images, str(tmp_path / "out"), method="correlation"))
    assert [image.day for image in planned.images] == list(DAYS[:3])
    assert any("they were sorted" in message for message in planned.messages)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"epsg": 32614}, r"scene_20200125\.tif is not on the grid of scene_20200101\.tif: EPSG:32614 instead of"),
        ({"geotransform": (500003.0, 10.0, 0, 4200000.0, 0, -10.0)}, "its top left corner is 0.30 px away"),
    ],
)
def test_grids_and_crs_that_differ_are_refused(tmp_path, changes, sentence):
    stack(tmp_path, DAYS[:2], 40)
    scenes.write(tmp_path / f"scene_{DAYS[2]}.tif", scenes.texture(40, 40), **changes)
    with pytest.raises(GridMismatchError, match=sentence):
        check_grids(find_acquisitions(tmp_path))


def test_options_that_cannot_be(tmp_path):
    images = tuple(Acquisition(f"{number}.tif", moment) for number, moment in enumerate(histories.dates([0, 12])))
    for wrong in ({"method": "guess"}, {"device": "abacus"}, {"radiometry": "colour"}, {"output": ""}):
        with pytest.raises(OptionsError):
            SeriesOptions(**{"images": images, "output": str(tmp_path), **wrong})
    with pytest.raises(InputError, match="both of"):
        SeriesOptions((images[0], images[0]), str(tmp_path))


def known_pairs(days, shape=(30, 40), shift=0.0, ramp=0.0, rng=None):
    """Steady motion (1, -2) m/yr in the right quarter, with a shift and a ramp of its own in every pair."""
    rng = rng or np.random.default_rng(1)
    moments = histories.dates(days)
    moving = np.zeros(shape)
    moving[:, 3 * shape[1] // 4 :] = 1
    columns, rows = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))
    found = []
    for i, j in network.pairs(moments, NetworkOptions(neighbours=2)):
        years = (days[j] - days[i]) / 365.25
        wrong = rng.normal(0, 1, 2) * shift
        slope = rng.normal(0, 1, 2) * ramp
        planes = [
            rate * years * moving + wrong[k] + slope[k] * columns - slope[k] * rows for k, rate in enumerate((1, -2))
        ]
        noise = rng.normal(0, 0.002, (2, *shape))
        found.append(histories.KnownPair(moments[i], moments[j], *(np.array(planes) + noise), np.full(shape, 0.002)))
    return found


DATES = [0.0, 12, 24, 100, 112, 124]


@pytest.mark.parametrize(("ramp", "reference"), [(0.0, "slowest"), (0.01, "slowest"), (0.01, "area")])
def test_shifts_and_ramps_are_taken_out_of_every_pair(tmp_path, ramp, reference):
    sources = known_pairs(DATES, shift=0.5, ramp=ramp)
    area = "POLYGON((500000 4199700, 500190 4199700, 500190 4200000, 500000 4200000, 500000 4199700))"
    stable = ReferenceOptions(reference, area if reference == "area" else None, ramp=ramp > 0)
    result = invert_pairs(sources, StackOptions(stable, netcdf=False), str(tmp_path / "s"))
    history = open_series(result.folder).read(0, 0, 40, 30)
    years = np.array(DATES) / 365.25
    assert np.allclose(np.median(history[0, :, :, :20], axis=(1, 2)), 0, atol=0.01)
    assert np.allclose(np.median(history[0, :, :, 30:], axis=(1, 2)), years, atol=0.02)
    assert np.allclose(np.median(history[1, :, :, 30:], axis=(1, 2)), -2 * years, atol=0.02)
    assert result.statistics["stable_spread"] < 0.02
    assert ("stable" in result.paths) == (reference == "slowest")
    if reference == "slowest":
        still = scenes.read(result.paths["stable"])["stable"]
        assert still.shape == (30, 40) and np.isnan(still[:, 30:]).all() and np.nansum(still) >= 300


def test_without_a_reference_shifts_stay(tmp_path):
    sources = known_pairs(DATES)
    for source in sources:
        source.planes[0][:] += 0.1 if source.second == sources[-1].second else 0.0
    kept = invert_pairs(sources, StackOptions(ReferenceOptions("none"), netcdf=False), str(tmp_path / "s"))
    last = open_series(kept.folder).read(0, 0, 40, 30)[0, -1, :, :20]
    assert np.median(last) == pytest.approx(0.1, abs=0.01)


def test_a_pair_that_turns_out_damaged_is_left_out_and_named(tmp_path):
    sources = known_pairs(DATES)

    class Rotten:
        def __init__(self, good):
            self.good = good
            self.name, self.first, self.second, self.grid, self.unit = (
                "rotten.tif", good.first, good.second, good.grid, good.unit,
            )  # fmt: skip

        def read(self, *window):
            raise InputError("rotten.tif cannot be read around row 512.")

    result = invert_pairs(
        [*sources[:3], Rotten(sources[3]), *sources[4:]], StackOptions(netcdf=False), str(tmp_path / "s")
    )
    assert len(result.pairs) == len(sources) - 1
    assert "Left out: rotten.tif cannot be read around row 512." in result.messages
    assert not [path for path in (tmp_path / "s").iterdir() if "partial" in path.name]
    with pytest.raises(InputError, match=r"rotten\.tif"):
        invert_pairs([Rotten(sources[0])], StackOptions(netcdf=False), str(tmp_path / "t"))


def test_blocks_are_inverted_as_the_whole_would_be(tmp_path, monkeypatch):
    from deepot_qgis.engine.timeseries import assemble

    sources = known_pairs(DATES, shape=(50, 70))
    whole = invert_pairs(sources, StackOptions(netcdf=False), str(tmp_path / "whole"))
    monkeypatch.setattr(assemble, "BLOCK", 32)
    parts = invert_pairs(sources, StackOptions(netcdf=False), str(tmp_path / "parts"))
    monkeypatch.setattr(assemble, "_READ_AHEAD_BYTES", 1)
    plain = invert_pairs(sources, StackOptions(netcdf=False), str(tmp_path / "plain"))
    first, second, third = (open_series(one.folder).read(0, 0, 70, 50) for one in (whole, parts, plain))
    assert np.allclose(first, second, atol=1e-6) and np.array_equal(second, third)


def test_a_yearly_wave_has_its_bands(tmp_path):
    days = list(np.arange(0, 800, 40.0))
    model = StackOptions(inversion=InversionOptions(model="annual"))
    result = invert_pairs(known_pairs(days), model, str(tmp_path / "s"))
    velocity = scenes.read(result.paths["velocity"])
    assert velocity["east"][5, 35] == pytest.approx(1, abs=0.05)
    assert velocity["annual_east"][5, 35] < 0.05 and velocity["annual_sigma"][5, 35] > 0
    with pytest.raises(OptionsError, match="span 124 days"):
        invert_pairs(known_pairs(DATES), model, str(tmp_path / "t"))


def test_a_stack_masked_everywhere_says_so(tmp_path):
    sources = known_pairs(DATES)
    for source in sources:
        source.planes[0][:] = np.nan
    with pytest.raises(InputError, match="half of the pairs"):
        invert_pairs(sources, StackOptions(netcdf=False), str(tmp_path / "s"))
    result = invert_pairs(sources, StackOptions(ReferenceOptions("none"), netcdf=False), str(tmp_path / "s"))
    assert any("No pixel has a history" in message for message in result.messages)


def test_pairs_without_redundancy_say_that_nothing_checks_them(tmp_path):
    sources = [source for source in known_pairs(DATES) if (source.second - source.first).days in (12, 76)]
    result = invert_pairs(sources, StackOptions(netcdf=False), str(tmp_path / "s"))
    assert result.statistics["closure"] is None
    assert any("no redundancy" in message for message in result.messages)
