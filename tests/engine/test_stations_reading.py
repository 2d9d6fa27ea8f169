"""Tables and GNSS files of stations in."""

import codecs
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osgeo import ogr, osr

from deepot_qgis.engine.errors import DeepotError, InputError, OptionsError
from deepot_qgis.engine.stations import (
    CsvOptions,
    Placement,
    Station,
    guess,
    moments,
    place,
    read,
    read_csv,
    read_pbo,
    read_positions,
)
from deepot_qgis.engine.stations.station import LENGTHS, unit_in

UTC = timezone.utc
PBO = """PBO Station Position Time Series.
Format Version, 1.2.0
Reference Frame, NAM08
4-character ID, ABCD
Station name, Somewhere
Begin Date, 2017-02-18
End Date, 2018-06-08
Release Date, 2018-07-14
Source file, ABCD.pbo.nam08.pos
Offset from source file, 3.76 mm North, 3.58 mm East, -29.53 mm Vertical
Reference position, 42.6058248275 North Latitude, 114.8750388773 West Longitude, 1119.19669 meters elevation
Date, North (mm), East (mm), Vertical (mm), North Std. Deviation (mm), East Std. Deviation (mm), Vertical Std. Deviation (mm), Quality,
2017-02-18,0.00, 0.00, 0.00, 5.9, 5.88, 20.33, suppl,
2017-02-19,3.61, -2.90, -19.78, 1.96, 1.59, 6.29, suppl,
2017-02-25,4.00, -3.00, -20.00, 2, 1, 6, final,
"""  # noqa: E501


