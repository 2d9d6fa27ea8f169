"""Tables of a result, as Markdown."""

from __future__ import annotations

from benchmarks.accuracy.fixed_set import REGIMES
from benchmarks.accuracy.goals import GOALS
from benchmarks.accuracy.measures import summary
from benchmarks.pages import markdown


def triple(values, digits: int = 3) -> str:
    """Three numbers for the three regimes."""
    return " / ".join(f"{value:.{digits}f}" for value in values)


def summaries(result: dict) -> dict[str, list[dict]]:
    """Per method the summary lines at each regime."""
    return {name: [summary(regimes[regime]) for regime in REGIMES] for name, regimes in result["fields"].items()}


def goal_table(result: dict) -> list[str]:
    """Every line of the target beside the goal and what each method reached."""
    lines = summaries(result)
    rows = []
    for goal in GOALS:
        cells = [triple(part[goal.line] for part in parts) for parts in lines.values()]
        rows.append([goal.words, triple(goal.goal), *cells])
    for line, words in (("smooth motion", "smooth motion"), ("within sigma", "within sigma (68 % is right)")):
        rows.append([words, "-", *(triple(part[line] for part in parts) for parts in lines.values())])
    return markdown(["px", "**goal**", *lines], rows)


def field_table(result: dict, measure: str) -> list[str]:
    """A measure of every field."""
    rows = []
    names = list(result["fields"])
    regimes = list(REGIMES)
    for field in result["fields"][names[0]][regimes[0]]:
        cells = [[result["fields"][name][regime][field].get(measure) for regime in regimes] for name in names]
        if cells[0][0] is not None:
            rows.append([field, *(triple(cell) for cell in cells)])
    return markdown(["field", *names], rows)


def null_table(result: dict) -> list[str]:
    """Answers on real still ground."""
    names = list(result["fields"])
    rows = []
    for pair, row in result["null"].items():
        cells = [f"{row[name]['median']:.3f} ({100 * row[name]['over_half']:.1f} %)" for name in names]
        rows.append([pair, *cells])
    return markdown(["pair", *names], rows)


def moved_table(result: dict) -> list[str]:
    """The summary lines on the moved real date."""
    names = list(result["fields"])
    parts = {name: summary(result["moved"][name]) for name in names}
    rows = [[line, *(f"{parts[name][line]:.3f}" for name in names)] for line in parts[names[0]]]
    return markdown(["", *names], rows)


def landslide_table(result: dict) -> list[str]:
    """Mean error inside the landslide and noise floor on stable ground, by peak motion."""
    names = list(result["fields"])
    rows = []
    for peak, row in result["landslide"].items():
        rows.append([f"{peak} px", *(f"{row[name]['inside']:.3f} ({row[name]['floor']:.3f})" for name in names)])
    return markdown(["peak: inside (stable ground)", *names], rows)


def short(result: dict) -> dict:
    """What a model's metadata keeps of a result: the lines of the table, the real still pairs, the landslide."""

    def some(rows: dict, keys: tuple[str, ...]) -> dict:
        return {
            case: {name: {key: round(row[key], 4) for key in keys} for name, row in methods.items()}
            for case, methods in rows.items()
        }

    return {
        "fixed set": {
            name: {regime: summary(rows) for regime, rows in regimes.items()}
            for name, regimes in result["fields"].items()
        },
        "real still pairs": some(result["null"], ("median", "p95", "over_half")),
        "landslide field, by px of its peak": some(result["landslide"], ("inside", "floor")),
    }


def table(result: dict) -> str:
    """Markdown of the whole result, for the terminal and for training logs."""
    lines = ["Mean end-point error, px (coherence 0.9 1 look / 0.7 4 looks / 0.5 1 look):", "", *goal_table(result)]
    lines += ["", "Per field, all pixels:", "", *field_table(result, "all")]
    lines += ["", "Per field, inside the moving body:", "", *field_table(result, "inside")]
    lines += ["", "Per field, within 8 px of the margin:", "", *field_table(result, "edge")]
    lines += ["", "Real still pairs: median length, px (share off by more than 0.5 px):", "", *null_table(result)]
    lines += ["", "Second real date moved by the same fields, mean end-point error, px:", "", *moved_table(result)]
    lines += ["", "Second real date moved by the Slumgullion field, px:", "", *landslide_table(result)]
    speeds = ", ".join(f"{name} {speed:.2f}" for name, speed in result["megapixels_per_second"].items())
    return "\n".join([*lines, "", f"Mpx/s of one core: {speeds}."])
