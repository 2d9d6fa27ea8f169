"""A process that does jobs for another: ``python -m deepot_qgis.engine.jobs.worker``, a line of JSON each way.

It reads jobs from standard input until that ends; the line ``stop`` cancels the job under way, and so does the end of
input, which is what it hears when the process that started it is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
from dataclasses import asdict
from typing import TextIO

from ..errors import CancelledError
from ..thrift import be_thrifty
from .job import Job, Workplace

STOP = "stop"


def main() -> None:
    """Do jobs until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in the terminal is for the process that gives the jobs
    be_thrifty()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints does not get between the replies
    asked: queue.Queue[str | None] = queue.Queue()
    stop = threading.Event()
    threading.Thread(target=_listen, args=(sys.stdin, asked, stop), daemon=True).start()
    workplace = Workplace()
    _say(replies, ready=os.getpid())
    for text in iter(asked.get, None):
        _do(workplace, text, replies, stop)


def _listen(orders: TextIO, asked: queue.Queue[str | None], stop: threading.Event) -> None:
    for line in orders:
        if line.strip() == STOP:
            break
        asked.put(line)
    stop.set()
    asked.put(None)


def _do(workplace: Workplace, text: str, replies: TextIO, stop: threading.Event) -> None:
    percent = -1

    def share(done: float) -> None:
        nonlocal percent
        if int(100 * done) > percent:
            percent = int(100 * done)
            _say(replies, share=done)

    try:
        _say(replies, outcome=asdict(workplace.perform(Job.from_text(text), share, stop.is_set)))
    except CancelledError:
        _say(replies, cancelled=True)
    except Exception as error:  # what nobody foresaw costs this job only, and is tried again
        _say(replies, crash=f"{type(error).__name__}: {error}")


def _say(replies: TextIO, **said: object) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more; the end of input says so too
        replies.write(json.dumps(said) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
