"""What lies in a folder after a process was killed: whole files, temporary ones, or what must not be there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from osgeo import gdal

#: Of the record of a run: what may differ between two runs of the same numbers.
_VARYING = ("seconds", "messages", "started")


@dataclass(frozen=True)
class Left:
    """The files of a folder.

    Attributes
    ----------
    whole : dict
        A digest of what each file under a final name holds, by its path in the folder.
    temporary : tuple of str
        Temporary files, and folders of kept rows.
    broken : dict
        Why a file under a final name is not whole, by its path.
    """

    whole: Mapping[str, str]
    temporary: tuple[str, ...]
    broken: Mapping[str, str]


def look(folder: str) -> Left:
    """Look at every file of a folder and below it."""
    whole, temporary, broken = {}, [], {}
    for place, folders, names in os.walk(folder):
        hidden = [name for name in (*folders, *names) if is_temporary(name)]
        temporary += [os.path.relpath(os.path.join(place, name), folder) for name in hidden]
        folders[:] = [name for name in folders if name not in hidden]
        for name in names:
            if name in hidden:
                continue
            path = os.path.join(place, name)
            key = os.path.relpath(path, folder)
            try:
                whole[key] = digest(path)
            except (ValueError, RuntimeError, OSError) as error:
                broken[key] = str(error)
    return Left(whole, tuple(sorted(temporary)), broken)


def is_temporary(name: str) -> bool:
    """Whether a name says that the file is not finished: hidden, and named so by the engine."""
    return name.startswith(".") and (".partial" in name or name.endswith(".resume"))


def digest(path: str) -> str:
    """SHA-256 of what a file holds: pixels and overviews of a raster, a record without its times, bytes of others.

    Raises
    ------
    ValueError, RuntimeError
        It is not whole.
    """
    if path.endswith(".json"):
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
        return _sha(json.dumps({k: v for k, v in record.items() if k not in _VARYING}, sort_keys=True).encode())
    if path.endswith(".tif"):
        return _sha(*_planes(path))
    if path.endswith((".nc", ".png")):
        if gdal.OpenEx(path) is None:
            raise ValueError("cannot be opened")
        return "opens"  # holds the time of its making
    with open(path, "rb") as file:
        return _sha(file.read())


def _planes(path: str) -> list[bytes]:
    dataset = gdal.OpenEx(path, gdal.OF_RASTER)
    if dataset is None:
        raise ValueError("cannot be opened")
    found = []
    for number in range(1, dataset.RasterCount + 1):
        band = dataset.GetRasterBand(number)
        for plane in (band, *(band.GetOverview(k) for k in range(band.GetOverviewCount()))):
            values = plane.ReadAsArray()
            if values is None:
                raise ValueError("its pixels cannot be read")
            found.append(np.ascontiguousarray(values).tobytes())
    return found


def _sha(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()
