"""The engine's sentences in the user's language.

The engine speaks English and knows nothing of languages. What it says is recognised here by the catalogue of its
templates (``engine_texts.json``, read from its source by ``scripts/engine_texts.py``), and said anew with the
translated template and the values found in the sentence. What is not recognised stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine.words import ENGLISH, Words

CONTEXT = "Engine"
_CATALOGUE = Path(__file__).with_name("engine_texts.json")

_BRACES = re.compile(r"{(\w+)}")
_BOUNDARY = re.compile(r"(?<=[.?]) ")
_LISTED = re.compile(r"(, |; )")
_JOINT = re.compile(r", |; |: | % ")  # where the engine puts parts of sentences together
_MEASURE = re.compile(r" (?:\([^()\s]{1,8}\)|[\d.]+ %)$")  # the unit of a title, the share of a reason
_DEEPEST, _MOST_SENTENCES, _MOST_JOINTS, _LONGEST = 4, 12, 8, 4000
_FEW_LETTERS = 5  # a template of fewer is believed only of values without blanks
#: Braces that hold a number or a version: what follows in words is no more of it.
_NUMERALS = {"groups", "how_many", "lost", "map", "version"}
_GOES_ON = re.compile(r" [a-z]{2}")
#: Braces that hold names: a file may be called 'reference'.
_NAMES = {"name", "path", "file", "folder", "source", "product", "record", "station", "layer", "column", "cell", "base"}

Translate = Callable[[str], str]


def spoken(text: str) -> str:
    """Return in the user's language what the engine said; other texts, and what is not known, as they are."""
    return _speech().say(text, _tr)


def words_of_user() -> Words:
    """Return the language for pages and plots: that of QGIS, as far as the plugin speaks it."""
    language = re.split("[-_@.]", QgsApplication.locale() or "en")[0].lower()
    return ENGLISH if language == "en" else Words(language, spoken)


def _tr(template: str) -> str:
    said = QCoreApplication.translate(CONTEXT, template)
    return said if said != template else QCoreApplication.translate("DeepOT", template)


