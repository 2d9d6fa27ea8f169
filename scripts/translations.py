"""Refresh ``i18n/deepot_<language>.ts`` from the sources, so that translators see every text (``make translations``).

Every text of the panel and of Processing goes through ``tr("...")``, in one Qt context. What is translated stays, what
is new is marked unfinished, what no source says any more goes. ``make package`` compiles the files with lrelease.
Qt's own pylupdate5 is no help here: it takes the name of the surrounding class as the context.
"""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from scripts.staging import PLUGIN, REPOSITORY

FOLDER = REPOSITORY / "i18n"
CONTEXT = "DeepOT"
# The engine's sentences stay English: it knows nothing of Qt.
STOREYS = ("gui", "processing")


@dataclass(frozen=True)
class Call:
    """One call of ``tr``: where it is, and its text (None when that is not written there as a literal)."""

    path: str
    line: int
    text: str | None


def calls(root: Path = REPOSITORY / PLUGIN) -> list[Call]:
    """All calls of ``tr`` in the sources, in the order of the files."""
    found = []
    for path in sorted(path for storey in STOREYS for path in (root / storey).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) == "tr":
                literal = node.args[0] if node.args else None
                text = literal.value if isinstance(literal, ast.Constant) and isinstance(literal.value, str) else None
                found.append(Call(path.relative_to(root.parent).as_posix(), node.lineno, text))
    return found


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def translated(path: Path) -> dict[str, str]:
    """Source text to translation of a .ts file; nothing for a file that is not there."""
    if not path.exists():
        return {}
    root = ElementTree.parse(path).getroot()  # noqa: S314  (our own file)
    pairs = ((message.findtext("source"), message.findtext("translation")) for message in root.iter("message"))
    return {source: text for source, text in pairs if source and text}


def refresh(path: Path, texts: list[str]) -> int:
    """Rewrite a .ts file for these texts; returns how many lack a translation."""
    known = translated(path)
    language = path.stem.partition("_")[2]
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    for text in texts:
        message = ElementTree.SubElement(context, "message")
        ElementTree.SubElement(message, "source").text = text
        translation = ElementTree.SubElement(message, "translation")
        if text in known:
            translation.text = known[text]
        else:
            translation.set("type", "unfinished")
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")
    return sum(text not in known for text in texts)


def main() -> int:
    """Refresh every language there is."""
    texts = sorted({call.text for call in calls() if call.text})
    for path in sorted(FOLDER.glob("deepot_*.ts")):
        print(f"{path.relative_to(REPOSITORY)}: {len(texts)} texts, {refresh(path, texts)} not translated")
    return 0


if __name__ == "__main__":
    sys.exit(main())
