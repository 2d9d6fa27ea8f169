"""``deepot:stations``: a map beside extensometers and GNSS."""

from __future__ import annotations

import os
import re
import shutil
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from deepot_qgis.engine.errors import InputError, OptionsError
from deepot_qgis.engine.files import whole_file
from deepot_qgis.engine.stations import CsvOptions, Placement, StationsOptions, StationsResult, compare
from deepot_qgis.engine.stations.options import NORTHS, SIZES
from deepot_qgis.engine.stations.reading import described
from deepot_qgis.engine.stations.station import LENGTHS
from deepot_qgis.engine.stations.summary import sentence, text
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.spoken import spoken, words_of_user

MAP, FILES, FOLDER, POSITIONS, POSITIONS_CRS = "MAP", "FILES", "FOLDER", "POSITIONS", "POSITIONS_CRS"
POSITION, BEARING, PLUNGE, NORTH = "POSITION", "BEARING", "PLUNGE", "NORTH"
SIZE, MAX_GAP, BREAKS, BASE, MAX_SIGMA_FACTOR = "SIZE", "MAX_GAP", "BREAKS", "BASE", "MAX_SIGMA_FACTOR"
UNIT, REVERSE, TIME_FORMAT, TIME_ZONE, TABLE_CRS = "UNIT", "REVERSE", "TIME_FORMAT", "TIME_ZONE", "TABLE_CRS"
OUTPUT, POINTS = "OUTPUT", "POINTS"
#: Parameters that name a column, and what it holds.
COLUMNS = {
    "TIME_COLUMN": "time",
    "STATION_COLUMN": "station",
    "DISPLACEMENT_COLUMN": "displacement",
    "SIGMA_COLUMN": "sigma",
    "EAST_COLUMN": "east",
    "NORTH_COLUMN": "north",
    "X_COLUMN": "x",
    "Y_COLUMN": "y",
}
#: Outputs that are numbers, by the metric they show.
_NUMBERS = {
    "N": "n",
    "BIAS": "bias",
    "MAE": "mae",
    "RMSE": "rmse",
    "R2": "r2",
    "R2_LINE": "r2_line",
    "SLOPE": "slope",
    "CORRELATION": "correlation",
    "WITHIN_1_SIGMA": "within_1_sigma",
    "WITHIN_2_SIGMA": "within_2_sigma",
}
_AUTO = "auto"
_UNITS = (_AUTO, *LENGTHS)


