"""From the files of a run to what the map shows of them; in the worker."""

from __future__ import annotations

from dataclasses import dataclass

from deepot_qgis.engine.report.lineage import lineage
from deepot_qgis.engine.styles.ranges import result_ranges
from deepot_qgis.processing.layers.arrows import write_arrows
from deepot_qgis.processing.layers.group import ResultFiles
from deepot_qgis.processing.layers.significance import write_significance


@dataclass(frozen=True)
class Written:
    """What a run wrote.

    Attributes
    ----------
    title
        Of the group of layers.
    product, unit
    offsets, velocity, velocity_unit
        None where there is none.
    """

    title: str
    product: str
    unit: str
    offsets: str | None
    velocity: str | None
    velocity_unit: str


def result_files(written: Written, arrows_path: str | None, show_offsets: bool) -> ResultFiles:
    """Prepare what the layers need, which may take a moment.

    Parameters
    ----------
    written
    arrows_path
        GeoPackage to write arrows to, None for none.
    show_offsets
        Whether the unfiltered offsets become layers.
    """
    significance = write_significance(written.product)
    return ResultFiles(
        title=written.title,
        product=written.product,
        unit=written.unit,
        offsets=written.offsets,
        velocity=written.velocity,
        velocity_unit=written.velocity_unit,
        arrows=write_arrows(written.product, arrows_path) if arrows_path else None,
        ranges=result_ranges(written.product, written.velocity, written.offsets, significance),
        significance=significance,
        show_offsets=show_offsets,
        lineage=lineage(written.product),
    )
