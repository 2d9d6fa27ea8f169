"""docs/your-own-model.md says what the code does: its example runs, and it names every item."""

import json
import re
from dataclasses import fields

import pytest

from deepot_qgis.engine.model import adapter, contract, scaling, uncertainty
from deepot_qgis.engine.model import estimator as model

from . import adapted

onnx = pytest.importorskip("onnx", reason="onnx is not installed")


@pytest.fixture(scope="module")
def page(repository):
    return (repository / "docs" / "your-own-model.md").read_text(encoding="utf-8")


def test_the_example_describes_a_network_of_others(page, tmp_path, monkeypatch, capsys):
    bare = onnx.load(adapted.write(tmp_path / "n.onnx", size=256))
    del bare.metadata_props[:]
    onnx.save(bare, str(tmp_path / "exported.onnx"))
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "page", "exec"), {})
    assert "input_1" in capsys.readouterr().out
    network = model.NetworkEstimator("theirs.onnx", "cpu")
    assert (network.name, network.tile_px, network.adapter.offset_order) == ("theirs", 256, "yx")


def test_every_item_and_key_is_explained(page):
    keys = [
        *contract.REQUIRED,
        *adapter.ITEMS,
        *(item.name for kind in (scaling.Scaling, uncertainty.Sigma) for item in fields(kind)),
        *(word for words in (scaling.KINDS, scaling.QUANTITIES, scaling.SCOPES, uncertainty.KINDS) for word in words),
    ]
    missing = [key for key in keys if not re.search(rf'[`"]{key}\b', page)]
    assert not missing


def test_the_defaults_of_the_page_are_those_of_the_code(page):
    default = adapter.Adapter()
    for item in ("layout", "input_channels", "offset_order", "offset_sign", "offset_scale", "overlap_px"):
        written = re.search(rf"^\| `{item}` \| `([^`]+)`", page, re.MULTILINE)[1]
        value = getattr(default, item)
        assert json.loads(written) == (list(value) if isinstance(value, tuple) else value), item
