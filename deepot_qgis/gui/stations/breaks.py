"""Breaks of a record as a person types them."""

from __future__ import annotations

from deepot_qgis.engine.errors import OptionsError


def parse_breaks(text: str) -> tuple[tuple[str, str], ...]:
    """Return (station, date) of each break in ``upper=2015-05-13, *=2016-01-01``.

    Raises
    ------
    OptionsError
        A part is not written so.
    """
    found = []
    for part in filter(None, (piece.strip() for piece in text.replace(";", ",").split(","))):
        name, sign, date = (piece.strip() for piece in part.partition("="))
        if not (name and sign and date):
            raise OptionsError(f"'{part}' is no break; write station=date, such as upper=2015-05-13, or *=2015-05-13.")
        found.append((name, date))
    return tuple(found)
