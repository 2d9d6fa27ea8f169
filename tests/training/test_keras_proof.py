"""The importer against the original: TensorFlow runs PyPI's network, the plugin runs the imported file.

TensorFlow is no dependency of anything here. Set DEEPOT_TF_PYTHON to a Python that has it and the package:

    python3 -m venv build/tensorflow
    build/tensorflow/bin/pip install tensorflow-cpu tf_keras matplotlib
    build/tensorflow/bin/pip install --no-deps deepot==0.1.0
    DEEPOT_TF_PYTHON=build/tensorflow/bin/python python -m pytest -s tests/training/test_keras_proof.py

Without ``-s`` the numbers are not shown. DEEPOT_TF_SIZES=default takes the package's own sizes, 31 and 36 million
parameters.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("h5py", reason="h5py is not installed (make train-setup)")
pytest.importorskip("onnx", reason="onnx is not installed (make train-setup)")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (make train-setup)")

from deepot_qgis.engine.model import NetworkEstimator
from training import import_keras

TOLERANCE_PX = 1e-4
REFERENCE = Path(__file__).with_name("keras_reference.py")


@pytest.fixture(scope="module", params=["keras2", "keras3"])
def originals(request, tmp_path_factory):
    """Folder with what TensorFlow wrote."""
    python = os.environ.get("DEEPOT_TF_PYTHON")
    if not python:
        pytest.skip("DEEPOT_TF_PYTHON names no Python with tensorflow and deepot 0.1.0 (see the head of this file)")
    folder = tmp_path_factory.mktemp(request.param)
    environment = {**os.environ, "TF_USE_LEGACY_KERAS": str(int(request.param == "keras2"))}
    arguments = [python, str(REFERENCE), str(folder), os.environ.get("DEEPOT_TF_SIZES", "small")]
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    assert request.param in done.stdout, "the Python has not this Keras (keras2 needs the package tf_keras)"
    print("\n" + done.stdout.strip())
    return folder


def test_the_imported_network_answers_what_the_original_answers(originals, tmp_path):
    files = sorted(originals.glob("*.h5"))
    assert files
    for path in files:
        name, form = path.name.split(".", 1)
        kept = np.load(originals / f"{name}.npz")
        out = tmp_path / f"{name}.onnx"
        assert import_keras.main([str(path), "--architecture", name.split("_")[1], "--out", str(out)]) == 0
        estimate = NetworkEstimator(str(out), "cpu").estimate(kept["reference"], kept["secondary"])
        dy, dx = np.moveaxis(kept["answer"], -1, 0)
        difference = np.abs(estimate.offset - np.stack([dx, dy])).max()
        spread = np.ptp(kept["answer"])
        print(f"{name}.{form}: {kept['parameters']} parameters, answers spread over {spread:.2f} px, differ by at most "
              f"{difference:.1e} px")  # fmt: skip
        assert difference < TOLERANCE_PX and spread > 0.1


def test_what_cannot_be_read_is_said(originals, tmp_path, capsys):
    for path in originals.glob("*.keras"):
        name = path.name.split("_")[1]
        assert import_keras.main([str(path), "--architecture", name, "--out", str(tmp_path / "n.onnx")]) == 1
        assert "unpack model.weights.h5" in capsys.readouterr().err
