"""Stations beside a map whose truth is known."""

import csv
import json
from datetime import timedelta

import numpy as np
import pytest
from osgeo import ogr, osr

from deepot_qgis.engine.errors import CancelledError, InputError, OptionsError, OutputError
from deepot_qgis.engine.files import whole_file
from deepot_qgis.engine.output import Band, GeoTiffWriter
from deepot_qgis.engine.rasters import UNREFERENCED, Grid
from deepot_qgis.engine.stations import CsvOptions, Placement, StationsOptions, compare, plots

from . import station_scenes as scenes

#: In the moving half, in the still half, and where they lie; bearing of the motion on the map's grid.
MOVING, STILL = (300300.0, 4199850.0), (300050.0, 4199850.0)
BEARING = float(np.degrees(np.arctan2(*scenes.RATE)) % 360)
SPEED = float(np.hypot(*scenes.RATE))


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """A series without noise."""
    return scenes.series(tmp_path_factory.mktemp("map"))


def place(name, where=MOVING, crs="EPSG:32613", **more):
    return Placement(name, *where, crs, **more)


def gnss_csv(path, east, north, days=range(-5, 280), crs_note=""):
    """A GNSS in millimetres whose east and north move so many metres a day."""
    lines = ["date,north (mm),east (mm),sn (mm),se (mm)"]
    lines += [f"{scenes.START + timedelta(days=k):%Y-%m-%d},{1000 * north * k},{1000 * east * k},2,2" for k in days]
    path.write_text("\n".join(lines) + "\n")
    return str(path)


def run(series, files, folder, **more):
    given = {"placements": (place("upper"),), "pictures": (), **more}
    return compare(StationsOptions(series, tuple(files), str(folder), **given))


def test_an_extensometer_that_agrees(series, tmp_path):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    result = run(series, [file], tmp_path / "out", placements=(place("upper", bearing=BEARING),))
    (one,) = result.comparisons
    found = one.along.metrics
    assert found.n == 11  # twelve dates, the first is zero by construction
    assert (found.bias, found.rmse) == pytest.approx((0, 0), abs=1e-6)
    assert (found.r2, found.slope, found.correlation) == pytest.approx((1, 1, 1), abs=1e-5)
    assert (found.within_1_sigma, found.within_2_sigma) == (1, 1)
    assert (one.bearing_from, one.pixels) == ("given", 9)
    assert result.problems == () and result.overall == found


def test_a_bearing_off_the_motion_sees_its_cosine(series, tmp_path):
    angle = 40.0
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED * np.cos(np.radians(angle)))
    result = run(series, [file], tmp_path / "out", placements=(place("upper", bearing=BEARING + angle),))
    assert result.overall.rmse == pytest.approx(0, abs=1e-6)


def test_a_plunge_shortens_the_map(series, tmp_path):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED * np.cos(np.radians(25)))
    result = run(series, [file], tmp_path / "out", placements=(place("upper", bearing=BEARING, plunge=25.0),))
    assert result.overall.rmse == pytest.approx(0, abs=1e-6)
    sigma = result.comparisons[0].along.mapped_sigma[1]
    assert sigma == pytest.approx(scenes.SIGMA * np.cos(np.radians(25)), rel=1e-5)


def test_without_a_bearing_the_map_gives_it_and_it_is_said(series, tmp_path):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    result = run(series, [file], tmp_path / "out")
    (one,) = result.comparisons
    assert one.bearing == pytest.approx(BEARING, abs=1e-4) and one.bearing_from == "map"
    assert any("no bearing is given, so the map's own mean direction" in text for text in result.messages)
    record = json.loads((tmp_path / "out" / "stations.json").read_text())
    assert record["comparisons"][0]["bearing_from"] == "map"
    assert "the map's own mean direction" in one.direction()
    still = run(series, [file], tmp_path / "out", placements=(place("upper", STILL),))
    assert any("little more than noise: give the bearing" in text for text in still.messages)


