"""Accuracy of offset estimators on a fixed, seeded set: known fields in held-out images, and real still pairs.

``python -m benchmarks.accuracy --model deepot --out runs/accuracy`` runs the bundled model and the engine's own
correlation on the same pairs and prints a Markdown table; the same numbers go to accuracy.json in that folder.
The images are those that training never sees (`training.sources`); the fields are those of the project's target table.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from deepot_qgis.engine import synthetic
from deepot_qgis.engine.estimate import Estimate, Estimator
from training import sources

SIZE = 256
SEED = 20260101
REGIMES = {"0.9, 1 look": (0.9, 1), "0.7, 4 looks": (0.7, 4), "0.5, 1 look": (0.5, 1)}
MARGIN_PX = 8  # "beside a margin" reaches this far
STABLE_PX = 40  # "stable ground" begins this far from anything that moves


@dataclass(frozen=True)
class Field:
    """A displacement field of the set, with the places that are looked at on their own."""

    name: str
    offset: np.ndarray
    moving: np.ndarray  # bool (H, W): inside the body
    edge_distance: np.ndarray  # px from the nearest margin or fault; inf where there is none


def _edges(body: np.ndarray) -> np.ndarray:
    inside = ndimage.distance_transform_edt(body)
    outside = ndimage.distance_transform_edt(~body)
    return np.where(body, inside, outside)


def fields(size: int = SIZE) -> list[Field]:
    """The fixed fields: smooth motion, nine lobes and two faults."""
    shape = (size, size)
    nowhere, far = np.zeros(shape, bool), np.full(shape, np.inf)
    smooth = {
        "constant": synthetic.constant(shape, 0.37, -0.61),
        "ramp": synthetic.ramp(shape, 1.5, 0.0, 30.0) + synthetic.ramp(shape, 0.0, 1.5, 120.0),
        "undulation": synthetic.undulation(shape, 0.25, -0.15, 80.0, 25.0),
    }
    made = [Field(name, offset, nowhere, far) for name, offset in smooth.items()]
    for width in (20, 60, 200):
        for motion in (0.3, 2.0, 6.0):
            direction = np.radians(35.0 + width)  # not along an axis, not the same in every lobe
            vector = motion * np.cos(direction), motion * np.sin(direction)
            centre = (size / 2 + 0.1 * width, size / 2 - 0.15 * width)
            offset = synthetic.lobe(shape, *vector, width, width, 1.5, 0.0, centre)
            body = np.hypot(*offset) > 0.5 * motion
            made.append(Field(f"lobe {width} px, {motion:g} px", offset, body, _edges(body)))
    for step in (1.0, 5.0):
        offset = synthetic.fault(shape, 0.8 * step, 0.6 * step, 37.0)
        made.append(Field(f"fault {step:g} px", offset, nowhere, _edges(offset[0] > 0)))
    return made


@dataclass(frozen=True)
class Pair:
    """A pair of the set."""

    regime: str
    field: Field
    reference: np.ndarray
    secondary: np.ndarray


def pairs(repeats: int = 1) -> Iterator[Pair]:
    """The fixed set: every field at every regime, `repeats` times, each on another held-out image."""
    for round_ in range(repeats):
        for regime_index, (regime, (coherence, looks)) in enumerate(REGIMES.items()):
            for field_index, field in enumerate(fields()):
                rng = np.random.default_rng([SEED, round_, regime_index, field_index])
                crop = sources.held_out_crop(SIZE, rng)
                intensity = sources.crop_reflectivity(crop, keep_bright=True)
                reference, secondary = synthetic.speckle_pair(intensity, field.offset, coherence, looks, rng)
                yield Pair(regime, field, reference, secondary)


def errors(estimate: Estimate, field: Field, covered: np.ndarray) -> dict:
    """Measures of one answer over the pixels that have data."""
    difference = estimate.offset - field.offset
    distance = np.hypot(difference[0], difference[1])
    inside = np.abs(difference) < estimate.sigma
    row = {"all": float(distance[covered].mean()), "within_sigma": float(inside[:, covered].mean())}
    if field.moving.any():
        row["inside"] = float(distance[field.moving & covered].mean())
        stable = ~field.moving & (field.edge_distance > STABLE_PX) & covered
        if "200" not in field.name:
            row["floor"] = float(np.sqrt(np.mean(difference[:, stable] ** 2)))
    near = (field.edge_distance <= MARGIN_PX) & covered
    if near.any():
        row["edge"] = float(distance[near].mean())
    return row


def measure_set(estimators: dict[str, Estimator], repeats: int) -> dict:
    """Per estimator and regime the measures of every field (means over repeats), and the seconds per megapixel."""
    rows: dict = {name: {regime: {} for regime in REGIMES} for name in estimators}
    seconds = dict.fromkeys(estimators, 0.0)
    count = 0
    for pair in pairs(repeats):
        count += 1
        for name, estimator in estimators.items():
            started = time.perf_counter()
            estimate = estimator.estimate(pair.reference, pair.secondary)
            seconds[name] += time.perf_counter() - started
            found = errors(estimate, pair.field, pair.reference > 0)
            rows[name][pair.regime].setdefault(pair.field.name, []).append(found)
    for name in estimators:
        for regime in REGIMES:
            for field, found in rows[name][regime].items():
                rows[name][regime][field] = {key: float(np.mean([row[key] for row in found])) for key in found[0]}
    speed = {name: count * SIZE**2 / 1e6 / max(total, 1e-9) for name, total in seconds.items()}
    return {"fields": rows, "megapixels_per_second": speed}


class Zero:
    """Answers no motion anywhere."""

    name, margin_px, tile_multiple, max_offset_px = "zero", 0, 1, 0.0

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        shape = reference.shape
        return Estimate(np.zeros((2, *shape), np.float32), np.ones(shape, np.float32))


def real_pairs() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Real repeat passes over still ground, cropped to multiples of 16 px: amplitude, 0 where there is no data."""
    folder = sources.data_folder() / "pairs"
    from osgeo import gdal

    gdal.UseExceptions()

    def read(path: Path) -> np.ndarray:
        return gdal.Open(str(path)).ReadAsArray().astype(np.float32)

    morocco = [folder / "morocco_sentinel1" / f"amplitude_{day}.tif" for day in ("20230904", "20230916")]
    mountain = [folder / "mountain_insar" / f"ampl_{which}.npy" for which in ("master", "slave")]
    found = {
        "morocco, 12 days": [read(path) for path in morocco],
        "mountain, single look": [np.load(path) for path in mountain],
    }
    with np.load(folder / "amsterdam_sentinel1_slc" / "slc.npz") as file:
        parts = [file[key].astype(np.float32) for key in sorted(file.files)]
    found["amsterdam, single look"] = [np.hypot(iq[..., 0], iq[..., 1]) for iq in parts]
    for name, pair in found.items():
        height, width = (16 * (size // 16) for size in pair[0].shape)
        yield name, *(np.nan_to_num(image[:height, :width]).astype(np.float32) for image in pair)


def measure_null(estimators: dict[str, Estimator]) -> dict:
    """Answers on real still pairs: median and 95 % length, share of covered pixels off by more than 0.5 px."""
    rows: dict = {}
    for name, reference, secondary in real_pairs():
        covered = (reference > 0) & (secondary > 0)
        for estimator_name, estimator in estimators.items():
            estimate = estimator.estimate(reference, secondary)
            length = np.hypot(*estimate.offset)[covered]
            sure = length[estimate.sigma[covered] < 0.3]
            rows.setdefault(name, {})[estimator_name] = {
                "median": float(np.median(length)),
                "p95": float(np.quantile(length, 0.95)),
                "over_half": float((length > 0.5).mean()),
                "sure_share": float(sure.size / max(length.size, 1)),
                "sure_over_half": float((sure > 0.5).mean()) if sure.size else 0.0,
            }
    return rows


def measure_moved(estimators: dict[str, Estimator]) -> dict:
    """The second real date of the Morocco pair moved by known fields: real decorrelation, known motion."""
    _, reference, secondary = next(real_pairs())
    rows: dict = {}
    row, column = 250, 200  # all of it has data
    window = slice(row, row + SIZE), slice(column, column + SIZE)
    reference, secondary = reference[window], secondary[window]
    for field in fields():
        moved = synthetic.move(secondary, field.offset)
        for estimator_name, estimator in estimators.items():
            estimate = estimator.estimate(reference, moved)
            rows.setdefault(estimator_name, {})[field.name] = errors(estimate, field, reference > 0)
    return rows


SUMMARY = {
    "all fields": lambda rows: np.mean([row["all"] for row in rows.values()]),
    "smooth motion": lambda rows: np.mean([rows[name]["all"] for name in ("constant", "ramp", "undulation")]),
    "noise floor": lambda rows: np.mean([row["floor"] for row in rows.values() if "floor" in row]),
    "inside lobe 20 px, 2 px": lambda rows: rows["lobe 20 px, 2 px"]["inside"],
    "inside lobe 60 px, 2 px": lambda rows: rows["lobe 60 px, 2 px"]["inside"],
    "margin of lobe 60 px, 6 px": lambda rows: rows["lobe 60 px, 6 px"]["edge"],
    "beside fault 5 px": lambda rows: rows["fault 5 px"]["edge"],
    "within sigma": lambda rows: np.mean([row["within_sigma"] for row in rows.values()]),
}


def summary(rows: dict) -> dict:
    """The lines of the table from the measures of every field."""
    return {name: round(float(line(rows)), 4) for name, line in SUMMARY.items()}


def table(result: dict) -> str:
    """Markdown of the whole result."""
    names = list(result["fields"])
    lines = ["Mean end-point error, px (coherence 0.9 1 look / 0.7 4 looks / 0.5 1 look):", ""]
    lines += ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    summaries = {name: [summary(result["fields"][name][regime]) for regime in REGIMES] for name in names}
    for line in SUMMARY:
        cells = [" / ".join(f"{part[line]:.3f}" for part in summaries[name]) for name in names]
        lines.append(f"| {line} | " + " | ".join(cells) + " |")
    lines += ["", "Real still pairs: median length, px (share off by more than 0.5 px):", ""]
    lines += ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for pair, row in result["null"].items():
        cells = [f"{row[name]['median']:.3f} ({100 * row[name]['over_half']:.1f} %)" for name in names]
        lines.append(f"| {pair} | " + " | ".join(cells) + " |")
    lines += ["", "Second real date moved by the same fields (Morocco), mean end-point error, px:", ""]
    lines += ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for line in list(SUMMARY)[:-1]:
        cells = [f"{summary(result['moved'][name])[line]:.3f}" for name in names]
        lines.append(f"| {line} | " + " | ".join(cells) + " |")
    speeds = ", ".join(f"{name} {speed:.2f}" for name, speed in result["megapixels_per_second"].items())
    return "\n".join([*lines, "", f"Mpx/s here: {speeds}."])


def measure_all(estimators: dict[str, Estimator], repeats: int) -> dict:
    """The fixed set, the null test and the moved real date."""
    result = measure_set(estimators, repeats)
    result["null"] = measure_null(estimators)
    result["moved"] = measure_moved(estimators)
    result["repeats"], result["seed"] = repeats, SEED
    return result


def main() -> None:
    """Command line."""
    from deepot_qgis.engine.correlation import CorrelationEstimator, CorrelationOptions
    from deepot_qgis.engine.model import NetworkEstimator

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="deepot", help="name of a bundled model or path of an ONNX file")
    parser.add_argument("--repeats", type=int, default=2, help="images per field and regime")
    parser.add_argument("--out", type=Path, default=None, help="folder for accuracy.json and accuracy.md")
    options = parser.parse_args()
    model = NetworkEstimator(options.model, "cpu")
    estimators = {"zero": Zero(), "correlation": CorrelationEstimator(CorrelationOptions()), model.name: model}
    result = measure_all(estimators, options.repeats)
    print(table(result))
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "accuracy.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
        (options.out / "accuracy.md").write_text(table(result) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
