"""The demo's way through the installed plugin: staged, run by QGIS's own command line, compared with the truth."""

from __future__ import annotations

import numpy as np
import pytest

from scripts import demo, demo_map, sample
from scripts.qgis_profile import make_profile, qgis_process
from scripts.staging import stage


@pytest.fixture(scope="module")
def scene() -> sample.Scene:
    return sample.embed(sample.read(sample.IMAGE))


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The sample pair measured by conventional offset tracking through ``qgis_process``."""
    try:
        qgis_process()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("demo")
    profiles = make_profile(stage(folder), folder / "profiles")
    pair = (sample.FOLDER / name for name in (sample.REFERENCE, sample.SECONDARY))
    return demo.bands(demo.measure("deepot:correlation", *pair, folder / "correlation.tif", profiles))


def test_conventional_offset_tracking_finds_the_landslide(scene, measured):
    error, zero = demo.errors(scene, measured), demo.zero_answer(scene)
    assert error["landslide"] < 0.4 * zero["landslide"]
    assert error["stable"] < 0.2
    assert error["answered"] > 0.9


def test_the_picture_is_drawn(scene, measured, tmp_path):
    picture = demo_map.draw(scene, measured, "test", demo.errors(scene, measured), tmp_path / "map.png", demo.PIXEL_M)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_errors_are_zero_for_the_truth_and_leave_masked_pixels_out(scene):
    east, north = scene.offset[0] * demo.PIXEL_M, -scene.offset[1] * demo.PIXEL_M
    error = demo.errors(scene, {"east": east, "north": north, "mask": scene.water.astype(np.float32)})
    assert error["all"] == error["landslide"] == error["stable"] == 0
    assert error["answered"] == error["water"] == 1
    wrong = demo.errors(scene, {"east": east + demo.PIXEL_M, "north": north, "mask": np.zeros_like(east)})
    assert wrong["stable"] == pytest.approx(1)  # 10 m are one pixel