def test_a_gnss_counts_from_true_north(series, tmp_path):
    """The map's north is turned by the convergence of the projection; a GNSS knows nothing of it."""
    first = run(series, [gnss_csv(tmp_path / "a.csv", *scenes.RATE)], tmp_path / "out", placements=(place("a"),))
    north = first.comparisons[0].place.north
    assert north == pytest.approx(1.4, abs=0.1)
    assert first.comparisons[0].components[1].metrics.rmse > 0.01
    back = np.radians(-north)
    east_north = (
        scenes.RATE[0] * np.cos(back) + scenes.RATE[1] * np.sin(back),
        scenes.RATE[1] * np.cos(back) - scenes.RATE[0] * np.sin(back),
    )
    result = run(series, [gnss_csv(tmp_path / "a.csv", *east_north)], tmp_path / "out", placements=(place("a"),))
    (one,) = result.comparisons
    assert [part.name for part in one.components] == ["along", "east", "north"]
    for part in one.components:
        assert part.metrics.rmse == pytest.approx(0, abs=1e-6)
    assert (one.bearing, one.bearing_from) == (pytest.approx(BEARING, abs=1e-3), "station")
    np.testing.assert_allclose(one.along.station_sigma[1:], 0.002 * np.sqrt(2), rtol=1e-6)  # of both ends


def test_a_bearing_from_true_north_is_turned(series, tmp_path):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    given = (place("upper", bearing=BEARING - 1.397),)
    assert run(series, [file], tmp_path / "o", placements=given, norths="true").overall.rmse < 1e-5
    assert run(series, [file], tmp_path / "o", placements=given).overall.rmse > 1e-5


def test_a_position_in_another_system(series, tmp_path):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    there = osr.SpatialReference()
    there.ImportFromEPSG(32613)
    world = osr.SpatialReference()
    world.ImportFromEPSG(4326)
    for crs in (there, world):
        crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    longitude, latitude, _ = osr.CoordinateTransformation(there, world).TransformPoint(*MOVING)
    found = place("upper", (longitude, latitude), "EPSG:4326", bearing=BEARING)
    result = run(series, [file], tmp_path / "out", placements=(found,))
    one = result.comparisons[0].place
    assert (one.x, one.y) == pytest.approx(MOVING, abs=1e-3)
    assert (one.longitude, one.latitude) == pytest.approx((longitude, latitude))


def test_bias_and_scale_are_told_apart(tmp_path):
    series = scenes.series(tmp_path / "map", noise=scenes.SIGMA, seed=2)
    file = scenes.extensometer_csv(tmp_path / "upper.csv", 0.8 * SPEED)
    result = run(series, [file], tmp_path / "out", placements=(place("upper", bearing=BEARING),))
    found = result.overall
    assert found.slope == pytest.approx(1.25, abs=4 * found.slope_sigma)
    assert found.bias > 0 and found.r2 < found.r2_line
    assert found.within_1_sigma < 0.5
    honest = run(series, [scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)], tmp_path / "out",
                 placements=(place("upper", bearing=BEARING),))  # fmt: skip
    assert honest.overall.rmse < 2 * scenes.SIGMA and honest.overall.within_2_sigma > 0.7


def test_a_break_starts_anew(series, tmp_path):
    path = tmp_path / "upper.csv"
    scenes.extensometer_csv(path, SPEED)
    lines = path.read_text().splitlines()
    reset = next(k for k, line in enumerate(lines) if line.startswith("2017-05-20"))
    lines[reset:] = [f"{d},{float(v) - 400:.6f}" for d, v in (line.split(",") for line in lines[reset:])]
    path.write_text("\n".join(lines) + "\n")
    where = (place("upper", bearing=BEARING),)
    plain = run(series, [str(path)], tmp_path / "out", placements=where)
    assert plain.overall.rmse > 0.1
    (step,) = plain.comparisons[0].steps
    assert step.size == pytest.approx(-0.4, abs=1e-3)
    assert any("jumps by -400" in text and "2017-05-20" in text for text in plain.messages)
    broken = run(series, [str(path)], tmp_path / "out", placements=where, breaks=(("UPPER", "2017-05-20"),))
    (one,) = broken.comparisons
    assert broken.overall.rmse == pytest.approx(0, abs=1e-6)
    assert broken.overall.n == 10  # a second zero
    assert one.along.segment.max() == 1 and one.along.zero.sum() == 2
    assert not any("jumps" in text for text in broken.messages)


def test_a_late_start_is_zero_at_the_first_common_date(series, tmp_path):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED, begin=scenes.START + timedelta(days=60))
    result = run(series, [file], tmp_path / "out", placements=(place("upper", bearing=BEARING),))
    (one,) = result.comparisons
    assert int(np.flatnonzero(one.along.zero)[0]) == 2
    assert result.overall.rmse == pytest.approx(0, abs=1e-6)
    assert any("start at zero on 2017-02-27" in text for text in result.messages)
    np.testing.assert_allclose(one.along.mapped_sigma[4], scenes.SIGMA * np.sqrt(2), rtol=1e-6)


