"""The real MintPy reads our files, and we read what it writes.

MintPy is no dependency of anything here. Set DEEPOT_MINTPY_PYTHON to a Python that has it:

    python3 -m venv build/mintpy
    build/mintpy/bin/pip install -r requirements-mintpy.txt
    DEEPOT_MINTPY_PYTHON=build/mintpy/bin/python python -m pytest -s tests/engine/test_interchange_mintpy_proof.py

Without ``-s`` the numbers are not shown.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from deepot_qgis.engine.interchange.arrays import ArrayFile
from deepot_qgis.engine.interchange.mintpy import StackGeometry, stack_pairs
from deepot_qgis.engine.interchange.mintpy_components import read_timeseries, velocity_pair
from deepot_qgis.engine.interchange.mintpy_export import MintpyOptions, StackExport, export_mintpy, export_stack
from deepot_qgis.engine.interchange.radar import Look
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.engine.timeseries.assemble import StackOptions, invert_pairs
from deepot_qgis.engine.timeseries.history import InversionOptions
from deepot_qgis.engine.timeseries.product import open_series

from . import interchanged as ic

LOOK = Look(-12.0, 38.0)
SCRIPT = Path(__file__).with_name("mintpy_reference.py")
COMPONENTS = ("east", "north", "los", "azimuth")


@pytest.fixture(scope="module")
def python() -> Path:
    found = os.environ.get("DEEPOT_MINTPY_PYTHON")
    if not found:
        pytest.skip("DEEPOT_MINTPY_PYTHON names no Python with mintpy (see the head of this file)")
    return Path(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Our files: a series in four components, and its pairs as a stack."""
    folder = tmp_path_factory.mktemp("mintpy")
    series = ic.series(folder / "series")
    export_mintpy(MintpyOptions(series.folder, str(folder), COMPONENTS, LOOK))
    export_stack(ic.pairs(), StackExport(str(folder / "ifgramStack.h5")))
    (folder / "noisy").mkdir()
    export_stack(ic.pairs(noise=0.1), StackExport(str(folder / "noisy" / "ifgramStack.h5")))
    return folder


@pytest.fixture(scope="module")
def said(python, folder) -> dict:
    """What MintPy read and computed in that folder, and files that it wrote."""
    environment = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}", "MPLBACKEND": "Agg"}
    for name in ("PYTHONPATH", "PYTHONHOME"):
        environment.pop(name, None)
    done = subprocess.run(
        [str(python), str(SCRIPT), str(folder)], capture_output=True, text=True, env=environment, cwd=folder
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads((folder / "said.json").read_text())
    print(f"\nMintPy {found['version']}")
    return found


def values(folder: Path, name: str) -> np.ndarray:
    return np.load(folder / f"{name}.npy")


def test_mintpy_reads_the_series(said, folder):
    truth = dict(zip(("east", "north"), ic.displacement()))
    assert said["timeseries"]["dates"] == ["20200101", "20200113", "20200206", "20200218", "20200410"]
    assert said["timeseries"]["size"] == [5, ic.HEIGHT, ic.WIDTH]
    assert said["timeseries"]["unit"] == "m" and said["timeseries"]["type"] == "timeseries"
    for component in ("east", "north"):
        read = values(folder, f"timeseries_{component}")
        print(f"{component}: read by MintPy, off by at most {np.nanmax(np.abs(read - truth[component])):.1e} m")
        np.testing.assert_allclose(read[:, 1:], truth[component][:, 1:], rtol=1e-6)


def test_mintpys_projection_is_ours(said, folder):
    for component in ("los", "azimuth"):
        ours, theirs = values(folder, f"timeseries_{component}"), values(folder, f"projected_{component}")
        print(f"{component}: ours and MintPy's projection differ by at most {np.nanmax(np.abs(ours - theirs)):.1e} m")
        np.testing.assert_allclose(ours[:, 1:], theirs[:, 1:], atol=2e-4)  # the map's north is not quite true north


@pytest.mark.parametrize("component", COMPONENTS)
def test_mintpys_velocity_is_ours(said, folder, component):
    ours, theirs = (values(folder, f"{name}_{component}") for name in ("velocity", "fitted"))
    print(f"{component}: velocity.h5 and timeseries2velocity.py differ by at most "
          f"{np.nanmax(np.abs(ours - theirs)):.1e} m/yr of {np.nanmax(np.abs(ours)):.2f}")  # fmt: skip
    np.testing.assert_allclose(ours[1:], theirs[1:], atol=1e-5)


def test_mintpy_inverts_our_stack(said, folder):
    assert said["stack"]["pairs"] == 7 and said["stack"]["kept"] == 7
    assert said["stack"]["datasets"] == ["azimuthOffset", "azimuthOffsetStd", "rangeOffset", "rangeOffsetStd"]
    for name, truth in zip(("rangeOffset", "azimuthOffset"), ic.displacement()):
        inverted = values(folder, f"inverted_{name}")
        print(f"{name}: inverted by MintPy, off by at most {np.abs(inverted - truth).max():.1e} m")
        np.testing.assert_allclose(inverted, truth, atol=1e-5)


def test_two_inversions_agree_on_pairs_that_contradict_each_other(said, folder, tmp_path):
    sources = stack_pairs(str(folder / "noisy" / "ifgramStack.h5"))
    options = StackOptions(ReferenceOptions("none"), InversionOptions(robust="none"), netcdf=False)
    ours = open_series(invert_pairs(sources, options, str(tmp_path)).record).read(0, 0, ic.WIDTH, ic.HEIGHT)
    for number, name in enumerate(("rangeOffset", "azimuthOffset")):
        theirs = values(folder, f"noisy_{name}")
        print(f"{name}: of pairs with 0.1 m of noise, our inversion and MintPy's differ by at most "
              f"{np.abs(ours[number] - theirs).max():.1e} m")  # fmt: skip
        np.testing.assert_allclose(ours[number], theirs, atol=1e-5)
        assert np.abs(theirs - ic.displacement()[number]).max() > 0.05


def test_mintpys_own_commands_take_the_files(said):
    assert "Number of dates  : 5" in said["info"]
    assert said["view"] and said["reference_point"]


def test_what_mintpy_writes_is_read(said, folder):
    component = read_timeseries(str(folder / "theirs_timeseries.h5"))
    assert component.dates == ic.moments() and component.grid == ic.grid()
    np.testing.assert_array_equal(component.read(0, 0, ic.WIDTH, ic.HEIGHT), values(folder, "theirs_timeseries"))
    pairs = stack_pairs(str(folder / "theirs_ifgramStack.h5"), StackGeometry(LOOK))
    assert len(pairs) == 6  # one of seven was dropped by MintPy
    east, north, _ = pairs[0].read(0, 0, ic.WIDTH, ic.HEIGHT)
    np.testing.assert_allclose((east, north), ic.displacement()[:, 1] - ic.displacement()[:, 0], atol=2e-4)
    fitted = velocity_pair(str(folder / "fitted_east.h5"), str(folder / "fitted_north.h5"))
    assert fitted.days == 100
    np.testing.assert_allclose(
        np.stack(fitted.read(0, 0, ic.WIDTH, ic.HEIGHT)[:2])[:, 1:], ic.displacement()[:, -1, 1:], atol=1e-5
    )
    assert ArrayFile(str(folder / "theirs_ifgramStack.h5")).texts("date")[0].tolist() == ["20200101", "20200113"]
