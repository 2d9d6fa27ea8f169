"""The model contract: which ONNX files are DeepOT networks, what they say of themselves, and how one answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import resources, runtime
from .errors import ModelError, RuntimeMissingError
from .estimate import Estimate

CONTRACT = 1
DEFAULT_MODEL = "deepot"
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


def available() -> tuple[ModelCard, ...]:
    """Models that come with the plugin, by name; those that cannot run say why."""
    return tuple(_card(path) for path in sorted(resources.folder("models").glob("*.onnx")))


def find(model: str) -> str:
    """Path of a model given by name or by path.

    Raises
    ------
    ModelError
        There is no such model.
    """
    bundled = resources.folder("models") / f"{model}.onnx"
    if bundled.is_file():
        return str(bundled)
    if Path(model).is_file():
        return model
    names = ", ".join(path.stem for path in sorted(resources.folder("models").glob("*.onnx"))) or "none"
    raise ModelError(
        f"There is no model '{model}'; give the path of an ONNX file or one of the bundled names ({names})."
    )


class NetworkEstimator:
    """A DeepOT network as an `estimate.Estimator`.

    Parameters
    ----------
    model : str
        Name or path.
    device : str
        One of `runtime.DEVICES`.

    Attributes
    ----------
    card : ModelCard
    device : str
        The device that really runs it.

    Raises
    ------
    ModelError
        The file is missing, damaged or breaks the contract.
    DeviceError
        The device is not to be had.
    """

    def __init__(self, model: str, device: str = "auto"):
        path = find(model)
        opened = runtime.open_session(path, device)
        self.device = opened.device
        self._session = opened.session
        metadata = read_metadata(self._session, Path(path).name)
        require_signature(self._session, Path(path).name)
        self.card = ModelCard(str(metadata["name"]), path, metadata)
        self.name = self.card.name
        self.margin_px = int(metadata["margin_px"])
        self.tile_multiple = int(metadata["tile_multiple"])
        self.max_offset_px = float(metadata["max_offset_px"])

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """Measure one tile; see `estimate.Estimator`.

        Raises
        ------
        ModelError
            The network fails, or its answer has another shape than the contract's.
        """
        feed = {
            "reference": np.ascontiguousarray(reference[None, None], np.float32),
            "secondary": np.ascontiguousarray(secondary[None, None], np.float32),
        }
        file = Path(self.card.path).name
        try:
            offset, log_sigma = self._session.run(["offset", "log_sigma"], feed)
        except Exception as error:  # onnxruntime's exceptions share no base but this
            raise ModelError(
                f"{file} failed on a tile of {reference.shape[1]} x {reference.shape[0]} px ({runtime.brief(error)}); "
                "choose a smaller tile, the CPU, or another model."
            ) from error
        if offset.shape != (1, 2, *reference.shape) or log_sigma.shape != (1, 1, *reference.shape):
            raise ModelError(
                f"{file} breaks the model contract: for a tile of {reference.shape} px it gives offset {offset.shape} "
                f"and log_sigma {log_sigma.shape}; export it with outputs [N,2,H,W] and [N,1,H,W]."
            )
        sigma = np.exp(np.minimum(log_sigma[0, 0], 10))
        finite = np.isfinite(offset[0]).all(axis=0) & np.isfinite(sigma)
        return Estimate(
            np.where(finite, offset[0], np.float32(0)), np.where(finite, sigma, np.float32(self.max_offset_px))
        )


def read_metadata(session: Any, file: str) -> dict[str, Any]:
    """The contract's items of an open session.

    Raises
    ------
    ModelError
        An item is missing, is not JSON, or has a value that cannot be.
    """
    items = {}
    for key, value in session.get_modelmeta().custom_metadata_map.items():
        try:
            items[key] = json.loads(value)
        except ValueError:
            if key in REQUIRED:
                raise ModelError(
                    f"{file} breaks the model contract: the metadata item '{key}' is not JSON; write every value with "
                    "json.dumps."
                ) from None
    missing = [key for key in REQUIRED if key not in items]
    if missing:
        raise ModelError(
            f"{file} breaks the model contract: its metadata_props lack {', '.join(missing)}; add them when exporting "
            "(docs/training.md says how)."
        )
    if items["deepot_contract"] != CONTRACT:
        raise ModelError(
            f"{file} follows model contract {items['deepot_contract']}, this plugin knows {CONTRACT}; update the "
            "plugin or export the model again."
        )
    for key, least in (("max_offset_px", 0.5), ("margin_px", 0), ("tile_multiple", 1)):
        number = items[key]
        if isinstance(number, bool) or not isinstance(number, (int, float)) or number < least:
            raise ModelError(
                f"{file} breaks the model contract: '{key}' is {number!r}; it must be a number of at least {least}."
            )
    return items


def require_signature(session: Any, file: str) -> None:
    """Refuse a network whose inputs and outputs are not the contract's.

    Raises
    ------
    ModelError
        With the item that is wrong and how to mend it.
    """
    inputs = {item.name: item for item in session.get_inputs()}
    outputs = {item.name: item for item in session.get_outputs()}
    _require_names(set(inputs), {"reference", "secondary"}, "inputs", file)
    _require_names(set(outputs), {"offset", "log_sigma"}, "outputs", file)
    channels = {"reference": 1, "secondary": 1, "offset": 2, "log_sigma": 1}
    for name, item in {**inputs, **outputs}.items():
        if item.type != "tensor(float)":
            raise ModelError(
                f"{file} breaks the model contract: '{name}' is {item.type}; it must be float32: export it so."
            )
        shape = item.shape
        if len(shape) != 4 or (shape[1] not in (channels[name], None) and isinstance(shape[1], int)):
            raise ModelError(
                f"{file} breaks the model contract: '{name}' has shape {shape}; it must be [N,{channels[name]},H,W]."
            )
        if name in inputs and any(isinstance(shape[axis], int) for axis in (0, 2, 3)):
            raise ModelError(
                f"{file} breaks the model contract: '{name}' has the fixed shape {shape}; export it with "
                "dynamic N, H and W."
            )


def _require_names(found: set[str], wanted: set[str], what: str, file: str) -> None:
    if found != wanted:
        raise ModelError(
            f"{file} breaks the model contract: its {what} are {', '.join(sorted(found))}; they must be "
            f"{', '.join(sorted(wanted))}: rename them when exporting."
        )


def _card(path: Path) -> ModelCard:
    try:
        session = runtime.open_session(str(path), "cpu").session
        return ModelCard(path.stem, str(path), read_metadata(session, path.name))
    except RuntimeMissingError as error:
        return ModelCard(path.stem, str(path), {}, str(error))
    except ModelError as error:
        return ModelCard(path.stem, str(path), {}, str(error))
