"""Counts of what was made up."""

from __future__ import annotations

from benchmarks import fuzz
from tests.hostile.case import Case, Outcome

SAID = """
tests/hostile/test_parsers.py::test_dates:

  - during reuse phase (0.01 seconds):
    - 2 passing, 1 failing, and 0 invalid test cases

  - during generate phase (0.91 seconds):
    - 100 passing, 0 failing, and 3 invalid test cases

  - Stopped because settings.max_examples=100

tests/hostile/test_parsers.py::test_contracts:

  - during generate phase (4.06 seconds):
    - 60 passing, 0 failing, and 10 invalid test cases
"""


def outcome(how: str, **more) -> Outcome:
    case = Case("a", "raster", "open", "folder/a.tif")
    return Outcome(case, how, "a.tif is damaged; copy it again.", peak_mb=150.4, cpu_s=0.26, **more)


def test_examples_of_all_phases_are_added_up():
    assert fuzz.examples(SAID) == {"test_dates": (102, 1), "test_contracts": (60, 0)}


def test_a_crash_and_a_touched_file_are_counted_and_complained_of():
    found = fuzz.Corpus("raster", (outcome("refused"), outcome("taken"), outcome("died", wrote=("x",))), 2)
    assert found.row() == ["raster", 3, 1, 1, 1, 1, 2, "0.3", "150"]
    assert len(found.wrong()) == 3
    told = fuzz.tell([found], fuzz.examples(SAID), 200.0, 12.0, 1)
    assert told["words"][0].startswith("3 damaged and odd files, 1 of which")
    assert told["tables"][1]["rows"][0] == ["dates", "102", "1"]
