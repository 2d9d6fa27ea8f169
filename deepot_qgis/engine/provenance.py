"""Where a product comes from: enough to judge it, and to run it again."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Callable

import numpy
import scipy
from osgeo import gdal

from deepot_qgis.__about__ import VERSION

from . import values
from .callbacks import Cancelled
from .errors import CancelledError, InputError
from .local import require_plain

#: Tag of the GeoTIFF that holds the record.
TAG = "DEEPOT_PROVENANCE"
_CHUNK = 1 << 22


def sha256(path: str, cancelled: Cancelled) -> str | None:
    """SHA-256 of a file; None for what is no plain file (a subdataset, a remote raster)."""
    if not os.path.isfile(path):
        return None
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            if cancelled():
                raise CancelledError("Cancelled; nothing was written.")
            digest.update(chunk)
    return digest.hexdigest()


def versions(device_library: str | None) -> dict[str, str]:
    """Versions of the software that took part; `device_library` is ONNX Runtime's, None when it did not."""
    found = {
        "deepot": VERSION,
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "gdal": gdal.__version__,
        "system": f"{platform.system()} {platform.machine()}",
    }
    if device_library:
        found["onnxruntime"] = device_library
    return found


def text(record: Mapping[str, Any]) -> str:
    """The record as JSON."""
    return json.dumps(record, indent=2, ensure_ascii=False)


def write(path: str, record: Mapping[str, Any]) -> None:
    """Write the record as JSON."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text(record) + "\n")


def require_kinds(kind: type, given: Mapping[str, Any]) -> None:
    """Refuse options that were edited into something else than the option is: a list where a number belongs.

    Parameters
    ----------
    kind : type
        Dataclass of the options; fields that are no plain text, number or tuple of these are not looked at.
    given : mapping

    Raises
    ------
    TypeError
        With the name and the value.
    """
    for item in fields(kind):
        value, annotation = given.get(item.name), str(item.type)
        if item.name not in given or (value is None and annotation.endswith("| None")):
            continue
        plain = annotation.replace("| None", "").strip()
        many = plain.startswith("tuple[") and plain.endswith(", ...]")
        if many and not isinstance(value, (list, tuple)):
            raise TypeError(f"'{item.name}' is {values.shown(value)}")
        fits = _PLAIN.get(plain[6:-6] if many else plain)
        parts = value if isinstance(value, (list, tuple)) and many else (value,)
        if fits is not None and not all(fits(one) for one in parts):
            raise TypeError(f"'{item.name}' is {values.shown(value)}")


def _is_text(value: Any) -> bool:
    """Whether a value is text that can be a path or a name."""
    return isinstance(value, str) and "\0" not in value and value.encode("utf-8", "ignore").decode() == value


_PLAIN: Mapping[str, Callable[[Any], bool]] = {
    "str": _is_text,
    "int": lambda value: values.is_number(value) and value == int(value),
    "float": values.is_number,
    "bool": lambda value: isinstance(value, bool),
}


def of_product(path: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """The record inside a product, else the one beside it; empty where there is none.

    Parameters
    ----------
    path : str
        Of the product.
    tags : mapping
        Its metadata items.
    """
    beside = os.path.splitext(path)[0] + ".json"
    found = tags.get(TAG)
    try:
        if not found and os.path.isfile(beside):
            require_plain(beside)
            with open(beside, encoding="utf-8") as file:
                found = file.read()
        record = json.loads(found) if found else {}
    except (OSError, ValueError, RecursionError, InputError):
        return {}
    return record if isinstance(record, dict) else {}


def read(path: str) -> dict[str, Any]:
    """The record of a run, from the JSON beside its product.

    Raises
    ------
    InputError
        The file is no record.
    """
    name = os.path.basename(path)
    require_plain(path)
    try:
        with open(path, encoding="utf-8") as file:
            return dict(json.load(file))
    except OSError as error:
        raise InputError(f"{name} cannot be read ({error.strerror}); give the JSON beside a product.") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise no_record(path) from error


def read_options(path: str) -> dict[str, Any]:
    """Options of an earlier run, from the JSON beside its product.

    Raises
    ------
    InputError
        The file holds no record of a run.
    """
    try:
        return dict(read(path)["options"])
    except (ValueError, KeyError, TypeError) as error:
        raise no_record(path) from error


def no_record(path: str) -> InputError:
    """What to say of a file that holds no record, or one that somebody edited."""
    name = os.path.basename(path)
    return InputError(f"{name} holds no record of a DeepOT run; give the JSON beside a product.")