@pytest.fixture
def file(tmp_path):
    """Return a call that writes a text file and gives its path."""

    def write(text, name="upper.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return str(path)

    return write


def only(path, options=None):
    """The one station of a file, which must be readable."""
    reading = read([path], options)
    assert reading.problems == ()
    (station,) = reading.stations
    return station


def test_a_plain_table_reads_itself(file):
    station = only(file("date,displacement_mm\n2017-01-01,0\n2017-01-02,1.5\n2017-01-04,3\n"))
    assert (station.name, station.kind) == ("upper", "extensometer")
    np.testing.assert_allclose(station.displacement, [0, 0.0015, 0.003])
    assert station.times[0] == datetime(2017, 1, 1, 12, tzinfo=UTC)  # a day stands for its noon


def test_semicolons_decimal_commas_and_umlauts(file):
    text = "Zeit;Verschiebung [cm];Sigma\n01.02.2017 12:00;0,0;0,1\n15.02.2017 12:00;1,5;0,2\n16.02.2017 12:00;2;0,1\n"
    path = file(text.replace("Sigma", "Sigma für"), encoding="cp1252")
    found = guess(path)
    assert (found.delimiter, found.decimal, found.unit) == (";", ",", "cm")
    station = only(path)
    np.testing.assert_allclose(station.displacement, [0, 0.015, 0.02])
    np.testing.assert_allclose(station.sigma, [0.001, 0.002, 0.001])


def test_a_logger_with_four_lines_of_header(file):
    path = file(
        '"TOA5","CR","CR1000","1","CR1000.Std.22","a","b","c"\n"TIMESTAMP","RECORD","Ext_Avg"\n"TS","RN","mm"\n'
        '"","","Avg"\n"2017-01-01 00:00:00",1,10.5\n"2017-01-01 01:00:00",2,"NAN"\n"2017-01-01 02:00:00",3,10.7\n'
    )
    found = guess(path)
    assert (found.header, found.first, found.unit) == (2, 5, "mm")
    assert found.roles == {"time": "TIMESTAMP", "displacement": "Ext_Avg"}
    assert all(column.why for column in found.columns)
    station = only(path)
    np.testing.assert_allclose(station.displacement, [0.0105, 0.0107])
    assert any("1 of 3 rows hold no value" in note for note in station.notes)


def test_several_stations_of_which_one_is_bad(file):
    path = file(
        "station,lon,lat,time,east,north,se,sn\n"
        "A,7,46,2017.1,1,2,.1,.2\nB,7.1,46,2017.1,1,2,.1,.2\nA,7,46,2017.2,2,3,.1,.2\nB,7.1,46,2017.2,off,2,.1,.2\n"
    )
    assert guess(path).crs == "EPSG:4326"
    reading = read([path])
    (station,) = reading.stations
    assert (station.name, station.kind, station.x, station.y) == ("A", "gnss", 7.0, 46.0)
    np.testing.assert_allclose(station.sigma_north, [0.2, 0.2])
    (problem,) = reading.problems
    assert problem.name == "B"
    assert "Line 5 of upper.csv" in problem.why and "'east'" in problem.why and "'off'" in problem.why


def test_date_and_clock_in_two_columns(file):
    station = only(
        file("Date,Time,Upper extensometer (m)\n8/12/2011,0:15,0\n8/12/2011,0:30,0.1\n8/13/2011,14:15,0.2\n")
    )
    assert station.times[2] == datetime(2011, 8, 13, 14, 15, tzinfo=UTC)


def test_without_a_header_columns_are_numbers(file):
    path = file("2017-01-01 3.5 0.2\n2017-01-02 3.6 0.1\n2017-01-03 3.7 0.1\n")
    found = guess(path)
    assert [column.name for column in found.columns] == ["1", "2", "3"]
    assert found.missing and "2, 3" in found.missing[0]  # which of the two is the displacement?
    station = only(path, found.options({"time": "1", "displacement": "2"}, unit="cm"))
    np.testing.assert_allclose(station.displacement, [0.035, 0.036, 0.037])


def test_day_and_month_that_may_be_either_are_asked_for(file):
    path = file("date,disp\n01/02/2011,3.5\n05/03/2011,3.6\n06/04/2011,3.9\n")
    assert "may be %d/%m/%Y or %m/%d/%Y" in guess(path).missing[0]
    (problem,) = read([path]).problems
    assert "say which format" in problem.why
    station = only(path, guess(path).options(time_format="%m/%d/%Y"))
    assert station.times[0].month == 1


def test_day_and_month_are_told_by_the_order_of_time(file):
    path = file("date,disp\n01/12/2011,3.5\n05/12/2011,3.6\n03/01/2012,3.9\n02/02/2012,3.9\n")
    assert only(path).times[0] == datetime(2011, 12, 1, 12, tzinfo=UTC)


def test_zone_sign_and_missing(file):
    path = file("t,d\n2017-07-01 00:00,1\n2017-07-02 00:00,bad\n2017-07-03 00:00,3\n")
    options = CsvOptions("t", "d", sign=-1, unit="mm", time_zone="-07:00", missing=("bad",))
    station = only(path, options)
    assert station.times[0] == datetime(2017, 7, 1, 7, tzinfo=UTC)
    np.testing.assert_allclose(station.displacement, [-0.001, -0.003])


def test_a_zone_by_name_knows_summer(file):
    pytest.importorskip("zoneinfo").ZoneInfo("America/Denver")
    read_one = moments.reader("iso", "America/Denver")
    assert read_one("2017-07-01 00:00").hour == 6
    assert read_one("2017-01-01 00:00").hour == 7
    assert read_one("2017-01-01 00:00Z").hour == 0


def test_unsorted_and_doubled_times_are_mended_and_said(file):
    station = only(file("t,d (mm)\n2017-01-03,3\n2017-01-01,1\n2017-01-03,5\n2017-01-02,2\n"))
    np.testing.assert_allclose(station.displacement, [0.001, 0.002, 0.004])
    assert any("sorted" in note for note in station.notes)
    assert any("1 times occur more than once (first 2017-01-03" in note for note in station.notes)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("just a letter\nto somebody\n", "No table"),
        ("t,d\n2017-01-01,1\n2017-01-02,oops\n2017-01-03,1\n", "Line 3 of upper.csv, column 'd', holds 'oops'"),
        ("t,d\n2017-01-01,1\nyesterday,2\n2017-01-03,1\n", "Line 3 of upper.csv, column 't', holds 'yesterday'"),
        ("t,d\n2017-01-01,1\n", "has 1 value"),
    ],
)
def test_what_cannot_be_read_is_said(file, text, words):
    path = file(text)
    try:
        (problem,) = read([path], CsvOptions("t", "d") if "t,d" in text else None).problems
    except DeepotError as error:
        problem = error
    assert words in str(getattr(problem, "why", problem))


