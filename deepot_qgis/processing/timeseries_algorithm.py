"""``deepot:timeseries``: many dated images to one history of displacement a pixel."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFolderDestination,
)

from deepot_qgis.engine.timeseries.run import SeriesOptions, SeriesResult, series
from deepot_qgis.processing import parameters as p
from deepot_qgis.processing import timeseries_parameters as tp
from deepot_qgis.processing.engine_algorithm import EngineAlgorithm
from deepot_qgis.processing.feedback import progress_to
from deepot_qgis.processing.layers.series import add_series_group
from deepot_qgis.processing.layers.series_files import series_files
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.spoken import spoken, words_of_user

OUTPUT, LOAD = "OUTPUT", "LOAD"
#: Outputs that are numbers, by what they are called in the statistics.
_NUMBERS = {
    "MEDIAN_SPEED": "speed",
    "P95_SPEED": "p95_speed",
    "VELOCITY_SIGMA": "velocity_sigma",
    "CLOSURE": "closure",
    "KNOWN": "known",
    "SPLIT_SHARE": "split",
}
#: Outputs that are files, by their part of the series.
_FILES = {
    "EAST": "east",
    "NORTH": "north",
    "SIGMA": "sigma",
    "VELOCITY": "velocity",
    "QUALITY": "quality",
    "SERIES_NETCDF": "netcdf",
}


class TimeSeriesAlgorithm(EngineAlgorithm):
    """Measure the pairs of a network and invert them to one history a pixel."""

    HELP_PAGE = "timeseries"
    GROUP = "displacement"

    def name(self) -> str:
        return "timeseries"

    def displayName(self) -> str:
        return tr("Displacement time series")

    def tags(self) -> list[str]:
        return tr("sar,radar,time series,velocity,sbas,network,inversion,landslide,glacier,monitoring").split(",")

    def shortDescription(self) -> str:
        return tr("Ground displacement at every date and mean velocity from a stack of SAR amplitude images.")

    def shortHelpString(self) -> str:
        return tr(
            "Pairs the dates of a stack of co-registered SAR amplitude images, measures the displacement of every "
            "pair, sets it to zero on stable ground, and inverts all pairs to the displacement at every date: weighted "
            "least squares with each pair's uncertainty, robust against wrong pairs.\n\n"
            "Dates are read from the metadata or the file names. Measured pairs are kept in the folder and taken again "
            "by the next run, also after a cancel; a damaged image costs only its own pairs and is named at the "
            "end.\n\n"
            "Results, in one folder: east, north and sigma with a band for each date (the first is zero), the mean "
            "velocity, quality (how much the pairs contradict each other, how many there are, into how many unlinked "
            "parts masked pixels split them), a NetCDF file, the network as a picture, and the record."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.add_sources()
        tp.add_inversion(self)
        folder = QgsProcessingParameterFolderDestination(OUTPUT, tr("Folder for the series"))
        self.addParameter(p.explained(folder, tr("Pairs that it holds already are taken again when they still fit.")))
        load = QgsProcessingParameterBoolean(LOAD, tr("Add the series to the map"), False)
        self.addParameter(p.explained(load, tr("Velocity, quality and the displacement at each date as one group.")))
        for name, title in (
            ("MEDIAN_SPEED", tr("Median speed (unit a year)")),
            ("P95_SPEED", tr("95th percentile of the speed (unit a year)")),
            ("VELOCITY_SIGMA", tr("Median sigma of the velocity (unit a year)")),
            ("CLOSURE", tr("Median closure residual")),
            ("KNOWN", tr("Share of pixels with a history (0..1)")),
            ("SPLIT_SHARE", tr("Share of pixels whose dates are not all linked (0..1)")),
            ("DATES_COUNT", tr("Dates")),
            ("PAIRS_COUNT", tr("Pairs that were used")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))
        for name, title in (
            ("RECORD", tr("Record of the series (JSON)")),
            ("EAST", tr("Displacement east")),
            ("NORTH", tr("Displacement north")),
            ("SIGMA", tr("Uncertainty")),
            ("VELOCITY", tr("Velocity")),
            ("QUALITY", tr("Quality")),
            ("SERIES_NETCDF", tr("NetCDF file")),
        ):
            self.addOutput(QgsProcessingOutputFile(name, title))
        self.addOutput(QgsProcessingOutputString("UNIT", tr("Unit of the displacement")))

    def add_sources(self) -> None:
        """Add what the pairs come from."""
        tp.add_images(self)
        tp.add_pairs(self)
        tp.add_measuring(self)

    def make(self, feedback: QgsProcessingFeedback) -> SeriesResult:
        """Make the series."""
        return series(self._options, progress_to(feedback), feedback.isCanceled, words=words_of_user())

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        images = tp.read_images(self, parameters, context)
        self._load = self.parameterAsBool(parameters, LOAD, context)
        self._options = SeriesOptions(
            images=images,
            output=self.parameterAsFileOutput(parameters, OUTPUT, context),
            **tp.read_options(self, parameters, context, images),
        )

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        result = self.make(feedback)
        self._files = series_files(result.record) if self._load else None
        self._report(result, feedback)
        return _outputs(result)

    def postProcessAlgorithm(
        self, context: QgsProcessingContext, feedback: QgsProcessingFeedback | None
    ) -> dict[str, Any]:
        """Add the layers; this runs in the main thread, where layers may be made."""
        files = getattr(self, "_files", None)
        project = context.project()
        if files is not None and project is not None:
            add_series_group(project, files)
        return {}

    def _report(self, result: SeriesResult, feedback: QgsProcessingFeedback) -> None:
        for message in result.messages:
            feedback.pushInfo(spoken(message))
        numbers = result.statistics
        if numbers["speed"] is not None:
            feedback.pushInfo(
                tr(
                    "Median speed {speed:.3g} {unit}/yr, 95 % below {p95:.3g} {unit}/yr, median sigma of the velocity "
                    "{sigma:.2g} {unit}/yr; {known:.0%} of the pixels have a history."
                ).format(
                    speed=numbers["speed"],
                    p95=numbers["p95_speed"],
                    sigma=numbers["velocity_sigma"],
                    known=numbers["known"],
                    unit=result.unit,
                )
            )


def _outputs(result: SeriesResult) -> dict[str, Any]:
    outputs: dict[str, Any] = {name: result.statistics[key] for name, key in _NUMBERS.items()}
    outputs.update({name: result.paths[part] for name, part in _FILES.items() if part in result.paths})
    outputs.update(
        {
            OUTPUT: result.folder,
            "RECORD": result.record,
            "UNIT": result.unit,
            "DATES_COUNT": len(result.dates),
            "PAIRS_COUNT": len(result.pairs),
        }
    )
    return outputs
