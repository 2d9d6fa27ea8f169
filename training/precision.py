"""Mixed precision: which arithmetic of a network may be rounded and which must stay exact.

Convolutions between features bear 8 bits of mantissa; a correlation peak found to a hundredth of a pixel, or an offset
of 16 px, does not.
"""

from __future__ import annotations

import functools

import torch
from torch import Tensor, nn

from training import correlate
from training.unets import Head

CHOICES = ("auto", "float32", "bfloat16", "float16")


def choose(precision: str, device: str) -> torch.dtype:
    """Type of the network's convolutions: `auto` is bfloat16 where a GPU has it, float16 on older ones.

    Raises
    ------
    ValueError
        `precision` is none of `CHOICES`.
    """
    if precision not in CHOICES:
        raise ValueError(f"precision is '{precision}'; it must be one of {', '.join(CHOICES)}.")
    if precision != "auto":
        return getattr(torch, precision)
    if device != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def _exact(forward, device: str):
    """The same function at single precision, whatever surrounds it."""

    @functools.wraps(forward)
    def run(*values: Tensor):
        with torch.autocast(device, enabled=False):
            return forward(*(value.float() for value in values))

    return run


def keep_exact(network: nn.Module, device: str) -> None:
    """Make what must not be rounded ignore autocast: fixed arithmetic, and heads that answer whole offsets."""
    for module in network.modules():
        if isinstance(module, Head) or type(module).__module__ == correlate.__name__:
            module.forward = _exact(module.forward, device)
