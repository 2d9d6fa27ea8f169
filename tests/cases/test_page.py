"""Tables, pages, scores and the missing imagery."""

from __future__ import annotations

import numpy as np
import pytest

from cases import command, imagery, page, scores, speeds
from deepot_qgis.engine.errors import InputError


def test_tables_go_between_the_marks_and_nothing_else_changes(tmp_path):
    path = tmp_path / "data.md"
    path.write_text(f"# Before\n\n{speeds._BEGIN}\nold\n{speeds._END}\n\nafter\n", encoding="utf-8")
    speeds.insert(path, ["new words", page.table(("a", "b"), [("1", "2")])])
    text = path.read_text(encoding="utf-8")
    assert "old" not in text
    assert text.startswith("# Before") and text.endswith("after\n")
    assert "| a | b |\n| --- | ---: |\n| 1 | 2 |" in text
    speeds.insert(path, ["again"])
    assert "again" in path.read_text(encoding="utf-8")
    path.write_text("no marks", encoding="utf-8")
    with pytest.raises(InputError, match="marks"):
        speeds.insert(path, ["x"])


def test_the_page_of_the_repository_has_the_marks(repository):
    text = (repository / "docs" / "data.md").read_text(encoding="utf-8")
    assert text.count(speeds._BEGIN) == 1
    assert text.count(speeds._END) == 1


def test_speed_is_pixels_times_spacing_over_the_interval():
    product = speeds.Product("x", 10.0, 12)
    assert speeds._speed(0.12, product) == "100 mm/day"
    assert speeds._speed(6.0, product) == "5 m/day"
    assert speeds._speed(None, product) == "-"


def test_scores_by_hand():
    found = scores.score(np.array([1.1, 2.1, np.nan, 2.9]), np.array([1.0, 2.0, 5.0, 3.0]))
    assert found.count == 3
    assert found.bias == pytest.approx(0.1 / 3)
    assert found.rmse == pytest.approx(0.1)
    assert found.r2 == pytest.approx(1 - 0.03 / 2)
    assert found.slope == pytest.approx((1.1 + 4.2 + 8.7) / 14)
    assert scores.score(np.array([np.nan]), np.array([1.0])).count == 0


def test_without_shared_imagery_the_case_says_what_it_needs(tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPOT_SHARED", str(tmp_path))
    assert imagery.scene("mountain_layover", slice(0, 10), slice(0, 10)) is None
    words = imagery.needs("train/x.jpg")
    assert "DEEPOT_SHARED" in words
    assert "analytic" in words


def test_the_sample_continues_to_any_size():
    ground = imagery.sample_ground((300, 700))
    assert ground.intensity.shape == ground.water.shape == (300, 700)
    assert (ground.intensity > 0).all()
    # it turns back at its edge: no seam
    np.testing.assert_allclose(ground.intensity[:, 250:255], ground.intensity[:, 256:261][:, ::-1], rtol=1e-4)


def test_only_the_real_thing_is_published(tmp_path):
    assert command.target(None, tmp_path, publish=False) == tmp_path
    assert command.target(None, tmp_path, publish=True) == page.DOCS
    assert command.target(tmp_path / "x", tmp_path, publish=True) == tmp_path / "x"
