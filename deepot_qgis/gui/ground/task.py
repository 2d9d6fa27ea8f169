"""Refining in the background: looking at what survives, and writing it."""

from __future__ import annotations

import os
from dataclasses import dataclass

from deepot_qgis.engine.refine import RefineOptions, RefineResult, Survivors, preview, refine
from deepot_qgis.gui.results import Written, result_files
from deepot_qgis.gui.task import DeepotTask
from deepot_qgis.processing.layers.group import ResultFiles

_REFINED = 0.9  # share of the progress bar; the rest prepares the layers


@dataclass(frozen=True)
class RefineJob:
    """What to make of a product, and the title of the layers that show it."""

    options: RefineOptions
    title: str


class PreviewTask(DeepotTask):
    """Count what would survive; succeeds with `Survivors`."""

    def __init__(self, options: RefineOptions):
        super().__init__("DeepOT: preview")
        self._options = options

    def work(self) -> Survivors:
        return preview(self._options, self.isCanceled)


class RefineTask(DeepotTask):
    """Write a refined product; succeeds with (RefineResult, ResultFiles)."""

    def __init__(self, job: RefineJob):
        super().__init__("DeepOT: refine")
        self._job = job

    def work(self) -> tuple[RefineResult, ResultFiles]:
        result = refine(self._job.options, lambda share, text: self.tell(_REFINED * share, text), self.isCanceled)
        self.tell(_REFINED, self.tr("Preparing layers"))
        written = Written(self._job.title, result.product, result.unit, None, result.velocity, result.velocity_unit)
        return result, result_files(written, os.path.splitext(result.product)[0] + "_arrows.gpkg", show_offsets=False)
