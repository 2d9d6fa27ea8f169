"""The harness sees what it is there to see."""

from __future__ import annotations

import pytest

from . import case as cases_module
from . import harness
from .case import REFUSED, Case


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    path = folder / "odd.tif"
    path.write_text("x")

    def case(how: str) -> Case:
        return Case(how, "raster", "misbehave", str(path), more={"how": how})

    found = harness.run([case(how) for how in ("hang", "sleep")], folder, cpu_s=0.5, wall_s=2)
    cases = [case(how) for how in ("raise", "mumble", "write", "call", "die", "eat", "fine")]
    cases.append(Case("must", "raster", "misbehave", str(path), REFUSED, {"how": "fine"}))
    return found | harness.run(cases, folder)


@pytest.mark.parametrize(
    "how, words",
    [("raise", "raised: KeyError"), ("mumble", "no sentence"), ("write", "touched outside the output: odd.tif.aux"),
     ("call", "a connection to"), ("die", "died"), ("eat", "MB of memory"), ("hang", "hung"), ("sleep", "hung"),
     ("must", "had to be refused")],
)  # fmt: skip
def test_what_is_wrong_is_seen(outcomes, how, words, monkeypatch):
    monkeypatch.setattr(cases_module, "MOST_MB", 500)  # a fresh page of memory is dear on some machines
    assert any(words in complaint for complaint in outcomes[how].complaints()), outcomes[how]


def test_what_is_right_is_not(outcomes):
    assert outcomes["fine"].complaints() == []
