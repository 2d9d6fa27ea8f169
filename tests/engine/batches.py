"""Lists of small pairs for tests, and whether two runs made the same of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from deepot_qgis.engine.batch.run import BatchOptions
from deepot_qgis.engine.measure import MeasureOptions

from . import scenes

DAYS = ("20200101", "20200113", "20200125", "20200206", "20200218")


def images(folder: Path, days: tuple[str, ...] = DAYS, size: int = 96) -> Path:
    """Dated images whose ground moves on by half a pixel from one to the next."""
    folder.mkdir(parents=True, exist_ok=True)
    ground = scenes.texture(size, size)
    for number, day in enumerate(days):
        scenes.write(folder / f"scene_{day}.tif", scenes.moved(ground, 0.5 * number, 0.0))
    return folder


def listed(folder: Path, heading: str = "reference,secondary", more: str = "", days: tuple[str, ...] = DAYS) -> str:
    """A list of the neighbouring dates of `images` in a folder."""
    rows = [f"scene_{first}.tif,scene_{second}.tif{more}" for first, second in zip(days, days[1:])]
    path = folder / "pairs.csv"
    path.write_text("\n".join([heading, *rows]) + "\n")
    return str(path)


def template(**changes: object) -> MeasureOptions:
    return MeasureOptions("reference", "secondary", "output.tif", **{"method": "correlation", **changes})


def options(source: str | Path, output: Path, **changes: object) -> BatchOptions:
    return BatchOptions(str(source), str(output), template(**changes))


def pixels(folder: Path) -> dict[str, np.ndarray]:
    """All bands of all rasters of a folder, by file name."""
    return {
        path.relative_to(folder).as_posix(): np.stack(list(scenes.read(str(path)).values()))
        for path in sorted(folder.rglob("*.tif"))
    }


def require_same(first: Path, second: Path) -> None:
    """The same rasters bit for bit, and the same numbers in their records; nothing but whole files."""
    one, other = pixels(first), pixels(second)
    assert one.keys() == other.keys() and one
    for name, planes in one.items():
        assert np.array_equal(planes.view(np.uint32), other[name].view(np.uint32)), name
        record = name.replace("_offsets.tif", ".json").replace(".tif", ".json")
        facts = [json.loads((folder / record).read_text()) for folder in (first, second)]
        assert facts[0]["statistics"] == facts[1]["statistics"]
    assert not [path.name for path in (*first.rglob("*"), *second.rglob("*")) if "partial" in path.name]


def states(folder: Path) -> dict[str, str]:
    """What the report says became of each pair."""
    return {line["pair"]: line["state"] for line in json.loads((folder / "batch.json").read_text())["pairs"]}
