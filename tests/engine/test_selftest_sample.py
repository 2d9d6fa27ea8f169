"""Windows that spread over the data, bodies that fit into them."""

import numpy as np
import pytest

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.pair import open_source
from deepot_qgis.engine.selftest import sample

from . import scenes


def source(tmp_path, image, name="image.tif"):
    return open_source(scenes.write(tmp_path / name, image, nodata=0))


def places_of(windows):
    return [(window.x0, window.y0) for window in windows]


def test_windows_spread_over_a_large_image(tmp_path):
    image = source(tmp_path, np.tile(scenes.texture(128, 128), (4, 5)))
    windows = sample.read_windows(image, None, (0, 0, 640, 512), 128, 4)
    assert len(windows) == 4 and {(512, 384), (0, 0)} <= set(places_of(windows))
    spread = np.ptp(places_of(windows), axis=0)
    assert tuple(spread) == (512, 384)
    assert all(window.shape == (128, 128) and window.valid.all() for window in windows)


def test_windows_keep_to_the_data(tmp_path):
    values = np.tile(scenes.texture(128, 128), (3, 3))
    values[:, 128:] = 0
    windows = sample.read_windows(source(tmp_path, values), None, (0, 0, 384, 384), 128, 6)
    assert {x for x, _ in places_of(windows)} == {0} and len(windows) == 3


def test_holes_of_the_secondary_count_too(tmp_path):
    first, second = (np.tile(scenes.texture(128, 128, seed), (1, 3)) for seed in (1, 2))
    second[:, :256] = 0
    windows = sample.read_windows(
        source(tmp_path, first), source(tmp_path, second, "second.tif"), (0, 0, 384, 128), 128, 6
    )
    assert places_of(windows) == [(256, 0)]


@pytest.mark.parametrize("area", [(0, 0, 10, 10), (630, 500, 10, 12), (300, 200, 40, 40), (200, 100, 300, 20)])
def test_a_small_area_gets_whole_windows_around_it(tmp_path, area):
    image = source(tmp_path, np.tile(scenes.texture(128, 128), (4, 5)))
    windows = sample.read_windows(image, None, area, 128, 6)
    assert windows and all(window.shape == (128, 128) for window in windows)
    assert all(x < area[0] + area[2] and x + 128 > area[0] for x, _ in places_of(windows))
    assert all(y < area[1] + area[3] and y + 128 > area[1] for _, y in places_of(windows))


def test_an_image_that_is_too_small_is_refused(tmp_path):
    image = source(tmp_path, scenes.texture(80, 300))
    with pytest.raises(InputError, match="300 x 80 pixels; .* at least 96 x 96"):
        sample.read_windows(image, None, (0, 0, 300, 80), 128, 6)


def test_an_image_without_data_is_refused(tmp_path):
    image = source(tmp_path, np.zeros((200, 200), np.float32))
    with pytest.raises(InputError, match=r"No part of image\.tif of 128 x 128 pixels holds enough valid pixels"):
        sample.read_windows(image, None, (0, 0, 200, 200), 128, 6)


@pytest.mark.parametrize("size", [20, 60])
def test_bodies_stay_apart_and_inside(size):
    shape = (256, 320)
    bodies = sample.places(size, shape, np.random.default_rng(3))
    assert len(bodies) >= 4
    for index, body in enumerate(bodies):
        assert (
            size / 2 + 20 <= body.x <= shape[1] - size / 2 - 20 and size / 2 + 20 <= body.y <= shape[0] - 20 - size / 2
        )
        for other in bodies[:index]:
            assert np.hypot(body.x - other.x, body.y - other.y) >= size + 40


def test_the_field_is_what_the_bodies_say():
    bodies = [sample.Body(60, 70, 40, 1.5, -0.5), sample.Body(180, 150, 60, 0.0, 2.0)]
    field = sample.moving(bodies, (240, 256))
    for body in bodies:
        rows, columns = body.pixels((240, 256))
        assert np.median(field[:, rows, columns], axis=1) == pytest.approx([body.dx, body.dy], abs=0.01)
        assert rows.size == pytest.approx(np.pi * body.size_px**2 / 4, rel=0.03)
    assert np.abs(field[:, :20]).max() < 1e-6


def test_large_bodies_do_not_fit_small_windows():
    assert sample.fitting((20, 60, 200), (256, 300)) == [20, 60]
    assert sample.fitting((20, 60, 200), (384, 384)) == [20, 60, 200]


def test_smooth_motion_passes_through_fractions_of_a_pixel():
    field = sample.smooth((128, 128), np.random.default_rng(0))
    assert np.ptp(field[0]) > 1 and np.abs(np.diff(field, axis=-1)).max() < 0.1
