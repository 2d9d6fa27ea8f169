"""Every hostile input is refused with a sentence or read as what it is: no crash, no hang, no network, nothing touched.

All of them run; with ``-m "not slow"`` a sample of each kind.
"""

from __future__ import annotations

import zlib
from collections import Counter
from pathlib import Path

import pytest

from . import arrays, geometry, harness, models, rasters, records, refinements, tables
from .case import REFUSED, TAKEN, Case

#: How many cases of a kind the sample has: those that show each way to break something, and of the rest a share.
KINDS = {
    "raster": (rasters, 200),
    "model": (models, 385),
    "array": (arrays, 90),
    "table": (tables, 200),
    "record": (records, 90),
    "refinement": (refinements, 60),
    "geometry": (geometry, 60),
}


def sample(cases: list[Case], count: int) -> list[Case]:
    """As many of the cases, the same ones always, spread over all groups of them."""
    if len(cases) <= count:
        return cases
    order = sorted(cases, key=lambda case: zlib.crc32(case.name.encode("utf-8", "replace")))
    groups: dict[str, list[Case]] = {}
    for case in order:
        groups.setdefault(case.entry + case.path.rpartition("/")[0], []).append(case)
    chosen: list[Case] = []
    while len(chosen) < count:
        chosen += [group.pop() for group in groups.values() if group][: count - len(chosen)]
    names = {case.name for case in chosen}
    return [case for case in cases if case.name in names]


def run(kind: str, count: int | None, folder: Path) -> None:
    """Run cases of a kind and complain of those that are not as they should be."""
    with harness.listening() as (server, calls):
        cases = list(KINDS[kind][0].cases(folder, server))
        assert len({case.name for case in cases}) == len(cases)
        chosen = cases if count is None else sample(cases, count)
        found = harness.run(chosen, folder)
        calls = list(calls)
    complaints = [f"{name}: {what}" for name, outcome in found.items() for what in outcome.complaints()]
    assert len(found) == len(chosen)
    assert not complaints, "\n".join(complaints)
    assert not calls, f"somebody was called: {calls}"
    hows = Counter(outcome.how for outcome in found.values())
    assert hows[REFUSED] > 10 and hows[TAKEN] > 2
    peak, longest = (max(getattr(outcome, name) for outcome in found.values()) for name in ("peak_mb", "cpu_s"))
    print(f"{kind}: {len(found)} of {len(cases)}, {dict(hows)}, at most {peak:.0f} MB and {longest:.1f} s")


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_of_the_corpus(kind, tmp_path):
    run(kind, KINDS[kind][1], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_corpus(kind, tmp_path):
    run(kind, None, tmp_path)
