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
        for source, text in translations.translated(path).items()
        if sorted(re.findall(r"{[^}]*}", source)) != sorted(re.findall(r"{[^}]*}", text))
    ]
    assert not wrong


def test_refresh_keeps_what_is_translated_and_drops_what_is_gone(tmp_path):
    path = tmp_path / "deepot_de.ts"
    assert translations.refresh(path, ["Run", "Old"]) == 2
    by_hand = path.read_text().replace('<translation type="unfinished" />', "<translation>Los &amp; weg</translation>")
    path.write_text(by_hand)
    assert translations.refresh(path, ["Run", "Stop"]) == 1
    assert translations.translated(path) == {"Run": "Los & weg"}
    assert "Old" not in path.read_text()


@pytest.mark.skipif(shutil.which("lrelease") is None, reason="lrelease is not installed")
def test_languages_compile(tmp_path):
    compiled = staging.compile_translations(tmp_path)
    assert {path.stem for path in compiled} == {path.stem for path in translations.FOLDER.glob("*.ts")}
