"""Networks side by side on held-out pairs."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from training.compare import pair_errors  # noqa: E402


class Cache:
    """One pair moved by (3, 4) px, with a hole whose truth is absurd."""

    def __len__(self):
        return 1

    def batch(self, indices):
        images = torch.ones(1, 2, 64, 64)
        truth = torch.stack([torch.full((64, 64), 3.0), torch.full((64, 64), 4.0)])[None]
        images[..., 20:30, 20:30] = 0
        truth[..., 20:30, 20:30] = 1000
        return images, truth


def test_no_motion_errs_by_the_motion_where_there_is_an_image():
    assert pair_errors(None, Cache(), 5) == pytest.approx(np.array([5.0]))


def test_a_network_is_asked_for_its_offset():
    def network(reference, secondary):
        return torch.full((1, 2, 64, 64), 3.0), None

    assert pair_errors(network, Cache(), 5) == pytest.approx(np.array([1.0]))
