"""Damaged and odd HDF5, NetCDF and offset rasters for the import commands."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from deepot_qgis.engine.interchange.hdf5 import Array, Hdf5Writer
from deepot_qgis.engine.interchange.mintpy_export import MintpyOptions, StackExport, export_mintpy, export_stack
from deepot_qgis.engine.interchange.netcdf_export import NetcdfOptions, export_netcdf
from deepot_qgis.engine.interchange.radar import Look
from tests.engine import interchanged, scenes

from .case import ANY, REFUSED, TAKEN, Case

_RADAR = {"look": None}
_GIVEN = {"heading": -12.0, "incidence": 38.0, "x_spacing": 10.0, "y_spacing": 10.0}


class Maker:
    """Writes files into a folder and makes cases of them."""

    def __init__(self, folder: Path):
        self.folder = folder
        interchanged.series(folder / "series")
        export_mintpy(MintpyOptions(str(folder / "series"), str(folder / "whole"), ("east", "north")))
        export_netcdf(NetcdfOptions(str(folder / "series"), str(folder / "whole/velocity.nc")))
        export_stack(interchanged.pairs(), StackExport(str(folder / "whole/ifgramStack.h5")))
        export_stack(interchanged.pairs(), StackExport(str(folder / "whole/radarStack.h5"), Look(-12, 38)))
        self.whole = folder / "whole"

    def place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def case(self, path: Path, must: str = ANY, entry: str = "taken_in", says: str = "", **more) -> Case:
        name = f"{entry}: {path.relative_to(self.folder)} " + " ".join(
            f"{k}={v}" for k, v in more.items() if k != "other"
        )
        return Case(name, "array", entry, str(path), must, more, says)

    def bytes(self, name: str, content: bytes, must: str = ANY, **more) -> Case:
        path = self.place(name)
        path.write_bytes(content)
        return self.case(path, must, **more)


def cases(folder: Path, server: str) -> Iterator[Case]:
    """All of them."""
    make = Maker(folder)
    for part in (_whole, _damaged, _attributes, _shapes, _rasters, _others):
        yield from part(make)


def _entry(name: str) -> dict:
    """How a whole file is read, by its name."""
    if name.startswith("timeseries"):
        return {"entry": "components", "other": ""}
    if name.startswith("velocity_"):
        return {"entry": "rates", "other": ""}
    return {}


def _with_other(make: Maker, name: str) -> dict:
    entry = _entry(name)
    if entry:
        kind = "timeseries" if name.startswith("timeseries") else "velocity"
        entry["other"] = str(make.whole / f"{kind}_east.h5")
    return entry


def _whole(make: Maker) -> Iterator[Case]:
    for name in ("ifgramStack.h5", "radarStack.h5", "velocity.nc"):
        yield make.case(make.whole / name, TAKEN)
    for name in ("timeseries_north.h5", "velocity_north.h5"):
        yield make.case(make.whole / name, TAKEN, **_with_other(make, name))


def _damaged(make: Maker) -> Iterator[Case]:
    random = np.random.default_rng(5)
    for name in ("ifgramStack.h5", "radarStack.h5", "velocity.nc", "timeseries_north.h5", "velocity_north.h5"):
        content = (make.whole / name).read_bytes()
        for share in (0.001, 0.02, 0.1, 0.4, 0.8, 0.99):
            yield make.bytes(f"cut/{share}_{name}", content[: int(share * len(content))], **_renamed(make, name))
        for number in range(10):
            bent = np.frombuffer(content, np.uint8).copy()
            reach = len(bent) if number % 3 == 0 else min(len(bent), 4000)
            where = random.integers(8, reach, size=1 + 2 * number)
            bent[where] = random.integers(0, 256, size=len(where))
            yield make.bytes(f"bent/{number}_{name}", bent.tobytes(), **_renamed(make, name))


def _renamed(make: Maker, name: str) -> dict:
    """As `_with_other`; a file whose name changed says its format."""
    entry = _with_other(make, name)
    return {**entry, "says": ".h5"} if entry else {"format": "itslive" if name.endswith(".nc") else "mintpy"}


def _stack(path: Path, attributes: dict, arrays: dict[str, np.ndarray]) -> None:
    of = [Array(name, values.shape, values.dtype) for name, values in arrays.items()]
    with Hdf5Writer(
        str(path), of, {key: str(value) for key, value in attributes.items() if value is not None}
    ) as writer:
        for name, values in arrays.items():
            writer.put(name, values)


_ATTRIBUTES = {
    "FILE_TYPE": "ifgramStack", "WIDTH": 23, "LENGTH": 17, "X_FIRST": 500000.0, "Y_FIRST": 4200000.0, "X_STEP": 10.0, "Y_STEP": -10.0,
    "EPSG": 32613, "PROCESSOR": "isce", "HEADING": -12.0, "CENTER_INCIDENCE_ANGLE": 38.0, "RANGE_PIXEL_SIZE": 2.0, "AZIMUTH_PIXEL_SIZE": 10.0,
    "RLOOKS": 1, "ALOOKS": 1, "ANTENNA_SIDE": -1,
}  # fmt: skip


def _arrays(pairs: int = 2, height: int = 17, width: int = 23) -> dict[str, np.ndarray]:
    offsets = np.ones((pairs, height, width), np.float32)
    dates = np.array([[b"20200101", b"20200113"], [b"20200113", b"20200125"]][:pairs])
    return {"date": dates, "rangeOffset": offsets, "azimuthOffset": offsets, "dropIfgram": np.ones(pairs, bool)}


def _attributes(make: Maker) -> Iterator[Case]:
    def changed(name: str, must: str = ANY, **attributes) -> Case:
        path = make.place(f"attributes/{name}.h5")
        _stack(path, {**_ATTRIBUTES, **attributes}, _arrays())
        return make.case(path, must)

    yield changed("good", TAKEN)
    for key in _ATTRIBUTES:
        yield changed(f"without_{key}", **{key: None})
        for name, value in (
            ("text", "abc"),
            ("nan", "nan"),
            ("inf", "inf"),
            ("zero", "0"),
            ("negative", "-3"),
            ("huge", "1e300"),
            ("long", "9" * 400),
            ("empty", " "),
        ):
            yield changed(f"{key}_{name}", **{key: value})
    for name, values in (
        ("zone", {"EPSG": None, "UTM_ZONE": "13Q"}), ("zone_text", {"EPSG": None, "UTM_ZONE": "N"}), ("zone_far", {"EPSG": None, "UTM_ZONE": "99N"}),
        ("zone_minus", {"EPSG": None, "UTM_ZONE": "-1N"}), ("geocentric", {"EPSG": 4978}), ("vertical", {"EPSG": 5703}), ("degrees", {"EPSG": 4326}),
        ("planet", {"WIDTH": 10**9, "LENGTH": 10**9}), ("other_size", {"WIDTH": 24}), ("map", {"PROCESSOR": "cosicorr"}), ("frame", {"PROCESSOR": "cosicorr", "DEEPOT_FRAME": "nonsense"}),
        ("controls", {"EPSG": "\x01\x1b[31m"}),
    ):  # fmt: skip
        yield changed(name, **values)


def _shapes(make: Maker) -> Iterator[Case]:
    def shaped(name: str, must: str = ANY, **arrays) -> Case:
        path = make.place(f"shapes/{name}.h5")
        found = {**_arrays(), **arrays}
        _stack(path, _ATTRIBUTES, {key: value for key, value in found.items() if value is not None})
        return make.case(path, must)

    offsets = np.ones((2, 17, 23), np.float32)
    for name, values in (
        ("few", offsets[:1]), ("flat", offsets[0]), ("line", offsets[0, 0]), ("small", offsets[:, :5, :5]), ("large", np.ones((2, 40, 40), np.float32)),
        ("integers", offsets.astype(np.int16)), ("nan", offsets * np.nan), ("inf", offsets * np.inf), ("huge", offsets * np.float32(3e38)), ("zero", offsets * 0), ("texts", np.array([b"abc"] * 4)),
        ("none", None),
    ):  # fmt: skip
        yield shaped(f"range_{name}", rangeOffset=values)
    for name, values in (
        ("one", np.array([[b"20200101", b"20200101"]] * 2)), ("words", np.array([[b"hello..."] * 2] * 2)), ("three", np.array([[b"20200101"] * 3] * 2)),
        ("flat", np.array([b"20200101", b"20200113"])), ("many", np.array([[b"20200101", b"20200113"]] * 50)), ("numbers", np.ones((2, 2), np.float32)),
        ("empty", np.array([[b"\0\0\0\0\0\0\0\0"] * 2] * 2)), ("latin", np.array([[b"\xff\xfe\xfd20200", b"20200113"]] * 2)), ("turned", np.array([[b"20200113", b"20200101"]] * 2)), ("none", None),
    ):  # fmt: skip
        yield shaped(f"dates_{name}", date=values)
    for name, values in (
        ("none", None),
        ("false", np.zeros(2, bool)),
        ("long", np.ones(900, bool)),
        ("numbers", np.ones(2, np.float32)),
        ("texts", np.array([b"a", b"b"])),
    ):
        yield shaped(f"drop_{name}", dropIfgram=values)
    yield shaped("std", rangeOffsetStd=offsets * np.float32(np.nan), azimuthOffsetStd=offsets[0])
    yield shaped("std_negative", rangeOffsetStd=-offsets, azimuthOffsetStd=-offsets)


def _rasters(make: Maker) -> Iterator[Case]:
    """GeoTIFFs and plain rasters of autoRIFT and ISCE."""
    from osgeo import gdal

    values = scenes.texture(17, 23)

    def written(name: str, bands: int, change=lambda plane: plane, **how) -> Path:
        path = make.place(f"rasters/{name}")
        dataset = gdal.GetDriverByName("GTiff").Create(str(path), 23, 17, bands, gdal.GDT_Float32)
        if how.get("placed", True):
            dataset.SetGeoTransform(scenes.NORTH_UP)
            dataset.SetProjection(interchanged.wkt(32613))
        for number in range(bands):
            dataset.GetRasterBand(number + 1).WriteArray(change(values))
        return path

    for bands in (1, 2, 3, 4, 300):
        yield make.case(written(f"20200101_20200113_{bands}.tif", bands))
        yield make.case(written(f"20200102_20200113_{bands}.tif", bands), **_GIVEN)
        yield make.case(written(f"20200103_20200113_{bands}.tif", bands), format="isce", **_GIVEN)
    for name, change in (
        ("nan", lambda p: p * np.nan),
        ("inf", lambda p: p * np.inf),
        ("huge", lambda p: p * 0 + 3e38),
        ("nothing", lambda p: p * 0 - 10000),
    ):
        for form in ("isce", "autorift"):
            yield make.case(written(f"20200101_20200113_{name}_{form}.tif", 2, change), format=form, **_GIVEN)
    for name in (
        "nodate.tif",
        "20200101.tif",
        "20200101_20200101.tif",
        "20200101_20200113_20200125.tif",
        "20209999_20201399.tif",
        "19000101_20991231.tif",
    ):
        yield make.case(written(name, 2))
    yield make.case(written("unplaced_20200101_20200113.tif", 2, placed=False))
    content = written("whole_20200101_20200113.tif", 2).read_bytes()
    for share in (0.1, 0.3, 0.6, 0.9):
        yield make.bytes(f"rasters/{share}/20200101_20200113.tif", content[: int(share * len(content))])
    covariance = written("20200107_20200119.tif", 2)
    covariance.with_name("20200107_20200119_cov.tif").write_bytes(content[:300])
    yield make.case(covariance, format="isce", says="20200107_20200119_cov.tif", **_GIVEN)
    for first, second in (("2020-01-01", "2020-01-01"), ("hello", "2020-01-02"), ("0000-00-00", "9999-99-99")):
        yield make.case(covariance, first=first, second=second, says=" ")
    for heading, incidence in ((1e308, 30), (float("nan"), 30), (-12, 0), (-12, 90), (-12, float("inf"))):
        yield make.case(covariance, heading=heading, incidence=incidence, says=" ")


def _others(make: Maker) -> Iterator[Case]:
    for ending in (".h5", ".nc", ".tif", ".he5", ".off", ".npz", ""):
        for name, content in (
            ("empty", b""),
            ("text", b"hello\n" * 50),
            ("zeros", bytes(3000)),
            ("magic", b"\x89HDF\r\n\x1a\n" + b"\xff" * 2000),
            ("classic", b"CDF\x01" + b"\xff" * 500),
            ("classic5", b"CDF\x05" + bytes(500)),
        ):
            yield make.bytes(f"others/{name}{ending}", content, REFUSED)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("offset.npy", "w") as member:
        for _ in range(50):
            member.write(bytes(1_000_000))
    for name in ("bomb.npz", "bomb.h5", "bomb.tif", "bomb.nc"):
        yield make.bytes(f"others/{name}", bomb.getvalue(), REFUSED)
    os.mkfifo(make.place("links/pipe.h5"))
    os.symlink("loop.nc", make.place("links/loop.nc"))
    os.symlink("/dev/zero", make.place("links/zero.h5"))
    os.mkfifo(make.place("links/pipe.nc"))
    make.place("links/folder.h5").mkdir()
    for name in ("pipe.h5", "loop.nc", "zero.h5", "pipe.nc", "folder.h5", "missing.h5"):
        yield make.case(make.place(f"links/{name}"), REFUSED)
    for name in ("with space.nc", 'quote".nc', "co:lon.nc", "ä.nc"):
        yield make.bytes(f"names/{name}", (make.whole / "velocity.nc").read_bytes())
