"""Hand texts to a translator as a plain list, and put the filled list back.

``python -m scripts.translation_work take de work.json`` writes what German lacks: a list of ``{"id", "source",
"placeholders"}``. The translator writes an object from id to translation.
``python -m scripts.translation_work put de done.json`` puts that into ``i18n/deepot_de.ts`` and prints what it refuses:
other values in braces, other ends, English that was left, another word for a term than the glossary has (a note only).
``--all`` with ``take`` lists what is translated too, with its translation; ``--context Engine`` one context only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from scripts import translation_checks as checks
from scripts.translations import Key, languages, refresh, texts_of_engine, texts_of_plugin, translated


def identity(key: Key) -> str:
    """Return the id of a text: the same as long as the text is."""
    return hashlib.sha256(f"{key[0]}\0{key[1]}".encode()).hexdigest()[:10]


def take(texts: set[Key], known: Mapping[Key, str], everything: bool = False) -> list[dict[str, object]]:
    """Return the work list of these texts: those that are not `known`, or all."""
    work: list[dict[str, object]] = []
    for key in sorted(texts, key=lambda key: (key[0] or "", key[1] or "")):
        if key in known and not everything:
            continue
        entry = {"id": identity(key), "source": key[1], "placeholders": re.findall(r"{[^}]*}", key[1] or "")}
        work.append({**entry, "translation": known[key]} if key in known else entry)
    return work


def put(language: str, texts: set[Key], done: Mapping[str, str]) -> tuple[dict[Key, str], list[str]]:
    """Return the translations that are in form, and what is wrong with the others."""
    keys = {identity(key): key for key in texts}
    problems = [f"{language}: no text has the id {one}" for one in done if one not in keys]
    good = {}
    for one, text in done.items():
        if one not in keys or not text:
            continue
        faults = list(checks.faults(language, {keys[one]: text}))
        problems += faults
        if not faults:
            good[keys[one]] = text
    return good, problems


def main(arguments: list[str]) -> int:
    """Take or put."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("take", "put"))
    parser.add_argument("language", choices=sorted(languages()))
    parser.add_argument("file", type=Path)
    parser.add_argument("--context", help="one context only, such as Engine")
    parser.add_argument("--all", action="store_true", help="take what is translated too")
    given = parser.parse_args(arguments)
    path, texts = languages()[given.language], texts_of_plugin() | texts_of_engine()
    chosen = {key for key in texts if given.context in (None, key[0])}
    if given.action == "take":
        work = take(chosen, translated(path), given.all)
        given.file.write_text(json.dumps(work, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{given.file}: {len(work)} texts")
        return 0
    done = json.loads(given.file.read_text(encoding="utf-8"))
    good, problems = put(given.language, chosen, done)
    notes = list(checks.strange_terms(given.language, good, checks.glossary()))
    left = refresh(path, texts, good)
    print(*problems, *notes, sep="\n")
    print(f"{path.name}: {len(good)} put in, {len(problems)} refused, {len(notes)} to look at, {left} not translated")
    return min(len(problems), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
