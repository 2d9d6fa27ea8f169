"""Folders as people have them: accents, other scripts, spaces, very long paths, a plugin that is read-only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from deepot_qgis.engine.cli import main
from deepot_qgis.engine.timeseries.product import open_series
from scripts.staging import stage

from . import scenes

NAMES = ("Müller 地滑り (été)", "50 % [#1] & 'co' ~; $HOME")
QUICK = ("--method", "correlation")


def shifted_images(folder: Path, count: int = 2) -> list[str]:
    """Dated images of one ground that moves a pixel east from each to the next."""
    folder.mkdir(parents=True, exist_ok=True)
    ground = scenes.texture(96, 96)
    return [
        scenes.write(folder / f"scène_2020010{1 + day}.tif", scenes.moved(ground, float(day), 0.0))
        for day in range(count)
    ]


def deep(folder: Path, length: int = 300) -> Path:
    """A folder whose path is longer than the 260 characters that old Windows programs stop at."""
    while len(str(folder)) < length:
        folder = folder / "Rutschung im Gebirge"
    return folder


@pytest.mark.parametrize("name", [*NAMES, "deep"])
def test_a_pair_is_measured_in_any_folder(tmp_path, name, capsys):
    folder = deep(tmp_path) if name == "deep" else tmp_path / name
    images = shifted_images(folder)
    out = folder / "déplacement 変位.tif"
    assert main(["pair", *images, str(out), *QUICK]) == 0, capsys.readouterr().err
    east = scenes.read(str(out))["east"]
    assert np.nanmedian(east) == pytest.approx(10.0, abs=0.5)
    assert not list(tmp_path.rglob("*.tmp*"))


def test_a_series_is_measured_in_a_folder_with_other_scripts(tmp_path, capsys):
    images = tmp_path / NAMES[0] / "images"
    shifted_images(images, count=3)
    out = tmp_path / NAMES[0] / "série 時系列"
    assert main(["series", str(images), str(out), *QUICK, "--neighbours", "2"]) == 0, capsys.readouterr().err
    series = open_series(out)
    last = series.read(0, 0, 96, 96)
    assert len(series.dates) == 3 and np.isfinite(last).any()


def test_what_is_wrong_names_the_file_as_the_user_wrote_it(tmp_path, capsys):
    (tmp_path / NAMES[0]).mkdir()
    missing = str(tmp_path / NAMES[0] / "fehlt – été.tif")
    assert main(["pair", missing, missing, str(tmp_path / "out.tif"), *QUICK]) == 1
    assert "fehlt – été.tif" in capsys.readouterr().err


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder with what a write would change."""
    return {str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_nothing_is_written_into_the_plugin(tmp_path):
    plugin = stage(tmp_path / "plugins of Zoë")
    images = shifted_images(tmp_path / "images")
    sources = [*plugin.rglob("*"), plugin]
    for path in sources:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = snapshot(plugin)
    # Not where Python looks for modules, and with a home that does not exist: an administrator's installation.
    environment = {
        **os.environ,
        "PYTHONPATH": str(plugin.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(tmp_path / "home"),
    }
    try:
        for command in (["pair", *images, str(tmp_path / "out.tif"), *QUICK], ["models"]):
            done = subprocess.run(
                [sys.executable, "-m", "deepot_qgis.engine", *command],
                capture_output=True,
                text=True,
                encoding="utf-8",
                cwd=tmp_path,
                env=environment,
            )
            assert done.returncode == 0, done.stderr
        assert snapshot(plugin) == before
    finally:
        for path in reversed(sources):  # let pytest remove it
            path.chmod(0o755)
    assert (tmp_path / "out.tif").exists()
