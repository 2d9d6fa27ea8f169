"""The tab "Pair": its sections, and what happens between them."""

from __future__ import annotations

import os
from dataclasses import replace

from qgis.core import Qgis, QgsProcessingUtils, QgsProject
from qgis.PyQt.QtCore import QTimer, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QPushButton, QWidget

from deepot_qgis.engine.errors import DeepotError, GridMismatchError, InputError, RuntimeMissingError
from deepot_qgis.engine.measure import MeasureOptions, MeasureResult
from deepot_qgis.engine.pair import PairOptions, PairReport
from deepot_qgis.engine.selftest import SelfTestOptions
from deepot_qgis.engine.selftest.result import SelfTestResult
from deepot_qgis.gui.desk import Desk
from deepot_qgis.gui.navigation import zoom_to_layer
from deepot_qgis.gui.pair.export import REPORT, Export, ExportTask, beside
from deepot_qgis.gui.pair.images import ImagesSection
from deepot_qgis.gui.pair.last_run import LastRunSection
from deepot_qgis.gui.pair.measurable import Measurable
from deepot_qgis.gui.pair.products import ProductsSection
from deepot_qgis.gui.pair.sample import load_sample
from deepot_qgis.gui.pair.selftest import SelfTestSection
from deepot_qgis.gui.runner import Runner
from deepot_qgis.gui.sections.advanced import AdvancedSection
from deepot_qgis.gui.sections.area import AreaSection
from deepot_qgis.gui.sections.method import CORRELATION, MethodSection
from deepot_qgis.gui.sections.rows import align_labels, hint
from deepot_qgis.gui.tab import Tab
from deepot_qgis.gui.task import AlignTask, CheckTask, Inventory, MeasureJob, MeasureTask, SelfTestTask
from deepot_qgis.processing.layers.group import ResultFiles, add_result_group

_SETTLE_MS = 300  # the preflight waits until the user has stopped changing things


