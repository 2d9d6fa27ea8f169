from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from training import calibrate, correlate, heads, networks  # noqa: E402


def last(count: int, sharp: torch.Tensor | None = None) -> networks.Last:
    """Random features at single places."""
    parts = [torch.randn(count, channels, 1, 1) for channels in (3, 2, 2, 1, 4)]
    found = networks.Last(*parts)
    return found if sharp is None else found._replace(sharp=sharp)


def test_sigma_is_the_quantile_that_it_promises(monkeypatch):
    monkeypatch.setattr(heads, "BATCH", 512)
    torch.manual_seed(1)
    head, seen = networks.Confidence(inputs=3), last(60000)
    seen = seen._replace(guess=torch.zeros_like(seen.guess))  # it knows nothing; the error depends on one feature
    lacking = torch.exp(0.5 * seen.edge[:, 0, :, 0] - 2) * torch.randn(60000, 2)
    fitted, kept = ([part[place] for part in seen] for place in (slice(0, 50000), slice(50000, None)))
    heads.fit(head, heads.pinball, networks.Last(*fitted), lacking[:50000], seed=1)
    with torch.no_grad():
        said = head(networks.Last(*kept))[:, 0, 0, 0].numpy()
    rows = calibrate.check(np.repeat(said, 2), lacking[50000:].abs().numpy().ravel())
    assert len(rows) == 10 and all(abs(row["within"] - calibrate.WITHIN) < 0.05 for row in rows), rows
    assert rows[-1]["sigma"] > 3 * rows[0]["sigma"]


def test_the_vernier_learns_a_pull_towards_whole_pixels(monkeypatch):
    monkeypatch.setattr(heads, "BATCH", 512)
    torch.manual_seed(2)
    sharp = 6 * torch.rand(20000, 2, 1, 1) - 3
    vernier, seen = networks.Vernier(inputs=3), last(20000, sharp)
    pull = 0.08 * torch.sin(2 * torch.pi * sharp[:, :, 0, 0]) * torch.sigmoid(seen.likeness[:, :2, 0, 0])
    lacking = pull + 0.03 * torch.randn(20000, 2)
    heads.fit(vernier, heads.rest, seen, lacking, seed=1)
    after, left = heads.corrected(vernier, seen, lacking)
    assert (left - (lacking - pull)).norm(dim=1).mean() < 0.25 * pull.norm(dim=1).mean()
    assert torch.allclose(after.sharp[:, :, 0, 0] + left, sharp[:, :, 0, 0] + lacking, atol=1e-5)


@pytest.mark.parametrize("pixels", [0.0, 0.5, 1.0, -2.5])
def test_the_vernier_leaves_whole_and_half_pixels(pixels):
    vernier = networks.Vernier(inputs=3)
    torch.nn.init.normal_(vernier.amplitudes.weight, std=3)
    assert vernier(last(50, torch.full((50, 2, 1, 1), pixels))).abs().max() < 1e-5


def test_the_vernier_treats_both_axes_alike():
    vernier, seen = networks.Vernier(inputs=3), last(50)
    torch.nn.init.normal_(vernier.amplitudes.weight, std=3)
    turned = networks.Last(seen.edge, seen.sharp.flip(1), seen.own.flip(1), seen.guess, seen.likeness[:, [1, 0, 3, 2]])
    assert torch.allclose(vernier(turned), vernier(seen).flip(1), atol=1e-6)


def test_likeness_tells_the_sampling():
    rng = torch.Generator().manual_seed(3)
    fine = torch.randn(1, 1, 256, 256, generator=rng)
    wide = torch.nn.functional.avg_pool2d(fine, (1, 3), 1, (0, 1)) * 3**0.5
    x, y, far_x, far_y = correlate.likeness(wide)[0, :, 8:-8, 8:-8].mean((1, 2))
    assert x == pytest.approx(2 / 3, abs=0.05) and far_x == pytest.approx(1 / 3, abs=0.05)
    assert abs(y) < 0.05 and abs(far_y) < 0.05


def test_gathering_looks_where_the_images_are():
    network = networks.build("multiwindow", width=16, hidden=8, margins=8).eval()
    torch.manual_seed(2)
    images, truth = torch.rand(1, 2, 96, 96) + 0.5, torch.zeros(1, 2, 96, 96)
    found, lacking = heads.gather(network, [(images, truth)], seed=4)
    assert found.edge.shape == (heads.NODES, 8, 1, 1) and lacking.shape == (heads.NODES, 2)
    again, _ = heads.gather(network, [(images, truth)], seed=4)
    assert torch.equal(found.sharp, again.sharp)
    images[..., :40] = 0  # no image, no example
    fewer, _ = heads.gather(network, [(images, truth)], seed=4)
    assert 0 < len(fewer.sharp) < len(found.sharp)


def test_sigma_does_not_pull_the_answer():
    sharp = torch.zeros(1, 2, 1, 1, requires_grad=True)
    seen = last(1, sharp)
    networks.Confidence(inputs=3)(seen).sum().backward()
    assert sharp.grad is None
