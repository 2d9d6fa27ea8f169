import os
import subprocess
import sys

import numpy as np
import pytest

from benchmarks import batch
from tests.engine import scenes


def test_the_sentence_says_whether_the_goal_is_reached():
    one, two, slow = batch.Run(1, 60.0, 57.0, 6), batch.Run(2, 33.0, 60.0, 6), batch.Run(2, 40.0, 60.0, 6)
    free = batch.Run(1, 54.0, 57.0, 6)
    assert batch.words([one, two], free) == (
        "2 workers take 0.55 of the time of 1: 1.82 times as fast (the goal of 1.7 is reached), each with one core. "
        "Where 1 may use all cores for reading and writing it is 1.64 times."
    )
    assert "1.50 times as fast (the goal of 1.7 is missed)" in batch.words([one, slow], free)
    assert one.a_minute == 6.0 and one.busy == 0.95


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not hold a process to cores")
def test_a_run_is_held_to_its_cores_and_no_longer():
    before = os.sched_getaffinity(0)
    with pytest.raises(RuntimeError), batch.held_to(1):
        command = [sys.executable, "-c", "import os; print(len(os.sched_getaffinity(0)))"]
        count = subprocess.run(command, capture_output=True)
        assert int(count.stdout) == 1
        raise RuntimeError
    assert os.sched_getaffinity(0) == before


def test_products_are_compared_by_their_bits(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        scenes.write(folder / "pair.tif", np.full((40, 40), np.nan, np.float32))
    assert batch.same(first, second)
    scenes.write(second / "pair.tif", np.full((40, 40), 1e-30, np.float32))
    assert not batch.same(first, second)
