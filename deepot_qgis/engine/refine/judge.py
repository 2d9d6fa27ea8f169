"""Which pixels are good by the limits and masks of a refinement, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .. import quality
from ..quality import QualityOptions, Reason
from .options import Limits, RefineOptions
from .source import View

#: Reasons of limits: such a pixel comes back when the limit is loosened.
_BY_LIMIT = (Reason.LOW_CORRELATION, Reason.UNCERTAIN)


def judge(
    view: View,
    options: RefineOptions,
    excluded: Mapping[Reason, np.ndarray],
    differs: np.ndarray | None,
    before: Limits,
    measured: QualityOptions,
) -> np.ndarray:
    """Reason codes of a view.

    Reasons that no limit of a refinement decides (no data, outside, what an earlier refinement masked) stay. A pixel
    that comes back because a limit was loosened is compared with its neighbours as the measurement would have done.

    Parameters
    ----------
    view : View
    options : RefineOptions
    excluded : mapping
        See `masks.Exclusions.on`.
    differs : numpy.ndarray or None
        bool, where forward and backward differ; None where that is not asked.
    before : Limits
        By which the product was masked.
    measured : QualityOptions
        Of the measurement, for the comparison with neighbours.

    Returns
    -------
    numpy.ndarray
        uint8 ``(H, W)``.
    """
    was = view.was
    nothing = np.zeros(was.shape, bool)
    known = nothing if view.offsets is None else np.isfinite(view.offsets).all(axis=0)
    masks = {
        Reason.USER_MASK: was == Reason.USER_MASK,
        Reason.NODATA: was == Reason.NODATA,
        Reason.OUTSIDE: was == Reason.OUTSIDE,
        Reason.LAYOVER_SHADOW: (was == Reason.LAYOVER_SHADOW) | excluded.get(Reason.LAYOVER_SHADOW, nothing),
        Reason.EXCLUDED: (was == Reason.EXCLUDED) | excluded.get(Reason.EXCLUDED, nothing),
        Reason.LOW_CORRELATION: _low(view, was, options) | ((was == Reason.LOW_CORRELATION) & ~known),
        Reason.UNCERTAIN: _uncertain(view, was, options, before) | ((was == Reason.UNCERTAIN) & ~known),
        Reason.DISAGREES: (was == Reason.DISAGREES) | (nothing if differs is None else differs),
    }
    codes = quality.reasons(masks, (was.shape[0], was.shape[1])).astype(np.uint8)
    back = np.isin(was, _BY_LIMIT) & (codes == Reason.GOOD)
    unlike = was == Reason.INCONSISTENT
    if back.any() and view.offsets is not None:
        followed = quality.well_followed(view.bands[5], measured)
        offset = np.where(known, view.offsets, np.float32(np.nan))
        unlike |= quality.outliers(offset, known, followed, measured.outlier_factor, back, view.lattice)
    codes[(codes == Reason.GOOD) & unlike] = Reason.INCONSISTENT
    return codes


def _low(view: View, was: np.ndarray, options: RefineOptions) -> np.ndarray:
    """Pixels that correlate too little; where the correlation is not known, as the product says."""
    decided: np.ndarray = was == Reason.LOW_CORRELATION
    if options.min_correlation is None:
        return decided
    similar = view.bands[5]
    low: np.ndarray = np.where(np.isfinite(similar), similar < options.min_correlation, decided)
    return low


def _uncertain(view: View, was: np.ndarray, options: RefineOptions, before: Limits) -> np.ndarray:
    """Pixels that are too uncertain. What failed the correlation has not been asked for its sigma before."""
    decided: np.ndarray = was == Reason.UNCERTAIN
    if options.max_sigma is None:
        never_asked = was == Reason.LOW_CORRELATION
        decided |= never_asked & (view.sigma(before.sigma_unit) > before.max_sigma)
        return decided
    sigma = view.sigma(options.sigma_unit)
    uncertain: np.ndarray = np.where(np.isfinite(sigma), sigma > options.max_sigma, decided)
    return uncertain
