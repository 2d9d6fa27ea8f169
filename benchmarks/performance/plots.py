"""The plots of docs/performance.md."""

from __future__ import annotations

from pathlib import Path

from benchmarks import pages
from benchmarks.performance import goals
from benchmarks.performance.goals import PEAK_MB, Records, found, points
from benchmarks.speed import FLAGSHIP

# Okabe and Ito's colours, told apart with any colour vision
_KINDS = {"network": "#D55E00", "own": "#0072B2", "peer": "#009E73"}
_KIND_WORDS = {"network": "network", "own": "the plugin's correlation", "peer": "others"}
_PARTS = (
    "#D55E00", "#0072B2", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#F0E442", "#7F7F7F", "#999933", "#332288",
    "#B0B0B0",
)  # fmt: skip


def draw(records: Records, folder: Path) -> list[Path]:
    """All plots that the records allow, into a folder; returns their paths."""
    drawings = {
        "speed": speed,
        "size": sizes,
        "curve": curve,
        "stages": stages,
        "operators": operators,
    }
    return pages.draw(drawings, records, folder, "performance", marker=5)


def speed(plt, records: Records):
    """Megapixels a second and peak memory of all methods."""
    methods = {name: row for name, row in found(records, "speed").get("methods", {}).items() if "mpx_per_s" in row}
    if not methods:
        return None
    order = sorted(methods, key=lambda name: methods[name]["mpx_per_s"])
    colours = [_KINDS[methods[name]["kind"]] for name in order]
    figure, axes = plt.subplots(1, 2, figsize=(9, 0.9 + 0.3 * len(order)), sharey=True, layout="constrained")
    for axis, key, words, form in (
        (axes[0], "mpx_per_s", "Mpx/s", "{:.2f}"),
        (axes[1], "peak_mb", "peak memory, MB", "{:.0f}"),
    ):
        values = [methods[name][key] for name in order]
        bars = axis.barh(order, values, color=colours, height=0.65)
        axis.bar_label(bars, [form.format(value) for value in values], padding=3)
        axis.set_xlabel(words)
        axis.set_xlim(0, 1.15 * max(values))
        axis.grid(axis="y", visible=False)
    if FLAGSHIP in order:
        axes[0].axvline(methods[FLAGSHIP]["mpx_per_s"], color=_KINDS["network"], lw=0.8, ls=":")
    handles = [plt.Rectangle((0, 0), 1, 1, color=_KINDS[kind]) for kind in _KIND_WORDS]
    axes[0].legend(handles, _KIND_WORDS.values(), loc="lower left", bbox_to_anchor=(0, 1.02), ncol=3)
    return figure


def sizes(plt, records: Records):
    """Time and peak memory against the number of pixels."""
    rows = points(records)
    if not rows:
        return None
    start = goals.start(records)
    megapixels = [row["side"] ** 2 / 1e6 for row in rows]
    figure, (time, memory) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    colour = _KINDS["network"]
    time.loglog(megapixels, [row["wall_s"] for row in rows], "o-", color=colour, label="wall time")
    time.loglog(megapixels, [row["cpu_s"] for row in rows], "s--", color=_KINDS["own"], label="processor time", lw=1)
    cost = (rows[-1]["wall_s"] - start["wall_s"]) / megapixels[-1]
    line = [start["wall_s"] + cost * value for value in megapixels]
    time.loglog(megapixels, line, ":", color="#000000", lw=1, label=f"{start['wall_s']:.1f} s + {cost:.2f} s/Mpx")
    time.set_ylabel("seconds, file to file")
    time.legend()
    memory.semilogx(megapixels, [row["peak_mb"] for row in rows], "o-", color=colour)
    memory.axhline(PEAK_MB, color="#000000", lw=1, ls=":")
    memory.annotate("2 GB", (megapixels[0], PEAK_MB), xytext=(0, 3), textcoords="offset points")
    memory.set_ylim(0, 1.15 * max(PEAK_MB, *(row["peak_mb"] for row in rows)))
    memory.set_ylabel("peak memory, MB")
    for axis in (time, memory):
        axis.set_xlabel("megapixels")
        axis.set_xticks(megapixels, [f"{value:.3g}" for value in megapixels])
        axis.minorticks_off()
    return figure


