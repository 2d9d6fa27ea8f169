"""Style files that the command line saves beside its rasters; whether QGIS reads them is tested with QGIS."""

from __future__ import annotations

import re

import pytest

from deepot_qgis.engine.cli import main
from deepot_qgis.engine.styles.qml import NAMES, qml
from deepot_qgis.engine.styles.ranges import BandRange
from deepot_qgis.engine.styles.views import CLASSES, DIVERGING, SEQUENTIAL, View
from tests.engine import scenes


@pytest.fixture
def images(tmp_path) -> list[str]:
    first = scenes.texture(64, 64)
    folder = tmp_path / "images"
    folder.mkdir()
    return [
        scenes.write(folder / f"s_{day}.tif", scenes.moved(first, shift, 0.0))
        for day, shift in (("20230904", 0.0), ("20230916", 1.0), ("20230928", 2.0))
    ]


def test_a_ramp_is_stretched_to_the_range_and_set_to_the_band():
    text = qml(View("east", "east", DIVERGING, "component"), BandRange(4, -3.0, 3.0))
    values = [float(value) for value in re.findall(r'<item [^>]*value="([^"]*)"', text)]
    assert (values[0], values[-1]) == (-3.0, 3.0) and values == sorted(values)
    assert values[len(values) // 2] == pytest.approx(0.0, abs=1e-12)
    assert 'band="4"' in text and 'classificationMin="-3"' in text and 'minimumValue="-3"' in text
    assert 'name="deepot/view" type="QString" value="east"' in text


@pytest.mark.parametrize("kind", NAMES)
def test_every_kind_has_a_style(kind):
    assert qml(View("v", "v", kind, "v"), BandRange(7, 0.0, 2.0)).startswith("<!DOCTYPE qgis")


def test_a_tiny_and_a_huge_range_keep_their_digits():
    for high in (1.5e-5, 8e6):
        text = qml(View("m", "m", SEQUENTIAL, "m"), BandRange(1, 0.0, high))
        assert float(re.findall(r'<item [^>]*value="([^"]*)"', text)[-1]) == high


def test_the_mask_has_no_range():
    assert "<item " not in qml(View("mask", "mask", CLASSES, "mask"), BandRange(7, 0.0, 1.0))


def test_pair_and_refine_save_styles(images, tmp_path):
    out = tmp_path / "p.tif"
    velocity = str(tmp_path / "p_velocity.tif")
    assert main(["pair", *images[:2], str(out), "--method", "correlation", "--velocity", velocity]) == 0
    expected = {"p", "p_direction", "p_east", "p_north", "p_sigma", "p_correlation", "p_mask", "p_velocity"}
    expected |= {"p_offsets", "p_offsets_offset_y"}
    assert {path.stem for path in tmp_path.glob("*.qml")} == expected
    assert main(["refine", str(out), str(tmp_path / "r.tif")]) == 0
    assert (tmp_path / "r.qml").is_file() and (tmp_path / "r_mask.qml").is_file()


def test_batch_and_series_save_styles(images, tmp_path):
    folder = str(tmp_path / "images")
    assert main(["batch", folder, str(tmp_path / "b"), "--method", "correlation", "--neighbours", "1"]) == 0
    assert {"20230904_20230916.qml", "20230916_20230928_mask.qml"} <= {path.name for path in (tmp_path / "b").iterdir()}
    assert main(["series", folder, str(tmp_path / "s"), "--method", "correlation", "--no-netcdf"]) == 0
    assert {"velocity.qml", "quality.qml"} <= {path.name for path in (tmp_path / "s").iterdir()}
