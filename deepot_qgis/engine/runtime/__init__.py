"""Devices and sessions of ONNX Runtime, which is imported only when a network is to run.

`library` imports it and says which build it is, `hardware` and `nvidia` look at the machine, `providers` knows what a
device is called in ONNX Runtime, `session` opens a network on a device, `failures` says why one cannot be had, `warmup`
finds out whether the network really runs there, `batching` feeds it from many threads, and `listing` tries them all.
"""

from .batching import Batches, TileTooLargeError
from .failures import brief
from .hardware import CORES, cores
from .library import builds, folder, onnxruntime, origin
from .listing import Device, devices, survey
from .providers import DEVICES, POSSIBLE
from .session import Session, open_session
from .warmup import WarmUp, warm_up

__all__ = [
    "CORES",
    "DEVICES",
    "POSSIBLE",
    "Batches",
    "Device",
    "Session",
    "TileTooLargeError",
    "WarmUp",
    "brief",
    "builds",
    "cores",
    "devices",
    "folder",
    "onnxruntime",
    "open_session",
    "origin",
    "survey",
    "warm_up",
]
