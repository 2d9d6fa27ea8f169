"""Places that are too small for what is written there, and what the files hold that were written after all."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from osgeo import gdal, ogr

BYTES = 4 << 20


@contextmanager
def disk(path: Path) -> Iterator[Path | None]:
    """A disk of `BYTES`; None where one cannot be mounted."""
    path.mkdir()
    if shutil.which("mount") is None:
        yield None
        return
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={BYTES}", "tmpfs", str(path)], capture_output=True, check=False
    )
    try:
        yield path if made.returncode == 0 else None
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", "--lazy", str(path)], check=True)


@contextmanager
def room(folder: Path, size: int) -> Iterator[None]:
    """Fill a disk until this many bytes are free."""
    filler = folder / "filler"
    status = os.statvfs(folder)
    filler.write_bytes(b"\0" * max(0, status.f_bavail * status.f_frsize - size))
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def short_files(size: int) -> Iterator[None]:
    """No file of this process may become larger; the system calls fail as on a full disk, by another number."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def held(folder: Path) -> dict[str, str]:
    """A digest of what each file of a folder holds, by name; the fillers of rooms left out."""
    return {path.name: _digest(path) for path in sorted(folder.iterdir()) if path.name != "filler"}


def _digest(path: Path) -> str:
    if path.suffix in (".gpkg", ".shp"):
        layer = (source := ogr.Open(str(path))).GetLayer(0)
        words = [source.GetDriver().GetName(), *(feature.ExportToJson() for feature in layer)]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()
    if path.suffix == ".nc":
        root = (dataset := gdal.OpenEx(str(path), gdal.OF_MULTIDIM_RASTER)).GetRootGroup()
        parts = [np.asarray(root.OpenMDArray(name).ReadAsArray()).tobytes() for name in root.GetMDArrayNames()]
        del dataset
        return hashlib.sha256(b"".join(parts)).hexdigest()
    if path.suffix == ".tif":
        return hashlib.sha256(gdal.Open(str(path)).ReadAsArray().tobytes()).hexdigest()
    if path.suffix == ".json":
        return "a record"
    if path.suffix == ".svg":  # holds identifiers of chance
        return "a drawing" if path.read_text(encoding="utf-8").endswith("</svg>\n") else "half a drawing"
    return hashlib.sha256(path.read_bytes()).hexdigest()
