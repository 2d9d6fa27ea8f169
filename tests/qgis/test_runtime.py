"""ONNX Runtime installed from the panel, cancelled, removed; what goes wrong is said, with the command to copy."""

from __future__ import annotations

import os

import pytest
from qgis.core import Qgis, QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QApplication

from deepot_qgis.engine import installation
from deepot_qgis.engine.errors import RuntimeMissingError
from deepot_qgis.engine.installation import choice, place
from deepot_qgis.gui import task as tasks
from deepot_qgis.gui.runtime.dialog import RuntimeDialog
from deepot_qgis.gui.runtime.proxy import proxy_of_qgis
from tests.engine import local_index

LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 20_000
WANTED = installation.Wanted("onnxruntime", "1.31.1", room=1_000_000)


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("PIP_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.setenv(place.VARIABLE, str(tmp_path / "runtime"))
    monkeypatch.setattr(choice, "choose", lambda machine: WANTED)


@pytest.fixture
def index(monkeypatch):
    with local_index.serving() as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        yield index


@pytest.fixture
def dialog(qtbot):
    dialog = RuntimeDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.look()
    qtbot.waitUntil(lambda: not dialog._looker.busy(), timeout=WAIT_MS)
    yield dialog
    dialog.shut_down()
    qtbot.waitUntil(lambda: dialog.runner.settled() and dialog._looker.settled(), timeout=WAIT_MS)


def click(qtbot, dialog, button) -> None:
    with qtbot.waitSignal(dialog.runner.idle, timeout=WAIT_MS):
        qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: not dialog._looker.busy(), timeout=WAIT_MS)


def test_installed_with_a_live_log_and_removed_again(dialog, qtbot, index):
    index.offer("onnxruntime", local_index.runtime())
    assert not dialog.remove_button.isEnabled()
    changed = []
    dialog.changed.connect(lambda: changed.append(1))
    click(qtbot, dialog, dialog.install_button)
    assert dialog.notice.level == Qgis.MessageLevel.Success and "1.31.1 is installed" in dialog.notice.text()
    assert "Successfully installed onnxruntime" in dialog.log.toPlainText()
    assert place.current() is not None and dialog.install_button.text() == "Reinstall"
    click(qtbot, dialog, dialog.remove_button)
    assert place.current() is None and not place.root().exists() and len(changed) == 2
    assert dialog.install_button.text() == "Install" and not dialog.remove_button.isEnabled()


def test_a_failure_is_a_sentence_and_a_command_to_copy(dialog, qtbot, index):
    index.refusal = 404
    click(qtbot, dialog, dialog.install_button)
    assert (
        dialog.notice.level == Qgis.MessageLevel.Critical and "has none of onnxruntime==1.31.1" in dialog.notice.text()
    )
    qtbot.mouseClick(dialog.notice.button(), LEFT)
    command = QApplication.clipboard().text()
    assert "-m pip install --no-deps --target" in command and command in dialog.log.toPlainText()


def test_cancelled(dialog, qtbot, index):
    index.offer("onnxruntime", local_index.runtime(extra=bytes(3_000_000)))
    index.stalls = True
    qtbot.mouseClick(dialog.install_button, LEFT)
    qtbot.waitUntil(index.half.is_set, timeout=WAIT_MS)
    assert not dialog.install_button.isEnabled() and dialog.progress.isVisible()
    click(qtbot, dialog, dialog.cancel_button)
    assert dialog.notice.text() == "Cancelled. Nothing was installed."
    qtbot.waitUntil(dialog.runner.settled, timeout=WAIT_MS)
    assert index.hung_up.wait(20) and not place.root().exists()


def test_one_click_in_the_panel_installs(make_panel, qtbot, index):
    index.offer("onnxruntime", local_index.runtime())
    missing = RuntimeMissingError("The package onnxruntime is not installed in this Python.")

    def onnxruntime():
        raise missing

    with pytest.MonkeyPatch.context() as until_clicked:  # its own: the environment of the index stays
        until_clicked.setattr(tasks.runtime, "onnxruntime", onnxruntime)
        panel = make_panel(method=None)
        button = panel.pair.method.install
        qtbot.waitUntil(button.isVisible, timeout=WAIT_MS)
        assert "not installed" in panel.pair.method.hint.text()
        qtbot.mouseClick(button, LEFT)
        dialog = panel.findChild(RuntimeDialog)
        assert dialog.isVisible() and dialog.runner.busy()
    qtbot.waitUntil(lambda: not dialog.runner.busy(), timeout=WAIT_MS)
    assert place.current() is not None
    qtbot.waitUntil(lambda: not button.isVisible(), timeout=WAIT_MS)


def test_the_conventional_method_offers_nothing_to_install(make_panel, qtbot, monkeypatch):
    monkeypatch.setattr(tasks.InventoryTask, "work", lambda self: tasks.Inventory({}, {}, "It is missing."))
    panel = make_panel(method=None)
    qtbot.waitUntil(panel.pair.method.install.isVisible, timeout=WAIT_MS)
    assert "It is missing." in panel.pair.method.hint.text()
    panel.pair.method.method.setCurrentIndex(1)
    assert not panel.pair.method.install.isVisible()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ""),
        ({"proxyEnabled": False, "proxyType": "HttpProxy", "proxyHost": "here"}, ""),
        ({"proxyEnabled": True, "proxyType": "DefaultProxy", "proxyHost": ""}, ""),
        (
            {"proxyEnabled": True, "proxyType": "HttpProxy", "proxyHost": "here", "proxyPort": "8080"},
            "http://here:8080",
        ),
        (
            {
                "proxyEnabled": True,
                "proxyType": "HttpProxy",
                "proxyHost": "h",
                "proxyUser": "a@b",
                "proxyPassword": "p:/",
            },
            "http://a%40b:p%3A%2F@h",
        ),
    ],
)
def test_the_proxy_of_qgis(qgis_app, settings, expected):
    QgsSettings().remove("proxy")
    for key, value in settings.items():
        QgsSettings().setValue(f"proxy/{key}", value)
    try:
        assert proxy_of_qgis() == expected
    finally:
        QgsSettings().remove("proxy")
