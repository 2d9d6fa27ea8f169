"""docs/accuracy.md: what was measured, in words and tables, from a result and nothing else."""

from __future__ import annotations

from pathlib import Path

from benchmarks.accuracy import landslide, plots, real_pairs, remarks, report, sweeps
from benchmarks.accuracy.fixed_set import REGIMES
from benchmarks.accuracy.goals import GOALS
from benchmarks.pages import markdown, prose
from deepot_qgis.engine.quality import QualityOptions

WRITTEN = "<!-- Written by `make accuracy`, text, tables and plots alike: edit benchmarks/accuracy/, not this file. -->"


def write(result: dict, folder: Path) -> list[Path]:
    """Write ``accuracy.md`` and its plots below a folder; returns the paths."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    made = plots.draw(result, images)
    path = folder / "accuracy.md"
    path.write_text(document(result), encoding="utf-8")
    return [path, *made]


def document(result: dict) -> str:
    """The whole text."""
    parts = (
        _opening,
        _set,
        _goals,
        _methods,
        _margins,
        _sweeps,
        _bound,
        _calibration,
        _still,
        _unfollowed,
        _landslide,
        _moved,
        _per_field,
        _speed,
    )
    return "\n\n".join("\n".join(part(result)) for part in parts) + "\n"


def _regime_words(regime: str) -> str:
    coherence, looks = regime.split(", ")
    return f"coherence {coherence}, {looks}"


def _opening(result: dict) -> list[str]:
    text = """How far the measured offsets are from the truth, for every bundled network, the plugin's own correlation
        and for trackers that others publish, all on the same pairs in the same run. Errors are in pixels: multiply by
        your pixel size for metres. The end-point error is the length of the difference between measured and true
        offset. Every pixel counts; a pixel that a method leaves out counts with its nearest answer."""
    return ["# Accuracy", "", WRITTEN, "", prose(text), "", "## In short", "", *remarks.in_short(result)]


def _set(result: dict) -> list[str]:
    size, images = result["size"], "1 image" if result["repeats"] == 1 else f"{result['repeats']} images"
    text = f"""{len(REGIMES)} regimes of decorrelation x 14 fields x {images}, {size} x {size} px, seed
        {result["seed"]}. The ground is real: reflectivity from Sentinel-1 chips and scenes, ENVISAT, airborne and
        mountain images that no network was trained on, continued by their mirror image where they are smaller than the
        pair. On it lies simulated complex speckle that is partly the same at both dates and moves with the ground. The
        fields: a constant (0.37, -0.61); a ramp of ±1.5; a wave of 0.25 px and 80 px length; landslide lobes 20, 60 and
        200 px wide, four times as long, that move 0.3, 2 and 6 px along it, with margins of 1.5 px; faults with a step
        of 1 and 5 px. Nothing was tuned on the pairs of this seed."""
    return ["## The simulated pairs", "", prose(text)]


def _goals(result: dict) -> list[str]:
    name = remarks.flagship(result)
    if name is None:
        return ["## Beside the goals", "", "No network was measured."]
    summaries = report.summaries(result)
    rows = []
    for goal in GOALS:
        for number, regime in enumerate(REGIMES):
            reached = summaries[name][number][goal.line]
            peer, best = remarks.best_peer(result, goal.line, number)
            rows.append([
                goal.words if number == 0 else "",
                regime,
                f"{goal.goal[number]:.3f}",
                f"**{reached:.3f}**",
                remarks.verdict(reached, goal.goal[number]),
                f"{best:.3f} ({peer})" if peer else "-",
                f"{goal.best_peer[number]:.3f}",
                f"{summaries['zero'][number][goal.line]:.3f}" if "zero" in summaries else "-",
            ])  # fmt: skip
    header = ["px", "coherence, looks", "goal", f"`{name}`", "", "best peer here", "best peer before", "zero"]
    text = """Mean end-point error; the noise floor is the root mean square error of one component on ground at least
        40 px from a body that moves. "Best peer here" is the best of the peers of this run, another one in each line;
        "before" the best of twenty tuned ones on other pairs of the same kind, when the goals were set. `zero` is what
        answering no motion would give."""
    judged = ["## Beside the goals", "", prose(text), "", *markdown(header, rows)]
    return [*judged, "", prose(remarks.comparable(result))]


def _methods(result: dict) -> list[str]:
    lines = ["## Every method", "", prose(remarks.peer_settings(result))]
    summaries = report.summaries(result)
    for number, regime in enumerate(REGIMES):
        rows = [["*goal*", *(f"*{goal.goal[number]:.3f}*" for goal in GOALS), "", ""]]
        for name, parts in summaries.items():
            cells = [f"{parts[number][goal.line]:.3f}" for goal in GOALS]
            within = f"{100 * parts[number]['within sigma']:.0f} %" if name in remarks.told(result) else "-"
            rows.append([remarks.shown(result, name), *cells, f"{parts[number]['smooth motion']:.3f}", within])
        header = ["px", *(goal.words for goal in GOALS), "smooth fields", "within sigma"]
        lines += ["", f"{_regime_words(regime).capitalize()}:", "", *markdown(header, rows)]
    return lines


def _per_field(result: dict) -> list[str]:
    lines = ["## Field by field", "", "Coherence 0.9 with 1 look / 0.7 with 4 looks / 0.5 with 1 look. All pixels:", ""]
    lines += [*report.field_table(result, "all"), "", "Inside the moving body:", ""]
    lines += [*report.field_table(result, "inside"), "", "Within 8 px of the margin or fault:", ""]
    return [*lines, *report.field_table(result, "edge")]


def _margins(result: dict) -> list[str]:
    body = plots.MARGIN_FIELD.replace(", ", " that moves ")
    return [
        "## Beside a margin",
        "",
        f"Mean error against the distance to the margin, {body}:",
        "",
        "![Error against the distance to the margin](images/accuracy_margin.png)",
    ]


def _sweeps(result: dict) -> list[str]:
    text = f"""A lobe {sweeps.WIDTH} px wide on one held-out ground, pairs of {sweeps.SWEEP_SIZE} px; left, speckle
        that is ever more alike at the two dates; right, a motion that grows. Beyond its search range (8 px for
        `correlation` and pandora2d) a method cannot follow."""
    return [
        "## Against coherence and motion",
        "",
        prose(text),
        "",
        "![Error against coherence and against motion](images/accuracy_coherence_motion.png)",
    ]


def _bound(result: dict) -> list[str]:
    bound, found = result["sweeps"]["bound_px"], result["sweeps"]["bound"]
    rows = []
    for name, regimes in found.items():
        if name == "zero":
            continue
        cells = [f"{row['rms']:.3f} px, {row['times_bound']:.1f} x, {row['window']:.0f} px" for row in regimes.values()]
        rows.append([remarks.shown(result, name), *cells])
    band = sweeps.band()
    limits = "; ".join(f"{_regime_words(regime)}: {value:.4f} px" for regime, value in bound.items())
    window = f"{sweeps.WINDOW_PX} x {sweeps.WINDOW_PX} px"
    text = f"""Pure speckle that moves as a whole by 0.1, 0.25, 0.4 and 0.5 px along both axes. An unbiased estimator
        that sees N independent samples of complex speckle of coherence g errs by at least
        `sqrt(3 / (2 N)) sqrt(1 - g^2) / (pi g)` resolution cells (Bamler and Eineder 2005). N is taken here as the
        number of independent samples in a window of {window}: its pixels times {band.density:.2f} (the band of the
        simulated sensor) times the looks; a cell is {1 / band.spread:.2f} px; g is lowered by thermal noise 20 dB down.
        That limit is, per component: {limits}. All methods here see amplitude without phase, which keeps them above the
        limit of their window; one that averages over more than this window may come below 1."""
    explain = f"""Given are the root mean square error of a component, its multiple of the limit of {window}, and the
        side of the window with whose samples an estimator at the limit would err as much:"""
    header = ["", *(_regime_words(regime) for regime in bound)]
    return ["## How far from the physical limit", "", prose(text), "", prose(explain), "", *markdown(header, rows)]


def _calibration(result: dict) -> list[str]:
    text = f"""Of the components whose sigma is s, 68 % should err less than s, at every s. The green band is 68 ± 4 %;
        bins of fewer than {plots.SMALLEST_BIN} components are left out. On the real still pairs all that is measured is
        error."""
    lines = [
        "## Whether sigma can be believed",
        "",
        prose(text),
        "",
        "![Share of components that err less than sigma](images/accuracy_calibration.png)",
        "",
        *remarks.calibration(result),
    ]
    for part, words in plots.CALIBRATION_PARTS.items():
        found = result["calibration"][part]
        shares = {
            name: dict(zip(*(values.round(4).tolist() for values in plots.bins(counts))))
            for name, counts in found.items()
        }
        rows = []
        for middle in sorted({middle for share in shares.values() for middle in share}):
            cells = [f"{100 * share[middle]:.0f} %" if middle in share else "-" for share in shares.values()]
            rows.append([f"{middle:.3f}", *cells])
        lines += ["", f"{words.capitalize()}:", "", *markdown(["sigma, px", *shares], rows)]
    return lines


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _pixels(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


_NULL_HEADER = ["pair", "method", "median", "95 %", "> 0.5 px", "kept", "median", "95 %", "> 0.5 px"]


def _null_rows(result: dict, pairs: tuple[str, ...]) -> list[list[str]]:
    rows = []
    for pair in pairs:
        shown = pair
        for name, row in result["null"][pair].items():
            if name == "zero":
                continue
            if row.get("failed"):
                rows.append([shown, remarks.shown(result, name), *["no answer"] * 3, *["-"] * 4])
                shown = ""
                continue
            before = [_pixels(row["median"]), _pixels(row["p95"]), _percent(row["over_half"])]
            kept = row["kept"]
            after = [_pixels(kept["median"]), _pixels(kept["p95"]), _percent(kept["over_half"])]
            rows.append([shown, remarks.shown(result, name), *before, _percent(row["kept_share"]), *after])
            shown = ""
    return rows


def _still(result: dict) -> list[str]:
    options = QualityOptions()
    text = f"""The right answer is zero. Lengths of the answer in px, first over all pixels with data, then over those
        that the product's default mask keeps: correlation of the aligned pair at least {options.min_correlation:g}, not
        unlike its neighbours, and, where the method gives one, a sigma of at most {options.max_sigma_px:g} px."""
    return [
        "## Real repeat passes over still ground",
        "",
        prose(text),
        "",
        *markdown(_NULL_HEADER, _null_rows(result, real_pairs.STILL)),
        "",
        *remarks.still(result),
        "",
        prose("""The 8-bit pairs show real change (floods, months to a year) and were registered by others, some
            loosely: what is measured on them is not only error. They say whether a method stays calm."""),
        "",
        *markdown(_NULL_HEADER, _null_rows(result, real_pairs.CHANGED)),
    ]  # fmt: skip


def _unfollowed(result: dict) -> list[str]:
    text = f"""Ground that cannot be followed is where the texture of the two dates correlates by less than
        {real_pairs.COHERENT} within 31 px: water, fields, forest. There an answer is a guess, and sigma should say so.
        "Sure and wrong" are pixels, among all with data, with a sigma below {real_pairs.SURE_PX} px that are off by
        more than 0.5 px; on the 8-bit pairs some of these are the registration."""
    rows = []
    for pair in (*real_pairs.STILL, *real_pairs.CHANGED):
        shown = pair
        for name in result["fields"]:
            if name not in remarks.told(result):
                continue
            row = result["null"][pair][name]
            good, lost = row["coherent"], row["incoherent"]
            rows.append([
                shown,
                remarks.shown(result, name),
                _percent(row["incoherent_share"]),
                *(_pixels(value) for value in (good["median"], good.get("sigma"), lost["median"], lost.get("sigma"))),
                _percent(row["silent"]),
            ])  # fmt: skip
            shown = ""
    header = ["pair", "method", "cannot be followed", "elsewhere: median", "sigma", "there: median", "sigma",
              "sure and wrong"]  # fmt: skip
    return ["## Water and other ground that cannot be followed", "", prose(text), "", *markdown(header, rows)]


def _landslide(result: dict) -> list[str]:
    names = list(result["fields"])
    rows = []
    for peak, row in result["landslide"].items():
        shown = f"{peak} px"
        for place, key in (("inside", "inside"), ("within 8 px of the margin", "edge"), ("stable, rms", "floor")):
            rows.append([shown, place, *(_pixels(row[name][key]) for name in names)])
            shown = ""
    text = """The second date of the Sentinel-1 pair (Morocco, 12 days, true decorrelation) moved by the measured mean
        velocity of the Slumgullion landslide, Colorado (Hu, Bürgmann, Schulz and Fielding 2020, Nature Communications),
        north up and true to scale (about 4 km long, 15 to 40 px wide), scaled so that its fastest pixel moves 0.2 to
        6 px. "Inside" is the mean end-point error over the moving body, "stable" the root mean square error of a
        component at least 40 px from it."""
    return [
        "## A real landslide's field in a real second date",
        "",
        prose(text),
        "",
        "![Error inside the landslide and on stable ground](images/accuracy_landslide.png)",
        "",
        f"What the methods see where the fastest pixel moves {landslide.SHOWN_PEAK:g} px:",
        "",
        "![The landslide as it is and as the methods see it](images/accuracy_landslide_map.png)",
        "",
        *markdown(["fastest pixel", "place", *names], rows),
        "",
        *remarks.landslide(result),
    ]


def _moved(result: dict) -> list[str]:
    names = list(result["moved"])
    parts = {name: report.summary(result["moved"][name]) for name in names}
    wanted = {**{goal.line: goal.words for goal in GOALS}, "smooth motion": "smooth fields"}
    rows = [[words, *(f"{parts[name][line]:.3f}" for name in names)] for line, words in wanted.items()]
    size = real_pairs.MOVED_SIZE
    text = f"The same pair, {size} x {size} px of it, moved by the fields of the simulated set:"
    return ["## The fields of the set in the real second date", "", text, "", *markdown(["px", *names], rows)]


def _speed(result: dict) -> list[str]:
    speed = result["megapixels_per_second"]
    rows = [[remarks.shown(result, name), f"{value:.2f}"] for name, value in speed.items() if name != "zero"]
    again = """`make accuracy` makes `.venv-peers` with the peers, measures what has not been measured with the same
        files before (records in `runs/accuracy/`; `make accuracy ARGS=--fresh` begins anew), and writes this page. The
        images are not part of the repository: [training.md](training.md) says where they are looked for. A quick
        look:"""
    return [
        "## Speed",
        "",
        prose("""Megapixels a second of processor time of one core, an offset at every pixel, over the simulated pairs
            of this run. A machine at other work shows less."""),
        "",
        *markdown(["method", "Mpx/s"], rows),
        "",
        "## Measuring again",
        "",
        prose(again),
        "",
        "    python -m benchmarks.accuracy --size 256 --no-peers --model runs/trial.onnx",
        "",
        "Contains modified Copernicus Sentinel data.",
    ]  # fmt: skip
