"""Damaged and odd rasters."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from osgeo import gdal

from tests.engine import scenes

from . import tiff
from .case import ANY, REFUSED, TAKEN, Case

SIDE = 64


class Maker:
    """Writes files into a folder and makes cases of them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.good = scenes.write(folder / "good_20240101.tif", scenes.texture(SIDE, SIDE))
        self.image = scenes.moved(scenes.texture(SIDE, SIDE), 0.6, -0.4)

    def place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def case(self, path: Path, must: str = ANY, entry: str = "pair", says: str = "", **more) -> Case:
        if entry in ("pair", "measured", "aligned"):
            more = {"other": self.good, **more}
        name = f"{entry}: {path.relative_to(self.folder)}" + "".join(
            f" {key}={more[key]}" for key in more if key != "other"
        )
        return Case(name, "raster", entry, str(path), must, more, says)

    def bytes(self, name: str, content: bytes, must: str = ANY, **more) -> Case:
        path = self.place(name)
        path.write_bytes(content)
        return self.case(path, must, **more)

    def text(self, name: str, content: str, must: str = ANY, **more) -> Case:
        return self.bytes(name, content.encode(), must, **more)

    def written(
        self, name: str, values: np.ndarray, must: str = ANY, entry: str = "pair", says: str = "", more=None, **how
    ) -> Case:
        path = self.place(name)
        scenes.write(path, values, **how)
        return self.case(path, must, entry, says, **(more or {}))


def cases(folder: Path, server: str) -> Iterator[Case]:
    """All of them; `server` is the address of the one that nobody should call."""
    make = Maker(folder)
    for part in (_truncated, _bent, _lying, _placed, _valued, _typed, _virtual, _elsewhere, _talkative, _whole_runs):
        yield from part(make)
    yield from _remote(make, server)


