"""What to compare, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..errors import InputError, OptionsError
from ..provenance import require_kinds
from ..values import number, one_of
from .breaks import breaks_of
from .csv_options import CsvOptions, crs_of
from .station import Placement

#: Sides of the square of pixels that is read at a station.
SIZES = (1, 3, 5)
NORTHS = ("grid", "true")
PICTURES = ("png", "svg")


@dataclass(frozen=True)
class StationsOptions:
    """What to compare with which map, and where the result goes.

    Attributes
    ----------
    product : str
        A series (``series.json`` or its folder), or one displacement product (GeoTIFF with two dates).
    stations : tuple of str
        Files of stations, and folders of them.
    output : str
        Folder of the results; made when it is not there.
    csv : CsvOptions or None
        How tables are read; None recognises each table by itself and says what it took.
    positions : str or None
        A file of positions, see `positions.read_positions`.
    positions_crs : str
        Coordinate reference system of a table of positions that does not state it.
    placements : tuple of Placement
        Positions and lines given by hand; they count more than those of files.
    size : int
        1, 3 or 5: side of the square of pixels around the station whose mean, weighted by 1 / sigma^2, is taken.
    max_gap_days : float
        A record is not interpolated between two values further apart than this.
    breaks : tuple of (str, str)
        Station (``*`` for all) and date of each break. A record is not interpolated across a break, and starts at zero
        again after it.
    norths : str
        Whether bearings that are given count from ``grid`` north of the map or from ``true`` north.
    max_sigma_factor : float
        Values of a station whose sigma is more than this many times its median are left out.
    base : str or None
        Name of a GNSS on stable ground whose motion is taken from the other GNSS; it is not compared itself.
    names : tuple of str
        Stations to compare; empty for all.
    pictures : tuple of str
        Formats of the plots, of `PICTURES`; empty for none.
    """

    product: str
    stations: tuple[str, ...]
    output: str
    csv: CsvOptions | None = None
    positions: str | None = None
    positions_crs: str = ""
    placements: tuple[Placement, ...] = ()
    size: int = 3
    max_gap_days: float = 7.0
    breaks: tuple[tuple[str, str], ...] = ()
    norths: str = "grid"
    max_sigma_factor: float = 10.0
    base: str | None = None
    names: tuple[str, ...] = ()
    pictures: tuple[str, ...] = PICTURES

    def __post_init__(self) -> None:
        if not self.product:
            raise OptionsError("No map is chosen; choose a time series or a displacement product.")
        if not self.stations:
            raise OptionsError("No file of stations is chosen; choose one or a folder of them.")
        if not self.output:
            raise OptionsError("No folder is chosen for the results; choose one.")
        if self.size not in SIZES:
            raise OptionsError(f"The size is {self.size}; a station is compared with 1, 3 or 5 pixels across.")
        number("max_gap_days", self.max_gap_days, 0.0, 10_000.0)
        number("max_sigma_factor", self.max_sigma_factor, 1.0, 1e9)
        one_of("norths", self.norths, NORTHS)
        for picture in self.pictures:
            one_of("picture", picture, PICTURES)
        for name, _ in self.breaks:
            breaks_of(name, self.breaks)  # refuses what is no date
        if self.positions_crs:
            crs_of(self.positions_crs)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> StationsOptions:
        """Options as ``stations.json`` keeps them.

        Raises
        ------
        InputError
            The record is of another version or was edited.
        """
        known = {item.name for item in fields(cls)}
        try:
            given: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in record.items()
            }
            given["csv"] = CsvOptions.from_record(given["csv"]) if given.get("csv") else None
            given["placements"] = tuple(Placement(**one) for one in given.get("placements", ()))
            given["breaks"] = tuple((name, date) for name, date in given.get("breaks", ()))
            require_kinds(cls, given)
            if given["csv"] is not None:
                require_kinds(CsvOptions, vars(given["csv"]))
            return cls(**{key: value for key, value in given.items() if key in known})
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise InputError(
                f"The record of the comparison does not fit this version ({error}); compare the stations again."
            ) from error
