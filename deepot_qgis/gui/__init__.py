"""What the user sees: the dock panel, its sections, the background tasks and the plugin that ties them to QGIS."""
