import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine.displacement import DAYS_A_YEAR
from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.timeseries import trend
from deepot_qgis.engine.timeseries.fit import fit

DAYS = np.arange(0, 1100, 24.0)
NUMBER = st.floats(-50, 50)


@settings(max_examples=40, deadline=None)
@given(offset=NUMBER, rate=NUMBER, amplitude=st.floats(0.01, 20), phase=st.floats(0, DAYS_A_YEAR - 0.01))
def test_what_a_model_made_it_finds(offset, rate, amplitude, phase):
    wave = amplitude * np.cos(2 * np.pi * (DAYS - phase) / DAYS_A_YEAR)
    found = fit(DAYS, offset + rate * DAYS / DAYS_A_YEAR + wave, model="annual")
    assert found.rate == pytest.approx(rate, abs=1e-6)
    assert found.offset == pytest.approx(offset, abs=1e-6)
    assert found.amplitude == pytest.approx(amplitude, abs=1e-6)
    away = abs(found.phase_days - phase)
    assert min(away, DAYS_A_YEAR - away) < 1e-3
    assert found.at(DAYS) == pytest.approx(offset + rate * DAYS / DAYS_A_YEAR + wave, abs=1e-6)
    assert found.rmse < 1e-6


def test_a_line_has_no_wave_and_explains_all_of_a_line():
    found = fit([0, 10, 20, 365.25], [1, 1 + 10 / 365.25, 1 + 20 / 365.25, 2.0], [0, 1, 1, 1])
    assert (found.rate, found.r2, found.amplitude) == (pytest.approx(1), pytest.approx(1), 0)
    assert found.at([730.5]) == pytest.approx([3.0])


def test_unknown_values_take_no_part():
    values = DAYS / DAYS_A_YEAR
    values[5], values[9] = np.nan, np.nan
    assert fit(DAYS, values).count == len(DAYS) - 2
    assert fit(DAYS, values).rate == pytest.approx(1)


def test_the_error_of_the_rate_is_that_of_many_trials():
    rng = np.random.default_rng(3)
    sigma = rng.uniform(0.02, 0.1, DAYS.size)
    trials = [fit(DAYS, rng.normal(0, sigma), sigma) for _ in range(400)]
    spread = np.std([trial.rate for trial in trials])
    assert np.mean([trial.rate_sigma for trial in trials]) == pytest.approx(spread, rel=0.12)


def test_scatter_beyond_sigma_enlarges_the_error():
    rng = np.random.default_rng(4)
    values = rng.normal(0, 0.5, DAYS.size)
    modest, told = (fit(DAYS, values, np.full(DAYS.size, sigma)).rate_sigma for sigma in (0.05, 0.5))
    assert modest == pytest.approx(told, rel=0.25)


def test_a_precise_value_counts_more():
    values = np.where(np.arange(4) == 3, 5.0, 0.0)
    assert abs(fit([0, 10, 20, 30], values, [1, 1, 1, 100]).rate) < 0.01 * fit([0, 10, 20, 30], values).rate


@pytest.mark.parametrize(
    ("days", "values", "model", "sentence"),
    [
        ([0.0], [1.0], "linear", "Only 1 date is known here; a line needs at least 2"),
        ([0, 5, 9], [1, np.nan, np.nan], "linear", "Only 1 date"),
        ([0, 400, 800], [1, 2, 3], "annual", "needs at least 4"),
        (np.arange(0, 200, 12), np.zeros(17), "annual", "span 192 days"),
    ],
)
def test_too_little_is_refused(days, values, model, sentence):
    with pytest.raises(InputError, match=sentence):
        fit(days, values, model=model)


def test_unknown_model():
    with pytest.raises(OptionsError, match="cubic"):
        fit(DAYS, DAYS, model="cubic")


def test_the_planes_of_a_map_are_the_fits_of_its_pixels():
    rng = np.random.default_rng(5)
    east, north = rng.normal(0, 1, (2, DAYS.size, 3, 4))
    sigma = rng.uniform(0.1, 1, east.shape)
    sigma[0] = 0
    east[7, 1, 2], north[7, 1, 2] = np.nan, np.nan
    east[:, 0, 0], north[:, 0, 0] = np.nan, np.nan
    planes = trend.line_planes(DAYS, east, north, sigma)
    assert np.isnan(planes[:, 0, 0]).all()
    for row, column in ((1, 2), (2, 3)):
        weights = np.where(sigma[:, row, column] > 0, sigma[:, row, column], np.nan)
        usable = np.isfinite(weights) & np.isfinite(east[:, row, column])
        weights[0] = np.sqrt(np.mean(weights[usable] ** 2))
        one = fit(DAYS, east[:, row, column], weights)
        assert planes[0, row, column] == pytest.approx(one.rate, rel=1e-4)
        assert planes[2, row, column] == pytest.approx(np.hypot(*planes[:2, row, column]), rel=1e-5)
        assert 0 <= planes[3, row, column] < 360
