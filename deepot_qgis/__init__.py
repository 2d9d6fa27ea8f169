"""DeepOT: ground displacement from SAR amplitude images, inside QGIS."""
