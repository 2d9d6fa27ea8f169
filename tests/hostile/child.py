"""Runs cases one after the other in this process and says of each what became of it, a line of JSON each.

``python -m tests.hostile.child CASES.json OUT``. The parent (`harness`) watches and ends what hangs.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import time

#: Address space after which an allocation fails: a fuse for the machine, above what is allowed.
_FUSE_BYTES = 8 << 30


def main(cases_path: str, out: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_FUSE_BYTES, _FUSE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    talk = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is none of the parent's business
    connected: list[str] = []
    sys.addaudithook(lambda event, args: connected.append(repr(args[1:])) if event == "socket.connect" else None)

    from deepot_qgis.engine.errors import DeepotError

    from . import entries

    def say(**what) -> None:
        print(json.dumps(what), file=talk, flush=True)

    with open(cases_path, encoding="utf-8") as file:
        cases = json.load(file)
    say(ready=True)
    for number, case in enumerate(cases):
        _forget_peak()
        connected.clear()
        folder = os.path.join(out, str(number))
        os.makedirs(folder, exist_ok=True)
        sys.stdin.readline()  # the parent has looked at what the last case left
        say(begin=case["name"])
        started = time.process_time()
        try:
            getattr(entries, case["entry"])(case["path"], folder, **case["more"])
            how, words = "taken", ""
        except DeepotError as error:
            how, words = "refused", str(error)
        except BaseException as error:  # everything else is what is looked for
            how, words = "raised", f"{type(error).__name__}: {error} {_where(error)}"
        if connected:
            how, words = "raised", f"a connection to {connected[0]}"
        say(end=case["name"], how=how, words=words[:5000], peak=_peak_mb(), cpu=time.process_time() - started)
        shutil.rmtree(folder, ignore_errors=True)


def _where(error: BaseException) -> str:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if "deepot_qgis" in frame.filename] or frames
    return f"({os.path.basename(inside[-1].filename)}:{inside[-1].lineno})" if inside else ""


def _forget_peak() -> None:
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
    except OSError:
        pass


def _peak_mb() -> float:
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
