"""What layers, bands and mask reasons are called on the map."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine.quality import REASON_NAMES, Reason


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


def layer_title(key: str, unit: str) -> str:
    """Return the title of a view's layer, with its unit.

    Without georeference (unit ``px``) there is no east or north: the components are right and up in the image.
    """
    pixels = unit == "px"
    titles = {
        "magnitude": _tr("Magnitude ({unit})"),
        "direction": _tr("Direction (° from up)") if pixels else _tr("Direction (° from north)"),
        "east": _tr("Right ({unit})") if pixels else _tr("East ({unit})"),
        "north": _tr("Up ({unit})") if pixels else _tr("North ({unit})"),
        "sigma": _tr("Uncertainty, 1 sigma ({unit})"),
        "correlation": _tr("Correlation after motion"),
        "mask": _tr("Mask: why masked"),
        "velocity": _tr("Velocity ({unit})"),
        "offset_x": _tr("Unfiltered offset dx (px)"),
        "offset_y": _tr("Unfiltered offset dy (px)"),
        "arrows": _tr("Arrows"),
        "arrow_legend": _tr("Legend arrow"),
        "downslope": _tr("Downslope, negative uphill ({unit})"),
        "along_surface": _tr("Downslope along the surface ({unit})"),
        "across": _tr("Across the slope, positive to the right ({unit})"),
        "slope": _tr("Slope (°)"),
        "aspect": _tr("Aspect (° from north)"),
        "significance": _tr("Grey where the motion is below 3 sigma"),
        "velocity_magnitude": _tr("Velocity ({unit}/yr)"),
        "velocity_direction": _tr("Direction (° from up)") if pixels else _tr("Direction (° from north)"),
        "velocity_east": _tr("Velocity right ({unit}/yr)") if pixels else _tr("Velocity east ({unit}/yr)"),
        "velocity_north": _tr("Velocity up ({unit}/yr)") if pixels else _tr("Velocity north ({unit}/yr)"),
        "velocity_sigma": _tr("Uncertainty of velocity, 1 sigma ({unit}/yr)"),
        "annual_east": _tr("Yearly wave right ({unit})") if pixels else _tr("Yearly wave east ({unit})"),
        "annual_north": _tr("Yearly wave up ({unit})") if pixels else _tr("Yearly wave north ({unit})"),
        "closure": _tr("Disagreement of the pairs ({unit})"),
        "pairs": _tr("Number of pairs used"),
        "series_dates": _tr("Displacement by date ({unit})"),
        "series_magnitude": _tr("Displacement ({unit})"),
    }
    return titles[key].format(unit=unit)


def masked_title() -> str:
    """Return what all masked ground is called together."""
    return _tr("masked")


def reason_title(reason: Reason) -> str:
    """Return a mask reason in words."""
    return _tr(REASON_NAMES[reason])
