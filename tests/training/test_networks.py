"""Networks under the contract: useful before the first step, indifferent to scale, honest about holes."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from deepot_qgis.engine import synthetic  # noqa: E402
from training import correlate, losses, networks  # noqa: E402


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    return networks.build("multiwindow").eval()


def speckle(offset, seed=0, coherence=0.9, looks=4):
    flat = np.ones(offset.shape[1:], np.float32)
    pair = synthetic.speckle_pair(flat, offset, coherence, looks, np.random.default_rng(seed))
    return [torch.from_numpy(image)[None, None] for image in pair]


def answer(network, pair):
    with torch.no_grad():
        offset, log_sigma = network(*pair)
    return offset.numpy(), log_sigma.numpy()


@pytest.mark.parametrize("shift", [(0.0, 0.0), (1.4, -0.7), (-6.2, 3.5)])
def test_step_zero_is_correlation(network, shift):
    offset, _ = answer(network, speckle(synthetic.constant((128, 128), *shift)))
    inner = offset[0, :, 24:-24, 24:-24]
    assert np.abs(np.median(inner, axis=(1, 2)) - shift).max() < 0.2


def test_any_batch_and_size_of_the_contract(network):
    for height, width in ((64, 96), (112, 80)):
        pair = [torch.rand(2, 1, height, width) for _ in range(2)]
        offset, log_sigma = answer(network, pair)
        assert offset.shape == (2, 2, height, width) and log_sigma.shape == (2, 1, height, width)


@pytest.mark.parametrize("scale", [1e-6, 1e4])
def test_scale_of_the_amplitude_does_not_matter(network, scale):
    first, second = speckle(synthetic.constant((96, 96), 1, 0))
    plain, _ = answer(network, (first, second))
    scaled, _ = answer(network, (first * scale, second * scale * 3))
    assert np.abs(plain - scaled).max() < 0.02


def test_holes_and_empty_images_are_answered_finitely(network):
    first, second = speckle(synthetic.constant((96, 96), 2, 0))
    first[..., 30:70, 30:70] = 0
    for pair in ((first, second), (first * 0, second), (first * 0, second * 0)):
        offset, log_sigma = answer(network, pair)
        assert np.isfinite(offset).all() and np.isfinite(log_sigma).all()


def test_warp_reads_forward():
    image = torch.zeros(1, 1, 32, 32)
    image[0, 0, 10, 20] = 1
    offset = torch.zeros(1, 2, 32, 32)
    offset[:, 0], offset[:, 1] = 3, -2
    out = correlate.Sampler(correlate.Oversample()(image)).warp(offset, 1)
    assert np.unravel_index(int(out.argmax()), (32, 32)) == (12, 17)


def test_warp_hardly_blurs_at_half_a_pixel():
    y, x = np.mgrid[:64, :64].astype(np.float32)
    waves = [torch.from_numpy(np.sin(1.4 * (x + dx) + 0.6 * (y + dy)))[None, None] for dx, dy in ((0, 0), (0.5, -0.5))]
    offset = torch.tensor([0.5, -0.5]).view(1, 2, 1, 1).expand(1, 2, 64, 64)
    moved = correlate.Sampler(correlate.Oversample()(waves[0])).warp(offset, 1)
    assert (moved - waves[1])[..., 8:-8, 8:-8].abs().max() < 0.03


def test_a_neighbour_s_motion_is_taken_where_the_images_say_so():
    torch.manual_seed(0)
    stage = networks.Propagate(4, 4, 1, 8)
    first = torch.randn(1, 1, 96, 96)
    second = first.roll(3, -1)  # all of it moved by (3, 0)
    estimate = torch.zeros(1, 2, 24, 24)
    estimate[:, 0, :, :12] = 3.0  # known on the left only
    tried = stage.hypotheses(first, correlate.Sampler(correlate.Oversample()(second)), estimate)
    with torch.no_grad():
        found, _ = stage(*tried, torch.zeros(1, 1, 24, 24))
    assert found[0, 0, 8:16, 12:16].min() > 2.5  # within reach of those who know
    assert found[0, 0, 8:16, 17:].abs().max() < 0.1


def test_channels_that_fill_up_change_nothing():
    torch.manual_seed(0)
    body, values = networks._conv(5, 3, 1), torch.randn(1, 5, 8, 8)
    with torch.no_grad():
        filled = networks._filled(body, values, torch.full((1, 4, 8, 8), 1e3), 3)
        assert torch.allclose(filled, body(values), atol=1e-6)


def test_interleaving_is_a_pixel_shuffle():
    values = torch.randn(2, 12, 6, 10)
    assert torch.equal(correlate.interleave(values), torch.nn.functional.pixel_shuffle(values, 2))


def test_products_are_ordered_by_rows_then_columns():
    first, second = torch.zeros(1, 1, 16, 16), torch.zeros(1, 1, 16, 16)
    first[0, 0, 8, 8], second[0, 0, 7, 10] = 1, 1
    channel = int(correlate.shifted_products(first, second, 2, 4).sum((2, 3)).argmax())
    assert correlate.shifts(2)[:, channel].tolist() == [2, -1]


def test_products_are_block_means_of_moved_images():
    """Every channel is what moving the second image by its shift gives, 0 beside it."""
    first, second = torch.randn(2, 2, 1, 24, 32).unbind()
    found = correlate.shifted_products(first, second, 3, 4)
    padded = torch.nn.functional.pad(second, (3,) * 4)
    for channel, (dx, dy) in enumerate(correlate.shifts(3).T.int().tolist()):
        moved = padded[:, :, 3 + dy : 27 + dy, 3 + dx : 35 + dx]
        assert torch.allclose(found[:, channel], torch.nn.functional.avg_pool2d(first * moved, 4)[:, 0], atol=1e-6)


@pytest.mark.parametrize("parts", [2, 3, 50])
def test_strips_change_nothing(parts):
    """Neither where they are of several heights nor where there are fewer rows than strips."""
    first, second = torch.randn(2, 2, 1, 28, 32).unbind()
    whole = correlate.shifted_products(first, second, 2, 4)
    assert torch.equal(correlate.shifted_products(first, second, 2, 4, parts), whole)
    one, many = correlate.SoftPeak(2, 20.0), correlate.SoftPeak(2, 20.0, parts)
    for expected, found in zip(one(whole), many(whole)):
        assert torch.allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(("nodes", "count", "block"), [(7, 3, 1), (16, 16, 4), (4, 16, 4), (1, 8, 2), (260, 16, 4)])
def test_strips_cover_all_nodes_once(nodes, count, block):
    found = correlate.strips(nodes, count, block)
    covered = [row for top, _, kept in found for row in range(top, top + kept * block)]
    assert covered == list(range(nodes * block)) and len(found) == count
    for top, bottom, kept in found:
        assert top < bottom <= nodes * block and kept * block <= bottom - top


def test_convex_upsampling_starts_bilinear():
    values = torch.arange(36.0).reshape(1, 1, 6, 6).repeat(1, 2, 1, 1)
    upsample = networks.Upsample(8)
    torch.nn.init.zeros_(upsample.mask[1].weight)
    fine = upsample(values, torch.zeros(1, 8, 6, 6))
    assert (fine - correlate.enlarge(values, 2)).abs().max() < 1e-4


def test_unbend_is_right_at_zero_and_at_half():
    vertex = torch.tensor([-0.5, -0.1, 0.0, 0.1, 0.5])
    out = correlate.unbend(vertex, torch.tensor(2.0))
    assert torch.allclose(out, torch.tensor([-0.5, -0.2, 0.0, 0.2, 0.5]))


def test_likelihood_is_least_where_sigma_holds_two_thirds():
    rng = np.random.default_rng(0)
    truth = torch.zeros(1, 2, 200, 200)
    offset = torch.from_numpy(rng.laplace(0, 0.3, truth.shape).astype(np.float32))
    levels = np.linspace(-3, 1, 81)
    flat = torch.ones(1, 1, 200, 200)
    cost = [float(losses.laplace_likelihood(offset, float(level) * flat, truth).mean()) for level in levels]
    sigma = np.exp(levels[int(np.argmin(cost))])
    assert float((offset.abs() < sigma).float().mean()) == pytest.approx(0.68, abs=0.03)


def test_small_moving_bodies_weigh_more():
    truth = torch.from_numpy(synthetic.lobe((64, 64), 2, 0, 16, 16))[None]
    reference = torch.ones(1, 1, 64, 64)
    reference[..., :8] = 0
    weight = losses.importance(truth, reference)
    assert weight[0, 0, 32, 32] > 2.5 and weight[0, 0, 60, 60] < 1.1 and weight[0, 0, 0, 0] < 0.1


def test_an_unknown_architecture_is_named():
    with pytest.raises(ValueError, match="multiwindow"):
        networks.build("transformer")


@pytest.mark.parametrize(("context", "kept"), [(0, 0), (32, 32), (96, 64), (112, 80), (208, 176)])
def test_a_wider_context_stays_wider(context, kept):
    assert networks.kept_of(torch.tensor([context] * 4), 64, 96).tolist() == [kept] * 4


@pytest.mark.parametrize(("context", "alike"), [(96, False), (208, True)])
def test_with_a_wide_context_a_tile_answers_what_the_whole_image_does(network, context, alike):
    images = speckle(synthetic.constant((640, 160), 1.3, -0.6))
    with torch.no_grad():
        whole, _ = network(*images)
        part, _ = network(*(image[:, :, 320 - context :] for image in images), torch.tensor([0, context, 0, 0]))
    apart = (part - whole[:, :, 320:]).abs()
    # at a pixel in a thousand two motions may be equally likely, and rounding decides
    assert ((apart > 1e-4).float().mean() < 1e-3) == alike
