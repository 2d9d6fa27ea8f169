"""Names of tools take as many lines as they need, in languages with and without spaces."""

from __future__ import annotations

import pytest

from deepot_qgis.gui.toolbox.tab import in_lines


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Displacement (DeepOT)", ["Displacement (DeepOT)"]),
        ("Compare with extensometers and GNSS records", ["Compare with extensometers and", "GNSS records"]),
        ("変位時系列", ["変位時系列"]),
        ("時系列をエクスポート（MintPy、ポイント、NetCDF）", ["時系列をエクスポート（MintPy、", "ポイント、NetCDF）"]),
        ("变位" * 10, ["变位" * 10]),  # nowhere to break
    ],
)
def test_a_long_name_is_broken_where_its_language_allows_it(name, lines):
    assert in_lines(name).split("\n") == lines
