"""A process of ours keeps little of what it freed."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest
from osgeo import gdal

from deepot_qgis.engine import thrift

#: Frees pieces that GNU malloc would keep; the bytes that the process still holds of them.
_CHILD = """
import sys
import numpy as np
if sys.argv[1] == "thrifty":
    from deepot_qgis.engine.thrift import be_thrifty
    be_thrifty()
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
np.ones(30 << 20, np.uint8)  # after this one has gone, pieces up to its size come from the heap
before = resident()
pieces = [np.ones(4 << 20, np.uint8) for _ in range(50)]
last = np.ones(1 << 19, np.uint8)
pieces.clear()
print(resident() - before)
"""


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"), reason="no GNU C library"
)
def test_what_was_freed_goes_back():
    held = {
        way: int(subprocess.run([sys.executable, "-c", _CHILD, way], capture_output=True, text=True, check=True).stdout)
        for way in ("thrifty", "as_it_is")
    }
    assert held["thrifty"] < 20e6 < 100e6 < held["as_it_is"]


def test_a_library_without_the_switches_is_left_alone(monkeypatch):
    monkeypatch.setattr(thrift.ctypes, "CDLL", lambda _: object())
    before = gdal.GetCacheMax()
    try:
        thrift.be_thrifty()
        assert gdal.GetCacheMax() == 128 << 20
    finally:
        gdal.SetCacheMax(before)
