"""Displacement of pairs to displacement at dates: robust weighted least squares for many pixels at once.

The small-baseline network inversion (Berardino et al., IEEE TGRS 40, 2002; for pixel offsets Casu et al., IEEE TGRS
49, 2011), with each pair weighted by its own sigma. East and north share weights, so that a pair is an outlier in both
or in none. Arrays in, arrays out: no files here.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import fields

import numpy as np

from ..callbacks import Cancelled
from ..errors import CancelledError, OptionsError
from .design import Design
from .history import InversionOptions, Inverted
from .solver import Chunk

__all__ = ["Design", "InversionOptions", "Inverted", "invert"]

#: Pairs times pixels solved together: few enough for the caches, enough for threads not to wait for each other.
_CHUNK = 700_000
#: Fewer pixels than this would spend their time in Python.
_LEAST_PIXELS = 1024


def invert(
    east: np.ndarray,
    north: np.ndarray,
    sigma: np.ndarray,
    design: Design,
    options: InversionOptions | None = None,
    executor: Executor | None = None,
    cancelled: Cancelled = lambda: False,
) -> Inverted:
    """Invert the pairs of many pixels.

    Parameters
    ----------
    east, north : numpy.ndarray
        ``(pairs, pixels)``, displacement of each pair, NaN where masked.
    sigma : numpy.ndarray
        ``(pairs, pixels)``, 1-sigma error of a component, same unit; a pair without a positive one does not count.
    design : Design
        Made with ``smooth=True`` when the options smooth.
    options : InversionOptions, optional
    executor : concurrent.futures.Executor, optional
        Where parts are computed at the same time (threads will do: numpy lets them).
    cancelled : callable, optional
        Asked before each part.

    Returns
    -------
    Inverted

    Raises
    ------
    OptionsError
        Smoothing is asked for, and the design has no place for it.
    CancelledError
        The user cancelled.
    """
    options = options or InversionOptions()
    if options.smoothness is not None and not design.smooth:
        raise OptionsError("Smoothing needs a Design that was made with smooth=True.")
    pixels = east.shape[1]
    size = max(_LEAST_PIXELS, _CHUNK // len(east))
    parts = [slice(start, min(start + size, pixels)) for start in range(0, pixels, size)]

    def solve(part: slice) -> Inverted:
        if cancelled():
            raise CancelledError("Cancelled; the measured pairs are kept.")
        return Chunk(east[:, part], north[:, part], sigma[:, part], design, options).inverted()

    solved: Sequence[Inverted] = list((executor.map if executor else map)(solve, parts))
    if len(solved) == 1:
        return solved[0]
    return Inverted(
        *(np.concatenate([getattr(one, item.name) for one in solved], axis=-1) for item in fields(Inverted))
    )
