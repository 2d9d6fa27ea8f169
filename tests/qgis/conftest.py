"""A panel on a map, small pairs on disk, and the provider registered."""

from __future__ import annotations

import builtins
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSettings,
    QgsVectorLayer,
)
from qgis.gui import QgsMessageBar
from qgis.PyQt.QtCore import Qt

from deepot_qgis.gui.dock import DeepotDock
from deepot_qgis.gui.sections.method import CORRELATION
from deepot_qgis.processing.provider import DeepotProvider
from tests.engine import scenes

LEFT = Qt.MouseButton.LeftButton
TIMEOUT_MS = 30_000


@pytest.fixture(autouse=True, scope="session")
def quiet_end(qgis_app):
    """Leave no task running when QGIS ends: it would be waited for."""
    yield
    QgsApplication.taskManager().cancelAll()


@pytest.fixture(autouse=True)
def forget_settings(qgis_app):
    """Start every test as a new user, and leave no layers to the next."""
    QgsSettings().remove("deepot")
    yield
    QgsSettings().remove("deepot")
    QgsProject.instance().clear()


@pytest.fixture(scope="session")
def moving_pair(tmp_path_factory) -> tuple[str, str]:
    """Two dated images whose ground moved 2 pixels east and 1 south, with an empty corner."""
    folder = tmp_path_factory.mktemp("pair")
    first = scenes.texture(160, 192)
    second = scenes.moved(first, 2.0, 1.0)
    for image in (first, second):
        image[:40, :60] = 0
    return (
        scenes.write(folder / "scene_20230904.tif", first, nodata=0),
        scenes.write(folder / "scene_20230916.tif", second, nodata=0),
    )


@pytest.fixture(scope="session")
def big_pair(tmp_path_factory) -> tuple[str, str]:
    """A pair that takes long enough to be cancelled."""
    folder = tmp_path_factory.mktemp("big")
    image = np.tile(scenes.texture(256, 256), (8, 8))
    return (
        scenes.write(folder / "big_20230904.tif", image),
        scenes.write(folder / "big_20230916.tif", np.roll(image, 1, axis=1)),
    )


@pytest.fixture
def polygon_layer():
    """One square, 80 pixels of the pair on a side, in another CRS."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "outline", "memory")
    square = QgsGeometry.fromRect(QgsRectangle(500700, 4198500, 501500, 4199300))
    square.transform(
        QgsCoordinateTransform(
            QgsCoordinateReferenceSystem("EPSG:32613"), QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
        )
    )
    feature = QgsFeature()
    feature.setGeometry(square)
    layer.dataProvider().addFeatures([feature])
    layer.updateExtents()
    return layer


@pytest.fixture
def message_bar(qtbot):
    bar = QgsMessageBar()
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def make_panel(qtbot, qgis_new_project, qgis_canvas, message_bar):
    """Return a call that makes panels; the method is set to conventional, which needs nothing installed."""
    made = []

    def make(method: str | None = CORRELATION) -> DeepotDock:
        panel = DeepotDock(qgis_canvas, message_bar)
        qtbot.addWidget(panel)
        panel.resize(320, 900)
        panel.show()
        if method is not None:
            panel.pair.method.method.setCurrentIndex(panel.pair.method.method.findData(method))
        made.append(panel)
        return panel

    yield make
    for panel in made:
        panel.shut_down()
        qtbot.waitUntil(lambda panel=panel: panel.runner.settled(), timeout=TIMEOUT_MS)


@pytest.fixture
def panel(make_panel) -> DeepotDock:
    return make_panel()


@pytest.fixture
def choose():
    """Return a call that adds two rasters to the project and chooses them in a panel."""

    def call(panel: DeepotDock, reference: str, secondary: str) -> None:
        for picker, path in ((panel.pair.images.reference, reference), (panel.pair.images.secondary, secondary)):
            layer = QgsRasterLayer(path, Path(path).stem)
            QgsProject.instance().addMapLayer(layer)
            picker.layers.setLayer(layer)

    return call


@pytest.fixture
def run_to_end(qtbot):
    """Return a call that clicks Run and waits until the work has ended."""

    def call(panel: DeepotDock) -> None:
        with qtbot.waitSignal(panel.runner.idle, timeout=TIMEOUT_MS):
            qtbot.mouseClick(panel.run_bar.run, LEFT)

    return call


@pytest.fixture
def provider(qgis_processing):
    """The registered provider."""
    provider = DeepotProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    yield provider
    QgsApplication.processingRegistry().removeProvider(provider)


@pytest.fixture
def bad_rasters(tmp_path, moving_pair) -> dict[str, str]:
    """Rasters that cannot be used, by what is wrong with them."""
    good = scenes.texture(160, 192)
    shifted = list(scenes.NORTH_UP)
    shifted[0] += 25.0
    text = tmp_path / "text_20230916.tif"
    text.write_text("no raster at all", encoding="utf-8")
    whole = Path(moving_pair[1]).read_bytes()
    cut = tmp_path / "cut_20230916.tif"
    cut.write_bytes(whole[: len(whole) // 3])
    return {
        "shifted": scenes.write(tmp_path / "shifted_20230916.tif", good, geotransform=tuple(shifted)),
        "other_crs": scenes.write(tmp_path / "other_20230916.tif", good, epsg=26913),
        "far": scenes.write(tmp_path / "far_20230916.tif", good, geotransform=(9e5, 10.0, 0.0, 5e6, 0.0, -10.0)),
        "empty": scenes.write(tmp_path / "empty_20230916.tif", np.zeros_like(good), nodata=0),
        "tiny": scenes.write(tmp_path / "tiny_20230916.tif", good[:1, :1].copy()),
        "text": str(text),
        "cut": str(cut),
        "missing": str(tmp_path / "missing_20230916.tif"),
        "folder": str(tmp_path),
    }


@pytest.fixture
def without_onnxruntime(monkeypatch):
    """An installation without the package."""
    real = builtins.__import__

    def importing(name, *arguments, **keywords):
        if name.split(".")[0] == "onnxruntime":
            raise ImportError("No module named 'onnxruntime'")
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", importing)
