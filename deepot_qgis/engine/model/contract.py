"""The model contract: what metadata and graph of an ONNX file must say to be a network that DeepOT can run."""

from __future__ import annotations

import json
from typing import Any

from ..errors import ModelError, OptionsError
from ..values import number, shown, whole
from .adapter import ITEMS, PAGE, Adapter

CONTRACT = 1
REQUIRED = (
    "deepot_contract",
    "name",
    "version",
    "architecture",
    "licence",
    "citation",
    "max_offset_px",
    "margin_px",
    "tile_multiple",
    "training",
    "evaluation",
)
#: Items of a network of the contract's own form that may be missing.
OPTIONAL = ("bytes_px", "bytes_read_px")
#: Input that a graph may have besides, with the default value 0, 0, 0, 0: left, top, right and bottom sides of the tile
#: that need no answer. The outputs are without them.
CONTEXT = "context"
_TEXTS = ("name", "version", "architecture", "licence", "citation")
_MAX_OFFSET_PX = (0.01, 4096)
_MARGIN_PX = (0, 4096)
_TILE_MULTIPLE = (1, 1024)
_BYTES_PX = (16, 65536)
_MOST_NAMES, _LONGEST_NAME = 6, 40


def read_metadata(session: Any, file: str) -> dict[str, Any]:
    """The contract's items of an open session; items that nobody reads are there too.

    Raises
    ------
    ModelError
        An item is missing, is not JSON, or has a value that cannot be.
    """
    items = {}
    for key, value in session.get_modelmeta().custom_metadata_map.items():
        try:
            items[key] = json.loads(value, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            if key in REQUIRED or key in OPTIONAL or key in ITEMS:
                raise ModelError(
                    f"{file} breaks the model contract: the metadata item '{key}' is not JSON ({shown(value)}); write "
                    "every value with json.dumps, without NaN and infinity."
                ) from None
    missing = [key for key in REQUIRED if key not in items]
    if missing:
        raise ModelError(
            f"{file} breaks the model contract: its metadata_props lack {', '.join(missing)}; add them when exporting, "
            f"or to the file as it is ({PAGE} says how)."
        )
    if items["deepot_contract"] != CONTRACT:
        raise ModelError(
            f"{file} follows model contract {shown(items['deepot_contract'])}, this plugin knows {CONTRACT}; update "
            "the plugin or export the model again."
        )
    try:
        _require_values(items)
    except OptionsError as error:
        raise ModelError(f"{file} breaks the model contract: {error}") from None
    return items


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _require_values(items: dict[str, Any]) -> None:
    for key in _TEXTS:
        if not isinstance(items[key], str) or not items[key].strip():
            raise OptionsError(f"'{key}' is {shown(items[key])}; it must be text.")
    number("max_offset_px", items["max_offset_px"], *_MAX_OFFSET_PX)
    whole("margin_px", items["margin_px"], *_MARGIN_PX)
    whole("tile_multiple", items["tile_multiple"], *_TILE_MULTIPLE)
    for key in OPTIONAL:
        if key in items:
            whole(key, items[key], *_BYTES_PX)


def takes_context(session: Any) -> bool:
    """Whether the graph of an open session leaves out the context of a tile by itself."""
    return any(item.name == CONTEXT for item in session.get_overridable_initializers())


def require_signature(session: Any, adapter: Adapter, file: str) -> None:
    """Refuse a graph whose inputs and outputs are not what its metadata say.

    Raises
    ------
    ModelError
        With the item that is wrong and how to mend it.
    """
    inputs = {item.name: item for item in session.get_inputs()}
    outputs = {item.name: item for item in session.get_outputs()}
    _require_names(set(inputs) == set(adapter.inputs.names), set(inputs), adapter.inputs.names, "inputs", file)
    _require_names(set(outputs) >= set(adapter.outputs.names), set(outputs), adapter.outputs.names, "outputs", file)
    for item in session.get_overridable_initializers():
        if item.name == CONTEXT and (item.type, list(item.shape)) != ("tensor(int64)", [4]):
            raise ModelError(
                f"{file} breaks the model contract: '{CONTEXT}' is {item.type} of shape {_shape(list(item.shape))}; "
                "it must be four numbers of int64: left, top, right, bottom."
            )
    for name, channels in adapter.channels().items():
        item = inputs.get(name) or outputs[name]
        if item.type != "tensor(float)":
            raise ModelError(
                f"{file} breaks the model contract: '{name}' is {item.type}; it must be float32: export it so."
            )
        _require_channels(name, list(item.shape), channels, adapter, file)
        if name in inputs:
            _require_free_sizes(name, list(item.shape), adapter, file)


def _require_names(fits: bool, found: set[str], wanted: tuple[str, ...], what: str, file: str) -> None:
    if not fits:
        raise ModelError(
            f"{file} breaks the model contract: its {what} are {_names(found)}; they must be "
            f"{', '.join(sorted(wanted))}: rename them when exporting, or say in the metadata item '{what}' which is "
            f"which ({PAGE})."
        )


def _names(found: set[str]) -> str:
    """Names as they may stand in a sentence, however many and long they are."""
    few = [name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..." for name in sorted(found)[:_MOST_NAMES]]
    return ", ".join(few) + (f" and {len(found) - _MOST_NAMES} more" if len(found) > _MOST_NAMES else "")


def _require_channels(name: str, shape: list[Any], channels: int, adapter: Adapter, file: str) -> None:
    known = shape[adapter.channel_axis] if len(shape) == 4 else None
    if len(shape) != 4 or (isinstance(known, int) and known != channels):
        form = adapter.layout.replace("C", str(channels))
        raise ModelError(
            f"{file} breaks the model contract: '{name}' has shape {_shape(shape)}; it must be [{','.join(form)}]: "
            f"export it so, or correct 'layout' ({adapter.layout}) and 'input_channels' ({adapter.input_channels}) in "
            "the metadata."
        )


def _require_free_sizes(name: str, shape: list[Any], adapter: Adapter, file: str) -> None:
    """N may be 1, H and W may be the one tile size that the metadata name."""
    sizes = {axis: shape[adapter.layout.index(axis)] for axis in "NHW"}
    allowed = {"N": 1, "H": adapter.tile_px, "W": adapter.tile_px}
    if any(isinstance(size, int) and size != allowed[axis] for axis, size in sizes.items()):
        say = (
            f"'tile_px' is {adapter.tile_px}: make it the same"
            if adapter.tile_px
            else "export it with dynamic N, H and W, or name the one tile size in the metadata item 'tile_px'"
        )
        raise ModelError(f"{file} breaks the model contract: '{name}' has the fixed shape {_shape(shape)}; {say}.")


def _shape(shape: list[Any]) -> str:
    return "[" + ", ".join(str(size) for size in shape) + "]"
