"""The plugin speaks the language of QGIS, whichever country it is set for."""

from __future__ import annotations

import shutil

import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.gui import plugin as plugin_module
from deepot_qgis.processing.feedback import progress_text
from scripts import staging

pytestmark = pytest.mark.skipif(not any(map(shutil.which, staging.LRELEASE)), reason="lrelease is not installed")


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("i18n")
    staging.compile_translations(folder)
    return folder


@pytest.fixture
def speak(compiled, monkeypatch):
    """Start the plugin under a locale."""
    monkeypatch.setattr(plugin_module, "folder", lambda name: compiled)
    before = QgsSettings().value("locale/userLocale")
    started = []

    def start(locale: str):
        QgsSettings().setValue("locale/userLocale", locale)
        started.append(plugin_module.DeepotPlugin(None))
        return QCoreApplication.translate("DeepOT", "Displacement")

    yield start
    for plugin in started:
        plugin.unload()
    QgsSettings().setValue("locale/userLocale", before) if before else QgsSettings().remove("locale/userLocale")


@pytest.mark.parametrize(
    "locale, word",
    [
        ("de", "Verschiebung"),
        ("de_AT", "Verschiebung"),
        ("es_AR", "Desplazamiento"),
        ("es", "Desplazamiento"),
        ("it_CH", "Spostamento"),
        ("fr_CA", "Déplacement"),
        ("pt_BR", "Deslocamento"),
        ("pt_PT", "Deslocamento"),
        ("zh-Hans", "位移"),
        ("zh_CN", "位移"),
        ("ja_JP", "変位"),
        ("ko", "변위"),
        ("en_US", "Displacement"),
        ("kok_IN", "Displacement"),  # Konkani, not Korean
        ("nb_NO", "Displacement"),
    ],
)
def test_locales_find_their_language(speak, locale, word):
    assert speak(locale) == word


def test_english_comes_back_when_the_plugin_goes(compiled, monkeypatch):
    monkeypatch.setattr(plugin_module, "folder", lambda name: compiled)
    QgsSettings().setValue("locale/userLocale", "es_AR")
    try:
        plugin = plugin_module.DeepotPlugin(None)
        plugin.unload()
    finally:
        QgsSettings().remove("locale/userLocale")
    assert QCoreApplication.translate("DeepOT", "Displacement") == "Displacement"


def test_progress_is_told_in_the_users_language(speak):
    speak("es_AR")
    assert progress_text("Measuring offsets") == "Midiendo offsets"
    assert progress_text("Pair 2 of 7, a_b") == "Par 2 de 7, a_b"
    assert progress_text("something nobody knows") == "something nobody knows"