def test_a_workbook_and_a_missing_file_are_said(file, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(InputError, match="workbook"):
        guess(str(path))
    with pytest.raises(InputError, match="does not exist"):
        read([str(tmp_path / "no.csv")])
    with pytest.raises(InputError, match="holds no table"):
        (tmp_path / "empty").mkdir()
        read([str(tmp_path / "empty")])
    with pytest.raises(InputError, match="has no column 'gone'"):
        read_csv(file("t,d\n2017-01-01,1\n2017-01-02,1\n"), CsvOptions("t", "gone"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"unit": "miles"}, "unit is 'miles'"),
        ({"displacement": None}, "No column is chosen for the displacement"),
        ({"displacement": "T "}, "chosen for time and for displacement"),
        ({"x": "x"}, "choose both or neither"),
        ({"time_format": "day.month"}, "cannot be read"),
        ({"time_zone": "Mars/Base"}, "not known here"),
        ({"sign": 0}, "'sign' is 0"),
        ({"crs": "EPSG:abc"}, "is not known"),
        ({"delimiter": ",", "decimal": ","}, "are the same"),
    ],
)
def test_options_are_checked(fields, words):
    with pytest.raises(OptionsError, match=words):
        CsvOptions(**{"time": "t", "displacement": "d", **fields})


def test_options_survive_a_record():
    options = CsvOptions("t", "d", unit="mm", missing=("x",))
    from dataclasses import asdict

    assert CsvOptions.from_record(asdict(options)) == options
    with pytest.raises(OptionsError, match="'colour' is not known"):
        CsvOptions.from_record({"time": "t", "colour": 1})


def test_the_gnss_format(file):
    path = file(PBO, "ABCD.pbo.nam08.csv")
    assert guess(path).kind == "pbo"
    station = read_pbo(path)
    assert (station.name, station.kind, station.crs) == ("ABCD", "gnss", "EPSG:4326")
    assert (station.x, station.y) == pytest.approx((-114.8750388773, 42.6058248275))
    np.testing.assert_allclose(station.north, [0, 0.00361, 0.004])  # north stands before east in these files
    np.testing.assert_allclose(station.east, [0, -0.0029, -0.003])
    np.testing.assert_allclose(station.sigma_east, [0.00588, 0.00159, 0.001])
    np.testing.assert_allclose(station.up[1], -0.01978)
    assert station.times[2] == datetime(2017, 2, 25, 12, tzinfo=UTC)
    # the wizard may read the same file as a table
    table = only(path)
    np.testing.assert_array_equal(table.north, station.north)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("3.61", "three", "Line 14 of g.csv, column 'North \\(mm\\)', holds 'three'"),
        ("2017-02-19", "2017-02-17", "Line 14 of g.csv is not later"),
        ("2017-02-19", "later", "is no date"),
        ("Date, North", "Day, N", "no line that names its columns"),
        ("2017-02-25,4.00, -3.00, -20.00, 2, 1, 6, final,", "2017-02-25,4.00", "ends early"),
    ],
)
def test_damaged_gnss_files_are_said(file, old, new, words):
    with pytest.raises(InputError, match=words):
        read_pbo(file(PBO.replace(old, new), "g.csv"))
    assert PBO.replace(old, new) != PBO


def test_the_real_gnss_files(shared_data):
    folder = shared_data / "stations" / "salmon_falls_gnss"
    reading = read([str(folder)])
    assert reading.problems == ()
    stations = {station.name: station for station in reading.stations}
    assert set(stations) == {"BASE", "BLKM", "BLKS", "BLOK", "MIDB", "NTOE", "STOE"}
    middle = stations["MIDB"]
    assert middle.east[-1] == pytest.approx(-0.21736) and middle.north[-1] == pytest.approx(-0.08667)
    assert len(middle.times) == 278 and middle.sigma_north[-1] == pytest.approx(0.0021)


def test_a_folder_keeps_what_can_be_read(file, tmp_path):
    file("t,d\n2017-01-01,1\n2017-01-02,2\n", "a.csv")
    file("t,d\n2017-01-01,1\nbroken", "b.csv")
    file(PBO, "c.csv")
    file("name,x,y\n", "positions.csv")
    reading = read([str(tmp_path)], CsvOptions("t", "d"), not_these=[str(tmp_path / "positions.csv")])
    assert [station.name for station in reading.stations] == ["a", "ABCD"]
    assert [problem.name for problem in reading.problems] == ["b"]


def test_positions_from_a_table(file):
    path = file("station,lon,lat,bearing,plunge\nupper,7.1,46.2,305,12\nlower,7.2,46.3,,\n", "where.csv")
    upper, lower = read_positions(path)
    assert upper == Placement("upper", 7.1, 46.2, "EPSG:4326", 305, 12)
    assert lower.bearing is None and lower.plunge == 0
    metres = file("station,x,y\nupper,500000,4200000\n", "metres.csv")
    with pytest.raises(InputError, match="does not say in which coordinate reference system"):
        read_positions(metres)
    assert read_positions(metres, "EPSG:32613")[0].crs == "EPSG:32613"
    with pytest.raises(InputError, match="has no column for x, y"):
        read_positions(file("station,value\na,1\n", "bad.csv"))
    with pytest.raises(InputError, match="Line 3 .* holds 'abc'"):
        read_positions(file("station,lon,lat\nupper,7.1,46.2\nlower,abc,1\n", "bad.csv"))