def _layouts(make: Maker) -> dict[str, bytes]:
    found = {}
    for name, options in {
        "strips": (),
        "deflated": ("COMPRESS=DEFLATE", "PREDICTOR=3"),
        "tiled": ("TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "COMPRESS=LZW"),
        "big": ("BIGTIFF=YES",),
    }.items():
        path = make.place(f"whole/{name}_20240113.tif")
        scenes.write(path, make.image, options=options)
        found[name] = path.read_bytes()
    return found


def _truncated(make: Maker) -> Iterator[Case]:
    for layout, content in _layouts(make).items():
        for share in (0.0002, 0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99):
            end = max(1, int(share * len(content)))
            yield make.bytes(f"cut/{layout}_{share}.tif", content[:end], REFUSED)
        yield make.bytes(f"cut/{layout}_less_a_byte.tif", content[:-1])
    yield make.bytes("cut/empty.tif", b"", REFUSED)
    for driver, name in (
        ("PNG", "a.png"),
        ("JPEG", "a.jpg"),
        ("ENVI", "a.dat"),
        ("HFA", "a.img"),
        ("AAIGrid", "a.asc"),
    ):
        path = make.place(f"formats/{name}")
        source = gdal.GetDriverByName("MEM").Create("", SIDE, SIDE, 1, gdal.GDT_Byte)
        source.GetRasterBand(1).WriteArray(np.clip(make.image, 1, 255).astype(np.uint8))
        if gdal.GetDriverByName(driver) is None or gdal.GetDriverByName(driver).CreateCopy(str(path), source) is None:
            continue
        content = path.read_bytes()
        for share in (0.1, 0.6, 0.95):
            cut = make.place(f"formats/{share}_{name}")
            cut.write_bytes(content[: int(share * len(content))])
            for beside in ("hdr", "aux.xml"):
                if path.with_suffix(f".{beside}").exists():
                    cut.with_suffix(f".{beside}").write_bytes(path.with_suffix(f".{beside}").read_bytes())
            yield make.case(cut)


def _bent(make: Maker) -> Iterator[Case]:
    """Bytes turned around, mostly in the directory."""
    random = np.random.default_rng(7)
    for layout, content in _layouts(make).items():
        for number in range(8):
            bent = np.frombuffer(content, np.uint8).copy()
            reach = 600 if number % 2 else len(bent)
            where = random.integers(4, reach, size=1 + 3 * number)
            bent[where] = random.integers(0, 256, size=len(where))
            yield make.bytes(f"bent/{layout}_{number}.tif", bent.tobytes())


def _lying(make: Maker) -> Iterator[Case]:
    """Headers that promise what is not there."""
    data = make.image.tobytes()

    def lie(name: str, changed: dict, must: str = ANY, following: int = 0) -> Case:
        of = {**tiff.tags(make.image), **changed}
        of = {key: value for key, value in of.items() if value is not None}
        return make.bytes(f"lies/{name}.tif", tiff.file(of, data, following), must)

    yield lie("honest", {}, TAKEN)
    for width, height in ((0, 64), (64, 0), (1, 1), (64, 65), (65, 64), (64, 4000), (100_000, 100_000), (1 << 31, 64),
                          (64, 1 << 31), (0xFFFFFFFF, 0xFFFFFFFF), (900_000, 900_000), (2_000_000_000, 1), (1, 2_000_000_000)):  # fmt: skip
        yield lie(f"size_{width}_{height}", {tiff.WIDTH: tiff.long(width), tiff.HEIGHT: tiff.long(height)}, REFUSED)
    for rows in (0, 1, 63, 1000, 0xFFFFFFFF):
        yield lie(f"rows_{rows}", {tiff.ROWS: tiff.long(rows)})
    for bits, form in (
        (1, 1),
        (7, 1),
        (12, 1),
        (16, 3),
        (24, 3),
        (64, 3),
        (64, 6),
        (32, 5),
        (255, 1),
        (0, 1),
        (65535, 3),
        (32, 9),
    ):
        yield lie(f"bits_{bits}_{form}", {tiff.BITS: tiff.short(bits), tiff.FORMAT: tiff.short(form)})
    for compression in (0, 2, 3, 4, 5, 6, 7, 8, 32773, 34676, 34712, 34887, 34925, 50000, 50001, 65535):
        yield lie(f"compression_{compression}", {tiff.COMPRESSION: tiff.short(compression)})
    for predictor in (0, 2, 3, 99):
        yield lie(f"predictor_{predictor}", {tiff.COMPRESSION: tiff.short(8), tiff.PREDICTOR: tiff.short(predictor)})
    for samples in (0, 2, 5000, 65535):
        yield lie(f"samples_{samples}", {tiff.SAMPLES: tiff.short(samples)})
        yield lie(f"planes_{samples}", {tiff.SAMPLES: tiff.short(samples), tiff.PLANAR: tiff.short(2)})
    for offset in (0, 0xFFFFFFF0, len(data) - 4):
        yield lie(f"offset_{offset}", {tiff.OFFSETS: tiff.long(offset)})
    for count in (0, 1, 0xFFFFFFFF):
        yield lie(f"count_{count}", {tiff.COUNTS: tiff.long(count)})
    for tile in (0, 1, 15, 16, 65536, 1 << 20, 0x7FFFFFF0):
        changed = {
            tiff.TILE_WIDTH: tiff.long(tile), tiff.TILE_HEIGHT: tiff.long(tile), tiff.TILE_OFFSETS: tiff.long(8),
            tiff.TILE_COUNTS: tiff.long(len(data)), tiff.OFFSETS: None, tiff.COUNTS: None, tiff.ROWS: None,
        }  # fmt: skip
        yield lie(f"tile_{tile}", changed)
        yield lie(f"tile_deflated_{tile}", {**changed, tiff.COMPRESSION: tiff.short(8)})
    # a raster as large as a planet in blocks of 16 px, of which no single one is there
    sparse = {
        tiff.WIDTH: tiff.long(400_000), tiff.HEIGHT: tiff.long(400_000), tiff.TILE_WIDTH: tiff.long(512),
        tiff.TILE_HEIGHT: tiff.long(512), tiff.TILE_OFFSETS: tiff.long(0), tiff.TILE_COUNTS: tiff.long(0),
        tiff.OFFSETS: None, tiff.COUNTS: None, tiff.ROWS: None,
    }  # fmt: skip
    yield lie("sparse", sparse, REFUSED)
    blocks = 60 * 60
    yield lie(
        "blocks_of_nothing",
        {**sparse, tiff.WIDTH: tiff.long(30_720), tiff.HEIGHT: tiff.long(30_720),
         tiff.TILE_OFFSETS: tiff.long(*[0] * blocks), tiff.TILE_COUNTS: tiff.long(*[0] * blocks)}, REFUSED,
    )  # fmt: skip
    many = 128 * 1024
    tiny = {
        **sparse,
        tiff.WIDTH: tiff.long(16 * 1024),
        tiff.HEIGHT: tiff.long(16 * 128),
        tiff.TILE_WIDTH: tiff.long(16),
        tiff.TILE_HEIGHT: tiff.long(16),
    }
    yield lie(
        "huge_block_count",
        {**tiny, tiff.TILE_OFFSETS: tiff.long(*[8] * many), tiff.TILE_COUNTS: tiff.long(*[1024] * many)},
        REFUSED,
    )
    yield lie("directory_loop", {}, following=-1)
    yield lie("directory_far", {}, following=0xFFFFFF00)
    yield lie("planes_and_palette", {tiff.PHOTOMETRIC: tiff.short(3)})
    for name, tag in (
        ("no_size", tiff.WIDTH),
        ("no_offsets", tiff.OFFSETS),
        ("no_bits", tiff.BITS),
        ("no_format", tiff.FORMAT),
    ):
        yield lie(name, {tag: None})
    for name, nodata in (
        ("nan", b"nan\0"),
        ("text", b"none\0"),
        ("huge", b"1e999\0"),
        ("long", b"9" * 5000 + b"\0"),
        ("nul", b"\0"),
    ):
        yield lie(f"nodata_{name}", {tiff.NODATA: tiff.text(nodata)})
    for name, metadata in (
        ("broken", b"<GDALMetadata><Item name='a'>\0"),
        ("deep", b"<a>" * 20_000 + b"\0"),
        (
            "bomb",
            b'<!DOCTYPE a [<!ENTITY b "cccccccccc"><!ENTITY d "&b;&b;&b;&b;&b;&b;">]><GDALMetadata>&d;</GDALMetadata>\0',
        ),
        ("binary", bytes(range(1, 256)) * 50 + b"\0"),
    ):
        yield lie(f"metadata_{name}", {tiff.METADATA: tiff.text(metadata)})
    for name, keys in (
        ("empty", [1, 1, 0, 0]),
        ("lying", [1, 1, 0, 60000]),
        ("nonsense", [9, 9, 9, 1, 3072, 34737, 9, 60000]),
    ):
        yield lie(f"geokeys_{name}", {tiff.GEOKEYS: tiff.short(*keys)})
    nan, inf = float("nan"), float("inf")
    for name, scale in (
        ("zero", (0, 0, 0)),
        ("nan", (nan, nan, 0)),
        ("inf", (inf, inf, 0)),
        ("negative", (-10, -10, 0)),
        ("huge", (1e300, 1e300, 0)),
        ("tiny", (1e-300, 1e-300, 0)),
    ):
        yield lie(f"scale_{name}", {tiff.SCALE: tiff.double(*map(float, scale))}, REFUSED)
    for name, matrix in (("zero", [0.0] * 16), ("nan", [nan] * 16), ("short", [1.0] * 3)):
        yield lie(f"matrix_{name}", {tiff.MATRIX: tiff.double(*matrix), tiff.SCALE: None, tiff.TIEPOINT: None})


def _placed(make: Maker) -> Iterator[Case]:
    """Geotransforms and CRSs, each of both images alike, so that they are one grid."""
    nan, inf = float("nan"), float("inf")
    for name, geotransform, must in (
        ("zero", (0, 0, 0, 0, 0, 0), ANY),
        ("flat", (5e5, 10, 20, 4.2e6, 5, 10), REFUSED),
        ("nan", (nan,) * 6, REFUSED),
        ("nan_origin", (nan, 10, 0, 4.2e6, 0, -10), REFUSED),
        ("nan_pixel", (5e5, nan, 0, 4.2e6, 0, nan), REFUSED),
        ("inf_origin", (inf, 10, 0, 4.2e6, 0, -10), REFUSED),
        ("inf_pixel", (5e5, inf, 0, 4.2e6, 0, -inf), REFUSED),
        ("huge", (5e5, 1e300, 0, 4.2e6, 0, -1e300), REFUSED),
        ("overflow", (1e308, 1e308, 0, 1e308, 0, 1e308), REFUSED),
        ("tiny", (5e5, 1e-200, 0, 4.2e6, 0, -1e-200), REFUSED),
        ("south_up", (5e5, 10, 0, 4.2e6, 0, 10), TAKEN),
        ("mirrored", (5e5, -10, 0, 4.2e6, 0, -10), TAKEN),
        ("turned", (5e5, 7.07, 7.07, 4.2e6, 7.07, -7.07), TAKEN),
        ("lying", (5e5, 0, 10, 4.2e6, 10, 0), TAKEN),
    ):
        yield from _same(make, f"placed/{name}", "PROJCRS_OF_THE_GOOD", geotransform, must)
    for name, crs in (
        ("geographic", "EPSG:4326"), ("geocentric", "EPSG:4978"), ("vertical", "EPSG:5703"), ("mercator", "EPSG:3857"),
        ("local", 'LOCAL_CS["mine",UNIT["metre",1]]'), ("nonsense", "PROJCS[broken"), ("empty", ""), ("feet", "EPSG:2225"),
        ("zero_unit", 'LOCAL_CS["mine",UNIT["nothing",0]]'),
        ("engineering", 'ENGCRS["x",EDATUM["y"],CS[Cartesian,2],AXIS["a",east],AXIS["b",north],LENGTHUNIT["metre",1]]'),
        ("moon", "+proj=utm +zone=13 +a=1737400 +b=1737400 +units=m"), ("bomb", "PROJCS[" * 3000),
    ):  # fmt: skip
        yield from _same(make, f"placed/crs_{name}", crs, (5e5, 10, 0, 4.2e6, 0, -10))
        if name in ("geographic", "moon", "geocentric", "vertical", "local", "mercator"):
            yield from _same(make, f"placed/far_{name}", crs, (1e7, 1000, 0, 9e9, 0, -1000))


def _same(make: Maker, name: str, crs: str, geotransform: tuple, must: str = ANY) -> Iterator[Case]:
    """A pair of VRTs with one place, around good files."""
    paths = []
    for role, source in (("a", make.good), ("b", make.place("whole/strips_20240113.tif"))):
        path = make.place(f"{name}_{role}.vrt")
        srs = {"PROJCRS_OF_THE_GOOD": "EPSG:32613"}.get(crs, crs).replace("<", "&lt;")
        numbers = ",".join(repr(float(value)) for value in geotransform)
        path.write_text(_vrt(str(source), extra=f"<SRS>{srs}</SRS><GeoTransform>{numbers}</GeoTransform>"))
        paths.append(path)
    yield make.case(paths[1], must, other=str(paths[0]), says=".vrt")


def _vrt(
    source: str, width: int = SIDE, height: int = SIDE, extra: str = "", relative: int = 0, kind: str = "Float32"
) -> str:
    source = source.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">{extra}<VRTRasterBand dataType="{kind}" band="1">'
        f'<SimpleSource><SourceFilename relativeToVRT="{relative}">{source}</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )


def _valued(make: Maker) -> Iterator[Case]:
    image = make.image
    nan = np.float32(np.nan)
    for name, value, must in (
        ("zero", 0, REFUSED), ("nan", nan, REFUSED), ("inf", np.inf, REFUSED), ("minus_inf", -np.inf, REFUSED),
        ("one", 1, ANY), ("huge", 1e38, ANY), ("minus_huge", -1e38, ANY), ("tiny", 1e-44, ANY), ("negative", -5, ANY),
    ):  # fmt: skip
        yield make.written(f"values/all_{name}.tif", np.full_like(image, value), must)
        if name not in ("zero", "nan"):
            yield make.written(
                f"values/measured_{name}.tif", np.full_like(image, value), entry="measured", more={"tile_px": 64}
            )
        sprinkled = image.copy()
        sprinkled[::5, ::3] = value
        yield make.written(f"values/some_{name}.tif", sprinkled, entry="measured", more={"tile_px": 64})
    for name, values in (
        ("first_pixel", np.where(np.arange(SIDE * SIDE).reshape(SIDE, SIDE) == 0, image, nan)),
        ("mixed", np.where(np.indices(image.shape).sum(0) % 2, np.float32(3e38), np.float32(-3e38))),
        ("spike", np.where(np.arange(SIDE * SIDE).reshape(SIDE, SIDE) == 999, np.float32(3e38), image)),
        ("ramp", np.geomspace(1e-38, 1e38, SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)),
    ):  # fmt: skip
        yield make.written(f"values/{name}.tif", values.astype(np.float32), entry="measured")
    double = image.astype(np.float64)
    yield make.written("values/double_huge.tif", double * 1e300, entry="measured")
    yield make.written("values/double_tiny.tif", double * 1e-310, entry="measured")
    for nodata in (0.0, 1e300, float("nan"), float("inf"), -1e38):
        yield make.written(f"values/nodata_{nodata}.tif", image, nodata=nodata)
    for radiometry in ("amplitude", "intensity", "db", "complex", "nonsense"):
        yield make.written(
            "values/as_chosen.tif",
            image,
            more={"radiometry": radiometry},
            says=" " if radiometry in ("nonsense", "complex") else "",
        )
    yield make.written("values/db_of_amplitude.tif", image * 1e4, entry="measured", more={"radiometry": "db"})


def _typed(make: Maker) -> Iterator[Case]:
    for kind in ("Byte", "UInt16", "Int16", "UInt32", "Int32", "Float64", "CInt16", "CInt32", "CFloat32", "CFloat64"):
        path = make.place(f"types/{kind}.tif")
        _create(path, getattr(gdal, f"GDT_{kind}"), make.image)
        yield make.case(path, entry="measured")
    path = make.place("types/palette.tif")
    _create(path, gdal.GDT_Byte, make.image, palette=True)
    yield make.case(path, entry="measured")
    for bits in (1, 2, 4, 12):
        path = make.place(f"types/{bits}_bits.tif")
        _create(path, gdal.GDT_UInt16 if bits > 8 else gdal.GDT_Byte, make.image % 2**bits, options=[f"NBITS={bits}"])
        yield make.case(path)
    for width, height in ((1, 1), (1, 64), (64, 1), (31, 64), (32, 32), (33, 500)):
        yield make.written(f"types/size_{width}_{height}.tif", np.ones((height, width), np.float32))
    for band in (0, -1, 2, 10**9):
        yield make.written("types/one_band.tif", make.image, REFUSED, more={"secondary_band": band})
    masked = make.place("types/masked.tif")
    scenes.write(masked, make.image)
    dataset = gdal.Open(str(masked), gdal.GA_Update)
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(np.zeros((SIDE, SIDE), np.uint8))
    dataset = None
    yield make.case(masked, REFUSED)
    mask = Path(f"{masked}.msk")
    if mask.exists():
        cut = make.place("types/mask_cut.tif")
        cut.write_bytes(masked.read_bytes())
        Path(f"{cut}.msk").write_bytes(mask.read_bytes()[:200])
        yield make.case(cut)
    for name, content in (
        ("broken", "<PAMDataset><Metadata>"),
        ("lying", "<PAMDataset><GeoTransform>nan,nan,nan,nan,nan,nan</GeoTransform></PAMDataset>"),
        (
            "nodata",
            "<PAMDataset><PAMRasterBand band='1'><NoDataValue>nonsense</NoDataValue></PAMRasterBand></PAMDataset>",
        ),
    ):
        path = make.place(f"types/aux_{name}.tif")
        scenes.write(path, make.image)
        Path(f"{path}.aux.xml").write_text(content)
        yield make.case(path)


def _create(path: Path, kind: int, values: np.ndarray, options=(), palette: bool = False) -> None:
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, 1, kind, options=list(options))
    dataset.SetGeoTransform(scenes.NORTH_UP)
    dataset.SetProjection(_wkt())
    if palette:
        table = gdal.ColorTable()
        table.SetColorEntry(0, (255, 0, 0, 255))
        dataset.GetRasterBand(1).SetColorTable(table)
    dataset.GetRasterBand(1).WriteArray(values)


