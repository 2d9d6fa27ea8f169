"""Errors a user can act on.

Every message is one sentence (or two) that names the file, what is wrong and the way out. The panel, Processing
and the command line all show ``str(error)`` and nothing else.
"""

from __future__ import annotations

#: A sentence may quote what stands in a file; beyond this its middle is left out, not its way out.
_LONGEST, _BEGINNING, _END = 800, 480, 280


class DeepotError(Exception):
    """Base of every error that is meant to be read by the user.

    What a file holds may end up in the sentence: control characters are written as escapes, and what is endless is
    shortened.
    """

    def __init__(self, sentence: str = "", *more: object):
        text = str(sentence)
        if not text.isprintable():
            text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text.replace("\n", " "))
        if len(text) > _LONGEST:
            text = f"{text[:_BEGINNING]} ... {text[-_END:]}"
        super().__init__(text, *more)


class InputError(DeepotError):
    """An input raster, area or date cannot be used."""


class GridMismatchError(InputError):
    """The two rasters do not share one grid; an aligned copy of the secondary is the way out."""


class ModelError(DeepotError):
    """A model file is missing, damaged or breaks the contract."""


class RuntimeMissingError(ModelError):
    """onnxruntime is not installed, or does not load."""


class InstallationError(DeepotError):
    """ONNX Runtime cannot be installed or removed.

    Attributes
    ----------
    command : str
        What a user may type instead; empty where nothing helps.
    """

    def __init__(self, sentence: str = "", command: str = ""):
        super().__init__(sentence)
        self.command = command


class DeviceError(DeepotError):
    """The device asked for is not there."""


class OptionsError(DeepotError):
    """An option has a value it cannot have."""


class OutputError(DeepotError):
    """The result cannot be written."""


class ClusterError(DeepotError):
    """A cluster cannot be used: its scheduler does not answer, or its workers cannot measure."""


class LostError(DeepotError):
    """The process that measured was lost again and again; other pairs are not concerned."""


class CancelledError(DeepotError):
    """The user cancelled. Nothing is left under a final name."""
