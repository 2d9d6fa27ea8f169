import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from deepot_qgis.engine import tiling

sizes = st.integers(1, 700)


@given(
    st.integers(0, 90), st.integers(0, 90), sizes, sizes, st.integers(64, 300), st.integers(0, 60),
    st.sampled_from([1, 4, 8, 16]),
)  # fmt: skip
def test_a_constant_comes_back_everywhere(x0, y0, width, height, tile, margin, multiple):
    plan = tiling.plan(x0, y0, width, height, tile, margin, multiple)
    blender = tiling.Blender(x0, y0, width, height, plan.overlap)
    parts = []
    for number, row in enumerate(plan.rows):
        for item in row:
            assert item.x0 % multiple == 0 and item.y0 % multiple == 0
            assert item.width % multiple == 0 and item.height % multiple == 0
            _, _, w, h = item.core
            three, half = np.full((2, h, w), 3, np.float32), np.full((h, w), 0.5, np.float32)
            blender.add(item, three, half, np.ones((h, w), bool))
        following = plan.rows[number + 1][0].core[1] if number + 1 < len(plan.rows) else y0 + height
        parts.append(blender.finished(following))
    whole = np.concatenate(parts, axis=1)
    assert whole.shape == (3, height, width)
    assert np.allclose(whole[:2], 3, rtol=1e-5) and np.allclose(whole[2], 0.5, rtol=1e-5)


def test_the_window_never_reaches_zero_and_is_whole_inside():
    window = tiling.weights(100, 80, 16)
    assert window.min() >= tiling.WEIGHT_FLOOR * 0.999
    assert window[40, 50] == 1


def test_unknown_pixels_take_no_part_and_stay_nan():
    plan = tiling.plan(0, 0, 300, 100, 128, 16, 8)
    blender = tiling.Blender(0, 0, 300, 100, plan.overlap)
    for row in plan.rows:
        for item in row:
            _, _, w, h = item.core
            known = np.ones((h, w), bool)
            known[:, 20:30] = item is not row[0]
            blender.add(item, np.ones((2, h, w), np.float32), np.ones((h, w), np.float32), known)
    whole = np.concatenate([blender.finished(100)], axis=1)
    assert np.isnan(whole[0, :, 20:30]).all()
    assert np.allclose(whole[0][np.isfinite(whole[0])], 1)


def test_a_small_window_is_one_small_tile():
    plan = tiling.plan(0, 0, 40, 50, 512, 24, 8)
    assert len(plan) == 1
    (only,) = plan
    assert (only.width, only.height) == (88, 104)


def test_tiles_read_nothing_beside_the_raster():
    plan = tiling.plan(0, 0, 500, 300, 256, 32, 8, raster=(500, 300))
    kept = np.zeros((300, 504), int)
    for tile in plan:
        assert tile.x0 >= 0 and tile.x0 + tile.width <= 504 and tile.y0 >= 0 and tile.y0 + tile.height <= 304
        x, y, width, height = tile.core
        kept[y : y + height, x : x + width] += 1
        # towards the rest of the raster the margin is there
        assert tile.x0 == max(0, x - 32) and tile.y0 == max(0, y - 32)
        assert tile.kept(np.zeros((3, tile.height, tile.width))).shape == (3, height, width)
    assert kept.min() == 1


def test_the_margin_is_read_where_the_raster_goes_on_beyond_the_window():
    (tile,) = tiling.plan(200, 200, 64, 64, 256, 32, 8, raster=(500, 500))
    assert (tile.x0, tile.y0, tile.width, tile.height) == (168, 168, 128, 128)
