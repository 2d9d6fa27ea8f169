"""Draw docs/images/architecture.png: the three storeys, the rooms of the engine, and the way from files to a product.

    .venv/bin/python -m scripts.architecture_picture

What the picture names is listed here; a test compares it with what is in the folders.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PICTURE = REPOSITORY / "docs" / "images" / "architecture.png"
ENGINE = "deepot_qgis/engine"

_WIDTH, _HEIGHT = 130, 92
_INK, _SOFT, _ARROW = "#1d2a33", "#5a6b76", "#5a6b76"
_GUI, _PROCESSING, _STEP, _ROOM, _GROUND = "#e8d5e8", "#fbe6b8", "#bfe0d6", "#d3e6f3", "#eef3f5"


@dataclass(frozen=True)
class Box:
    """A box of the picture: what it is called, what lies in it, and where it stands."""

    title: str
    rooms: str
    x: float
    y: float
    width: float
    height: float
    color: str
    folder: str = ENGINE

    def paths(self) -> list[Path]:
        """The modules and packages that the box names."""
        return [REPOSITORY / self.folder / room for room in self.rooms.replace(",", " ").split()]


def _row(y: float, height: float, color: str, folder: str, boxes: list[tuple[str, str]], left: float = 4) -> list[Box]:
    """Boxes of one width side by side."""
    width = (_WIDTH - left - 4 + 3) / len(boxes) - 3
    return [
        Box(title, rooms, left + i * (width + 3), y, width, height, color, folder)
        for i, (title, rooms) in enumerate(boxes)
    ]


GUI = _row(79, 9, _GUI, "deepot_qgis/gui", [
    ("Panel", "dock, sections, toolbox"), ("Two dates", "pair, ground"), ("Many dates", "series"),
    ("Instruments", "stations"), ("On the map", "map, plots"), ("Background work", "task, runner"),
])  # fmt: skip
PROCESSING = _row(63.5, 9, _PROCESSING, "deepot_qgis/processing", [
    ("Provider", "provider, engine_algorithm"), ("Algorithms, one a file", "displacement, correlation, align"),
    ("Parameters", "parameters, sources"), ("Layers and pages", "layers, layout"),
])  # fmt: skip
STEPS = _row(42, 10.5, _STEP, ENGINE, [
    ("1  Read", "rasters, amplitude, dates"), ("2  Check", "pair, preflight"), ("3  Cut", "tiling, memory"),
    ("4  Measure", "inference, estimate"), ("5  Judge", "quality, outliers"), ("6  Convert", "displacement"),
    ("7  Write", "output, provenance"),
])  # fmt: skip
ESTIMATORS = [
    Box("Conventional tracking", "correlation", 36, 28, 28, 8, _STEP),
    Box("Networks (ONNX)", "model, runtime, installation", 67, 28, 28, 8, _STEP),
]
ROOMS = _row(12, 9, _ROOM, ENGINE, [
    ("Refining", "refine, reference"), ("Relief, radar", "terrain, geocode"),
    ("Many dates", "network, timeseries"), ("Instruments", "stations"), ("Self-test", "synthetic, selftest"),
    ("Reports", "report, styles"), ("Other files", "interchange"), ("Many pairs", "batch, jobs"),
    ("Typed", "cli"),
])  # fmt: skip
BOXES = [*GUI, *PROCESSING, *STEPS, *ESTIMATORS, *ROOMS]


def missing_rooms() -> list[str]:
    """What the picture names and the folders do not hold."""
    return [
        str(path.relative_to(REPOSITORY))
        for box in BOXES
        for path in box.paths()
        if not (path.is_dir() or path.with_suffix(".py").is_file())
    ]


def draw(path: Path = PICTURE) -> None:
    """Draw the picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(13, 9.2), dpi=110)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, _WIDTH)
    axes.set_ylim(0, _HEIGHT)
    axes.axis("off")
    _storey(axes, 77, 14.4, "gui", "what the user sees; imports everything below")
    _storey(axes, 61.5, 14.4, "processing", "algorithms and layers of QGIS; imports the engine and qgis.core")
    _storey(axes, 9.5, 50.9, "engine", "all the science, library and command line; knows nothing of Qt and QGIS")
    for box in BOXES:
        _box(axes, box)
    for left, right in zip(STEPS, STEPS[1:]):
        _arrow(axes, (left.x + left.width, 47.2), (right.x, 47.2))
    for estimator in ESTIMATORS:
        _arrow(axes, (estimator.x + estimator.width / 2, 36), (STEPS[3].x + STEPS[3].width / 2, 42))
    _words(axes, 4, 55.6, "From two files to a product: measure(MeasureOptions) -> MeasureResult", 10.5, weight="bold")
    _words(axes, 4, 23.2, "Rooms that build on it", 10.5, weight="bold")
    _words(axes, 4, 32, "two estimators of one form:\na pair of tiles in, offsets and sigma out", 9, _SOFT)
    _words(axes, 4, 6.2, "beside the plugin, importing the engine and imported by nothing in it:", 9, _SOFT)
    _words(axes, 4, 3.2, "training/   benchmarks/   cases/   scripts/   tests/", 10.5)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})
    pyplot.close(figure)


def _storey(axes, y: float, height: float, name: str, what: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    style = "round,pad=0,rounding_size=1"
    axes.add_patch(FancyBboxPatch((2, y), _WIDTH - 4, height, boxstyle=style, fc=_GROUND, ec="#c3ced4", lw=1))
    axes.text(4, y + height - 1.9, name, fontsize=13, weight="bold", color=_INK, va="center")
    axes.text(21, y + height - 1.9, what, fontsize=9.5, color=_SOFT, va="center")


def _box(axes, box: Box) -> None:
    from matplotlib.patches import FancyBboxPatch

    style = "round,pad=0,rounding_size=0.7"
    axes.add_patch(
        FancyBboxPatch((box.x, box.y), box.width, box.height, boxstyle=style, fc=box.color, ec="#8fa1ab", lw=0.8)
    )
    rooms = box.rooms.replace(", ", "\n") if box.width < 20 else box.rooms
    middle, lines = box.x + box.width / 2, rooms.count("\n") + 1
    top = box.y + box.height / 2 + 0.95 * lines
    axes.text(middle, top, box.title, fontsize=9.5, weight="bold", color=_INK, ha="center", va="center")
    axes.text(
        middle, top - 1.4, rooms, fontsize=8.5, family="monospace", color=_INK, ha="center", va="top", linespacing=1.15
    )


def _words(axes, x: float, y: float, text: str, size: float, color: str = _INK, weight: str = "normal") -> None:
    axes.text(x, y, text, fontsize=size, color=color, weight=weight, va="center")


def _arrow(axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": _ARROW, "lw": 1.4, "mutation_scale": 12})


if __name__ == "__main__":
    lacking = missing_rooms()
    if lacking:
        raise SystemExit(f"not there any more: {', '.join(lacking)}")
    draw()
    print(f"{PICTURE.relative_to(REPOSITORY)}: {PICTURE.stat().st_size:,} bytes")
