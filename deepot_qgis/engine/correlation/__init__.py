"""Conventional offset tracking: normalised cross-correlation of small windows, the baseline of every comparison."""

from .estimator import CorrelationEstimator, CorrelationOptions

__all__ = ["CorrelationEstimator", "CorrelationOptions"]
