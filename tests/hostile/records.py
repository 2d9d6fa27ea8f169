"""Records that were edited: of a time series, of a displacement product, and folders of images."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deepot_qgis.engine.measure import MeasureOptions, measure
from tests.engine import interchanged, scenes

from .case import ANY, REFUSED, TAKEN, Case

_DEEP, _NAN = "[" * 200_000, "NaN"
#: What may stand where something else belongs; each is put in as JSON text.
_ODD = {
    "null": None, "number": 7, "negative": -1, "huge": 10**400, "float": 1e300, "text": "abc", "empty": "", "long": "x" * 1_000_000, "list": [], "nested": [[[]]], "object": {}, "true": True,
    "climbing": "../" * 30 + "etc/passwd", "absolute": "/etc/passwd", "device": "/dev/zero", "nul": "a\0b", "controls": "\x1b[31m\n\r", "surrogate": "\ud800", "remote": "/vsicurl/http://127.0.0.1:1/a.tif",
}  # fmt: skip


class Maker:
    """Writes records into a folder and makes cases of them."""

    def __init__(self, folder: Path):
        self.folder = folder
        interchanged.series(folder / "series")
        self.series = json.loads((folder / "series/series.json").read_text())
        self.images = [
            scenes.write(folder / f"{day}.tif", scenes.texture(64, 64, seed))
            for seed, day in enumerate(("20240101", "20240113"), start=1)
        ]
        (folder / "product").mkdir()
        measure(MeasureOptions(*self.images, str(folder / "product/p.tif"), method="correlation"))
        self.record = json.loads((folder / "product/p.json").read_text())

    def place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def case(self, path: Path, entry: str, must: str = ANY, says: str = "", **more) -> Case:
        return Case(f"{entry}: {path.relative_to(self.folder)}", "record", entry, str(path), must, more, says)

    def bytes(self, name: str, content: bytes | str, entry: str, must: str = ANY, says: str = "") -> Case:
        path = self.place(name)
        path.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
        return self.case(path, entry, must, says)


def cases(folder: Path, server: str) -> Iterator[Case]:
    """All of them."""
    make = Maker(folder)
    yield make.case(folder / "series/series.json", "history", TAKEN)
    yield make.case(folder / "series", "history", TAKEN)
    yield make.case(folder / "product/p.json", "rerun", TAKEN)
    yield make.case(folder / "product/p.tif", "products", TAKEN)
    yield from _damaged(make)
    yield from _edited_series(make)
    yield from _edited_options(make)
    yield from _damaged_files(make)
    yield from _folders(make)


def _damaged(make: Maker) -> Iterator[Case]:
    for entry, record, name in (
        ("history", make.series, "series/edited_{}.json"),
        ("rerun", make.record, "product/edited_{}.json"),
    ):
        text = json.dumps(record)
        for number, share in enumerate((0.0, 0.1, 0.5, 0.99)):
            yield make.bytes(name.format(f"cut_{number}"), text[: int(share * len(text))], entry, REFUSED)
        for label, content in (
            ("deep", _DEEP), ("deep_objects", '{"a":' * 100_000), ("list", "[]"), ("number", "1"), ("null", "null"), ("text", '"abc"'), ("digits", "9" * 100_000), ("binary", bytes(range(256)) * 30),
            ("utf16", text.encode("utf-16")), ("marked", b"\xef\xbb\xbf" + text.encode()), ("latin", b'{"a":"\xe4"}'), ("pickle", b"\x80\x04cos\nsystem\n(S'touch pwned'\ntR."), ("zeros", bytes(5000)), ("twice", text + text), ("empty_object", "{}"),
        ):  # fmt: skip
            yield make.bytes(name.format(label), content, entry, REFUSED)
    os.mkfifo(make.place("links/pipe.json"))
    os.symlink("loop.json", make.place("links/loop.json"))
    os.symlink("/dev/zero", make.place("links/zero.json"))
    make.place("links/folder.json").mkdir()
    for entry in ("history", "rerun"):
        for name in ("pipe.json", "loop.json", "zero.json", "folder.json", "missing.json"):
            yield make.case(make.place(f"links/{name}"), entry, REFUSED)


def _changed(record: dict, path: tuple[str, ...], value: Any) -> str:
    """JSON of a record of which one item is another."""
    copy = json.loads(json.dumps(record))
    inside = copy
    for key in path[:-1]:
        inside = inside[key]
    if value is ...:
        inside.pop(path[-1], None)
    else:
        inside[path[-1]] = value
    return json.dumps(copy)


def _edited_series(make: Maker) -> Iterator[Case]:
    for path in (("dates",), ("unit",), ("files",), ("files", "east"), ("files", "velocity"), ("format",)):
        for name, value in {**_ODD, "missing": ...}.items():
            yield make.bytes(
                f"series/{'_'.join(path)}_{name}.json", _changed(make.series, path, value), "history", says=" "
            )
    dates = make.series["dates"]
    for name, value in (
        ("turned", dates[::-1]),
        ("twice", [dates[0]] * len(dates)),
        ("fewer", dates[:-1]),
        ("many", dates * 5000),
        ("odd", [*dates[:-1], None]),
        ("words", ["2020"] * len(dates)),
        ("far", ["1900-01-01", *dates[1:]]),
    ):
        yield make.bytes(f"series/dates_are_{name}.json", _changed(make.series, ("dates",), value), "history", says=" ")
    for name, file in (
        ("velocity", "velocity.tif"),
        ("itself", "series.json"),
        ("image", "../20240101.tif"),
        ("folder", "."),
    ):
        yield make.bytes(
            f"series/east_is_{name}.json", _changed(make.series, ("files", "east"), file), "history", says=" "
        )


def _edited_options(make: Maker) -> Iterator[Case]:
    options = make.record["options"]
    for key in options:
        for name, value in {**_ODD, "missing": ...}.items():
            if key in ("output", "offsets", "velocity") and name == "absolute":
                continue  # the user's own word, and root may write there
            yield make.bytes(
                f"product/{key}_{name}.json", _changed(make.record, ("options", key), value), "rerun", says=" "
            )
    for group in ("correlation", "quality"):
        for key in options[group]:
            for name in ("null", "negative", "huge", "float", "text", "list", "true"):
                yield make.bytes(
                    f"product/{group}_{key}_{name}.json",
                    _changed(make.record, ("options", group, key), _ODD[name]),
                    "rerun",
                    says=" ",
                )
    yield make.bytes("product/more.json", _changed(make.record, ("options", "evil"), 1), "rerun", REFUSED, " ")
    yield make.bytes(
        "product/nan.json", re.sub(r'"tile_px": \w+', '"tile_px": NaN', json.dumps(make.record)), "rerun", REFUSED, " "
    )


def _damaged_files(make: Maker) -> Iterator[Case]:
    """The record is whole, a file that it lists is not."""
    for part in ("east", "sigma", "velocity"):
        for name, share in (("cut", 0.5), ("empty", 0.0), ("gone", None)):
            folder = make.folder / f"series_{part}_{name}"
            shutil.copytree(
                make.folder / "series",
                folder,
                ignore=shutil.ignore_patterns("*_*.json", "edited*", "dates*", "unit*", "files*", "format*"),
            )
            file = folder / f"{part}.tif"
            if share is None:
                file.unlink()
            else:
                file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
            yield make.case(folder, "history", says=" " if name == "cut" else part)
    content = (make.folder / "product/p.tif").read_bytes()
    for number, share in enumerate((0.1, 0.5, 0.9)):
        yield make.bytes(f"products/cut_{number}.tif", content[: int(share * len(content))], "products")
    (make.place("products/many/good.tif")).write_bytes(content)
    yield make.bytes("products/many/bad.tif", content[:500], "products", REFUSED)
    yield make.case(make.folder / "products/many", "products", TAKEN)
    yield make.case(Path(make.images[0]), "products", REFUSED)
    for key, value in (("REFERENCE_DATE", "hello"), ("SECONDARY_DATE", "1990-01-01"), ("UNIT", "\x1b[31m")):
        from osgeo import gdal

        path = make.place(f"products/tag_{key}.tif")
        path.write_bytes(content)
        dataset = gdal.Open(str(path), gdal.GA_Update)
        dataset.SetMetadataItem(key, value)
        dataset = None
        yield make.case(path, "products")


def _folders(make: Maker) -> Iterator[Case]:
    """Images of a series, one of them odd."""
    content = Path(make.images[0]).read_bytes()

    def folder(name: str, files: dict[str, bytes | None], must: str = ANY, only: str = "") -> Case:
        at = make.folder / "folders" / name
        at.mkdir(parents=True)
        for file, of in files.items():
            if of is None:
                os.symlink(file, at / file)
            else:
                (at / file).write_bytes(of)
        more = {"only": only} if only else {}
        return make.case(at, "planned", must, " ", **more)

    good = {f"202401{day:02d}.tif": content for day in (1, 5, 9)}
    yield folder("good", good, TAKEN)
    yield folder("cut", {**good, "20240113.tif": content[:300]}, TAKEN, "20240113.tif")
    yield folder("loop", {**good, "20240113.tif": None}, ANY)
    yield folder("empty_file", {**good, "20240113.tif": b""}, TAKEN, "20240113.tif")
    yield folder("same_day", {**good, "20240101_b.tif": content}, REFUSED)
    yield folder("no_date", {**good, "image.tif": content}, REFUSED)
    yield folder("one", {"20240101.tif": content}, REFUSED)
    yield folder("one_readable", {"20240101.tif": content, "20240102.tif": b"hello"}, REFUSED)
    yield folder("none", {}, REFUSED)
    yield folder("text", {"notes.txt": b"hello"}, REFUSED)
    yield folder(
        "forty",
        {
            f"2023{month:02d}{day:02d}.tif": content if (month, day) != (3, 4) else content[:999]
            for month in range(1, 11)
            for day in range(1, 5)
        },
        TAKEN,
        "20230304.tif",
    )
    small = make.place("small.tif")
    scenes.write(small, scenes.texture(40, 40))
    yield folder("grids", {**good, "20240113.tif": small.read_bytes()}, REFUSED)
    yield folder(
        "virtual",
        {
            **good,
            "20240113.vrt": b'<VRTDataset rasterXSize="64" rasterYSize="64"><VRTRasterBand dataType="Float32" band="1"><SimpleSource><SourceFilename relativeToVRT="1">20240113.vrt</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>',
        },
        TAKEN,
        "20240113.vrt",
    )
    os.mkfifo(make.folder / "folders/cut/20240117.tif")
    at = make.folder / "folders/images.txt"
    at.write_text("no folder")
    yield make.case(at, "planned", REFUSED)
    yield make.case(make.folder / "folders/missing", "planned", REFUSED)
