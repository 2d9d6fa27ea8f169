"""What a comparison looks like when the unit, the sign or the direction of a record is another than was said."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Ratios of station to map that mistaken units give, and what they hint at.
_RATIOS = {
    1000.0: "as if millimetres were read as metres",
    100.0: "as if centimetres were read as metres",
    10.0: "as if millimetres were read as centimetres",
    0.1: "as if centimetres were read as millimetres",
    0.01: "as if metres were read as centimetres",
    0.001: "as if metres were read as millimetres",
    3.2808: "as if feet were read as metres",
    0.3048: "as if metres were read as feet",
}
#: A ratio this close to one of them is a hint only when map and station go together.
_CLOSE = 1.25
_TOGETHER = 0.7
#: Without that, a station this many times faster or slower than the map is suspicious.
_FAR = 30.0
#: The map moves when it moves more than this many times its error.
_MOVES = 4.0


def doubts(name: str, along: Any) -> list[str]:
    """Sentences about a `comparison.Component` that hint at a wrong unit, sign or direction."""
    m, s, sigma = along.mapped[along.used], along.station[along.used], along.mapped_sigma[along.used]
    largest_m, largest_s = float(np.abs(m).max()), float(np.abs(s).max())
    noise = float(np.median(sigma))
    moves = largest_m > _MOVES * noise
    found = []
    correlation = along.metrics.correlation
    ratio = largest_s / largest_m if largest_m > 0 else np.inf
    together = moves and correlation is not None and abs(correlation) > _TOGETHER
    hint = next((words for of, words in _RATIOS.items() if 1 / _CLOSE < ratio / of < _CLOSE), None)
    too_fast = largest_s > _FAR * (largest_m + 3 * noise)
    too_slow = moves and largest_s * _FAR < largest_m
    if (together and hint) or too_fast or too_slow:
        found.append(
            f"{name} moves up to {largest_s:.3g} m and the map {largest_m:.3g} m there"
            f"{', ' + hint if hint else ''}; check the unit of the station."
        )
    if together and correlation < 0:
        found.append(
            f"{name} and the map move in opposite directions (correlation {correlation:.2f}); turn the sign of the "
            "station, or its bearing by 180°."
        )
    return found
