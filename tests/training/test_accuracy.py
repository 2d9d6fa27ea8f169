"""The benchmark measures what it says it measures."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import accuracy
from benchmarks.accuracy import grounds, landslide, measures, methods, real_pairs, report, sweeps
from benchmarks.accuracy.case import Scene, answer
from benchmarks.accuracy.runner import Runner
from benchmarks.accuracy.store import Store
from deepot_qgis.engine.estimate import Estimate

SIZE = 256


@pytest.fixture(scope="module")
def fields():
    return {field.name: field for field in accuracy.fields(SIZE)}


class Knowing:
    """Answers what it was told, except where it was told nothing (NaN)."""

    name, margin_px, tile_multiple, max_offset_px = "knowing", 0, 16, 8.0

    def __init__(self, offset, sigma=0.1):
        self.offset, self.sigma = offset, sigma

    def estimate(self, reference, secondary):
        assert reference.shape[0] % 16 == 0 and reference.shape[1] % 16 == 0
        grown = [(0, 0), *((0, full - have) for full, have in zip(reference.shape, self.offset.shape[1:]))]
        return Estimate(np.pad(self.offset, grown), np.full(reference.shape, self.sigma, np.float32))


class FlatCase:
    """Flat images that moved by (1, 0); counts how often it is made."""

    key = "flat"

    def __init__(self):
        self.made = 0

    def scene(self):
        self.made += 1
        truth = np.zeros((2, 20, 30), np.float32)
        truth[0] = 1
        return Scene(np.ones((20, 30), np.float32), np.ones((20, 30), np.float32), truth)

    def measure(self, scene, estimate, tells_sigma):
        return {"error": float(np.abs(estimate.offset - scene.truth).max()), "tells_sigma": tells_sigma}


def test_the_fields_are_those_of_the_target_table(fields):
    assert len(fields) == 14
    assert np.allclose(fields["constant"].offset[:, 0, 0], (0.37, -0.61))
    assert np.abs(fields["ramp"].offset).max((1, 2)) == pytest.approx((1.5, 1.5))
    assert np.hypot(*fields["lobe 60 px, 6 px"].offset).max() == pytest.approx(6, abs=0.01)
    body = fields["lobe 60 px, 2 px"].moving
    assert body.sum() == pytest.approx(np.pi * 30 * 120, rel=0.03)
    assert fields["lobe 60 px, 2 px"].depth.max() == pytest.approx(30, abs=1.5)
    step = fields["fault 5 px"].offset
    assert np.hypot(*(step.max((1, 2)) - step.min((1, 2)))) == pytest.approx(5)


def test_the_goals_name_lines_of_the_table(fields):
    rows = {name: {"all": 1.0, "inside": 2.0, "edge": 3.0, "floor": 4.0, "within_sigma": 0.5} for name in fields}
    lines = accuracy.summary(rows)
    assert {goal.line for goal in report.GOALS} <= set(lines)
    assert lines["inside lobe 20 px, 2 px"] == 2 and lines["beside fault 5 px"] == 3 and lines["noise floor"] == 4


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


def test_a_pixel_left_out_counts_as_its_nearest_answer():
    offset = np.zeros((2, 40, 50), np.float32)
    offset[:, :, 30:] = 3
    offset[:, :, 25:30] = np.nan  # nearer to 0 on the left, to 3 on the right
    image = np.ones((40, 50), np.float32)
    estimate = answer(Knowing(offset), image, image)
    assert estimate.offset.shape == (2, 40, 50)
    assert np.all(estimate.offset[:, :, :27] == 0) and np.all(estimate.offset[:, :, 28:] == 3)
    assert np.all(estimate.sigma[:, 25:30] == 8) and np.all(estimate.sigma[:, :25] == np.float32(0.1))


def test_error_by_depth_finds_the_margin(fields):
    field = fields["lobe 60 px, 2 px"]
    row = measures.by_depth(Estimate(np.zeros_like(field.offset), np.ones((SIZE, SIZE))), field)
    mean = np.array(row["sum"]) / np.maximum(row["count"], 1)
    assert sum(row["count"]) == SIZE**2
    inside = np.digitize(10, measures.DEPTH_EDGES)
    outside = np.digitize(-10, measures.DEPTH_EDGES)
    assert mean[inside] == pytest.approx(2, abs=0.01) and mean[outside] == pytest.approx(0, abs=0.01)
    assert measures.by_depth(Estimate(field.offset, np.ones((SIZE, SIZE))), fields["constant"]) is None


def test_an_honest_sigma_holds_68_percent_in_every_bin():
    rng = np.random.default_rng(0)
    sigma = np.exp(rng.uniform(np.log(0.02), np.log(2), (200, 200))).astype(np.float32)
    error = rng.standard_normal((2, 200, 200)) * sigma
    counts = measures.calibration(Estimate(error, sigma), np.zeros_like(error), np.ones(sigma.shape, bool))
    count, inside = np.array(counts["count"]), np.array(counts["inside"])
    assert count.sum() == 2 * sigma.size
    filled = count > 2000
    assert filled.sum() > 5 and np.allclose((inside / np.maximum(count, 1))[filled], 0.683, atol=0.04)


def test_the_bound_is_that_of_bamler_and_eineder():
    # a flat spectrum over the whole band: one independent sample a pixel, cells of one pixel
    flat = sweeps.band(sweeps.synthetic.Sensor(1.0, 1.0, 1.0))
    assert flat.density == pytest.approx(1, rel=1e-3) and flat.spread == pytest.approx(1, rel=1e-3)
    assert sweeps.cramer_rao(600, 0.5) == pytest.approx(np.sqrt(3 / 1200) * np.sqrt(0.75) / (np.pi * 0.5))
    half = sweeps.band(sweeps.synthetic.Sensor(0.5, 0.5, 1.0))
    assert half.density == pytest.approx(0.25, rel=1e-2) and half.spread == pytest.approx(0.5, rel=1e-2)
    # four times the samples, half the error
    regime = "0.9, 1 look"
    assert sweeps.regime_bound(regime, 64) == pytest.approx(sweeps.regime_bound(regime, 32) / 2)
    assert sweeps.equivalent_window(sweeps.regime_bound(regime, 32), regime) == pytest.approx(32)


def test_a_record_is_kept_and_not_measured_again(tmp_path):
    truth = np.zeros((2, 20, 30), np.float32)
    truth[0] = 1
    method = methods.Method("knowing", "a", lambda: Knowing(truth))
    path, case = tmp_path / "records.jsonl", FlatCase()
    first = Runner((method,), Store(path)).run("flat", [case])
    assert first["flat"]["knowing"]["error"] == 0 and case.made == 1
    with path.open("a") as file:
        file.write('\n["cut off", {"er')  # a run was killed while it wrote
    again = Runner((method,), Store(path)).run("flat", [case])
    assert again == first and case.made == 1
    other = methods.Method("knowing", "b", lambda: Knowing(truth + 1))
    changed = Runner((other,), Store(path)).run("flat", [case])
    assert changed["flat"]["knowing"]["error"] == 1 and case.made == 2


def test_a_peer_that_fails_counts_as_zero_and_a_network_that_fails_stops_the_run():
    class Failing(Knowing):
        def estimate(self, reference, secondary):
            raise ValueError("too small")

    case = FlatCase()
    failing = Failing(np.zeros((2, 20, 30), np.float32))
    with pytest.raises(ValueError, match="too small"):
        Runner((methods.Method("failing", "a", lambda: failing),), Store()).run("flat", [case])
    failing.may_fail = True
    said = []
    found = Runner((methods.Method("failing", "a", lambda: failing),), Store(), 0, said.append).run("flat", [case])
    assert found["flat"]["failing"]["error"] == 1 and "too small" in said[-1]


def test_a_peer_that_is_not_installed_is_left_out_with_a_note(monkeypatch):
    nowhere = methods.Peer("Nobody", "benchmarks.accuracy.peers.nobody", ("deepot-peer-that-does-not-exist",))
    monkeypatch.setattr(methods, "PEERS", (nowhere,))
    found, absent = methods.peers()
    assert found == [] and len(absent) == 1 and "Nobody is left out" in absent[0]


def test_mirrored_positions_are_continuous():
    rng = np.random.default_rng(3)
    for length in (100, 256, 500, 700):
        positions = grounds._positions(length, 512, rng)
        assert positions.shape == (512,) and positions.min() >= 0 and positions.max() < length
        assert np.abs(np.diff(positions)).max() == 1


def test_the_set_is_fixed_and_held_out(shared_data):
    case = next(iter(accuracy.set_cases(1, SIZE)))
    first, again = case.scene(), case.scene()
    assert np.array_equal(first.reference, again.reference) and np.array_equal(first.secondary, again.secondary)
    assert first.reference.shape == (SIZE, SIZE)
    ground, _ = grounds.held_out_ground(512, np.random.default_rng(1))
    assert ground.shape == (512, 512) and np.median(ground) == pytest.approx(1) and ground.min() > 0


def test_real_still_pairs_are_still_for_a_method_that_answers_zero(shared_data):
    case = real_pairs.NullCase("mountain, single look")
    scene = case.scene()
    zero = Estimate(np.zeros_like(scene.truth), np.full(scene.reference.shape, 0.1, np.float32))
    row = case.measure(scene, zero, True)
    assert row["median"] == 0 and row["over_half"] == 0 and row["silent"] == 0 and row["kept_share"] > 0.5
    wrong = Estimate(scene.truth + 1, np.full(scene.reference.shape, 0.1, np.float32))
    row = case.measure(scene, wrong, True)
    assert row["median"] == pytest.approx(np.sqrt(2)) and row["silent"] == 1


def test_the_landslide_keeps_its_size_and_shape(shared_data):
    field = landslide.LandslideCase(4.0).field()
    length = np.hypot(*field.offset)
    assert length.max() == pytest.approx(4, rel=1e-5)
    # 3.9 km long, 0.2 to 0.5 km wide: some 1.3 square kilometres
    area = field.moving.sum() * np.prod(grounds.MOROCCO_PIXEL_M) / 1e6
    assert 0.8 < area < 2
    assert np.all(length[field.depth < -2] == 0)
    # it flows to the south-west, down its valley
    assert field.offset[0][field.moving].mean() < 0 < field.offset[1][field.moving].mean()
