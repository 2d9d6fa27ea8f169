"""The arguments that say who measures: this process, several, or a cluster."""

from __future__ import annotations

import argparse

from ..jobs.cluster import DEFAULT_TIMEOUT_S, Cluster
from ..jobs.job import InProcess, Runner
from ..jobs.pool import LocalPool
from ..jobs.split import Split


def add_running(command: argparse.ArgumentParser) -> None:
    """How many pairs are measured at once, and where."""
    group = command.add_argument_group("who measures")
    where = group.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=int, default=1, metavar="N", help="pairs at once on this machine, which share "
                       "its cores (default 1)")  # fmt: skip
    where.add_argument("--scheduler", metavar="ADDRESS", help="of a dask cluster, such as tcp://node:8786, or its "
                       "scheduler file")  # fmt: skip
    group.add_argument("--cores", type=int, metavar="N", help="cores of each of the --jobs (default: divided evenly)")
    group.add_argument("--part-rows", type=int, metavar="ROWS", help="measure larger pairs in parts of about so many "
                       "rows, each a task of its own")  # fmt: skip
    group.add_argument("--retries", type=int, default=2, metavar="N", help="of a pair whose process or worker was lost")
    group.add_argument("--scheduler-timeout", type=float, default=DEFAULT_TIMEOUT_S, metavar="S",
                       help="seconds to wait for the scheduler's answer")  # fmt: skip


def runner(parsed: argparse.Namespace) -> Runner:
    """Who measures.

    Raises
    ------
    OptionsError
        A number lies outside its limits.
    """
    who = _undivided(parsed)
    return who if parsed.part_rows is None else Split(who, parsed.part_rows)


def _undivided(parsed: argparse.Namespace) -> Runner:
    if parsed.scheduler:
        return Cluster(parsed.scheduler, parsed.retries, parsed.scheduler_timeout)
    if parsed.jobs == 1 and parsed.cores is None:
        return InProcess()
    return LocalPool(parsed.jobs, parsed.cores, parsed.retries)
