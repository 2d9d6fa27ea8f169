import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine.displacement import DAYS_A_YEAR
from deepot_qgis.engine.errors import CancelledError, InputError, OptionsError
from deepot_qgis.engine.timeseries.design import Design
from deepot_qgis.engine.timeseries.elimination import Schedule
from deepot_qgis.engine.timeseries.inversion import InversionOptions, invert

DAYS = np.array([0.0, 12, 24, 48, 60, 72, 108, 120])
COUNT = len(DAYS)
PAIRS = [(i, i + k) for i in range(COUNT) for k in (1, 2, 3) if i + k < COUNT]
PLAIN = InversionOptions(robust="none", uncertainty="formal")


def incidence(pairs=PAIRS, count=COUNT):
    matrix = np.zeros((len(pairs), count))
    for k, (first, second) in enumerate(pairs):
        matrix[k, first], matrix[k, second] = -1, 1
    return matrix


def measured(rng, pixels=60, noise=1.0, pairs=PAIRS, count=COUNT):
    """A random walk seen by noisy pairs: truth (dates, 2, pixels), east, north, sigma (pairs, pixels)."""
    truth = np.cumsum(rng.normal(0, 0.3, (count, 2, pixels)), axis=0)
    truth -= truth[0]
    sigma = rng.uniform(0.01, 0.1, (len(pairs), pixels))
    seen = np.einsum("mn,ncp->mcp", incidence(pairs, count), truth)
    seen = seen + noise * sigma[:, None] * rng.normal(0, 1, seen.shape)
    return truth, seen[:, 0], seen[:, 1], sigma


def dense(east, north, sigma, pairs=PAIRS, extra=None):
    """One pixel by numpy: histories (dates, 2) and their covariance; `extra` are more rows (matrix, values)."""
    known = np.isfinite(east)
    matrix = incidence(pairs)[known, 1:] / sigma[known, None]
    values = np.stack([east, north], axis=1)[known] / sigma[known, None]
    if extra is not None:
        matrix, values = np.concatenate([matrix, extra[0][:, 1:]]), np.concatenate([values, extra[1]])
    solution = np.linalg.lstsq(matrix, values, rcond=None)[0]
    return np.concatenate([np.zeros((1, 2)), solution]), np.linalg.inv(matrix.T @ matrix)


def mask(planes, rng, share):
    gone = rng.random(planes[0].shape) < share
    return [np.where(gone, np.nan, plane) for plane in planes]


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 9), st.integers(0, 2**32 - 1))
def test_elimination_is_the_inverse_of_any_sparse_matrix(count, seed):
    rng = np.random.default_rng(seed)
    edges = [(a, b) for a in range(count) for b in range(a) if rng.random() < 0.4]
    matrices = np.zeros((3, count, count))
    for a, b in edges:
        weight = rng.uniform(0.1, 2, 3)
        for row, column, sign in ((a, a, 1), (b, b, 1), (a, b, -1), (b, a, -1)):
            matrices[:, row, column] += sign * weight
    matrices += 0.2 * np.eye(count)
    schedule = Schedule(count, edges)
    stored = np.zeros((schedule.size, 3))
    for a, b in [*edges, *((one, one) for one in range(count))]:
        stored[schedule.entry(a, b)] = matrices[:, a, b]
    right = rng.normal(0, 1, (count, 2, 3))
    expected = np.stack([np.linalg.solve(matrices[p], right[:, :, p]) for p in range(3)], axis=-1)
    schedule.factor(stored)
    schedule.solve(stored, right)
    assert np.allclose(right, expected)
    inverse, expected = schedule.inverse(stored), np.linalg.inv(matrices)
    assert np.allclose(inverse[schedule.diagonal].T, np.einsum("paa->pa", expected))
    for a, b in edges:
        assert np.allclose(inverse[schedule.entry(a, b)], expected[:, a, b])


