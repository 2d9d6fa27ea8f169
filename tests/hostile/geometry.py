"""Elevation models, lookups of coordinates, angles and records that somebody damaged or made up, for relief and radar geometry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from osgeo import gdal

from deepot_qgis.engine.geocode import GeocodeOptions, geocode
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.terrain import LayoverOptions, map_layover
from tests.engine import scenes
from tests.engine.radar_scenes import Radar

from .case import ANY, REFUSED, TAKEN, Case

SIDE = 64
_NAN, _INF = float("nan"), float("inf")
_WEBS = 'GEOGCS["x",DATUM["x",SPHEROID["x",1,0]],PRIMEM["x",0],UNIT["x",1e-300]]'
#: Options that nobody means, by the entry they are for.
_ODD_RADAR = {
    "heading_nan": {"heading": _NAN},
    "heading_far": {"heading": 1e9},
    "heading_word": {"heading": "north"},
    "flat": {"incidence": 90.0},
    "down": {"incidence": 0.0},
    "inside": {"incidence": -1e308},
    "truth": {"incidence": True},
    "side": {"side": "up"},
    "band": {"dem_band": 10**12},
    "no_band": {"dem_band": 0},
}
_ODD_SLOPES = {
    "steep": {"min_slope": 1e300},
    "negative": {"min_slope": -1.0},
    "blurred": {"smoothing": 5000.0},
    "blur_nan": {"smoothing": _NAN},
    "band": {"dem_band": -7},
}
_ODD_GEOCODING = {
    "zero": {"range_spacing": 0.0},
    "minus": {"azimuth_spacing": -12.0},
    "giant": {"range_spacing": 1e299},
    "dust": {"azimuth_spacing": 1e-299},
    "pixel_dust": {"pixel": 1e-9},
    "pixel_fine": {"pixel": 0.001},
    "pixel_world": {"pixel": 1e12},
    "pixel_nan": {"pixel": _NAN},
    "crs_word": {"crs": "here"},
    "crs_none": {"crs": "EPSG:999999"},
    "crs_far": {"crs": "EPSG:32760"},
    "crs_degrees": {"crs": "EPSG:4326"},
    "crs_local": {"crs": 'LOCAL_CS["x"]'},
    "crs_dust": {"crs": _WEBS},
    "heading": {"heading": 100.0},
    "incidence": {"incidence": 1e300},
    "range": {"range_geometry": "sideways"},
}


def cases(folder: Path, server: str) -> Iterator[Case]:
    """All of them."""
    make = _Maker(folder)
    yield from _models(make)
    yield from _lookups(make)
    yield from _records(make)


class _Maker:
    """Writes files into a folder and makes cases of them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.hill = np.add.outer(8.0 * np.arange(SIDE), 3.0 * np.arange(SIDE)).astype(np.float32)
        self.dem = scenes.write(folder / "dem.tif", self.hill)
        pair = [scenes.write(folder / f"{day}.tif", scenes.texture(SIDE, SIDE)) for day in ("20240101", "20240113")]
        self.product = str(folder / "product.tif")
        measure(MeasureOptions(*pair, self.product, method="correlation"))
        self.radar = Radar(-12.0, size=(80, 80))
        images = self.radar.images(folder, 14.0, -9.0)
        self.in_radar = str(folder / "radar.tif")
        measure(MeasureOptions(*images, self.in_radar, method="correlation"))
        self.lookup = {key: str(value) for key, value in self.radar.lookup(folder).items()}
        self.geometry = {
            "range_geometry": "slant",
            "incidence": self.radar.incidence,
            "range_spacing": self.radar.range_m,
            "azimuth_spacing": self.radar.azimuth_m,
        }

    def place(self, name: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def case(self, entry: str, path: Path | str, must: str = ANY, says: str = "", name: str = "", **more) -> Case:
        about = name or str(Path(path).relative_to(self.folder))
        return Case(f"{entry}: {about}", "geometry", entry, str(path), must, more, says)

    def geocoded(self, name: str, path: Path | str, which: str, must: str = ANY, says: str = "") -> Case:
        """A product brought to the map with a hostile file in one of the places."""
        more = {**self.geometry, **self.lookup, "product": self.in_radar, "which": which}
        return self.case("geocoded", path, must, says, name, **more)


def _models(make: _Maker) -> Iterator[Case]:
    """As DEM of either algorithm, and as raster of angles."""
    content = Path(make.dem).read_bytes()
    paths = {"good": Path(make.dem)}
    for share in (0.0, 0.02, 0.3, 0.8, 0.99):
        paths[f"cut {share}"] = make.place(f"dem/cut_{share}.tif")
        paths[f"cut {share}"].write_bytes(content[: int(share * len(content))])
    for name, (values, how) in _heights(make.hill).items():
        paths[name] = make.place(f"dem/{name}.tif")
        scenes.write(paths[name], values, **how)
    paths["words"] = make.place("dem/words.tif")
    paths["words"].write_text("a mountain, steep")
    for name, path in paths.items():
        must = TAKEN if name == "good" else REFUSED if name in ("words", "cut 0.0", "cut 0.02", "empty") else ANY
        yield make.case("hidden", path, must, name=name)
        yield make.case("hillside", path, must, name=name, product=make.product)
        yield make.case("hidden", make.dem, says=path.name if must == REFUSED else " ", name=f"{name} as angles",
                        incidence=None, incidence_raster=str(path))  # fmt: skip
    for name, odd in _ODD_RADAR.items():
        yield make.case("hidden", make.dem, ANY if "band" in name else REFUSED, " ", f"odd {name}", **odd)
    for name, odd in _ODD_SLOPES.items():
        yield make.case("hillside", make.dem, ANY if name == "blurred" else REFUSED, " ", f"odd {name}",
                        product=make.product, **odd)  # fmt: skip
    for name, path in (("an image", make.dem), ("in pixels", make.in_radar)):
        yield make.case("hillside", make.dem, REFUSED, Path(path).name, f"product {name}", product=path)


def _heights(hill: np.ndarray) -> dict[str, tuple[np.ndarray, dict]]:
    """Heights, and how they are written."""
    holes, spikes = hill.copy(), hill.copy()
    holes[::2] = _NAN
    spikes[10:12, 10:12], spikes[30, 30], spikes[40, 40] = 3.4e38, -3.4e38, _INF
    return {
        "empty": (np.full_like(hill, _NAN), {}),
        "flat": (np.zeros_like(hill), {}),
        "holes": (holes, {}),
        "spikes": (spikes, {}),
        "infinite": (np.full_like(hill, _INF), {}),
        "sunken": (hill - 32768, {}),
        "everest": (1e6 * hill, {}),
        "one_pixel": (hill[:1, :1], {}),
        "one_row": (hill[:1], {}),
        "far": (hill, {"geotransform": (1e7, 10.0, 0, 1e7, 0, -10.0)}),
        "atoms": (hill, {"geotransform": (500000.0, 1e-9, 0, 4200000.0, 0, -1e-9)}),
        "worlds": (hill, {"geotransform": (500000.0, 1e9, 0, 4200000.0, 0, -1e9)}),
        "line": (hill, {"geotransform": (500000.0, 10.0, 10.0, 4200000.0, 10.0, 10.0)}),
        "still": (hill, {"geotransform": (500000.0, 0.0, 0, 4200000.0, 0, 0.0)}),
        "nan_place": (hill, {"geotransform": (_NAN, 10.0, 0, 4200000.0, 0, -10.0)}),
        "needles": (hill, {"geotransform": (500000.0, 10.0, 0, 4200000.0, 0, -1e-6)}),
    }


def _lookups(make: _Maker) -> Iterator[Case]:
    """As longitude, latitude, angles, ground control points and product of the way to the map."""
    yield make.geocoded("whole", make.lookup["longitude"], "longitude", TAKEN)
    for which in ("longitude", "latitude"):
        source = Path(make.lookup[which])
        good, content = _first(source), source.read_bytes()
        for share in (0.0, 0.05, 0.6, 0.99):
            path = make.place(f"{which}/cut_{share}.tif")
            path.write_bytes(content[: int(share * len(content))])
            yield make.geocoded(f"{which} cut {share}", path, which, REFUSED if share < 0.5 else ANY)
        for name, values in _coordinates(good).items():
            path = make.place(f"{which}/{name}.tif")
            scenes.write(path, values.astype(np.float32), geotransform=None)
            yield make.geocoded(f"{which} {name}", path, which, says=" ")
    for which in ("gcps", "incidence_raster", "product"):
        for name in ("words", "none"):
            path = make.place(f"{which}/{name}.tif")
            path.write_text("here be dragons" if name == "words" else "")
            yield make.geocoded(f"{which} {name}", path, which, REFUSED)
        yield make.geocoded(f"{which} a hill", make.dem, which, says=" ")
    for name, odd in _ODD_GEOCODING.items():
        more = {**make.geometry, **make.lookup, "product": make.in_radar, "which": "product", **odd}
        yield make.case("geocoded", make.in_radar, says=" ", name=f"odd {name}", **more)


def _first(path: Path) -> np.ndarray:
    return gdal.Open(str(path)).ReadAsArray()


def _coordinates(good: np.ndarray) -> dict[str, np.ndarray]:
    """Degrees that are none, or lead nowhere."""
    noise = np.random.default_rng(5).uniform(-180, 180, good.shape)
    half, infinite, jump = good.copy(), good.copy(), good.copy()
    half[:, ::2], infinite[10:20], jump[:, 40:] = _NAN, _INF, -good[:, 40:]
    return {
        "nothing": np.full_like(good, _NAN),
        "zeros": np.zeros_like(good),
        "one_place": np.full_like(good, good.mean()),
        "noise": noise,
        "half": half,
        "infinite": infinite,
        "jump": jump,
        "beyond": good + 1000.0,
        "huge": np.full_like(good, 3e38),
        "metres": 1e5 * good,
        "radians": np.radians(good),
        "small": good[:20, :20],
        "mirrored": good[::-1, ::-1],
        "turned": good.T,
        "pole": np.full_like(good, 90.0),
    }


def _records(make: _Maker) -> Iterator[Case]:
    """Edited records, made again."""
    layover = map_layover(LayoverOptions(make.dem, str(make.folder / "l.tif"), heading=-12.0, incidence=33.0))
    mapped = geocode(GeocodeOptions(make.in_radar, str(make.folder / "m.tif"), **make.geometry, **make.lookup))
    for path, keys in ((layover.provenance, ("layover_shadow",)), (mapped.provenance, ("geocoding", "options"))):
        whole = json.loads(Path(path).read_text(encoding="utf-8"))
        yield make.case("made_again", path, TAKEN)
        names = whole[keys[0]] if len(keys) == 1 else whole[keys[0]][keys[1]]
        for key in names:
            for number, value in enumerate(([], {"a": 1}, "\0", -1e308, True, "/dev/zero", "x" * 5000)):
                record = json.loads(json.dumps(whole))
                (record[keys[0]] if len(keys) == 1 else record[keys[0]][keys[1]])[key] = value
                edited = make.place(f"records/{keys[0]}_{key}_{number}.json")
                edited.write_text(json.dumps(record), encoding="utf-8")
                yield make.case("made_again", edited, says=" ")
