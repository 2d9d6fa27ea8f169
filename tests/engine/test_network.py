import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine import network
from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.network import NetworkOptions, components, pairs, split_sentence
from deepot_qgis.engine.timeseries.plots import network_figure

from .histories import dates

DAYS = [0, 12, 24, 36, 84, 96]


def test_sequential_pairs_each_date_with_the_next_ones():
    assert pairs(dates(DAYS), NetworkOptions(neighbours=1)) == ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5))
    assert len(pairs(dates(range(30)), NetworkOptions())) == 29 + 28 + 27


def test_all_and_limits():
    assert len(pairs(dates(DAYS), NetworkOptions("all"))) == 15
    by_interval = pairs(dates(DAYS), NetworkOptions("interval", min_days=20, max_days=40))
    assert by_interval == ((0, 2), (0, 3), (1, 3))
    assert pairs(dates(DAYS), NetworkOptions(neighbours=1, max_days=20)) == ((0, 1), (1, 2), (2, 3), (4, 5))


def test_expected_coherence_connects_what_falls_apart():
    options = NetworkOptions("coherence", decorrelation_days=20, min_coherence=0.25)  # up to 27.7 days
    found = pairs(dates(DAYS), options)
    assert (0, 2) in found and (0, 3) not in found
    assert (3, 4) in found  # 48 days: the only way to connect the two parts
    assert (2, 4) not in found
    assert len(components(6, found)) == 1


@settings(max_examples=60, deadline=None)
@given(
    gaps=st.lists(st.floats(1, 400), min_size=1, max_size=12),
    tau=st.floats(1, 300),
    least=st.floats(0, 1),
    kind=st.sampled_from(network.KINDS),
)
def test_every_network_is_ordered_and_coherence_always_connects(gaps, tau, least, kind):
    moments = dates(np.concatenate([[0], np.cumsum(gaps)]))
    options = NetworkOptions(kind, max_days=1e5, decorrelation_days=tau, min_coherence=least)
    found = pairs(moments, options)
    assert all(0 <= first < second < len(moments) for first, second in found)
    assert len(set(found)) == len(found) and list(found) == sorted(found)
    if kind != "interval":
        assert len(components(len(moments), found)) == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_components_are_what_links_reach(count, seed):
    rng = np.random.default_rng(seed)
    links = [(a, b) for b in range(count) for a in range(b) if rng.random() < 0.15]
    reach = np.eye(count, dtype=bool)
    for a, b in links:
        reach[a, b] = reach[b, a] = True
    for _ in range(count):
        reach = reach @ reach
    groups = components(count, links)
    assert sorted(node for group in groups for node in group) == list(range(count))
    assert groups[0][0] == 0
    for group in groups:
        assert list(np.flatnonzero(reach[group[0]])) == list(group)


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ([], "no dates"),
        ([0], "one date"),
        ([0, 12, 12], "2020-01-13 is there twice"),
        ([0, 24, 12], "not in order .2020-01-25 before 2020-01-13."),
    ],
)
def test_dates_that_make_no_network(days, sentence):
    with pytest.raises(InputError, match=sentence):
        pairs(dates(days), NetworkOptions())


def test_a_network_without_pairs_says_which_it_was():
    with pytest.raises(InputError, match="No two of the 6 dates.*at most 5 days"):
        pairs(dates(DAYS), NetworkOptions("interval", max_days=5))


def test_a_gap_is_put_into_words():
    found = pairs(dates(DAYS), NetworkOptions(max_days=20))
    words = split_sentence(dates(DAYS), found)
    assert "2 parts" in words and "2020-01-01 to 2020-02-06 (4 dates); 2020-03-25 to 2020-04-06 (2 dates)" in words
    assert split_sentence(dates(DAYS), pairs(dates(DAYS), NetworkOptions())) is None


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "random"}, {"neighbours": 0}, {"min_days": -1}, {"min_days": 20, "max_days": 10}, {"kind": "interval"},
     {"decorrelation_days": 0}, {"min_coherence": 1.5}],
)  # fmt: skip
def test_options_that_cannot_be(wrong):
    with pytest.raises(OptionsError):
        NetworkOptions(**wrong)


def test_the_picture_shows_every_pair_and_the_dropped_ones(tmp_path):
    pytest.importorskip("matplotlib")
    found = pairs(dates(DAYS), NetworkOptions(max_days=50))
    figure = network_figure(dates(DAYS), found, dropped=found[:2])
    axes = figure.axes[0]
    arcs = [line for line in axes.lines if len(line.get_xdata()) == 41]
    assert len(arcs) == len(found)
    assert sum(line.get_linestyle() != "-" for line in arcs) == 2
    assert max(line.get_ydata().max() for line in arcs) == pytest.approx(48)
    assert "2 left out" in axes.get_title(loc="left")
    figure.savefig(tmp_path / "network.svg")
    assert (tmp_path / "network.svg").stat().st_size > 1000
