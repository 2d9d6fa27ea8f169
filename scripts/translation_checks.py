"""What may be wrong with a translation and can be told without knowing its language.

``python -m scripts.translations --check`` prints it, a test holds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.translations import FOLDER, Key

GLOSSARY = FOLDER / "glossary.md"

# Texts that are one word in English and in the other language, or no words at all.
_SAME_ANYWHERE = {
    "1σ, 2σ",
    "CPU",
    "CRS",
    "Cloud Optimized GeoTIFF",
    "Cloud Optimized GeoTIFF...",
    "GNSS",
    "GPU (CUDA)",
    "GeoTIFF (*.tif *.tiff)",
    "GeoTIFF (*.tif)",
    "NetCDF (*.nc)",
    "ONNX Runtime",
    "ONNX Runtime…",
    "RMSE ({unit})",
    "RMSE {unit}",
    "± 1 sigma",
}
_SAME = {
    "de": "Azimuth|Export|Extensometer|Format|Layer|Layer (NISAR)|Median|Plot|Plots|Polarisation (NISAR)|Position|"
    "Range|Rate ({unit}/yr)|Station|Bias {unit}|Zoom",
    "es": "Zoom",
    "fr": "Date (UTC)|Dates|Distance ({unit})|Format|Image|Images|Page|Page (PDF)...|Pages (*.pdf *.png *.svg)|Point|"
    "Points|Polarisation (NISAR)|Position|Positions|Station|Stations|Table|Table (CSV)|Zoom|amplitude|"
    "{how_many} station|{how_many} stations|{size} × {size} pixels|{width} × {height} pixels",
    "it": "Area|Bias {unit}|Layer|Layer (NISAR)|Zoom|ground|slant",
    "pt": "Magnitude|Magnitude ({unit})|Zoom|amplitude|{size} × {size} pixels|{width} × {height} pixels",
}
# Where another language has good reasons not to say a term.
_NUMBERS = "Copy these numbers as text, for a report or a message"
_SHOWS = "Self-test ({label}): motion above {amount} of a body {width} wide shows on this pair."
_UNSAID = {("de", "Median velocity"), ("ja", _NUMBERS), ("ja", _SHOWS), ("ko", _SHOWS)}

_WIDE = str.maketrans("。：？！；", ".:?!;")
_ENDINGS = ("...", "…", ":", "?", ".")
# Not words of the text: values, quoted names, names of files, formulas, options such as 'rate: it is filled'.
_NAMES = re.compile(
    r"{[^}]*}|(?<!\w)'[^']*'(?!\w)|\b\w+\.(?:h5|tif|json|csv|nc)\b|\bcos\(\w+\)|(?:^|(?<=[.;] ))\w+:(?= [a-z])"
)


@dataclass(frozen=True)
class Term:
    """A term of the field.

    Attributes
    ----------
    english
        Finds it in an English text.
    words
        What finds its word in a translation, by language.
    """

    title: str
    english: re.Pattern[str]
    words: Mapping[str, re.Pattern[str]]


def missing(texts: set[Key], known: Mapping[Key, str]) -> list[str]:
    """Return the texts that have no translation."""
    return sorted(text or "" for _, text in texts - known.keys())


def faults(language: str, known: Mapping[Key, str]) -> Iterator[str]:
    """Yield what is wrong with the form of translations: values, lines, spaces, endings, English that was left."""
    same = _SAME_ANYWHERE | set(_SAME.get(language, "").split("|"))
    for (_, source), text in known.items():
        if sorted(re.findall(r"{[^}]*}", source)) != sorted(re.findall(r"{[^}]*}", text)):
            yield f"{language}: other values in braces: {source!r}: {text!r}"
        if source.count("\n") != text.count("\n"):
            yield f"{language}: other lines: {source!r}: {text!r}"
        if _edges(source) != _edges(text):
            yield f"{language}: other spaces at the ends: {source!r}: {text!r}"
        if _ending(source) != _ending(text):
            yield f"{language}: ends otherwise: {source!r}: {text!r}"
        if source == text and source not in same:
            yield f"{language}: still English: {source!r}"


def strange_terms(language: str, known: Mapping[Key, str], terms: list[Term]) -> Iterator[str]:
    """Yield translations without the glossary's word for a term that the English text has."""
    for (_, source), text in known.items():
        if _is_keywords(source) or (language, source) in _UNSAID:
            continue
        words = _NAMES.sub(" ", source)
        for term in terms:
            if term.english.search(words) and language in term.words and not term.words[language].search(text):
                yield f"{language}: {term.title!r} is not as in {GLOSSARY.name}: {source!r}: {text!r}"


def glossary(path: Path = GLOSSARY) -> list[Term]:
    """Return the terms of the glossary that can be checked: those without a remark in brackets."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    head, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    return [
        Term(row[0], _english(row[0]), {language: _words(cell) for language, cell in zip(head[1:], row[1:]) if cell})
        for row in rows
        if "(" not in row[0]
    ]


def _english(cell: str) -> re.Pattern[str]:
    titles = "|".join(re.escape(title) for title in cell.split(" / "))
    return re.compile(rf"(?<![\w-])(?:{titles})(?:s|es)?(?![\w-])", re.IGNORECASE)


def _words(cell: str) -> re.Pattern[str]:
    """Any of the words of a cell, each word of a phrase with any ending, after the dot that ends its stem."""
    phrases = ([word.partition("·")[0].strip("()") for word in phrase.split()] for phrase in cell.split(" / "))
    return re.compile("|".join(r"\w*\W+".join(map(re.escape, phrase)) for phrase in phrases), re.IGNORECASE)


def _is_keywords(text: str) -> bool:
    return text.count(",") > 1 and ", " not in text


def _edges(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def _ending(text: str) -> str:
    """The mark that ends a text; the full stop of an abbreviation of one word or two is none."""
    text = text.translate(_WIDE).rstrip()
    mark = next((mark for mark in _ENDINGS if text.endswith(mark)), "")
    return (
        "" if mark == "." and len(text.split()) < 3 and re.search(r"m[áaií]x?n?\.$", text) else mark.replace("…", "...")
    )
