"""Style files of QGIS from those that are shipped: a kind of ramp, set to a band and a range.

QGIS made the shipped ones (``resources/styles``, by ``scripts/styles.py``, which sorts the attributes); nothing here
knows a colour. They are filled in as text: reading XML safely would need another package.
"""

from __future__ import annotations

import re
from functools import cache

from ..resources import folder
from .ranges import BandRange
from .views import CLASSES, COUNT, CYCLIC, DIVERGING, ERROR, SEQUENTIAL, SHARE, VEIL, View

FOLDER = folder("resources") / "styles"
#: Name of the shipped style of each kind of view.
NAMES = {
    SEQUENTIAL: "sequential",
    DIVERGING: "diverging",
    CYCLIC: "cyclic",
    ERROR: "uncertainty",
    SHARE: "correlation",
    COUNT: "correlation",
    VEIL: "sigma_grey",
    CLASSES: "mask",
}
#: First line of a style file.
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
#: A value of a ramp.
_ITEM = re.compile(r'(<item [^>]*label=")[^"]*(" value=")([^"]*)"')
#: Property by which the plugin knows its layers.
_VIEW = (
    '<customproperties><Option type="Map"><Option name="deepot/view" type="QString" value="{key}"></Option></Option>'
    "</customproperties>"
)


def qml(view: View, span: BandRange) -> str:
    """Text of the style file of a view."""
    text = _shipped(NAMES[view.kind])
    text = _set(text, "band", str(span.band))
    if "<colorrampshader" in text:
        text = _stretch(text, span)
    text = text.replace('styleCategories="', 'styleCategories="CustomProperties|', 1)
    return text.replace("</qgis>", f"{_VIEW.format(key=view.key)}</qgis>")


def _stretch(text: str, span: BandRange) -> str:
    """Move every value of a ramp from its own range to another."""
    low, high = (_number(text, name) for name in ("minimumValue", "maximumValue"))
    factor = (span.high - span.low) / (high - low)

    def moved(item: re.Match[str]) -> str:
        value = span.low + factor * (float(item[3]) - low)
        return f'{item[1]}{value:.6g}{item[2]}{value:.15g}"'

    text = _ITEM.sub(moved, text)
    for lowest, highest in (("minimumValue", "maximumValue"), ("classificationMin", "classificationMax")):
        text = _set(_set(text, lowest, f"{span.low:.15g}"), highest, f"{span.high:.15g}")
    return text


def _set(text: str, name: str, value: str) -> str:
    return re.sub(rf'( {name}=")[^"]*"', rf'\g<1>{value}"', text, count=1)


def _number(text: str, name: str) -> float:
    found = re.search(rf' {name}="([^"]*)"', text)
    return float(found[1]) if found else float("nan")


@cache
def _shipped(name: str) -> str:
    return (FOLDER / f"{name}.qml").read_text(encoding="utf-8")