@lru_cache(maxsize=1)
def _speech() -> Speech:
    return Speech(json.loads(_CATALOGUE.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class _Template:
    """A sentence with braces: what stands between them, and their names."""

    text: str
    parts: tuple[str, ...]
    names: tuple[str, ...]
    longest: str
    letters: int

    @classmethod
    def of(cls, text: str) -> _Template:
        split = _BRACES.split(text)
        parts = tuple(split[::2])
        letters = sum(map(str.isalpha, "".join(parts)))
        return cls(text, parts, tuple(split[1::2]), max(parts, key=len), letters)

    def values(self, text: str) -> list[str] | None:
        """Return what stands in the braces of a text made of this template; None for another text."""
        first, *more = self.parts
        if self.longest not in text or not text.startswith(first):
            return None
        if not more:
            return [] if text == first else None
        last = more.pop()
        stop = len(text) - len(last)
        if stop < len(first) or not text.endswith(last):
            return None
        values, at = [], len(first)
        for part in more:
            found = text.find(part, at, stop)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(part)
        values.append(text[at:stop])
        if (
            self.letters < _FEW_LETTERS
            and "'" not in self.text
            and any(" " in value for value, name in zip(values, self.names) if name not in ("crs", "place"))
        ):
            return None
        if any(name in _NUMERALS and _GOES_ON.search(value) for value, name in zip(values, self.names)):
            return None
        return values

    def filled(self, template: str, values: Iterable[str]) -> str:
        """Return a translated template with these values."""
        known = dict(zip(self.names, values))
        return _BRACES.sub(lambda found: known.get(found[1], found[0]), template)


class Speech:
    """Knows the templates of sentences.

    Parameters
    ----------
    templates : iterable of str
        Sentences and parts of sentences, with ``{names}`` where values stand.
    """

    def __init__(self, templates: Iterable[str]):
        self._templates = [_Template.of(text) for text in templates]

    def say(self, text: str, translate: Translate) -> str:
        """Return a text with every sentence translated that a template makes; lines are texts of their own."""
        if len(text) > _LONGEST:
            return text
        speaker = _Speaker(self._templates, translate)
        return "\n".join(speaker.sentences(line) for line in text.split("\n"))


class _Speaker:
    """Says one text: how much of it is recognised decides between templates."""

    def __init__(self, templates: list[_Template], translate: Translate):
        self._templates, self._translate = templates, translate
        self._known: dict[tuple[str, int], tuple[int, str]] = {}

    def sentences(self, line: str) -> str:
        """Return a line, one sentence or several, with what stands around it kept."""
        text = line.strip(" ⚠")
        start = line.find(text)
        return line[:start] + self._several(text, 0)[1] + line[start + len(text) :]

    def _several(self, text: str, depth: int) -> tuple[int, str]:
        """The most letters that can be recognised, however the text is cut at the ends of sentences."""
        cuts = [0, *(found.end() for found in _BOUNDARY.finditer(text)), len(text) + 1]
        if len(cuts) > _MOST_SENTENCES:
            return self._one(text, depth)
        best: list[tuple[int, list[str]]] = [(0, [])]
        for end in range(1, len(cuts)):
            ways = []
            for begin in reversed(range(end)):  # of ways that tell as much, sentences of their own
                letters, said = self._one(text[cuts[begin] : cuts[end] - 1], depth)
                ways.append((best[begin][0] + letters, [*best[begin][1], said]))
            best.append(max(ways, key=lambda way: way[0]))
        return best[-1][0], " ".join(best[-1][1])

    def _one(self, text: str, depth: int) -> tuple[int, str]:
        if (text, depth) not in self._known:  # deeper, less is recognised
            self._known[text, depth] = self._recognised(text, depth)
        return self._known[text, depth]

    def _recognised(self, text: str, depth: int) -> tuple[int, str]:
        best = (0, text)
        for template in self._templates if depth < _DEEPEST else ():
            values = template.values(text)
            if values is None or (said := self._translate(template.text)) == template.text:
                continue
            told = [self._value(value, name, depth + 1) for value, name in zip(values, template.names)]
            letters = template.letters + sum(one for one, _ in told)
            if letters > best[0]:
                best = letters, template.filled(said, (one for _, one in told))
        if depth < _DEEPEST:
            for put in self._put_together(text, depth):
                best = max(best, put, key=lambda way: way[0])
        return best

    def _put_together(self, text: str, depth: int) -> Iterator[tuple[int, str]]:
        """What is told of a text by its parts: 'two pairs, one left out' where no template has both."""
        if (measure := _MEASURE.search(text)) is not None:
            letters, said = self._part(text[: measure.start()], depth)
            if letters:
                yield letters, said + measure[0]
        joints = list(_JOINT.finditer(text)) if not _BOUNDARY.search(text) else []  # sentences are told one by one
        for joint in joints if len(joints) <= _MOST_JOINTS else ():
            (head, first), (tail, second) = (
                self._part(one, depth) for one in (text[: joint.start()], text[joint.end() :])
            )
            if head or tail:
                yield head + tail, first + joint[0] + second
        if joints and text.endswith("."):
            letters, said = self._one(text[:-1], depth)
            if letters:
                yield letters, said + ("。" if "\u3040" <= said[-1] <= "\u9fff" else ".")

    def _part(self, text: str, depth: int) -> tuple[int, str]:
        letters, said = self._one(text, depth)
        if letters or (said := self._word(text)) == text:
            return letters, said
        return sum(map(str.isalpha, text)), said

    def _value(self, text: str, name: str, depth: int) -> tuple[int, str]:
        if " " not in text and (name.rstrip("0123456789") in _NAMES or not text.isalpha()):
            return 0, text
        letters, said = self._several(text, depth)
        if letters or not _LISTED.search(text):
            return (letters, said) if letters else (0, self._word(text))
        told = [self._one(one, depth) for one in _LISTED.split(text)]
        return sum(one for one, _ in told), "".join(one for _, one in told)

    def _word(self, text: str) -> str:
        """A word that the plugin's own tables translate, such as a reason of a mask."""
        return self._translate(text)
