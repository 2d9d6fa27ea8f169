"""Export and import through Processing, and what QGIS makes of the files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from qgis.core import QgsLayerTreeModel, QgsProcessingException, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.gui import QgsLayerTreeView

from deepot_qgis.engine.interchange.mintpy_export import StackExport, export_stack
from deepot_qgis.engine.interchange.radar import Look
from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.engine.timeseries.stack import ProductPair
from tests.engine import interchanged as ic
from tests.engine.test_interchange_import import bip
from tests.engine.test_interchange_nisar import goff
from tests.qgis.test_processing import Listener, run  # noqa: F401  (a fixture)

LOOK = {"HEADING": -12.0, "INCIDENCE": 38.0}


@pytest.fixture(scope="module")
def series(tmp_path_factory) -> str:
    return str(Path(ic.series(tmp_path_factory.mktemp("x") / "slide").folder) / "series.json")


def test_a_series_is_exported_in_all_forms_at_once(run, series, tmp_path):  # noqa: F811
    feedback = Listener()
    found = run(
        "deepot:exportseries", feedback, SERIES=series, MINTPY=str(tmp_path / "mintpy"),
        MINTPY_COMPONENTS=["east", "los"], POINTS=str(tmp_path / "points.gpkg"), NETCDF=str(tmp_path / "v.nc"), **LOOK,
    )  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "mintpy").iterdir()) == [
        "timeseries_east.h5", "timeseries_los.h5", "velocity_east.h5", "velocity_los.h5"
    ]  # fmt: skip
    assert found["COUNT"] == ic.WIDTH * ic.HEIGHT - 1
    assert any("points:" in line for line in feedback.said)


def test_qgis_shows_the_points_with_a_field_for_each_date(run, series, tmp_path):  # noqa: F811
    path = str(tmp_path / "p.gpkg")
    run("deepot:exportseries", SERIES=series, POINTS=path)
    layer = QgsVectorLayer(path, "points", "ogr")
    assert layer.isValid() and layer.crs().authid() == "EPSG:32613"
    names = [field.name() for field in layer.fields()]
    assert "velocity" in names and next(name for name in names if name.startswith("D2")) == "D20200101"
    feature = next(layer.getFeatures())
    assert feature["D20200101"] == 0 and feature["D20200410"] == pytest.approx(507.2, abs=0.1)
    assert (feature.geometry().asPoint().x(), feature.geometry().asPoint().y()) == (500015, 4199995)


def test_qgis_shows_the_netcdf_where_it_belongs(run, series, tmp_path):  # noqa: F811
    path = str(tmp_path / "v.nc")
    run("deepot:exportseries", SERIES=series, NETCDF=path)
    for name in ("vx", "vy", "v", "v_error"):
        layer = QgsRasterLayer(f'NETCDF:"{path}":{name}', name)
        assert layer.isValid() and layer.crs().authid() == "EPSG:32613"
        extent = layer.extent()
        assert (extent.xMinimum(), extent.yMaximum()) == (500000, 4200000)
        assert (extent.xMaximum(), extent.yMinimum()) == (500000 + 10 * ic.WIDTH, 4200000 - 10 * ic.HEIGHT)
        middle = extent.center()
        value, known = layer.dataProvider().sample(middle, 1)
        assert known and np.isfinite(value)
        assert layer.dataProvider().sourceHasNoDataValue(1)
    speed = np.hypot(*ic.velocity())[ic.HEIGHT // 2, ic.WIDTH // 2]
    layer = QgsRasterLayer(f'NETCDF:"{path}":v', "v")
    assert layer.dataProvider().sample(middle, 1)[0] == pytest.approx(speed, rel=1e-4)


@pytest.fixture
def layer_tree(qtbot, qgis_iface, monkeypatch) -> QgsLayerTreeView:
    """The layers panel of a desktop, which QGIS 3.44 asks for and takes nothing else instead of."""
    view = QgsLayerTreeView()
    qtbot.addWidget(view)
    view.setModel(QgsLayerTreeModel(QgsProject.instance().layerTreeRoot(), view))
    monkeypatch.setattr(qgis_iface, "layerTreeView", lambda: view)
    return view


def test_points_load_into_the_project(run, series, tmp_path, layer_tree):  # noqa: F811
    import processing

    path = str(tmp_path / "loaded.gpkg")
    processing.runAndLoadResults("deepot:exportseries", {"SERIES": series, "POINTS": path})
    assert [layer.source() for layer in QgsProject.instance().mapLayers().values()] == [path]
    QgsProject.instance().clear()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "Nothing to write"),
        ({"POINTS": "p.gpkg", "COMPONENT": "los"}, "heading and incidence"),
        ({"MINTPY": "m", "HEADING": -12.0}, "belong together"),
        ({"MINTPY": "m", "HEADING": "up", "INCIDENCE": 38.0}, "give a number"),
        ({"NETCDF": "v.tif"}, "must end in .nc"),
    ],
)
def test_export_says_what_is_wrong(run, series, tmp_path, parameters, words):  # noqa: F811
    placed = {
        name: str(tmp_path / value) if name in ("POINTS", "MINTPY", "NETCDF") else value
        for name, value in parameters.items()
    }
    with pytest.raises(QgsProcessingException, match=words):
        run("deepot:exportseries", SERIES=series, **placed)


def test_offsets_are_imported(run, tmp_path):  # noqa: F811
    feedback = Listener()
    found = run(
        "deepot:importoffsets", feedback, FILES=[bip(tmp_path), bip(tmp_path, "20200113_20200125.bip")],
        OUTPUT=str(tmp_path / "pairs"), X_SPACING=2.5, Y_SPACING=14.0, **LOOK,
    )  # fmt: skip
    assert found["COUNT"] == 2
    assert [(ProductPair(path).second - ProductPair(path).first).days for path in found["PRODUCTS"]] == [12, 12]
    assert QgsRasterLayer(found["PRODUCTS"][0], "pair").isValid()
    assert any("band 1 was taken as azimuth" in line for line in feedback.said)


def test_a_nisar_product_needs_nothing_else(run, tmp_path):  # noqa: F811
    found = run("deepot:importoffsets", FILES=[goff(tmp_path / "a.h5")], OUTPUT="TEMPORARY_OUTPUT")
    assert found["COUNT"] == 1 and Path(found["PRODUCTS"][0]).exists()


def test_import_says_what_is_wrong(run, tmp_path):  # noqa: F811
    with pytest.raises(QgsProcessingException, match="heading, incidence angle and the pixel spacings"):
        run("deepot:importoffsets", FILES=[bip(tmp_path)], OUTPUT=str(tmp_path / "pairs"))
    with pytest.raises(QgsProcessingException, match="belong together"):
        run("deepot:importoffsets", FILES=[bip(tmp_path)], FIRST="2020-01-01T00:00:00", OUTPUT=str(tmp_path / "pairs"))


def test_imported_pairs_become_a_series(run, tmp_path):  # noqa: F811
    """From a stack of MintPy to a time series, all in Processing; one damaged product is left out."""
    stack = export_stack(ic.pairs(), StackExport(str(tmp_path / "ifgramStack.h5"), Look(-12.0, 38.0)))
    found = run("deepot:importoffsets", FILES=[stack], OUTPUT=str(tmp_path / "pairs"))
    assert found["COUNT"] == len(ic.NETWORK)
    (tmp_path / "pairs" / "20200101_20200206.tif").write_bytes(b"damaged")
    feedback = Listener()
    made = run(
        "deepot:invertpairs", feedback, FOLDER=str(tmp_path / "pairs"), STABLE="none", ROBUST="none",
        OUTPUT=str(tmp_path / "series"),
    )  # fmt: skip
    assert made["DATES_COUNT"] == len(ic.DAYS) and made["PAIRS_COUNT"] == len(ic.NETWORK) - 1
    assert any("Left out: 20200101_20200206.tif" in line for line in feedback.said)
    series = open_series(made["RECORD"])
    np.testing.assert_allclose(series.read(0, 0, ic.WIDTH, ic.HEIGHT)[:2], ic.displacement(), atol=1e-5)


def test_inverting_says_what_is_wrong(run, tmp_path):  # noqa: F811
    for given, words in (({}, "No pair is chosen"), ({"FOLDER": str(tmp_path)}, "holds no displacement product")):
        with pytest.raises(QgsProcessingException, match=words):
            run("deepot:invertpairs", OUTPUT=str(tmp_path / "series"), **given)
