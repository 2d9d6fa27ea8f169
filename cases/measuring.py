"""What every case asks of the engine: both methods, as a user has them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cases import files
from deepot_qgis.engine import model
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.quality import Reason


@dataclass(frozen=True)
class Measured:
    """A displacement product.

    Attributes
    ----------
    method : str
        ``model`` or ``correlation``.
    east, north : (H, W) arrays
        m, NaN where the product is masked.
    mask : (H, W) array
        `quality.Reason` codes.
    seconds : float
    """

    method: str
    east: np.ndarray
    north: np.ndarray
    mask: np.ndarray
    seconds: float

    @property
    def answered(self) -> np.ndarray:
        """Pixels that the product keeps."""
        return self.mask == Reason.GOOD


def network() -> model.ModelCard | None:
    """Card of the default network, where it can run here."""
    return next((card for card in model.available() if card.name == model.DEFAULT_MODEL and not card.problem), None)


def methods() -> tuple[str, ...]:
    """Conventional tracking, and before it the default network where it can run here."""
    return ("model", "correlation") if network() else ("correlation",)


def described() -> str:
    """What measured, for a sentence."""
    card = network()
    name = f"`{card.name}` {card.metadata['version']} and " if card else ""
    return f"{name}conventional tracking with the plugin's default settings and masks"


def pair(reference: Path, secondary: Path, output: Path, method: str) -> Measured:
    """Measure a pair with default settings."""
    started = time.monotonic()
    measure(MeasureOptions(str(reference), str(secondary), str(output), method=method))
    seconds = time.monotonic() - started
    bands = files.bands(output)
    return Measured(method, bands["east"], bands["north"], bands["mask"], seconds)
