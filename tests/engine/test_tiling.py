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
