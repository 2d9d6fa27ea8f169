"""Colours that a colour-blind reader can read, perceptually uniform, never jet; without QGIS and matplotlib.

The stops are samples of the scientific colour maps of Crameri (2018, doi:10.5281/zenodo.1243862, MIT):
``lipari`` for amounts, ``vik`` for signed values, ``romaO`` for angles and ``davos`` for errors.
"""

from __future__ import annotations

from ..quality import Reason

SEQUENTIAL = (
    "#031326", "#0c2e4d", "#294b70", "#525b7a", "#6b5f76", "#85606f", "#a56267",
    "#c8675f", "#e57b62", "#e99973", "#e5b488", "#edd3ad", "#fdf5da",
)  # fmt: skip
DIVERGING = (
    "#001261", "#023376", "#06548b", "#307da6", "#71a8c4", "#b3d1df", "#ece5e0",
    "#e4bfaa", "#d39774", "#c37243", "#ab4814", "#7e1d06", "#590008",
)  # fmt: skip
CYCLIC = (
    "#733957", "#823c3d", "#94502e", "#aa752f", "#c3a34b", "#d5ce81", "#cbe1b3",
    "#a4d8cb", "#74bbcd", "#5495c0", "#516da6", "#62497d", "#733957",
)  # fmt: skip
ERROR = (
    "#00054a", "#0c2368", "#1c3f83", "#2f5a96", "#43709d", "#57809b", "#6c8e93",
    "#809b8b", "#99ad88", "#bbc794", "#e1e5b6", "#f7f7de", "#fefefe",
)  # fmt: skip

#: Opacity of the first stops of an amount: still ground is see-through, so that the radar image stays readable.
FADE_IN = (0.0, 0.3, 0.6, 0.85)

#: A grey that lies over what may be noise, and its opacities from no standard error to those that tell: full up to two
#: of three.
VEIL = ("#aab0b6", "#aab0b6", "#aab0b6", "#aab0b6")
FADE_OUT = (0.9, 0.9, 0.85, 0.0)

#: What is masked, laid over the radar image.
MASKED = "#9aa3ab"

#: Okabe and Ito's colour-blind-safe set; good ground has no colour.
REASONS = {
    Reason.NODATA: "#999999",
    Reason.OUTSIDE: "#56b4e9",
    Reason.LOW_CORRELATION: "#e69f00",
    Reason.INCONSISTENT: "#0072b2",
    Reason.LAYOVER_SHADOW: "#cc79a7",
    Reason.USER_MASK: "#d9d9d9",
    Reason.UNCERTAIN: "#f0e442",
    Reason.EXCLUDED: "#404040",  # not their green, in which the panel shows what is good
    Reason.DISAGREES: "#d55e00",
}
