"""DeepOT: ground displacement from SAR amplitude images, inside QGIS.

Importing this package loads neither Qt nor QGIS: the engine's command line and library live under it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from deepot_qgis.gui.plugin import DeepotPlugin


def classFactory(iface: QgisInterface) -> DeepotPlugin:
    """Return the plugin; QGIS calls this when the plugin is enabled."""
    from deepot_qgis.gui.plugin import DeepotPlugin

    return DeepotPlugin(iface)
