"""A self-test for reading: a table, sentences, a JSON record, and (`page`) an HTML page."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from .. import provenance
from ..errors import OptionsError
from ..files import refuse_inputs, require_room, whole_files
from ..words import ENGLISH, Words
from .detection import MIN_BODIES, Detection
from .page import page as html_page
from .result import SelfTestResult

#: Label of a row, and a cell for each method.
Row = tuple[str, list[str]]


def sentences(result: SelfTestResult) -> list[str]:
    """What the numbers say, one sentence for each size of body."""
    found = []
    for index, detection in enumerate(result.best.detections):
        width = result.width(detection.size_px)
        label = result.best.label
        if detection.limit_px is not None:
            most = result.amount(detection.limit_px)
            found.append(f"{label}: a body {width} wide shows when it moves more than {most}")
        elif detection.bodies >= MIN_BODIES and detection.level_px is not None:
            most = result.amount(detection.largest_px)
            found.append(f"{label}: a body {width} wide does not show reliably, tested up to {most}")
        else:
            found.append(f"{label}: too little ground is answered to say whether a body {width} wide shows")
        others = [f"; {score.label}: {limit_text(score.detections[index], result)}" for score in result.scores[1:]]
        found[-1] += "".join(others) + "."
    return found


def limit_text(detection: Detection, result: SelfTestResult) -> str:
    """Detection limit of a method, or why there is none."""
    if detection.limit_px is not None:
        return result.amount(detection.limit_px)
    if detection.level_px is None or detection.bodies < MIN_BODIES:
        return "too little answered"
    return f"not reliably up to {detection.largest_px:.2g} px ({detection.hits} of {detection.bodies} seen)"


def quality_rows(result: SelfTestResult) -> list[Row]:
    """Errors, noise and honesty of the methods."""

    def amounts(name: str) -> list[str]:
        values = [getattr(score, name) for score in result.scores]
        return ["–" if value is None else amount(value, result) for value in values]

    def shares(name: str) -> list[str]:
        values = [getattr(score, name) for score in result.scores]
        return ["–" if value is None else f"{100 * value:.0f} %" for value in values]

    def vectors(name: str) -> list[str]:
        values = [getattr(score, name) for score in result.scores]
        return ["–" if value is None else "{:+.3f}, {:+.3f} px".format(*value) for value in values]

    return [
        ("Mean error where ground moved", amounts("error_px")),
        ("Bias (right, down)", vectors("bias_px")),
        ("Shift of still ground (right, down)", vectors("shift_px")),
        ("Noise floor, 1 sigma", amounts("noise_px")),
        ("95 % of still ground below", amounts("still_p95_px")),
        ("Ground answered", shares("answered")),
        ("Error below own sigma (ideal 68 %)", shares("within_sigma")),
    ]


def amount(pixels: float, result: SelfTestResult) -> str:
    """An error, which has no velocity."""
    return replace(result, days=None).amount(pixels)


def detection_rows(result: SelfTestResult, index: int) -> list[Row]:
    """What bodies of one size must move to show, and how they are read."""
    found = [score.detections[index] for score in result.scores]

    def interval(detection: Detection) -> str:
        if detection.low_px is None:
            return "–"
        above = "?" if detection.high_px is None else f"{detection.high_px:.2g}"
        return f"{detection.low_px:.2g} to {above} px"

    def gain(detection: Detection) -> str:
        return "–" if detection.gain is None else f"{100 * detection.gain:.0f} % of its motion"

    def loss(detection: Detection) -> str:
        if detection.limit_px is None:
            return "–"
        return "seen to the end" if detection.loss_px is None else f"{detection.loss_px:.2g} px"

    more = [
        ("  90 % interval", [interval(detection) for detection in found]),
        ("  read at", [gain(detection) for detection in found]),
        (f"  lost beyond (tested to {found[0].largest_px:.2g} px)", [loss(detection) for detection in found]),
    ]
    shown = [row for row in more if any(cell != "–" for cell in row[1])]
    return [(f"Body {result.width(found[0].size_px)} wide", [limit_text(body, result) for body in found]), *shown]


def text(result: SelfTestResult) -> str:
    """The whole report for a terminal."""
    what = " and ".join(name for name in (result.reference, result.secondary) if name)
    days = f", {result.days:g} days apart" if result.days else ""
    lines = [*result.messages, "", f"{what}{days}: {result.effort}.", ""]
    lines += table([("", [score.label for score in result.scores]), *quality_rows(result)])
    sizes = range(len(result.best.detections))
    rows = [row for index in sizes for row in detection_rows(result, index)]
    if rows:
        lines += ["", "Motion from which a body shows (95 % of bodies, 5 % false alarms):", *table(rows)]
    return "\n".join([*lines, "", *sentences(result)])


def table(rows: Sequence[Row]) -> list[str]:
    """Rows as text in columns."""
    widths = [max(len(row[0]) for row in rows)]
    widths += [max(len(row[1][column]) for row in rows) for column in range(len(rows[0][1]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip((label, *cells), widths)).rstrip() for label, cells in rows
    ]


def record(result: SelfTestResult, options: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Everything as JSON takes it."""
    numbers = asdict(result)
    for key in ("report", "data"):
        numbers.pop(key)
    return {**numbers, "sentences": sentences(result), **facts, "options": dict(options)}


def paths(target: str) -> tuple[str, str]:
    """Where the HTML page and the JSON record go, for the name the user gave."""
    stem, extension = os.path.splitext(target)
    if extension.lower() not in (".html", ".htm", ".json", ""):
        raise OptionsError(
            f"The report cannot be written as {extension} ({os.path.basename(target)}); give a name that ends in .html "
            "or .json."
        )
    page = target if extension.lower() in (".html", ".htm") else f"{stem}.html"
    return page, f"{stem}.json"


def require_output(target: str, inputs: Sequence[str | None]) -> None:
    """Find out before the work that the report can be written."""
    for path in paths(target):
        require_room(path, 1 << 20)
        refuse_inputs(path, [path for path in inputs if path])


def write(
    result: SelfTestResult,
    target: str,
    options: Mapping[str, Any],
    facts: Mapping[str, Any],
    words: Words = ENGLISH,
) -> SelfTestResult:
    """Write page, in these words, and record; returns the result with their paths.

    Raises
    ------
    OutputError
        The folder is not there or cannot be written.
    """
    page, data = paths(target)
    with whole_files({"page": page, "data": data}) as path:
        with open(path["page"], "w", encoding="utf-8") as file:
            tables = [detection_rows(result, index) for index in range(len(result.best.detections))]
            file.write(words.page(html_page(result, sentences(result), quality_rows(result), tables)))
        provenance.write(path["data"], record(result, options, facts))
    return replace(result, report=page, data=data)
