import numpy as np

from benchmarks import batch
from tests.engine import scenes


def test_the_sentence_says_whether_the_goal_is_reached():
    one, two, slow = batch.Run(1, 60.0, 57.0, 6), batch.Run(2, 33.0, 60.0, 6), batch.Run(2, 40.0, 60.0, 6)
    said = batch.words([one, two])
    assert said == "2 workers take 0.55 of the time of 1: 1.82 times as fast (the goal of 1.7 is reached)."
    assert "1.50 times as fast (the goal of 1.7 is missed)" in batch.words([one, slow])
    assert one.a_minute == 6.0 and one.busy == 0.95


def test_products_are_compared_by_their_bits(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        folder.mkdir()
        scenes.write(folder / "pair.tif", np.full((40, 40), np.nan, np.float32))
    assert batch.same(first, second)
    scenes.write(second / "pair.tif", np.full((40, 40), 1e-30, np.float32))
    assert not batch.same(first, second)
