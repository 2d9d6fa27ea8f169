import subprocess
import sys

import numpy as np
import pytest

from deepot_qgis.engine import cli

from . import networks, scenes


def run(*arguments):
    return cli.main([str(argument) for argument in arguments])


def test_a_pair_is_measured(tmp_path, capsys):
    out = tmp_path / "out.tif"
    status = run(
        "pair", *scenes.pair(tmp_path, 2, 1), out, "--method", "correlation", "--offsets", tmp_path / "raw.tif",
        "--reference-date", "2023-09-05",
    )  # fmt: skip
    printed = capsys.readouterr().out
    assert status == 0
    assert "11 days" in printed and "Magnitude: median" in printed and str(out) in printed
    raw = scenes.read(tmp_path / "raw.tif")
    assert list(raw) == ["dx", "dy", "sigma"]
    assert np.nanmedian(raw["dx"]) == pytest.approx(2, abs=0.05)
    assert run("rerun", tmp_path / "out.json", tmp_path / "again.tif") == 0
    assert (tmp_path / "again.tif").exists()


def test_errors_are_one_sentence_on_stderr_and_status_1(tmp_path, capsys):
    first, second = scenes.pair(tmp_path, 0, 0)
    bad = tmp_path / "bad.onnx"
    bad.write_text("no network")
    for arguments in (
        ("pair", tmp_path / "gone.tif", second, tmp_path / "o.tif"),
        ("pair", tmp_path, second, tmp_path / "o.tif"),
        ("pair", first, first, tmp_path / "o.tif"),
        ("pair", second, first, tmp_path / "o.tif", "--method", "correlation"),
        ("pair", first, second, tmp_path / "no" / "o.tif", "--method", "correlation"),
        ("pair", first, second, tmp_path / "o.tif", "--model", bad),
        ("pair", first, second, tmp_path / "o.tif", "--reference-date", "soon"),
        ("align", first, tmp_path / "gone.tif", tmp_path / "o.tif"),
        ("rerun", bad, tmp_path / "o.tif"),
    ):
        assert run(*arguments) == 1, arguments
        captured = capsys.readouterr()
        assert captured.out == "" and captured.err.count("\n") == 1 and "Traceback" not in captured.err
        assert not (tmp_path / "o.tif").exists()


def test_what_is_not_understood_is_status_2(capsys):
    for arguments in ((), ("dance",), ("pair", "a.tif"), ("pair", "a", "b", "c", "--device", "abacus")):
        with pytest.raises(SystemExit) as caught:
            run(*arguments)
        assert caught.value.code == 2
    capsys.readouterr()


def test_models_and_devices_are_listed(capsys, tmp_path, monkeypatch):
    networks.write(tmp_path / "constant.onnx")
    (tmp_path / "broken.onnx").write_text("x")
    monkeypatch.setattr("deepot_qgis.engine.resources.folder", lambda name: tmp_path)
    assert run("models") == 0
    printed = capsys.readouterr().out
    assert "constant 0.0.1 (test): up to 8 px" in printed and "broken: broken.onnx is not a network" in printed
    assert run("devices") == 0
    printed = capsys.readouterr().out
    assert "\ncpu: " in printed and "cores" in printed and "\nauto: takes " in printed
    assert run("devices", "--speed", "--model", "constant") == 0
    assert "Speed of constant on cpu: " in capsys.readouterr().out


def test_the_module_runs_without_qgis(tmp_path):
    code = "import sys; sys.modules['qgis'] = None; import runpy; sys.argv = ['x', 'devices'];" \
        "runpy.run_module('deepot_qgis.engine', run_name='__main__')"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "cpu" in done.stdout, done.stderr


def test_the_selftest_prints_a_table_and_sentences(tmp_path, capsys):
    first, second = scenes.pair(tmp_path, 0, 0, size=(140, 140))
    small = ("--method", "correlation", "--sizes", "20", "--window", "112", "--windows", "1")
    assert run("selftest", first, second, *small, "--out", tmp_path / "report.json") == 0
    printed = capsys.readouterr().out
    assert (
        "Conventional (NCC)" in printed
        and "Noise floor" in printed
        and "Shift of still ground" in printed
        and "12 days apart" in printed
    )
    assert "a body 20 px (200 m) wide" in printed
    assert (tmp_path / "report.html").exists() and str(tmp_path / "report.json") in printed
    assert run("selftest", first, *small, "--coherence", "0.9", "--looks", "1") == 0
    assert "coherence 0.9 (as given), 1 look (as given)" in capsys.readouterr().out


def test_errors_of_the_selftest_are_one_sentence(tmp_path, capsys):
    first, second = scenes.pair(tmp_path, 0, 0, size=(100, 90))
    for arguments in (
        (first,),
        (first, second),
        (first, second, "--coherence", "0.5"),
        (tmp_path / "gone.tif",),
        (first, "--out", tmp_path / "no" / "report.html"),
        (first, "--out", tmp_path / "report.pdf"),
        (first, "--model", "nobody"),
        (first, "--sizes", "2"),
    ):
        assert run("selftest", *arguments) == 1, arguments
        captured = capsys.readouterr()
        assert captured.out == "" and captured.err.count("\n") == 1 and "Traceback" not in captured.err
    assert not list(tmp_path.glob("report*"))
