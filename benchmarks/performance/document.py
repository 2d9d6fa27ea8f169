"""docs/performance.md: how long things take and what memory, in words and tables, from the stored results alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks import results
from benchmarks.operators import shortened
from benchmarks.pages import markdown, prose
from benchmarks.performance import goals, plots, sizes, waiting
from benchmarks.performance.goals import GOALS, Records, found, points
from benchmarks.speed import FLAGSHIP

WRITTEN = (
    "<!-- Written by `make performance`, text, tables and plots alike: edit benchmarks/performance/, not this file. -->"
)
#: Results that have a chapter of their own; every other stored one is shown by its words and tables.
OWN = ("speed", "memory", "memory_large", "memory_wide", "operators")
#: Headings of other results, in the order in which they come; those not named here follow under their own name.
HEADINGS = {
    "gpu": "On a GPU",
    "batch": "Many pairs",
    "killing": "Nothing is lost",
    "fuzz": "Damaged and odd input",
    "kernels": "The steps beside the network",
    "quantise": "Cheaper arithmetic",
    "seams": "Where tiles are cut",
}
#: Rounds that differ by more than this share were disturbed.
_BUSY = 0.25
_NO_GPU = """Not measured: no GPU was at hand. `python -m benchmarks.gpu` on a machine that has one fills this chapter
    and the columns above."""


def load(folder: Path = results.FOLDER) -> Records:
    """All stored records by name."""
    return {path.stem: results.load(path.stem, folder) for path in sorted(folder.glob("*.json"))}


def write(records: Records, folder: Path) -> list[Path]:
    """Write ``performance.md`` and its plots below a folder; returns the paths."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    made = plots.draw(records, images)
    path = folder / "performance.md"
    path.write_text(document(records), encoding="utf-8")
    return [path, *made]


def document(records: Records) -> str:
    """The whole text."""
    chapters = [_opening, _goals, _peers, sizes.against_size, sizes.wide, sizes.stages, _operators]
    parts = [chapter(records) for chapter in chapters]
    parts += [_other(records, name) for name in _others(records)]
    parts.append(_again(records))
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _opening(records: Records) -> list[str]:
    lines = ["# Performance", "", WRITTEN, ""]
    text = """How long a measurement takes, and how much memory. The times below are from the two image files to the
        finished products, quality checks included, by the network `deepot`, which answers at every pixel."""
    sizes = points(records)
    if not sizes:
        return [*lines, prose(text), "", "Nothing was measured yet: `make performance`."]
    record = records.get("memory") or records["memory_large"]
    cores = record["result"]["cores"]
    text += f""" The machine is a small one: {cores} cores of {_article(record["machine"]["processor"])}. More cores are
        used where there are more."""
    header = ["what", "megapixels", f"{cores} cores", "memory", "GPU"]
    largest = sizes[-1]["side"] ** 2 / 1e6
    start = goals.start(records)
    gpu = found(records, "gpu").get("files_mpx_per_s")
    rows = []
    for job in waiting.JOBS:
        beyond = job.megapixels > 1.05 * largest or job.pairs > 1
        time = waiting.words(waiting.seconds(job, start, sizes))
        fast = waiting.words(job.pairs * job.megapixels / gpu) if gpu else ""
        amount = f"{job.pairs} x {job.megapixels:g}" if job.pairs > 1 else f"{job.megapixels:g}"
        rows.append([job.words, amount, f"{'about ' if beyond else ''}{time}", waiting.memory(job, sizes), fast])
    after = f""""About" is reckoned from the cost a megapixel of the largest pair that was measured ({largest:.0f}
        megapixels); the rest lies between measured sizes. Before the first pixel there is a start of
        {start["wall_s"]:.1f} s (Python, libraries, loading the network), which is in all rows; a series has it once."""
    if not gpu:
        after += " The GPU column is empty because no GPU was at hand for these measurements."
    short = _in_short(records)
    return [*lines, prose(text), "", *markdown(header, rows), "", prose(after), *(["", *short] if short else [])]


def _article(processor: str) -> str:
    return ("an " if processor[:1] in "AEIOU" else "a ") + processor


