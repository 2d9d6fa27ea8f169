"""Instruments on the ground: read what extensometers and GNSS recorded, and compare maps with it.

`guess` looks at a file for a wizard, `read_csv` and `read_pbo` read one, `read` reads files and folders, and `compare`
puts a series or one displacement product beside the stations.
"""

from .csv_guess import ColumnGuess, CsvGuess, guess
from .csv_options import CsvOptions
from .csv_reader import read_csv
from .pbo import read_pbo
from .positions import place, read_positions
from .reading import read
from .station import Placement, Problem, Reading, Station

__all__ = [
    "ColumnGuess",
    "CsvGuess",
    "CsvOptions",
    "Placement",
    "Problem",
    "Reading",
    "Station",
    "guess",
    "place",
    "read",
    "read_csv",
    "read_pbo",
    "read_positions",
]
