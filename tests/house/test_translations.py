"""Every text a user sees can be translated, and refreshing a language loses nothing."""

from __future__ import annotations

import shutil

import pytest

from scripts import staging, translation_checks, translations

LANGUAGES = {"de", "es", "fr", "it", "ja", "ko", "pt", "zh"}


def test_every_text_is_written_where_it_is_translated():
    wrong = [f"{call.path}:{call.line}" for call in translations.calls() if call.text is None]
    assert not wrong, "tr() needs a literal text, not a variable or an f-string:\n" + "\n".join(wrong)


def test_eight_languages_are_there():
    assert set(translations.languages()) == LANGUAGES


@pytest.fixture(scope="module")
def texts():
    return {(call.context, call.text) for call in translations.calls() if call.text}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_text_of_the_sources_is_translated(texts, language):
    assert len(texts) > 1000
    assert not translation_checks.missing(texts, translations.translated(translations.languages()[language]))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_translations_keep_form(language):
    known = translations.translated(translations.languages()[language])
    assert not list(translation_checks.faults(language, known))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_translations_use_the_words_of_the_glossary(language):
    terms = translation_checks.glossary()
    assert len(terms) > 40
    assert all(language in term.words for term in terms)
    known = translations.translated(translations.languages()[language])
    assert not list(translation_checks.strange_terms(language, known, terms))


@pytest.mark.parametrize(
    "source, text, fault",
    [
        ("{count} px", "{number} px", "values in braces"),
        ("one\n\ntwo", "uno dos", "lines"),
        (" days", "días", "spaces"),
        ("Folder…", "Carpeta", "ends otherwise"),
        ("Written: {path}", "Written: {path}", "still English"),
        ("Empty: no limit.", "Vacío: sin límite", "ends otherwise"),
    ],
)
def test_faults_of_form_are_found(source, text, fault):
    found = list(translation_checks.faults("es", {("DeepOT", source): text}))
    assert len(found) == 1 and fault in found[0]


def test_form_may_be_that_of_the_language():
    good = {
        ("DeepOT", "Min. coherence"): "Coherencia mín.",
        ("DeepOT", "Saved: {path}"): "已保存：{path}",
        ("DeepOT", "Empty: no limit."): "留空：不限。",
        ("DeepOT", "Folder…"): "Carpeta...",
    }
    assert not list(translation_checks.faults("es", good))


@pytest.mark.parametrize(
    "source, text, strange",
    [
        ("Extensometers", "Medidores de grietas", ["extensometer"]),
        ("Extensometers", "Extensómetros", []),
        ("Two time series", "Dos series temporales", []),
        ("Two time series", "Dos series", ["time series"]),
        ("For 'coherence'.", "Para «coherence».", []),
        ("Masks", "Máscaras", []),
    ],
)
def test_strange_terms_are_found(source, text, strange):
    terms = translation_checks.glossary()
    found = list(translation_checks.strange_terms("es", {("DeepOT", source): text}, terms))
    assert [line.split("'")[1] for line in found] == strange


def test_missing_texts_are_found():
    assert translation_checks.missing({("Dock", "Run"), ("Dock", "Stop")}, {("Dock", "Run"): "Los"}) == ["Stop"]


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


def needs_lrelease(test):
    lacking = not any(map(shutil.which, staging.LRELEASE))
    return pytest.mark.skipif(lacking, reason="lrelease is not installed")(test)


@needs_lrelease
def test_languages_compile(tmp_path):
    compiled = staging.compile_translations(tmp_path)
    assert {path.name for path in compiled} == {f"deepot_{language}.qm" for language in LANGUAGES}
    assert all(path.stat().st_size > 10_000 for path in compiled)
