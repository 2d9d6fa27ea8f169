"""Networks: which there are, what they say of themselves, and how one answers."""

from __future__ import annotations

import copy
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import numpy as np

from .. import resources, runtime
from ..callbacks import Cancelled
from ..errors import ModelError
from ..estimate import WHOLE, Context, Estimate, cut
from ..pair import Pair
from . import adapter, contract, graph, patches, scaling, uncertainty
from .contract import REQUIRED
from .on_device import OnDevice, is_half

__all__ = ["DEFAULT_MODEL", "REQUIRED", "ModelCard", "NetworkEstimator", "available", "bundled", "find"]

DEFAULT_MODEL = "deepot"
_Limits = Optional[tuple[scaling.Limits, ...]]
#: An answer this many times longer than what the network says it can see is a guess.
_BEYOND_REACH = 1.25
#: Context that a graph which takes it as an input keeps to its end.
_RIM_PX = 16


@dataclass(frozen=True)
class ModelCard:
    """What a model says of itself.

    Attributes
    ----------
    name, path : str
    metadata : mapping
        The contract's items; empty when they could not be read.
    problem : str
        Why the model cannot run here, empty when it can.
    """

    name: str
    path: str
    metadata: Mapping[str, Any]
    problem: str = ""


def bundled() -> tuple[Path, ...]:
    """Files of the models that come with the plugin, by name; companions in half precision are no models."""
    return tuple(path for path in sorted(resources.folder("models").glob("*.onnx")) if not is_half(path))


def available() -> tuple[ModelCard, ...]:
    """Models that come with the plugin, by name; those that cannot run say why."""
    return tuple(_card(path) for path in bundled())


def find(model: str) -> str:
    """Path of a model given by name or by path.

    Raises
    ------
    ModelError
        There is no such model.
    """
    own = resources.folder("models") / f"{model}.onnx"
    if own.is_file():
        return str(own)
    if Path(model).is_file():
        return model
    names = ", ".join(path.stem for path in bundled()) or "none"
    raise ModelError(
        f"There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names})."
    )


