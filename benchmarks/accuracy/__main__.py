"""Command line of the accuracy benchmark."""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path


def main() -> None:
    """Command line."""
    # before numpy and its libraries count the cores: each worker has one
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    from benchmarks import accuracy
    from benchmarks.accuracy import documents, methods, whole
    from benchmarks.accuracy.runner import Runner
    from benchmarks.accuracy.store import Store
    from deepot_qgis.engine.runtime import cores

    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=accuracy.__doc__)
    parser.add_argument("--model", nargs="+", default=None, help="bundled names or ONNX files (default: all bundled)")
    parser.add_argument("--size", type=int, default=accuracy.SIZE, help="side of the simulated pairs, px")
    parser.add_argument("--repeats", type=int, default=1, help="images per field and regime")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers from PyPI out")
    parser.add_argument("--jobs", type=int, default=cores(), help="worker processes of one thread each")
    parser.add_argument("--out", type=Path, default=Path("runs/accuracy"), help="folder of the results")
    parser.add_argument("--documents", type=Path, default=None, help="folder for accuracy.md and images/accuracy_*.png")
    parser.add_argument("--fresh", action="store_true", help="measure again what an earlier run has measured")
    options = parser.parse_args()
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - started:4.0f} s] {text}", flush=True)

    chosen = [methods.zero(), methods.correlation()]
    chosen += [methods.network(name) for name in options.model or methods.bundled()]
    if not options.no_peers:
        peers, absent = methods.peers()
        chosen += peers
        for sentence in absent:
            say(sentence)
    options.out.mkdir(parents=True, exist_ok=True)
    records = options.out / "records.jsonl"
    if options.fresh:
        records.unlink(missing_ok=True)
    runner = Runner(tuple(chosen), Store(records), options.jobs, say)
    result = whole.measure_methods(runner, whole.Extent(options.size, options.repeats))
    print(accuracy.table(result))
    (options.out / "accuracy.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (options.out / "accuracy.md").write_text(accuracy.table(result) + "\n", encoding="utf-8")
    if options.documents is not None:
        for path in documents.write(result, options.documents):
            say(f"wrote {path} ({path.stat().st_size / 1000:.0f} kB)")


if __name__ == "__main__":
    main()
