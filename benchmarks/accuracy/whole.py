"""The whole measurement: every part for every method, joined to one result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.accuracy import landslide, measures, real_pairs, sweeps
from benchmarks.accuracy.fixed_set import REGIMES, SEED, SIZE, set_cases
from benchmarks.accuracy.methods import Method
from benchmarks.accuracy.runner import Records, Runner
from benchmarks.accuracy.store import Store
from deepot_qgis.engine.estimate import Estimator

_SPENT = ("processor_s", "wall_s", "pixels")


@dataclass(frozen=True)
class Extent:
    """How much is measured.

    Attributes
    ----------
    size : int
        Side of the pairs of the fixed set, px.
    repeats : int
        Images for each field and regime.
    """

    size: int = SIZE
    repeats: int = 1


def _names(runner: Runner) -> list[str]:
    return [method.name for method in runner.methods]


def measure_set(runner: Runner, extent: Extent) -> dict:
    """The fixed set: measures of every field (means over repeats), by depth, calibration and speed."""
    cases = list(set_cases(extent.repeats, extent.size))
    records = runner.run("fixed set", cases)
    rows: dict = {name: {regime: {} for regime in REGIMES} for name in _names(runner)}
    for case in cases:
        for name in rows:
            rows[name][case.regime].setdefault(case.field.name, []).append(records[case.key][name])
    means = {
        name: {
            regime: {field: measures.mean_rows(found) for field, found in fields.items()}
            for regime, fields in regimes.items()
        }
        for name, regimes in rows.items()
    }
    depths = {
        name: {
            regime: {field: _mean_by_depth(found) for field, found in fields.items() if found[0]["by_depth"]}
            for regime, fields in regimes.items()
        }
        for name, regimes in rows.items()
    }
    return {
        "fields": means,
        "by_depth": depths,
        "calibration": {"simulated": _calibration(records, _names(runner))},
        "megapixels_per_second": _speed(records, _names(runner)),
    }


def _mean_by_depth(rows: list[dict]) -> list[float | None]:
    total = np.sum([row["by_depth"]["sum"] for row in rows], 0)
    count = np.sum([row["by_depth"]["count"] for row in rows], 0)
    return [round(float(a / b), 4) if b else None for a, b in zip(total, count)]


def _calibration(records: Records, names: list[str]) -> dict:
    """Per method that tells sigma: components by bin of sigma, and how many of them err less than it."""
    found = {}
    for name in names:
        rows = [methods[name]["sigma"] for methods in records.values() if "sigma" in methods[name]]
        if rows:
            found[name] = {key: np.sum([row[key] for row in rows], 0).tolist() for key in ("count", "inside")}
    return found


def _speed(records: Records, names: list[str]) -> dict[str, float]:
    """Megapixels a second of processor time of one core."""
    speed = {}
    for name in names:
        rows = [methods[name] for methods in records.values()]
        seconds = sum(row["processor_s"] for row in rows)
        speed[name] = sum(row["pixels"] for row in rows) / 1e6 / max(seconds, 1e-9)
    return speed


def _plain(row: dict) -> dict:
    return {key: value for key, value in row.items() if key not in (*_SPENT, "sigma", "picture")}


def _by_name(runner: Runner, records: Records, label: dict[str, str]) -> dict:
    """Rows by label of the case and by method."""
    return {label[key]: {name: _plain(methods[name]) for name in _names(runner)} for key, methods in records.items()}


def _pictures(records: Records, names: list[str]) -> dict:
    """The landslide as it is and as each method sees it."""
    case = next(case for case in landslide.landslide_cases() if case.peak == landslide.SHOWN_PEAK)
    field = case.field()
    truth = landslide.packed(np.hypot(*field.offset)[landslide.around(field)])
    return {"truth": truth, **{name: records[case.key][name]["picture"] for name in names}}


def measure_real(runner: Runner) -> dict:
    """Real still pairs, the moved real date, and the calibration on both."""
    null_cases, moved_cases = list(real_pairs.null_cases()), list(real_pairs.moved_cases())
    null = runner.run("real still pairs", null_cases)
    moved = runner.run("moved real date", moved_cases)
    slide_cases = list(landslide.landslide_cases())
    slide = runner.run("real landslide field", slide_cases)
    still = {case.key: null[case.key] for case in null_cases if case.name in real_pairs.STILL}
    names = _names(runner)
    return {
        "null": _by_name(runner, null, {case.key: case.name for case in null_cases}),
        "moved": {name: {case.field.name: _plain(moved[case.key][name]) for case in moved_cases} for name in names},
        "landslide": _by_name(runner, slide, {case.key: f"{case.peak:g}" for case in slide_cases}),
        "pictures": _pictures(slide, names),
        "calibration": {
            "real, moved": _calibration({**moved, **slide}, names),
            "real, still": _calibration(still, names),
        },
    }


def measure_sweeps(runner: Runner) -> dict:
    """Error against coherence, motion and bound."""
    coherence, motion = list(sweeps.coherence_cases()), list(sweeps.motion_cases())
    shifts = list(sweeps.shift_cases())
    by_coherence = runner.run("coherence", coherence)
    by_motion = runner.run("motion", motion)
    records = runner.run("constant shifts", shifts)
    bound: dict = {}
    for name in _names(runner):
        for regime in REGIMES:
            rows = [records[case.key][name] for case in shifts if case.regime == regime]
            rms = float(np.sqrt(np.mean([row["rms"] ** 2 for row in rows])))
            bound.setdefault(name, {})[regime] = {
                "rms": rms,
                "bias": float(np.sqrt(np.mean([row["bias"] ** 2 for row in rows]))),
                "times_bound": rms / sweeps.regime_bound(regime),
                "window": sweeps.equivalent_window(rms, regime),
            }
    return {
        "coherence": _by_name(runner, by_coherence, {case.key: f"{case.coherence:g}" for case in coherence}),
        "motion": _by_name(runner, by_motion, {case.key: f"{case.motion:g}" for case in motion}),
        "bound": bound,
        "bound_px": {regime: sweeps.regime_bound(regime) for regime in REGIMES},
    }


def measure_methods(runner: Runner, extent: Extent) -> dict:
    """All parts."""
    result = measure_set(runner, extent)
    real = measure_real(runner)
    result["calibration"].update(real.pop("calibration"))
    result.update(real)
    result["sweeps"] = measure_sweeps(runner)
    result.update(size=extent.size, repeats=extent.repeats, seed=SEED)
    result["versions"] = {method.name: method.version for method in runner.methods}
    result["kinds"] = {method.name: method.kind for method in runner.methods}
    return result


def measure_all(estimators: dict[str, Estimator], repeats: int = 1, size: int = SIZE) -> dict:
    """The fixed set and the real pairs, without the sweeps, in this process, keeping nothing: for training."""
    methods = tuple(Method(name, "here", lambda made=made: made) for name, made in estimators.items())
    runner, extent = Runner(methods, Store()), Extent(size, repeats)
    result = measure_set(runner, extent)
    real = measure_real(runner)
    result["calibration"].update(real.pop("calibration"))
    return {**result, **real, "size": size, "repeats": repeats, "seed": SEED}
