"""Laws that the comparison of stations with a map obeys."""

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.stations import Station, metrics
from deepot_qgis.engine.stations.breaks import breaks_of, steps
from deepot_qgis.engine.stations.matching import (
    at_noon,
    first_common,
    interpolate,
    minus_base,
    rezero,
    segments,
    without_poor,
)
from deepot_qgis.engine.stations.placing import Place, locate_station

from . import station_scenes as scenes

UTC = timezone.utc
DAY = 86_400.0
reals = st.floats(-100, 100)


def station(seconds, values, **more):
    times = tuple(datetime.fromtimestamp(float(s), UTC) for s in seconds)
    return Station("a", "extensometer", times, displacement=np.asarray(values, float), **more)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.1, 3), min_size=2, max_size=20), reals, reals, st.floats(0, 1))
def test_interpolation_is_exact_on_a_line(gaps, level, slope, where):
    seconds = np.cumsum(gaps) * DAY
    last = seconds[-1]
    at = np.array([min(seconds[0] + where * (last - seconds[0]), last)])  # rounding leads beyond the last
    found = interpolate(seconds, level + slope * seconds / DAY, None, at, 3.1)  # a sum of days rounds
    np.testing.assert_allclose(found.values, level + slope * at / DAY, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(reals, min_size=2, max_size=20))
def test_a_value_at_the_very_time_is_that_value(values):
    seconds = np.arange(len(values)) * 30 * DAY
    found = interpolate(seconds, np.array(values), np.ones(len(values)), seconds, 0.0)
    np.testing.assert_array_equal(found.values, values)
    np.testing.assert_array_equal(found.sigma, 1)


def test_nothing_is_interpolated_over_a_gap_a_break_or_the_ends():
    seconds = np.array([0.0, 1, 2, 12, 13]) * DAY
    values = np.array([0.0, 1, 2, 12, 13])
    at = np.array([-0.5, 0.5, 7, 12, 12.5, 13, 14]) * DAY
    found = interpolate(seconds, values, None, at, 5.0).values
    np.testing.assert_array_equal(np.isfinite(found), [0, 1, 0, 1, 1, 1, 0])
    broken = interpolate(seconds, values, None, at, 50.0, np.array([0.7, 3.0]) * DAY).values
    np.testing.assert_array_equal(np.isfinite(broken), [0, 0, 0, 1, 1, 1, 0])


def test_the_error_between_two_values_is_that_of_their_weighted_mean():
    found = interpolate(np.array([0.0, 2.0]), np.zeros(2), np.array([3.0, 4.0]), np.array([0.0, 1.0, 2.0]), 1.0)
    np.testing.assert_allclose(found.sigma, [3.0, 2.5, 4.0])


@settings(max_examples=60, deadline=None)
@given(st.lists(reals, min_size=3, max_size=15), reals, st.integers(0, 14))
def test_rezeroing_forgets_the_offset_and_nothing_else(values, offset, cut):
    values = np.array(values)
    segment = (np.arange(len(values)) >= cut).astype(int)
    known = np.isfinite(values)
    zero = first_common(known, segment)
    sigma = np.full(len(values), 0.3)
    plain, moved = rezero(values, sigma, zero, segment), rezero(values + offset, sigma, zero, segment)
    np.testing.assert_allclose(plain.values, moved.values, atol=1e-9)
    assert (plain.values[zero] == 0).all() and (plain.sigma[zero] == 0).all()
    np.testing.assert_allclose(plain.sigma[~zero], np.hypot(0.3, 0.3))
    again = rezero(plain.values, sigma, zero, segment)
    np.testing.assert_array_equal(again.values, plain.values)
    for number in np.unique(segment):
        here = segment == number
        np.testing.assert_allclose(np.diff(plain.values[here]), np.diff(values[here]), atol=1e-9)