def _in_short(records: Records) -> list[str]:
    """Sentences for a reader in a hurry."""
    lines = []
    before = found(records, "memory").get("before")
    measured = goals.measured(records)
    peak = max(row["peak_mb"] for row in measured)
    bound = "stays below 2 GB" if peak < goals.PEAK_MB else f"reaches {peak / 1000:.1f} GB"
    largest = measured[-1]
    width, height = largest.get("width", largest.get("side")), largest.get("height", largest.get("side"))
    lines.append(f"- Memory {bound} up to {width} x {height} px, the largest pair measured.")
    fit = goals.exponent(records, "cpu_s")
    if fit is not None:
        rest = "nothing grows out of hand" if fit <= goals.LINEAR[1] else "that is not as it should be"
        lines.append(f"- Twice the pixels take {2**fit:.2f} times as long: {rest}.")
    ratios = found(records, "speed").get("ratios", {})
    if ratios:
        said = ", ".join(
            f"{goals.times(row['median'])} {name}" for name, row in ratios.items() if _is_other(records, name)
        )
        lines.append(f"- Speed of `{FLAGSHIP}` beside others on the same cores in the same run: {said}.")
    if before:
        old, new = before["before"], before["after"]
        lines.append(
            f"- A pair of {old['side']} x {old['side']} px took {old['wall_s']:.1f} s and {old['peak_mb']:.0f} MB at"
            f" revision `{before['revision']}` and takes {new['wall_s']:.1f} s and {new['peak_mb']:.0f} MB now, in the"
            " same run."
        )
    return lines


def _is_other(records: Records, name: str) -> bool:
    return found(records, "speed")["methods"][name]["kind"] != "network"


def _goals(records: Records) -> list[str]:
    rows = [goal.row(records) for goal in GOALS]
    text = """Ratios are of wall time on the same cores in the same run. A goal that was missed stays in the table."""
    return ["## Beside the goals", "", prose(text), "", *markdown(["", "goal", "measured", ""], rows)]


def _peers(records: Records) -> list[str]:
    speed = found(records, "speed")
    if not speed:
        return []
    size, cores = speed["size"], speed["cores"]
    text = f"""A pair of {size} x {size} px in memory, {cores} cores for everybody, each method in a process of its own.
        The methods took turns, round after round, so that whatever else the machine did met all of them. Time is the
        median of the rounds, ± half of what lies between the smallest and the largest. Ratios are made within a
        round; in brackets the smallest and the largest of them; then the ratio of processor time,
        which other work disturbs less. Methods that have no threads of their own were run as
        one process a core, each on its part of the image, which is the most that can be had of them; their memory is
        added up. The peers' settings are those that serve their accuracy best
        ([accuracy.md](accuracy.md)): most of them have faster ones that are less accurate."""
    spreads = [row["spread"] for row in speed["methods"].values() if "spread" in row]
    if spreads and max(spreads) > _BUSY:
        text += " The machine was busy with other work meanwhile: look at the ratios, not at the seconds."
    rows, notes = [], []
    for name, row in speed["methods"].items():
        shown = f"`{name}`" if row["kind"] == "network" else f"{name} {row['version'] or ''}".strip()
        settings = f"{shown}: {row['settings']}; {row['parallel']}"
        notes.append(f"- {settings}.")
        if "failed" in row:
            rows.append([shown, f"failed: {row['failed']}", *["-"] * 7])
            continue
        rows.append([
            shown,
            f"{row['mpx_per_s']:.2f}",
            f"{row['wall_s']:.2f} ± {50 * row['spread']:.0f} %",
            f"{1e6 * row['cpu_s'] / size**2:.2f}",
            f"{row['cores_used']:.1f}",
            f"{row['peak_mb']:.0f}",
            "every pixel" if row["posting_px"] == 1 else f"every {row['posting_px']} px",
            *_ratio(speed["ratios"].get(name)),
        ])  # fmt: skip
    header = [
        "",
        "Mpx/s",
        "seconds",
        "CPU s/Mpx",
        "cores used",
        "peak MB",
        "answers",
        f"`{FLAGSHIP}` is",
        "by CPU time",
    ]
    small = [row for name, row in speed["methods"].items() if row["kind"] == "network" and name != FLAGSHIP]
    tail = (
        ["", prose("The small networks are quick because they do little: see [accuracy.md](accuracy.md) for what.")]
        if small
        else []
    )
    return [
        "## Beside other trackers",
        "",
        prose(text),
        "",
        "![Speed and memory of the methods](images/performance_speed.png)",
        "",
        *markdown(header, rows),
        *tail,
        "",
        *notes,
        *(f"- {note}" for note in speed.get("absent", [])),
    ]


def _ratio(row: dict | None) -> list[str]:
    if row is None:
        return ["", ""]
    return [f"{goals.times(row['median'])} ({row['least']:.2f} to {row['most']:.2f})", goals.times(row["cpu"])]


