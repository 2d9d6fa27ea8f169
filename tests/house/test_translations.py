"""Every text a user sees can be translated, and refreshing a language loses nothing."""

from __future__ import annotations

import re
import shutil

import pytest

from scripts import staging, translations


def test_every_text_is_written_where_it_is_translated():
    wrong = [f"{call.path}:{call.line}" for call in translations.calls() if call.text is None]
    assert not wrong, "tr() needs a literal text, not a variable or an f-string:\n" + "\n".join(wrong)


def test_translations_keep_the_placeholders():
    wrong = [
        (path.name, source)
        for path in translations.FOLDER.glob("*.ts")
        for (_, source), text in translations.translated(path).items()
        if sorted(re.findall(r"{[^}]*}", source)) != sorted(re.findall(r"{[^}]*}", text))
    ]
    assert not wrong


def test_refresh_keeps_what_is_translated_and_drops_what_is_gone(tmp_path):
    path = tmp_path / "deepot_de.ts"
    assert translations.refresh(path, {("Dock", "Run")}) == 1
    by_hand = path.read_text().replace('<translation type="unfinished" />', "<translation>Los &amp; weg</translation>")
    path.write_text(by_hand)
    assert translations.refresh(path, {("Dock", "Run"), ("DeepOT", "Run")}) == 1
    assert translations.translated(path) == {("Dock", "Run"): "Los & weg"}
    assert translations.refresh(path, {("DeepOT", "Run")}) == 1
    assert "Los" not in path.read_text()


def test_texts_are_found_with_their_context(tmp_path):
    source = """
class Dock:
    def f(self):
        self.tr("one" " text")
        tr("two")
        QCoreApplication.translate("Menu", "three")
        tr(variable)
"""
    (tmp_path / "gui").mkdir()
    (tmp_path / "gui" / "dock.py").write_text(source)
    found = [(call.context, call.text) for call in translations.calls(tmp_path)]
    assert found == [("Dock", "one text"), ("DeepOT", "two"), ("Menu", "three"), ("DeepOT", None)]


@pytest.mark.skipif(shutil.which("lrelease") is None, reason="lrelease is not installed")
def test_languages_compile(tmp_path):
    compiled = staging.compile_translations(tmp_path)
    assert {path.stem for path in compiled} == {path.stem for path in translations.FOLDER.glob("*.ts")}