def test_the_zero_is_the_first_common_date_of_each_segment():
    known = np.array([False, True, True, False, False, True])
    np.testing.assert_array_equal(first_common(known, np.array([0, 0, 0, 1, 1, 1])), [0, 1, 0, 0, 0, 1])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(reals, reals, st.floats(0.01, 10)), min_size=3, max_size=30),
)
def test_metrics_agree_with_numpy(rows):
    m, s, sigma = (np.array(column) for column in zip(*rows))
    assume(np.std(s) > 1e-3 and np.std(m) > 1e-3)
    found, r = metrics(m, s, sigma), m - s
    assert found.n == len(rows)
    np.testing.assert_allclose(
        [found.bias, found.mae, found.rmse], [r.mean(), np.abs(r).mean(), np.sqrt((r**2).mean())], atol=1e-9
    )
    np.testing.assert_allclose(found.rmse**2, found.bias**2 + r.var(), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(found.r2, 1 - (r**2).sum() / ((s - s.mean()) ** 2).sum(), rtol=1e-6, atol=1e-9)
    slope, intercept = np.polyfit(s, m, 1)
    np.testing.assert_allclose([found.slope, found.intercept], [slope, intercept], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.correlation, np.corrcoef(m, s)[0, 1], atol=1e-6)
    np.testing.assert_allclose(found.r2_line, found.correlation**2)
    assert found.within_1_sigma == np.mean(np.abs(r) <= sigma)
    assert found.within_2_sigma >= found.within_1_sigma
    assert found.r2 <= found.r2_line + 1e-6  # the 1:1 line is no better than the best line


def test_the_error_of_the_slope_is_the_scatter_of_slopes():
    rng = np.random.default_rng(3)
    s = np.linspace(0, 1, 20)
    found = [metrics(1.5 * s + 0.1 * rng.standard_normal(20), s) for _ in range(400)]
    assert np.std([one.slope for one in found]) == pytest.approx(np.mean([one.slope_sigma for one in found]), rel=0.1)


def test_honest_errors_hold_their_share():
    rng = np.random.default_rng(4)
    sigma = rng.uniform(0.5, 2, 20_000)
    found = metrics(sigma * rng.standard_normal(20_000), np.zeros(20_000), sigma)
    assert found.within_1_sigma == pytest.approx(0.683, abs=0.01)
    assert found.within_2_sigma == pytest.approx(0.954, abs=0.01)
    assert found.r2 is None and found.slope is None  # a station that stands still gives no line


def test_few_values_give_few_numbers():
    assert metrics(np.zeros(0), np.zeros(0)).bias is None
    one = metrics(np.array([1.0]), np.array([0.5]), np.array([0.0]))
    assert (one.n, one.bias, one.r2, one.slope, one.within_1_sigma) == (1, 0.5, None, None, None)
    two = metrics(np.array([1.0, 2.0]), np.array([1.0, 2.0]))
    assert (two.r2, two.correlation) == (1.0, None)  # any two points lie on a line
    gaps = metrics(np.array([1.0, np.nan, 3.0]), np.array([1.0, 2.0, np.nan]))
    assert gaps.n == 1


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 360), st.floats(-80, 80), reals, reals)
def test_projection_turns_with_the_frame(bearing, turn, east, north):
    """The motion along a line does not depend on which north the frame has."""
    e, n = Place(0, 0, 0, 0, turn).to_grid(np.array([east]), np.array([north]))
    b, g = np.radians(bearing), np.radians(bearing + turn)
    np.testing.assert_allclose(e * np.sin(g) + n * np.cos(g), east * np.sin(b) + north * np.cos(b), atol=1e-9)
    np.testing.assert_allclose(np.hypot(e, n), np.hypot(east, north), atol=1e-9)


@pytest.mark.parametrize(("epsg", "x"), [(32613, 300000.0), (32613, 700000.0), (3857, -11_900_000.0), (4326, -107.0)])
def test_north_on_the_map_is_the_convergence(epsg, x):
    """Of UTM, convergence is atan(tan(longitude from the middle) * sin(latitude)); Mercator and degrees have none."""
    y = {32613: 4_200_000.0, 3857: 4_550_000.0, 4326: 38.0}[epsg]
    step = 0.001 if epsg == 4326 else 10.0
    on = scenes.grid(4, 4, epsg, (x - 2 * step, step, 0.0, y + 2 * step, 0.0, -step))
    one = station([0, DAY], [0, 1], x=x, y=y, crs=f"EPSG:{epsg}")
    place = locate_station(one, on, "map")
    expected = 0.0
    if epsg == 32613:
        away = np.radians(place.longitude + 105)
        expected = -np.degrees(np.arctan(np.tan(away) * np.sin(np.radians(place.latitude))))
    assert place.north == pytest.approx(expected, abs=1e-3)
    assert (place.x, place.y) == pytest.approx((x, y))


