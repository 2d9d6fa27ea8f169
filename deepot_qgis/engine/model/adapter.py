"""Networks of another form than DeepOT's own: what their metadata say of them, and how they are fed and read.

A network that keeps the contract's own form needs none of these items; every default is that form. All others are
described by metadata, and this one reader serves them all (docs/your-own-model.md lists the items).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import numpy as np

from ..errors import ModelError, OptionsError
from ..tiling import LEAST_CORE_PX, OVERLAP_PX
from ..values import is_number, shown, whole
from .scaling import Scaling
from .uncertainty import Sigma

LAYOUTS = ("NCHW", "NHWC")
ORDERS = ("xy", "yx")
#: Items of the metadata that this module reads.
ITEMS = (
    "layout",
    "inputs",
    "input_channels",
    "input_scaling",
    "outputs",
    "offset_order",
    "offset_sign",
    "offset_scale",
    "sigma",
    "tile_px",
    "overlap_px",
)
IMAGES = ("reference", "secondary")
PAGE = "docs/your-own-model.md"
_TILE_PX = (32, 4096)
_LARGEST_OVERLAP_PX = 1024


@dataclass(frozen=True)
class Inputs:
    """Names of a network's inputs.

    Attributes
    ----------
    reference, secondary : str
        Two inputs, one image each.
    stacked : str
        Instead of these one input, whose channels are the images in `order`.
    order : tuple of str
        Of the images in `stacked`.

    Raises
    ------
    OptionsError
        The names do not say which image goes where.
    """

    reference: str = ""
    secondary: str = ""
    stacked: str = ""
    order: tuple[str, str] = IMAGES

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", tuple(self.order) if isinstance(self.order, (list, tuple)) else ())
        names = (self.reference, self.secondary, self.stacked)
        two = bool(self.reference and self.secondary and not self.stacked) and self.reference != self.secondary
        one = bool(self.stacked and not self.reference and not self.secondary)
        if (
            not all(isinstance(name, str) for name in names)
            or not (two or one)
            or self.order not in (IMAGES, IMAGES[::-1])
        ):
            raise OptionsError(
                '\'inputs\' must name the input of each image, such as {"reference": "input_1", "secondary": '
                '"input_2"}, or the one input of both, such as {"stacked": "images", "order": ["reference", '
                '"secondary"]}.'
            )

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the graph."""
        return (self.stacked,) if self.stacked else (self.reference, self.secondary)


@dataclass(frozen=True)
class Outputs:
    """Names of a network's outputs; `log_sigma` is empty when it has none.

    Raises
    ------
    OptionsError
        A name is missing or is no text.
    """

    offset: str = ""
    log_sigma: str = ""

    def __post_init__(self) -> None:
        if not (isinstance(self.offset, str) and isinstance(self.log_sigma, str)) or not self.offset:
            raise OptionsError('\'outputs\' must name the output that holds the offset, such as {"offset": "output"}.')

    @property
    def names(self) -> tuple[str, ...]:
        """Names in the graph."""
        return (self.offset, self.log_sigma) if self.log_sigma else (self.offset,)


