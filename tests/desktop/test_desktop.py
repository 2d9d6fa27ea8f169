"""The real desktop: the panel driven by clicks in a window, from the sample to a finished map."""

from __future__ import annotations

import pytest

from tests.desktop import picture


@pytest.mark.slow
@pytest.mark.skipif(bool(picture.missing_programs()), reason="needs the packages qgis and xvfb")
def test_sample_is_measured_by_clicks_in_the_real_qgis(tmp_path):
    target = tmp_path / "panel.png"
    done = picture.take(target, tmp_path, method="correlation")
    assert done.returncode == 0, done.stderr[-2000:]
    assert target.stat().st_size > 50_000


@pytest.mark.slow
@pytest.mark.skipif(bool(picture.missing_programs()), reason="needs the packages qgis and xvfb")
def test_a_series_is_made_plotted_and_compared_by_clicks_in_the_real_qgis(tmp_path):
    target, stations = tmp_path / "series.png", tmp_path / "stations.png"
    done = picture.take_series(target, stations, tmp_path, method="correlation")
    assert done.returncode == 0, done.stderr[-2000:]
    assert target.stat().st_size > 50_000 and stations.stat().st_size > 50_000
