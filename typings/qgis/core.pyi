# What qgis-stubs lacks: the exceptions, the version, and the names that enumerations had before QGIS 3.30 to 3.36.
# QGIS keeps those names to this day, and the oldest QGIS that the plugin runs on (3.22) has no others.
from typing import ClassVar

from qgis import _core

class QgsException(Exception): ...
class QgsCsException(QgsException): ...
class QgsProcessingException(QgsException): ...

QgsBox3d = _core.QgsBox3D  # its name until QGIS 3.34

class Qgis(_core.Qgis):
    QGIS_VERSION: ClassVar[str]

class QgsProcessing(_core.QgsProcessing):
    class SourceType:
        TypeMapLayer: ClassVar[_core.Qgis.ProcessingSourceType]
        TypeVectorPoint: ClassVar[_core.Qgis.ProcessingSourceType]
        TypeVectorPolygon: ClassVar[_core.Qgis.ProcessingSourceType]
        TypeRaster: ClassVar[_core.Qgis.ProcessingSourceType]
        TypeFile: ClassVar[_core.Qgis.ProcessingSourceType]

class QgsWkbTypes(_core.QgsWkbTypes):
    class GeometryType:
        PointGeometry: ClassVar[_core.Qgis.GeometryType]
        LineGeometry: ClassVar[_core.Qgis.GeometryType]
        PolygonGeometry: ClassVar[_core.Qgis.GeometryType]

class QgsUnitTypes(_core.QgsUnitTypes):
    class DistanceUnit:
        DistanceMeters: ClassVar[_core.Qgis.DistanceUnit]
        DistanceKilometers: ClassVar[_core.Qgis.DistanceUnit]

    class RenderUnit:
        RenderMapUnits: ClassVar[_core.Qgis.RenderUnit]

    class TemporalUnit:
        TemporalIrregularStep: ClassVar[_core.Qgis.TemporalUnit]

class QgsSymbolLayer(_core.QgsSymbolLayer):
    class Property:
        PropertyArrowWidth: ClassVar[_core.QgsSymbolLayer.Property]
        PropertyArrowStartWidth: ClassVar[_core.QgsSymbolLayer.Property]
        PropertyArrowHeadLength: ClassVar[_core.QgsSymbolLayer.Property]
        PropertyArrowHeadThickness: ClassVar[_core.QgsSymbolLayer.Property]

class QgsColorRampShader(_core.QgsColorRampShader):
    class Type:
        Interpolated: ClassVar[_core.Qgis.ShaderInterpolationMethod]

from qgis._core import *  # last: of two names the first one counts
