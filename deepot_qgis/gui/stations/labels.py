"""What the parts of a station's table are called."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)


def role_title(role: str) -> str:
    """Return what a column holds, in words; empty for a column that is not used."""
    return {
        "": _tr("(not used)"),
        "time": _tr("Time"),
        "clock": _tr("Time of day"),
        "station": _tr("Station name"),
        "displacement": _tr("Displacement"),
        "sigma": _tr("Error of displacement"),
        "east": _tr("East"),
        "north": _tr("North"),
        "up": _tr("Up"),
        "sigma_east": _tr("Error east"),
        "sigma_north": _tr("Error north"),
        "sigma_up": _tr("Error up"),
        "x": _tr("x or longitude"),
        "y": _tr("y or latitude"),
        "bearing": _tr("Bearing"),
        "plunge": _tr("Plunge"),
    }[role]


def kind_title(kind: str) -> str:
    """Return what kind of instrument a station is."""
    return {"gnss": _tr("GNSS"), "extensometer": _tr("extensometer")}.get(kind, kind)
