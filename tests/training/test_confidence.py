import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from training import calibrate, confidence, networks  # noqa: E402


def test_the_head_learns_the_quantile_that_sigma_promises(monkeypatch):
    monkeypatch.setattr(confidence, "BATCH", 512)
    torch.manual_seed(1)
    head = networks.Confidence(inputs=3)
    features = torch.randn(60000, 10)
    scale = torch.exp(0.5 * features[:, :1] - 2)  # the error depends on one feature; the guess (the last) knows nothing
    errors = (scale * torch.randn(60000, 2)).abs().clamp(min=1e-4).log()
    confidence.fit(head, features[:50000], errors[:50000], seed=1)
    with torch.no_grad():
        said = head(features[50000:, :, None, None])[:, 0, 0, 0].numpy()
    rows = calibrate.check(np.repeat(said, 2), np.exp(errors[50000:].numpy()).ravel())
    assert len(rows) == 10 and all(abs(row["within"] - calibrate.WITHIN) < 0.05 for row in rows), rows
    assert rows[-1]["sigma"] > 3 * rows[0]["sigma"]


def test_the_head_reads_what_lies_where_the_error_lies():
    network = networks.build("multiwindow", width=16, hidden=8, margins=8).eval()
    torch.manual_seed(2)
    images = torch.rand(1, 2, 96, 96) + 0.5
    truth = torch.zeros(1, 2, 96, 96)
    features, errors = confidence.gather(network, [(images, truth)], seed=4)
    assert features.shape == (confidence.NODES, 8 + 7) and errors.shape == (confidence.NODES, 2)
    again, _ = confidence.gather(network, [(images, truth)], seed=4)
    assert torch.equal(features, again)
    images[..., :40] = 0  # no image, no example
    fewer, _ = confidence.gather(network, [(images, truth)], seed=4)
    assert 0 < len(fewer) < len(features)


def test_sigma_does_not_pull_the_answer():
    sharp = torch.zeros(1, 2, 4, 4, requires_grad=True)
    head = networks.Confidence(inputs=3)
    found = networks.Confidence.features(torch.zeros(1, 3, 4, 4), torch.zeros(1, 1, 4, 4), sharp, sharp + 1)
    head(found).sum().backward()
    assert sharp.grad is None
