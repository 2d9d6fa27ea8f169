"""The Slumgullion case: the published field on a grid, the seasons, and the command's small variant."""

from __future__ import annotations

import numpy as np
import pytest

from cases import slumgullion, slumgullion_field, slumgullion_scene


def test_the_published_field_at_the_extensometers(shared_data, monkeypatch):
    """3.43, 9.91 and 3.46 mm/day are the published speeds at their places."""
    monkeypatch.setenv("DEEPOT_SHARED", str(shared_data.parent))
    field = slumgullion_field.published(6.0)
    speeds = {name: 1000 * float(np.hypot(*field.at(x, y))) for name, x, y in field.stations}
    assert speeds["upper"] == pytest.approx(3.43, abs=0.15)
    assert speeds["middle"] == pytest.approx(9.91, abs=0.6)
    assert speeds["lower"] == pytest.approx(3.46, abs=0.15)
    assert set(np.unique(field.elements)) == set(range(13))
    assert (field.velocity[:, field.elements == 0][:, ::7] == 0).mean() > 0.97


def test_the_seasons_leave_the_mean_rate_and_swing_by_their_share():
    year = 365.25
    assert slumgullion_scene.travelled(2 * year) == pytest.approx(2 * year, abs=0.01)
    days = np.linspace(0, year, 2000)
    speed = np.gradient(slumgullion_scene.travelled(days), days)
    assert speed.max() == pytest.approx(1 + slumgullion_scene.SWING, abs=0.01)
    assert speed.min() == pytest.approx(1 - slumgullion_scene.SWING, abs=0.01)
    fastest = slumgullion_scene.FIRST.timetuple().tm_yday + days[speed.argmax()]
    assert fastest % year == pytest.approx(slumgullion_scene.FASTEST_DAY_OF_YEAR, abs=2)


def test_the_quick_variant_compares_and_writes_its_page(tmp_path, monkeypatch):
    monkeypatch.setattr(slumgullion.measuring, "methods", lambda: ("correlation",))
    numbers = slumgullion.run(True, tmp_path / "work", tmp_path / "docs")["correlation"]
    assert set(numbers["stations"]) == {"all", "upper", "middle", "lower"}
    assert numbers["stations"]["middle"]["n"] == 4
    assert numbers["body"]["slope"] > 0.3
    assert numbers["stable"]["rmse"] < 0.8
    page = (tmp_path / "docs" / "case-slumgullion.md").read_text(encoding="utf-8")
    assert "constant mean rate from Hu et al. 2020" in " ".join(page.split())
    assert "embedded truth" in page
    for name in ("case_slumgullion.png", "case_slumgullion_series.png"):
        assert (tmp_path / "docs" / "images" / name).is_file()