def test_a_step_is_seen_and_a_landslide_is_none():
    rng = np.random.default_rng(5)
    days = np.arange(200.0)
    motion = 0.002 * days + 0.05 * np.sin(days / 30) + 0.001 * rng.standard_normal(200)
    assert steps(station(days * DAY, motion)) == ()
    (step,) = steps(station(days * DAY, motion + 0.03 * (days >= 120)))
    assert step.size == pytest.approx(0.03, abs=0.003) and abs(step.size - 0.03) < 4 * step.sigma
    assert step.time == datetime.fromtimestamp(120 * DAY, UTC)
    assert "jumps by +" in step.sentence() and "is kept" in step.sentence() and "1970-05-01" in step.sentence()
    surge = 0.5 / (1 + np.exp(-(days - 100) / 6))
    assert steps(station(days * DAY, surge)) == ()  # half a metre in a few weeks is motion
    assert steps(station(days * DAY, days * 0)) == ()
    coarse = np.round(0.0002 * days, 3)  # a logger that resolves a millimetre
    assert steps(station(days * DAY, coarse)) == ()
    (small,) = steps(
        station(days * DAY, 0.01 * days + coarse + 0.05 * (days >= 50) + 0.0005 * rng.standard_normal(200))
    )
    assert small.size == pytest.approx(0.05, abs=0.003)  # in two metres of motion
    gap = np.concatenate([days[:80], days[120:]])
    assert steps(station(gap * DAY, 0.01 * gap + 0.001 * rng.standard_normal(160))) == ()  # motion goes on in a gap
    assert steps(station(gap * DAY, 0.1 * (gap > 100) + 0.001 * rng.standard_normal(160))) == ()  # or did, who knows


@settings(max_examples=30, deadline=None)
@given(st.integers(10, 89), st.floats(0.02, 1), st.sampled_from([-1, 1]), st.integers(0, 100))
def test_a_step_is_found_where_it_is(place, size, sign, seed):
    noise = 0.001 * np.random.default_rng(seed).standard_normal(100)
    days = np.arange(100.0)
    found = steps(station(days * DAY, 0.0005 * days + noise + sign * size * (days >= place)))
    assert [one.time for one in found] == [datetime.fromtimestamp(place * DAY, UTC)]
    assert found[0].size == pytest.approx(sign * size, abs=6 * found[0].sigma)


def test_breaks_belong_to_their_stations():
    given_ = (("A", "2017-02-01"), ("*", "2017-01-01"), ("b", "2017-03-01T12:00:00"))
    assert [moment.month for moment in breaks_of("a", given_)] == [1, 2]
    assert breaks_of("B", given_)[1].hour == 12
    with pytest.raises(OptionsError, match="is not a date"):
        breaks_of("a", (("a", "soon"),))
    cut = np.array([10.0, 20.0])
    np.testing.assert_array_equal(segments(np.array([9.0, 10, 19, 20, 30]), cut), [0, 1, 1, 2, 2])


def test_days_without_a_clock_stand_for_noon():
    day, clock = datetime(2017, 1, 1, tzinfo=UTC), datetime(2017, 1, 1, 5, 30, tzinfo=UTC)
    assert at_noon((day, clock)) == (day + timedelta(hours=12), clock)


def test_poor_values_are_left_out_and_said():
    one = station(np.arange(5) * DAY, [0, 1, 50, 3, 4], sigma=np.array([1, 1, 90, 1, 1.0]))
    found = without_poor(one, 10)
    np.testing.assert_array_equal(found.displacement, [0, 1, 3, 4])
    assert "1 value with a sigma of more than 10 times" in found.notes[0]
    assert without_poor(station([0, DAY], [0, 1]), 10).notes == ()


def test_a_base_is_taken_off():
    times = tuple(datetime(2017, 1, 1, tzinfo=UTC) + timedelta(days=k) for k in range(6))
    ramp, zero = np.arange(6.0), np.zeros(6)
    errors = {"sigma_east": np.full(6, 3.0), "sigma_north": np.full(6, 3.0)}
    one = Station("one", "gnss", times, east=5 * ramp, north=zero, **errors)
    base = Station("base", "gnss", times[1:], east=2 * ramp[1:], north=zero[1:], sigma_east=np.full(5, 4.0))
    found = minus_base(one, base, 3)
    np.testing.assert_allclose(found.east, 3 * ramp[1:])
    np.testing.assert_allclose(found.sigma_east, 5.0)
    late = Station("late", "gnss", tuple(t + timedelta(days=99) for t in times), east=zero, north=zero)
    with pytest.raises(InputError, match="no time in common"):
        minus_base(one, late, 3)
