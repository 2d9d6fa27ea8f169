"""Weight files of Keras, read with h5py alone.

Four kinds are known: what Keras 2 writes by ``save_weights("x.h5")`` and by ``save("x.h5")``, and what Keras 2 and
Keras 3 write by ``save_weights("x.weights.h5")``. Where layers carry their names (``conv2d_7``) the numbers tell the
order in which they were created; the last kind of Keras 2 keeps no names, only Keras' own order of layers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np

from training.keras_graphs import Operation, depths, weighted

#: Class of a layer in a file to the kind of an operation.
_KINDS = {"conv2d": "conv", "conv2d_transpose": "up", "batch_normalization": "norm"}
_OUTPUT = "output"


class WeightsError(Exception):
    """A weight file cannot be used; the text says why and the way out."""


@dataclass(frozen=True)
class Layer:
    """Weights of one layer of a file."""

    kind: str
    arrays: tuple[np.ndarray, ...]

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Of the arrays."""
        return tuple(array.shape for array in self.arrays)


@dataclass(frozen=True)
class WeightFile:
    """All layers of a file that have weights.

    Attributes
    ----------
    name : str
    form : str
        Which kind of file it is, in words.
    created : bool
        True: layers are in the order of their creation. False: in Keras' own order, by depth.
    layers : tuple of Layer
    """

    name: str
    form: str
    created: bool
    layers: tuple[Layer, ...]

    def of(self, kind: str) -> list[Layer]:
        """Layers of one kind, in order."""
        return [layer for layer in self.layers if layer.kind == kind]


def read(path: Path) -> WeightFile:
    """Read a file of weights.

    Raises
    ------
    WeightsError
        It is missing, of another format, or holds other layers than these networks have.
    """
    if not path.is_file():
        raise WeightsError(f"There is no file {path}; give the path of a Keras weight file (.h5).")
    if not h5py.is_hdf5(path):
        raise WeightsError(f"{path.name} is not an HDF5 file{_what_else(path)}.")
    try:
        with h5py.File(path, "r") as file:
            return _read(file, path.name)
    except OSError as error:
        raise WeightsError(f"{path.name} is damaged ({error}); copy it again.") from error


def match(file: WeightFile, operations: Sequence[Operation]) -> dict[str, tuple[np.ndarray, ...]]:
    """Weights of each operation.

    Raises
    ------
    WeightsError
        A layer is missing, is there too often, or has another shape.
    """
    depth = depths(operations)
    found: dict[str, tuple[np.ndarray, ...]] = {}
    for kind in _KINDS.values():
        wanted = [one for one in weighted(operations) if one.kind == kind]
        layers = file.of(kind)
        if len(layers) != len(wanted):
            raise WeightsError(
                f"{file.name} holds {len(layers)} layers of kind '{kind}', the network has {len(wanted)}; is it of "
                "another architecture or of another size?"
            )
        if file.created:
            pairs = list(zip(wanted, layers))
        else:
            pairs = list(_by_depth(sorted(wanted, key=lambda one: -depth[one.name]), layers, depth))
        for one, layer in pairs:
            if layer.shapes != one.shapes:
                raise WeightsError(
                    f"{file.name} does not fit the network: '{one.name}' needs weights of shape {one.shapes}, the "
                    f"file has {layer.shapes}; is it of another architecture?"
                )
            if not all(np.isfinite(array).all() for array in layer.arrays):
                raise WeightsError(
                    f"{file.name} holds weights that are no numbers ('{one.name}'): its training failed; take an "
                    "earlier file."
                )
            found[one.name] = layer.arrays
    return found


def _by_depth(wanted: list[Operation], layers: list[Layer], depth: Mapping[str, int]):
    """Pair operations with layers in Keras' order, in which operations of one depth may stand either way."""
    wanted = list(wanted)
    for layer in layers:
        deepest = [one for one in wanted if depth[one.name] == depth[wanted[0].name]]
        one = next((one for one in deepest if one.shapes == layer.shapes), deepest[0])
        wanted.remove(one)
        yield one, layer


def _read(file: h5py.File, name: str) -> WeightFile:
    whole = "model_weights" in file
    root = file["model_weights"] if whole else file
    if "layer_names" in root.attrs:
        form = "a whole model of Keras (.h5)" if whole else "weights of Keras 2 (.h5)"
        layers = [(_text(layer), root[_text(layer)]) for layer in root.attrs["layer_names"]]
        found = [(layer, _named_arrays(group)) for layer, group in layers]
        return WeightFile(name, form, True, _sorted(found, name))
    if "layers" in file:
        groups = [(key, group["vars"]) for key, group in file["layers"].items() if len(group.get("vars", ()))]
        named = bool(groups) and all("name" in group.attrs for _, group in groups)
        found = [(_text(group.attrs["name"]) if named else key, _numbered_arrays(group)) for key, group in groups]
        form = "weights of Keras 3 (.weights.h5)" if named else "weights without names of layers (.weights.h5)"
        return WeightFile(name, form, named, _sorted(found, name))
    held = ", ".join(list(file)[:5]) or "nothing"
    raise WeightsError(
        f"{name} is an HDF5 file, but no weight file of Keras (it holds {held}); open the model with the code "
        "that made it and save it by model.save_weights('NAME.weights.h5')."
    )


def _sorted(found: list[tuple[str, tuple[np.ndarray, ...]]], name: str) -> tuple[Layer, ...]:
    """Layers in the order of the numbers in their names; the head last."""
    layers = []
    for key, arrays in found:
        if not arrays:
            continue
        split = re.fullmatch(r"(.+?)(?:_(\d+))?", key)
        kind, number = _KINDS.get(split[1]), int(split[2] or 0)
        if key == _OUTPUT:
            kind, number = "conv", 10**9
        if kind is None:
            raise WeightsError(
                f"{name} holds the layer '{key}', which neither U-Net nor U-Net++ of the package has; import it with "
                "tf2onnx and describe it by metadata instead (docs/your-own-model.md)."
            )
        layers.append((number, Layer(kind, arrays)))
    return tuple(layer for _, layer in sorted(layers, key=lambda item: item[0]))


def _named_arrays(group: h5py.Group) -> tuple[np.ndarray, ...]:
    return tuple(np.asarray(group[_text(name)]) for name in group.attrs.get("weight_names", ()))


def _numbered_arrays(group: h5py.Group) -> tuple[np.ndarray, ...]:
    return tuple(np.asarray(group[key]) for key in sorted(group, key=int))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _what_else(path: Path) -> str:
    """A guess at what a file is, and the way out."""
    start = path.read_bytes()[:4]
    if start[:2] == b"PK":
        return " but a .keras archive; unpack model.weights.h5 from it (it is a zip) and give that"
    if b"version https://git-lfs"[:4] == start:
        return " but a pointer of Git LFS; fetch the file itself (git lfs pull)"
    return (
        "; open the model with the code that made it and save it by model.save_weights('NAME.weights.h5') "
        "(checkpoints and SavedModel folders cannot be read)"
    )