@dataclass(frozen=True)
class Adapter:
    """How a network wants its images and what its answer means.

    Attributes
    ----------
    layout : str
        ``NCHW`` or ``NHWC``, of inputs and outputs.
    inputs : Inputs
    input_channels : int
        Each image is repeated this often (a network made for colour pictures wants 3).
    input_scaling : Scaling
    outputs : Outputs
    offset_order : str
        ``xy`` when the first channel is dx, ``yx`` when it is dy.
    offset_sign : tuple of int
        Of x and of y, whatever the order: 1 where the network's sign is the contract's, -1 where it is the other.
    offset_scale : float
        Pixels per unit of the network's answer.
    sigma : Sigma
    tile_px : int or None
        Side of the one tile size that the network takes, None when any will do.
    overlap_px : int
        Pixels over which neighbouring tiles are blended into each other.

    Raises
    ------
    OptionsError
        A value that cannot be.
    """

    layout: str = "NCHW"
    inputs: Inputs = field(default_factory=lambda: Inputs("reference", "secondary"))
    input_channels: int = 1
    input_scaling: Scaling = field(default_factory=Scaling)
    outputs: Outputs = field(default_factory=lambda: Outputs("offset", "log_sigma"))
    offset_order: str = "xy"
    offset_sign: tuple[int, int] = (1, 1)
    offset_scale: float = 1.0
    sigma: Sigma = field(default_factory=Sigma)
    tile_px: int | None = None
    overlap_px: int = OVERLAP_PX

    def __post_init__(self) -> None:
        for name, known in (("layout", LAYOUTS), ("offset_order", ORDERS)):
            if getattr(self, name) not in known:
                raise OptionsError(f"'{name}' is {shown(getattr(self, name))}; it must be {' or '.join(known)}.")
        if self.input_channels not in (1, 3) or isinstance(self.input_channels, bool):
            raise OptionsError(f"'input_channels' is {shown(self.input_channels)}; it must be 1 or 3.")
        sign = tuple(self.offset_sign) if isinstance(self.offset_sign, (list, tuple)) else ()
        if len(sign) != 2 or not all(is_number(part) and abs(part) == 1 for part in sign):
            raise OptionsError(
                f"'offset_sign' is {shown(self.offset_sign)}; it must be [1, 1], or hold -1 for x or y where "
                "the network's sign is the other one."
            )
        object.__setattr__(self, "offset_sign", tuple(int(part) for part in sign))
        if not is_number(self.offset_scale) or not 1e-6 <= self.offset_scale <= 1e6:
            raise OptionsError(
                f"'offset_scale' is {shown(self.offset_scale)}; it must be a positive number: the pixels per unit "
                "of the network's answer (for another sign use 'offset_sign')."
            )
        self._require_sigma()
        self._require_sizes()

    def _require_sigma(self) -> None:
        if self.sigma.kind == "output" and not self.outputs.log_sigma:
            raise OptionsError(
                "'outputs' names no log_sigma, so 'sigma' must say how sure an answer is, such as {\"kind\": "
                '"forward_backward", "floor_px": 0.1} or {"kind": "constant", "px": 0.3}.'
            )
        if self.sigma.kind != "output" and self.outputs.log_sigma:
            raise OptionsError(
                f"'outputs' names a log_sigma (it does where it is left out) and 'sigma' is of kind "
                f"'{self.sigma.kind}'; give 'outputs' without log_sigma, or leave 'sigma' out."
            )

    def _require_sizes(self) -> None:
        low, high = _TILE_PX
        if self.tile_px is not None:
            object.__setattr__(self, "tile_px", whole("tile_px", self.tile_px, low, high))
        object.__setattr__(self, "overlap_px", whole("overlap_px", self.overlap_px, 1, _LARGEST_OVERLAP_PX))

    def feed(self, reference: np.ndarray, secondary: np.ndarray) -> dict[str, np.ndarray]:
        """Inputs of the graph for two scaled images ``(H, W)``."""
        axis = self.channel_axis
        images = {
            name: np.repeat(np.expand_dims(image[None], axis), self.input_channels, axis)
            for name, image in zip(IMAGES, (reference, secondary))
        }
        if self.inputs.stacked:
            stack = np.concatenate([images[name] for name in self.inputs.order], axis)
            return {self.inputs.stacked: np.ascontiguousarray(stack, np.float32)}
        return {getattr(self.inputs, name): np.ascontiguousarray(image, np.float32) for name, image in images.items()}

    def read(self, answer: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray | None]:
        """Offset ``(2, H, W)`` in pixels, (dx, dy) in the contract's sign, and log sigma ``(H, W)`` where there is one.

        Raises
        ------
        ValueError
            The answer has another shape than ``[1,2,H,W]`` and ``[1,1,H,W]`` in the network's layout.
        """
        planes = [np.moveaxis(part, self.channel_axis, 1) if part.ndim == 4 else part for part in answer]
        for part, channels in zip(planes, (2, 1)):
            if part.ndim != 4 or part.shape[:2] != (1, channels):
                raise ValueError
        offset = planes[0][0] if self.offset_order == "xy" else planes[0][0, ::-1]
        factor = np.array(self.offset_sign, np.float32) * np.float32(self.offset_scale)
        offset = offset * factor[:, None, None]
        return offset, (planes[1][0, 0] if self.outputs.log_sigma else None)

    @property
    def channel_axis(self) -> int:
        """Axis of the channels in inputs and outputs."""
        return self.layout.index("C")

    def channels(self) -> dict[str, int]:
        """Channels that each input and output of the graph must have."""
        stacked = 2 if self.inputs.stacked else 1
        found = dict.fromkeys(self.inputs.names, stacked * self.input_channels)
        return {**found, **dict(zip(self.outputs.names, (2, 1)))}

    def require_tiles(self, margin_px: int, tile_multiple: int) -> None:
        """Refuse tile sizes that do not fit together.

        Raises
        ------
        OptionsError
            Margins and overlap leave nothing of the tile, or it is no multiple.
        """
        if self.tile_px is None:
            return
        if self.tile_px % tile_multiple:
            raise OptionsError(
                f"'tile_px' is {self.tile_px} and 'tile_multiple' {tile_multiple}; the one must be a multiple of the "
                "other."
            )
        margin, overlap = (-(-value // tile_multiple) * tile_multiple for value in (margin_px, self.overlap_px))
        core = self.tile_px - 2 * margin
        least = max(2 * overlap, -(-LEAST_CORE_PX // tile_multiple) * tile_multiple)
        if core < least:
            raise OptionsError(
                f"of a tile of {self.tile_px} px a margin of {margin} px on each side leaves {core} px, and blending "
                f"over {overlap} px needs {least}; lower 'margin_px' or 'overlap_px'."
            )

    def description(self) -> tuple[str, ...]:
        """How the network is fed and read, a line each."""
        inputs = self.inputs
        where = (
            f"{inputs.stacked}, holding {' and '.join(inputs.order)}"
            if inputs.stacked
            else f"{inputs.reference} (reference) and {inputs.secondary} (secondary)"
        )
        names = {1: "as it is", -1: "turned"}
        sign = " and ".join(f"{axis} {names[part]}" for axis, part in zip("xy", self.offset_sign))
        return (
            f"Inputs: {where}, {self.layout}, {self.input_channels} channel(s) an image",
            f"Scaling: {self.input_scaling.words()}",
            f"Offset: {self.outputs.offset}, channels {self.offset_order}, {sign}, {self.offset_scale:g} px a unit",
        )

    def settings(self) -> dict[str, Any]:
        """All items with their values, for the record of a run."""
        return asdict(self)


def read(items: Mapping[str, Any], file: str) -> Adapter:
    """The adapter that metadata describe.

    Parameters
    ----------
    items : mapping
        Metadata, parsed.
    file : str
        Name of the model's file, for messages.

    Raises
    ------
    ModelError
        An item has a value that cannot be.
    """
    given = {name: items[name] for name in ITEMS if name in items}
    nested = {"inputs": Inputs, "outputs": Outputs, "input_scaling": Scaling, "sigma": Sigma}
    try:
        for name in set(given) & set(nested):
            given[name] = _nested(name, given[name], nested[name])
        adapter = Adapter(**given)
        adapter.require_tiles(int(items["margin_px"]), int(items["tile_multiple"]))
    except OptionsError as error:
        raise ModelError(f"{file} breaks the model contract: {error} {PAGE} lists what may stand there.") from None
    return adapter


def _nested(name: str, value: Any, kind: type) -> Any:
    """An item that is an object of its own."""
    known = [item.name for item in fields(kind)]
    if not isinstance(value, dict):
        raise OptionsError(f"'{name}' is {shown(value)}; it must be an object with some of {', '.join(known)}.")
    strange = sorted(set(value) - set(known))
    if strange:
        raise OptionsError(f"'{name}' holds {', '.join(map(repr, strange))}; it may hold {', '.join(known)}.")
    return kind(**value)
