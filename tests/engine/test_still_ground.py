"""Real repeat passes over ground that did not move: both methods answer zero and invent nothing without data."""

import numpy as np
import pytest

from deepot_qgis.engine import amplitude, measure
from deepot_qgis.engine.quality import Reason
from deepot_qgis.engine.rasters import Raster

from . import scenes


@pytest.mark.parametrize("method", ["model", "correlation"])
def test_morocco_did_not_move(shared_data, tmp_path, method):
    folder = shared_data / "pairs" / "morocco_sentinel1"
    pair = [str(folder / f"amplitude_{day}.tif") for day in ("20230904", "20230916")]
    result = measure.measure(measure.MeasureOptions(*pair, str(tmp_path / "still.tif"), method=method, device="cpu"))
    raw, bands = scenes.read(result.offsets), scenes.read(result.product)
    length = np.hypot(raw["dx"], raw["dy"])
    assert np.nanmedian(length) < 0.03
    assert np.nanmean(length > 0.5) < 0.02
    empty = np.zeros(length.shape, bool)
    for path in pair:
        raster = Raster(path)
        values, valid = raster.read(0, 0, raster.grid.width, raster.grid.height)
        empty |= amplitude.to_amplitude(values, valid, "amplitude") == 0
    assert empty.mean() > 0.1
    assert np.isnan(bands["magnitude"][empty]).all() and (bands["mask"][empty] == Reason.NODATA).all()
    assert result.days == 12 and result.statistics["good"] > 0.95
