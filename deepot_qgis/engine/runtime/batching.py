"""Tiles from many threads, put together into calls that suit a card; less of it when its memory runs out.

Whoever waits first becomes the one who runs: it takes the tiles of one size that have come in meanwhile and answers
them all. While the card works the next ones gather, so that calls grow by themselves to what the card can take.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

import numpy as np

from . import failures, providers
from .session import Session

#: Tiles in one call at most: from here on a card gains nothing and the computer's own memory fills.
MOST_TILES = 8
#: Calls under way at once: while one computes, the data of the other travel.
_LANES = 2
#: Sizes of call for which buffers are kept on the card.
_KEPT_BUFFERS = 4

Shape = tuple[tuple[int, ...], ...]


class TileTooLargeError(Exception):
    """Not even one tile of this size fits into the memory of the device."""


@dataclass(eq=False)  # two tiles are never the same, whatever they hold
class _Request:
    """A tile that waits for its answer."""

    feed: dict[str, np.ndarray]
    answer: list[np.ndarray] | None = None
    error: BaseException | None = None
    shape: Shape = field(init=False)
    pixels: int = field(init=False)

    def __post_init__(self) -> None:
        # numbers that say how a tile is to be answered are no images: only tiles that have the same go together
        self.shape = tuple(value.shape if _is_image(value) else tuple(value.tolist()) for value in self.feed.values())
        self.pixels = max(value.size for value in self.feed.values())

    @property
    def done(self) -> bool:
        return self.answer is not None or self.error is not None


class Batches:
    """Runs single tiles on a session in batches.

    Parameters
    ----------
    opened : Session
    names : sequence of str
        Outputs of the network.
    largest_px : float
        Pixels in one call at most, by the memory that is free; None leaves every tile its own call.
    most_tiles : int
        Tiles in one call at most.
    reopen : callable
        Opens the session anew. ONNX Runtime never gives memory of the card back: once it ran out, only a new session
        has any.

    Attributes
    ----------
    failed_tiles : int
        Tiles of the largest call that did not fit; 0 when all did.
    most_tiles : int
        Tiles that a call may hold now.
    """

    def __init__(
        self,
        opened: Session,
        names: Sequence[str],
        largest_px: float | None,
        reopen: Callable[[], Session],
        most_tiles: int = MOST_TILES,
    ):
        self._names, self._reopen = list(names), reopen
        self._largest_px = float("inf") if largest_px is None else float(largest_px)
        self.most_tiles, self.failed_tiles = (1 if largest_px is None else most_tiles), 0
        self._waiting: deque[_Request] = deque()
        self._changed = threading.Condition()
        self._running, self._stale, self._too_large = 0, False, float("inf")
        self._lanes = _LANES if opened.device in providers.NVIDIA else 1
        self._session: Any
        self._kept: dict[Any, list[Buffers]]
        self._take_session(opened)

    def run(self, feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Answer of the network to one tile; may be called from many threads.

        Raises
        ------
        TileTooLargeError
            The tile alone does not fit into the device's memory.
        Exception
            What ONNX Runtime raises otherwise.
        """
        request = _Request(feed)
        with self._changed:
            self._waiting.append(request)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: request.done or self._may_run())
                if request.done:
                    break
                taken = self._take()
                self._running += 1
            try:
                self._answer(taken)
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()
        if request.error is not None:
            raise request.error
        assert request.answer is not None  # what ends the loop
        return request.answer

    def _may_run(self) -> bool:
        """Whether a call may begin now. A session that ran out of memory is replaced when nobody uses it any more."""
        lanes = 1 if self._stale else self._lanes
        return bool(self._waiting) and self._running < lanes

    def _take(self) -> list[_Request]:
        """The tiles of the next call: those of the size of the one that waits longest, a power of two of them."""
        first = self._waiting[0]
        like = [request for request in self._waiting if request.shape == first.shape]
        most = min(len(like), self.most_tiles, max(1, int(self._largest_px / first.pixels)))
        # Few different sizes of call: each costs buffers, and the choice of how to compute.
        taken = like[: 1 << (most.bit_length() - 1)]
        for request in taken:
            self._waiting.remove(request)
        return taken

    def _answer(self, taken: list[_Request]) -> None:
        """Run a call and hand out the answers; what does not fit goes back to wait for a smaller call."""
        began_stale = self._stale
        try:
            if taken[0].pixels >= self._too_large:
                raise TileTooLargeError
            if self._stale:
                self._renew()
            answers = self._call([request.feed for request in taken], (len(taken), taken[0].shape))
        except Exception as error:  # onnxruntime's exceptions share no base but this
            if failures.out_of_memory(error):
                self._shrink(taken, began_stale)
                return
            for request in taken:
                request.error = error
            return
        for number, request in enumerate(taken):
            request.answer = [part[number : number + 1] for part in answers]

    def _shrink(self, taken: list[_Request], began_stale: bool) -> None:
        """The memory ran out: half as much in a call from now on."""
        with self._changed:
            pixels = taken[0].pixels
            if self._stale and not began_stale and len(taken) * pixels < 2 * self._largest_px:
                self._waiting.extendleft(reversed(taken))  # a larger call beside it filled the session
                return
            self._stale, self._lanes = True, 1
            self._largest_px = min(self._largest_px, len(taken) * pixels / 2)
            self.failed_tiles = max(self.failed_tiles, len(taken))
            if len(taken) == 1:
                self._too_large = min(self._too_large, pixels)
                taken[0].error = TileTooLargeError()
            else:
                self.most_tiles = min(self.most_tiles, len(taken) // 2)
                self._waiting.extendleft(reversed(taken))

    def _renew(self) -> None:
        """Replace the session; this thread is the only one that runs."""
        self._session, self._kept = None, {}
        self._take_session(self._reopen())
        self._stale = False

    def _take_session(self, opened: Session) -> None:
        self._session, self._kept = opened.session, {}
        self._binds = opened.device in providers.NVIDIA

    def _call(self, feeds: list[dict[str, np.ndarray]], key: Any) -> list[np.ndarray]:
        """Answers to some tiles of one size, stacked."""
        inputs = feeds[0] if len(feeds) == 1 else {
            name: np.concatenate([feed[name] for feed in feeds]) if _is_image(value) else value
            for name, value in feeds[0].items()
        }  # fmt: skip
        if not self._binds:
            return self._session.run(self._names, inputs)
        with self._changed:
            buffers = self._kept.setdefault(key, []).pop() if self._kept.get(key) else None
            if buffers is None and len(self._kept) > _KEPT_BUFFERS:
                self._kept.pop(next(iter(self._kept)))
        if buffers is None:
            buffers = Buffers(self._session, self._names, inputs)
        answer = buffers.run(inputs)
        with self._changed:
            self._kept.setdefault(key, []).append(buffers)
        return answer


class Buffers:
    """Inputs and outputs of one size of call that stay on the card, bound to the session once.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        On an NVIDIA card.
    names : sequence of str
        Outputs.
    inputs : dict
        The first call's; those that follow have images of the same shapes, and all else the same.
    place : str
        ONNX Runtime's name of the memory.
    """

    def __init__(self, session: Any, names: Sequence[str], inputs: dict[str, np.ndarray], place: str = "cuda"):
        from . import library

        ort = library.onnxruntime()
        self._session, self._binding, self._place = session, session.io_binding(), place
        # Copies: main memory is shared with the array, and the next call writes there.
        self._inputs = {
            name: ort.OrtValue.ortvalue_from_numpy(np.array(value, order="C"), place, 0)
            for name, value in inputs.items()
            if _is_image(value)
        }
        for name, value in self._inputs.items():
            self._binding.bind_ortvalue_input(name, value)
        for name, value in inputs.items():
            if not _is_image(value):  # shapes are reckoned in main memory
                self._binding.bind_cpu_input(name, value)
        self._names = list(names)
        self._outputs: Any = None
        for name in self._names:
            self._binding.bind_output(name, place, 0)

    def run(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Copy the inputs over the last ones, run, and copy the outputs back."""
        for name, value in self._inputs.items():
            value.update_inplace(np.ascontiguousarray(inputs[name]))
        self.compute()
        answers = [value.numpy() for value in self._outputs]
        # Memory of a card is copied out of; main memory is only looked at, and the next call writes there again.
        return [answer.copy() for answer in answers] if self._place == "cpu" else answers

    def compute(self) -> None:
        """Run on what lies on the card, and leave the outputs there."""
        self._session.run_with_iobinding(self._binding)
        self._binding.synchronize_outputs()
        if self._outputs is None:  # the network chose the shapes; what it made for them is used again from now on
            self._outputs = self._binding.get_outputs()
            for name, value in zip(self._names, self._outputs):
                self._binding.bind_ortvalue_output(name, value)


def _is_image(value: np.ndarray) -> bool:
    return value.ndim == 4
