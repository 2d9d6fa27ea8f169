"""Errors a user can act on.

Every message is one sentence (or two) that names the file, what is wrong and the way out. The panel, Processing
and the command line all show ``str(error)`` and nothing else.
"""

from __future__ import annotations


class DeepotError(Exception):
    """Base of every error that is meant to be read by the user."""


class InputError(DeepotError):
    """An input raster, area or date cannot be used."""


class GridMismatchError(InputError):
    """The two rasters do not share one grid; an aligned copy of the secondary is the way out."""


class ModelError(DeepotError):
    """A model file is missing, damaged or breaks the contract."""


class RuntimeMissingError(ModelError):
    """onnxruntime is not installed, or does not load."""


class DeviceError(DeepotError):
    """The device asked for is not there."""


class OptionsError(DeepotError):
    """An option has a value it cannot have."""


class OutputError(DeepotError):
    """The result cannot be written."""


class CancelledError(DeepotError):
    """The user cancelled. Nothing is left under a final name."""
