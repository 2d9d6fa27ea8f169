"""Progress in a terminal."""

from __future__ import annotations

import pytest

from deepot_qgis.engine.cli import bar


@pytest.mark.parametrize(
    ("share", "passed_s", "words"),
    [
        (0.5, 5, ""),
        (0.01, 60, ""),
        (1, 60, ""),
        (0.5, 20, ", about 20 s left"),
        (0.1, 60, ", about 9 min left"),
        (0.1, 3600, ", about 9.0 h left"),
    ],
)
def test_the_time_left_is_told_when_it_can_be(share, passed_s, words):
    assert bar.left(share, passed_s) == words


def test_only_a_terminal_sees_percents(capsys, monkeypatch):
    show = bar.Bar()
    show(0.5, "Measuring")
    show(0.5, "The network runs on the CPU.")
    assert capsys.readouterr().err.strip() == "The network runs on the CPU."
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    show(0.5, "Measuring")
    assert "50 % Measuring" in capsys.readouterr().err
