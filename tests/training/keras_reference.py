"""Runs in a Python that has TensorFlow and PyPI's `deepot`, and needs nothing of this repository.

``python keras_reference.py FOLDER [default]`` builds that package's networks, gives them random weights, saves them in
every way that this Keras has, and keeps what they answer to random images beside them (``NAME.npz``). With ``default``
the networks have the package's own sizes, otherwise small ones.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np

TILE = 256
#: Of the answers, from least to largest: what a network trained to measure +-8 px would give.
SPREAD_PX = 16.0
SMALL = {"unet": [[3, 5, 4, 6, 7]], "unetpp": [[3, 5, 4, 6, 7], [2, 3, 4, 5, 6, 7]]}
DEFAULT = {"unet": [[64, 128, 256, 512, 1024]], "unetpp": [[32, 64, 128, 256, 512, 1024]]}


def random_weights(model, rng) -> None:
    """Weights under which no layer is idle: batch normalisation has its own mean, variance, gain and shift."""
    for layer in model.layers:
        new = []
        for variable, array in zip(layer.weights, layer.get_weights()):
            name = variable.name.split("/")[-1].split(":")[0]
            if name == "kernel":
                new.append(rng.normal(0, 1.6 / np.sqrt(np.prod(array.shape[:3])), array.shape))
            elif name in ("gamma", "moving_variance"):
                new.append(rng.uniform(0.5, 1.5, array.shape))
            else:
                new.append(rng.normal(0, 0.2, array.shape))
        layer.set_weights(new)


def main() -> None:
    """Write the files."""
    import tensorflow as tf
    from deepot import model as package
    from deepot.utils import normalize_amplitude

    folder = Path(sys.argv[1])
    sizes = DEFAULT if "default" in sys.argv else SMALL
    makers = {"unet": package.create_unet, "unetpp": package.create_unetplusplus}
    rng = np.random.default_rng(5)
    keras = "keras2" if tf.keras.Model.__module__.startswith(("tf_keras", "keras.engine")) else "keras3"
    for architecture, lists in sizes.items():
        for filters in lists:
            model = makers[architecture](input_shape=(TILE, TILE, 1), filters=filters)
            random_weights(model, rng)
            images = [rng.gamma(2, 50, (TILE, TILE)).astype(np.float32) + 1 for _ in range(2)]
            fed = [normalize_amplitude(image)[None, ..., None] for image in images]
            head = model.get_layer("output")
            spread = np.ptp(np.asarray(model(fed, training=False)))
            head.set_weights([array * (SPREAD_PX / spread) for array in head.get_weights()])
            answer = np.asarray(model(fed, training=False))[0]
            name = f"{keras}_{architecture}_{len(filters)}"
            np.savez(
                folder / f"{name}.npz", reference=images[0], secondary=images[1], answer=answer, filters=filters,
                parameters=model.count_params(),
            )  # fmt: skip
            model.save_weights(str(folder / f"{name}.weights.h5"))
            if "default" in sys.argv:
                continue
            model.save(str(folder / f"{name}.model.h5"))
            if keras == "keras2":
                model.save_weights(str(folder / f"{name}.plain.h5"))
            else:
                model.save(str(folder / f"{name}.keras"))
    print(f"TensorFlow {tf.__version__}, {keras}")


if __name__ == "__main__":
    main()