class StationsAlgorithm(EngineAlgorithm):
    """Compare a series, or one displacement product, with what instruments recorded."""

    HELP_PAGE = "stations"
    GROUP = "quality"

    def name(self) -> str:
        return "stations"

    def displayName(self) -> str:
        return tr("Compare with extensometers and GNSS")

    def tags(self) -> list[str]:
        return tr("extensometer,gnss,gps,station,validation,accuracy,rmse,bias,time series,landslide").split(",")

    def shortDescription(self) -> str:
        return tr("Bias, RMSE, R2 and slope of a displacement map against instruments on the ground.")

    def shortHelpString(self) -> str:
        return tr(
            "Puts a time series, or one displacement product, beside what extensometers and GNSS recorded. The record "
            "of each station is interpolated to the dates of the map, both are set to zero at the first common date, "
            "and the map is projected on the station's direction: d = (E sin b + N cos b) cos(plunge). A GNSS is "
            "compared along its own motion and in both components.\n\n"
            "Tables (CSV and alike) are recognised by themselves; what was taken is said, and each column, unit and "
            "time format can be given instead. Files of the PBO/UNAVCO format need nothing. Where no bearing is known, "
            "the map's own mean direction at the station is used, and the result says so.\n\n"
            "Results: a point for each station with n, bias, MAE, RMSE, R2 (about the 1:1 line), slope (least squares "
            "of the map on the station), correlation and the share of differences within 1 and 2 sigma; a plot of each "
            "station against time, a scatter plot, tables of all values, and a record. Sudden steps are reported, "
            "never removed: name them as breaks if the instrument moved and not the ground. A station that cannot be "
            "used does not stop the others."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self._add_inputs()
        self._add_places()
        self._add_comparing()
        self._add_table()
        folder = QgsProcessingParameterFolderDestination(OUTPUT, tr("Folder for tables and plots"))
        self.addParameter(p.explained(folder, tr("Gets tables, plots, the points and the record.")))
        points = QgsProcessingParameterVectorDestination(
            POINTS, tr("Stations with their agreement"), QgsProcessing.SourceType.TypeVectorPoint, optional=True
        )
        self.addParameter(p.explained(points, tr("A copy of the points, to be shown on the map.")))
        for name, metric in _NUMBERS.items():
            self.addOutput(QgsProcessingOutputNumber(name, _metric_title(metric)))
        self.addOutput(QgsProcessingOutputNumber("STATIONS", tr("Stations that were compared")))
        self.addOutput(QgsProcessingOutputString("SUMMARY", tr("Result in words")))
        for name, title in (
            ("TABLE", tr("Table of the stations (CSV)")),
            ("SAMPLES", tr("Table of all values (CSV)")),
            ("SCATTER", tr("Scatter plot")),
            ("RECORD", tr("Record of the comparison (JSON)")),
        ):
            self.addOutput(QgsProcessingOutputFile(name, title))

    def _add_inputs(self) -> None:
        map_ = QgsProcessingParameterFile(
            MAP,
            tr("Time series or displacement product"),
            fileFilter=tr("Time series (series.json);;Displacement product (*.tif);;All files (*)"),
        )
        text_ = tr("The series.json of a time series, or a displacement GeoTIFF of two dates.")
        self.addParameter(p.explained(map_, text_))
        files = QgsProcessingParameterMultipleLayers(
            FILES, tr("Files of stations"), QgsProcessing.SourceType.TypeFile, optional=True
        )
        self.addParameter(p.explained(files, tr("Tables (CSV, TXT) or GNSS files of the PBO format.")))
        folder = QgsProcessingParameterFile(
            FOLDER, tr("Folder of stations"), QgsProcessingParameterFile.Behavior.Folder, optional=True
        )
        self.addParameter(p.explained(folder, tr("Every table in it is read; instead of files, or besides.")))

    def _add_places(self) -> None:
        real = QgsProcessingParameterNumber.Type.Double
        positions = QgsProcessingParameterFile(POSITIONS, tr("File of positions"), optional=True)
        text_ = tr(
            "A table with station, x, y and perhaps bearing and plunge, or a layer of points. Not needed where the "
            "files hold the positions."
        )
        self.addParameter(p.explained(positions, text_))
        crs = QgsProcessingParameterCrs(POSITIONS_CRS, tr("CRS of a table of positions"), optional=True)
        self.addParameter(p.explained(crs, tr("Not needed for columns called longitude and latitude.")))
        point = QgsProcessingParameterPoint(POSITION, tr("Position of a single station"), optional=True)
        self.addParameter(p.explained(point, tr("Instead of a file of positions.")))
        bearing = QgsProcessingParameterNumber(BEARING, tr("Bearing (degrees)"), real, None, True, -360, 360)
        text_ = tr(
            "Direction in which the displacement counts as positive, clockwise from north, for stations whose files do "
            "not give it. Empty: the map's own mean direction there (extensometers), the station's own motion (GNSS)."
        )
        self.addParameter(p.explained(bearing, text_))
        plunge = QgsProcessingParameterNumber(PLUNGE, tr("Plunge (degrees)"), real, None, True, -89, 89)
        self.addParameter(p.explained(plunge, tr("How far an extensometer's line dips below the horizontal.")))
        north = QgsProcessingParameterEnum(
            NORTH, tr("North of the bearings"), list(NORTHS), defaultValue=NORTHS[0], usesStaticStrings=True
        )
        self.addParameter(p.advanced(north, tr("Grid north of the map, or true north.")))

    def _add_comparing(self) -> None:
        real = QgsProcessingParameterNumber.Type.Double
        size = QgsProcessingParameterEnum(
            SIZE, tr("Pixels across"), [str(size) for size in SIZES], defaultValue="3", usesStaticStrings=True
        )
        text_ = tr("Side of the square of pixels whose mean, weighted by 1/sigma², is compared.")
        self.addParameter(p.explained(size, text_))
        gap = QgsProcessingParameterNumber(
            MAX_GAP, tr("Longest gap to interpolate (days)"), real, StationsOptions.max_gap_days, minValue=0
        )
        self.addParameter(p.explained(gap, tr("Between values further apart a record is not interpolated.")))
        breaks = QgsProcessingParameterString(BREAKS, tr("Breaks"), optional=True)
        text_ = tr(
            "Dates at which a record starts anew, such as 'UPPER=2017-05-20; 2018-01-01' (without a name: for all)."
        )
        self.addParameter(p.explained(breaks, text_))
        base = QgsProcessingParameterString(BASE, tr("Base station"), optional=True)
        self.addParameter(p.advanced(base, tr("A GNSS on stable ground whose motion is taken from the others.")))
        factor = QgsProcessingParameterNumber(
            MAX_SIGMA_FACTOR,
            tr("Leave out values whose sigma is this many times the usual"),
            real,
            StationsOptions.max_sigma_factor,
            minValue=1,
        )
        self.addParameter(p.advanced(factor))

    def _add_table(self) -> None:
        unit = QgsProcessingParameterEnum(
            UNIT, tr("Unit of the displacement"), list(_UNITS), defaultValue=_AUTO, usesStaticStrings=True
        )
        self.addParameter(p.explained(unit, tr("'auto' takes what the header names, and metres where it names none.")))
        reverse = QgsProcessingParameterBoolean(REVERSE, tr("Turn the sign of the displacement"), False)
        self.addParameter(p.advanced(reverse))
        zone = QgsProcessingParameterString(TIME_ZONE, tr("Time zone"), "UTC")
        text_ = tr("Of times that state none: UTC, an offset such as -07:00, or a name such as America/Denver.")
        self.addParameter(p.explained(zone, text_))
        form = QgsProcessingParameterString(TIME_FORMAT, tr("Format of the times"), _AUTO)
        text_ = tr("'auto', 'iso', 'decimal_year', 'mjd', 'excel', or as %d.%m.%Y %H:%M.")
        self.addParameter(p.advanced(form, text_))
        titles = {
            "TIME_COLUMN": tr("Column of the time"),
            "STATION_COLUMN": tr("Column of the station"),
            "DISPLACEMENT_COLUMN": tr("Column of the displacement"),
            "SIGMA_COLUMN": tr("Column of sigma"),
            "EAST_COLUMN": tr("Column of east"),
            "NORTH_COLUMN": tr("Column of north"),
            "X_COLUMN": tr("Column of x or longitude"),
            "Y_COLUMN": tr("Column of y or latitude"),
        }
        for name in COLUMNS:
            column = QgsProcessingParameterString(name, titles[name], optional=True)
            self.addParameter(p.advanced(column, tr("Name or number of the column. Empty: recognised.")))
        crs = QgsProcessingParameterCrs(TABLE_CRS, tr("CRS of x and y in the tables"), optional=True)
        self.addParameter(p.advanced(crs))

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        files = self._files(parameters, context)
        positions = self.parameterAsFile(parameters, POSITIONS, context) or None
        self._points_path = p.read_optional(self, parameters, POINTS, context)
        self._options = StationsOptions(
            product=self.parameterAsFile(parameters, MAP, context),
            stations=files,
            output=self.parameterAsFileOutput(parameters, OUTPUT, context),
            csv=self._csv(parameters, context, files, positions),
            positions=positions,
            positions_crs=_crs_text(self, parameters, POSITIONS_CRS, context),
            placements=self._placements(parameters, context),
            size=int(self.parameterAsEnumString(parameters, SIZE, context)),
            max_gap_days=self.parameterAsDouble(parameters, MAX_GAP, context),
            breaks=parse_breaks(self.parameterAsString(parameters, BREAKS, context)),
            norths=self.parameterAsEnumString(parameters, NORTH, context),
            max_sigma_factor=self.parameterAsDouble(parameters, MAX_SIGMA_FACTOR, context),
            base=self.parameterAsString(parameters, BASE, context).strip() or None,
        )

    def _files(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[str, ...]:
        folder = self.parameterAsFile(parameters, FOLDER, context)
        files = self.parameterAsFileList(parameters, FILES, context) if parameters.get(FILES) else []
        found = tuple(path for path in (*files, folder) if path)
        if not found:
            raise InputError(tr("No file of stations is chosen: choose files, or a folder of them."))
        return found

    def _csv(
        self, parameters: dict[str, Any], context: QgsProcessingContext, files: tuple[str, ...], positions: str | None
    ) -> CsvOptions | None:
        given: dict[str, object] = {
            role: self.parameterAsString(parameters, name, context).strip() for name, role in COLUMNS.items()
        }
        unit = self.parameterAsEnumString(parameters, UNIT, context)
        given["unit"] = "" if unit == _AUTO else unit
        form = self.parameterAsString(parameters, TIME_FORMAT, context).strip()
        given["time_format"] = "" if form == _AUTO else form
        zone = self.parameterAsString(parameters, TIME_ZONE, context).strip()
        given["time_zone"] = "" if zone.upper() == "UTC" else zone
        given["crs"] = _crs_text(self, parameters, TABLE_CRS, context)
        given["sign"] = -1 if self.parameterAsBool(parameters, REVERSE, context) else None
        said = {name: value for name, value in given.items() if value}
        return described(files, said, [positions] if positions else [])

    def _placements(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[Placement, ...]:
        """Return what is given for all stations: a line, and the position of a single one."""
        known: dict[str, Any] = {}
        for name, key in ((BEARING, "bearing"), (PLUNGE, "plunge")):
            if parameters.get(name) not in (None, ""):
                known[key] = self.parameterAsDouble(parameters, name, context)
        if parameters.get(POSITION) not in (None, ""):
            crs = self.parameterAsPointCrs(parameters, POSITION, context)
            point = self.parameterAsPoint(parameters, POSITION, context)
            known |= {"x": point.x(), "y": point.y(), "crs": crs.authid() or crs.toWkt()}
        return (Placement("*", **known),) if known else ()

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        result = compare(self._options, progress_to(feedback), feedback.isCanceled, words_of_user())
        for line in text(result).splitlines():
            feedback.pushInfo(spoken(line))
        for problem in result.problems:
            feedback.reportError(spoken(problem.why))
        outputs = _outputs(result)
        if self._points_path:
            outputs[POINTS] = _copy_points(result, self._points_path)
        return outputs


def _copy_points(result: StationsResult, path: str) -> str:
    if os.path.exists(path) and os.path.samefile(result.points, path):
        return path
    with whole_file(path) as temporary:
        shutil.copyfile(result.points, temporary)
    return path


def parse_breaks(given: str) -> tuple[tuple[str, str], ...]:
    """Read breaks such as ``UPPER=2017-05-20; 2018-01-01``: station (``*`` for all) and date."""
    found = []
    for part in filter(None, (part.strip() for part in re.split(r"[;\n]", given))):
        name, equal, date = part.rpartition("=")
        if equal and not name.strip():
            raise OptionsError(tr("The break '{text}' names no station; write NAME=DATE.").format(text=part))
        found.append((name.strip() if equal else "*", date.strip()))
    return tuple(found)


def _crs_text(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], name: str, context: QgsProcessingContext
) -> str:
    if not parameters.get(name):
        return ""
    crs = algorithm.parameterAsCrs(parameters, name, context)
    return (crs.authid() or crs.toWkt()) if crs.isValid() else ""


def _metric_title(metric: str) -> str:
    return {
        "n": tr("Values compared"),
        "bias": tr("Bias, map minus station (metres)"),
        "mae": tr("Mean absolute difference (metres)"),
        "rmse": tr("Root mean square difference (metres)"),
        "r2": tr("R² about the 1:1 line"),
        "r2_line": tr("R² of the regression"),
        "slope": tr("Slope of map on station"),
        "correlation": tr("Correlation"),
        "within_1_sigma": tr("Share within 1 sigma (0..1)"),
        "within_2_sigma": tr("Share within 2 sigma (0..1)"),
    }[metric]


def _outputs(result: StationsResult) -> dict[str, Any]:
    """Return all outputs but the copy of the points; what could not be found out is left out."""
    found = {name: getattr(result.overall, metric) for name, metric in _NUMBERS.items()}
    found["STATIONS"] = len(result.comparisons)
    found["SUMMARY"] = "\n".join(
        [sentence(one.name, one.along.metrics) for one in result.comparisons]
        + [spoken(one.why) for one in result.problems]
    )
    scatter = [path for path in result.pictures if path.endswith("scatter.png")]
    found |= {"TABLE": result.table, "SAMPLES": result.samples, "RECORD": result.record, OUTPUT: result.folder}
    found["SCATTER"] = scatter[0] if scatter else None
    return {name: value for name, value in found.items() if value is not None}
