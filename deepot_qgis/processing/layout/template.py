"""The template of the page, opened as a layout, and layouts written as files. Main thread only."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis.core import QgsLayoutExporter, QgsPrintLayout, QgsProject, QgsReadWriteContext
from qgis.PyQt.QtXml import QDomDocument

from deepot_qgis.engine.errors import InputError, OptionsError, OutputError
from deepot_qgis.engine.files import whole_file
from deepot_qgis.engine.rasters import quietly
from deepot_qgis.engine.resources import folder

FOLDER = folder("resources") / "layouts"
TEMPLATE = FOLDER / "displacement.qpt"
DPI = 300
ENDINGS = (".pdf", ".png", ".svg")


def open_template(project: QgsProject, path: str | Path = TEMPLATE) -> QgsPrintLayout:
    """Return a layout made from a template; it belongs to the project but is not in its list yet.

    Raises
    ------
    InputError
        The template cannot be read.
    """
    document = QDomDocument()
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The template {os.path.basename(path)} cannot be read; choose another .qpt file.") from error
    parsed = document.setContent(text)
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    _, opened = layout.loadFromTemplate(document, QgsReadWriteContext()) if _ok(parsed) else ([], False)
    if not opened:
        raise InputError(f"{os.path.basename(path)} is no template of a QGIS layout; choose a .qpt file.")
    return layout


def require_ending(path: str) -> None:
    """Refuse a name that says nothing of the kind of file.

    Raises
    ------
    OptionsError
    """
    if not path.lower().endswith(ENDINGS):
        raise OptionsError(f"{os.path.basename(path)} must end in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}.")


def write_layout(layout: QgsPrintLayout, path: str, dpi: int = DPI) -> str:
    """Write a layout as PDF, PNG or SVG by the ending of the path; return the path.

    Raises
    ------
    DeepotError
        The ending is another, or the file cannot be written; nothing is left under its name then.
    """
    require_ending(path)
    exporter = QgsLayoutExporter(layout)
    with whole_file(path) as temporary:
        # QGIS goes by the ending, which a temporary name has not
        named = temporary + os.path.splitext(path)[1].lower()
        # GDAL is asked to add where the map is, which it cannot do for a picture, and would say so on the terminal
        done, _ = quietly(_exports(exporter, dpi)[os.path.splitext(path)[1].lower()], named)
        if done != QgsLayoutExporter.ExportResult.Success or not os.path.isfile(named):
            _remove(named)
            raise OutputError(f"{os.path.basename(path)} could not be written; choose another folder.")
        os.replace(named, temporary)
    return path


def _exports(exporter: QgsLayoutExporter, dpi: int) -> dict[str, Callable[[str], QgsLayoutExporter.ExportResult]]:
    pdf, image = QgsLayoutExporter.PdfExportSettings(), QgsLayoutExporter.ImageExportSettings()
    svg = QgsLayoutExporter.SvgExportSettings()
    pdf.dpi = image.dpi = svg.dpi = dpi
    image.generateWorldFile = False
    return {
        ".pdf": lambda path: exporter.exportToPdf(path, pdf),
        ".png": lambda path: exporter.exportToImage(path, image),
        ".svg": lambda path: exporter.exportToSvg(path, svg),
    }


def _ok(parsed: Any) -> bool:
    """Say whether a document was parsed; the answer is a tuple in Qt 5, and its own class in Qt 6."""
    return bool(parsed[0] if isinstance(parsed, tuple) else parsed)


def _remove(path: str) -> None:
    if os.path.exists(path):
        os.remove(path)
