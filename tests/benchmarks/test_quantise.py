"""What is said of cheaper arithmetic."""

from __future__ import annotations

import pytest

from benchmarks import quantise


def row(ms: float, rmse_px: float) -> dict[str, float]:
    return {"ms": ms, "median_px": 0.03, "rmse_px": rmse_px, "apart_px": 0.001, "apart_95_px": 0.005}


@pytest.mark.parametrize(
    ("ms", "rmse_px", "said"),
    [
        (950, 0.1, "Eight bits save 5 % of the time"),
        (500, 0.1, "Eight bits are worth"),
        (500, 0.2, "Eight bits save no time"),
        (1200, 0.1, "Eight bits save no time"),
    ],
)
def test_eight_bits_are_judged_by_time_and_accuracy(ms, rmse_px, said):
    rows = {"as shipped": row(1000, 0.1), "int8, some": row(ms, rmse_px), "int8, all": {"failed": "does not run"}}
    told = quantise.tell(rows, 2.6, 6)
    assert said in told["words"][0]
    assert told["tables"][0]["rows"][2][:2] == ["int8, all", "does not run"]