@pytest.mark.parametrize("share", [0.0, 0.15])
def test_each_pixel_is_what_a_dense_solver_says(share):
    rng = np.random.default_rng(1)
    _, *planes = measured(rng)
    planes = mask(planes, rng, share)
    found = invert(*planes, Design(DAYS, PAIRS), PLAIN)
    compared = 0
    for p in range(60):
        known = np.isfinite(planes[0][:, p])
        if np.linalg.matrix_rank(incidence()[known]) < COUNT - 1:
            continue
        history, covariance = dense(*(plane[:, p] for plane in planes))
        assert np.allclose(found.east[:, p], history[:, 0], atol=1e-6)
        assert np.allclose(found.north[:, p], history[:, 1], atol=1e-6)
        assert np.allclose(found.sigma[1:, p] ** 2, np.diag(covariance), rtol=1e-4)
        assert found.components[p] == 1 and found.pairs[p] == known.sum()
        assert found.redundancy[p] == known.sum() - (COUNT - 1)
        compared += 1
    assert compared > 40


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(["tukey", "huber", "none"]))
def test_pairs_that_agree_are_recovered_exactly(seed, kind):
    rng = np.random.default_rng(seed)
    truth, *planes = measured(rng, pixels=5, noise=0.0)
    found = invert(*planes, Design(DAYS, PAIRS), InversionOptions(robust=kind))
    assert np.allclose(found.east, truth[:, 0], atol=1e-6) and np.allclose(found.north, truth[:, 1], atol=1e-6)
    assert np.allclose(found.closure, 0, atol=1e-6) and (found.rejected == 0).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_order_and_sign(seed):
    rng = np.random.default_rng(seed)
    _, *planes = measured(rng, pixels=6, noise=3.0)
    planes = mask(planes, rng, 0.1)
    found = invert(*planes, Design(DAYS, PAIRS))
    order = rng.permutation(len(PAIRS))
    shuffled = invert(*(plane[order] for plane in planes), Design(DAYS, [PAIRS[k] for k in order]))
    turned = invert(-planes[0], -planes[1], planes[2], Design(DAYS, PAIRS))
    for name in ("east", "north", "velocity_east"):
        assert np.allclose(getattr(found, name), getattr(shuffled, name), atol=1e-4, equal_nan=True)
        assert np.allclose(getattr(found, name), -getattr(turned, name), atol=1e-4, equal_nan=True)
    assert np.allclose(found.sigma, turned.sigma, rtol=1e-3, equal_nan=True)


@pytest.mark.parametrize("options", [PLAIN, InversionOptions()])
def test_errors_are_those_of_many_trials(options):
    rng = np.random.default_rng(2)
    sigma = np.repeat(rng.uniform(0.02, 0.1, (len(PAIRS), 1)), 4000, axis=1)
    trials = rng.normal(0, 1, (2, *sigma.shape)) * sigma
    found = invert(*trials, sigma, Design(DAYS, PAIRS), options)
    for name in ("east", "north"):
        spread = getattr(found, name)[1:].std(axis=1)
        assert np.median(found.sigma[1:], axis=1) == pytest.approx(spread, rel=0.1)
    assert np.median(found.velocity_sigma) == pytest.approx(found.velocity_east.std(), rel=0.2)


def test_contradicting_pairs_enlarge_the_error():
    rng = np.random.default_rng(3)
    truth, east, north, sigma = measured(rng, pixels=800, noise=5.0)
    formal, scaled = (
        invert(east, north, sigma, Design(DAYS, PAIRS), InversionOptions(robust="none", uncertainty=kind))
        for kind in ("formal", "scaled")
    )
    assert np.median(scaled.sigma[1:] / formal.sigma[1:]) == pytest.approx(5, rel=0.1)
    share = np.mean(np.abs(scaled.east - truth[:, 0])[1:] < scaled.sigma[1:])
    assert share == pytest.approx(0.68, abs=0.05)


def test_outliers_lose_their_say():
    rng = np.random.default_rng(4)
    truth, east, north, sigma = measured(rng, pixels=300)
    wild = np.zeros(east.shape, bool)
    wild[rng.integers(3, len(PAIRS) - 3, 300), np.arange(300)] = True
    east = np.where(wild, east + rng.choice([-8, 8], east.shape), east)
    error = {
        kind: np.abs(
            invert(east, north, sigma, Design(DAYS, PAIRS), InversionOptions(robust=kind)).east - truth[:, 0]
        ).max(axis=0)
        for kind in ("tukey", "huber", "none")
    }
    clean = invert(np.where(wild, np.nan, east), north, sigma, Design(DAYS, PAIRS))
    robust = invert(east, north, sigma, Design(DAYS, PAIRS))
    assert np.median(error["tukey"]) < np.median(error["huber"]) < 0.2 * np.median(error["none"])
    assert np.mean(np.abs(robust.east - clean.east).max(axis=0) < 0.02) > 0.97
    assert np.mean(robust.rejected == 1) > 0.95


