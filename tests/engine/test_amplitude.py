import numpy as np
import pytest

from deepot_qgis.engine import amplitude
from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.rasters import Raster

from . import scenes


def speckle(looks=1, seed=3):
    rng = np.random.default_rng(seed)
    return np.sqrt(rng.gamma(looks, 1 / looks, (300, 300))).astype(np.float32) + 1e-3


def recognise(tmp_path, values, name="scene.tif", radiometry="auto", **keywords):
    return amplitude.recognise(Raster(scenes.write(tmp_path / name, values, **keywords)), radiometry)


@pytest.mark.parametrize(
    "values, name, kind",
    [
        (speckle(), "scene.tif", "amplitude"),
        (speckle(4), "scene.tif", "amplitude"),
        (speckle() ** 2, "scene.tif", "intensity"),
        (speckle(4) ** 2, "S1_Sigma0_VV.tif", "intensity"),
        (20 * np.log10(speckle()), "scene.tif", "db"),
        (20 * np.log10(speckle()) + 200, "scene_dB.tif", "db"),
        (speckle() * (1 + 1j), "scene.tif", "complex"),
        ((speckle() * 60).clip(0, 255).astype(np.uint8), "scene.tif", "amplitude"),
        ((speckle() * 900).astype(np.uint16), "scene.tif", "amplitude"),
    ],
)
def test_kinds_are_recognised_and_said(tmp_path, values, name, kind):
    values = values.astype(np.complex64) if np.iscomplexobj(values) else values
    found = recognise(tmp_path, values, name)
    assert found.kind == kind
    assert found.sentence("scene.tif").startswith("scene.tif is read as ") and found.why


def test_the_users_word_wins_and_contradictions_are_refused(tmp_path):
    assert recognise(tmp_path, speckle(), radiometry="intensity").kind == "intensity"
    with pytest.raises(InputError, match="cannot be read as complex"):
        recognise(tmp_path, speckle(), radiometry="complex")
    with pytest.raises(InputError, match="cannot be read as db"):
        recognise(tmp_path, speckle().astype(np.complex64), radiometry="db")
    with pytest.raises(OptionsError):
        recognise(tmp_path, speckle(), radiometry="loud")


def test_every_kind_gives_the_same_amplitude():
    linear = speckle() * 50
    valid = np.ones(linear.shape, bool)
    valid[5, 5] = False
    expected = np.where(valid, linear, 0)
    for values, kind in (
        (linear, "amplitude"),
        (linear**2, "intensity"),
        (20 * np.log10(linear), "db"),
        (linear * np.exp(1j * linear), "complex"),
    ):
        result = amplitude.to_amplitude(values, valid, kind)
        assert result.dtype == np.float32
        assert np.allclose(result, expected, rtol=1e-4)


def test_zero_is_no_data_in_linear_kinds_but_the_darkest_grey_in_8_bit():
    values = np.array([[0.0, 2.0, -1.0, np.nan]], np.float32)
    valid = np.ones(values.shape, bool)
    assert (amplitude.to_amplitude(values, valid, "amplitude") > 0).tolist() == [[False, True, False, False]]
    assert (amplitude.to_amplitude(values, valid, "intensity") > 0).tolist() == [[False, True, False, False]]
    grey = np.array([[0, 7]], np.uint8)
    assert (amplitude.to_amplitude(grey, valid[:, :2], "amplitude") > 0).all()
