"""How many of its own standard errors the ground moved: what greys out motion that may be noise.

No file of a run holds it: a VRT has GDAL divide magnitude by sigma when it is drawn, which costs no room on the disk.
"""

from __future__ import annotations

import os

import numpy as np

from deepot_qgis.engine.product import BANDS
from deepot_qgis.engine.rasters import Raster
from deepot_qgis.engine.styles.views import SIGNIFICANCE
from deepot_qgis.processing.layers import vrt

#: Sigmas of a product lie between a tenth of a millimetre and kilometres.
_LEAST, _MOST = 1e-4, 1e4
#: Between two entries of the table 1/sigma is taken for a straight line: wrong by a quarter of the square of this.
_STEP = 0.08


def write_significance(product: str, path: str | None = None) -> str:
    """Write ``NAME_significance.vrt`` beside a displacement product, or another file, and return its path.

    Raises
    ------
    OutputError
        The folder cannot be written.
    """
    raster = Raster(product)
    name = os.path.basename(product) if path is None else os.path.abspath(product)
    entries = int(np.ceil(np.log(_MOST / _LEAST) / _STEP))
    # GDAL's pixel functions multiply, but those of older versions do not divide
    reciprocal = [(float(sigma), 1 / float(sigma)) for sigma in np.geomspace(_LEAST, _MOST, entries + 1)]
    magnitude = vrt.simple(name, BANDS.index("magnitude") + 1)
    inverse = vrt.looked_up(name, BANDS.index("sigma") + 1, reciprocal)
    path = path or f"{os.path.splitext(product)[0]}_{SIGNIFICANCE}.vrt"
    vrt.write(path, raster.grid, vrt.derived(1, "Float32", "mul", "Float32", (magnitude, inverse), SIGNIFICANCE))
    return path
