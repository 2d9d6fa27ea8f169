"""What share of a motion conventional offset tracking reads, step by step and by size of body; how honest sigma is.

    python -m benchmarks.correlation_bias                  # all tables, about three minutes
    python -m benchmarks.correlation_bias --only steps     # one of: shapes, steps, bodies, sigma
    python -m benchmarks.correlation_bias --only bodies --model deepot   # the same bodies, by a network

``shapes``: pull towards whole pixels of a single window of 32 px at shifts of 0 to 1 px, for the peak as the engine
refines it, for a Gaussian and a parabola through three samples, and for an 8 x 8 patch oversampled 32 times with a
Fourier transform (the way of ampcor). ``steps``: real ground that moves as one; slope of what is read against what
moved, and the largest error, after each step from the whole-pixel peak to metres. ``bodies``: share of the motion that
is read inside lobes as a whole and in their middle, by width, motion and coherence. ``sigma``: the share of errors
within the estimator's sigma on a ramp of motion.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from deepot_qgis.engine import correlation, displacement, fields, model, outliers, synthetic
from deepot_qgis.engine.correlation import estimator, peak, sampling
from deepot_qgis.engine.correlation.surface import surfaces
from deepot_qgis.engine.estimate import Estimator
from deepot_qgis.engine.rasters import Raster
from deepot_qgis.engine.resources import folder

SIZE, BORDER = 256, 5
SENSORS = {
    "usual sampling": synthetic.Sensor(),
    "critical sampling": synthetic.Sensor(bandwidth_x=0.98, bandwidth_y=0.98, taper=1.0),
}
CASES = ((0.9, 1), (0.7, 4), (0.5, 1))
#: Along x and y, px.
SHIFTS = ((0.0, 0.5), (0.1, 0.6), (0.2, 0.7), (0.3, 0.8), (0.4, 0.9), (0.25, 1.0))
WIDTHS, MOTIONS = (20, 40, 60, 100, 200), (0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 4.0)
IMAGE = str(folder("resources") / "sample" / "labrador_sentinel1.tif")
PIXEL_M = 10.0  # of that image

Pair = tuple[np.ndarray, np.ndarray]


def simulated(shift: float, case: tuple, sensor: synthetic.Sensor, seed: int) -> Pair:
    """Speckle on gently varying ground, moved by the shift along x."""
    rng = np.random.default_rng(seed)
    ground = np.exp(fields.fractal((SIZE, SIZE), 0.4, 3.0, rng)[0])
    return synthetic.speckle_pair(ground, fields.constant((SIZE, SIZE), shift, 0.0), *case, rng, sensor)


def real(field: np.ndarray, case: tuple, seed: int) -> Pair:
    """The sample's real image, continued by its mirror image to the size of the field, whose ground moves by it."""
    image = Raster(IMAGE)
    amplitude = image.read(0, 0, image.grid.width, image.grid.height)[0]
    sides = [(0, wanted - have) for wanted, have in zip(field.shape[1:], amplitude.shape)]
    amplitude = np.pad(amplitude, sides, mode="symmetric")
    return synthetic.embed(amplitude, field, *case, np.random.default_rng(seed))


