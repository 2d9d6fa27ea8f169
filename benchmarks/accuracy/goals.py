"""What the project set out to reach, and what the best of twenty tuned peers had reached when it did.

End-point errors in px at (coherence 0.9, 1 look / 0.7, 4 looks / 0.5, 1 look); measured then on 47 pairs of 512 px of
one Sentinel-1 image, so the peers of a run here need not agree with them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """A line of the table: its name in `measures.SUMMARY`, its words, the goal and the best peer then, per regime."""

    line: str
    words: str
    goal: tuple[float, float, float]
    best_peer: tuple[float, float, float]
    zero: float


GOALS = (
    Goal("all fields", "all fields", (0.035, 0.060, 0.075), (0.070, 0.120, 0.151), 0.67),
    Goal("inside lobe 60 px, 2 px", "inside a 60-px lobe moving 2 px", (0.06, 0.09, 0.16), (0.17, 0.26, 0.40), 1.87),
    Goal("inside lobe 20 px, 2 px", "inside a 20-px lobe moving 2 px", (0.15, 0.20, 0.45), (0.60, 0.61, 1.07), 1.80),
    Goal(
        "margin of lobe 60 px, 6 px",
        "within 8 px of a shear margin (60-px lobe, 6 px)",
        (0.30, 0.35, 0.8),
        (0.92, 1.06, 2.0),
        2.92,
    ),
    Goal("beside fault 5 px", "within 8 px of a fault of 5 px", (0.25, 0.35, 0.6), (0.75, 1.04, 1.34), 2.50),
    Goal("noise floor", "noise floor (rms of a component)", (0.007, 0.03, 0.045), (0.007, 0.041, 0.045), 0.0),
)

# median length of the answer on real still ground, px, and the largest share of pixels off by more than 0.5 px
NULL_MEDIAN = {"morocco": 0.03, "mountain": 0.06, "amsterdam": 0.06}
NULL_SHARE = 0.02
# of the pixels whose sigma is s, this share of components errs less than s
WITHIN_SIGMA = (0.64, 0.72)
