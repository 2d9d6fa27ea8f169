"""The science of DeepOT: displacement from two SAR amplitude images.

No Qt and no QGIS below this line. numpy, scipy and GDAL are enough; onnxruntime is imported only when a
network runs. ``python -m deepot_qgis.engine`` is the command line.
"""
