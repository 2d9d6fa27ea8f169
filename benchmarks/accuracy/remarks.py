"""Sentences and judgements that follow from the numbers of a result alone."""

from __future__ import annotations

import statistics

from benchmarks.accuracy import plots, real_pairs, report
from benchmarks.accuracy.fixed_set import REGIMES
from benchmarks.accuracy.goals import GOALS, NULL_MEDIAN, NULL_SHARE, WITHIN_SIGMA


def flagship(result: dict) -> str | None:
    """The network that is held against the goals: deepot, else the first there is."""
    networks = [name for name, kind in result["kinds"].items() if kind == "network"]
    return "deepot" if "deepot" in networks else next(iter(networks), None)


def peers(result: dict) -> list[str]:
    """Names of the peers of the run."""
    return [name for name, kind in result["kinds"].items() if kind == "peer"]


def told(result: dict) -> set[str]:
    """Methods that tell sigma."""
    return set(result["calibration"]["simulated"])


def shown(result: dict, name: str) -> str:
    """Name with its version; ours are set in code."""
    version = result["versions"].get(name, "")
    if result["kinds"][name] == "peer":
        return f"{name} {version}"
    return f"`{name}` {version}".strip() if result["kinds"][name] == "network" else f"`{name}`"


def best_peer(result: dict, line: str, regime: int) -> tuple[str, float]:
    """The peer with the smallest error in a line of the table; an empty name where there are no peers."""
    summaries = report.summaries(result)
    return min(((name, summaries[name][regime][line]) for name in peers(result)), key=lambda pair: pair[1],
               default=("", float("nan")))  # fmt: skip


def verdict(reached: float, goal: float) -> str:
    """Met or missed, at the precision of the goal."""
    return "met" if round(reached, 3) <= goal else "missed"


