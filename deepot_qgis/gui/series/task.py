"""Work of the series in the background: paths and texts only."""

from __future__ import annotations

import os
from dataclasses import dataclass

from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine import dates
from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.rasters import Grid, Raster
from deepot_qgis.engine.timeseries.acquisitions import SUFFIXES, Acquisition, check_grids, in_order
from deepot_qgis.engine.timeseries.run import SeriesOptions, SeriesResult, series
from deepot_qgis.gui.series.table import Image
from deepot_qgis.gui.task import DeepotTask
from deepot_qgis.processing.layers.series_files import SeriesFiles, series_files
from deepot_qgis.processing.spoken import words_of_user

_SERIES = 0.98  # share of the progress bar; the rest prepares the layers


@dataclass(frozen=True)
class Found:
    """Images that were looked at.

    Attributes
    ----------
    images
    problems
        A sentence for each file that is no image.
    """

    images: tuple[Image, ...]
    problems: tuple[str, ...]


class FindTask(DeepotTask):
    """Read the dates of files, and of the rasters in folders; succeeds with a Found."""

    def __init__(self, paths: tuple[str, ...]):
        super().__init__("DeepOT: look at images")
        self._paths = paths

    def work(self) -> Found:
        images, problems = [], []
        for path in self._files():
            try:
                moment = dates.of_raster(Raster(path))
            except DeepotError as error:
                moment = dates.find(os.path.basename(path))
                if moment is None:
                    problems.append(str(error))
                    continue
            images.append(Image(path, "" if moment is None else dates.text(moment)))
        return Found(tuple(images), tuple(problems))

    def _files(self) -> list[str]:
        found = []
        for path in self._paths:
            if os.path.isdir(path):
                names = sorted(os.listdir(path))
                found += [os.path.join(path, n) for n in names if n.lower().endswith(SUFFIXES) and n[0] != "."]
            else:
                found.append(path)
        return found


@dataclass(frozen=True)
class Checked:
    """Images that can make a series.

    Attributes
    ----------
    images
        In the order of their dates, without the damaged ones.
    damaged
        A sentence for each image that cannot be read.
    grid
    """

    images: tuple[Acquisition, ...]
    damaged: tuple[str, ...]
    grid: Grid


class CheckImagesTask(DeepotTask):
    """Compare the images before anything is measured; succeeds with a Checked."""

    def __init__(self, images: tuple[Acquisition, ...]):
        super().__init__("DeepOT: check images")
        self._images = images

    def work(self) -> Checked:
        readable, damaged = check_grids(in_order(self._images))
        return Checked(readable, damaged, Raster(readable[0].path, readable[0].band).grid)


class SeriesTask(DeepotTask):
    """Measure all pairs, invert them, prepare the layers; succeeds with (SeriesResult, SeriesFiles)."""

    def __init__(self, options: SeriesOptions):
        super().__init__("DeepOT: series")
        self._options = options

    def work(self) -> tuple[SeriesResult, SeriesFiles]:
        result = series(
            self._options, lambda f, text: self.tell(_SERIES * f, text), self.isCanceled, words=words_of_user()
        )
        self.tell(_SERIES, self.tr("Preparing layers"))
        return result, series_files(result.record)

    def stopped_text(self) -> str:
        return QCoreApplication.translate(
            "DeepOT",
            "Cancelled. The pairs measured so far are kept; the next run goes on from there.",
        )
