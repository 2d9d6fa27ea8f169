"""Every text a user sees can be translated, and refreshing a language loses nothing."""

from __future__ import annotations

import ast
import shutil
from xml.etree import ElementTree

import pytest

from scripts import engine_reader, engine_texts, staging, translation_checks, translation_work, translations

LANGUAGES = {"de", "es", "fr", "it", "ja", "ko", "pt", "zh"}


def test_every_text_is_written_where_it_is_translated():
    wrong = [f"{call.path}:{call.line}" for call in translations.calls() if call.text is None]
    assert not wrong, "tr() needs a literal text, not a variable or an f-string:\n" + "\n".join(wrong)


def test_eight_languages_are_there():
    assert set(translations.languages()) == LANGUAGES


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_text_of_the_sources_is_translated(language):
    texts = translations.asked_of(language)
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


def test_the_catalogue_is_what_the_engine_says():
    """After a sentence of the engine has changed: ``python -m scripts.translations``."""
    said, known = set(engine_texts.templates()), set(engine_texts.catalogue())
    assert said == known, f"new: {sorted(said - known)}, gone: {sorted(known - said)}"
    assert 600 < len(said) < 1000


def test_every_sentence_of_the_engine_is_in_every_file():
    for path in translations.languages().values():
        sources = {message.findtext("source") for message in ElementTree.parse(path).iter("message")}
        assert set(engine_texts.catalogue()) <= sources, path.name


def test_sentences_are_read_out_of_source():
    source = '''
LIMIT = "a small disk"

def _why(self):
    return f"{self.count} rows are lost"

def write(path, many, error):
    """No sentence of this."""
    words = "big" if many else "small"
    found = []
    found.append(f"its side is {error.side:.3g} px")
    if many:
        raise InputError(f"{path.name} cannot be used ({_why()}); take {LIMIT}. " "It is " f"{words}.")
    raise OutputError(f"{path} and {path}: {', '.join(found)}")
    raise ValueError("nobody reads this one")
    log("This one is shown to somebody.", "but not this")
'''
    assert engine_reader.Reader(ast.parse(source), False).texts == {
        "{name} cannot be used ({why}); take a small disk.",
        "{count} rows are lost",
        "It is big.",
        "It is small.",
        "{path1} and {path2}: {found}",
        "its side is {side} px",
        "This one is shown to somebody.",
    }


def test_names_of_a_function_hide_those_of_its_module():
    source = """
class Method:
    name = "correlation"

def check(name, value):
    raise OptionsError(f"{name} has {value!r}; it takes whole numbers.")

def check_all(self):
    for name in ("size", "step"):
        raise OptionsError(f"{name} is {getattr(self, name)}; it must be above 0.")
    figure.savefig(path, metadata={"Date": "This is when it was drawn."})
"""
    assert engine_reader.Reader(ast.parse(source), False).texts == {
        "{name} has {value}; it takes whole numbers.",
        "{name} is {value}; it must be above 0.",
    }


def test_work_goes_to_a_translator_and_back(tmp_path):
    path, texts = tmp_path / "deepot_de.ts", {("Engine", "{name} holds no data."), ("Engine", "Stop")}
    translations.refresh(path, texts)
    work = translation_work.take(texts, translations.translated(path))
    assert [(one["source"], one["placeholders"]) for one in work] == [
        ("Stop", []),
        ("{name} holds no data.", ["{name}"]),
    ]
    done = {work[0]["id"]: "Halt", work[1]["id"]: "{file} ist leer.", "no such": "x"}
    good, problems = translation_work.put("de", texts, done)
    assert good == {("Engine", "Stop"): "Halt"}
    assert len(problems) == 2 and "values in braces" in problems[1]
    assert translations.refresh(path, texts, good) == 1
    assert len(translation_work.take(texts, translations.translated(path))) == 1
