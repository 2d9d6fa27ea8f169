"""A process that loads the engine once and gives birth to victims: each runs one command of the engine.

Talks in lines of JSON over its standard input and output. Asked for ``arguments``, a ``log`` for what the command says,
``after_s`` and a ``fault`` it answers with ``status`` (the exit status, negative for the signal that killed) and
``seconds``. A victim is killed after so many seconds, or kills itself when it is about to make call number K of one of
`CALLS`; either may be None.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from typing import Any, Callable

from osgeo import gdal

from deepot_qgis.engine import files
from deepot_qgis.engine.cli import main

#: The calls on which the order of things on the disk depends.
CALLS = ("fsync", "replace", "remove")


def serve() -> None:
    """Give birth to victims until the input ends."""
    gdal.UseExceptions()
    for line in sys.stdin:
        asked = json.loads(line)
        started = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _live(asked)
        if asked["after_s"] is not None:
            time.sleep(max(0.0, started + asked["after_s"] - time.monotonic()))
            os.kill(pid, signal.SIGKILL)  # nobody else has its number before its parent, here, has asked for its status
        _, status = os.waitpid(pid, 0)
        answer = {"status": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - started}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _live(asked: dict[str, Any]) -> None:
    status = 70
    try:
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        if asked["fault"]:
            _arm(*asked["fault"])
        status = main(asked["arguments"])
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _arm(name: str, number: int) -> None:
    """Let the process die at one call; counts calls of one kind from 0."""
    call: Callable[..., Any] = getattr(os, name)
    count = [0]

    def dying(*arguments: Any, **keywords: Any) -> Any:
        if count[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)
        count[0] += 1
        return call(*arguments, **keywords)

    setattr(files.os, name, dying)


if __name__ == "__main__":
    serve()
