"""The report as one HTML file that needs nothing else: no network, no scripts, no fonts."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from deepot_qgis.__about__ import CITATION, VERSION

from ..quality import Reason
from . import colors, facts
from .content import PairContent
from .maps import VIEWS

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 68em; margin: 2em auto;
  padding: 0 1.2em; }
h1 { font-size: 1.6em; margin-bottom: 0.1em; }
h2 { font-size: 1.2em; margin: 2em 0 0.4em; border-bottom: 1px solid #ddd; }
p.of { color: #555; margin-top: 0; }
.cards { display: flex; flex-wrap: wrap; gap: 0.8em; margin: 1em 0; }
.cards div { flex: 1 1 9em; padding: 0.6em 0.9em; background: #eef5fa; border-left: 4px solid #0072b2; }
.cards b { display: block; font-size: 1.35em; font-variant-numeric: tabular-nums; } .cards span { color: #444; }
table { border-collapse: collapse; margin: 0.6em 0; } th, td { padding: 0.25em 1.4em 0.25em 0; text-align: left;
  vertical-align: top; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
thead th { border-bottom: 2px solid #222; white-space: nowrap; } tbody th { font-weight: normal; color: #444; }
tbody th { white-space: nowrap; } table.numbers td { text-align: right; white-space: nowrap; }
table.numbers thead th { text-align: right; } table.numbers thead th:first-child { text-align: left; }
table.options { font-size: 0.88em; } table.options th { white-space: normal; }
.bar { display: inline-block; height: 0.75em; vertical-align: -1px; border: 1px solid #888; min-width: 1px; }
.box { display: inline-block; width: 0.8em; height: 0.8em; border: 1px solid #888; margin-right: 0.5em; }
figure { margin: 0.8em 0; } figcaption { color: #555; font-size: 0.92em; } img { max-width: 100%; height: auto; }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(24em, 1fr)); gap: 0.6em 1.4em;
  align-items: start; }
.maps .large { grid-column: 1 / -1; text-align: center; } .maps .large img { max-width: 46em; width: 100%; }
.scroll { overflow-x: auto; } code { font-size: 0.92em; overflow-wrap: anywhere; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } figure, tr { break-inside: avoid; } }
@media (max-width: 40em) { .maps { grid-template-columns: 1fr; } tbody th { white-space: normal; } }
"""

#: Without the address: the page leads nowhere.
_CITATION = CITATION.replace("https://doi.org/", "doi:")
_READING = """
<p>Where the ground went between the first and the second image, in the plane of the map: east and north are components
along the grid, the displacement is the length of the two, its direction a compass bearing clockwise from grid north.
Motion up or down is not measured, and on slopes it may show as motion toward or away from the radar.</p>
<p><i>Sigma</i> is the standard error of one component that the method states for each pixel. <i>NMAD</i> is 1.4826
times the median absolute deviation. A median of east and north that is not zero where the ground stands still is a
shift between the images, not motion: take it out with stable ground before reading small numbers. Neighbouring pixels
share the window they were measured in and are not independent.</p>
"""