def test_two_pairs_that_contradict_each_other_leave_a_large_error():
    design = Design([0, 10], [(0, 1), (0, 1)])
    found = invert(np.array([[0.0], [50.0]]), np.zeros((2, 1)), np.ones((2, 1)), design)
    assert found.east[1, 0] == pytest.approx(25, abs=0.01)
    assert found.sigma[1, 0] > 10


def split_planes(rng, gap):
    """Steady motion whose pairs across date `gap` are all masked at every pixel."""
    years = DAYS / DAYS_A_YEAR
    truth = np.stack([2 * years, -years])[:, :, None] * np.ones(3)
    seen = np.einsum("mn,cnp->cmp", incidence(), truth)
    across = np.array([first < gap <= second for first, second in PAIRS])
    east, north = np.where(across[:, None], np.nan, seen)
    return truth, east, north, np.full(east.shape, 0.01)


def test_a_missing_link_is_bridged_by_the_rate_and_said_so_in_the_error():
    truth, east, north, sigma = split_planes(None, 4)
    found = invert(east, north, sigma, Design(DAYS, PAIRS))
    assert (found.components == 2).all()
    assert np.allclose(found.east, truth[0], atol=1e-5) and np.allclose(found.north, truth[1], atol=1e-5)
    bridged = np.hypot(2, 1) * (DAYS[4] - DAYS[3]) / DAYS_A_YEAR
    assert found.sigma[3, 0] < 0.02 and (found.sigma[4:, 0] > 0.9 * bridged).all()
    assert found.sigma[4, 0] == pytest.approx(bridged, rel=0.05)
    assert found.redundancy[0] == np.isfinite(east[:, 0]).sum() - (COUNT - 2)


def test_a_missing_link_may_be_left_open():
    truth, east, north, sigma = split_planes(None, 4)
    found = invert(east, north, sigma, Design(DAYS, PAIRS), InversionOptions(split="nan"))
    assert np.allclose(found.east[:4], truth[0][:4], atol=1e-5)
    assert np.isnan(found.east[4:]).all() and np.isnan(found.sigma[4:]).all()
    assert found.velocity_east[0] == pytest.approx(2, abs=1e-4)


def test_what_was_measured_does_not_depend_on_the_bridge():
    rng = np.random.default_rng(5)
    _, *planes = measured(rng)
    across = np.array([first < 4 <= second for first, second in PAIRS])
    east, north, sigma = (np.where(across[:, None], np.nan, plane) for plane in planes)
    found = invert(east, north, sigma, Design(DAYS, PAIRS), PLAIN)
    later = [k for k, (first, _) in enumerate(PAIRS) if first >= 4]
    alone = Design(DAYS[4:], [(PAIRS[k][0] - 4, PAIRS[k][1] - 4) for k in later])
    expected = invert(east[later], north[later], sigma[later], alone, PLAIN)
    assert np.allclose(found.east[4:] - found.east[4], expected.east, atol=1e-5)


def test_groups_that_interleave_and_dates_that_nothing_measured():
    pairs = [(0, 2), (1, 3), (2, 5), (3, 6)]  # 0-2-5 and 1-3-6; nothing touches 4 and 7
    years = DAYS / DAYS_A_YEAR
    east = np.array([[years[b] - years[a]] for a, b in pairs])
    found = invert(east, 0 * east, 0 * east + 0.01, Design(DAYS, pairs))
    known = [0, 1, 2, 3, 5, 6]
    assert np.allclose(found.east[known, 0], years[known], atol=1e-5)
    assert np.isnan(found.east[[4, 7], 0]).all()
    assert (found.components[0], found.dates[0], found.redundancy[0]) == (2, 6, 0)
    assert np.isnan(found.closure[0])