def test_long_gaps_are_not_filled(series, tmp_path):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED, every=30)
    where = {"placements": (place("upper", bearing=BEARING),)}
    with pytest.raises(InputError, match="within 7 days of none of the 12 dates"):
        run(series, [file], tmp_path / "out", **where)
    assert run(series, [file], tmp_path / "out", max_gap_days=31.0, **where).overall.n == 10


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (place("upper", (310300.0, 4199850.0)), r"9\.9 km outside the map map"),
        (place("upper", MOVING[::-1]), "x and y look swapped"),
        (
            place("upper", (-107.27, 37.92)),
            "looks like longitude and latitude, but its system is WGS 84 / UTM zone 13N",
        ),
        (place("upper", MOVING, "EPSG:4326"), "cannot be longitude and latitude"),
        (place("upper", (37.92, -107.27), "EPSG:4326"), "x and y look swapped"),
        (place("upper", MOVING, ""), "coordinate reference system of station upper is not known"),
        (place("upper", MOVING, "EPSG:nope"), "is not known"),
        (place("other", MOVING, "EPSG:32613"), None),
        (Placement("upper"), "has no position"),
    ],
)
def test_a_station_in_the_wrong_place(series, tmp_path, where, words):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    if words is None:  # one station and one placement belong together
        assert run(series, [file], tmp_path / "out", placements=(where,)).comparisons
        return
    with pytest.raises((InputError, OptionsError), match=words):
        run(series, [file], tmp_path / "out", placements=(where,))


def test_one_bad_station_does_not_cost_the_others(tmp_path):
    series = scenes.series(tmp_path / "map", hole=(slice(0, 8), slice(30, 40)))
    scenes.extensometer_csv(tmp_path / "good.csv", SPEED)
    scenes.extensometer_csv(tmp_path / "hole.csv", SPEED)
    scenes.extensometer_csv(tmp_path / "old.csv", SPEED, begin=scenes.START - timedelta(days=4000))
    scenes.extensometer_csv(tmp_path / "far.csv", SPEED)
    scenes.extensometer_csv(tmp_path / "nowhere.csv", SPEED)
    (tmp_path / "text.csv").write_text("time,displacement\n2017-01-01,1\n2017-01-02,two\n2017-01-03,3\n")
    where = tmp_path / "where.csv"
    where.write_text(
        "station,x,y,epsg,bearing\n"
        f"good,{MOVING[0]},{MOVING[1]},32613,{BEARING}\nold,{MOVING[0]},{MOVING[1]},32613,1\n"
        "hole,300350,4199970,32613,1\nfar,-107.5,37.9,4326,1\n"
    )
    result = run(series, [str(tmp_path)], tmp_path / "out", positions=str(where), placements=())
    assert [one.name for one in result.comparisons] == ["good"]
    why = {problem.name: problem.why for problem in result.problems}
    assert "every date is masked" in why["hole"]
    assert "no time in common" in why["old"] and "2017-01-10 to 2017-10-01" in why["old"]
    assert "km outside the map" in why["far"]
    assert "has no position" in why["nowhere"]
    assert "Line 3 of text.csv" in why["text"] and "'two'" in why["text"]
    with open(tmp_path / "out" / "stations.csv", newline="") as file:
        rows = {row["station"]: row for row in csv.DictReader(file)}
    assert rows["good"]["n"] == "11" and "outside" in rows["far"]["problem"]
    with pytest.raises(InputError, match=r"^No station can be compared\. Station old recorded .*record\.$"):
        run(series, [str(tmp_path)], tmp_path / "out", positions=str(where), names=("old",), placements=())


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1000.0, "as if millimetres were read as metres; check the unit"),
        (0.001, "as if metres were read as millimetres; check the unit"),
        (0.01, "check the unit"),
        (0.3048, "as if metres were read as feet"),
        (-1.0, "opposite directions (correlation -1.00); turn the sign"),
        (1.0, None),
        (1.6, None),
    ],
)
def test_a_wrong_unit_or_sign_is_suspected(series, tmp_path, factor, words):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", factor * SPEED)
    result = run(series, [file], tmp_path / "out", placements=(place("upper", bearing=BEARING),))
    said = [text for text in result.messages if "check the unit" in text or "opposite" in text]
    assert (words in said[0]) if words else said == []