def curve(plt, records: Records):
    """Resident memory while a wide raster is measured."""
    wide = found(records, "memory_wide")
    if not wide.get("curve"):
        return None
    figure, axis = plt.subplots(figsize=(9, 2.6), layout="constrained")
    seconds, sizes_mb = zip(*wide["curve"])
    axis.plot([100 * second / wide["wall_s"] for second in seconds], sizes_mb, color=_KINDS["network"])
    for level, words, style in ((PEAK_MB, "2 GB", ":"), (1000 * wide["estimated_gb"], "told before", "--")):
        axis.axhline(level, color="#000000", lw=1, ls=style)
        axis.annotate(words, (0, level), xytext=(2, 3), textcoords="offset points")
    axis.set_xlim(0, 100)
    axis.set_ylim(0, 1.15 * max(PEAK_MB, *sizes_mb))
    axis.set_xlabel(f"% of the run, {wide['width']} x {wide['height']} px")
    axis.set_ylabel("resident memory, MB")
    return figure


def stages(plt, records: Records):
    """Processor time of the stages, and how much of the run each was at work."""
    profiled = [row for row in points(records) if row.get("stages", {}).get("rows")]
    if not profiled:
        return None
    row = profiled[-1]
    parts = [stage for stage in row["stages"]["rows"] if stage["stage"] != "whole run"]
    parts = sorted(parts, key=lambda stage: -stage["cpu_s"])
    heights = {"height_ratios": (1, 0.5 * len(parts))}
    size = 9, 1.9 + 0.22 * len(parts)
    figure, (spent, work) = plt.subplots(2, 1, figsize=size, gridspec_kw=heights, layout="constrained")
    left = 0.0
    for stage, colour in zip(parts, _PARTS):
        spent.barh([""], stage["cpu_s"], left=left, color=colour, label=stage["stage"], height=0.6)
        if stage["of_cpu"] > 0.05:
            spent.text(
                left + stage["cpu_s"] / 2, 0, f"{100 * stage['of_cpu']:.0f} %", ha="center", va="center", color="white"
            )
        left += stage["cpu_s"]
    spent.set_xlabel(f"CPU seconds, {row['side']} x {row['side']} px")
    spent.set_xlim(0, left)
    spent.set_yticks([])
    spent.grid(visible=False)
    names = [stage["stage"] for stage in parts]
    work.barh(names, [100 * stage["running"] for stage in parts], color=_PARTS[: len(parts)], height=0.65)
    work.invert_yaxis()
    work.set_xlim(0, 100)
    work.set_xlabel("% of the run's time during which the stage was at work")
    work.grid(axis="y", visible=False)
    return figure


def operators(plt, records: Records):
    """Milliseconds a megapixel by operator, before and now, as stacked bars."""
    profiles = found(records, "operators").get("profiles")
    if not profiles:
        return None
    labels = {"before": "before", "after": "now"} if "before" in profiles else {"after": "now"}
    spent = {key: {row["name"]: row["ms_per_mpx"] for row in profiles[key]["operators"]} for key in labels}
    total = {name: max(part.get(name, 0) for part in spent.values()) for part in spent.values() for name in part}
    named = sorted(total, key=total.get, reverse=True)[: len(_PARTS) - 1]
    figure, axes = plt.subplots(figsize=(9, 1.3 + 0.5 * len(labels)), layout="constrained")
    left = dict.fromkeys(labels, 0.0)
    for name, colour in zip((*named, "others"), _PARTS):
        for key, label in labels.items():
            rest = sum(value for other, value in spent[key].items() if other not in named)
            value = rest if name == "others" else spent[key].get(name, 0)
            axes.barh([label], value, left=left[key], color=colour, height=0.6, label=name if key == "after" else None)
            left[key] += value
    for key, label in labels.items():
        axes.annotate(f" {left[key]:.0f}", (left[key], label), va="center")
    axes.invert_yaxis()
    axes.set_xlim(0, 1.08 * max(left.values()))
    axes.set_xlabel("ms/Mpx, one thread")
    axes.grid(axis="y", visible=False)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.02), ncol=6, fontsize=8)
    return figure