def _wkt() -> str:
    from osgeo import osr

    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32613)
    return crs.ExportToWkt()


_PLACED = f"<SRS>EPSG:32613</SRS><GeoTransform>{','.join(map(repr, scenes.NORTH_UP))}</GeoTransform>"


def _virtual(make: Maker) -> Iterator[Case]:
    good = make.place("whole/strips_20240113.tif")

    def vrt(name: str, content: str, must: str = ANY, **more) -> Case:
        return make.text(f"virtual/{name}.vrt", content, must, **more)

    yield vrt("good", _vrt(str(good), extra=_PLACED), TAKEN)
    yield vrt("relative", _vrt("../whole/strips_20240113.tif", extra=_PLACED, relative=1), TAKEN)
    yield vrt("itself", _vrt("itself.vrt", extra=_PLACED, relative=1), REFUSED)
    yield vrt("ping", _vrt("pong.vrt", extra=_PLACED, relative=1), REFUSED)
    yield vrt("pong", _vrt("ping.vrt", extra=_PLACED, relative=1), REFUSED)
    for name, target in (
        ("missing", "/nowhere/at/all.tif"), ("passwords", "/etc/passwd"), ("zero", "/dev/zero"), ("random", "/dev/urandom"),
        ("folder", str(make.folder)), ("climbing", "../../../../../../../../etc/passwd"), ("process", "/proc/self/mem"),
        ("input", "/vsistdin/"), ("empty", ""), ("pipe", str(make.place("virtual/pipe"))),
    ):  # fmt: skip
        yield vrt(f"at_{name}", _vrt(target, extra=_PLACED), REFUSED)
    if not (make.folder / "virtual/pipe").exists():
        os.mkfifo(make.folder / "virtual/pipe")
    yield make.case(make.folder / "virtual/pipe", REFUSED)
    for width, height in ((0, 0), (-5, 5), (1 << 30, 1 << 30), (400_000, 400_000), (1_000_000, 1), (64, 1_000_000_000)):
        yield vrt(f"size_{width}_{height}", _vrt(str(good), width, height, _PLACED), REFUSED)
    yield vrt("no_band", '<VRTDataset rasterXSize="64" rasterYSize="64"></VRTDataset>', REFUSED)
    yield vrt(
        "no_source",
        '<VRTDataset rasterXSize="64" rasterYSize="64"><VRTRasterBand dataType="Float32" band="1"/></VRTDataset>',
        REFUSED,
    )
    bands = "".join(f'<VRTRasterBand dataType="Float32" band="{k + 1}"/>' for k in range(20_000))
    yield vrt("bands", f'<VRTDataset rasterXSize="64" rasterYSize="64">{bands}</VRTDataset>', REFUSED)
    yield vrt("broken", "<VRTDataset rasterXSize='64'", REFUSED)
    yield vrt("deep", "<VRTDataset>" * 50_000, REFUSED)
    yield vrt(
        "doctype", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + _vrt("&x;"), REFUSED
    )
    python = (
        '<VRTDataset rasterXSize="64" rasterYSize="64">' + _PLACED + '<VRTRasterBand dataType="Float32" band="1" '
        'subClass="VRTDerivedRasterBand"><PixelFunctionLanguage>Python</PixelFunctionLanguage>'
        "<PixelFunctionType>evil</PixelFunctionType><PixelFunctionCode><![CDATA[\nimport os\n"
        f"open({str(make.folder / 'virtual/written_by_code')!r}, 'w').close()\n"
        "def evil(in_ar, out_ar, *args, **kwargs):\n    out_ar[:] = 1\n]]></PixelFunctionCode></VRTRasterBand></VRTDataset>"
    )  # fmt: skip
    yield vrt("python", python, REFUSED)
    raw = '<VRTDataset rasterXSize="64" rasterYSize="64"><VRTRasterBand dataType="Float32" band="1" subClass="VRTRawRasterBand"><SourceFilename relativetoVRT="0">{0}</SourceFilename><ImageOffset>{1}</ImageOffset><PixelOffset>4</PixelOffset><LineOffset>{2}</LineOffset></VRTRasterBand></VRTDataset>'
    for name, target, offset, line in (
        ("zero", "/dev/zero", 0, 256),
        ("passwords", "/etc/passwd", 0, 256),
        ("negative", good, -8, -256),
        ("far", good, 1 << 60, 1 << 60),
    ):
        yield vrt(f"raw_{name}", raw.format(target, offset, line))
    for depth in (40, 400):
        for number in range(depth):
            target = f"chain_{depth}_{number + 1}.vrt" if number + 1 < depth else str(good)
            make.place(f"virtual/chain_{depth}_{number}.vrt").write_text(
                _vrt(target, extra=_PLACED, relative=int(number + 1 < depth))
            )
        yield make.case(make.folder / f"virtual/chain_{depth}_0.vrt")
    fan = "".join(
        '<SimpleSource><SourceFilename relativeToVRT="1">fan_{0}.vrt</SourceFilename></SimpleSource>' for _ in range(8)
    )
    for number in range(9):
        body = (
            fan.format(number + 1)
            if number < 8
            else f"<SimpleSource><SourceFilename>{good}</SourceFilename></SimpleSource>"
        )
        make.place(f"virtual/fan_{number}.vrt").write_text(
            f'<VRTDataset rasterXSize="64" rasterYSize="64">{_PLACED}<VRTRasterBand dataType="Float32" band="1">{body}</VRTRasterBand></VRTDataset>'
        )
    yield make.case(make.folder / "virtual/fan_0.vrt")
    warped = '<VRTDataset rasterXSize="64" rasterYSize="64" subClass="VRTWarpedDataset"><VRTRasterBand dataType="Float32" band="1" subClass="VRTWarpedRasterBand"/><BlockXSize>{0}</BlockXSize><BlockYSize>{0}</BlockYSize><GDALWarpOptions><SourceDataset relativeToVRT="1">{1}</SourceDataset></GDALWarpOptions></VRTDataset>'
    yield vrt("warped", warped.format(64, "../whole/strips_20240113.tif"))
    yield vrt("warped_itself", warped.format(64, "warped_itself.vrt"), REFUSED)
    yield vrt("warped_blocks", warped.format(2_000_000_000, "../whole/strips_20240113.tif"))


