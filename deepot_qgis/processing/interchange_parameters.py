"""What export and import ask about the radar, and how empty numbers are read."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterEnum,
)

from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.interchange.radar import SIDES, Look
from deepot_qgis.processing.numbers import optional_number, read_number
from deepot_qgis.processing.parameters import advanced, tr

HEADING, INCIDENCE, SIDE = "HEADING", "INCIDENCE", "SIDE"


def add_look(algorithm: QgsProcessingAlgorithm, why: str) -> None:
    """Add heading, incidence angle and look side; `why` says when they are needed."""
    for name, title, text in (
        (
            HEADING,
            tr("Heading of the radar (degrees)"),
            tr("Clockwise from north; about -12 ascending, -168 descending."),
        ),
        (INCIDENCE, tr("Incidence angle (degrees)"), tr("From the vertical, in the middle of the area.")),
    ):
        algorithm.addParameter(advanced(optional_number(name, title), f"{text} {why}"))
    side = QgsProcessingParameterEnum(SIDE, tr("Look side"), list(SIDES), defaultValue=SIDES[0], usesStaticStrings=True)
    algorithm.addParameter(advanced(side, tr("Where the radar looks, seen along the flight; nearly all look right.")))


def read_look(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> Look | None:
    """Where the radar looked from, None when it was not given.

    Raises
    ------
    OptionsError
        Only one of heading and incidence angle was given, or one cannot be.
    """
    heading, incidence = (read_number(parameters, name) for name in (HEADING, INCIDENCE))
    if heading is None and incidence is None:
        return None
    if heading is None or incidence is None:
        raise OptionsError(tr("Heading and incidence angle belong together; give both."))
    return Look(heading, incidence, algorithm.parameterAsEnumString(parameters, SIDE, context))
