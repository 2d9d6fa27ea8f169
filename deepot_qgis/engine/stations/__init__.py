"""Instruments on the ground: read what extensometers and GNSS recorded, and compare maps with it.

`guess` looks at a file for a wizard, `read_csv` and `read_pbo` read one, `read` reads files and folders, and `compare`
puts a series or one displacement product beside the stations.
"""

from .compare import StationsResult, compare, read_stations
from .comparison import Component, StationComparison
from .csv_columns import ColumnGuess
from .csv_guess import CsvGuess, guess
from .csv_options import CsvOptions
from .csv_reader import read_csv
from .metrics import Metrics, metrics
from .options import StationsOptions
from .pbo import read_pbo
from .positions import place, read_positions
from .reading import read
from .station import Placement, Problem, Reading, Station

__all__ = [
    "ColumnGuess",
    "Component",
    "CsvGuess",
    "CsvOptions",
    "Metrics",
    "Placement",
    "Problem",
    "Reading",
    "Station",
    "StationComparison",
    "StationsOptions",
    "StationsResult",
    "compare",
    "guess",
    "metrics",
    "place",
    "read",
    "read_csv",
    "read_pbo",
    "read_positions",
    "read_stations",
]
