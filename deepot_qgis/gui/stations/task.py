"""Reading stations and comparing them, in the background: paths and texts only."""

from __future__ import annotations

from deepot_qgis.engine.stations import CsvGuess, CsvOptions, Reading, guess, place, read, read_positions
from deepot_qgis.gui.task import DeepotTask


class GuessTask(DeepotTask):
    """Look at a table before its wizard opens; succeeds with a CsvGuess."""

    def __init__(self, path: str):
        super().__init__("DeepOT: look at a table")
        self._path = path

    def work(self) -> CsvGuess:
        return guess(self._path)


class ReadStationsTask(DeepotTask):
    """Read stations and their positions; succeeds with a Reading."""

    def __init__(self, paths: tuple[str, ...], csv: CsvOptions | None, positions: str, positions_crs: str):
        super().__init__("DeepOT: read stations")
        self._paths, self._csv = paths, csv
        self._positions, self._crs = positions, positions_crs

    def work(self) -> Reading:
        found = read(self._paths, self._csv, [self._positions] if self._positions else [])
        if not self._positions:
            return found
        placements = read_positions(self._positions, self._crs)
        return Reading(place(found.stations, placements), found.problems, found.notes)
