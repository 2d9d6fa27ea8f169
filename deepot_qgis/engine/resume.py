"""Finished rows of offsets kept beside the output, so that an interrupted run goes on where it stopped.

A hidden folder beside the output holds what decides the numbers, by its SHA-256, and the rows as whole files. The next
run with the same images, options and versions takes these rows and measures what is missing below them. Tiles that
reach across the border are measured once more, so that the sums under the blending window are the same sums in the
same order: a resumed run gives the bits of an uninterrupted one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Callable

import numpy as np

from .errors import CancelledError, DeepotError, OutputError
from .files import sentence, sync_folder, whole_file
from .processes import exclusive

#: Bytes a pixel of kept rows takes on the disk.
BYTES_A_PIXEL = 12
_FACTS, _LOCK = "run.json", "lock"
#: Processes that fill a folder together hold its lock for moments only.
_PATIENCE_S, _POLL_S = 60.0, 0.05
_ROWS = re.compile(r"rows_(\d{9})_(\d+)\.npy")


class Work:
    """The work folder of one output; a context.

    When the context is left in peace the folder is removed, otherwise it stays and the error says what it holds.

    Parameters
    ----------
    output : str
        Path of the product; its folder exists.
    shape : tuple of int
        Rows and columns of the offsets.
    decisive : mapping
        All that decides the numbers, as JSON takes it. Rows of a run with anything else in it are not taken.
    settings : mapping
        What this run chose for itself and an interrupted run may have chosen otherwise (the side of a tile, from the
        memory that was free).

    Attributes
    ----------
    settings : dict
        Those of the interrupted run when there is one to go on with, else those that were given.
    first_row : int
        Rows that an earlier run finished.
    """

    def __init__(
        self,
        output: str,
        shape: tuple[int, int],
        decisive: Mapping[str, Any],
        settings: Mapping[str, Any],
    ):
        self.folder = folder_of(output)
        self._output, self._name, self._shape = output, os.path.basename(output), shape
        self._key = _key(decisive, shape)
        self.settings, self.first_row = dict(settings), 0
        self._done = 0
        self._stack = ExitStack()

    def __enter__(self) -> Work:
        self._make_folder()
        with ExitStack() as stack:
            if not stack.enter_context(exclusive(os.path.join(self.folder, _LOCK))):
                raise OutputError(
                    f"{self._name} is being measured by another process; wait for it, or choose another output."
                )
            self._begin()
            self._stack = stack.pop_all()
        return self

    def _make_folder(self) -> None:
        try:
            os.makedirs(self.folder, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be made ({error.strerror}); choose another folder.") from error

    def _begin(self) -> None:
        self._claim()
        self._kept = self._take()
        self.first_row = self._done = sum(count for _, count in self._kept)

    def _claim(self) -> None:
        """Make the folder this run's: take its settings where they are of the same run, else clear it."""
        found = self._facts()
        if found is not None and found["key"] == self._key:
            self.settings = found["settings"]
        else:
            self._clear()
            with (
                whole_file(os.path.join(self.folder, _FACTS)) as temporary,
                open(temporary, "w", encoding="utf-8") as file,
            ):
                json.dump({"key": self._key, "settings": self.settings}, file)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        self._stack.close()
        if kind is None or not self._done:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        if isinstance(error, (CancelledError, KeyboardInterrupt)):
            raise CancelledError(f"Cancelled; {self._said()}") from error
        if isinstance(error, DeepotError):
            said = self._said()
            raise type(error)(f"{error} {said[0].upper()}{said[1:]}") from error

    def _said(self) -> str:
        there = "kept" if os.path.isdir(self.folder) else "kept in the folder that went away"
        return (
            f"the first {self._done} of {self._shape[0]} rows are measured and {there}; run the same again with "
            "--resume to go on below them."
        )

    def notes(self) -> tuple[str, ...]:
        """What the user should know, as sentences."""
        if not self.first_row:
            return ()
        return (f"{self.first_row} of {self._shape[0]} rows had been measured before.",)

    def rows(self, measure: Callable[[int], Iterator[np.ndarray]]) -> Iterator[np.ndarray]:
        """All rows from the top down: those that are kept, then those that are measured now and kept as well.

        Parameters
        ----------
        measure : callable
            Given the first row that is missing; yields float32 ``(3, rows, width)`` from there to the bottom.

        Raises
        ------
        OutputError
            Rows cannot be kept, or kept ones cannot be read.
        """
        for first, count in self._kept:
            yield self._load(first, count)
        if self.first_row == self._shape[0]:
            return
        for rows in measure(self.first_row):
            if rows.shape[1]:
                self._keep(rows)
                yield rows

    def _keep(self, rows: np.ndarray) -> None:
        self._save(self._done, rows)
        self._done += rows.shape[1]

    def _save(self, first: int, rows: np.ndarray) -> None:
        if not os.path.isdir(self.folder):
            raise OutputError(sentence(OSError(errno.ENOTCONN, ""), self._output))
        with whole_file(self._path(first, rows.shape[1])) as temporary:
            np.save(temporary, np.asarray(rows, np.float32))

    def _load(self, first: int, count: int) -> np.ndarray:
        try:
            rows = np.load(self._path(first, count), allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise OutputError(
                f"Kept rows of {self._name} cannot be read ({error}); remove {self.folder} and run again."
            ) from error
        if rows.shape != (3, count, self._shape[1]) or rows.dtype != np.float32:
            raise OutputError(f"Kept rows of {self._name} are damaged; remove {self.folder} and run again.")
        return rows

    def _path(self, first: int, count: int) -> str:
        return os.path.join(self.folder, f"rows_{first:09d}_{count}.npy")

    def _facts(self) -> dict[str, Any] | None:
        try:
            with open(os.path.join(self.folder, _FACTS), encoding="utf-8") as file:
                found = json.load(file)
            settings = {name: tuple(of) if isinstance(of, list) else of for name, of in found["settings"].items()}
            return {"key": str(found["key"]), "settings": settings}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _take(self) -> list[tuple[int, int]]:
        """First row and number of rows of the files that follow each other from the top; others are removed."""
        found = sorted((int(m[1]), int(m[2])) for m in map(_ROWS.fullmatch, os.listdir(self.folder)) if m)
        kept, missing = [], 0
        for first, count in found:
            if first == missing and count > 0 and first + count <= self._shape[0]:
                kept.append((first, count))
                missing += count
            else:
                with suppress(OSError):
                    os.remove(self._path(first, count))
        return kept

    def _clear(self) -> None:
        """Remove what another run kept, what it was first of all."""
        for name in sorted(os.listdir(self.folder), key=lambda name: name != _FACTS):
            if name != _LOCK:
                with suppress(OSError):
                    os.remove(os.path.join(self.folder, name))
        sync_folder(self.folder)


class Part(Work):
    """The work folder of an output while several processes fill it, each with rows of its own; a context.

    The folder stays: the `Work` of the run that makes the files takes the rows out of it. Parameters are those of
    `Work`; the settings are those of whoever came first.
    """

    def __enter__(self) -> Part:
        self._make_folder()
        with self._alone():
            self._claim()
        return self

    def __exit__(self, *_: object) -> None:
        """What is kept stays."""

    def missing(self, first: int, last: int) -> int:
        """First row from `first` on that nobody has kept yet; `last` when all up to there are."""
        counts = {int(m[1]): int(m[2]) for m in map(_ROWS.fullmatch, os.listdir(self.folder)) if m}
        while first < last and counts.get(first, 0) > 0:
            first += counts[first]
        return min(first, last)

    def put(self, first: int, rows: np.ndarray) -> None:
        """Keep float32 ``(3, rows, width)`` from row `first` on.

        Raises
        ------
        OutputError
            They cannot be kept, or the folder has become another run's.
        """
        with self._alone():
            found = self._facts()
            if found is None or found["key"] != self._key:
                raise OutputError(f"{self._name} is being measured anew by another run; wait for it.")
            self._save(first, rows)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Wait until no other process changes the folder."""
        until = time.monotonic() + _PATIENCE_S
        try:
            while True:
                with exclusive(os.path.join(self.folder, _LOCK)) as held:
                    if held:
                        yield
                        return
                if time.monotonic() > until:
                    raise OutputError(
                        f"{self._name} is being measured by another process; wait for it, or choose another output."
                    )
                time.sleep(_POLL_S)
        except OSError as error:  # the folder went away
            raise OutputError(sentence(error, self._output)) from error


class Fresh:
    """A run of which nothing is kept; stands where a `Work` would.

    When it ends in peace the product is whole, and what an interrupted run kept for it is removed.
    """

    first_row = 0

    def __init__(self, output: str, settings: Mapping[str, Any]):
        self.settings, self._folder = dict(settings), folder_of(output)

    def __enter__(self) -> Fresh:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        lock = os.path.join(self._folder, _LOCK)
        if kind is None and os.path.exists(lock):
            with exclusive(lock) as ours:
                pass  # let go of before the folder is removed: Windows removes no open file
            if ours:
                shutil.rmtree(self._folder, ignore_errors=True)

    def notes(self) -> tuple[str, ...]:
        """Nothing to be said."""
        return ()

    def rows(self, measure: Callable[[int], Iterator[np.ndarray]]) -> Iterator[np.ndarray]:
        """All rows from the top down, as they are measured."""
        return measure(0)


#: What is said of a device and differs from run to run: how fast it was, how it came to be used, what it is called.
_PASSING = ("warm_up", "device_asked", "device_name", "device_notes")


def decisive(record: Mapping[str, Any]) -> dict[str, Any]:
    """What decides the offsets of a run, from its record: images by their hash, what measures them and how, versions.

    Limits of the quality checks, names of files and units decide nothing about offsets and may change.
    """
    options = record["options"]
    images = {
        role: {key: value for key, value in facts.items() if key != "path" or facts["sha256"] is None}
        for role, facts in record["inputs"].items()
    }
    return {
        "inputs": images,
        "estimator": {key: value for key, value in record["estimator"].items() if key not in _PASSING},
        **{key: record[key] for key in ("crs", "geotransform", "window_px", "versions")},
        "correlation": options["correlation"] if options["method"] == "correlation" else None,
        "tile_px": [options["tile_px"], options["tile_height_px"]],
        "context_px": options["context_px"],
    }


def folder_of(output: str) -> str:
    """The hidden work folder of an output."""
    folder, name = os.path.split(os.path.abspath(output))
    return os.path.join(folder, f".{name}.resume")


def _key(decisive: Mapping[str, Any], shape: tuple[int, int]) -> str:
    text = json.dumps([dict(decisive), list(shape)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
