"""The report of a self-test as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from deepot_qgis.__about__ import VERSION

from . import plot
from .result import SelfTestResult

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 60em; margin: 2em auto;
  padding: 0 1.2em; }
h1 { font-size: 1.5em; margin-bottom: 0.1em; } h2 { font-size: 1.15em; margin-top: 1.8em; }
p.of { color: #555; margin-top: 0; }
ul.answer { padding: 0.7em 1em 0.7em 2em; background: #eef5fa; border-left: 4px solid #0072b2; }
table { border-collapse: collapse; margin: 0.6em 0; } th, td { padding: 0.25em 1.4em 0.25em 0; text-align: left;
  vertical-align: top; font-variant-numeric: tabular-nums; }
thead th { border-bottom: 2px solid #222; } tbody th { font-weight: normal; }
tr.size th, tr.size td { border-top: 1px solid #bbb; font-weight: bold; } tr.more th { padding-left: 1.4em; }
tr.more { color: #555; }
svg { width: 100%; height: auto; } .key svg { width: 14px; height: 14px; vertical-align: -2px; }
.scroll { overflow-x: auto; }
@media print { body { margin: 0; max-width: none; } }
"""

_MEANING = """
<p>Known motion was embedded in windows of the image, and each method measured it as it would measure a pair of yours.
Pixels that a product would mask count as not answered.</p>
<p>A body is a disc of ground that moves as a block. It is <i>read</i> by the median offset answered inside it, less
the median on the still ground around it. A body <i>shows</i> when its reading is above the decision level, which only
5 % of places on still ground exceed (dashed lines). The motion given is the one from which 95 % of the bodies show
(solid lines with an arrow): decision level and detection limit of Currie (1968), with false alarms and misses of 5 %
each. Bodies were placed where the method answers still ground; the share of such ground is in the table. The place and
shape of a body are taken as known: whoever searches a whole map for unknown bodies meets false alarms more often, and
should ask for more.</p>
<p><i>Shows</i> is not <i>is measured</i>: "read at" says how much of its motion is answered for a body that shows.
Small bodies are smoothed into their surroundings, and lost where they move far.</p>
<p>The noise floor is 1.4826 times the median absolute deviation of dx and dy on still ground. The mean error is that
of the length of the error vector, over all answered pixels of windows that moved, still ground between the bodies
included. Bias is the mean error. The shift of still ground is its median answer: a misregistration of the images, if
there is one, and what the method is off by. Errors and bias include it. "Own sigma" compares the error of each
component, less that shift, with the uncertainty that the method states.</p>
"""


def page(
    result: SelfTestResult,
    sentences: Sequence[str],
    quality: Sequence[tuple[str, list[str]]],
    detections: Sequence[Sequence[tuple[str, list[str]]]],
) -> str:
    """The page: sentences, tables, picture, what the words mean.

    Parameters
    ----------
    result : SelfTestResult
    sentences : sequence of str
        The answer in words.
    quality : sequence of rows
        Label and a cell for each method.
    detections : sequence of sequences of rows
        For each size of body; the first row is the detection limit.
    """
    what = " and ".join(escape(name) for name in (result.reference, result.secondary) if name)
    days = f", {result.days:g} days apart" if result.days else ""
    windows = "; ".join(", ".join(str(number) for number in window) for window in result.windows)
    place = "on this pair" if result.secondary else "in this image, second date simulated"
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>What motion can be measured: {what}</title><style>{_STYLE}</style></head><body>
<h1>What motion can be measured {place}?</h1>
<p class="of">{what}{days}</p>
<ul class="answer">{_items(sentences)}</ul>
<h2>How well the methods do</h2>
<div class="scroll"><table>{_head(result)}<tbody>{_rows(quality)}</tbody></table></div>
{_detections(result, detections)}
<h2>What to know</h2>
<ul>{_items(result.messages)}</ul>
<h2>What the words mean</h2>
{_MEANING}
<h2>How it was done</h2>
<p>{result.effort}, each measured by {_labels(result)}; {_pixel(result)}.
Windows (column, row, width, height): {windows}. {escape(result.device.upper())}, {result.seconds:.0f} s. DeepOT
{escape(VERSION)}. All numbers and options are in the JSON file of the same name.</p>
</body></html>
"""


def _detections(result: SelfTestResult, tables: Sequence[Sequence[tuple[str, list[str]]]]) -> str:
    if not tables:
        return ""
    rows = "".join(_rows(table[:1], "size") + _rows(table[1:], "more") for table in tables)
    keys = "; ".join(
        f'<span class="key"><svg viewBox="-7 -7 14 14">{plot.mark(0, 0, number)}</svg> {escape(score.label)}</span>'
        for number, score in enumerate(result.scores)
    )
    return f"""<h2>Motion from which a body shows</h2>
<div class="scroll"><table>{_head(result)}<tbody>{rows}</tbody></table></div>
<p>{keys}. Each mark is one body: embedded motion across, motion read upwards. On the dotted diagonal it is read
as it moved; marks on the lower edge were not answered or not told from still ground.</p>
{plot.picture(result)}"""


def _labels(result: SelfTestResult) -> str:
    return " and ".join(escape(score.label) for score in result.scores)


def _pixel(result: SelfTestResult) -> str:
    if result.metres is None:
        return "the image is not georeferenced, so everything is in pixels"
    return f"a pixel is {result.metres:.3g} m (root mean square of its sides)"


def _head(result: SelfTestResult) -> str:
    cells = "".join(f"<th>{escape(score.label)}</th>" for score in result.scores)
    return f"<thead><tr><th></th>{cells}</tr></thead>"


def _rows(rows: Sequence[tuple[str, list[str]]], kind: str = "") -> str:
    attribute = f' class="{kind}"' if kind else ""
    return "".join(
        f"<tr{attribute}><th>{escape(label.strip())}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for label, cells in rows
    )


def _items(lines: Sequence[str]) -> str:
    return "".join(f"<li>{escape(line)}</li>" for line in lines)