class NetworkEstimator:
    """A network as an `estimate.Estimator`.

    Parameters
    ----------
    model : str
        Name or path.
    device : str
        One of `runtime.DEVICES`.
    precision : str
        ``auto`` takes ``NAME.fp16.onnx`` beside the model on a card, where there is one; ``full`` never does.
    options : mapping, optional
        Of the execution provider, over the ones in `runtime.providers`.

    Attributes
    ----------
    card : ModelCard
    adapter : adapter.Adapter
        How it is fed and read.

    Raises
    ------
    ModelError
        The file is missing, damaged or breaks the contract.
    DeviceError
        The device is not to be had.
    """

    def __init__(
        self, model: str, device: str = "auto", precision: str = "auto", options: Mapping[str, str] | None = None
    ):
        path = find(model)
        self._file = Path(path).name
        runtime.onnxruntime()  # that it is missing is said first, whatever the file is
        graph.require_data(path)
        self._placed = OnDevice(path, device, precision, dict(options) if options else None)
        metadata, self.adapter = _read(self._placed.session, self._file)
        self.card = ModelCard(str(metadata["name"]), path, metadata)
        self.name = self.card.name
        self.margin_px = self._own_margin_px = int(metadata["margin_px"])
        self.tile_multiple = int(metadata["tile_multiple"])
        self.max_offset_px = float(metadata["max_offset_px"])
        self.bytes_px, self.bytes_read_px = metadata.get("bytes_px"), metadata.get("bytes_read_px")
        self.tile_px = self.adapter.tile_px
        self.overlap_px = self.adapter.overlap_px
        self._limits: _Limits = None
        #: Whether the graph itself leaves out the context: sigma from an exchanged pair needs the whole tile.
        self._narrows = self.adapter.sigma.kind == "output" and contract.takes_context(self._placed.session)
        self._placed.confirm(self.adapter, self.tile_multiple)
        #: Side of the tiles that the memory of the card bears; None where nothing is known against any.
        self._most_px: int | None = None
        self._giving_way = threading.Lock()

    def with_context(self, context_px: int) -> NetworkEstimator:
        """The same network with at least so much context around a tile: then less depends on where tiles are cut."""
        multiple, other = self.tile_multiple, copy.copy(self)
        other.margin_px = max(self._own_margin_px, -(-context_px // multiple) * multiple)
        return other

    @property
    def rim_px(self) -> int:
        """Context that a tile keeps to the end where the graph leaves it out by itself."""
        return _RIM_PX + self.margin_px - self._own_margin_px

    @property
    def device(self) -> str:
        """The device that really runs it, now: when the card's memory does not bear it the CPU takes over."""
        return self._placed.device

    @property
    def workers(self) -> int:
        """Tiles that it wants at once, each in a thread of its own."""
        return self._placed.workers

    def look_at(self, pair: Pair, cancelled: Cancelled) -> None:
        """Look at both whole images where the network wants them scaled by what they hold.

        Without this every call of `estimate` takes the images that it is given for the whole.

        Raises
        ------
        CancelledError
            `cancelled` said so.
        """
        if self.adapter.input_scaling.looks_at_images:
            size = pair.grid.width, pair.grid.height
            images = (scaling.sample(source, *size, cancelled) for source in (pair.reference, pair.secondary))
            self._limits = self.adapter.input_scaling.limits(*images)

    def facts(self) -> dict[str, Any]:
        """What belongs in the record of a run: how the network was fed and read, and by what its images were scaled."""
        limits = {} if self._limits is None else {"input_limits": dict(zip(adapter.IMAGES, self._limits))}
        return {"adapter": self.adapter.settings(), **limits, **self._placed.facts()}

    def notes(self) -> tuple[str, ...]:
        """What a user should know of the answer and of the device, as sentences; those of the device may come late."""
        placed = self._placed.notes()
        if self.adapter.sigma.kind == "output":
            return placed
        return (f"Sigma of {self._file} is {self.adapter.sigma.words()}.", *placed)

    def description(self) -> tuple[str, ...]:
        """What the file says of itself and how it is run, a line each."""
        facts = self.card.metadata
        side = f"{self.tile_px} x {self.tile_px} px" if self.tile_px else f"multiples of {self.tile_multiple} px"
        unread = sorted(set(facts) - set(contract.REQUIRED) - set(contract.OPTIONAL) - set(adapter.ITEMS))
        return (
            f"{self._file} keeps the model contract.",
            f"Name: {self.name} {facts['version']} ({facts['architecture']}), licence {facts['licence']}",
            f"Citation: {facts['citation']}",
            f"Reach: {self.max_offset_px:g} px",
            f"Tiles: {side}, {self.margin_px} px of context, blended over {self.overlap_px} px",
            *self.adapter.description(),
            f"Sigma: {self.adapter.sigma.words()}",
            *([f"Items that nobody reads: {', '.join(unread)} (is one misspelt?)"] if unread else []),
        )

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """Measure one tile; see `estimate.Estimator`.

        A network of one tile size takes images of any size all the same: they are cut, padded and put together.

        Raises
        ------
        ModelError
            The network fails, or its answer has another shape than the contract's.
        """
        return self.estimate_within(reference, secondary, WHOLE)

    def estimate_within(self, reference: np.ndarray, secondary: np.ndarray, context: Context) -> Estimate:
        """Measure one tile but for its context; see `estimate.within`.

        Raises
        ------
        ModelError
            As `estimate`.
        """
        limits = self._limits
        if limits is None and self.adapter.input_scaling.scope == "image":
            limits = self.adapter.input_scaling.limits(reference, secondary)
        while True:
            limit = self._most_px
            try:
                return self._in_tiles(reference, secondary, limits, self.tile_px or limit, context)
            except runtime.TileTooLargeError:
                self._give_way(limit, max(reference.shape))

    def _in_tiles(
        self, reference: np.ndarray, secondary: np.ndarray, limits: _Limits, side: int | None, context: Context
    ) -> Estimate:
        """Measure images as they are, or cut to what the network (`tile_px`) or the memory of the card takes."""
        large = side is not None and side < max(reference.shape)
        if side is None or not (large or self.tile_px not in (None, min(reference.shape))):
            return self._measure(reference, secondary, limits, context)
        whole = patches.estimate(
            lambda first, second: self._measure(first, second, limits, WHOLE),
            reference, secondary, side, self.margin_px, self.tile_multiple, self.overlap_px,
        )  # fmt: skip
        return cut(whole, context)

    def _give_way(self, limit: int | None, side: int) -> None:
        """Halve the tiles, for the memory of the card is too small for one; where that leaves too little, leave it.

        Several threads meet the same lack: one that comes late, with another `limit`, finds it mended.
        """
        with self._giving_way:
            if limit != self._most_px or self.device == "cpu":
                return
            tried = min(limit or side, side)
            half = tried // (2 * self.tile_multiple) * self.tile_multiple
            if self.tile_px is None and half >= patches.least_side(self.margin_px, self.tile_multiple, self.overlap_px):
                self._most_px = half
                self._placed.smaller_tiles(tried, half)
            else:
                self._most_px = None
                self._placed.leave("its memory is too small for this network")

    def _left_out(self, context: Context) -> Context:
        """The context that the graph leaves out.

        All of a side or nothing: a narrower one ends where the raster does, and there is nothing behind it for whose
        lack an answer could be wrong.
        """
        left, top, right, bottom = (side if self._narrows and side >= self.margin_px else 0 for side in context)
        return left, top, right, bottom

    def _measure(self, reference: np.ndarray, secondary: np.ndarray, limits: _Limits, context: Context) -> Estimate:
        """Measure one tile of a size that the network takes."""
        scale = self.adapter.input_scaling
        if limits is None:
            limits = scale.limits(reference, secondary)
        first, second = (scale.apply(image, part) for image, part in zip((reference, secondary), limits))
        left_out = self._left_out(context)
        left = context[0] - left_out[0], context[1] - left_out[1], context[2] - left_out[2], context[3] - left_out[3]
        offset, log_sigma = self._answer(first, second, left_out)
        finite = np.isfinite(offset).all(axis=0)
        offset = np.where(finite, offset, np.float32(0))
        sigma = self._sigma(first, second, offset, log_sigma)
        lost = ~finite | ~np.isfinite(sigma)
        offset[:, lost], sigma[lost] = 0, self.max_offset_px
        beyond = np.abs(offset).max(axis=0) > _BEYOND_REACH * self.max_offset_px
        sigma[beyond] = np.maximum(sigma[beyond], self.max_offset_px)
        return cut(Estimate(offset, sigma), left)

    def _answer(
        self, first: np.ndarray, second: np.ndarray, context: Context = WHOLE
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Offset and log sigma of two scaled images but for their context, in the contract's form."""
        size = f"{first.shape[1]} x {first.shape[0]} px"
        try:
            feed = self.adapter.feed(first, second)
            if any(context):
                feed[contract.CONTEXT] = np.array(context, np.int64)
            answer = self._placed.run(list(self.adapter.outputs.names), feed)
        except runtime.TileTooLargeError:
            raise
        except Exception as error:  # onnxruntime's exceptions share no base but this
            raise ModelError(
                f"{self._file} failed on a tile of {size} ({runtime.brief(error)}); "
                "choose a smaller tile, the CPU, or another model."
            ) from error
        try:
            offset, log_sigma = self.adapter.read(answer)
            left, top, right, bottom = context
            asked = first.shape[0] - top - bottom, first.shape[1] - left - right
            if not all(plane.shape[-2:] == asked for plane in (offset, log_sigma) if plane is not None):
                raise ValueError
        except ValueError:
            found = " and ".join(f"{name} {part.shape}" for name, part in zip(self.adapter.outputs.names, answer))
            form = ["[" + ",".join(self.adapter.layout.replace("C", channels)) + "]" for channels in "21"]
            raise ModelError(
                f"{self._file} breaks the model contract: for a tile of {size} it gives {found}; export it with "
                f"outputs of shape {' and '.join(form[: len(answer)])}, as large as the inputs."
            ) from None
        return offset, log_sigma

    def _sigma(
        self, first: np.ndarray, second: np.ndarray, offset: np.ndarray, log_sigma: np.ndarray | None
    ) -> np.ndarray:
        way = self.adapter.sigma
        if log_sigma is not None:
            return np.exp(np.minimum(log_sigma, 10))
        if way.kind == "constant":
            return np.full(offset.shape[1:], way.px, np.float32)
        assert way.floor_px is not None  # as Sigma found
        back, _ = self._answer(second, first)
        back = np.where(np.isfinite(back), back, np.float32(self.max_offset_px))
        return uncertainty.forward_backward(offset, back, way.floor_px, way.window_px)


def _read(session: Any, file: str) -> tuple[dict[str, Any], adapter.Adapter]:
    """Metadata and adapter of an open session that keeps the contract."""
    metadata = contract.read_metadata(session, file)
    form = adapter.read(metadata, file)
    contract.require_signature(session, form, file)
    return metadata, form


def _card(path: Path) -> ModelCard:
    try:
        graph.require_data(str(path))
        session = runtime.open_session(str(path), "cpu").session
        return ModelCard(path.stem, str(path), _read(session, path.name)[0])
    except ModelError as error:
        return ModelCard(path.stem, str(path), {}, str(error))
