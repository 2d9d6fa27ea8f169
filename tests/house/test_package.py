"""The zip against the rules of the QGIS plugin repository."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts import staging


@pytest.fixture(scope="module")
def plugin(tmp_path_factory) -> Path:
    return staging.stage(tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
def archive(plugin, tmp_path_factory) -> Path:
    return staging.write_zip(plugin, tmp_path_factory.mktemp("dist") / "plugin.zip")


@pytest.fixture(scope="module")
def names(archive) -> list[str]:
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        return opened.namelist()


def test_size(archive):
    assert archive.stat().st_size < 25_000_000


def test_one_lower_case_folder_with_what_is_required(names):
    assert {name.split("/")[0] for name in names} == {"deepot_qgis"}
    assert re.fullmatch(r"[a-z_][a-z0-9_]*", "deepot_qgis")
    for required in ("__init__.py", "metadata.txt", "LICENSE", "resources/icon.svg"):
        assert f"deepot_qgis/{required}" in names


def test_nothing_that_is_refused_or_useless(names):
    refused = re.compile(r"\.pyc$|__pycache__|/\.|__MACOSX|\.(so|dll|exe|pyd|dylib)$|\.aux\.xml$|/tests?/|/training/")
    assert not [name for name in names if refused.search(name)]


def test_storeys_models_and_sample_are_in_it(names):
    for storey in ("engine", "processing", "gui"):
        assert f"deepot_qgis/{storey}/__init__.py" in names
    assert "deepot_qgis/resources/sample/sample_20240101.tif" in names
    for style in (staging.REPOSITORY / "resources" / "styles").glob("*.qml"):
        assert f"deepot_qgis/resources/styles/{style.name}" in names
    assert "deepot_qgis/resources/styles/sequential.qml" in names
    for name in ("displacement.qpt", "north_arrow.svg"):
        assert f"deepot_qgis/resources/layouts/{name}" in names
    for model in (staging.REPOSITORY / "models").glob("*.onnx"):
        assert f"deepot_qgis/models/{model.name}" in names


def test_the_same_files_give_the_same_zip(plugin, archive, tmp_path):
    for path in plugin.rglob("*"):
        path.touch()
    assert staging.write_zip(plugin, tmp_path / "again.zip").read_bytes() == archive.read_bytes()


def test_a_zip_over_the_limit_is_refused(tmp_path, monkeypatch):
    (tmp_path / "deepot_qgis").mkdir()
    (tmp_path / "deepot_qgis" / "big").write_bytes(bytes(range(256)) * 40)
    monkeypatch.setattr(staging, "MAX_ZIP_BYTES", 100)
    with pytest.raises(ValueError, match="plugin repository takes"):
        staging.write_zip(tmp_path / "deepot_qgis", tmp_path / "big.zip")


def test_the_unpacked_engine_imports_without_qgis_and_onnxruntime(archive, tmp_path):
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path)
    program = (
        "import importlib, pathlib, sys\n"
        "for name in ('qgis', 'PyQt5', 'PyQt6', 'onnxruntime', 'torch'): sys.modules[name] = None\n"
        "for path in sorted(pathlib.Path('deepot_qgis/engine').glob('*.py')):\n"
        "    if path.stem not in ('__init__', '__main__'):\n"
        "        importlib.import_module('deepot_qgis.engine.' + path.stem)\n"
        "import deepot_qgis; print(deepot_qgis.__file__)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path) in done.stdout
