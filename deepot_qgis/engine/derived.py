"""What was made of a product or an elevation model with the geometry of the radar, once more from its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Union

from . import provenance
from .geocode import GeocodeOptions
from .terrain import DownslopeOptions, LayoverOptions

Options = Union[DownslopeOptions, GeocodeOptions, LayoverOptions]


def options_of(path: str, output: str) -> Options | None:
    """Options of an earlier run by the JSON beside what it wrote, with another output.

    Parameters
    ----------
    path : str
        The JSON.
    output : str
        What to write this time.

    Returns
    -------
    DownslopeOptions, GeocodeOptions or LayoverOptions
        None where the record tells of none of these.

    Raises
    ------
    InputError
        The file is no record, is of another version, or was edited.
    """
    record = provenance.read(path)
    try:
        found = _given(record)
        if found is None:
            return None
        kind, given = found
        provenance.require_kinds(kind, given)
        return replace(kind(**given), output=output)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise provenance.no_record(path) from error


def _given(record: Mapping[str, Any]) -> tuple[type[Options], dict[str, Any]] | None:
    """The last step that a record tells of; a product on the slope carries what its product went through."""
    if "downslope" in record:
        return DownslopeOptions, dict(record["downslope"]["options"])
    if "geocoding" in record:
        return GeocodeOptions, dict(record["geocoding"]["options"])
    if "layover_shadow" in record:
        return LayoverOptions, dict(record["layover_shadow"])
    return None
