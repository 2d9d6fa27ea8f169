"""One click copies what somebody who helps needs to know, and nothing that is nobody's business."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import numpy
import pytest
from qgis.core import Qgis, QgsMessageLog, QgsSettings
from qgis.PyQt.QtWidgets import QApplication

from deepot_qgis.gui.log import TAG, LogKeeper, log

WAIT_MS = 20_000
PACKAGE = Path(__file__).resolve().parents[2] / "deepot_qgis"


def test_copied_from_the_menu(panel, qtbot):
    qtbot.waitUntil(lambda: panel._inventory is not None, timeout=WAIT_MS)
    QgsSettings().setValue("deepot/panel/own_token", "abc123")
    log("Something went wrong in " + os.path.expanduser("~/data"), Qgis.MessageLevel.Warning)
    panel.tools.diagnostics.trigger()
    text = QApplication.clipboard().text()
    for words in ("### DeepOT diagnostics", f"| QGIS | {Qgis.QGIS_VERSION} |", f"| numpy | {numpy.__version__} |",
                  "| GDAL | ", "| ONNX Runtime | ", "| Providers | ", "- cpu: ", "deepot", "panel/method"):  # fmt: skip
        assert words in text, words
    assert "Something went wrong in ~/data" in text.split("#### Last error")[1].split("#### Last log")[0]
    assert "abc123" not in text and "(hidden)" in text
    assert os.path.expanduser("~") + "/" not in text
    assert panel.run_bar.notice.level == Qgis.MessageLevel.Success


def test_what_a_task_meets_is_in_the_log(panel, qtbot, choose, moving_pair, bad_rasters, run_to_end):
    choose(panel, moving_pair[0], bad_rasters["far"])
    run_to_end(panel)
    assert "do not overlap" in panel._log.last_error()
    done = "DeepOT: models and devices: done after"
    qtbot.waitUntil(lambda: any(done in line for line in panel._log.lines()), timeout=WAIT_MS)


def test_only_our_own_lines_are_kept(qgis_app):
    keeper = LogKeeper()
    QgsMessageLog.logMessage("of others", "Plugins", Qgis.MessageLevel.Critical, False)
    assert not keeper.lines() and keeper.last_error() == ""
    for number in range(500):
        log(f"line {number}")
    assert len(keeper.lines()) == 200 and keeper.lines()[-1].endswith("line 499") and keeper.last_error() == ""
    keeper.shut_down()
    log("not heard")
    assert keeper.lines()[-1].endswith("line 499")


def test_nothing_of_the_panel_reaches_standard_output(panel, qtbot, capfd):
    qtbot.waitUntil(lambda: panel._inventory is not None, timeout=WAIT_MS)
    panel.tools.diagnostics.trigger()
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("storey", ["gui", "processing", "engine"])
def test_one_tag_and_no_other_way_to_log(storey):
    """QGIS's log panel is reached through gui/log.py alone; nobody writes to the standard streams."""
    wrong = []
    for path in sorted((PACKAGE / storey).rglob("*.py")):
        if path.parent.name == "cli" or path.name in ("log.py", "__main__.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            streams = name in ("sys.stdout", "sys.stderr") and path.name != "worker.py"
            if streams or name.endswith(".logMessage") or "logging" in modules:
                wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert not wrong, "\n".join(wrong)
    assert TAG == "DeepOT"