def _elsewhere(make: Maker) -> Iterator[Case]:
    """Links, folders, names."""
    loop = make.place("links/loop.tif")
    for path, target in (
        (loop, loop),
        (make.place("links/a.tif"), "b.tif"),
        (make.place("links/b.tif"), "a.tif"),
        (make.place("links/dangling.tif"), "gone.tif"),
    ):
        os.symlink(target, path)
        yield make.case(path, REFUSED)
    os.symlink("whole", make.place("links/../around"))
    os.symlink("..", make.place("links/up"))
    yield make.case(make.folder / "links/up/links/up/links/up/whole/tiled_20240113.tif", TAKEN)
    os.symlink("../whole/strips_20240113.tif", make.place("links/good.tif"))
    yield make.case(make.place("links/good.tif"), TAKEN)
    yield make.case(make.folder / "whole", REFUSED)
    yield make.case(make.folder / "missing.tif", REFUSED)
    folder = make.place("links/folder.tif")
    folder.mkdir()
    yield make.case(folder, REFUSED)
    os.symlink("/dev/zero", make.place("links/zero.tif"))
    yield make.case(make.place("links/zero.tif"), REFUSED)
    content = make.place("whole/strips_20240113.tif").read_bytes()
    for name in ("a.csv", "a.json", "a", "ä ö ü.tif", "with space.tif", "quote'\".tif", "%s%n%x.tif", "semi;colon.tif", "very_" * 40 + ".tif", "20249999.tif", "20240231.tif", "-dash.tif", "dot..tif", "20240101_20991231.tif"):  # fmt: skip
        yield make.bytes(f"names/{name}", content, TAKEN)
    yield make.bytes("names/NETCDF:x.tif", content)
    for name, content in (("a.tif", b"not a raster at all"), ("text.tif", b"a,b\n1,2\n" * 100), ("zeros.tif", bytes(5000)), ("ones.tif", b"\xff" * 5000), ("zip.tif", b"PK\x03\x04" + bytes(100)), ("hdf.tif", b"\x89HDF\r\n\x1a\n" + bytes(100)), ("xml.tif", b"<?xml version='1.0'?><a/>"), ("pickle.tif", b"\x80\x04cos\nsystem\n(S'touch pwned'\ntR."), ("gif.tif", b"GIF89a" + b"\xff" * 100), ("jp2.tif", b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(300)), ("pdf.tif", b"%PDF-1.4\n" + bytes(100)), ("sql.tif", b"SQLite format 3\0" + bytes(500)), ("grib.tif", b"GRIB" + b"\xff" * 300)):  # fmt: skip
        yield make.bytes(f"wrong/{name}", content, REFUSED)