def columns(surface: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the highest sample of ``(D, D, ...)``."""
    count = surface.shape[0]
    best = surface.reshape(count * count, -1).argmax(0)
    return best // count, best % count


def beside(surface: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Column of the highest sample, and the three samples along x: ``(3, nodes)``."""
    count = surface.shape[0]
    row, column = columns(surface)
    node, column = np.arange(row.size), np.clip(column, 1, count - 2)
    flat = surface.reshape(count, count, -1)
    return column, np.stack([flat[row, column + step, node] for step in (-1, 0, 1)])


def by_parabola(surface: np.ndarray) -> np.ndarray:
    """Dx of the vertex of a parabola through three samples."""
    column, (left, middle, right) = beside(surface)
    return column + 0.5 * (right - left) / np.maximum(2 * middle - left - right, 1e-6) - surface.shape[0] // 2


def by_gaussian(surface: np.ndarray, faint: float = 0.05) -> np.ndarray:
    """Dx of the top of a Gaussian through three samples, none of them taken for less than a share of the peak."""
    column, samples = beside(surface)
    left, middle, right = np.log(np.maximum(samples, np.maximum(faint * samples[1], 1e-6)))
    bend = np.maximum(2 * middle - left - right, 1e-3)
    return column + np.clip(0.5 * (right - left) / bend, -0.75, 0.75) - surface.shape[0] // 2


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


def errors(shift: float, case: tuple, pair: Pair) -> dict[str, np.ndarray]:
    """Errors along x of each way to refine the peak, nodes near the edge left out."""
    options = correlation.CorrelationOptions(windows_px=(32,))
    images = tuple(estimator._prepare(image, options) for image in pair)
    (surface,) = surfaces(*images, 8, (32,), 8, 100)
    within = np.s_[..., BORDER:-BORDER, BORDER:-BORDER]
    inner = np.ascontiguousarray(surface.correlation[within])
    alike = np.ascontiguousarray(sampling.neighbour_correlation(images, 8, 64)[within])
    found = {
        "engine": peak.find_peaks(inner, np.ones(inner.shape, bool), alike).offset[0].ravel(),
        "Gaussian": by_gaussian(inner),
        "parabola": by_parabola(inner),
        "Fourier 32x": by_fourier(inner),
    }
    return {name: values - shift for name, values in found.items()}


def print_shapes(seeds: int) -> None:
    shifts = np.arange(0, 1.01, 0.1)
    print("median error (px) at shifts of " + " ".join(f"{shift:.1f}" for shift in shifts) + " | largest | noise")
    grounds: dict[str, Callable[[float, tuple, int], Pair]] = {
        name: lambda shift, case, seed, sensor=sensor: simulated(shift, case, sensor, seed)
        for name, sensor in SENSORS.items()
    }
    grounds["real ground"] = lambda shift, case, seed: real(fields.constant((SIZE, SIZE), shift, 0.0), case, seed)
    for label, make in grounds.items():
        for case in CASES:
            table: dict[str, list] = {}
            noise: dict[str, list] = {}
            for shift in map(float, shifts):
                runs = [errors(shift, case, make(shift, case, seed)) for seed in range(seeds)]
                for name in runs[0]:
                    values = np.concatenate([run[name] for run in runs])
                    table.setdefault(name, []).append(np.median(values))
                    noise.setdefault(name, []).append(1.4826 * np.median(np.abs(values - np.median(values))))
            for name, bias in table.items():
                row = " ".join(f"{value:+.3f}" for value in bias)
                worst, spread = np.abs(bias).max(), np.mean(noise[name])
                print(f"{label}, coherence {case[0]} L{case[1]}, {name:11s}: {row} | {worst:.3f} | {spread:.3f}")


def steps(pair: Pair) -> Iterator[tuple[str, np.ndarray]]:
    """What each step of the estimator answers: its name, and offsets ``(2, rows, columns)`` of nodes or pixels."""
    whole = correlation.CorrelationEstimator()
    options = whole.options
    images = tuple(estimator._prepare(image, options) for image in pair)
    alike = sampling.neighbour_correlation(images, options.posting_px, options.windows_px[-1])
    peaks = whole._peaks(*images, alike)
    within = np.s_[:, BORDER:-BORDER, BORDER:-BORDER]
    for window, found in zip(options.windows_px, peaks):
        yield f"{window} px, whole pixels", np.rint(found.offset)[within]
        yield f"{window} px, below a pixel", found.offset[within]
    bias = sampling.sampling_bias(alike)
    offset, noise, trusted = whole._join(peaks, bias)
    yield "windows joined", offset[within]
    sigma = np.hypot(noise, bias)
    offset = outliers.average_agreeing(offset, sigma, trusted, estimator.AVERAGE_RADIUS, estimator.AVERAGE_AGREEMENT)
    yield "neighbours averaged", offset[within]
    pixels = whole.estimate(*pair).offset
    inner = np.s_[:, 8 * BORDER : -8 * BORDER, 8 * BORDER : -8 * BORDER]
    yield "every pixel", pixels[inner]
    metres = displacement.displacement(pixels, np.ones(pixels.shape[1:], np.float32), Raster(IMAGE).grid)
    yield f"metres, over {PIXEL_M:g}", np.stack([metres.east, -metres.north])[inner] / PIXEL_M


def print_steps(seeds: int) -> None:
    print("real ground that moves as one by 0 to 1 px: slope of what is read | largest error of a median, px")
    rows: dict[str, list[str]] = {}
    for case in CASES:
        true: list[float] = []
        read: dict[str, list[float]] = {}
        for seed in range(seeds):
            for shift in SHIFTS:
                true += shift
                for name, offset in steps(real(fields.constant((SIZE, SIZE), *shift), case, seed)):
                    read.setdefault(name, []).extend(np.median(offset, axis=(1, 2)))
        for name, values in read.items():
            slope, worst = np.polyfit(true, values, 1)[0], np.abs(np.subtract(values, true)).max()
            rows.setdefault(name, []).append(f"{slope:.3f} {worst:.3f}")
    print(f"| after | {' | '.join(f'{coherence}, {looks} look(s)' for coherence, looks in CASES)} |")
    for name, cells in rows.items():
        print(f"| {name} | {' | '.join(cells)} |")


def print_bodies(tracker: Estimator, seeds: int) -> None:
    print(f"share of the motion that {tracker.name} reads, median over the body / its middle, percent:")
    print("| width, px | coherence, looks | " + " | ".join(f"{motion:g} px" for motion in MOTIONS) + " |")
    print("| --- | --- |" + " --- |" * len(MOTIONS))
    shape, direction = (320, 384), np.array([0.8, -0.6])
    for width in WIDTHS:
        for case in CASES:
            cells = []
            for motion in MOTIONS:
                # twice as long as wide, and no longer than the image
                field = fields.lobe(shape, *(motion * direction), min(2 * width, 260), width, angle_deg=20.0)
                share = np.hypot(*field) / motion
                core = fields.lobe(shape, 1.0, 0.0, min(width, 130), width / 2, angle_deg=20.0)[0] > 0.5
                read: list[tuple[float, ...]] = []
                for seed in range(seeds):
                    offset = tracker.estimate(*real(field, case, seed)).offset
                    along = np.tensordot(direction, offset, 1) / motion
                    read.append(tuple(np.median(along[part]) for part in (share > 0.5, core)))
                cells.append(" / ".join(f"{100 * value:.0f}" for value in np.mean(read, axis=0)))
            print(f"| {width} | {case[0]}, {case[1]} | {' | '.join(cells)} |", flush=True)


def print_sigma(seeds: int) -> None:
    print("the whole estimator on a ramp of motion, 68 % is honest:")
    tracker = correlation.CorrelationEstimator()
    field = fields.ramp((SIZE, SIZE), 1.3, -0.9, 25.0)
    for label, sensor in SENSORS.items():
        for coherence, looks in CASES:
            within, size, sigma = [], [], []
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                ground = np.exp(fields.fractal((SIZE, SIZE), 0.4, 3.0, rng)[0])
                estimate = tracker.estimate(*synthetic.speckle_pair(ground, field, coherence, looks, rng, sensor))
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
    parser.add_argument("--only", choices=("shapes", "steps", "bodies", "sigma"), help="one of the tables")
    parser.add_argument("--model", help="a network by name or path, for the bodies (default: correlation)")
    arguments = parser.parse_args()
    tracker: Estimator = correlation.CorrelationEstimator()
    if arguments.model:
        tracker = model.NetworkEstimator(str(model.find(arguments.model)), "cpu")
    tables = {
        "shapes": lambda: print_shapes(arguments.seeds),
        "steps": lambda: print_steps(arguments.seeds),
        "bodies": lambda: print_bodies(tracker, arguments.seeds),
        "sigma": lambda: print_sigma(arguments.seeds),
    }
    for name in [arguments.only] if arguments.only else tables:
        tables[name]()


if __name__ == "__main__":
    main()
