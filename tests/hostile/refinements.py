"""Products and masks that somebody damaged or made up, for the refinement of a product."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from osgeo import gdal

from deepot_qgis.engine.measure import MeasureOptions, measure
from tests.engine import scenes

from .case import ANY, REFUSED, TAKEN, Case

_QUALITY = {"min_correlation": 0.1, "window_px": 31, "max_sigma_px": 0.4, "outlier_factor": 6.0}
#: Records inside the product.
_RECORDS = {
    "limits": {"refinement": {"limits": {"min_correlation": "x", "max_sigma": [], "sigma_unit": 5}}},
    "unit": {"refinement": {"limits": {"min_correlation": 0.1, "max_sigma": 1, "sigma_unit": ["px"]}}},
    "correction": {"refinement": {"correction": {"east": [1e308] * 3, "north": ["a", None, {}]}}},
    "short": {"refinement": {"correction": {"east": [0.0], "north": "abc"}}},
    "far": {"refinement": {"correction": {"east": [1e299, 1e299, 1e299], "north": [0.0, 0.0, 0.0]}}},
    "device": {"refinement": {"offsets": "/dev/zero"}},
    "list": [1, 2, 3],
    "window": {"options": {"quality": {**_QUALITY, "window_px": 10**9 + 1}}},
    "factor": {"options": {"quality": {**_QUALITY, "outlier_factor": "six"}}},
    "negative": {"options": {"quality": {**_QUALITY, "max_sigma_px": -1}}},
    "velocity": {"options": {"velocity": "x", "velocity_unit": ["m"]}},
}
_RING = "[[[0,0],[9,0],[9,9],[0,0]]]"
_MASKS = {
    "empty.geojson": "",
    "nothing.geojson": '{"type":"FeatureCollection","features":[]}',
    "points.geojson": '{"type":"Point","coordinates":[0,0]}',
    "nan.geojson": '{"type":"Polygon","coordinates":[[[1e400,0],[9,NaN],[9,9],[0,0]]]}',
    "huge.geojson": '{"type":"Polygon","coordinates":[[[-1e300,-1e300],[1e300,-1e300],[1e300,1e300],[-1e300,-1e300]]]}',
    "open.geojson": '{"type":"Polygon","coordinates":[[[0,0],[9,0]]]}',
    "poles.geojson": '{"type":"Polygon","coordinates":[[[-200,-95],[200,-95],[200,95],[-200,-95]]]}',
    "deep.geojson": '{"type":"GeometryCollection","geometries":[' * 200 + "]}" * 200,
    "crs.geojson": '{"type":"Polygon","crs":{"type":"name","properties":{"name":"EPSG:0"}},"coordinates":'
    + _RING
    + "}",
    "link.vrt": "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>PG:host=127.0.0.1</SrcDataSource></OGRVRTLayer>"
    "</OGRVRTDataSource>",
    "service.gml": "<gml><schemaLocation>{server}/x.xsd</schemaLocation></gml>",
    "remote.kml": "<kml><NetworkLink><Link><href>{server}/x.kml</href></Link></NetworkLink></kml>",
    "words.txt": "water, everywhere",
}
_HEADERS = {
    "fake.gpkg": b"SQLite format 3\0",
    "fake.shp": b"\0\0\x27\x0a",
    "fake.fgb": b"fgb\3fgb\0",
    "fake.tif": b"II*\0",
}


def cases(folder: Path, server: str) -> Iterator[Case]:
    """All of them."""
    images = [
        scenes.write(folder / f"{day}.tif", scenes.texture(64, 64)) for day in ("20240101", "20240113")
    ]  # the same ground, which stands still
    product = folder / "product.tif"
    measure(MeasureOptions(*images, str(product), method="correlation"))
    yield _case(product, TAKEN)
    yield _case(Path(images[0]), REFUSED)
    content = product.read_bytes()
    for number, share in enumerate((0.0, 0.1, 0.5, 0.9)):
        yield _case(_file(folder / f"cut_{number}.tif", content[: int(share * len(content))]))
    for name, record in _RECORDS.items():
        path = _file(folder / f"record_{name}.tif", content)
        _edit(path, lambda dataset, record=record: dataset.SetMetadataItem("DEEPOT_PROVENANCE", json.dumps(record)))
        yield _case(path)
    for name, value in (("codes", 77.0), ("negative", -3.0), ("infinite", float("inf")), ("fraction", 0.5)):
        path = _file(folder / f"mask_{name}.tif", content)
        _edit(path, lambda dataset, value=value: dataset.GetRasterBand(7).Fill(value))
        yield _case(path)
    offsets = _file(folder / "wild.tif", content), _file(folder / "wild_offsets.tif", content[:2000])
    yield _case(offsets[0])
    yield from _masks(folder, server, str(product))


def _masks(folder: Path, server: str, product: str) -> Iterator[Case]:
    for name, text in _MASKS.items():
        yield _case(_file(folder / "masks" / name, text.replace("{server}", server).encode()), product=product)
    for name, header in _HEADERS.items():
        yield _case(_file(folder / "masks" / name, header + bytes(range(256)) * 20), product=product)
    yield _case(_file(folder / "masks" / "cut.tif", Path(product).read_bytes()[:3000]), product=product)


def _file(path: Path, content: bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def _edit(path: Path, change) -> None:
    dataset = gdal.Open(str(path), gdal.GA_Update)
    change(dataset)
    dataset = None


def _case(path: Path, must: str = ANY, product: str = "") -> Case:
    more = {"product": product} if product else {}
    says = "" if path.name != "wild.tif" else "wild"
    return Case(f"refined: {path.parent.name}/{path.name}", "refinement", "refined", str(path), must, more, says)
