"""Measured records that outlive the run: what was measured with the same files is not measured again."""

from __future__ import annotations

import hashlib
import importlib
import json
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# what every record depends on besides its method and its own case: how pairs are made and judged
_SOURCES = (
    "benchmarks/accuracy/case.py",
    "benchmarks/accuracy/fixed_set.py",
    "benchmarks/accuracy/grounds.py",
    "benchmarks/accuracy/measures.py",
    "deepot_qgis/engine/fields.py",
    "deepot_qgis/engine/synthetic.py",
    "deepot_qgis/engine/warp.py",
)


def digest(paths: list[Path]) -> str:
    """Short SHA-256 over the content of files."""
    total = hashlib.sha256()
    for path in sorted(set(paths)):
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def code_digest(module: str) -> str:
    """Digest of the sources that make and judge the pairs of a case defined in `module`, those in its SOURCES too."""
    room = importlib.import_module(module)
    sources = (*_SOURCES, *getattr(room, "SOURCES", ()))
    return digest([*(REPOSITORY / source for source in sources), Path(room.__file__)])


class Store:
    """Records by key, appended to a file of JSON lines as they come (or kept in memory without one).

    Parameters
    ----------
    path : Path, optional
        A line that a killed run left unfinished is ignored.
    """

    def __init__(self, path: Path | None = None):
        self._path = path
        self._records: dict[str, dict] = {}
        if path is not None and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    key, value = json.loads(line)
                except ValueError:
                    continue
                self._records[key] = value

    def get(self, key: str) -> dict | None:
        """The record of a key, None where there is none."""
        return self._records.get(key)

    def put(self, key: str, value: dict) -> None:
        """Keep a record."""
        self._records[key] = value
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n" + json.dumps([key, value]))
