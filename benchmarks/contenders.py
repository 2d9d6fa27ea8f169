"""Who runs in `benchmarks.speed`, and the child process that runs one of them.

    python -m benchmarks.contenders NAME FOLDER TOP BOTTOM

measures rows TOP to BOTTOM of FOLDER/reference.npy and secondary.npy (and the context that the method needs around
them) once for every line of standard input, and answers each time with a line of JSON. The peers are the estimators of
`benchmarks.accuracy.peers`, with the settings that serve them best.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

REPOSITORY = Path(__file__).resolve().parents[1]
_WARM_UP_PX = 256
#: How a method takes more than one core: by threads of its own; by tiles in threads, as the engine runs it; or, where
#: it has none, by one process for each part of the image, which is the most that can be had of it.
THREADS, TILES, PROCESSES = "its own threads", "tiles in threads", "one process a core"


@dataclass(frozen=True)
class Contender:
    """A method that is timed.

    Attributes
    ----------
    name : str
    kind : str
        ``network``, ``peer`` or ``own`` (correlation by the engine).
    parallel : str
        How it uses several cores: one of the constants of this module.
    posting_px : int
        Pixels from one answer to the next.
    settings : str
        For people.
    packages : tuple of str
        Distributions of which one must be installed.
    """

    name: str
    kind: str
    parallel: str
    posting_px: int
    settings: str
    packages: tuple[str, ...] = ()


PANDORA = Contender(
    "pandora2d", "peer", PROCESSES, 4, "ZNCC, window 31 px, search ±8 px, refined by six bicubic dichotomies",
    ("pandora2d",),
)  # fmt: skip
PIV = Contender(
    "OpenPIV", "peer", PROCESSES, 8, "windows 64, 32, 32, 32 px, both images deformed by cubic splines", ("OpenPIV",)
)
DIS = Contender(
    "OpenCV DIS", "peer", THREADS, 1, "tuned for speckle: full resolution, patch 16, stride 4, 32 + 5 iterations",
    ("opencv-python-headless", "opencv-python"),
)  # fmt: skip
ILK = Contender("scikit-image iLK", "peer", PROCESSES, 1, "Gaussian window of radius 20 px, 8 warps", ("scikit-image",))
NCC = Contender("NCC 32 px", "own", TILES, 8, "the engine's correlation with one window of 32 px, search ±8 px")
CORRELATION = Contender("correlation", "own", TILES, 8, "the plugin's conventional tracker: windows 16, 32 and 64 px")
USUAL = (DIS, NCC, CORRELATION, PIV, PANDORA)
ALL = (*USUAL, ILK)
_ADAPTERS = {PANDORA.name: "zncc", PIV.name: "piv", DIS.name: "dis", ILK.name: "ilk"}


def networks() -> tuple[Contender, ...]:
    """The networks of the folder ``models``, the flagship first."""
    names = sorted((path.stem for path in (REPOSITORY / "models").glob("*.onnx")), key=lambda name: name != "deepot")
    return tuple(network(name) for name in names if not name.endswith(".fp16"))  # half precision is for cards


def network(name: str) -> Contender:
    """A network by the name or path of its model."""
    return Contender(name, "network", TILES, 1, "tiles as the product measures them")


def build(contender: Contender):
    """The contender's estimator (`deepot_qgis.engine.estimate.Estimator`)."""
    from deepot_qgis.engine.correlation import CorrelationEstimator, CorrelationOptions
    from deepot_qgis.engine.model import NetworkEstimator

    if contender.kind == "network":
        return NetworkEstimator(contender.name, "cpu")
    if contender.name == NCC.name:
        return CorrelationEstimator(CorrelationOptions(contender.posting_px, (32,), 8))
    if contender.kind == "own":
        return CorrelationEstimator()
    return importlib.import_module(f"benchmarks.accuracy.peers.{_ADAPTERS[contender.name]}").PeerEstimator()


def whole(estimator, reference, secondary):
    """Offsets (2, H, W) of a whole image in one call, padded to what the estimator takes."""
    from benchmarks.accuracy.case import answer

    return answer(estimator, reference, secondary).offset


def tiled(estimator, reference, secondary, tile_px: int | None = None):
    """Offsets (2, H, W), tile by tile in threads; how many and how large is chosen as the product chooses it."""
    import numpy as np

    from deepot_qgis.engine import estimate, inference, memory

    height, width = reference.shape
    pair = SimpleNamespace(window=(0, 0, width, height), grid=SimpleNamespace(width=width, height=height))
    layout = memory.layout(pair, estimator, (tile_px, None), memory.free_share())
    found = np.full((2, height, width), np.nan, np.float32)

    def measure(tile):
        images = [_cut(image, tile) for image in (reference, secondary)]
        x, y, wide, high = tile.core
        kept = estimate.within(estimator, *images, tile.context).offset
        place = found[:, max(y, 0) : y + high, max(x, 0) : x + wide]
        place[...] = kept[:, max(-y, 0) :, max(-x, 0) :][:, : place.shape[1], : place.shape[2]]

    with ThreadPoolExecutor(layout.workers) as pool:
        list(pool.map(measure, inference.plan_of(pair, estimator, (layout.width, layout.height))))
    return found


def _cut(image, tile):
    """The part of an image that a tile reads, 0 beside the image."""
    import numpy as np

    top, left = max(-tile.y0, 0), max(-tile.x0, 0)
    inside = image[max(tile.y0, 0) : tile.y0 + tile.height, max(tile.x0, 0) : tile.x0 + tile.width]
    if inside.shape == (tile.height, tile.width):
        return np.ascontiguousarray(inside)
    part = np.zeros((tile.height, tile.width), np.float32)
    part[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return part


def _rows(folder: Path, top: int, bottom: int, margin: int):
    """Both images from row `top` to `bottom` with `margin` rows around, as far as there are any."""
    import numpy as np

    images = [np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("reference", "secondary")]
    return [np.array(image[max(top - margin, 0) : bottom + margin]) for image in images]


def _threads(count: int) -> None:
    """Let OpenCV have its threads again: the adapter takes one, for speeds of one core."""
    if "cv2" in sys.modules:
        sys.modules["cv2"].setNumThreads(count)


def serve(contender: Contender, folder: Path, top: int, bottom: int) -> None:
    """Build the method, warm it up, and measure once for every line that comes."""
    talk = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # some peers print

    def say(answer: dict) -> None:
        talk.write(json.dumps(answer) + "\n")
        talk.flush()

    import numpy as np

    estimator = build(contender)
    if contender.parallel == THREADS:
        _threads(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count())
    work = tiled if contender.parallel == TILES else whole
    images = _rows(folder, top, bottom, estimator.margin_px if contender.parallel == PROCESSES else 0)
    work(estimator, *(np.ascontiguousarray(image[:_WARM_UP_PX, :_WARM_UP_PX]) for image in images))
    say({"ready": True})
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        found = work(estimator, *images)
        spent = {"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}
        middle = np.nanmedian(found, axis=(1, 2))
        say({**spent, "median_px": [float(value) for value in middle]})


def main() -> None:
    """Serve one method."""
    name, folder, top, bottom = sys.argv[1:]
    known = {contender.name: contender for contender in ALL}
    serve(known.get(name) or network(name), Path(folder), int(top), int(bottom))


if __name__ == "__main__":
    main()