def _talkative(make: Maker) -> Iterator[Case]:
    """Endless metadata."""
    for name, metadata in (
        ("long", {"note": "x" * 3_000_000}),
        ("many", {f"key_{k}": str(k) for k in range(30_000)}),
        ("digits", {"ACQUISITION_DATE": "2" * 200_000}),
        ("dates", {"ACQUISITION_DATE": "20231399" * 20_000}),
        ("controls", {"ACQUISITION_DATE": "2024\x01-01\n\r\x1b[31m", "note": "\x07\u202e"}),
        ("words", {"note": "db " * 100_000, "more": "intensity"}),
    ):
        path = make.place(f"talkative/{name}.tif")
        scenes.write(path, make.image, metadata=metadata)
        yield make.case(path)


def _whole_runs(make: Maker) -> Iterator[Case]:
    """The other entry points that open rasters."""
    whole = make.folder / "whole"
    yield make.case(whole / "tiled_20240113.tif", TAKEN, "measured", tile_px=64)
    content = (whole / "tiled_20240113.tif").read_bytes()
    # damaged in the middle, so that only the measurement meets it
    for number, place in enumerate((0.2, 0.35, 0.5, 0.65)):
        bent = bytearray(content)
        start = int(place * len(bent))
        bent[start : start + 40] = bytes(40)
        yield make.bytes(f"middle/{number}.tif", bytes(bent), entry="measured", tile_px=64)
        yield make.bytes(f"middle/{number}_aligned.tif", bytes(bent), entry="aligned")
    for name in (
        "lies/size_64_65.tif",
        "values/all_nan.tif",
        "values/all_huge.tif",
        "placed/nan_b.vrt",
        "placed/tiny_b.vrt",
        "placed/huge_b.vrt",
        "placed/crs_geocentric_b.vrt",
        "placed/far_moon_b.vrt",
        "types/CFloat32.tif",
        "virtual/itself.vrt",
        "placed/crs_local_b.vrt",
    ):
        yield make.case(make.folder / name, entry="aligned", says=" ")
    for name in (
        "values/all_one.tif",
        "values/all_huge.tif",
        "values/ramp.tif",
        "types/size_33_500.tif",
        "cut/tiled_0.9.tif",
        "lies/sparse.tif",
    ):
        yield make.case(make.folder / name, entry="tested")
    for area in ("POLYGON((0 0,1 1", "POINT(1 1)", "POLYGON EMPTY", "nonsense", "POLYGON((nan nan,nan nan,nan nan,nan nan))",
                 "POLYGON((-1e308 -1e308,1e308 -1e308,1e308 1e308,-1e308 1e308,-1e308 -1e308))", "POLYGON((500100 4199900,500400 4199500,500400 4199900,500100 4199500,500100 4199900))",
                 "POLYGON((" + ",".join("500100 4199900" for _ in range(20_000)) + "))", "GEOMETRYCOLLECTION(POINT(0 0))", "(" * 10_000,
                 "MULTIPOLYGON(((500100 4199900,500400 4199900,500400 4199500,500100 4199900)))", "CURVEPOLYGON(CIRCULARSTRING(500100 4199900,500300 4199700,500100 4199900))"):  # fmt: skip
        yield Case(
            f"pair: area {area[:30]} {len(area)}",
            "raster",
            "pair",
            str(whole / "strips_20240113.tif"),
            ANY,
            {"other": make.good, "area": area},
            " ",
        )


