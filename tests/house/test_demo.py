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
def run(tmp_path_factory):
    """Measure the sample pair by an algorithm of the staged plugin, in QGIS's own command line."""
    try:
        qgis_process()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("demo")
    profiles = make_profile(stage(folder), folder / "profiles")
    pair = [sample.FOLDER / name for name in (sample.REFERENCE, sample.SECONDARY)]

    def measure(algorithm: str) -> dict[str, np.ndarray]:
        return demo.bands(demo.measure(algorithm, *pair, folder / f"{algorithm.partition(':')[2]}.tif", profiles))

    return measure


@pytest.fixture(scope="module")
def measured(run):
    return run("deepot:correlation")


def found_the_landslide(scene, measured) -> bool:
    error, zero = demo.errors(scene, measured), demo.zero_answer(scene)
    return error["landslide"] < 0.4 * zero["landslide"] and error["stable"] < 0.2 and error["answered"] > 0.9


def test_conventional_offset_tracking_finds_the_landslide(scene, measured):
    assert found_the_landslide(scene, measured)


def test_the_network_finds_the_landslide(scene, run):
    if demo.default_network() is None:
        pytest.skip("no default network that can run here")
    assert found_the_landslide(scene, run("deepot:displacement"))


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
