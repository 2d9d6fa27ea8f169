"""Networks in ONNX files: the contract they keep, how they are fed, and what they answer."""

from .estimator import DEFAULT_MODEL, ModelCard, NetworkEstimator, available, bundled, find

__all__ = ["DEFAULT_MODEL", "ModelCard", "NetworkEstimator", "available", "bundled", "find"]
