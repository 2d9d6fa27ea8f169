"""Bias towards whole pixels, noise and honesty of sigma of conventional offset tracking on simulated speckle.

    python benchmarks/correlation_bias.py [--seeds 2]

For shifts of 0 to 1 px, on speckle of one and four looks and on speckle that is barely sampled: mean error of the peak
refined by a Gaussian (what the engine does), by a parabola, and by oversampling an 8 x 8 patch 32 times with a Fourier
transform (the way of ampcor); windows of 32 px, +-8 px search. Then the share of errors within the estimator's sigma.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from deepot_qgis.engine import correlation, fields, synthetic
from deepot_qgis.engine.correlation import peak
from deepot_qgis.engine.correlation.surface import surfaces

SIZE, BORDER = 256, 5
SENSORS = {
    "usual sampling": synthetic.Sensor(),
    "critical sampling": synthetic.Sensor(bandwidth_x=0.98, bandwidth_y=0.98, taper=1.0),
}
CASES = ((0.9, 1), (0.7, 4), (0.5, 1))


def pair(shift: float, coherence: float, looks: int, sensor: synthetic.Sensor, seed: int):
    """Speckle on gently varying ground, moved by the shift along x."""
    rng = np.random.default_rng(seed)
    ground = np.exp(fields.fractal((SIZE, SIZE), 0.4, 3.0, rng)[0])
    return synthetic.speckle_pair(ground, fields.constant((SIZE, SIZE), shift, 0.0), coherence, looks, rng, sensor)


def columns(surface: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Highest sample: its column, and the surface as ``(D, D, nodes)``."""
    count = surface.shape[0]
    flat = surface.reshape(count, count, -1)
    best = flat.reshape(count * count, -1).argmax(0)
    return best // count, best % count


def by_parabola(surface: np.ndarray) -> np.ndarray:
    """Dx of the vertex of a parabola through three samples."""
    count = surface.shape[0]
    row, column = columns(surface)
    node, column = np.arange(row.size), np.clip(column, 1, count - 2)
    flat = surface.reshape(count, count, -1)
    left, middle, right = (flat[row, column + step, node] for step in (-1, 0, 1))
    return column + 0.5 * (right - left) / np.maximum(2 * middle - left - right, 1e-6) - count // 2


def by_fourier(surface: np.ndarray, side: int = 8, factor: int = 32) -> np.ndarray:
    """Dx of the highest sample of a patch oversampled by a zero-padded discrete Fourier transform."""
    count, half = surface.shape[0], side // 2
    row, column = (np.clip(index, half, count - half) for index in columns(surface))
    node, step = np.arange(row.size), np.arange(-half, half)
    patch = surface.reshape(count, count, -1)[
        row[:, None, None] + step[:, None], column[:, None, None] + step, node[:, None, None]
    ]
    fine = np.arange(-factor, factor + 1) / factor
    frequency = np.fft.fftfreq(side) * side
    wave = np.exp(2j * np.pi * np.outer(fine + half, frequency) / side)
    wave[:, half] = np.cos(np.pi * (fine + half))
    matrix = (wave @ np.fft.fft(np.eye(side)) / side).real
    values = np.einsum("ta,nab,ub->ntu", matrix, patch, matrix, optimize=True)
    return column + fine[values.reshape(row.size, -1).argmax(1) % fine.size] - count // 2


def errors(shift: float, case: tuple, sensor: synthetic.Sensor, seed: int) -> dict[str, np.ndarray]:
    """Errors along x of each way to refine the peak, nodes near the edge left out."""
    options = correlation.CorrelationOptions(windows_px=(32,))
    images = [correlation._prepare(image, options) for image in pair(shift, *case, sensor, seed)]
    (surface,) = surfaces(*images, 8, (32,), 8, 100)
    inner = np.ascontiguousarray(surface.correlation[:, :, BORDER:-BORDER, BORDER:-BORDER])
    usable = np.ones(inner.shape, bool)
    found = {
        "Gaussian": peak.find_peaks(inner, usable).offset[0].ravel(),
        "parabola": by_parabola(inner),
        "Fourier 32x": by_fourier(inner),
    }
    return {name: values - shift for name, values in found.items()}


def print_bias(seeds: int) -> None:
    shifts = np.arange(0, 1.01, 0.1)
    print("median error (px) at shifts of " + " ".join(f"{shift:.1f}" for shift in shifts) + " | largest | noise")
    for label, sensor in SENSORS.items():
        for case in CASES:
            table: dict[str, list] = {}
            noise: dict[str, list] = {}
            for shift in shifts:
                runs = [errors(float(shift), case, sensor, seed) for seed in range(seeds)]
                for name in runs[0]:
                    values = np.concatenate([run[name] for run in runs])
                    table.setdefault(name, []).append(np.median(values))
                    noise.setdefault(name, []).append(1.4826 * np.median(np.abs(values - np.median(values))))
            for name, bias in table.items():
                row = " ".join(f"{value:+.3f}" for value in bias)
                worst, spread = np.abs(bias).max(), np.mean(noise[name])
                print(f"{label}, coherence {case[0]} L{case[1]}, {name:11s}: {row} | {worst:.3f} | {spread:.3f}")


def print_calibration(seeds: int) -> None:
    estimator = correlation.CorrelationEstimator()
    field = fields.ramp((SIZE, SIZE), 1.3, -0.9, 25.0)
    for label, sensor in SENSORS.items():
        for coherence, looks in CASES:
            within, size, sigma = [], [], []
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                ground = np.exp(fields.fractal((SIZE, SIZE), 0.4, 3.0, rng)[0])
                estimate = estimator.estimate(*synthetic.speckle_pair(ground, field, coherence, looks, rng, sensor))
                error = estimate.offset - field
                within.append((np.abs(error) < estimate.sigma).mean())
                size.append(np.hypot(*error).mean())
                sigma.append(np.median(estimate.sigma))
            print(
                f"{label}, coherence {coherence} L{looks}: mean end-point error {np.mean(size):.3f} px,"
                f" median sigma {np.mean(sigma):.3f} px, within one sigma {100 * np.mean(within):.0f} %"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=2, help="scenes of each kind")
    arguments = parser.parse_args()
    print_bias(arguments.seeds)
    print("the whole estimator on a ramp of motion, 68 % is honest:")
    print_calibration(arguments.seeds)


if __name__ == "__main__":
    main()