def test_a_bridge_over_dates_that_nothing_measured_has_the_error_of_its_whole_time():
    pairs = [(0, 1), (5, 6), (6, 7)]
    years = DAYS / DAYS_A_YEAR
    east = np.array([[years[b] - years[a]] for a, b in pairs])
    found = invert(east, 0 * east, 0 * east + 1e-6, Design(DAYS, pairs))
    assert found.sigma[5, 0] == pytest.approx(years[5] - years[1], rel=1e-3)
    assert found.east[5, 0] == pytest.approx(years[5], rel=1e-3)


def test_a_first_date_that_nothing_measured_is_bridged_too():
    pairs = [(1, 2), (1, 3), (2, 3)]
    years = DAYS[:4] / DAYS_A_YEAR
    east = np.array([[years[b] - years[a]] for a, b in pairs])
    found = invert(east, 0 * east, 0 * east + 0.01, Design(DAYS[:4], pairs))
    assert np.allclose(found.east[:, 0], years, atol=1e-5) and found.sigma[1, 0] > 0.02
    left_open = invert(east, 0 * east, 0 * east + 0.01, Design(DAYS[:4], pairs), InversionOptions(split="nan"))
    assert np.isnan(left_open.east[1:]).all()


def test_smoothness_is_the_dense_solution_with_a_random_walk_of_velocity():
    rng = np.random.default_rng(6)
    _, *planes = measured(rng, pixels=8)
    options = InversionOptions(robust="none", uncertainty="formal", smoothness=0.5)
    found = invert(*planes, Design(DAYS, PAIRS, smooth=True), options)
    years = np.diff(DAYS) / DAYS_A_YEAR
    rows = np.zeros((COUNT - 2, COUNT))
    for j in range(1, COUNT - 1):
        rows[j - 1, j - 1 : j + 2] = 1 / years[j - 1], -1 / years[j - 1] - 1 / years[j], 1 / years[j]
        rows[j - 1] /= 0.5 * np.sqrt((years[j - 1] + years[j]) / 2)
    for p in range(8):
        history, covariance = dense(*(plane[:, p] for plane in planes), extra=(rows, np.zeros((COUNT - 2, 2))))
        assert np.allclose(found.east[:, p], history[:, 0], atol=1e-5)
        assert np.allclose(found.sigma[1:, p] ** 2, np.diag(covariance), rtol=1e-3)


def test_smoothness_bridges_a_split():
    truth, east, north, sigma = split_planes(None, 4)
    options = InversionOptions(smoothness=0.01)
    found = invert(east, north, sigma, Design(DAYS, PAIRS, smooth=True), options)
    assert np.allclose(found.east, truth[0], atol=1e-3)


def test_velocity_is_the_line_through_the_history_with_its_covariance():
    rng = np.random.default_rng(7)
    _, *planes = measured(rng, pixels=5)
    found = invert(*planes, Design(DAYS, PAIRS), PLAIN)
    scaled = invert(*planes, Design(DAYS, PAIRS), InversionOptions(robust="none"))
    years = (DAYS / DAYS_A_YEAR)[1:, None]
    for p in range(5):
        history, covariance = dense(*(plane[:, p] for plane in planes))
        information = np.linalg.inv(covariance)
        variance = np.linalg.inv(years.T @ information @ years)
        rate = variance @ years.T @ information @ history[1:]
        assert found.velocity_east[p] == pytest.approx(rate[0, 0], rel=1e-4)
        assert found.velocity_north[p] == pytest.approx(rate[0, 1], rel=1e-4)
        assert found.velocity_sigma[p] == pytest.approx(np.sqrt(variance[0, 0]), rel=1e-3)
        misfit = history[1:] - years @ rate
        worse = np.einsum("nc,nm,mc->", misfit, information, misfit) / (2 * (COUNT - 2))
        assert worse > 4  # a random walk is no line, and the scaled error says so
        assert scaled.velocity_sigma[p] == pytest.approx(np.sqrt(variance[0, 0] * worse), rel=1e-3)


