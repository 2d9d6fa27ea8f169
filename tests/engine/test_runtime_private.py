"""Which ONNX Runtime is taken: that of this Python where it is good, else the plugin's own; a broken one is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from deepot_qgis.engine.installation import place
from deepot_qgis.engine.runtime import failures
from tests.engine.local_index import RUNTIME

REPOSITORY = Path(__file__).resolve().parents[2]
_ASK = """
import json, sys
{before}
from deepot_qgis.engine import runtime
from deepot_qgis.engine.errors import RuntimeMissingError
assert "onnxruntime" not in sys.modules
try:
    ort = runtime.onnxruntime()
except RuntimeMissingError as error:
    print(json.dumps({{"problem": str(error)}}))
else:
    names = list(sys.modules)
    again = runtime.onnxruntime()
    print(json.dumps({{"version": ort.__version__, "origin": runtime.origin(ort), "same": again is ort,
                       "numpy_first": names.index("numpy") < names.index("onnxruntime"), "path": sys.path}}))
"""
#: A Python in which nothing of the name can be found but in folders that a test names.
_HIDE = """
class Hide:
    def find_spec(self, name, path=None, target=None):
        from importlib.machinery import PathFinder
        if name == "onnxruntime":
            spec = PathFinder.find_spec(name, [p for p in sys.path if p.startswith({folder!r})])
            if spec is None:
                raise ModuleNotFoundError("No module named 'onnxruntime'", name=name)
            return spec
sys.meta_path.insert(0, Hide())
"""


@pytest.fixture
def ask(tmp_path, monkeypatch):
    """Return a call that says what a fresh process takes; `system` lies before everything else on its path."""
    monkeypatch.setenv(place.VARIABLE, str(tmp_path / "runtime"))

    def call(system: str | None = None) -> dict:
        path = [str(tmp_path / "system"), str(REPOSITORY)]
        if system is not None:
            put(tmp_path / "system", system)
        code = _ASK.format(before=_HIDE.format(folder=str(tmp_path)))
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return call


def put(folder: Path, source: str, version: str = "1.20.0") -> None:
    (folder / "onnxruntime").mkdir(parents=True, exist_ok=True)
    (folder / "onnxruntime" / "__init__.py").write_text(source.replace("{version}", version))


def own(version: str = "1.31.1", source: str = RUNTIME) -> str:
    part = place.begin()
    put(part, source, version)
    return place.complete(part, "onnxruntime", version).folder


def test_none_at_all(ask):
    text = ask()["problem"]
    assert "is not installed" in text and "Install ONNX Runtime" in text and "conventional offset tracking" in text


def test_the_plugin_s_own(ask):
    folder = own()
    found = ask()
    assert (found["version"], found["origin"], found["same"]) == ("1.31.1", "private", True)
    assert found["numpy_first"] and found["path"][-1] == folder


def test_a_good_one_of_the_system_is_used(ask):
    own()
    found = ask(RUNTIME)
    assert (found["version"], found["origin"]) == ("1.20.0", "system")


@pytest.mark.parametrize(
    "broken",
    [
        "raise ImportError('libonnxruntime.so: cannot open shared object file')",
        "raise RuntimeError('compiled for another numpy')",
        "",
        RUNTIME.replace("{version}", "1.4.0"),
        "from onnxruntime.capi import nothing",
    ],
)
def test_a_broken_one_of_the_system_gives_way_to_our_own(ask, broken):
    own()
    found = ask(broken)
    assert (found["version"], found["origin"], found["same"]) == ("1.31.1", "private", True)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("raise ImportError('libonnxruntime.so: cannot open shared object file')", "libonnxruntime.so: cannot open"),
        ("raise RuntimeError('compiled for another numpy')", "RuntimeError: compiled for another numpy"),
        ("", "is an empty rest of it"),
        (RUNTIME.replace("{version}", "1.4.0"), "is version 1.4.0, older than 1.16"),
    ],
)
def test_a_broken_one_is_named(ask, tmp_path, broken, words):
    text = ask(broken)["problem"]
    assert "is broken (" in text and words in text and "install-runtime" in text
    assert os.path.join("system", "onnxruntime") in text


def test_a_removed_one_is_not_used(ask):
    own()
    place.remove()
    assert "is not installed" in ask()["problem"]


@pytest.mark.parametrize("first", ["installation", "runtime"])
def test_both_rooms_can_be_imported_first(first):
    code = f"import deepot_qgis.engine.{first}"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True).returncode == 0


def test_our_own_without_cuda_is_to_be_installed_again(tmp_path, monkeypatch):
    """It takes NVIDIA's build where a driver answers now; pip of the system would install beside it."""
    monkeypatch.setenv(place.VARIABLE, str(tmp_path / "runtime"))
    ort = types.ModuleType("onnxruntime")
    ort.__file__ = os.path.join(own(), "onnxruntime", "__init__.py")
    ort.__version__, ort.get_available_providers = "1.31.1", lambda: ["CPUExecutionProvider"]
    assert "Reinstall" in failures.why_not("cuda", ort)
    ort.__file__ = str(tmp_path / "system" / "onnxruntime" / "__init__.py")
    assert "Reinstall" not in failures.why_not("cuda", ort) and "onnxruntime-gpu" in failures.why_not("cuda", ort)
