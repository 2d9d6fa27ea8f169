"""The same JSON gives the same numbers, whatever the machine has to offer."""

import numpy as np
import pytest
from osgeo import gdal
from scipy import ndimage

from deepot_qgis.engine import inference, measure, memory, provenance, runtime, synthetic
from deepot_qgis.engine.correlation import CorrelationOptions
from deepot_qgis.engine.estimate import Estimate
from deepot_qgis.engine.measure import MeasureOptions
from deepot_qgis.engine.pair import PairOptions, open_pair

from . import scenes


def pixels(result):
    """Bytes of all pixels of the rasters of a run."""
    return [gdal.Open(path).ReadAsArray().tobytes() for path in (result.product, result.offsets)]


@pytest.fixture
def moved(tmp_path):
    """A pair of speckle whose ground moved smoothly."""
    shape = (220, 240)
    down, across = np.mgrid[: shape[0], : shape[1]]
    offset = np.stack([1.5 + 0.5 * np.sin(across / 90), -0.8 + 0.4 * np.cos(down / 110)]).astype(np.float32)
    images = synthetic.speckle_pair(np.ones(shape, np.float32), offset, 0.7, 1, np.random.default_rng(1))
    return tuple(scenes.write(tmp_path / f"{name}.tif", image) for name, image in zip("ab", images))


@pytest.mark.parametrize("method", ["model", "correlation"])
def test_the_number_of_threads_changes_no_bit(tmp_path, monkeypatch, moved, method):
    options = MeasureOptions(*moved, str(tmp_path / "d.tif"), method=method, device="cpu", tile_px=128)
    found = {}
    for cores in (1, 2, 5):  # one worker; two of one thread each; two of two, and judges side by side
        monkeypatch.setattr(runtime, "cores", lambda cores=cores: cores)
        monkeypatch.setattr(runtime.session, "cores", lambda cores=cores: cores)
        found[cores] = pixels(measure.measure(options))
    assert found[1] == found[2] == found[5]


def test_the_record_gives_the_same_bytes_where_less_memory_is_free(tmp_path, monkeypatch):
    images = scenes.pair(tmp_path, 1.2, -0.7, size=(90, 420))
    near = CorrelationOptions(windows_px=(16,), search_px=4)  # little context: tiles may be small
    options = MeasureOptions(*images, str(tmp_path / "d.tif"), method="correlation", correlation=near)
    monkeypatch.setattr(runtime, "cores", lambda: 1)
    first = measure.measure(options)
    monkeypatch.setattr(memory, "free_share", lambda: 1)
    read = MeasureOptions.from_record(provenance.read_options(first.provenance))
    assert read.tile_px is not None and read.tile_height_px is not None
    again = measure.measure(measure.again(read, str(tmp_path / "again.tif")))
    assert pixels(again) == pixels(first)
    # and without the record tiles are smaller there
    other = measure.measure(measure.again(options, str(tmp_path / "other.tif")))
    smaller = MeasureOptions.from_record(provenance.read_options(other.provenance))
    assert smaller.tile_px * smaller.tile_height_px < read.tile_px * read.tile_height_px


class Local:
    """An estimator that looks no farther than its margin."""

    name, margin_px, tile_multiple, max_offset_px, tile_px, overlap_px, workers = "local", 16, 8, 8.0, None, 16, 2

    def estimate(self, reference, secondary):
        ratio = ndimage.uniform_filter(np.log((1 + reference) / (1 + secondary)), 31, mode="nearest").astype(np.float32)
        return Estimate(np.stack([ratio, 3 * ratio]), np.exp(ratio))


@pytest.mark.parametrize("tile", [64, 130, (200, 72), (64, 1000)])
def test_another_tile_size_is_the_same_within_a_ten_thousandth_of_a_pixel(moved, tile):
    pair = open_pair(PairOptions(*moved))

    def measured(side):
        strips = inference.offsets(pair, Local(), side, lambda share: None, lambda: False)
        return np.concatenate(list(strips), axis=1)

    whole, tiled = measured(1000), measured(tile)
    assert whole[:2].std() > 0.01  # something to be wrong about
    assert np.abs(whole - tiled)[:2].max() <= 1e-4
    assert np.abs(whole - tiled)[2].max() <= inference.SIGMA_STEP_PX
