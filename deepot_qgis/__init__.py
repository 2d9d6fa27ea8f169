"""DeepOT: ground displacement from SAR amplitude images, inside QGIS.

Importing this package loads neither Qt nor QGIS: the engine's command line and library live under it.
"""

from __future__ import annotations


def classFactory(iface):
    """Return the plugin; QGIS calls this when the plugin is enabled."""
    from deepot_qgis.gui.plugin import DeepotPlugin

    return DeepotPlugin(iface)
