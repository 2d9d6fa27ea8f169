"""Files stay short enough to be read at once: one that grows past the limit is two rooms."""

import subprocess

import pytest

from scripts.staging import REPOSITORY

LIMIT, LIMIT_OF_TESTS = 400, 450
#: Longer ones, and why they are one all the same.
REASONS = {
    "tests/hostile/rasters.py": "a list of damaged rasters, one function after the other that nothing joins",
    "training/networks.py": "the layers of the networks, read beside each other",
}


def lengths() -> dict[str, int]:
    names = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    present = [name for name in names if (REPOSITORY / name).is_file()]
    return {name: len((REPOSITORY / name).read_text(encoding="utf-8").splitlines()) for name in present}


@pytest.fixture(scope="module")
def found():
    if not (REPOSITORY / ".git").exists():
        pytest.skip("this is no checkout")
    return lengths()


def test_no_file_is_too_long(found):
    long = {
        name: count
        for name, count in found.items()
        if count > (LIMIT_OF_TESTS if name.startswith("tests/") else LIMIT) and name not in REASONS
    }
    assert not long, f"too long: cut them in two, or give the reason in {__file__}"


def test_no_reason_outlives_its_file(found):
    assert not set(REASONS) - set(found)


def test_all_files_are_looked_at(found):
    assert found["deepot_qgis/engine/pair.py"] > 100 and len(found) > 500
