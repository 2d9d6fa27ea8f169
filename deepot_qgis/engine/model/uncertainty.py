"""Where sigma comes from when a network gives none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np
from scipy import ndimage

from ..errors import OptionsError
from ..values import is_number, shown, whole

KINDS = ("output", "constant", "forward_backward")
_LARGEST_PX = 1000.0
_LARGEST_WINDOW = 257

Answer = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Sigma:
    """How the 1-sigma error of an offset component is known.

    Attributes
    ----------
    kind : str
        ``output``: the network says so (``log_sigma``). ``constant``: `px` everywhere, a number that somebody
        measured. ``forward_backward``: from how badly the motion there and the motion back cancel.
    px : float or None
        Sigma of kind ``constant``, pixels.
    floor_px : float or None
        Least sigma of kind ``forward_backward``, pixels: errors that both directions share cancel unseen.
    window_px : int
        Side of the window over which kind ``forward_backward`` averages; raised to the next odd number.
    source : str
        Where `px` or `floor_px` come from, for the record.

    Raises
    ------
    OptionsError
        A value that cannot be.
    """

    kind: str = "output"
    px: float | None = None
    floor_px: float | None = None
    window_px: int = 9
    source: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise OptionsError(f"'sigma' has the kind {shown(self.kind)}; it must be one of {', '.join(KINDS)}.")
        if not isinstance(self.source, str):
            raise OptionsError(f"'sigma' has the source {shown(self.source)}; it must be text.")
        for name, needed_by in (("px", "constant"), ("floor_px", "forward_backward")):
            value = getattr(self, name)
            if self.kind == needed_by and not (is_number(value) and 0 < value <= _LARGEST_PX):
                raise OptionsError(
                    f"'sigma' of kind '{self.kind}' has {name} = {shown(value)}; it must be a number of pixels above "
                    f"0 and at most {_LARGEST_PX:g}: take it from an evaluation."
                )
            if self.kind != needed_by and value is not None:
                raise OptionsError(f"'sigma' of kind '{self.kind}' takes no {name}; leave it out.")
        object.__setattr__(self, "window_px", whole("window_px", self.window_px, 1, _LARGEST_WINDOW) | 1)

    def words(self) -> str:
        """Where sigma comes from, for people."""
        source = f" ({self.source})" if self.source else ""
        if self.kind == "constant":
            return f"{self.px:g} px everywhere{source}; the network does not say how sure it is"
        if self.kind == "forward_backward":
            return (
                f"how badly the motion forwards and backwards cancel, at least {self.floor_px:g} px{source}; "
                "the network itself does not say how sure it is"
            )
        return "from the network"


def forward_backward(forward: np.ndarray, backward: np.ndarray, floor_px: float, window_px: int) -> np.ndarray:
    """Error of a component from an offset measured both ways.

    Going there and back ends where it began, unless one of the two is wrong: ``d(x) = f(x) + b(x + f(x))``. When both
    err independently by sigma, a component of d has variance ``2 sigma^2``; its mean square over a window and both
    components gives sigma. An error that both directions share (a motion that the network does not see) leaves no
    trace: hence the floor, which is added in squares.

    Parameters
    ----------
    forward, backward : numpy.ndarray
        ``(2, H, W)``: from reference to secondary on the reference's grid, and back on the secondary's.
    floor_px : float
        Error that remains where the two cancel.
    window_px : int
        Side of the window.

    Returns
    -------
    numpy.ndarray
        float32 ``(H, W)``, pixels.
    """
    _, height, width = forward.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    place = np.stack([np.clip(rows + forward[1], 0, height - 1), np.clip(columns + forward[0], 0, width - 1)])
    back = [ndimage.map_coordinates(plane, place, order=1, mode="nearest") for plane in backward]
    gap = np.square(forward[0] + back[0]) + np.square(forward[1] + back[1])
    variance = ndimage.uniform_filter(gap, window_px, mode="nearest") / 4  # two components, two directions
    return np.sqrt(np.maximum(variance, 0) + floor_px**2).astype(np.float32)
