"""The benchmark measures what it says it measures."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import accuracy
from deepot_qgis.engine.estimate import Estimate
from training import sources


@pytest.fixture(scope="module")
def fields():
    return {field.name: field for field in accuracy.fields()}


def test_the_fields_are_those_of_the_target_table(fields):
    assert len(fields) == 14
    assert np.allclose(fields["constant"].offset[:, 0, 0], (0.37, -0.61))
    assert np.hypot(*fields["lobe 60 px, 6 px"].offset).max() == pytest.approx(6, abs=0.01)
    body = fields["lobe 60 px, 2 px"].moving
    assert body.sum() == pytest.approx(np.pi * 30**2, rel=0.02)
    step = fields["fault 5 px"].offset
    assert np.hypot(*(step.max((1, 2)) - step.min((1, 2)))) == pytest.approx(5)


def test_a_right_answer_has_no_error(fields):
    for field in fields.values():
        everywhere = np.ones(field.offset.shape[1:], bool)
        row = accuracy.errors(Estimate(field.offset, np.ones(everywhere.shape)), field, everywhere)
        assert all(row[key] == 0 for key in row if key != "within_sigma") and row["within_sigma"] == 1


def test_answering_zero_errs_by_the_motion(fields):
    shape = fields["constant"].offset.shape
    nothing = Estimate(np.zeros(shape, np.float32), np.ones(shape[1:]))
    everywhere = np.ones(shape[1:], bool)
    assert accuracy.errors(nothing, fields["fault 5 px"], everywhere)["edge"] == pytest.approx(2.5)
    row = accuracy.errors(nothing, fields["lobe 60 px, 2 px"], everywhere)
    assert 1.7 < row["inside"] < 2 and row["floor"] < 1e-3


def test_pixels_without_data_do_not_count(fields):
    field = fields["constant"]
    covered = np.arange(field.offset.shape[2])[None, :] < 100
    covered = np.broadcast_to(covered, field.offset.shape[1:])
    wrong = field.offset + np.where(covered, 0, 50).astype(np.float32)
    assert accuracy.errors(Estimate(wrong, np.ones(covered.shape)), field, covered)["all"] == 0


def test_the_set_is_fixed_and_held_out():
    try:
        sources.data_folder()
    except FileNotFoundError as error:
        pytest.skip(f"real images are not here: {error}")
    first, again = next(accuracy.pairs()), next(accuracy.pairs())
    assert np.array_equal(first.reference, again.reference) and np.array_equal(first.secondary, again.secondary)
    assert first.reference.shape == (accuracy.SIZE, accuracy.SIZE)
