"""The sentences that the engine makes, as templates: ``{name} holds no data.`` for ``f"{self.name} holds no data."``.

The engine knows nothing of Qt and speaks English. What it says to a user is found here by reading its source:

* what is given to one of its errors;
* every other text with the look of a sentence: it begins a sentence and ends one;
* whatever such a text may hold in its braces, as far as that is words and written nearby (``a if b else c``, a variable
  of the function, what a function returns or appends to a list);
* in the modules that draw plots and write pages, every text.

``python -m scripts.translations`` writes them to `CATALOGUE`, by which the plugin recognises a finished sentence.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from deepot_qgis.engine.amplitude import EVIDENCE
from deepot_qgis.engine.quality import REASON_NAMES
from scripts.engine_reader import Reader, is_words
from scripts.staging import PLUGIN, REPOSITORY

ENGINE = REPOSITORY / PLUGIN / "engine"
CATALOGUE = REPOSITORY / PLUGIN / "processing" / "engine_texts.json"

# The command line stays English, and so does what only it uses or only an author of networks reads; progress has its
# own table; what stands in files is no sentence.
_NOT_READ = (
    "cli/",
    "__main__.py",
    "batch/",
    "jobs/cluster.py",
    "jobs/remote.py",
    "progress_words.py",
    "installation/pip.py",
    "interchange/netcdf_export.py",
    "model/adapter.py",
    "model/scaling.py",
    "model/trial.py",
)
# Every text of these is shown.
_PAGES = {
    "report/backdrop.py",
    "report/facts.py",
    "report/lineage.py",
    "report/maps.py",
    "report/page.py",
    "report/plots.py",
    "selftest/page.py",
    "selftest/plot.py",
    "selftest/report.py",
    "stations/plots.py",
    "timeseries/plots.py",
}
# Parts of sentences that other modules finish.
_PARTS = {
    "grids.py",
    "installation/trial.py",
    "local.py",
    "model/on_device.py",
    "model/uncertainty.py",
    "network.py",
    "runtime/failures.py",
    "runtime/library.py",
    "runtime/warmup.py",
    "stations/csv_columns.py",
    "stations/mapped.py",
    "stations/moments.py",
    "stations/suspicion.py",
}
#: Words that reach a sentence from afar, as the argument of a call or out of a table: the reader does not see them.
FROM_AFAR = (
    "Azimuth",
    "East",
    "North",
    "Range",
    "along {bearing}°",
    "amplitude",
    "columns",
    "direction in which the radar looks",
    "displacement",
    "elevation",
    "ended by signal {status}",
    "estimated",
    "ground",
    "heading",
    "incidence angle",
    "intensity",
    "layover",
    "left",
    "north",
    "plunge {plunge}°",
    "rows",
    "shadow",
    "slant",
    "the map's own mean direction",
    "the station's own mean direction",
    "time",
    "{free} of {total} GB free",
    "{how_many} cores",
    "{how_many} station",
    "{how_many} stations",
    "{pairs} pairs from {how_many} window",
    "{pairs} pairs from {how_many} windows",
)
_LABEL = re.compile(r"[A-Z][a-z]{2,}|east|north|right|up|because")


def templates(root: Path = ENGINE) -> list[str]:
    """Return every text that the engine may show, sorted."""
    found = {*REASON_NAMES.values(), *EVIDENCE.values(), *FROM_AFAR}
    for path in sorted(root.rglob("*.py")):
        where = path.relative_to(root).as_posix()
        if not where.startswith(_NOT_READ):
            texts = Reader(ast.parse(path.read_text(encoding="utf-8")), where in _PAGES | _PARTS).texts
            found.update(text for text in texts if is_words(text) or (where in _PAGES and _LABEL.fullmatch(text)))
    return sorted(found)


def write(path: Path = CATALOGUE) -> int:
    """Write the catalogue; returns how many texts it holds."""
    texts = templates()
    path.write_text(json.dumps(texts, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(texts)


def catalogue(path: Path = CATALOGUE) -> list[str]:
    """Return the texts of the catalogue as it was written."""
    return json.loads(path.read_text(encoding="utf-8"))