def _operators(records: Records) -> list[str]:
    kept = found(records, "operators")
    if not kept:
        return []
    profiles = kept["profiles"]
    after, before = profiles["after"], profiles.get("before")
    text = f"""What the network itself does, by ONNX Runtime's profiler: {kept["size"]} x {kept["size"]} px, one
        thread, milliseconds a megapixel."""
    if before:
        share = after["ms_per_mpx"] / before["ms_per_mpx"]
        text += f""" Before is `models/{kept["model"]}.onnx` at revision `{kept["before"]}`: {before["ms_per_mpx"]:.0f}
            ms a megapixel, {before["nodes"]} nodes. Now: {after["ms_per_mpx"]:.0f} ms, {after["nodes"]} nodes. That is
            {100 * share:.0f} % of the time, measured in turns in one process."""
    lines = ["## Inside the network", "", prose(text), "",
             "![Time of the operators](images/performance_operators.png)"]  # fmt: skip
    for key, words in (("operators", "By operator:"), ("rooms", "By part of the network:")):
        lines += ["", words, "", *_beside(before and before[key], after[key])]
    return lines


def _beside(before: Sequence[dict] | None, after: Sequence[dict]) -> list[str]:
    """Groups before and after, the dearest of both first."""
    if not before:
        return markdown(["", "calls", "ms/Mpx", "share"], [_group(row) for row in shortened(after, 14)])
    by = [{row["name"]: row for row in rows} for rows in (before, after)]
    nothing = {"calls": 0, "ms_per_mpx": 0.0, "share": 0.0}
    pairs = {name: [part.get(name, nothing) for part in by] for name in {**by[0], **by[1]}}
    order = sorted(pairs.items(), key=lambda item: -max(row["ms_per_mpx"] for row in item[1]))
    shown = [[name, *_group(old)[1:], *_group(new)[1:]] for name, (old, new) in order[:16]]
    rest = [[sum(pair[side][key] for _, pair in order[16:]) for key in nothing] for side in (0, 1)]
    if order[16:]:
        cells = [cell for calls, spent, share in rest for cell in (f"{calls}", f"{spent:.1f}", f"{100 * share:.1f} %")]
        shown.append([f"{len(order) - 16} others", *cells])
    return markdown(["", "calls before", "ms/Mpx", "share", "calls now", "ms/Mpx", "share"], shown)


def _group(row: dict) -> list[str]:
    return [row.get("name", ""), str(row["calls"]), f"{row['ms_per_mpx']:.1f}", f"{100 * row['share']:.1f} %"]


def _others(records: Records) -> list[str]:
    named = [name for name in HEADINGS if name in records or name == "gpu"]
    return [*named, *sorted(name for name in records if name not in (*OWN, *HEADINGS))]


def _other(records: Records, name: str) -> list[str]:
    """A result of another benchmark: its words and tables as they are."""
    lines = [f"## {HEADINGS.get(name, name.replace('_', ' ').capitalize())}"]
    result = found(records, name)
    if not result:
        return [*lines, "", prose(_NO_GPU)]
    shown = result.get("words", []), result.get("tables", [])
    if not any(shown):
        return []
    for words in shown[0]:
        lines += ["", prose(words)]
    for table in shown[1]:
        lines += ["", prose(table["caption"]), "", *markdown(table["header"], table["rows"])]
    return lines


def _again(records: Records) -> list[str]:
    rows = []
    for name, record in records.items():
        machine, versions = record["machine"], dict(record["versions"])
        packages = ", ".join(f"{key} {value}" for key, value in versions.items() if key not in ("deepot", "commit"))
        where = f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gb']} GB, {machine['system']}"
        own = f"{versions.get('deepot', '')} ({versions.get('commit') or 'no revision'})"
        rows.append([name, f"`{record['command']}`", record["date"], where, own, packages])
    header = ["result", "command", "when", "machine", "DeepOT", "with"]
    text = """Peers come by `make peers-setup`, which this command runs by itself. Every result lies in
        `benchmarks/results/`; a part is measured again by its own command, and `make performance ARGS=--only-document`
        writes this page from what is there. The largest pair is a run of its own:"""
    return [
        "## Measuring again",
        "",
        "    make performance",
        "",
        prose(text),
        "",
        "    python -m benchmarks.memory --sizes 20000 --folder DIR",
        "    python -m benchmarks.memory --wide 20000 20000 --folder DIR",
        "",
        *(markdown(header, rows) if rows else []),
    ]
