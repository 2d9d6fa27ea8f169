"""A network of another form through Processing and the panel, as through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from deepot_qgis.engine import cli
from tests.engine import adapted, scenes

from .test_processing import Listener

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


def adapter_of(product: str) -> dict:
    """What the record beside a product says of the adapter."""
    return json.loads(Path(product).with_suffix(".json").read_text())["estimator"]["adapter"]


def test_all_three_ways_measure_the_same(provider, panel, choose, run_to_end, moving_pair, tmp_path):
    import processing

    network = adapted.write(tmp_path / "foreign.onnx")
    by_command = str(tmp_path / "command.tif")
    assert cli.main(["pair", *moving_pair, by_command, "--model", network, "--device", "cpu"]) == 0
    listener = Listener()
    by_processing = processing.run(
        "deepot:displacement",
        {
            "REFERENCE": moving_pair[0],
            "SECONDARY": moving_pair[1],
            "MODEL_FILE": network,
            "DEVICE": "cpu",
            "OUTPUT": str(tmp_path / "processing.tif"),
        },
        feedback=listener,
    )["OUTPUT"]
    assert any("Sigma of foreign.onnx is 0.25 px everywhere" in text for text in listener.said)
    choose(panel, *moving_pair)
    panel.pair.products.folder.setFilePath(str(tmp_path / "panel"))
    (tmp_path / "panel").mkdir()
    panel.pair.method.method.setCurrentIndex(panel.pair.method.method.findData("model"))
    panel.pair.method.choose_model_file(network)
    run_to_end(panel)
    (by_panel,) = (path for path in (tmp_path / "panel").glob("*.json"))
    by_panel = str(by_panel.with_suffix(".tif"))
    wanted = scenes.read(by_command)
    for product in (by_processing, by_panel):
        assert adapter_of(product) == adapter_of(by_command) and adapter_of(product)["layout"] == "NHWC"
        found = scenes.read(product)
        assert all(np.array_equal(found[band], wanted[band], equal_nan=True) for band in wanted)


def test_a_description_that_cannot_be_is_one_sentence(provider, moving_pair, tmp_path):
    import processing
    from qgis.core import QgsProcessingException

    network = adapted.write(tmp_path / "foreign.onnx", {"offset_order": "dydx"})
    pair = {"REFERENCE": moving_pair[0], "SECONDARY": moving_pair[1], "OUTPUT": str(tmp_path / "out.tif")}
    with pytest.raises(QgsProcessingException, match="'offset_order' is 'dydx'; it must be xy or yx"):
        processing.run("deepot:displacement", {**pair, "MODEL_FILE": network}, feedback=Listener())
    assert not (tmp_path / "out.tif").exists()
