"""Write resources/styles/*.qml: the plugin's styles for any raster, from the code that styles its own layers.

QT_QPA_PLATFORM=offscreen .venv/bin/python -m scripts.styles

The ranges are those of a unit (0 to 1, -1 to 1, 0 to 360 degrees): set minimum and maximum in the layer's properties.
"""

from __future__ import annotations

import os
import sys
import tempfile
from xml.etree import ElementTree

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from osgeo import gdal
from qgis.core import QgsApplication, QgsMapLayer, QgsRasterLayer, QgsVectorLayer

from deepot_qgis.engine.report.scales import CLEAR_SIGMAS
from deepot_qgis.engine.styles.qml import DOCTYPE, FOLDER, NAMES
from deepot_qgis.engine.styles.ranges import BandRange
from deepot_qgis.engine.styles.views import CLASSES, CYCLIC, DIVERGING, ERROR, SEQUENTIAL, SHARE, VEIL, View
from deepot_qgis.processing.layers.arrows import style_arrows
from deepot_qgis.processing.layers.styles import style_band

#: File, kind of ramp, and range.
_RANGES = {DIVERGING: (-1.0, 1.0), CYCLIC: (0.0, 360.0), VEIL: (0.0, CLEAR_SIGMAS)}
_KINDS = (SEQUENTIAL, DIVERGING, CYCLIC, ERROR, SHARE, VEIL, CLASSES)
STYLES = {NAMES[kind]: (kind, *_RANGES.get(kind, (0.0, 1.0))) for kind in _KINDS}
ARROWS = "arrows"
_CATEGORIES = QgsMapLayer.StyleCategory.Symbology | QgsMapLayer.StyleCategory.Legend


def styled(name: str, raster: str) -> QgsMapLayer:
    """Return a layer in one of the styles: the raster's first band, or points that are nowhere."""
    if name == ARROWS:
        points = QgsVectorLayer("Point?field=east:double&field=north:double&field=magnitude:double", name, "memory")
        style_arrows(points, 1.0)
        return points
    layer = QgsRasterLayer(raster, name, "gdal", QgsRasterLayer.LayerOptions(False))
    kind, low, high = STYLES[name]
    style_band(layer, View(name, name, kind, name), BandRange(1, low, high))
    return layer


def make_raster(path: str) -> str:
    """Write the smallest raster that a style can be made on."""
    dataset = gdal.GetDriverByName("GTiff").Create(path, 2, 2, 1, gdal.GDT_Float32)
    dataset.SetGeoTransform((0.0, 1.0, 0.0, 0.0, 0.0, -1.0))
    dataset.GetRasterBand(1).WriteArray(np.array([[0, 1], [2, 3]], np.float32))
    return path


def in_order(text: str) -> str:
    """Return QGIS's XML with the attributes of each element sorted: QGIS writes them in another order every time."""
    return f"{DOCTYPE}\n{ElementTree.canonicalize(text)}\n"


def main() -> int:
    """Write every style."""
    application = QgsApplication([], True)
    application.initQgis()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        raster = make_raster(os.path.join(folder, "small.tif"))
        for name in (*STYLES, ARROWS):
            path = FOLDER / f"{name}.qml"
            words, done = styled(name, raster).saveNamedStyle(str(path), _CATEGORIES)
            if not done:
                print(words, file=sys.stderr)
                return 1
            path.write_text(in_order(path.read_text(encoding="utf-8")), encoding="utf-8")
            print(f"{path.relative_to(FOLDER.parents[1])}: {path.stat().st_size:,} bytes")
    application.exitQgis()
    return 0


if __name__ == "__main__":
    sys.exit(main())
