"""The command of the earthquake, small: it runs without shared data and writes what it promises."""

from __future__ import annotations

from cases import earthquake


def test_the_quick_variant_writes_page_pictures_and_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(earthquake.measuring, "methods", lambda: ("correlation",))
    numbers = earthquake.run(True, tmp_path / "work", tmp_path / "docs")
    row = numbers["correlation"]
    assert row["answered"] > 0.8
    assert row["away"]["rmse"] < 0.5  # m; a tenth of a pixel of 5 m
    page = (tmp_path / "docs" / "case-earthquake.md").read_text(encoding="utf-8")
    assert "Simulated" in page
    assert "Okada" in page
    for name in ("case_earthquake.png", "case_earthquake_slip.png"):
        assert f"images/{name}" in page
        assert 5_000 < (tmp_path / "docs" / "images" / name).stat().st_size < 600_000
