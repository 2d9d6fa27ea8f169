"""``deepot:exportseries``: a time series for MintPy, InSAR Explorer and readers of ITS_LIVE."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterVectorDestination,
)

from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.interchange.mintpy_export import MintpyOptions, export_mintpy
from deepot_qgis.engine.interchange.netcdf_export import NetcdfOptions, export_netcdf
from deepot_qgis.engine.interchange.points import PointsOptions, export_points
from deepot_qgis.engine.interchange.projection import COMPONENTS, FIXED
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.interchange_parameters import add_look, read_look
from deepot_qgis.processing.numbers import optional_number, read_number
from deepot_qgis.processing.parameters import advanced, explained, tr

SERIES, BEARING = "SERIES", "BEARING"
MINTPY, MINTPY_COMPONENTS = "MINTPY", "MINTPY_COMPONENTS"
POINTS, COMPONENT, EVERY, MAX_SIGMA, MIN_SPEED = "POINTS", "COMPONENT", "EVERY", "MAX_SIGMA", "MIN_SPEED"
NETCDF, COUNT = "NETCDF", "COUNT"


class ExportSeriesAlgorithm(EngineAlgorithm):
    """Write a series in other people's formats."""

    HELP_PAGE = "interchange"
    GROUP = "exchange"

    def name(self) -> str:
        return "exportseries"

    def displayName(self) -> str:
        return tr("Export a time series (MintPy, points, NetCDF)")

    def tags(self) -> list[str]:
        return tr("sar,export,mintpy,hdf5,insar explorer,points,netcdf,its_live,time series").split(",")

    def shortDescription(self) -> str:
        return tr("A time series as files of MintPy, as points with a field for each date, and as NetCDF of velocity.")

    def shortHelpString(self) -> str:
        return tr(
            "Writes a time series of this plugin in the forms that other programs read. Choose one or more:\n\n"
            "MintPy: timeseries_<component>.h5 and velocity_<component>.h5, in metres and metres a year, one file for "
            "each component, because MintPy knows one at a time. East and north need nothing else; line of sight "
            "(positive toward the satellite) and azimuth (positive along the flight) need heading and incidence angle, "
            "and show the horizontal motion only.\n\n"
            "Points: a layer with 'velocity' in mm/yr and a field DYYYYMMDD in mm for each date, as InSAR Explorer and "
            "viewers of persistent scatterers read it.\n\n"
            "NetCDF: the mean velocity as vx, vy, v and v_error in metres a year, in the form of ITS_LIVE."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        series = QgsProcessingParameterFile(SERIES, tr("Time series (series.json)"), extension="json")
        self.addParameter(explained(series, tr("The record in the folder of a time series.")))
        folder = QgsProcessingParameterFolderDestination(
            MINTPY, tr("Folder for MintPy"), optional=True, createByDefault=False
        )
        components = QgsProcessingParameterEnum(
            MINTPY_COMPONENTS,
            tr("Components for MintPy"),
            list(FIXED),
            allowMultiple=True,
            defaultValue=["east", "north"],
            usesStaticStrings=True,
        )
        self.addParameter(explained(folder, tr("Empty: no MintPy files.")))
        self.addParameter(components)
        self._add_points()
        netcdf = QgsProcessingParameterFileDestination(
            NETCDF, tr("Velocity as NetCDF"), tr("NetCDF (*.nc)"), optional=True, createByDefault=False
        )
        self.addParameter(explained(netcdf, tr("Empty: no NetCDF file.")))
        self.addParameter(
            advanced(
                optional_number(BEARING, tr("Bearing (degrees)")), tr("For the component 'bearing', from grid north.")
            )
        )
        add_look(self, tr("Needed for the components 'los' and 'azimuth'."))
        self.addOutput(QgsProcessingOutputNumber(COUNT, tr("Number of points")))

    def _add_points(self) -> None:
        layer = QgsProcessingParameterVectorDestination(
            POINTS, tr("Points"), QgsProcessing.SourceType.TypeVectorPoint, optional=True, createByDefault=False
        )
        component = QgsProcessingParameterEnum(
            COMPONENT, tr("Component of the points"), list(COMPONENTS), defaultValue="motion", usesStaticStrings=True
        )
        text = tr("'motion' is along each pixel's own mean direction, 'magnitude' the length of the displacement.")
        every = QgsProcessingParameterNumber(
            EVERY, tr("Take every n-th pixel"), QgsProcessingParameterNumber.Type.Integer, 1, minValue=1
        )
        self.addParameter(explained(layer, tr("A point at the centre of each pixel. Empty: no points.")))
        self.addParameter(explained(component, text))
        self.addParameter(advanced(every, tr("Fewer points; the pixels between are left out, not averaged.")))
        for name, title, help_ in (
            (
                MAX_SIGMA,
                tr("Largest sigma of the velocity (mm/yr)"),
                tr("Less certain pixels are left out. Empty: none."),
            ),
            (MIN_SPEED, tr("Least speed (mm/yr)"), tr("Slower pixels are left out. Empty: none.")),
        ):
            self.addParameter(advanced(optional_number(name, title, 0.0), help_))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        series = self.parameterAsFile(parameters, SERIES, context)
        look, bearing = read_look(self, parameters, context), read_number(parameters, BEARING)
        self._mintpy = self._points = self._netcdf = None
        if parameters.get(MINTPY):
            components = tuple(self.parameterAsEnumStrings(parameters, MINTPY_COMPONENTS, context))
            folder = self.parameterAsString(parameters, MINTPY, context)
            self._mintpy = MintpyOptions(series, folder, components, look, bearing)
        if parameters.get(POINTS):
            self._points = PointsOptions(
                series,
                self.parameterAsOutputLayer(parameters, POINTS, context),
                self.parameterAsEnumString(parameters, COMPONENT, context),
                look,
                bearing,
                self.parameterAsInt(parameters, EVERY, context),
                read_number(parameters, MAX_SIGMA),
                read_number(parameters, MIN_SPEED),
            )
        if parameters.get(NETCDF):
            self._netcdf = NetcdfOptions(series, self.parameterAsFileOutput(parameters, NETCDF, context))
        if not (self._mintpy or self._points or self._netcdf):
            raise OptionsError(tr("Nothing to write was chosen; give a folder for MintPy, points, or a NetCDF file."))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        progress, cancelled = progress_to(feedback), feedback.isCanceled
        outputs: dict[str, Any] = {}
        if self._mintpy:
            for path in export_mintpy(self._mintpy, progress, cancelled):
                feedback.pushInfo(path)
            outputs[MINTPY] = self._mintpy.folder
        if self._points:
            result = export_points(self._points, progress, cancelled)
            feedback.pushInfo(tr("{count} points: {path}").format(count=result.points, path=result.path))
            outputs |= {POINTS: result.path, COUNT: result.points}
        if self._netcdf:
            outputs[NETCDF] = export_netcdf(self._netcdf, progress, cancelled)
            feedback.pushInfo(outputs[NETCDF])
        return outputs
