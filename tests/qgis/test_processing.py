"""The algorithms through Processing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingUtils,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from tests.engine import scenes


class Listener(QgsProcessingFeedback):
    """Keeps what it is told."""

    def __init__(self):
        super().__init__(False)
        self.said: list[str] = []
        self.shares: list[float] = []
        self.progressChanged.connect(self.shares.append)

    def pushInfo(self, info):
        self.said.append(info)

    def setProgressText(self, text):
        self.said.append(text)


@pytest.fixture
def run(provider):
    """Return a call that runs an algorithm and gives its results."""
    import processing

    def call(algorithm: str, feedback: QgsProcessingFeedback | None = None, **parameters):
        return processing.run(algorithm, parameters, feedback=feedback or Listener())

    return call


def test_provider_offers_its_algorithms(provider):
    assert provider.id() == "deepot"
    names = {algorithm.name() for algorithm in provider.algorithms()}
    assert names >= {"displacement", "correlation", "selftest", "align", "stations"}
    assert not provider.icon().isNull()
    for algorithm in provider.algorithms():
        assert algorithm.shortHelpString() and algorithm.shortDescription() and algorithm.tags()
        assert algorithm.displayName() and algorithm.group()


def test_the_two_methods_share_their_parameters(provider):
    def names(algorithm):
        return {p.name() for p in provider.algorithm(algorithm).parameterDefinitions()}

    common = {"REFERENCE", "SECONDARY", "REFERENCE_DATE", "SECONDARY_DATE", "EXTENT", "AREA", "RADIOMETRY"}
    common |= {"MIN_CORRELATION", "MAX_SIGMA", "TILE", "OUTPUT", "OFFSETS", "VELOCITY", "VELOCITY_UNIT", "ARROWS"}
    assert names("displacement") >= common | {"MODEL", "DEVICE"}
    assert names("correlation") >= common | {"WINDOWS", "SEARCH", "POSTING"}


def test_rare_knobs_are_advanced(provider):
    rare = {"RADIOMETRY", "MIN_CORRELATION", "MAX_SIGMA", "TILE", "CONTEXT", "REFERENCE_BAND", "SECONDARY_BAND"}
    rare.add("MODEL_FILE")
    flag = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    for parameter in provider.algorithm("displacement").parameterDefinitions():
        assert bool(parameter.flags() & flag) == (parameter.name() in rare)


def test_correlation_measures_the_motion(run, moving_pair, tmp_path):
    feedback = Listener()
    results = run(
        "deepot:correlation",
        feedback,
        REFERENCE=moving_pair[0],
        SECONDARY=moving_pair[1],
        VELOCITY_UNIT="m/day",
        OUTPUT=str(tmp_path / "product.tif"),
        OFFSETS=str(tmp_path / "offsets.tif"),
        VELOCITY=str(tmp_path / "velocity.tif"),
        ARROWS=str(tmp_path / "arrows.gpkg"),
    )
    bands = scenes.read(results["OUTPUT"])
    assert np.nanmedian(bands["east"]) == pytest.approx(20.0, abs=0.5)
    assert np.nanmedian(bands["north"]) == pytest.approx(-10.0, abs=0.5)
    assert results["MEDIAN_MAGNITUDE"] == pytest.approx(22.4, abs=0.5)
    assert results["UNIT"] == "m" and results["DEVICE"] == "cpu"
    speed = np.nanmedian(scenes.read(results["VELOCITY"])["magnitude"])
    assert speed == pytest.approx(22.36 / 12, abs=0.05)
    assert set(scenes.read(results["OFFSETS"])) == {"dx", "dy", "sigma"}
    arrows = QgsVectorLayer(results["ARROWS"], "arrows", "ogr")
    directions = [feature["direction"] for feature in arrows.getFeatures()]
    assert arrows.renderer().symbol().symbolLayer(0).layerType() == "VectorField"  # its style travels with it
    assert len(directions) > 100 and np.median(directions) == pytest.approx(116.6, abs=1.5)
    for name in ("product.qml", "product_east.qml", "product.json", "velocity.qml", "offsets.qml"):
        assert (tmp_path / name).exists(), name
    assert feedback.shares and max(feedback.shares) == pytest.approx(100)
    assert any("is read as amplitude" in text for text in feedback.said)
    assert any("12 days" in text for text in feedback.said)


def test_layers_and_outputs_by_default(run, moving_pair):
    layers = [QgsRasterLayer(path, "image") for path in moving_pair]
    results = run("deepot:correlation", REFERENCE=layers[0], SECONDARY=layers[1], OUTPUT="TEMPORARY_OUTPUT")
    assert Path(results["OUTPUT"]).exists()
    assert "OFFSETS" not in results and "VELOCITY" not in results and "ARROWS" not in results


def test_extent_and_polygons_limit_the_area(run, moving_pair, polygon_layer):
    pair = {"REFERENCE": moving_pair[0], "SECONDARY": moving_pair[1], "OUTPUT": "TEMPORARY_OUTPUT"}
    by_extent = run("deepot:correlation", EXTENT="500700,501500,4198500,4199300 [EPSG:32613]", **pair)
    assert scenes.read(by_extent["OUTPUT"])["east"].shape == (80, 80)
    by_polygon = run("deepot:correlation", AREA=polygon_layer, **pair)
    assert abs(scenes.read(by_polygon["OUTPUT"])["east"].shape[0] - 80) <= 2
    both = run("deepot:correlation", AREA=polygon_layer, EXTENT="500700,501100,4198500,4199300 [EPSG:32613]", **pair)
    assert abs(scenes.read(both["OUTPUT"])["east"].shape[1] - 40) <= 2


def test_dates_given_win(run, moving_pair):
    results = run(
        "deepot:correlation",
        REFERENCE=moving_pair[0],
        SECONDARY=moving_pair[1],
        REFERENCE_DATE="2023-09-06T00:00:00",
        VELOCITY_UNIT="m/day",
        VELOCITY="TEMPORARY_OUTPUT",
        OUTPUT="TEMPORARY_OUTPUT",
    )
    assert np.nanmedian(scenes.read(results["VELOCITY"])["magnitude"]) == pytest.approx(22.36 / 10, abs=0.06)


@pytest.mark.parametrize("parameter", ["MODEL", "MODEL_FILE"])
def test_network_through_processing(run, moving_pair, tmp_path, parameter):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    from tests.engine import networks

    network = networks.write(tmp_path / "constant.onnx", offset=(2.0, 1.0))
    results = run(
        "deepot:displacement",
        REFERENCE=moving_pair[0],
        SECONDARY=moving_pair[1],
        DEVICE="cpu",
        OUTPUT=str(tmp_path / "product.tif"),
        **{parameter: str(network)},
    )
    assert np.nanmedian(scenes.read(results["OUTPUT"])["east"]) == pytest.approx(20.0, abs=0.1)


def test_loaded_product_is_styled(run, moving_pair, provider, tmp_path):
    """As the toolbox does it: the layer is loaded, named and has a style for each band."""
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("deepot:correlation")
    output = str(tmp_path / "product.tif")
    context.addLayerToLoadOnCompletion(
        output, QgsProcessingContext.LayerDetails("Displacement", QgsProject.instance(), "OUTPUT")
    )
    parameters = {"REFERENCE": moving_pair[0], "SECONDARY": moving_pair[1], "OUTPUT": output}
    _, ok = algorithm.run(parameters, context, Listener())
    assert ok
    details = context.layerToLoadOnCompletionDetails(output)
    assert details.name == "2023-09-04 - 2023-09-16 Magnitude (m)"
    layer = QgsProcessingUtils.mapLayerFromString(output, context)
    details.postProcessor().postProcessLayer(layer, context, Listener())
    assert layer.renderer().type() == "singlebandpseudocolor" and layer.renderer().band() == 3
    assert layer.styleManager().currentStyle() == "Magnitude (m)"
    assert set(layer.styleManager().styles()) >= {"East (m)", "North (m)", "Mask: why masked"}


def test_align_makes_a_copy_on_the_grid(run, moving_pair, bad_rasters, tmp_path):
    results = run(
        "deepot:align", REFERENCE=moving_pair[0], SECONDARY=bad_rasters["shifted"], OUTPUT=str(tmp_path / "aligned.tif")
    )
    copy, reference = QgsRasterLayer(results["OUTPUT"], "copy"), QgsRasterLayer(moving_pair[0], "reference")
    assert copy.extent() == reference.extent() and copy.width() == reference.width()


def test_cancel_leaves_nothing(run, big_pair, tmp_path):
    feedback = Listener()
    feedback.progressChanged.connect(lambda share: share > 0.5 and feedback.cancel())
    run(
        "deepot:correlation",
        feedback,
        REFERENCE=big_pair[0],
        SECONDARY=big_pair[1],
        TILE=256,
        OUTPUT=str(tmp_path / "product.tif"),
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("reference", "secondary", "words"),
    [
        ("good", "shifted", "Make an aligned copy"),
        ("good", "other_crs", "EPSG:26913"),
        ("good", "empty", "holds no data"),
        ("good", "text", "is not a raster"),
        ("good", "missing", "missing"),
        ("good", "folder", "is not a raster"),
        ("good", "good", "same image"),
        ("tiny", "good", "1 x 1 pixels"),
        ("later", "good", "is later than the secondary"),
    ],
)
def test_bad_input_is_one_sentence(run, moving_pair, bad_rasters, tmp_path, reference, secondary, words):
    files = {**bad_rasters, "good": moving_pair[0], "later": moving_pair[1]}
    output = tmp_path / "out" / "product.tif"
    output.parent.mkdir()
    with pytest.raises(QgsProcessingException) as refusal:
        run("deepot:correlation", REFERENCE=files[reference], SECONDARY=files[secondary], OUTPUT=str(output))
    assert words in str(refusal.value) or "Could not load source layer" in str(refusal.value)
    assert list(output.parent.iterdir()) == []


def test_bad_options_are_one_sentence(run, moving_pair, tmp_path):
    pair = {"REFERENCE": moving_pair[0], "SECONDARY": moving_pair[1], "OUTPUT": str(tmp_path / "product.tif")}
    with pytest.raises(QgsProcessingException, match="no list of sizes"):
        run("deepot:correlation", WINDOWS="large", **pair)
    with pytest.raises(QgsProcessingException, match="There is no model 'nothing'"):
        run("deepot:displacement", MODEL="nothing", **pair)


def test_without_onnxruntime(run, moving_pair, tmp_path, without_onnxruntime):
    network = tmp_path / "network.onnx"
    network.write_bytes(b"never opened")
    with pytest.raises(QgsProcessingException, match="onnxruntime is not installed"):
        run(
            "deepot:displacement",
            REFERENCE=moving_pair[0],
            SECONDARY=moving_pair[1],
            MODEL=str(network),
            OUTPUT=str(tmp_path / "product.tif"),
        )


def test_areas_that_do_not_meet(run, moving_pair, polygon_layer):
    with pytest.raises(QgsProcessingException, match="do not overlap"):
        run(
            "deepot:correlation",
            REFERENCE=moving_pair[0],
            SECONDARY=moving_pair[1],
            AREA=polygon_layer,
            EXTENT="500000,500100,4199900,4200000 [EPSG:32613]",
            OUTPUT="TEMPORARY_OUTPUT",
        )


def test_nothing_measured_is_said_and_still_a_product(run, tmp_path):
    feedback = Listener()
    pair = [scenes.write(tmp_path / f"{seed}.tif", scenes.texture(100, 100, seed)) for seed in (1, 2)]
    results = run(
        "deepot:correlation",
        feedback,
        REFERENCE=pair[0],
        SECONDARY=pair[1],
        MIN_CORRELATION=1.0,
        OUTPUT=str(tmp_path / "product.tif"),
        ARROWS=str(tmp_path / "arrows.gpkg"),
    )
    assert any("No pixel passed the quality checks" in said for said in feedback.said)
    assert np.isnan(scenes.read(results["OUTPUT"])["east"]).all()
    assert results["GOOD_SHARE"] == 0


def test_the_context_of_tiles_reaches_the_record(run, moving_pair, tmp_path):
    results = run(
        "deepot:displacement",
        REFERENCE=moving_pair[0],
        SECONDARY=moving_pair[1],
        CONTEXT=200,
        DEVICE="cpu",
        OUTPUT=str(tmp_path / "product.tif"),
        OFFSETS=str(tmp_path / "offsets.tif"),
    )
    record = json.loads(Path(results["OUTPUT"]).with_suffix(".json").read_text(encoding="utf-8"))
    assert record["options"]["context_px"] == 200
