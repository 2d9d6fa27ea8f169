"""Refresh ``i18n/deepot_<language>.ts`` from the sources, so that translators see every text (``make translations``).

Texts stand in ``tr("...")`` (context ``DeepOT``), in ``self.tr("...")`` (context: the class) or in
``QCoreApplication.translate("context", "...")``. What is translated stays, what is new is marked unfinished, what no
source says any more goes. ``make package`` compiles the files with lrelease. Qt's own pylupdate5 does not know that a
plain ``tr`` has a context of its own.

The sentences of the engine (context ``Engine``) are read from its source as templates; see `scripts.engine_texts`.

``--check`` writes nothing: it prints what is not translated or looks wrong, and fails when there is any.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Optional
from xml.etree import ElementTree

from deepot_qgis.engine.amplitude import EVIDENCE
from deepot_qgis.engine.progress_words import SENTENCES
from deepot_qgis.engine.quality import REASON_NAMES
from scripts import engine_texts
from scripts.staging import PLUGIN, REPOSITORY

FOLDER = REPOSITORY / "i18n"
CONTEXT = "DeepOT"
TRANSLATORS = {"tr", "_tr"}
# Tables of the engine whose words the upper storeys translate: tr(TABLE[key]).
TABLES = {
    "REASON_NAMES": tuple(REASON_NAMES.values()),
    "EVIDENCE": tuple(EVIDENCE.values()),
    "SENTENCES": SENTENCES,
}
ENGINE_CONTEXT = "Engine"
#: The languages in which every sentence of the engine is translated; the others must only not lose what they have.
ENGINE_COMPLETE: tuple[str, ...] = ("de", "es", "fr", "it", "ja", "ko", "pt", "zh")
STOREYS = ("gui", "processing")

Key = tuple[Optional[str], Optional[str]]  # context, text


@dataclass(frozen=True)
class Call:
    """One text to translate: where it is, its context, and the text (None when it is not written there)."""

    path: str
    line: int
    context: str
    text: str | None


def calls(root: Path = REPOSITORY / PLUGIN) -> list[Call]:
    """All texts to translate in the sources, in the order of the files."""
    found = []
    for path in sorted(path for storey in STOREYS for path in (root / storey).rglob("*.py")):
        where = path.relative_to(root.parent).as_posix()
        found.extend(_calls_in(ast.parse(path.read_text(encoding="utf-8")), where, CONTEXT))
    return found


def texts_of_plugin() -> set[Key]:
    """Return every text of gui and processing, with its context."""
    return {(call.context, call.text) for call in calls() if call.text}


def texts_of_engine() -> set[Key]:
    """Return every sentence of the engine, as it stands in the catalogue."""
    return {(ENGINE_CONTEXT, text) for text in engine_texts.catalogue()}


def asked_of(language: str) -> set[Key]:
    """Return the texts that a language must have."""
    return texts_of_plugin() | (texts_of_engine() if language in ENGINE_COMPLETE else set())


def _calls_in(node: ast.AST, where: str, class_name: str) -> Iterator[Call]:
    if isinstance(node, ast.FunctionDef) and node.name in TRANSLATORS:
        return  # where tr itself is made, the text is its argument
    if isinstance(node, ast.ClassDef):
        class_name = node.name
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        texts = [argument.value if isinstance(argument, ast.Constant) else None for argument in node.args]
        if name in TRANSLATORS and texts:
            context = class_name if isinstance(node.func, ast.Attribute) else CONTEXT
            for text in TABLES.get(_table(node.args[0]), texts[:1]):
                yield Call(where, node.lineno, context, text)
        elif name == "translate" and len(texts) > 1:
            yield Call(where, node.lineno, texts[0] or CONTEXT, texts[1])
    for child in ast.iter_child_nodes(node):
        yield from _calls_in(child, where, class_name)


def _table(argument: ast.expr) -> str:
    return getattr(argument.value, "id", "") if isinstance(argument, ast.Subscript) else ""


def translated(path: Path) -> dict[Key, str]:
    """Translations of a .ts file by context and source text; nothing for a file that is not there."""
    if not path.exists():
        return {}
    return {
        (context.findtext("name"), message.findtext("source")): message.findtext("translation")
        for context in ElementTree.parse(path).getroot().iter("context")  # noqa: S314  (our own file)
        for message in context.iter("message")
        if message.findtext("translation")
    }


def refresh(path: Path, texts: set[Key], fresh: Mapping[Key, str] | None = None) -> int:
    """Rewrite a .ts file for these texts, with what is freshly translated; returns how many lack a translation."""
    known = {**translated(path), **(fresh or {})}
    root = ElementTree.Element("TS", version="2.1", language=path.stem.partition("_")[2], sourcelanguage="en")
    for name, group in groupby(sorted(texts), key=lambda key: key[0]):
        context = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(context, "name").text = name
        for key in group:
            message = ElementTree.SubElement(context, "message")
            ElementTree.SubElement(message, "source").text = key[1]
            translation = ElementTree.SubElement(message, "translation")
            if key in known:
                translation.text = known[key]
            else:
                translation.set("type", "unfinished")
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")
    return len(texts - known.keys())


def _said_elsewhere(path: Path, texts: set[Key]) -> dict[Key, str]:
    """What the engine says and panel or algorithms say too, in the same words."""
    known = translated(path)
    others = {text: said for (_, text), said in known.items()}
    return {key: others[key[1]] for key in texts if key[0] == ENGINE_CONTEXT and key not in known and key[1] in others}


def languages() -> dict[str, Path]:
    """Return the file of each language there is."""
    return {path.stem.partition("_")[2]: path for path in sorted(FOLDER.glob("deepot_*.ts"))}


def check() -> int:
    """Print what is not translated or looks wrong; returns how much that is."""
    from scripts import translation_checks as checks  # builds on this module

    terms = checks.glossary()
    problems = []
    for language, path in languages().items():
        known = translated(path)
        problems += [f"{language}: not translated: {text!r}" for text in checks.missing(asked_of(language), known)]
        problems += [*checks.faults(language, known), *checks.strange_terms(language, known, terms)]
    texts = len(texts_of_plugin() | texts_of_engine())
    print(*problems, f"{texts} texts, {len(problems)} problems", sep="\n")
    return len(problems)


def main(arguments: list[str]) -> int:
    """Refresh every language there is, or check them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; say what is missing or out of form")
    if parser.parse_args(arguments).check:
        return min(check(), 1)
    engine_texts.write()
    texts = texts_of_plugin() | texts_of_engine()
    for path in languages().values():
        left = refresh(path, texts, _said_elsewhere(path, texts))
        print(f"{path.relative_to(REPOSITORY)}: {len(texts)} texts, {left} not translated")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
