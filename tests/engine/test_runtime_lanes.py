"""Two calls under way on a card: what the one runs into says nothing of the other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from deepot_qgis.engine.runtime import batching
from deepot_qgis.engine.runtime.batching import Batches, TileTooLargeError

LARGE = 64


class Full:
    """A session that a large tile fills for good; a small one is answered when it is told to go on."""

    def __init__(self) -> None:
        self.full, self.begun, self.go_on = False, threading.Event(), threading.Event()

    def run(self, _names, feed):
        (image,) = feed.values()
        if image.shape[-1] >= LARGE:
            self.full = True
        else:
            self.begun.set()
            assert self.go_on.wait(20)
        if self.full:
            raise RuntimeError("Failed to allocate memory for requested buffer of size 1")
        return [image]


class Unbound:
    """Buffers that nothing is copied into."""

    def __init__(self, session, names, _inputs) -> None:
        self.run = lambda inputs: session.run(names, inputs)


def test_a_call_beside_the_one_that_filled_the_card_is_tried_again(monkeypatch):
    monkeypatch.setattr(batching, "Buffers", Unbound)
    first, second = Full(), Full()
    second.go_on.set()
    batches = Batches(
        SimpleNamespace(device="cuda", session=first), ["answer"], 1e6,
        lambda: SimpleNamespace(device="cuda", session=second),
    )  # fmt: skip
    small, large = (np.ones((1, 1, side, side), np.float32) for side in (16, LARGE))
    with ThreadPoolExecutor(2) as pool:
        beside = pool.submit(batches.run, {"image": small})
        assert first.begun.wait(20)
        filling = pool.submit(batches.run, {"image": large})
        with pytest.raises(TileTooLargeError):
            filling.result(20)
        first.go_on.set()
        np.testing.assert_array_equal(beside.result(20)[0], small)
    assert batches.failed_tiles == 1 and not second.full
