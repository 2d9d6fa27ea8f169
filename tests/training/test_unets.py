"""U-Net and U-Net++ keep the same contract as the flagship, and learn."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from deepot_qgis.engine import synthetic  # noqa: E402
from training import losses, networks, train  # noqa: E402

SMALL = {"widths": (8, 8, 12, 16)}
NAMES = ["unet", "unetpp"]


@pytest.fixture(scope="module", params=NAMES)
def network(request):
    torch.manual_seed(0)
    torch.set_num_threads(1)
    return networks.build(request.param, **SMALL).eval()


def answer(network, *pair):
    with torch.no_grad():
        return network(*pair)


def test_any_batch_and_size_of_the_contract(network):
    for height, width in ((64, 96), (112, 80)):
        pair = torch.rand(2, 2, 1, height, width) + 0.1
        offset, log_sigma = answer(network, *pair)
        assert offset.shape == (2, 2, height, width) and log_sigma.shape == (2, 1, height, width)


@pytest.mark.parametrize("scale", [1e-6, 1e4])
def test_scale_of_the_amplitude_does_not_matter(network, scale):
    first, second = torch.rand(2, 1, 1, 96, 96) + 0.1
    plain, _ = answer(network, first, second)
    scaled, _ = answer(network, first * scale, second * scale * 3)
    assert (plain - scaled).abs().max() < 1e-3


def test_holes_and_empty_images_are_answered_finitely(network):
    first, second = torch.rand(2, 1, 1, 96, 96)
    first[..., 30:70, 30:70] = 0
    for pair in ((first, second), (first * 0, second), (first * 0, second * 0)):
        assert all(torch.isfinite(part).all() for part in answer(network, *pair))


def test_margin_holds_everything_an_answer_depends_on(network):
    size, middle = 400, 200
    first, second = torch.rand(2, 1, 1, size, size) + 0.1
    changed = first.clone()
    changed[..., middle, middle] = 50
    plain, other = answer(network, first, second)[0], answer(network, changed, second)[0]
    touched = torch.nonzero((plain != other).any(1)[0])
    distance = int((touched - middle).abs().max())
    assert network.margin_px - network.tile_multiple < distance <= network.margin_px
    assert network.margin_px % network.tile_multiple == 0


def test_every_head_is_trained():
    torch.manual_seed(0)
    network = networks.build("unetpp", **SMALL)
    first, second = torch.rand(2, 2, 1, 64, 64) + 0.1
    truth = torch.ones(2, 2, 64, 64)
    answers, offset, log_sigma = network.stages(first, second)
    assert len(answers) == 3 and not torch.equal(answers[-1], answers[0])
    assert (offset - torch.nn.functional.interpolate(answers[-1], scale_factor=2.0, mode="bilinear")).abs().max() < 1e-5
    losses.total_loss(answers, offset, log_sigma, truth, first)[0].backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    alone = networks.build("unetpp", deep_supervision=False, **SMALL)
    assert len(alone.stages(first, second)[0]) == 1


@pytest.mark.parametrize("name", NAMES)
def test_it_learns_a_shift(name):
    """Ninety steps on one still and one moved pair are enough to tell them apart."""
    torch.manual_seed(0)
    flat = np.ones((64, 64), np.float32)
    pairs, truth = [], []
    for dx in (0.0, 3.0):
        field = synthetic.constant(flat.shape, dx, 0)
        pairs.append(np.stack(synthetic.speckle_pair(flat, field, 0.95, 4, np.random.default_rng(1))))
        truth.append(field)
    images, truth = torch.from_numpy(np.stack(pairs)), torch.from_numpy(np.stack(truth))
    network = networks.build(name, **SMALL)
    optimiser = torch.optim.AdamW(network.parameters(), lr=5e-3)
    seen = []
    for _ in range(90):
        loss, error = losses.total_loss(*network.stages(images[:, :1], images[:, 1:]), truth, images[:, :1])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        seen.append(float(error))
    assert seen[-1] < 0.5 * seen[0]


def test_a_wrong_number_of_widths_is_refused():
    with pytest.raises(ValueError, match="widths has 2 entries"):
        networks.build("unet", widths=(8, 8))


def test_the_running_mean_follows_the_statistics_of_normalisation():
    torch.manual_seed(0)
    network, mean = networks.build("unet", **SMALL), networks.build("unet", **SMALL)
    network.stages(*torch.rand(2, 2, 1, 64, 64))
    train.follow(mean, network, decay=0.0)
    for name, value in network.state_dict().items():
        assert torch.allclose(mean.state_dict()[name], value, atol=1e-7), name
