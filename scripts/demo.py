"""The demo: a landslide embedded in a real Sentinel-1 image, measured by the plugin through ``qgis_process``.

    make demo

Writes the pair, the products and a map picture into ``build/demo/`` and prints how far the answer is from the truth
that was embedded.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from deepot_qgis.engine import model, product
from deepot_qgis.engine.quality import Reason
from scripts import demo_map, sample
from scripts.qgis_profile import environment, make_profile, qgis_process
from scripts.staging import BUILD, REPOSITORY, stage

FOLDER = BUILD / "demo"
PIXEL_M = 10.0
MOVING_PX = 0.5  # what counts as inside the landslide


def run_algorithm(algorithm: str, profiles: Path, **parameters: object) -> dict:
    """Run a Processing algorithm in QGIS's own command line and return its results.

    Raises
    ------
    RuntimeError
        When the algorithm fails; the message is what QGIS said.
    """
    command = [qgis_process(), "--json", "run", algorithm, "--"]
    command += [f"{name}={value}" for name, value in parameters.items()]
    # qgis_process wants no display, but Qt looks for one.
    variables = {**environment(profiles), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{algorithm} failed: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout[done.stdout.index("{") :])["results"]


def measure(algorithm: str, reference: Path, secondary: Path, output: Path, profiles: Path) -> Path:
    """Measure the pair by one algorithm; returns the product's path."""
    started = time.monotonic()
    offsets = output.with_name(f"{output.stem}_offsets.tif")
    run_algorithm(algorithm, profiles, REFERENCE=reference, SECONDARY=secondary, OUTPUT=output, OFFSETS=offsets)
    print(f"  {algorithm}: {time.monotonic() - started:.1f} s")
    return output


def errors(scene: sample.Scene, displacement: dict[str, np.ndarray]) -> dict[str, float]:
    """End-point errors against the embedded truth, in pixels, and what was masked.

    The numbers are means over the pixels that the product does not mask.
    """
    true_east, true_north = scene.offset[0] * PIXEL_M, -scene.offset[1] * PIXEL_M
    error = np.hypot(displacement["east"] - true_east, displacement["north"] - true_north) / PIXEL_M
    good = (displacement["mask"] == Reason.GOOD) & np.isfinite(error)
    moving = np.hypot(*scene.offset) > MOVING_PX
    still = np.hypot(*scene.offset) < 0.01
    land = ~scene.water

    def mean(where: np.ndarray) -> float:
        return float(error[where & good].mean()) if (where & good).any() else float("nan")

    return {
        "all": mean(land),
        "landslide": mean(land & moving),
        "stable": mean(land & still),
        "answered": float(good[land].mean()),
        "water": float((~good)[scene.water].mean()),
    }


def report(rows: dict[str, dict[str, float]]) -> str:
    """Table of errors for people."""
    lines = [
        "Mean end-point error against the embedded truth, on land, where the product gives an answer:",
        f"  {'':<24}{'all land':>20}{'in the landslide':>20}{'stable ground':>20}{'answered':>10}{'water masked':>14}",
    ]
    for name, row in rows.items():
        cells = "".join(f"{row[key]:9.3f} px{row[key] * PIXEL_M:6.2f} m" for key in ("all", "landslide", "stable"))
        lines.append(f"  {name:<24}{cells}{row['answered']:>10.0%}{row['water']:>14.0%}")
    return "\n".join(lines)


def zero_answer(scene: sample.Scene) -> dict[str, float]:
    """Errors of the answer "nothing moved": what any method has to beat."""
    still = np.zeros(scene.water.shape, np.float32)
    return {**errors(scene, {"east": still, "north": still, "mask": still}), "water": 0.0}


def bands(path: Path) -> dict[str, np.ndarray]:
    """Bands of a displacement product by name."""
    return dict(zip(product.BANDS, sample.read(path)))


def default_network() -> model.ModelCard | None:
    """Card of the network that is used by default, where it is there and runs here."""
    return next((card for card in model.available() if card.name == model.DEFAULT_MODEL and not card.problem), None)


def main() -> int:
    """Embed, measure, draw, compare."""
    started = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    print(f"Embedding a landslide in {sample.IMAGE.relative_to(REPOSITORY)} (real Sentinel-1 amplitude) ...")
    scene = sample.embed(sample.read(sample.IMAGE))
    *pair, _ = sample.write_scene(scene, FOLDER)
    print(f"  {sample.SYNTHETIC}")

    print("Measuring it through qgis_process ...")
    profiles = make_profile(stage())
    products = {}
    network = default_network()
    if network is not None:
        name = f"DeepOT ({network.name} {network.metadata['version']})"
        products[name] = measure("deepot:displacement", *pair, FOLDER / "displacement.tif", profiles)
    conventional = measure("deepot:correlation", *pair, FOLDER / "correlation.tif", profiles)
    products["Conventional (NCC)"] = conventional

    rows = {name: errors(scene, bands(path)) for name, path in products.items()}
    print(report({**rows, "Answering zero": zero_answer(scene)}))
    best = next(iter(products))
    picture = demo_map.draw(scene, bands(products[best]), best, rows[best], FOLDER / "displacement_map.png", PIXEL_M)
    print(f"Product: {products[best].relative_to(REPOSITORY)}")
    print(f"Map:     {picture.relative_to(REPOSITORY)}")
    print(f"Done in {time.monotonic() - started:.0f} s. Next: make qgis opens the same pair on the desktop.")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, FileNotFoundError) as failure:
        sys.exit(str(failure))
