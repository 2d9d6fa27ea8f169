"""Speed of conventional offset tracking on one core, beside a peer in the same process.

    python benchmarks/correlation_speed.py [--size 1024] [--repeats 5]

Prints megapixels a second of one core at a posting of 8 px and a search of +-8 px, for one window of 32 px and for the
three windows that are the default, and the same for template matching node by node with OpenCV where it is installed
(``cv2.matchTemplate``), else with ``scipy.signal`` (the way of ``skimage.feature.match_template``). The ratio of the
two is the figure to compare between machines.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from functools import partial
from pathlib import Path

# one thread each, decided before any of them is imported
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[_name] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
from scipy import signal  # noqa: E402

from deepot_qgis.engine import fields, synthetic  # noqa: E402
from deepot_qgis.engine.correlation import CorrelationEstimator, CorrelationOptions  # noqa: E402

POSTING, WINDOW, SEARCH = 8, 32, 8


def scene(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Single-look pair of coherence 0.9 with a ramp of motion."""
    rng = np.random.default_rng(0)
    field = fields.ramp((size, size), 3.0, -2.0, 30.0)
    ground = np.exp(fields.fractal((size, size), 0.5, 3.0, rng)[0])
    return synthetic.speckle_pair(ground, field, 0.9, 1, rng)


def match_scipy(template: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Zero-mean normalised cross-correlation by FFT and running sums, as scikit-image computes it."""
    template = template - template.mean()
    product = signal.fftconvolve(image, template[::-1, ::-1], mode="valid")
    height, width = template.shape

    def sums(values: np.ndarray) -> np.ndarray:
        total = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
        total[1:, 1:] = values.cumsum(0).cumsum(1)
        return total[height:, width:] - total[:-height, width:] - total[height:, :-width] + total[:-height, :-width]

    variance = sums(image.astype(np.float64) ** 2) - sums(image) ** 2 / template.size
    return product / np.sqrt(np.maximum(variance * (template**2).sum(), 1e-12))


def peer() -> tuple[str, object]:
    """Name of the peer and its template matching."""
    try:
        import cv2
    except ImportError:
        return "scipy.signal FFT", match_scipy
    cv2.setNumThreads(1)
    return f"OpenCV {cv2.__version__}", lambda template, image: cv2.matchTemplate(image, template, cv2.TM_CCOEFF_NORMED)


def track(reference: np.ndarray, secondary: np.ndarray, match) -> int:
    """Whole-pixel offsets node by node; returns how many nodes."""
    reach, nodes = WINDOW // 2 + SEARCH, 0
    for y in range(reach, reference.shape[0] - reach + 1, POSTING):
        for x in range(reach, reference.shape[1] - reach + 1, POSTING):
            template = reference[y - WINDOW // 2 : y + WINDOW // 2, x - WINDOW // 2 : x + WINDOW // 2]
            match(template, secondary[y - reach : y + reach, x - reach : x + reach]).argmax()
            nodes += 1
    return nodes


def seconds(work, repeats: int) -> float:
    """Shortest processor time of several runs: other work on the machine only ever adds to it."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1024, help="side of the square image, px")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    reference, secondary = scene(arguments.size)
    megapixels = arguments.size**2 / 1e6
    print(f"{arguments.size} x {arguments.size} px, posting {POSTING}, search +-{SEARCH}, one thread")
    speed = {}
    for windows in ((WINDOW,), CorrelationOptions().windows_px):
        estimate = CorrelationEstimator(CorrelationOptions(POSTING, windows, SEARCH)).estimate
        speed[windows] = megapixels / seconds(partial(estimate, reference, secondary), arguments.repeats)
        print(f"correlation, windows {windows}: {speed[windows]:.2f} Mpx/s")
    name, match = peer()
    part = np.s_[: min(256, arguments.size), : min(256, arguments.size)]
    small = reference[part], secondary[part]
    nodes = track(*small, match)
    rate = nodes * POSTING**2 / 1e6 / seconds(partial(track, *small, match), min(arguments.repeats, 3))
    print(f"{name}, window {WINDOW}, whole pixels only: {rate:.3f} Mpx/s")
    print(f"ratio: {speed[(WINDOW,)] / rate:.1f} with one window, {list(speed.values())[1] / rate:.1f} with three")


if __name__ == "__main__":
    main()
