"""The pairs of a self-test: known motion put into a real second date, or into two simulated ones."""

from __future__ import annotations

import numpy as np

from .. import speckle, synthetic
from .sample import Window

#: Coherence of the simulated second date when none is given: neither a dry slope after a week nor a wood in summer.
ASSUMED_COHERENCE = 0.6


class PairMaker:
    """Makes pairs of windows whose ground moved by a known field.

    Parameters
    ----------
    windows : list of Window
        With a secondary: the field is put into it. Without: both dates are simulated.
    coherence, looks : float or None, int or None
        Of the simulation; None assumes `ASSUMED_COHERENCE`, and estimates the looks.
    seed : int

    Attributes
    ----------
    simulated : bool
    coherence : float or None
        Of the simulation, or measured between the two images (None where there is too little to measure).
    looks : int
    message : str
        What is done, as a sentence.
    """

    def __init__(self, windows: list[Window], coherence: float | None, looks: int | None, seed: int) -> None:
        self.windows, self._seed = windows, seed
        self.simulated = windows[0].secondary is None
        found = speckle.describe([window.reference for window in windows])
        self.looks, self._sensor = looks or found.looks, found.sensor
        self.coherence: float | None
        if self.simulated:
            self.coherence = ASSUMED_COHERENCE if coherence is None else coherence
            self.message = self._simulation(coherence is not None, looks is not None)
        else:
            self.coherence = self._measured()
            self.message = self._reality()

    def rng(self, *keys: int) -> np.random.Generator:
        """Generator of its own for each purpose, so that one does not depend on what others drew."""
        return np.random.default_rng([self._seed, *keys])

    def make(self, number: int, offset: np.ndarray | None, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Both images of a window whose ground moved by a field; None for no motion."""
        window = self.windows[number]
        if window.secondary is not None:
            return window.reference, window.secondary if offset is None else synthetic.move(window.secondary, offset)
        assert self.coherence is not None  # of a simulation it is assumed or given
        still = np.zeros((2, *window.shape), np.float32) if offset is None else offset
        return synthetic.embed(window.reference, still, self.coherence, self.looks, rng, self._sensor)

    def _measured(self) -> float | None:
        values = [
            speckle.coherence(window.reference, window.secondary)
            for window in self.windows
            if window.secondary is not None
        ]
        known = [value for value in values if value is not None]
        return float(np.median(known)) if known else None

    def _reality(self) -> str:
        if self.coherence is None:
            return "Known motion was embedded in the real second image."
        return (
            "Known motion was embedded in the real second image; the two intensities are as alike as with a coherence "
            f"of {self.coherence:.2f}."
        )

    def _simulation(self, coherence_given: bool, looks_given: bool) -> str:
        because = "as given" if coherence_given else "assumed: one image does not tell"
        return (
            f"The second date was simulated on the image's own reflectivity: coherence {self.coherence:g} ({because}), "
            f"{self.looks} look{'s' if self.looks > 1 else ''} ({'as given' if looks_given else 'estimated'}). "
            "A real second date also changes in ways that are not simulated."
        )
