"""The chapters of docs/performance.md about sizes: time and memory against them, and where the time of a pair goes."""

from __future__ import annotations

from collections.abc import Collection

from benchmarks.pages import markdown, prose
from benchmarks.performance import goals
from benchmarks.performance.goals import Records, found, points
from benchmarks.speed import FLAGSHIP

#: Into which a curve of memory is cut for its table.
MOST_PARTS = 4


def against_size(records: Records) -> list[str]:
    """Time and memory of pairs from file to file, ascending."""
    measured = points(records)
    if not measured:
        return []
    start = goals.start(records)
    rows = []
    for row in (start, *measured):
        side = f"{row['side']} x {row['side']}"
        rows.append([
            f"{side} (the start)" if row is start else side,
            f"{row['side'] ** 2 / 1e6:.2f}",
            f"{row['wall_s']:.1f} ± {50 * row['spread']:.0f} %" if row["rounds"] > 1 else f"{row['wall_s']:.1f}",
            f"{row['cpu_s']:.1f}",
            f"{row['mpx_per_s']:.2f}",
            f"{row['peak_mb']:.0f}",
            "-" if row.get("estimated_mb") is None else f"{row['estimated_mb']:.0f}",
            f"{row['files_mb']:.0f}",
        ])  # fmt: skip
    header = ["px", "Mpx", "seconds", "CPU s", "Mpx/s", "peak MB", "told before", "files MB"]
    text = """From two GeoTIFFs to the products (displacement, offsets, record) by the command line, each run a process
        of its own whose memory is what the operating system says it held at most. The pairs are made on the fly from
        the sample scene with noise of their own at each date. "Told before" is the memory that the run itself says it
        will take before it starts."""
    fits = {key: goals.exponent(records, key) for key in ("cpu_s", "wall_s")}
    judged = ""
    if None not in fits.values():
        judged = f"""Less the start, processor time grows like the number of pixels to the power of {fits["cpu_s"]:.3f},
            wall time to the power of {fits["wall_s"]:.3f}: {_growth(fits.values())}
            ({goals.LINEAR[0]} to {goals.LINEAR[1]} counts as linear)."""
    return [
        "## Against size",
        "",
        prose(text),
        "",
        "![Time and memory against size](images/performance_size.png)",
        "",
        *markdown(header, rows),
        *(["", prose(judged)] if judged else []),
    ]


def _growth(exponents: Collection[float]) -> str:
    """Judgement of exponents of the number of pixels."""
    least, most = min(exponents), max(exponents)
    if most > goals.LINEAR[1]:
        return "more than linear"
    return "linear" if least >= goals.LINEAR[0] else "less than linear"


def wide(records: Records) -> list[str]:
    """Memory while a raster runs that is as wide as they come."""
    pair = found(records, "memory_wide")
    if not pair:
        return []
    size = f"{pair['width']} x {pair['height']} px"
    text = f"""What a run holds depends first of all on the width of a raster: rows come, and go when they are written.
        {size} took at most {pair["peak_mb"]:.0f} MB (told before: {1000 * pair["estimated_gb"]:.0f} MB) and
        {pair["cpu_s"]:.0f} CPU s.{goals.in_network(pair)} Whether it grows on in a raster that is higher is told by the
        last quarters, and by the sizes above for as many pixels as were measured there."""
    lines = ["### Memory while a wide raster runs", "", prose(text)]
    curve = pair["curve"]
    if len(curve) < MOST_PARTS:
        return lines
    lines += ["", f"![Memory while {size} are measured](images/performance_curve.png)", ""]
    parts = [curve[len(curve) * n // MOST_PARTS : len(curve) * (n + 1) // MOST_PARTS] for n in range(MOST_PARTS)]
    names = [f"{n + 1}/{MOST_PARTS} of the run" for n in range(MOST_PARTS)]
    return lines + markdown(["", *names], [["at most MB", *(f"{max(mb for _, mb in part):.0f}" for part in parts)]])


def stages(records: Records) -> list[str]:
    """What the largest profiled pair spends its time on."""
    profiled = [row for row in points(records) if row.get("stages", {}).get("rows")]
    if not profiled:
        return []
    row = profiled[-1]
    rows = sorted(row["stages"]["rows"], key=lambda stage: -stage["cpu_s"])
    megapixels = row["side"] ** 2 / 1e6
    text = f"""The stages of a run work beside each other. For {row["side"]} x {row["side"]} px, as `pair --profile`
        prints them: processor time of each stage, its share, and the share of the run's wall time during which the
        stage was at work. Several stages are at work at once, so these do not add up to 100 %."""
    cells = [
        [stage["stage"], f"{stage['cpu_s']:.2f}", f"{1000 * stage['cpu_s'] / megapixels:.0f}",
         f"{100 * stage['of_cpu']:.1f} %", f"{100 * stage['running']:.1f} %"]
        for stage in rows if stage["stage"] != "whole run"
    ]  # fmt: skip
    header = ["stage", "CPU s", "CPU ms/Mpx", "of the CPU time", "at work"]
    check = _checked(records, row)
    return [
        "## Where the time goes",
        "",
        prose(text),
        "",
        "![Processor time of the stages](images/performance_stages.png)",
        "",
        *markdown(header, cells),
        *(["", prose(check)] if check else []),
    ]


def _checked(records: Records, row: dict) -> str:
    """The network's share once more, from the run in memory, where there is nothing but the network."""
    mine = found(records, "speed").get("methods", {}).get(FLAGSHIP, {})
    if "cpu_s" not in mine:
        return ""
    alone = mine["cpu_s"] / (found(records, "speed")["size"] ** 2 / 1e6)
    whole = (row["cpu_s"] - goals.start(records)["cpu_s"]) / (row["side"] ** 2 / 1e6)
    return f"""Another way to that share: in memory, where there is nothing but tiles and the network, it takes
        {alone:.2f} CPU s a megapixel; from file to file everything together takes {whole:.2f} without the start. That
        is {100 * alone / whole:.0f} %."""
