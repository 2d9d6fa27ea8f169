"""Files are read where they lie: nothing that stands in one sends GDAL to the network, to a pipe, or in circles.

A raster may be a few lines of XML that name other files (VRT) or a service. GDAL follows them wherever they lead, so
they are looked into before it opens them; and while it reads, it has no network (`offline`), because a reader of XML
that is not GDAL's own may overlook something.
"""

from __future__ import annotations

import html
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from osgeo import gdal

from .errors import InputError

#: Drivers whose data lie on the network, or that look for them there.
_REMOTE_DRIVERS = (
    "WMS", "WCS", "WMTS", "HTTP", "DAAS", "EEDAI", "OGCAPI", "PLMOSAIC", "PLSCENES", "NGW", "STACTA", "STACIT",
    "PostGISRaster", "DODS",
)  # fmt: skip
_REMOTE = re.compile(
    r"(?:https?|ftp)://|/vsi(?:curl|s3|gs|az|adls|oss|swift|hdfs|webhdfs)\b|/vsi\w+_streaming|\b(?:WMS|WCS|WMTS|PG):",
    re.IGNORECASE,
)
_SERVICE = re.compile(rb"<(?:GDAL_WMS|WCS_GDAL|GDAL_WMTS|WMT_MS_Capabilities|WMS_Capabilities)\b")
_VIRTUAL = b"<VRTDataset"
_NAMES = re.compile(r"<(SourceFilename|SourceDataset|KernelFilename)\b([^>]*)>(.*?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_HEAD_BYTES = 4096
_MOST_XML_BYTES = 1 << 28
#: A mosaic of mosaics is read once for each way that leads to a file; beyond these somebody means harm.
_MOST_DEPTH, _MOST_READS = 32, 100_000
#: What keeps GDAL from the network, whichever of its ways it takes: an address that nobody answers at.
_OFFLINE = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
    "GDAL_HTTP_PROXY": "127.0.0.1:1",
    "GDAL_HTTPS_PROXY": "127.0.0.1:1",
    "GDAL_HTTP_MAX_RETRY": "0",
    "GDAL_VRT_ENABLE_PYTHON": "NO",
}


def is_remote(path: str) -> bool:
    """Whether a path itself leads to the network; then the user wants to go there."""
    return _REMOTE.search(path) is not None


def drivers() -> list[str]:
    """Names of the raster drivers of this GDAL that read files."""
    found = (gdal.GetDriver(number) for number in range(gdal.GetDriverCount()))
    return [
        driver.ShortName
        for driver in found
        if driver.GetMetadataItem("DCAP_RASTER") and driver.ShortName not in _REMOTE_DRIVERS
    ]


@contextmanager
def offline() -> Iterator[None]:
    """Keep GDAL from the network, in this thread."""
    if not hasattr(gdal, "SetThreadLocalConfigOption"):  # older than GDAL 3.5
        yield
        return
    before = {key: gdal.GetThreadLocalConfigOption(key) for key in _OFFLINE}
    for key, value in _OFFLINE.items():
        gdal.SetThreadLocalConfigOption(key, value)
    try:
        yield
    finally:
        for key, value in before.items():
            gdal.SetThreadLocalConfigOption(key, value)


def require_plain(path: str) -> None:
    """Refuse a pipe or a device, which would be waited for or read without end.

    Raises
    ------
    InputError
        It is one.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return  # what is not there is told by who opens it
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InputError(f"{os.path.basename(path)} is a pipe or a device and no file; choose a file.")


def require_local(path: str) -> None:
    """Refuse a file that is no data itself: a pipe, a device, a description that leads elsewhere or to itself.

    Parameters
    ----------
    path : str
        Of a file or folder; anything else (a subdataset, a file in an archive) is left to GDAL.

    Raises
    ------
    InputError
        It leads to the network, to a pipe or device, or in circles.
    """
    _Walk(os.path.basename(path)).reads(path, ())


class _Walk:
    """Follows the files that a file names."""

    def __init__(self, name: str):
        self._name = name
        self._known: dict[str, int] = {}

    def reads(self, path: str, above: tuple[str, ...]) -> int:
        """How many files GDAL opens to read this one whole."""
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return 1  # what is not there is GDAL's to tell
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
            self._refuse("a pipe or a device, which is no file that can be read as an image")
        real = os.path.realpath(path)
        if real in above:
            self._refuse("itself, in a circle")
        if len(above) > _MOST_DEPTH:
            self._refuse(f"more than {_MOST_DEPTH} files one behind the other")
        if real not in self._known:
            inside = sum(self.reads(other, (*above, real)) for other in self._named(path, status))
            self._known[real] = max(inside, 1)
        if self._known[real] > _MOST_READS:
            self._refuse(f"more than {_MOST_READS} readings of other files")
        return self._known[real]

    def _named(self, path: str, status: os.stat_result) -> list[str]:
        """Files that a VRT names; empty for what is none."""
        if stat.S_ISDIR(status.st_mode):
            return []
        try:
            with open(path, "rb") as file:
                head = file.read(_HEAD_BYTES)
                if _SERVICE.search(head):
                    self._refuse("a service on the network")
                if _VIRTUAL not in head:
                    return []
                content = head + file.read(_MOST_XML_BYTES)
        except OSError:
            return []
        found = []
        for _, attributes, text in _NAMES.findall(content.decode("utf-8", "replace")):
            name = html.unescape(text.replace("<![CDATA[", "").replace("]]>", "")).strip()
            if is_remote(name):
                self._refuse("the network")
            if re.search(r"relativeToVRT\s*=\s*[\"']\s*1", attributes, re.IGNORECASE):
                name = os.path.join(os.path.dirname(path), name)
            found.append(name)
        return found

    def _refuse(self, where: str) -> None:
        raise InputError(
            f"{self._name} leads to {where}, and is not followed; choose the image itself, or save a copy of it as "
            "GeoTIFF."
        )
