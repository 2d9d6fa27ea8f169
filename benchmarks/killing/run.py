"""Kill runs of a command at chosen moments, look at what is left, run it again, and count."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from . import judge

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Midwife:
    """The process that gives birth to victims; see `victim`. A context."""

    def __enter__(self) -> Midwife:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": REPOSITORY}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.killing.victim"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=REPOSITORY,
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(
        self, arguments: Sequence[str], log: str, after_s: float | None = None, fault: tuple[str, int] | None = None
    ) -> tuple[int, float]:
        """Run a command of the engine; kill it after some seconds, or at a call; returns status and seconds."""
        asked = {"arguments": list(arguments), "log": log, "after_s": after_s, "fault": fault}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["status"], answer["seconds"]


@dataclass
class Counts:
    """What became of the kills.

    Attributes
    ----------
    before, during, after : int
        Killed before anything was on the disk, while it worked, and after it had ended by itself.
    whole, temporary : int
        Files under a final name that were found after kills, all of them whole; temporary files and folders found.
    resumed : int
        Runs after a kill that ended with what an undisturbed run gives, and nothing else in the folder.
    went_on : int
        Of these, runs that took something from the killed one.
    wrong : list of str
        What must not be.
    """

    before: int = 0
    during: int = 0
    after: int = 0
    whole: int = 0
    temporary: int = 0
    resumed: int = 0
    went_on: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How many."""
        return self.before + self.during + self.after


@dataclass(frozen=True)
class Scenario:
    """A command that writes into a folder.

    Attributes
    ----------
    arguments : tuple of str
        Of the command line; ``{out}`` stands for the folder.
    took : str
        What the command says when it took something from the killed run.
    """

    arguments: tuple[str, ...]
    took: str

    def of(self, folder: str) -> list[str]:
        """The arguments for a folder."""
        return [argument.format(out=folder) for argument in self.arguments]


def moments(seed: int, count: int) -> list[float]:
    """Seeded moments, as shares of the time that an undisturbed run takes; some lie after its end."""
    return list(np.random.default_rng(seed).uniform(0.0, 1.1, count))


def kill(
    midwife: Midwife, scenario: Scenario, folder: str, when: Iterable[float], calls: Iterable[tuple[str, int]] = ()
) -> Counts:
    """Kill a command at moments (shares of an undisturbed run) and at calls, each time in an empty folder.

    Raises
    ------
    RuntimeError
        The undisturbed run fails.
    """
    counts, log = Counts(), os.path.join(folder, "log.txt")
    out = os.path.join(folder, "out")
    os.makedirs(out)
    status, seconds = midwife.run(scenario.of(out), log)
    if status != 0:
        raise RuntimeError(_text(log))
    expected = judge.look(out)
    plan = [(share * seconds, None) for share in when] + [(None, call) for call in calls]
    for number, (after_s, fault) in enumerate(plan):
        shutil.rmtree(out)
        os.makedirs(out)
        what = f"kill {number} ({'at ' + str(fault) if fault else f'after {after_s:.3f} s'})"
        status, _ = midwife.run(scenario.of(out), log, after_s, fault)
        _count(counts, what, status, judge.look(out), expected)
        status, _ = midwife.run(scenario.of(out), log)
        _count_again(counts, what, status, judge.look(out), expected, _text(log), scenario)
    return counts


def _count(counts: Counts, what: str, status: int, left: judge.Left, expected: judge.Left) -> None:
    if status == 0:
        counts.after += 1
    elif left.whole or left.temporary:
        counts.during += 1
    else:
        counts.before += 1
    counts.whole += len(left.whole)
    counts.temporary += len(left.temporary)
    if status not in (0, -signal.SIGKILL):
        counts.wrong.append(f"{what}: status {status}")
    counts.wrong += [f"{what}: {name} is not whole: {why}" for name, why in left.broken.items()]
    counts.wrong += [f"{what}: {name} is not what it should be" for name in _differing(left, expected)]


def _count_again(
    counts: Counts, what: str, status: int, left: judge.Left, expected: judge.Left, said: str, scenario: Scenario
) -> None:
    wrong = [f"{name} is not whole: {why}" for name, why in left.broken.items()]
    wrong += [f"{name} differs" for name in _differing(left, expected)]
    wrong += [f"{name} is missing" for name in expected.whole if name not in left.whole]
    wrong += [f"{name} was left behind" for name in left.temporary]
    if status != 0:
        wrong.append(f"status {status}: {said}")
    counts.resumed += not wrong
    counts.went_on += scenario.took in said
    counts.wrong += [f"{what}, run again: {sentence}" for sentence in wrong]


def _differing(left: judge.Left, expected: judge.Left) -> list[str]:
    return [name for name, digest in left.whole.items() if expected.whole.get(name) != digest]


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()
