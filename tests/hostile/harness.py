"""Runs a corpus in child processes, many cases in each, and sees what becomes of every case."""

from __future__ import annotations

import http.server
import json
import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from .case import MOST_CPU_S, MOST_WALL_S, Case, Outcome

_REPOSITORY = Path(__file__).resolve().parents[2]
#: Resident memory at which a case is ended, MB.
_FUSE_MB = 4000


def run(
    cases: Sequence[Case], folder: Path, cpu_s: float = MOST_CPU_S, wall_s: float = MOST_WALL_S
) -> dict[str, Outcome]:
    """Run cases; a new child goes on after one that died or had to be ended.

    Parameters
    ----------
    cases : sequence of Case
    folder : Path
        Where all their files lie; what changes in it is told.
    """
    found: dict[str, Outcome] = {}
    waiting = list(cases)
    while waiting:
        with tempfile.TemporaryDirectory() as out:
            outcomes = _child(waiting, folder, out, cpu_s, wall_s)
        found.update((outcome.case.name, outcome) for outcome in outcomes)
        waiting = waiting[len(outcomes) :]
    return found


def _child(cases: Sequence[Case], folder: Path, out: str, cpu_s: float, wall_s: float) -> list[Outcome]:
    listed = os.path.join(out, "cases.json")
    with open(listed, "w", encoding="utf-8") as file:
        json.dump([asdict(case) for case in cases], file)
    home = os.path.join(out, "home")
    os.mkdir(home)
    environment = {
        **os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "HOME": home, "MPLCONFIGDIR": home,
        "TMPDIR": home, "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    with open(os.path.join(out, "words"), "w+b") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.child", listed, out],
            cwd=_REPOSITORY, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=words,
        )  # fmt: skip
        try:
            outcomes = list(_watch(process, cases, folder, cpu_s, wall_s))
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
        if not outcomes:
            words.seek(0)
            raise RuntimeError(f"the child did not begin: {words.read().decode(errors='replace')[-2000:]}")
    return outcomes


def _watch(process, cases: Sequence[Case], folder: Path, cpu_s: float, wall_s: float) -> Iterator[Outcome]:
    lines = _lines(process.stdout.fileno())
    if next(lines, None) is None:
        return
    before = snapshot(folder)
    for case in cases:
        with suppress(BrokenPipeError):  # of a child that died between two cases: seen below
            os.write(process.stdin.fileno(), b"go on\n")  # not before what the last case left has been looked at
        began, used, how, told = time.monotonic(), _cpu(process.pid), "", None
        while told is None:
            line = next(lines)
            if line is None:
                how = f"died ({process.wait()})"
            elif line.get("end") == case.name:
                told = line
            elif not line and (_cpu(process.pid) - used > cpu_s or time.monotonic() - began > wall_s):
                how = "hung"
            elif not line and _resident_mb(process.pid) > _FUSE_MB:
                how = "ended for its memory"
            if how:
                break
        after = snapshot(folder)
        wrote = tuple(sorted(str(Path(path).relative_to(folder)) for path in _changed(before, after)))
        before = after
        if told is None:
            yield Outcome(case, how, "", wrote)
            return
        yield Outcome(case, told["how"], told["words"], wrote, told["peak"], told["cpu"])


def _lines(descriptor: int) -> Iterator[dict | None]:
    """Lines as they come; an empty one when for a while there is none, None at the end."""
    rest = b""
    while True:
        ready, _, _ = select.select([descriptor], [], [], 0.25)
        if not ready:
            yield {}
            continue
        part = os.read(descriptor, 1 << 16)
        if not part:
            yield None
            return
        *whole, rest = (rest + part).split(b"\n")
        yield from (json.loads(line) for line in whole)


def _cpu(pid: int) -> float:
    """Seconds of computing of a process so far."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return 0.0


def snapshot(folder: Path) -> dict[str, tuple]:
    """Every file below a folder with its size and time of change."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in files + folders:
            path = os.path.join(root, name)
            status = os.lstat(path)
            found[path] = (status.st_size, status.st_mtime_ns) if name in files else ()
    return found


def _changed(before: dict[str, tuple], after: dict[str, tuple]) -> set[str]:
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine that nobody should call: its address, and the calls that came all the same."""
    calls: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_error(404)

        do_HEAD = do_POST = do_PUT = do_GET

        def log_message(self, *_) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", calls
    finally:
        server.shutdown()
        server.server_close()