def test_everything_that_is_written(series, tmp_path):
    scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    gnss_csv(tmp_path / "moving one.csv", *scenes.RATE)
    where = (place("upper", bearing=BEARING, plunge=5.0), place("moving one", (300350.0, 4199800.0)))
    shares = []
    options = StationsOptions(
        series, (str(tmp_path),), str(tmp_path / "out"), placements=where, breaks=(("upper", "2017-05-20"),)
    )
    result = compare(options, lambda share, what: shares.append(share))
    assert shares == sorted(shares) and shares[-1] == 1
    names = {path.name for path in (tmp_path / "out").iterdir()}
    plots_ = {f"{stem}.{kind}" for stem in ("upper", "moving_one", "scatter") for kind in ("png", "svg")}
    assert names == {"stations.json", "stations.gpkg", "stations.csv", "comparison.csv"} | plots_
    assert {path.rsplit("/", 1)[1] for path in result.pictures} == plots_
    for path in result.pictures:
        with open(path, "rb") as picture:
            head = picture.read(400)
        assert head.startswith(b"\x89PNG") if path.endswith("png") else b"<svg" in head or b"<?xml" in head

    source = ogr.Open(result.points)
    layer = source.GetLayer(0)
    assert layer.GetSpatialRef().GetAuthorityCode(None) == "32613"
    points = {feature["name"]: feature for feature in layer}
    assert set(points) == {"upper", "moving one"}
    upper = points["upper"]
    assert (upper["n"], upper["plunge"], upper["bearing_from"]) == (10, 5.0, "given")
    for name in ("bias", "mae", "rmse", "r2", "slope", "correlation", "within_1_sigma", "within_2_sigma"):
        assert upper[name] is not None
    assert upper["east_rmse"] is None and points["moving one"]["east_rmse"] is not None
    assert upper.GetGeometryRef().GetPoint_2D() == MOVING

    with open(result.samples, newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["station"] == "upper"]
    assert [row["status"] for row in rows].count("zero") == 2 and len(rows) == 12
    compared = [row for row in rows if row["status"] == "compared"]
    r = np.array([float(row["map"]) - float(row["station_value"]) for row in compared])
    np.testing.assert_allclose(np.sqrt(np.mean(r**2)), upper["rmse"], rtol=1e-6)

    record = json.loads((tmp_path / "out" / "stations.json").read_text())
    assert record["overall"]["n"] == result.overall.n and record["problems"] == []
    assert {item["path"] for item in record["inputs"]} == {str(path) for path in tmp_path.glob("*.csv")}
    again = StationsOptions.from_record(record["options"])
    assert again == options
    with pytest.raises(InputError, match="does not fit this version"):
        StationsOptions.from_record({"colour": 1})


def test_one_product_of_two_dates(tmp_path):
    path = write_pair(tmp_path / "pair.tif")
    for name in ("upper", "lower", "masked"):
        scenes.extensometer_csv(tmp_path / f"{name}.csv", SPEED)
    where = (
        place("upper", bearing=BEARING), place("lower", (300350.0, 4199800.0)), place("masked", (300005.0, 4199995.0)),
    )  # fmt: skip
    result = run(path, [str(tmp_path)], tmp_path / "out", placements=where, size=1)
    assert [one.along.metrics.n for one in result.comparisons] == [1, 1]
    assert result.overall.n == 2 and result.overall.rmse == pytest.approx(0, abs=1e-6)
    assert result.comparisons[0].along.metrics.slope is None
    (problem,) = result.problems
    assert "masked: low correlation" in problem.why


def write_pair(path, on=None):
    """A displacement product as the plugin writes it, 96 days, its first pixel masked."""
    on, days = on or scenes.grid(), 96
    planes = np.zeros((7, on.height, on.width), np.float32)
    planes[0], planes[1], planes[4] = scenes.RATE[0] * days, scenes.RATE[1] * days, scenes.SIGMA
    planes[6, 0, 0] = 3
    planes[:4, 0, 0] = np.nan
    names = ("east", "north", "magnitude", "direction", "sigma", "correlation", "mask")
    tags = {"REFERENCE_DATE": "2017-01-10", "SECONDARY_DATE": "2017-04-16", "UNIT": "m"}
    with whole_file(str(path)) as temporary:
        writer = GeoTiffWriter(temporary, on, [Band(name, "m") for name in names])
        writer.write(planes)
        writer.finish(tags, lambda: False)
    return str(path)


def test_a_map_in_pixels_is_refused(tmp_path):
    bare = write_pair(tmp_path / "bare.tif", Grid(40, 30, UNREFERENCED, "", False))
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    with pytest.raises(InputError, match="is not georeferenced"):
        run(bare, [file], tmp_path / "out")