def _remote(make: Maker, server: str) -> Iterator[Case]:
    """What would make GDAL call somebody."""
    for name, target in (
        ("curl", f"/vsicurl/{server}/curl.tif"), ("curl_options", f"/vsicurl?url={server}/options.tif"),
        ("streaming", f"/vsicurl_streaming/{server}/streaming.tif"), ("http", f"{server}/http.tif"),
        ("zip", f"/vsizip//vsicurl/{server}/a.zip/b.tif"), ("gzip", f"/vsigzip//vsicurl/{server}/a.gz"),
        ("tar", f"/vsitar/{{/vsicurl/{server}/a.tar}}/b.tif"), ("cached", f"/vsisubfile/0_100,/vsicurl/{server}/sub.tif"),
        ("wms", f"WMS:{server}/wms?SERVICE=WMS&LAYERS=a&SRS=EPSG:4326&BBOX=0,0,1,1"), ("wcs", f"WCS:{server}/wcs?coverage=a"),
        ("dods", f"{server}/dods?a"), ("upper", f"/vsicurl/{server.upper()}/upper.tif"), ("s3", "/vsis3/bucket/a.tif"),
        ("wmts", f"WMTS:{server}/wmts.xml"), ("geotiff", f"GTIFF_DIR:1:/vsicurl/{server}/dir.tif"),
        ("netcdf", f'NETCDF:"{server}/a.nc":b'), ("nested", f'<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"><SimpleSource><SourceFilename>/vsicurl/{server}/n.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>'),
        ("derived", f"DERIVED_SUBDATASET:AMPLITUDE:/vsicurl/{server}/derived.tif"), ("vrt", f"vrt:///vsicurl/{server}/v.tif?bands=1"),
        ("tms", f"<GDAL_WMS><Service name='TMS'><ServerUrl>{server}/${{z}}</ServerUrl></Service></GDAL_WMS>"),
    ):  # fmt: skip
        yield make.text(f"remote/{name}.vrt", _vrt(target, extra=_PLACED), REFUSED)
    inner = make.text("remote/inner_source.vrt", _vrt(f"/vsicurl/{server}/inner.tif", extra=_PLACED), REFUSED)
    yield inner
    yield make.text("remote/outer.vrt", _vrt("inner_source.vrt", extra=_PLACED, relative=1), REFUSED)
    yield make.text("remote/called.tif", _vrt(f"/vsicurl/{server}/called.tif", extra=_PLACED), REFUSED)
    wms = f"<GDAL_WMS><Service name='TMS'><ServerUrl>{server}/${{z}}/${{x}}/${{y}}.png</ServerUrl></Service><DataWindow><UpperLeftX>0</UpperLeftX><UpperLeftY>0</UpperLeftY><LowerRightX>64</LowerRightX><LowerRightY>64</LowerRightY><TileLevel>0</TileLevel><SizeX>64</SizeX><SizeY>64</SizeY></DataWindow><BlockSizeX>64</BlockSizeX><BlockSizeY>64</BlockSizeY><BandsCount>1</BandsCount></GDAL_WMS>"
    for name in ("wms.xml", "wms.tif"):
        yield make.text(f"remote/{name}", wms, REFUSED)
    yield make.text(
        "remote/wcs.tif",
        f"<WCS_GDAL><ServiceURL>{server}/wcs?</ServiceURL><CoverageName>a</CoverageName></WCS_GDAL>",
        REFUSED,
    )
    yield make.text(
        "remote/wmts.tif", f"<GDAL_WMTS><GetCapabilitiesUrl>{server}/wmts</GetCapabilitiesUrl></GDAL_WMTS>", REFUSED
    )
    yield make.text(
        "remote/stacta.json",
        '{"type":"Feature","stac_version":"1.0.0","stac_extensions":["https://stac-extensions.github.io/tiled-assets/v1.0.0/schema.json"],"asset_templates":{"a":{"href":"'
        + server
        + '/{TileMatrix}"}},"properties":{}}',
        REFUSED,
    )
    yield make.text(
        "remote/warped.vrt",
        f'<VRTDataset rasterXSize="64" rasterYSize="64" subClass="VRTWarpedDataset"><VRTRasterBand dataType="Float32" band="1" subClass="VRTWarpedRasterBand"/><GDALWarpOptions><SourceDataset>/vsicurl/{server}/warped.tif</SourceDataset></GDALWarpOptions></VRTDataset>',
        REFUSED,
    )
    raw = f'<VRTDataset rasterXSize="64" rasterYSize="64"><VRTRasterBand dataType="Float32" band="1" subClass="VRTRawRasterBand"><SourceFilename relativetoVRT="0">/vsicurl/{server}/raw.bin</SourceFilename></VRTRasterBand></VRTDataset>'
    yield make.text("remote/raw.vrt", raw, REFUSED)
    path = make.place("remote/overviews.tif")
    scenes.write(path, make.image)
    Path(f"{path}.aux.xml").write_text(
        f"<PAMDataset><Metadata domain='OVERVIEWS'><MDI key='OVERVIEW_FILE'>/vsicurl/{server}/o.ovr</MDI></Metadata></PAMDataset>"
    )
    yield make.case(path)
