"""The methods that are compared: answering zero, the engine's correlation, networks, and peers from PyPI."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Callable

import numpy as np

from benchmarks.accuracy.store import REPOSITORY, digest
from deepot_qgis.engine import model
from deepot_qgis.engine.correlation import CorrelationEstimator
from deepot_qgis.engine.estimate import Estimate, Estimator

# the bundled models that are measured when none is named
BUNDLED = ("deepot", "unetpp", "unet")


@dataclass(frozen=True)
class Method:
    """A method by name; `build` makes its estimator (in the process that uses it).

    Attributes
    ----------
    fingerprint : str
        Changes when the method's answers may.
    version : str
        For people.
    kind : str
        ``network``, ``peer`` or ``own`` (the engine's correlation, answering zero).
    """

    name: str
    fingerprint: str
    build: Callable[[], Estimator] = field(repr=False)
    version: str = ""
    kind: str = "own"


@dataclass(frozen=True)
class Peer:
    """A peer: the module and class of its adapter, and the distribution it needs."""

    name: str
    module: str
    distribution: tuple[str, ...]


PEERS = (
    Peer("pandora2d", "benchmarks.accuracy.peers.zncc", ("pandora2d",)),
    Peer("OpenPIV", "benchmarks.accuracy.peers.piv", ("OpenPIV",)),
    Peer("OpenCV DIS", "benchmarks.accuracy.peers.dis", ("opencv-python-headless", "opencv-python")),
    Peer("scikit-image iLK", "benchmarks.accuracy.peers.ilk", ("scikit-image",)),
)


class Zero:
    """Answers no motion anywhere."""

    name, margin_px, tile_multiple, max_offset_px = "zero", 0, 1, 0.0
    tells_sigma = False

    def estimate(self, reference: np.ndarray, secondary: np.ndarray) -> Estimate:
        """No motion, with a sigma of one pixel."""
        shape = reference.shape
        return Estimate(np.zeros((2, *shape), np.float32), np.ones(shape, np.float32))


def zero() -> Method:
    """Answering no motion."""
    return Method("zero", "zero", Zero)


def correlation() -> Method:
    """The engine's own correlation with its default options."""
    engine = REPOSITORY / "deepot_qgis" / "engine"
    sources = [*(engine / "correlation").glob("*.py"), engine / "outliers.py"]
    return Method("correlation", digest(sources), CorrelationEstimator, "default options")


def network(name: str) -> Method:
    """A network by name or path; raises ModelError where there is none."""
    path = str(Path(model.find(name)).resolve())
    card = model.NetworkEstimator(path, "cpu").card
    build = partial(model.NetworkEstimator, path, "cpu")
    return Method(card.name, digest([Path(path)]), build, str(card.metadata["version"]), "network")


def bundled() -> list[str]:
    """Names of the bundled networks that are there."""
    there = {card.name for card in model.available()}
    return [name for name in BUNDLED if name in there]


def peers() -> tuple[list[Method], list[str]]:
    """The peers whose packages are installed, and a sentence for each that is left out."""
    found, absent = [], []
    for peer in PEERS:
        version = _version(peer.distribution)
        if version is None:
            absent.append(f"{peer.name} is left out: {peer.distribution[0]} is not installed (make peers-setup).")
            continue
        try:
            build = importlib.import_module(peer.module).PeerEstimator
        except ImportError as error:
            absent.append(f"{peer.name} is left out: it is installed but cannot be imported ({error}).")
            continue
        source = REPOSITORY / (peer.module.replace(".", "/") + ".py")
        mark = hashlib.sha256(f"{version} {digest([source])}".encode()).hexdigest()[:16]
        found.append(Method(peer.name, mark, build, version, "peer"))
    return found, absent


def _version(distributions: tuple[str, ...]) -> str | None:
    for name in distributions:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None
