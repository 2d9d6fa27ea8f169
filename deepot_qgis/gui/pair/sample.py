"""The sample pair that comes with the plugin."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsContrastEnhancement,
    QgsProject,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
)

from deepot_qgis.engine.dates import acquisition_date
from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.resources import folder
from deepot_qgis.processing.present import present

_CUT = 0.02  # speckle has a long tail: without a cut an amplitude image is black


def sample_files() -> tuple[Path, Path]:
    """Return reference and secondary of the sample, earlier one first.

    Raises
    ------
    InputError
        The sample is not there.
    """
    dated = sorted(
        (acquisition_date(str(path)) or "", path) for path in (folder("resources") / "sample").glob("sample_*.tif")
    )
    paths = [path for date, path in dated if date]
    if len(paths) < 2:
        raise InputError("The sample data is not part of this installation: install the plugin from its zip again.")
    return paths[0], paths[-1]


def load_sample(project: QgsProject) -> tuple[QgsRasterLayer, QgsRasterLayer]:
    """Add the sample pair to the project as a group below everything else, or return the layers already there."""
    files = sample_files()
    known = {Path(layer.source()): layer for layer in project.mapLayers().values()}
    if all(path in known for path in files):
        return known[files[0]], known[files[1]]
    group = present(present(project.layerTreeRoot()).addGroup("DeepOT sample"))
    layers = []
    for path in files:
        layer = QgsRasterLayer(str(path), path.stem)
        stretch_amplitude(layer)
        project.addMapLayer(layer, False)
        present(group.addLayer(layer)).setExpanded(False)
        layers.append(layer)
    return layers[0], layers[1]


def stretch_amplitude(layer: QgsRasterLayer) -> None:
    """Show an amplitude image in grey between its 2nd and 98th percentile."""
    renderer = layer.renderer()
    origin = renderer.minMaxOrigin() if renderer is not None else QgsRasterMinMaxOrigin()
    origin.setLimits(QgsRasterMinMaxOrigin.Limits.CumulativeCut)
    origin.setCumulativeCutLower(_CUT)
    origin.setCumulativeCutUpper(1.0 - _CUT)
    layer.setContrastEnhancement(
        QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
        QgsRasterMinMaxOrigin.Limits.CumulativeCut,
    )
