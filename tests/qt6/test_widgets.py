"""The whole panel, its tables, plots and dialogs, built and clicked under PyQt6 in a process of its own.

No build of QGIS with Qt 6 can be installed next to the one that runs the tests; `make test-qt` fetches PyQt6 into
.venv-qt6, and tests/qt6/shim.py stands in for QGIS.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

# Every case of child.py with the fewest controls it must have worked.
CASES = {
    "panel": 60,
    "measured": 1,
    "notice": 1,
    "tables": 3,
    "network": 3,
    "export": 0,
    "plots": 3,
    "wizard": 5,
    "plugin": 1,
}


@pytest.fixture(scope="module")
def report(repository, tmp_path_factory) -> dict:
    """What the child says, by case."""
    python = Path(os.environ.get("DEEPOT_QT6_PYTHON", repository / ".venv-qt6" / "bin" / "python"))
    if not python.exists():
        pytest.skip("needs PyQt6 in .venv-qt6, which make test-qt installs")
    folder = tmp_path_factory.mktemp("qt6")
    # Without the variables of a QGIS that the matrix may have put in front: its Qt is another one.
    kept = {name: text for name, text in os.environ.items() if name not in ("PYTHONPATH", "LD_LIBRARY_PATH")}
    done = subprocess.run(
        [str(python), "-m", "tests.qt6.child", str(folder)],
        cwd=repository,
        env={**kept, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads((folder / "report.json").read_text(encoding="utf-8"))


def test_it_is_qt_6(report):
    assert report["qt"].startswith("6.")


@pytest.mark.parametrize("case", CASES)
def test_widgets_work_under_qt_6(report, case):
    assert report[case]["errors"] == []
    assert report[case]["touched"] >= CASES[case]
