import numpy as np
import pytest

from deepot_qgis.engine.errors import CancelledError
from deepot_qgis.engine.model.scaling import Scaling, sample


def image(seed=0):
    values = np.random.default_rng(seed).gamma(2, 30, (90, 110)).astype(np.float32)
    values[:10] = 0
    return values


def scaled(scaling, *images):
    return [scaling.apply(one, limits) for one, limits in zip(images, scaling.limits(*images))]


def test_linear_amplitude_stays_as_it_is():
    assert scaled(Scaling(), image())[0] is not None and np.array_equal(scaled(Scaling(), image())[0], image())


def test_percentiles_are_those_of_the_pixels_with_data():
    (one,) = scaled(Scaling("percentile", low=2, high=98), image())
    low, high = np.percentile(image()[10:], (2, 98))
    assert np.allclose(one[10:], np.clip((image()[10:] - low) / (high - low), 0, 1), atol=1e-6)
    assert (one[:10] == 0).all() and one.dtype == np.float32


def test_the_least_and_the_largest_are_percentiles_too():
    (one,) = scaled(Scaling("percentile", low=0, high=100, range=(-1, 1), invalid=-1), image())
    assert one[10:].min() == -1 and one.max() == 1 and (one[:10] == -1).all()


def test_both_images_may_share_their_numbers():
    first, second = scaled(Scaling("percentile", low=0, high=100, together=True), image(), 2 * image(1))
    assert first.max() < 0.9 and second.max() == 1


@pytest.mark.parametrize(
    ("quantity", "function"),
    [("amplitude", lambda a: a), ("intensity", lambda a: a**2.0), ("db", lambda a: 20 * np.log10(a))],
)
def test_each_quantity_is_what_it_says(quantity, function):
    values = function(image()[10:].astype(float))
    (one,) = scaled(Scaling("standard", quantity), image())
    assert np.allclose(one[10:], (values - values.mean()) / values.std(), atol=1e-5)
    (two,) = scaled(Scaling("fixed", quantity, 10, 50), image())
    assert np.allclose(two[10:], np.clip((values - 10) / 40, 0, 1), atol=1e-6)


@pytest.mark.parametrize("kind", ["percentile", "standard"])
def test_images_without_contrast_or_data_become_finite(kind):
    scaling = Scaling(kind, low=1, high=99) if kind == "percentile" else Scaling(kind)
    for flat in (np.full((5, 5), 7, np.float32), np.zeros((5, 5), np.float32)):
        assert np.isfinite(scaled(scaling, flat)[0]).all()


def test_a_large_image_is_sampled_evenly_and_a_small_one_wholly():
    class Image:
        def __init__(self, values):
            self.values = values

        def read(self, x0, y0, width, height):
            return self.values[y0 : y0 + height, x0 : x0 + width]

    small = np.random.default_rng(0).gamma(2, 30, (1100, 40)).astype(np.float32)
    assert np.array_equal(np.sort(sample(Image(small), 40, 1100, lambda: False)), np.sort(small.ravel()))
    large = np.tile(np.arange(1, 2601, dtype=np.float32), (2100, 1))  # 5.5 million pixels: every second one each way
    seen = sample(Image(large), 2600, 2100, lambda: False)
    assert seen.size == 1300 * 1050 and np.percentile(seen, 50) == pytest.approx(1300, abs=2)
    with pytest.raises(CancelledError):
        sample(Image(small), 40, 1100, lambda: True)
