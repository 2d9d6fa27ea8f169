"""What was made with the geometry of the radar, once more from its record."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deepot_qgis.engine import cli
from deepot_qgis.engine.geocode import GeocodeOptions, geocode
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.terrain import DownslopeOptions, LayoverOptions, map_layover, project_downslope

from . import scenes
from .radar_scenes import Radar


def hill() -> np.ndarray:
    return np.add.outer(8.0 * np.arange(96), 3.0 * np.arange(96)).astype(np.float32)


def layover(folder: Path) -> str:
    dem = scenes.write(folder / "dem.tif", hill())
    return map_layover(LayoverOptions(dem, str(folder / "made.tif"), heading=-12.0, incidence=33.0)).path


def downslope(folder: Path) -> str:
    dem = scenes.write(folder / "dem.tif", hill())
    image = scenes.texture(96, 96)
    pair = [scenes.write(folder / f"{day}.tif", image) for day in ("20240101", "20240113")]
    product = measure(MeasureOptions(*pair, str(folder / "product.tif"), method="correlation")).product
    return project_downslope(DownslopeOptions(product, dem, str(folder / "made.tif"), min_slope=3.0)).path


def on_the_map(folder: Path) -> str:
    radar = Radar(-12.0, size=(80, 80))
    images = radar.images(folder, 14.0, -9.0)
    product = measure(MeasureOptions(*images, str(folder / "radar.tif"), method="correlation")).product
    return geocode(
        GeocodeOptions(product, str(folder / "made.tif"), "slant", incidence=radar.incidence, heading=radar.heading,
                       range_spacing=radar.range_m, azimuth_spacing=radar.azimuth_m, **radar.lookup(folder))
    ).product  # fmt: skip


@pytest.mark.parametrize("make", [layover, downslope, on_the_map])
def test_rerun_makes_the_same_again(tmp_path, make):
    made = make(tmp_path)
    assert cli.main(["rerun", made.replace(".tif", ".json"), str(tmp_path / "again.tif")]) == 0
    np.testing.assert_array_equal(*(list(scenes.read(path).values()) for path in (made, str(tmp_path / "again.tif"))))


@pytest.mark.parametrize(
    "record",
    [
        {"layover_shadow": 5},
        {"layover_shadow": {"dem": ["a"]}},
        {"downslope": {}},
        {"downslope": {"options": {"product": "a.tif", "dem": "b.tif", "evil": 1}}},
        {"geocoding": {"options": {"product": "a.tif"}}},
        {"geocoding": {"options": None}},
    ],
)
def test_an_edited_record_is_refused_with_a_sentence(tmp_path, capsys, record):
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert cli.main(["rerun", str(path), str(tmp_path / "again.tif")]) == 1
    assert "edited.json holds no record of a DeepOT run" in capsys.readouterr().err