def test_no_map_no_folder_no_name(series, tmp_path):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    with pytest.raises(InputError, match="does not exist"):
        run(str(tmp_path / "no.tif"), [file], tmp_path / "out")
    with pytest.raises(InputError, match="cannot be read"):
        run(str(tmp_path), [file], tmp_path / "out")
    with pytest.raises(OptionsError, match="There is no station gone; there are upper"):
        run(series, [file], tmp_path / "out", names=("gone",))
    with pytest.raises(OptionsError, match="A break is given for station 'gone'"):
        run(series, [file], tmp_path / "out", breaks=(("gone", "2017-02-01"),))
    with pytest.raises(OptionsError, match="The base 'upper' is not among the GNSS"):
        run(series, [file], tmp_path / "out", base="upper")
    for fields, words in (
        ({"size": 4}, "1, 3 or 5"), ({"max_gap_days": -1}, "max_gap_days"), ({"norths": "magnetic"}, "grid, true"),
        ({"pictures": ("jpg",)}, "png, svg"), ({"breaks": (("a", "x"),)}, "is not a date"),
    ):  # fmt: skip
        with pytest.raises(OptionsError, match=words):
            run(series, [file], tmp_path / "out", **fields)


def test_a_base_moves_with_nothing(series, tmp_path):
    drift = (0.001, 0.002)
    gnss_csv(tmp_path / "base.csv", *drift)
    gnss_csv(tmp_path / "a.csv", scenes.RATE[0] + drift[0], scenes.RATE[1] + drift[1])
    files = [str(tmp_path / "base.csv"), str(tmp_path / "a.csv")]
    result = run(series, files, tmp_path / "out", placements=(place("a"),), base="BASE")
    assert [one.name for one in result.comparisons] == ["a"] and result.problems == ()
    assert result.overall.rmse < 0.02  # the convergence is what is left
    assert any("relative to the base base" in text for text in result.messages)


def test_results_are_no_inputs_of_the_next_run(series, tmp_path):
    scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    for _ in range(2):
        result = run(series, [str(tmp_path)], tmp_path)
        assert [one.name for one in result.comparisons] == ["upper"] and result.problems == ()
    (tmp_path / "other").mkdir()
    scenes.extensometer_csv(tmp_path / "other" / "stations.csv", SPEED)
    with pytest.raises(OutputError, match="one of the inputs"):
        run(series, [str(tmp_path / "other")], tmp_path / "other")


def test_cancelling_leaves_no_plots(series, tmp_path):
    file = scenes.extensometer_csv(tmp_path / "upper.csv", SPEED)
    options = StationsOptions(series, (file,), str(tmp_path / "out"), placements=(place("upper"),))
    with pytest.raises(CancelledError):
        compare(options, cancelled=lambda: True)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_described_table(series, tmp_path):
    path = tmp_path / "upper.csv"
    rows = [f"{scenes.START + timedelta(days=k):%d.%m.%Y} 05:00;{-100 * SPEED * k:.6f}" for k in range(-3, 280)]
    path.write_text("when;x\n" + "\n".join(rows).replace(".", ".") + "\n")
    options = CsvOptions(
        "when", "x", unit="cm", sign=-1, time_format="%d.%m.%Y %H:%M", time_zone="-07:00", delimiter=";"
    )
    result = run(series, [str(path)], tmp_path / "out", csv=options, placements=(place("upper", bearing=BEARING),))
    assert result.overall.rmse == pytest.approx(0, abs=1e-5)  # five in the morning there is noon UTC


def test_the_plot_says_what_it_shows(series, tmp_path):
    gnss_csv(tmp_path / "a.csv", *scenes.RATE, days=[*range(-5, 90), *range(140, 280)])
    result = run(series, [str(tmp_path / "a.csv")], tmp_path / "out", placements=(place("a"),),
                 breaks=(("a", "2017-07-01"),))  # fmt: skip
    (one,) = result.comparisons
    figure = plots.time_series_figure(one, "the map")
    labels = [panel.get_ylabel() for panel in figure.axes]
    assert labels[0].endswith("(m)") and labels[1:] == ["East\n(m)", "North\n(m)"]
    assert "GNSS a" in figure._suptitle.get_text() and "the station's own mean direction" in figure._suptitle.get_text()
    line = figure.axes[0].lines[0]
    assert np.isnan(np.asarray(line.get_ydata(), float)).sum() == 2  # no line across the gap, none across the break
    scatter = plots.scatter_figure(result.comparisons, result.overall, "the map")
    assert "(m)" in scatter.axes[0].get_xlabel() and scatter.axes[0].get_aspect() == 1
    legend = [text.get_text() for text in scatter.axes[0].get_legend().get_texts()]
    assert "1:1" in legend and any(text.startswith("a (1") for text in legend)
