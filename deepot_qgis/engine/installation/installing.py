"""Install ONNX Runtime into the private folder: pip into a growing folder, a trial, a new name; or nothing."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..callbacks import Cancelled, Progress
from ..errors import CancelledError, InstallationError
from . import choice, failures, interpreter, pip, place, trial
from .interpreter import NO_WINDOW

Say = Callable[[str], None]

_LOOK_EVERY_S = 0.1
_ENDS_WITHIN_S = 5.0
#: A package that asks for more than this many others is not the one we know.
_MOST_MISSING = 4
_MEGABYTE = 1e6


@dataclass(frozen=True)
class InstallOptions:
    """How to install.

    Attributes
    ----------
    use_card : bool
        Take the build for NVIDIA cards, with NVIDIA's libraries, where a driver answers.
    proxy : str
        As `pip.environment` takes it.
    wanted : choice.Wanted, optional
        What to install; the newest that this machine can have where it is not given.
    """

    use_card: bool = True
    proxy: str = ""
    wanted: choice.Wanted | None = None


def plan(use_card: bool = True) -> choice.Wanted:
    """What `install` would install here.

    Raises
    ------
    InstallationError
        This machine can have no ONNX Runtime.
    """
    return choice.choose(choice.this_machine(use_card))


def install(
    options: InstallOptions,
    say: Say = lambda line: None,
    progress: Progress = lambda fraction, text: None,
    cancelled: Cancelled = lambda: False,
) -> place.Installed:
    """Install ONNX Runtime for this Python; what was installed before is used no more.

    Parameters
    ----------
    options : InstallOptions
    say : callable
        Takes every line of the log.
    progress : callable
        Takes 0..1 and what is being done.
    cancelled : callable
        Asked ten times a second; the process of pip is ended and nothing is left.

    Raises
    ------
    InstallationError
        It failed; the sentence says why, and `InstallationError.command` is what a user may type instead.
    CancelledError
        The user cancelled.
    """
    progress(0.0, "Looking for Python and pip")
    wanted = options.wanted or plan(options.use_card)
    python = interpreter.find()
    job = _Job(wanted, python, options.proxy, say, progress, cancelled)
    with_way_out = pip.manual_command(python, place.by_hand(), wanted.requirements)
    try:
        return job.run()
    except InstallationError as error:
        raise InstallationError(str(error), error.command or with_way_out) from error
    except OSError as error:
        raise InstallationError(failures.writing(error, str(place.home())), with_way_out) from error


@dataclass(frozen=True)
class _Job:
    wanted: choice.Wanted
    python: str
    proxy: str
    say: Say
    progress: Progress
    cancelled: Cancelled

    def run(self) -> place.Installed:
        place.sweep()
        part = place.begin()
        try:
            _require_room(part, self.wanted)
            temporary = part / "tmp"
            temporary.mkdir()
            start = pip.start_of(self.python)
            if start is None:
                raise InstallationError(failures.sentence("No module named pip", ""))
            self._pip(start, part, temporary, self.wanted.requirements)
            self.progress(0.9, "Trying ONNX Runtime")
            tried = self._try(start, part, temporary)
            shutil.rmtree(temporary, ignore_errors=True)
            if self.cancelled():
                raise CancelledError("Cancelled; nothing was installed.")
            done = _rename(part, self.wanted.package, tried.version)
        except BaseException:
            place.discard(part)
            raise
        self.say(f"{self.wanted.package} {tried.version} works; it lies in {done.folder}")
        self.progress(1.0, "Done")
        return done

    def _try(self, start: Sequence[str], part: Path, temporary: Path) -> trial.Tried:
        """Try what was installed; a pure-Python package that it asks for is installed too."""
        for _ in range(_MOST_MISSING):
            tried = trial.try_folder(self.python, str(part))
            if not tried.missing:
                break
            self.say(f"{self.wanted.package} asks for {tried.missing}")
            self._pip(start, part, temporary, (tried.missing,))
        if tried.problem:
            for line in tried.log.splitlines():
                self.say(line)
            raise InstallationError(
                f"{self.wanted.package} {self.wanted.version} was installed and does not work here: {tried.problem}. "
                "It was removed again; the conventional method needs no package."
            )
        return tried

    def _pip(self, start: Sequence[str], part: Path, temporary: Path, requirements: Sequence[str]) -> None:
        """Run pip to its end, line by line.

        Raises
        ------
        InstallationError
            It failed.
        CancelledError
            The user cancelled; the process has ended.
        """
        command = pip.install_command(start, part, requirements)
        self.say("$ " + subprocess.list2cmdline(command))
        process = subprocess.Popen(  # noqa: S603 - the Python that we run in, arguments of our own
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
            encoding="utf-8", errors="replace", env=pip.environment(temporary, self.proxy), creationflags=NO_WINDOW,
            cwd=str(temporary),
        )  # fmt: skip
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=_read, args=(process, lines), daemon=True).start()
        log: list[str] = []
        expected = _Expected(self.wanted.room, temporary, part)
        try:
            while True:
                if self.cancelled():
                    raise CancelledError("Cancelled; nothing was installed.")
                try:
                    line = lines.get(timeout=_LOOK_EVERY_S)
                except queue.Empty:
                    self.progress(0.05 + 0.8 * expected.share(), expected.text())
                    continue
                if line is None:
                    break
                log.append(line)
                self.say(line)
            process.wait()
        finally:
            _end(process)
        if process.returncode:
            raise InstallationError(failures.sentence("\n".join(log), _this_python()))


class _Expected:
    """How far pip is, by what has arrived on the disk."""

    def __init__(self, room: int, *folders: Path):
        self._folders, self._room = folders, room
        self._looked, self._bytes = 0.0, 0

    def share(self) -> float:
        """0..1."""
        now = time.monotonic()
        if now - self._looked >= 0.5:
            self._looked, self._bytes = now, sum(_size(folder) for folder in set(self._folders[1:]))
        return min(1.0, self._bytes / (0.5 * self._room))

    def text(self) -> str:
        """What has arrived, for people."""
        return (
            f"Installing, {self._bytes / _MEGABYTE:.0f} MB on the disk" if self._bytes else "Asking the package index"
        )


def _size(folder: Path) -> int:
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_size
            except OSError:
                continue  # pip moved it meanwhile
    return total


def _read(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None  # it was opened with a pipe
    try:
        for line in process.stdout:
            lines.put(line.rstrip())
    except (OSError, ValueError):
        pass  # it was ended
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process that still runs: asked first, then made to."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _rename(part: Path, package: str, version: str) -> place.Installed:
    """Give the folder its name; an antivirus that still looks into it gets some seconds."""
    for wait in (0.5, 1.0, 2.0, 4.0):
        try:
            return place.complete(part, package, version)
        except PermissionError:
            time.sleep(wait)
    return place.complete(part, package, version)


def _require_room(part: Path, wanted: choice.Wanted) -> None:
    try:
        free = shutil.disk_usage(part).free
    except OSError:
        return
    if free < wanted.room:
        raise InstallationError(
            f"The disk has {free / _MEGABYTE:.0f} MB left, and {wanted.package} needs {wanted.room / _MEGABYTE:.0f} MB "
            f"while it is installed in {part.parent}: free some space, or set {place.VARIABLE} to a folder on another "
            "disk."
        )


def _this_python() -> str:
    machine = choice.this_machine(use_card=False)
    return f"Python {'.'.join(map(str, machine.python))} on {machine.system} {machine.processor}"
