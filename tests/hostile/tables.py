"""Damaged and odd tables of stations, positions and dates."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .case import ANY, REFUSED, TAKEN, Case

_GOOD = "time,displacement\n" + "".join(f"2020-01-{day:02d},{day / 10}\n" for day in range(1, 29))
_PBO = (
    "PBO Station Position Time Series\nFormat Version, 1.2.0\nReference Frame, IGS14\n4-character ID, P001\n"
    "Station name, TEST\nBegin Date, 2020-01-01\nReference position, 38.0 North Latitude, -107.2 East Longitude, 3 meters elevation\n"
    "Date, North (mm), East (mm), Vertical (mm), North Std. Deviation (mm), East Std. Deviation (mm), Vertical Std. Deviation (mm), Quality,\n"
)  # fmt: skip
_PBO_ROWS = "".join(f"2020-01-{day:02d},{day}.1,{-day}.2,0.5,1.0,1.1,3.0,final,\n" for day in range(1, 29))
_POSITIONS = "station,longitude,latitude,bearing\nA,-107.2,38.0,230\nB,-107.3,38.1,231\n"


class Maker:
    """Writes files into a folder and makes cases of them."""

    def __init__(self, folder: Path):
        self.folder = folder

    def place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def case(self, path: Path, must: str = ANY, entry: str = "stations", says: str = "", **more) -> Case:
        name = f"{entry}: {path.relative_to(self.folder)} " + " ".join(f"{key}={value}" for key, value in more.items())
        # a station without a name has that of its file
        says = says or (path.stem.split(".pbo")[0] if entry == "stations" else "")
        return Case(name, "table", entry, str(path), must, more, says)

    def bytes(self, name: str, content: bytes | str, must: str = ANY, **more) -> Case:
        path = self.place(name)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.case(path, must, **more)


def cases(folder: Path, server: str) -> Iterator[Case]:
    """All of them; `server` is the address of the one that nobody should call."""
    make = Maker(folder)
    for entry, good, ending in (
        ("stations", _GOOD, ".csv"),
        ("stations", _PBO + _PBO_ROWS, ".pbo.csv"),
        ("positions", _POSITIONS, ".csv"),
        ("dated", "a.tif,2020-01-01\nb.tif,2020-01-02\n", ".csv"),
    ):
        yield from _damaged(make, entry, good.encode(), ending)
    for part in (_tables, _columns, _pbo, _positions, _links):
        yield from part(make)
    yield from _remote(make, server)


def _damaged(make: Maker, entry: str, good: bytes, ending: str) -> Iterator[Case]:
    def case(name: str, content: bytes, must: str = ANY) -> Case:
        return make.bytes(f"{entry}{ending}/{name}{ending}", content, must, entry=entry)

    yield case("good", good, TAKEN)
    for share in (0.1, 0.5, 0.97):
        yield case(f"cut_{share}", good[: int(share * len(good))])
    random = np.random.default_rng(len(good))
    for number in range(8):
        bent = np.frombuffer(good, np.uint8).copy()
        where = random.integers(0, len(bent), size=1 + 3 * number)
        bent[where] = random.integers(0, 256, size=len(where))
        yield case(f"bent_{number}", bent.tobytes())
    text = good.decode()
    for name, content in (
        ("empty", b""), ("blank", b" \n\t\n"), ("nul", good.replace(b"2", b"\0")), ("late_nul", good * 3000 + b"\0" * 100 + good), ("binary", bytes(range(256)) * 200),
        ("utf8_mark", b"\xef\xbb\xbf" + good), ("utf16", text.encode("utf-16")), ("utf16_be", b"\xfe\xff" + text.encode("utf-16-be")), ("utf16_odd", text.encode("utf-16")[:-1]),
        ("utf32", text.encode("utf-32")), ("utf7", b"+/v8-" + good), ("marks", b"\xef\xbb\xbf" * 50 + good), ("ebcdic", text.encode("cp500")), ("latin", good + "ä;ö\n".encode("latin-1")),
        ("returns", good.replace(b"\n", b"\r")), ("mixed_ends", good.replace(b"\n", b"\r\n", 3)), ("separators", text.replace("\n", "\u2028").encode()), ("controls", good.replace(b",", b"\x1b[31m,")),
        ("one_line", good.replace(b"\n", b",") * 300), ("endless_line", b"1," * 1_500_000), ("endless_cell", b"x" * 3_000_000), ("endless_quote", b'"' + good * 500), ("quotes", good.replace(b",", b'","')),
        ("columns", (b"1," * 200_000 + b"\n") * 3), ("blank_lines", b"\n" * 1_000_000 + good), ("rows", good + good.splitlines()[-1] * 1 + b"\n" + good.splitlines()[-1] + b"\n"),
        ("workbook", b"PK\x03\x04" + bytes(500)), ("old_workbook", b"\xd0\xcf\x11\xe0" + bytes(500)), ("pdf", b"%PDF-1.4\n" + bytes(range(1, 200)) * 20), ("html", b"<html><table><tr><td>1</td></tr></table></html>" * 50),
        ("json", b'[{"a":' * 2000), ("formula", good + b"=cmd|' /C calc'!A0,=1+1\n"), ("comments", b"#" * 100_000 + b"\n" + b"# x\n" * 20_000 + good), ("digits", b"9" * 400_000 + b"," + b"9" * 400_000 + b"\n" + good),
    ):  # fmt: skip
        yield case(name, content)


def _tables(make: Maker) -> Iterator[Case]:
    rows = _GOOD.splitlines()
    for name, cell in (
        ("formula", "=1+1"), ("at", "@SUM(A1)"), ("text", "broken"), ("nan", "nan"), ("inf", "inf"), ("huge", "1e400"), ("underscore", "1_000"), ("hex", "0x1p3"), ("arabic", "١٢"),
        ("empty", ""), ("blank", "   "), ("comma", '"1,5"'), ("thousands", '"1,234.5"'), ("minus", "−1.5"), ("plus", "+-1"), ("unit", "1.5 mm"), ("long", "1" * 5000), ("exponent", "1e-400"), ("percent", "5%"),
    ):  # fmt: skip
        changed = [*rows[:5], rows[5].split(",")[0] + "," + cell, *rows[6:]]
        yield make.bytes(f"cells/{name}.csv", "\n".join(changed))
        yield make.bytes(
            f"cells/all_{name}.csv", rows[0] + "\n" + "\n".join(row.split(",")[0] + "," + cell for row in rows[1:])
        )
    for name, times in (
        ("clock", ["10:00", "11:00", "12:00"]), ("words", ["Monday", "Tuesday", "Wednesday"]), ("same", ["2020-01-01"] * 3), ("backwards", ["2020-01-03", "2020-01-02", "2020-01-01"]),
        ("far", ["0001-01-01", "9999-12-31", "9999-12-31T23:59:59+14:00"]), ("february", ["2020-02-30", "2020-02-31", "2020-02-32"]), ("nan", ["nan", "nan", "nan"]), ("inf", ["inf", "-inf", "1e308"]),
        ("huge", ["1e30", "2e30", "3e30"]), ("zones", ["2020-01-01T00:00:00+25:00", "2020-01-02T00:00:00-99:99", "2020-01-03T00:00:00Z"]), ("mixed", ["2020-01-01", "02.01.2020", "43833"]),
        ("ambiguous", ["01/02/2020", "02/03/2020", "03/04/2020"]), ("week", ["2020-W01-1", "2020-W02-1", "2020-W03-1"]), ("percent", ["%d.%m.%Y"] * 3), ("long", ["2020-01-01" + "0" * 5000] * 3),
        ("years", ["2020.001", "2020.002", "2020.003"]), ("leap_second", ["2016-12-31T23:59:60", "2017-01-01T00:00:00", "2017-01-01T00:00:01"]), ("digits", ["99999999", "99999999", "99999999"]),
    ):  # fmt: skip
        yield make.bytes(
            f"times/{name}.csv",
            "time,displacement\n" + "".join(f"{time},{number}\n" for number, time in enumerate(times)),
        )
    for name, header in (
        ("none", ""), ("same", "a,a"), ("empty", ","), ("long", "t" * 100_000 + "," + "d" * 100_000), ("controls", "ti\x07me,displace\x1bment"), ("formula", "=time,=displacement"),
        ("unicode", "time\u202e,\u0000d"), ("numbers", "1,2"), ("many", ",".join(f"c{k}" for k in range(5000))), ("brackets", "time,displacement [mm] [m] [ft]"), ("regex", "time,(((((((((("),
    ):  # fmt: skip
        yield make.bytes(f"headers/{name}.csv", header + "\n" + "\n".join(rows[1:]))
    yield make.bytes("tables/ragged.csv", "\n".join(row + "," * (number % 40) for number, row in enumerate(rows)))
    yield make.bytes(
        "tables/stations.csv",
        "time,station,displacement\n" + "".join(f"2020-01-{1 + k % 28:02d},S{k},{k}\n" for k in range(5000)),
    )
    yield make.bytes("tables/one_row.csv", "\n".join(rows[:2]), REFUSED)
    yield make.bytes("tables/header_only.csv", rows[0], REFUSED)


def _columns(make: Maker) -> Iterator[Case]:
    """Tables that the user described."""
    path = make.place("described/good.csv")
    path.write_text(_GOOD)
    yield make.case(path, TAKEN, "table")
    for key, values in {
        "time": ["missing", "99", "0", "-1", "", "9" * 400], "displacement": ["missing", "time", "1e9"], "encoding": ["utf-16", "rot13", "hex", "nonsense", "idna", "zlib", "utf-8\0", "undefined"],
        "delimiter": ["", ";;", "\n", "x", "\0"], "decimal": [",", "", "x"], "header": [-1, 10**12, 5], "first": [0, 10**12, -5], "unit": ["km", "", "parsec"],
        "time_format": ["%", "%Q", "%Y" * 500, "%d" * 40, "auto", "nonsense", "%c%c%c", "\0"], "time_zone": ["Mars/Olympus", "../../etc/passwd", "+99:99", "\0", "A" * 5000],
        "crs": ["EPSG:0", "nonsense", "/etc/passwd", "http://127.0.0.1:1/crs"],
    }.items():  # fmt: skip
        for value in values:
            yield make.case(path, entry="table", says=" ", **{key: value})


def _pbo(make: Maker) -> Iterator[Case]:
    for name, content in (
        ("no_columns", _PBO.replace("Date, North", "Data, Norden") + _PBO_ROWS), ("no_rows", _PBO), ("one_row", _PBO + _PBO_ROWS.splitlines()[0]), ("two_units", _PBO.replace("East (mm)", "East (m)") + _PBO_ROWS),
        ("no_unit", _PBO.replace(" (mm)", "") + _PBO_ROWS), ("text", _PBO + _PBO_ROWS.replace("5.1", "five")), ("short", _PBO + "2020-01-01,1\n"), ("date", _PBO + _PBO_ROWS.replace("2020-01-05", "2020-13-05")),
        ("twice", _PBO + _PBO_ROWS * 2), ("backwards", _PBO + "\n".join(_PBO_ROWS.splitlines()[::-1])), ("nan", _PBO + _PBO_ROWS.replace("5.1", "nan")), ("inf", _PBO + _PBO_ROWS.replace("5.1", "inf")),
        ("position", _PBO.replace("38.0 North", "1e400 North") + _PBO_ROWS), ("pole", _PBO.replace("38.0 North", "3800000 North") + _PBO_ROWS), ("digits", _PBO.replace("38.0", "9" * 5000) + _PBO_ROWS),
        ("endless_header", "PBO Station Position Time Series\n" + "x, y\n" * 50_000), ("long_name", _PBO.replace("P001", "P" * 100_000) + _PBO_ROWS), ("name", _PBO.replace("P001", "../../\x1b[31m") + _PBO_ROWS),
        ("columns_twice", _PBO.replace("Quality,", "North (mm), North (mm), East (mm),") + _PBO_ROWS), ("far", _PBO + "0001-01-01,1,1,1,1,1,1,f,\n9999-12-31,1,1,1,1,1,1,f,\n"),
    ):  # fmt: skip
        yield make.bytes(f"pbo/{name}.pbo.csv", content)


def _positions(make: Maker) -> Iterator[Case]:
    head = "station,x,y,crs,bearing,plunge\n"
    for name, row in (
        ("crs", "A,1,2,nonsense,0,0"), ("number", "A,1,2,999999999,0,0"), ("zero", "A,1,2,0,0,0"), ("bearing", "A,1,2,4326,9999,0"), ("plunge", "A,1,2,4326,0,90"), ("nan", "A,nan,nan,4326,nan,nan"),
        ("inf", "A,inf,1,4326,0,0"), ("huge", "A,1e308,1e308,4326,0,0"), ("text", "A,here,there,4326,0,0"), ("short", "A"), ("empty", ",,,,,"), ("digits", "A,1,2," + "9" * 5000 + ",0,0"),
        ("wkt", 'A,1,2,"GEOGCS[broken",0,0'), ("proj", "A,1,2,+proj=pipeline +step +proj=nonsense,0,0"), ("file", "A,1,2,/etc/passwd,0,0"), ("name", "\x1b[31m" + "n" * 10_000 + ",x,2,4326,0,0"),
    ):  # fmt: skip
        yield make.bytes(f"positions/{name}.csv", head + row + "\n" + "B,1,2,4326,0,0\n", entry="positions")
    point = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":%s},"geometry":%s}]}'
    for name, content in (
        ("good", point % ('"A"', '{"type":"Point","coordinates":[1,2]}')), ("line", point % ('"A"', '{"type":"LineString","coordinates":[[1,2],[3,4]]}')), ("null", point % ('"A"', "null")),
        ("nan", point % ('"A"', '{"type":"Point","coordinates":[NaN,Infinity]}')), ("short", point % ('"A"', '{"type":"Point","coordinates":[]}')), ("name", point % ("{}", '{"type":"Point","coordinates":[1,2]}')),
        ("deep", '{"type":"FeatureCollection","features":' + "[" * 100_000), ("none", '{"type":"FeatureCollection","features":[]}'), ("broken", '{"type":"FeatureCollection","features":[{'), ("huge", point % ('"A"', '{"type":"Point","coordinates":[1e308,-1e308]}')),
        ("text", point % ('"A"', '{"type":"Point","coordinates":["a","b"]}')), ("bearing", '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"A","bearing":1e9},"geometry":{"type":"Point","coordinates":[1,2]}}]}'),
    ):  # fmt: skip
        yield make.bytes(f"layers/{name}.geojson", content, entry="positions", says=" " if name == "bearing" else "")
    for name, content in (("text.gpkg", b"hello" * 100), ("header.gpkg", b"SQLite format 3\0" + bytes(2000)), ("bent.shp", b"\x00\x00\x27\x0a" + b"\xff" * 300), ("empty.gpkg", b""), ("a.gml", b"<gml>" * 5000),
                          ("a.kml", b"<?xml version='1.0'?><!DOCTYPE k [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;'>]><kml><Document><name>&f;</name></Document></kml>")):  # fmt: skip
        yield make.bytes(f"layers/{name}", content, REFUSED, entry="positions")


def _links(make: Maker) -> Iterator[Case]:
    for name in ("pipe.csv", "pipe.txt"):
        os.mkfifo(make.place(f"links/{name}"))
    os.symlink("loop.csv", make.place("links/loop.csv"))
    os.symlink("/dev/zero", make.place("links/zero.csv"))
    os.symlink("/dev/urandom", make.place("links/random.csv"))
    make.place("links/folder.csv").mkdir()
    os.mkfifo(make.place("links/pipe.gpkg"))
    for entry in ("stations", "positions", "dated"):
        for name in ("pipe.csv", "loop.csv", "zero.csv", "random.csv", "folder.csv", "missing.csv"):
            if entry == "stations" and name == "folder.csv":
                yield make.case(make.place("links/folder.csv"), REFUSED, entry)
            else:
                yield make.case(make.place(f"links/{name}"), REFUSED, entry)
    yield make.case(make.place("links/pipe.gpkg"), REFUSED, "positions")


def _remote(make: Maker, server: str) -> Iterator[Case]:
    """What would make GDAL call somebody."""
    vrt = f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{server}/a.geojson</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    for name, content in (
        ("a.vrt", vrt), ("b.gpkg", vrt), ("c.vrt", vrt.replace(server, f"/vsicurl/{server}")), ("d.xml", f"<OGRWFSDataSource><URL>{server}/wfs</URL></OGRWFSDataSource>"), ("e.geojson", f'{{"type":"FeatureCollection","features":[],"links":[{{"rel":"next","href":"{server}/next"}}],"crs":{{"type":"link","properties":{{"href":"{server}/crs","type":"proj4"}}}}}}'),
        ("f.gml", f'<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a {server}/a.xsd"><gml:featureMember><a/></gml:featureMember></gml:FeatureCollection>'),
        ("g.kml", f"<kml><Document><NetworkLink><Link><href>{server}/a.kml</href></Link></NetworkLink></Document></kml>"),
    ):  # fmt: skip
        yield make.bytes(f"remote/{name}", content, ANY if name == "g.kml" else REFUSED, entry="positions")
    yield make.bytes(
        "remote/crs.csv", f"station,x,y,crs\nA,1,2,{server}/crs\n", REFUSED, entry="positions", says="known"
    )