def test_a_yearly_wave_is_told_from_the_trend():
    days = np.arange(0, 1100, 24.0)
    pairs = [(i, i + k) for i in range(len(days)) for k in (1, 2) if i + k < len(days)]
    wave = 0.3 * np.cos(2 * np.pi * (days - 100) / DAYS_A_YEAR)
    history = 1.5 * days / DAYS_A_YEAR + wave
    east = np.array([[history[b] - history[a]] for a, b in pairs])
    sigma = 0 * east + 0.01
    found = invert(east, -east, sigma, Design(days, pairs), InversionOptions(model="annual"))
    assert found.velocity_east[0] == pytest.approx(1.5, abs=1e-4)
    amplitude_east, amplitude_north, phase_east, phase_north, error = found.annual[:, 0]
    assert (amplitude_east, amplitude_north) == (pytest.approx(0.3, abs=1e-4), pytest.approx(0.3, abs=1e-4))
    assert phase_east == pytest.approx(100, abs=0.1) and 0 < error < 0.1
    assert phase_north == pytest.approx(100 + DAYS_A_YEAR / 2, abs=0.1)
    short = invert(east[:5], -east[:5], sigma[:5], Design(days, pairs[:5]), InversionOptions(model="annual"))
    assert np.isnan(short.velocity_east[0]) and np.isfinite(short.east[1, 0])


def test_empty_and_poor_pixels_are_left_out():
    rng = np.random.default_rng(8)
    _, *planes = measured(rng, pixels=3)
    planes[0][:, 0] = np.nan
    planes[2][3:, 1] = np.nan
    found = invert(*planes, Design(DAYS, PAIRS), InversionOptions(min_pairs=4))
    assert np.isnan(found.east[:, :2]).all() and found.pairs[:2].tolist() == [0, 0]
    assert np.isfinite(found.east[:, 2]).all()
    nothing = invert(*(plane[:, :1] * np.nan for plane in planes), Design(DAYS, PAIRS))
    assert np.isnan(nothing.velocity_east).all() and nothing.east.shape == (COUNT, 1)


def test_pairs_without_a_positive_sigma_do_not_count():
    rng = np.random.default_rng(9)
    _, east, north, sigma = measured(rng, pixels=4)
    spoiled, odd = east.copy(), sigma.copy()
    spoiled[2], odd[2] = 1e6, 0.0
    spoiled[5], odd[5] = 1e6, np.nan
    gone = east.copy()
    gone[[2, 5]] = np.nan
    first, second = (invert(e, north, s, Design(DAYS, PAIRS)) for e, s in ((spoiled, odd), (gone, sigma)))
    assert np.array_equal(first.east, second.east)


@pytest.mark.parametrize(
    ("days", "pairs", "sentence"),
    [
        ([0], [(0, 1)], "at least two dates"),
        ([0, 1], [], "at least one pair"),
        ([0, 5, 5], [(0, 1)], "must increase"),
        ([0, 9, 5], [(0, 1)], "must increase"),
        ([0, 1], [(1, 0)], "earlier to a later"),
        ([0, 1], [(0, 2)], "earlier to a later"),
    ],
)
def test_networks_that_cannot_be(days, pairs, sentence):
    with pytest.raises(InputError, match=sentence):
        Design(days, pairs)


@pytest.mark.parametrize(
    "wrong",
    [{"robust": "median"}, {"split": "zero"}, {"smoothness": 0.0}, {"smoothness": "x"}, {"model": "cubic"},
     {"uncertainty": "none"}, {"min_pairs": 0}],
)  # fmt: skip
def test_options_that_cannot_be(wrong):
    with pytest.raises(OptionsError):
        InversionOptions(**wrong)


def test_a_cancel_stops_it():
    rng = np.random.default_rng(11)
    with pytest.raises(CancelledError):
        invert(*measured(rng, pixels=2)[1:], Design(DAYS, PAIRS), cancelled=lambda: True)


def test_smoothing_needs_a_design_for_it():
    rng = np.random.default_rng(10)
    with pytest.raises(OptionsError, match="smooth=True"):
        invert(*measured(rng, pixels=2)[1:], Design(DAYS, PAIRS), InversionOptions(smoothness=1.0))