def test_positions_of_mixed_systems(file):
    path = file("station,x,y,epsg\na,7.1,46.2,4326\nb,500000,4200000,32613\n", "where.csv")
    assert [placement.crs for placement in read_positions(path)] == ["EPSG:4326", "EPSG:32613"]


def test_positions_from_a_layer(tmp_path):
    path = str(tmp_path / "where.gpkg")
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32613)
    source = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = source.CreateLayer("where", crs, ogr.wkbPoint)
    layer.CreateField(ogr.FieldDefn("name", ogr.OFTString))
    layer.CreateField(ogr.FieldDefn("bearing", ogr.OFTReal))
    feature = ogr.Feature(layer.GetLayerDefn())
    feature["name"], feature["bearing"] = "upper", 305.0
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POINT (500000 4200000)"))
    layer.CreateFeature(feature)
    del feature, layer, source
    (found,) = read_positions(path)
    assert (found.name, found.x, found.y, found.bearing) == ("upper", 500000, 4200000, 305)
    assert "32613" in found.crs


def test_placements_find_their_stations(file):
    a = only(file("t,d\n2017-01-01,1\n2017-01-02,2\n", "a.csv"))
    b = only(file("t,d\n2017-01-01,1\n2017-01-02,2\n", "b.csv"))
    where = Placement(" A", 1, 2, "EPSG:4326", 30, 5)
    placed = place([a, b], [where, Placement("c", 3, 4, "EPSG:4326")])
    assert (placed[0].x, placed[0].bearing, placed[0].plunge) == (1, 30, 5)
    assert placed[1].x is None
    assert place([b], [where])[0].x == 1  # one and one belong together
    every = Placement("*", bearing=77)
    assert [one.bearing for one in place([a, b], [every, where])] == [30, 77]
    assert place([b], [Placement("*", 1, 2, "EPSG:4326")])[0].y == 2
    with pytest.raises(OptionsError, match="One position is given, but 2 stations"):
        place([a, b], [Placement("*", 1, 2, "EPSG:4326")])
    with pytest.raises(OptionsError, match="bearing of station"):
        Placement("a", bearing=1000)


def test_units_are_found_in_names():
    found = {"Extension [mm]": "mm", "disp_cm": "cm", "d (m)": "m", "Weg in Meter": "m", "slip (in)": "in", "in": None}
    found |= {"depth ft": "ft", "motion": None, "North Std. Deviation (mm)": "mm", "millimeters": "mm"}
    assert {name: unit_in(name) for name in found} == found


days = st.integers(0, 40_000).map(lambda minutes: datetime(2011, 8, 12, tzinfo=UTC) + timedelta(minutes=97 * minutes))
WAYS = ["iso", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M", "%d-%b-%Y %H:%M", "%m/%d/%Y %I:%M %p"]


@settings(max_examples=60, deadline=None)
@given(st.lists(days, min_size=1, max_size=8), st.booleans(), st.sampled_from(WAYS), st.integers(-12, 14))
def test_every_written_time_is_read_back(times, newest_first, way, hours):
    times = sorted(times, reverse=newest_first)
    local = timezone(timedelta(hours=hours))
    texts = [t.astimezone(local).strftime("%Y-%m-%d %H:%M" if way == "iso" else way) for t in times]
    ways = [moments.reader(one.format, f"{hours:+03d}:00") for one in moments.recognise(texts)]
    assert times in [[read(text) for text in texts] for read in ways]
    read_one = moments.reader(way, f"{hours:+03d}:00")
    assert [read_one(text) for text in texts] == times


DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["01/12/2020", "02/01/2020", "02/05/2020"], [MONTH_FIRST]),
        (["02/05/2020", "02/01/2020", "01/12/2020"], [MONTH_FIRST]),  # newest first
        (["09/11/2020", "02/12/2020", "03/01/2021"], [DAY_FIRST]),
        (["08/01/2020", "01/08/2019"], [DAY_FIRST, MONTH_FIRST]),  # in order both ways: one on, one back
        (["03/02/2020", "01/05/2020", "02/03/2020"], [DAY_FIRST, MONTH_FIRST]),  # in order neither way
    ],
)
def test_the_order_of_times_tells_day_from_month(texts, formats):
    found = moments.recognise(texts)
    assert [one.format for one in found] == formats
    assert all(("out of order" in one.why) == (len(formats) == 1) for one in found)