class PairTab(Tab):
    """Two images in, displacement on the map."""

    HELP_PAGE = "pair"

    def __init__(self, desk: Desk, parent: QWidget | None = None):
        super().__init__(desk, parent)
        self.images, self.area = ImagesSection(), AreaSection(desk.canvas)
        self.method, self.products = MethodSection(), ProductsSection()
        self.selftest, self.advanced, self.last_run = SelfTestSection(), AdvancedSection(), LastRunSection()
        self.sample = QPushButton(self.tr("Load sample data"))
        self.sample.setToolTip(
            self.tr("Add a pair of radar images with a known landslide to the project and choose it")
        )
        self._checker = Runner(self)
        self.measurable = Measurable(self)
        self._check_again = False
        self._recognised: tuple[str, ...] = ()
        self._fit: tuple[str, ...] = ()
        self._checking: PairOptions | None = None
        self._tested: SelfTestOptions | None = None
        self._result_layer = ""
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._lay_out()
        self._connect()

    # ---- construction

    def _lay_out(self) -> None:
        self.column.addWidget(hint(self.tr("How far and which way did the ground move between two SAR images?")))
        self.column.addWidget(self.sample)
        inputs = (self.images, self.area, self.method, self.products)
        for section in (*inputs, self.selftest, self.advanced, self.last_run):
            self.column.addWidget(section)
        self.column.addStretch(1)
        align_labels(inputs)

    def _connect(self) -> None:
        self.sample.clicked.connect(self.load_sample)
        self.images.changed.connect(self._settle.start)
        self.images.refused.connect(self.show_error)
        self.advanced.input_changed.connect(self._settle.start)
        self._settle.timeout.connect(self._check)
        self._checker.idle.connect(self._checked)
        self.desk.busy_changed.connect(self._busy_changed)
        self.selftest.test.clicked.connect(self.test)
        self.measurable.said.connect(self._show_measurable)
        self.last_run.zoom.clicked.connect(self._zoom_to_result)
        self.last_run.report.clicked.connect(lambda: self.export(REPORT, beside(self.last_run.product, REPORT)))
        self.last_run.export.chosen.connect(self.export)

    def set_inventory(self, inventory: Inventory) -> None:
        """Take in what is known of models and devices."""
        self.method.set_inventory(inventory)

    def run_tip(self) -> str:
        return self.tr("Measure the displacement between the two images; QGIS stays usable meanwhile")

    # ---- what the user does

    def load_sample(self) -> None:
        """Add the sample pair and choose it."""
        try:
            layers = load_sample(QgsProject.instance())
        except DeepotError as error:
            self.show_error(error)
            return
        for picker, layer in zip((self.images.reference, self.images.secondary), layers):
            picker.layers.setLayer(layer)
        zoom_to_layer(self.desk.canvas, layers[0])

    def run(self) -> None:
        """Measure with what is chosen."""
        self.desk.launch(lambda: MeasureTask(self.job()), self._show_result, self.show_error)

    def test(self) -> None:
        """Find out what motion can be measured in the two chosen images."""

        def make() -> SelfTestTask:
            self._tested = self.test_options()
            return SelfTestTask(self._tested)

        self.desk.launch(make, self._show_tested, self.show_error)

    def test_options(self) -> SelfTestOptions:
        """Return what a click on the self-test's button would do.

        Raises
        ------
        DeepotError
            Something is missing or cannot be.
        """
        pair = self._pair_options(area=True)
        knobs = self.advanced.options()
        return SelfTestOptions(
            **vars(pair),
            output=self.products.report_path(pair.reference, pair.reference_date, pair.secondary_date),
            correlation=knobs["correlation"],
            quality=knobs["quality"],
            **self.method.options(),
        )

    def _busy_changed(self, busy: bool) -> None:
        self.selftest.test.setEnabled(not busy)
        if not busy:
            self._ask_measurable()

    def job(self) -> MeasureJob:
        """Return what a click on Run would do.

        Raises
        ------
        DeepotError
            Something is missing or cannot be.
        """
        pair = self._pair_options(area=True)
        path = self.products.product_path(pair.reference, pair.reference_date, pair.secondary_date)
        stem = os.path.splitext(path)[0]
        options = MeasureOptions(
            **vars(pair),
            output=path,
            velocity=f"{stem}_velocity.tif" if self.products.velocity.isChecked() else None,
            velocity_unit=self.products.unit.currentData(),
            **self.method.options(),
            **self.advanced.options(),
        )
        arrows = f"{stem}_arrows.gpkg" if self.products.arrows.isChecked() else None
        return MeasureJob(options, arrows, self.products.offsets.isChecked())

    def shut_down(self) -> None:
        self._settle.stop()
        self._fit = ()  # nothing more is asked for once the cancelled work has ended
        self._checker.cancel()
        self.measurable.stop()

    # ---- preflight

    def _pair_options(self, area: bool) -> PairOptions:
        images = self.images
        for picker, name in ((images.reference, self.tr("reference")), (images.secondary, self.tr("secondary"))):
            if picker.layer() is None:
                raise InputError(
                    self.tr("Choose the {name} image first, or click 'Load sample data' to try it out.").format(
                        name=name
                    )
                )
        return PairOptions(
            reference=images.reference.path(),
            secondary=images.secondary.path(),
            reference_date=images.reference.date.iso(),
            secondary_date=images.secondary.date.iso(),
            area=self.area.area_text(images.reference.layer().crs()) if area else None,
            **self.advanced.input_options(),
        )

    def _check(self) -> None:
        self.images.preflight.clear()
        self._fit = ()
        self.measurable.forget()
        if not self.images.complete():
            self.selftest.forget()
            return
        if self._checker.busy():
            self._check_again = True
            return
        try:
            options = self._pair_options(area=False)
        except DeepotError as error:
            self._show_unfit(error)
            return
        task = CheckTask(options)
        self._checking = options
        task.succeeded.connect(self._show_fit)
        task.failed.connect(self._show_unfit)
        self._checker.start(task)

    def _checked(self) -> None:
        if self._check_again:
            self._check_again = False
            self._check()

    def _show_fit(self, report: PairReport) -> None:
        options, grid = self._checking, report.grid
        size = self.tr("✓ One grid of {width} × {height} pixels.").format(width=grid.width, height=grid.height)
        self._recognised = report.messages
        self._fit = (size, *report.messages)
        self.images.report(self._fit)
        if self._tested is None or options != replace(self._tested.pair, area=None):
            self.selftest.forget()
        self._ask_measurable()

    def _ask_measurable(self) -> None:
        """Estimate what can be measured; while something runs it has the machine to itself."""
        if self._fit and not self.desk.runner.busy():
            self.measurable.ask(self._checking)

    def _show_measurable(self, sentence: str) -> None:
        self.images.report((*self._fit, sentence))

    def _show_unfit(self, error: DeepotError) -> None:
        self.selftest.forget()
        self.images.preflight.say(str(error), Qgis.MessageLevel.Warning, *self._way_out(error))

    # ---- ends of a run

    def show_error(self, error: DeepotError) -> None:
        self.desk.show_error(error, *self._way_out(error))

    def _way_out(self, error: DeepotError) -> tuple:
        if isinstance(error, GridMismatchError):
            return self.tr("Make an aligned copy"), self.align
        if isinstance(error, RuntimeMissingError):
            return self.tr("Use the conventional method"), self._go_conventional
        if isinstance(error, InputError) and self.images.reversed():
            return self.tr("Swap the images"), self._swap
        return ()

    def _show_result(self, value: tuple[MeasureResult, ResultFiles]) -> None:
        result, files = value
        group = add_result_group(QgsProject.instance(), files)
        self._result_layer = group.findLayers()[-1].layerId()
        self.last_run.show_result(files.title, result, self._recognised)
        good = result.statistics["good"]
        self.desk.say(
            self.tr("Done: added as '{title}'. {good:.0f} % of the image was measured well.").format(
                title=files.title, good=100 * good
            ),
            Qgis.MessageLevel.Success if good >= 0.5 else Qgis.MessageLevel.Warning,
        )
        self.reveal(self.last_run)

    def _show_tested(self, result: SelfTestResult) -> None:
        headline = self.measurable.tested_text(result)
        self.selftest.show_result(result, headline, self._recognised)
        self.measurable.learn(self._tested.pair, result)
        self.desk.say(self.tr("The self-test is done."), Qgis.MessageLevel.Success)
        self.reveal(self.selftest)

    def _zoom_to_result(self) -> None:
        layer = QgsProject.instance().mapLayer(self._result_layer)
        if layer is not None:
            zoom_to_layer(self.desk.canvas, layer)

    # ---- other forms

    def export(self, kind: str, path: str) -> None:
        """Write the result of the last run in another form."""
        product = self.last_run.product
        self.desk.launch(lambda: ExportTask(Export(kind, product, path)), self._exported, self.show_error)

    def _exported(self, export: Export) -> None:
        self.desk.say(
            self.tr("Written: {path}").format(path=export.path),
            Qgis.MessageLevel.Success,
            self.tr("Open"),
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(export.path)),
        )
        if export.kind == REPORT:
            QDesktopServices.openUrl(QUrl.fromLocalFile(export.path))

    # ---- ways out

    def align(self) -> None:
        """Make a copy of the secondary on the reference's grid and choose it."""
        self.desk.launch(self._align_task, self._use_aligned, self.show_error)

    def _align_task(self) -> AlignTask:
        reference, secondary = self.images.reference.path(), self.images.secondary.path()
        folder = self.products.folder.filePath().strip() or QgsProcessingUtils.tempFolder()
        target = _free_copy(folder, secondary)
        return AlignTask(secondary, reference, target, self.advanced.input_options()["secondary_band"])

    def _use_aligned(self, path: str) -> None:
        date = self.images.secondary.date.iso()
        self.images.secondary.choose_file(path)
        if self.images.secondary.date.iso() is None:
            self.images.secondary.date.set_iso(date)
        self.advanced.secondary_band.setValue(1)
        self.desk.say(
            self.tr("The aligned copy is now the secondary image: {path}").format(path=path), Qgis.MessageLevel.Success
        )

    def _go_conventional(self) -> None:
        self.desk.run_bar.notice.clear()
        self.method.method.setCurrentIndex(self.method.method.findData(CORRELATION))

    def _swap(self) -> None:
        self.desk.run_bar.notice.clear()
        self.images.exchange()


def _free_copy(folder: str, source: str) -> str:
    stem = os.path.join(folder, os.path.splitext(os.path.basename(source))[0] + "_aligned")
    path, number = f"{stem}.tif", 2
    while os.path.exists(path):
        path, number = f"{stem}_{number}.tif", number + 1
    return path
