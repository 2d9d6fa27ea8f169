"""Where a network's time goes, operator by operator, by ONNX Runtime's own profiler; before and after.

    python -m benchmarks.operators [deepot] [--before FILE|REVISION] [--size 1024] [--runs 3]

Two tables: by operator type and by the first part of the nodes' names (the room of the network), each with calls,
milliseconds a megapixel and share. A square of `--size` px is measured on one thread after a warm-up. `--before` takes
another ONNX file, or a revision of this repository whose file of the same name is measured too. The runs of the two
take turns.

The module is not called profile: Python's own module of that name would be hidden from scripts in this folder.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks import results
from benchmarks.large_pair import arrays

REPOSITORY = results.REPOSITORY
_OTHERS = 14  # rows of the table of operators; the others are added up


def open_profiled(path: Path, folder: Path):
    """A session on one thread that writes what every node takes; set as the product sets it."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.enable_mem_pattern = False
    options.enable_profiling = True
    options.profile_file_prefix = str(folder / path.stem)
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def feed(session, images: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Two images (H, W) as the session's inputs."""
    return {port.name: image[np.newaxis, np.newaxis] for port, image in zip(session.get_inputs(), images)}


def nodes(events: Iterable[Mapping]) -> list[tuple[str, str, float]]:
    """(operator type, name, milliseconds) of every kernel run in the events of a profile."""
    return [
        (event["args"]["op_name"], event["name"].removesuffix("_kernel_time"), event["dur"] / 1000)
        for event in events
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time")
    ]


def room(name: str) -> str:
    """The part of the network that a node belongs to: the first part of its name."""
    parts = [part for part in name.split("/") if part]
    return parts[0] if len(parts) > 1 else "(top level)"


def grouped(ran: Iterable[tuple[str, float]], runs: int, megapixels: float) -> list[dict]:
    """Calls, milliseconds a megapixel and share of every group, the dearest first."""
    calls, spent = defaultdict(int), defaultdict(float)
    for group, milliseconds in ran:
        calls[group] += 1
        spent[group] += milliseconds
    total = sum(spent.values())
    return [
        {
            "name": group,
            "calls": round(calls[group] / runs),
            "ms_per_mpx": spent[group] / runs / megapixels,
            "share": spent[group] / total,
        }
        for group in sorted(spent, key=spent.get, reverse=True)
    ]


def measure(paths: Mapping[str, Path], size: int, runs: int) -> dict[str, dict]:
    """Profiles of several model files on the same pair, their runs in turns."""
    images = arrays(size)
    found = {}
    with tempfile.TemporaryDirectory() as name:
        sessions = {label: open_profiled(path, Path(name)) for label, path in paths.items()}
        for _ in range(runs + 1):
            for session in sessions.values():
                session.run(None, feed(session, images))
        for label, session in sessions.items():
            events = json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))
            found[label] = summary(events, runs, size**2 / 1e6)
    return found


def summary(events: Sequence[Mapping], runs: int, megapixels: float) -> dict:
    """Tables of a profile of one warm-up and `runs` runs."""
    whole = [event for event in events if event["name"] == "model_run"]
    warm = whole[0]["ts"] + whole[0]["dur"]
    middle = statistics.median(run["dur"] / 1000 for run in whole[1:])
    ran = nodes(event for event in events if event["ts"] >= warm)
    return {
        "ms_per_mpx": middle / megapixels,
        "mpx_per_s": 1000 * megapixels / middle,
        "nodes": round(len(ran) / runs),
        "operators": grouped([(kind, time) for kind, _, time in ran], runs, megapixels),
        "rooms": grouped([(room(node), time) for _, node, time in ran], runs, megapixels),
    }


def file_of(model: str, before: str, folder: Path) -> Path:
    """The file that `--before` names: itself, or the model's file at a revision, written into a folder.

    Raises
    ------
    SystemExit
        It is neither.
    """
    if Path(before).is_file():
        return Path(before)
    asked = ["git", "show", f"{before}:models/{model}.onnx"]
    done = subprocess.run(asked, cwd=REPOSITORY, capture_output=True)
    if done.returncode:
        raise SystemExit(f"--before {before} is no file, and no revision with models/{model}.onnx")
    path = folder / f"{model}_before.onnx"
    path.write_bytes(done.stdout)
    return path


def show(label: str, profile: dict) -> None:
    """Print the tables of one model."""
    print(f"\n{label}: {profile['ms_per_mpx']:.0f} ms/Mpx, {profile['mpx_per_s']:.2f} Mpx/s, {profile['nodes']} nodes")
    for key in ("operators", "rooms"):
        print(f"{key:24}{'calls':>7}{'ms/Mpx':>10}{'share':>8}")
        for row in shortened(profile[key], _OTHERS):
            print(f"{row['name']:24}{row['calls']:7d}{row['ms_per_mpx']:10.2f}{100 * row['share']:7.1f}%")


def shortened(rows: Sequence[dict], count: int) -> list[dict]:
    """The first rows, and the others in one."""
    if len(rows) <= count + 1:
        return list(rows)
    rest = {key: sum(row[key] for row in rows[count:]) for key in ("calls", "ms_per_mpx", "share")}
    return [*rows[:count], {"name": f"{len(rows) - count} others", **rest}]


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="deepot", help="name or path")
    parser.add_argument("--before", help="an ONNX file, or a revision of this repository")
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-store", action="store_true", help="print only")
    parsed = parser.parse_args()
    bundled = REPOSITORY / "models" / f"{parsed.model}.onnx"
    paths = {"after": bundled if bundled.is_file() else Path(parsed.model)}
    with tempfile.TemporaryDirectory() as name:
        if parsed.before:
            paths = {"before": file_of(parsed.model, parsed.before, Path(name)), **paths}
        found = measure(paths, parsed.size, parsed.runs)
    for label, profile in found.items():
        show(label if parsed.before else parsed.model, profile)
    if "before" in found:
        print(f"\nafter / before: {found['after']['ms_per_mpx'] / found['before']['ms_per_mpx']:.2f} of the time")
    if not parsed.no_store:
        kept = {"model": parsed.model, "before": parsed.before, "size": parsed.size, "threads": 1, "profiles": found}
        print(f"kept in {results.store('operators', kept).relative_to(REPOSITORY)}")


if __name__ == "__main__":
    main()