@pytest.mark.parametrize("odd", ["broken", "?", "31/31/2011"])
def test_one_odd_time_is_named_and_hides_no_format(file, odd):
    """10/10 is the same either way round: the format is that of the others."""
    path = file(f"date,displacement_mm\n10/10/2011,0\n10/11/2011,1\n10/12/2011,2\n{odd},3\n10/13/2011,4\n")
    first = guess(path).columns[0]
    assert (first.role, first.time_format) == ("time", MONTH_FIRST)
    (problem,) = read([path]).problems
    assert f"Line 5 of upper.csv, column 'date', holds '{odd}'" in problem.why


def test_a_given_day_is_kept_where_its_clock_stands_apart(file):
    """Read with the day first these would be in order; the format given counts."""
    table = "day,time,displacement_mm\n03/02/2020,06:00,0\n01/05/2020,06:00,1\n02/06/2020,06:00,2\n"
    options = CsvOptions(time="day", clock="time", displacement="displacement_mm", time_format=MONTH_FIRST)
    station = only(file(table), options)
    assert [(t.month, t.day, t.hour) for t in station.times] == [(1, 5, 6), (2, 6, 6), (3, 2, 6)]


@settings(max_examples=60, deadline=None)
@given(days)
def test_every_number_that_stands_for_a_time_is_read_back(moment):
    since = moment - datetime(1858, 11, 17, tzinfo=UTC)
    begin, end = datetime(moment.year, 1, 1, tzinfo=UTC), datetime(moment.year + 1, 1, 1, tzinfo=UTC)
    written = {
        "mjd": since / timedelta(days=1),
        "excel": (moment - datetime(1899, 12, 30, tzinfo=UTC)) / timedelta(days=1),
        "matlab": moment.toordinal() + 366 + (moment.hour * 60 + moment.minute) / 1440,
        "unix": moment.timestamp(),
        "unix_ms": moment.timestamp() * 1000,
        "decimal_year": moment.year + (moment - begin) / (end - begin),
    }
    for name, value in written.items():
        text = f"{value:.9f}"
        assert abs(moments.reader(name, "UTC")(text) - moment) <= timedelta(milliseconds=60), name
        if name != "decimal_year" or value != int(value):
            assert [one.format for one in moments.recognise([text])] == [name]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-900, 900).map(lambda v: round(v, 3)), min_size=2, max_size=12),
    st.sampled_from(sorted(LENGTHS)),
    st.sampled_from([1, -1]),
    st.sampled_from([(",", "."), (";", ","), ("\t", "."), (";", ".")]),
)
def test_every_value_is_read_back(tmp_path_factory, numbers, unit, sign, written):
    delimiter, decimal = written
    path = tmp_path_factory.mktemp("t") / "s.csv"
    lines = [f"2017-01-01T00:00:{k:02d}{delimiter}{str(v).replace('.', decimal)}" for k, v in enumerate(numbers)]
    path.write_text(f"t{delimiter}d\n" + "\n".join(lines) + "\n")
    options = CsvOptions("t", "d", unit=unit, sign=sign, delimiter=delimiter, decimal=decimal, missing=("",))
    (station,) = read_csv(str(path), options).stations
    np.testing.assert_allclose(station.displacement, sign * np.array(numbers) * LENGTHS[unit], rtol=1e-12)
    found = guess(str(path))
    assert (found.delimiter, found.roles) == (delimiter, {"time": "t", "displacement": "d"})


def test_a_byte_order_mark_is_no_part_of_a_name(file, tmp_path):
    path = tmp_path / "bom.csv"
    path.write_bytes(codecs.BOM_UTF8 + b"time,disp\n2017-01-01,1\n2017-01-02,2\n")
    assert guess(str(path)).roles["time"] == "time"
    assert only(str(path)).displacement[1] == 2


def test_a_station_needs_times_that_increase():
    times = (datetime(2017, 1, 2, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC))
    with pytest.raises(InputError, match="do not increase"):
        Station("a", "extensometer", times, displacement=np.zeros(2))
    with pytest.raises(InputError, match="has no east"):
        Station("a", "gnss", times)