def page(content: PairContent, pictures: Mapping[str, bytes], plots: bytes | None) -> str:
    """The page.

    Parameters
    ----------
    content : PairContent
    pictures : mapping
        PNG of the maps by band.
    plots : bytes or None
        SVG of the plots.
    """
    title = f"Ground displacement {content.title()}"
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{escape(title)}</title><style>{_STYLE}</style></head><body>
<h1>{escape(title)}</h1>
<p class="of">{_of(content)}</p>
<div class="cards">{_cards(content)}</div>
<h2>Maps</h2>
<div class="maps">{_maps(content, pictures)}</div>
<h2>Numbers</h2>
{_statistics(content)}
<p>Of the good pixels, from a regular sample of at most {content.bands["mask"].size:,} pixels.</p>
{_plots(plots)}
<h2>What was masked, and why</h2>
{_reasons(content)}
{_messages(content)}
<h2>Images</h2>
{_images(content)}
<table>{_rows(facts.product(content))}</table>
{_section("Method", facts.method(content))}
{_section("Settings", facts.options(content), "options")}
{_section("Software", facts.versions(content))}
<h2>How to read this</h2>
{_READING}
<h2>How to cite the method</h2>
<p>{escape(_CITATION)}</p>
{_again(content)}
<p class="of">Written by DeepOT {escape(VERSION)}.</p>
</body></html>
"""


def _of(content: PairContent) -> str:
    days = content.days
    parts = [content.name, f"{days:g} days apart" if days is not None else "", content.grid.crs_name()]
    if not content.grid.georeferenced:
        parts[2] = "not georeferenced: everything is in pixels"
    return ", ".join(f"<span>{escape(part)}</span>" for part in parts if part)


def _cards(content: PairContent) -> str:
    rows, unit = dict(facts.statistics(content)), content.unit
    magnitude = rows["Displacement"]
    whole = sum(content.counts.values()) or 1
    covered = whole - content.counts[Reason.NODATA] - content.counts[Reason.USER_MASK]
    good = 100 * content.counts[Reason.GOOD] / covered if covered else 0.0
    cards = [
        (magnitude[0], "median displacement"),
        (magnitude[4], "95 % moved less"),
        ("± " + rows["Uncertainty, 1 sigma of a component"][0], "median uncertainty of a component"),
        (f"{good:.0f} %", "of the ground with data measured well"),
    ]
    days, values = content.days, content.good("magnitude")
    if days and values.size and unit == "m":
        cards.insert(2, (f"{facts.amount(float(np.percentile(values, 95)) / days, 'm')}/day", "95 % moved more slowly"))
    return "".join(f"<div><b>{escape(value)}</b><span>{escape(label)}</span></div>" for value, label in cards)


def _maps(content: PairContent, pictures: Mapping[str, bytes]) -> str:
    figures = []
    for band, picture in pictures.items():
        size = ' class="large"' if band == "magnitude" else ""
        figures.append(
            f'<figure{size}><img src="{_data(picture, "png")}" alt="{escape(_alt(content, band))}"></figure>'
        )
    return "".join(figures)


def _alt(content: PairContent, band: str) -> str:
    return f"Map: {VIEWS[band].title}, {content.title()}"


def _statistics(content: PairContent) -> str:
    rows = _rows(facts.statistics(content))
    return f'<div class="scroll"><table class="numbers">{_head(facts.STATISTICS_HEAD)}{rows}</table></div>'


def _plots(plots: bytes | None) -> str:
    if plots is None:
        return ""
    return f'<figure><img src="{_data(plots, "svg+xml")}" alt="Histograms and plots of the good pixels"></figure>'


def _data(picture: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{b64encode(picture).decode()}"


def _reasons(content: PairContent) -> str:
    rows = []
    for reason, words, count, share in facts.reasons(content):
        color = colors.REASONS.get(reason, "#ffffff")
        rows.append(
            f'<tr><th><span class="box" style="background:{color}"></span>{int(reason)} '
            f"<span>{escape(words)}</span></th>"
            f"<td>{count:,}</td><td>{100 * share:.1f} %</td>"
            f'<td style="text-align:left"><span class="bar" style="width:{14 * share:.2f}em;background:{color}"></span>'
            "</td></tr>"
        )
    head = "<thead><tr><th>Reason</th><th>Pixels</th><th>Share</th><th></th></tr></thead>"
    return f'<table class="numbers">{head}<tbody>{"".join(rows)}</tbody></table>'


def _messages(content: PairContent) -> str:
    said = facts.messages(content)
    return f"<h2>What the run said</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in said)}</ul>" if said else ""


def _images(content: PairContent) -> str:
    if not content.record:
        return "<p>The product carries no record of its run: what it was measured from is not known.</p>"
    return f'<div class="scroll"><table>{_head(("Reference", "Secondary"))}{_rows(facts.inputs(content))}</table></div>'


def _section(title: str, rows: Sequence[facts.Row], kind: str = "") -> str:
    return f'<h2>{escape(title)}</h2><table class="{kind}">{_rows(rows)}</table>' if rows else ""


def _again(content: PairContent) -> str:
    if not content.record:
        return ""
    name = escape(content.name.rsplit(".", 1)[0])
    what = (  # the last step that there was
        "projects the product on the slope"
        if content.said("downslope")
        else "brings the product to the map"
        if content.said("geocoding")
        else "refines the measured product"
        if content.said("refinement")
        else "measures the pair"
    )
    return (
        "<p>The record that holds all of this lies beside the product and inside it; "
        f"<code>python -m deepot_qgis.engine rerun {name}.json AGAIN.tif</code> {what} again with it.</p>"
    )


def _head(names: Sequence[str]) -> str:
    return f"<thead><tr><th></th>{''.join(f'<th>{escape(name)}</th>' for name in names)}</tr></thead>"


def _rows(rows: Sequence[facts.Row]) -> str:
    body = "".join(
        f"<tr><th>{escape(label)}</th>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for label, cells in rows
    )
    return f"<tbody>{body}</tbody>"
