"""Every sentence that comes with progress is known to those who translate."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from deepot_qgis.engine import memory, progress_words
from deepot_qgis.engine.jobs.overview import Overview
from deepot_qgis.engine.progress_words import SENTENCES, recognise

ENGINE = Path(progress_words.__file__).parent
_CALLS = {"progress", "_progress", "_step", "_moved"}


def _said() -> list[tuple[str, str]]:
    """Texts of the engine's calls of progress, with where they are; 7 stands for what changes."""
    found = []
    for path in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in _CALLS:
                continue
            for argument in node.args:
                parts = argument.values if isinstance(argument, ast.JoinedStr) else [argument]
                if all(isinstance(part, (ast.Constant, ast.FormattedValue)) for part in parts):
                    words = [part.value if isinstance(part, ast.Constant) else "7" for part in parts]
                    if all(isinstance(word, str) for word in words):
                        found.append((f"{path.name}:{node.lineno}", "".join(words)))
    return found


def test_every_sentence_of_the_engine_is_known():
    said = _said()
    assert len(said) > 30
    assert not [(where, text) for where, text in said if recognise(text) is None]


def test_sentences_of_many_jobs_are_known():
    texts = []
    overview = Overview(5, lambda share, text: texts.append(text))

    class Job:
        def __init__(self, name):
            self.name = name

    overview.watch(Job("a"), 0.5)
    overview.watch(Job("b"), 0.5)
    overview.finished(Job("a"))
    overview.finished(Job("b"))
    assert [SENTENCES[recognise(text)[0]] for text in texts] == [
        "Pair {number} of {total}, {name}",
        "{done} of {total} pairs, {count} under way",
        "Pair {number} of {total}, {name}",
        "{done} of {total} pairs",
    ]


@pytest.mark.parametrize("tiles, word", [(1, "tile"), (3, "tiles")])
def test_the_sentence_on_memory_is_known(tiles, word):
    class Plan:
        gigabytes, width, height, workers = "1.2", 640, 512, 2

    Plan.tiles = tiles
    number, values = recognise(memory.Layout.sentence(Plan))
    assert f" {word} of " in SENTENCES[number]
    assert values == {"memory": "1.2", "tiles": str(tiles), "width": "640", "height": "512", "workers": "2"}


def test_values_are_taken_out_and_other_texts_are_left():
    assert recognise("Comparing upper station") == (SENTENCES.index("Comparing {name}"), {"name": "upper station"})
    assert recognise("Preparando capas") is None
