"""How results look as QGIS layers: ramps, ranges, styles, arrows and the group they are added in.

Shared by the panel and by Processing, hence below the gui.
"""