def _list(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def in_short(result: dict) -> list[str]:
    """The points a reader in a hurry needs."""
    name = flagship(result)
    if name is None:
        return ["- No network was measured."]
    summaries = report.summaries(result)
    mine = summaries[name]
    count = len(GOALS) * len(REGIMES)
    met = sum(
        verdict(mine[number][goal.line], goal.goal[number]) == "met" for goal in GOALS for number in range(len(REGIMES))
    )
    lines = [
        f"- `{name}` meets {met} of the {count} goals on simulated pairs. All fields:"
        f" {report.triple(part['all fields'] for part in mine)} px (goal {report.triple(GOALS[0].goal)})."
    ]
    if peers(result):
        better = sum(
            mine[number][goal.line] < best_peer(result, goal.line, number)[1]
            for goal in GOALS
            for number in range(len(REGIMES))
        )
        best = report.triple(best_peer(result, "all fields", number)[1] for number in range(len(REGIMES)))
        lines.append(
            f"- It is better than every peer of this run in {better} of the {count} lines; the best peer of each regime"
            f" reaches {best} px on all fields."
        )
    if "correlation" in summaries:
        base = report.triple(part["all fields"] for part in summaries["correlation"])
        lines.append(f"- The plugin's own correlation reaches {base} px.")
    null = [f"{result['null'][pair][name]['median']:.3f} px ({pair})" for pair in real_pairs.STILL]
    lines.append(f"- Real still ground, median: {_list(null)}.")
    lines += calibration(result, (name,))
    lines.append(f"- {result['megapixels_per_second'][name]:.2f} Mpx/s on one core.")
    return lines


def comparable(result: dict) -> str:
    """How hard this set is beside the one for which the goals were set."""
    summaries = report.summaries(result)
    if "zero" not in summaries:
        return ""
    zero, then = summaries["zero"][0]["all fields"], GOALS[0].zero
    still, ease = ("more", "easier") if zero < then else ("less", "harder")
    text = (
        f"Is this set as hard as the one of the goals? Answering zero gives {zero:.2f} px on all fields here and gave"
        f" {then} px there: {still} of the ground stands still here, which makes the goal of that line {ease} to reach"
        " than it was meant to be; the other lines look at the same places."
    )
    if peers(result):
        ratios = [
            best_peer(result, goal.line, number)[1] / goal.best_peer[number]
            for goal in GOALS
            for number in range(len(REGIMES))
        ]
        text += (
            f" The best peer here errs {min(ratios):.1f} to {max(ratios):.1f} times as much as the best of the twenty"
            f" did there, line by line (median {statistics.median(ratios):.2f})."
        )
    return text


def calibration(result: dict, names: tuple[str, ...] | None = None) -> list[str]:
    """How far from 68 % the bins of sigma are."""
    lines = []
    for name in names or [name for name in result["fields"] if name in told(result)]:
        said = []
        for part in ("simulated", "real, moved"):
            _, share = plots.bins(result["calibration"][part][name])
            if not len(share):
                continue
            good = int(((share >= WITHIN_SIGMA[0]) & (share <= WITHIN_SIGMA[1])).sum())
            counts = result["calibration"][part][name]
            whole = sum(counts["inside"]) / sum(counts["count"])
            said.append(
                f"{part}: {100 * whole:.0f} % in all, {good} of {len(share)} bins within 68 ± 4 %"
                f" ({100 * share.min():.0f} to {100 * share.max():.0f} %)"
            )
        lines.append(f"- Sigma of `{name}`, share of components that err less: {'; '.join(said)}.")
    return lines


def still(result: dict) -> list[str]:
    """Goals on real still ground, met or missed."""
    name = flagship(result)
    if name is None:
        return []
    lines = []
    for pair in real_pairs.STILL:
        row = result["null"][pair][name]
        limit = NULL_MEDIAN[pair.split(",")[0]]
        verdict = "met" if row["median"] < limit else "missed"
        share = "met" if row["over_half"] <= NULL_SHARE else "missed"
        base = result["null"][pair].get("correlation")
        against = ""
        if base:
            against = f"; `correlation` {base['median']:.3f} px and {100 * base['over_half']:.1f} %"
        lines.append(
            f"- `{name}`, {pair}: median {row['median']:.3f} px (goal below {limit}: {verdict}),"
            f" {100 * row['over_half']:.1f} % off by more than 0.5 px (goal at most {100 * NULL_SHARE:.0f} %: {share})"
            f"{against}."
        )
    return lines


def landslide(result: dict) -> list[str]:
    """Who is best inside the landslide at each peak."""
    name = flagship(result)
    lines = []
    for peak, rows in result["landslide"].items():
        ranked = sorted((row["inside"], method) for method, row in rows.items())
        text = f"- {peak} px: best inside is {shown(result, ranked[0][1])} ({ranked[0][0]:.3f} px)"
        if name and ranked[0][1] != name:
            text += f"; `{name}` {rows[name]['inside']:.3f} px"
        if ranked[0][1] == "zero":
            text += "; no method beats answering no motion"
        lines.append(text + ".")
    return lines


_SETTINGS = {
    "pandora2d": "ZNCC in 31 x 31 px, search ±8 px, posting 4 px, half pixels by splines of order 5, six bicubic"
    " dichotomies, images mirrored at their edges",
    "OpenPIV": "window deformation, 64-32-32-32 px, posting 8 px, symmetric, splines of order 3, normalised,"
    " Gaussian peak, decibel images",
    "OpenCV DIS": "decibel images, finest scale 0, patch 16, stride 4, 32 and 5 iterations, alpha 20",
    "scikit-image iLK": "Gaussian window of radius 20 px, 8 warps, decibel images",
}


def peer_settings(result: dict) -> str:
    """How the peers were set."""
    found = [name for name in peers(result) if name in _SETTINGS]
    if not found:
        return "No peer was installed in this run."
    words = "; ".join(f"{name}: {_SETTINGS[name]}" for name in found)
    return f"The peers, as PyPI has them, with the settings that serve them best: {words}."
