"""The tab "Pair": its sections, and what happens between them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from qgis.core import Qgis
from qgis.PyQt.QtCore import QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QWidget

from deepot_qgis.engine import recipe as recipes
from deepot_qgis.engine.errors import DeepotError, InputError, RuntimeMissingError
from deepot_qgis.engine.measure import MeasureResult
from deepot_qgis.engine.pair import PairOptions
from deepot_qgis.engine.refine import RefineResult
from deepot_qgis.engine.selftest import SelfTestOptions
from deepot_qgis.engine.selftest.result import SelfTestResult
from deepot_qgis.gui.desk import Desk
from deepot_qgis.gui.ground.section import RefineSection
from deepot_qgis.gui.ground.task import RefineTask
from deepot_qgis.gui.navigation import zoom_to_layer
from deepot_qgis.gui.pair.export import LAYOUT, REPORT, Export, beside, export_task
from deepot_qgis.gui.pair.images import ImagesSection
from deepot_qgis.gui.pair.last_run import LastRunSection
from deepot_qgis.gui.pair.preflight import PreflightWatch
from deepot_qgis.gui.pair.products import ProductsSection
from deepot_qgis.gui.pair.recipe import PairSettings, RecipeButton
from deepot_qgis.gui.pair.sample import load_sample
from deepot_qgis.gui.pair.selftest import SelfTestSection
from deepot_qgis.gui.pair.ways_out import WaysOut
from deepot_qgis.gui.sections.advanced import AdvancedSection
from deepot_qgis.gui.sections.area import AreaSection
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.method import MethodSection
from deepot_qgis.gui.sections.rows import evenly
from deepot_qgis.gui.tab import Section, Tab
from deepot_qgis.gui.task import Inventory, MeasureJob, MeasureTask, SelfTestTask
from deepot_qgis.processing.layers.group import ResultFiles, add_result_group
from deepot_qgis.processing.present import current_project, present


class PairTab(Tab):
    """Two images in, displacement on the map."""

    HELP_PAGE = "pair"

    def __init__(self, desk: Desk, parent: QWidget | None = None):
        super().__init__(desk, parent)
        self.images, self.area = ImagesSection(), AreaSection(desk.canvas)
        self.method, self.products = MethodSection(), ProductsSection()
        self.selftest, self.advanced = SelfTestSection(), AdvancedSection()
        self.last_run = LastRunSection(desk.map_tools.actions())
        self.refining = RefineSection(desk.canvas)
        self.sample = Button(self.tr("Load sample data"))
        self.sample.setToolTip(
            self.tr("Add a pair of radar images with a known landslide to the project and choose it")
        )
        self.recipe = RecipeButton()
        self.settings = PairSettings(self.images, self.area, self.method, self.products, self.advanced)
        self.ways = WaysOut(desk, self.images, self.products, self.advanced, self)
        self.watch = PreflightWatch(
            self.images.preflight, self._chosen, lambda: not desk.runner.busy(), self.ways.calls(), self
        )
        self.ways.shift = self.watch.whole_shift
        self._tested: SelfTestOptions | None = None
        self._result_layer = ""
        question = self.tr("How far and which way did the ground move between two SAR images?")
        self.fill(question, self.sections(), evenly(self.sample, self.recipe))
        self._connect()

    # ---- construction

    def sections(self) -> tuple[Section, ...]:
        """Return what the tab shows from top to bottom, in the order in which courses teach the work.

        A new part is put in here, at its place in that order; steps number themselves. Nothing else knows the order.
        """
        return (
            # read
            Section(self.images),
            Section(self.area),
            # correlate
            Section(self.method),
            Section(self.advanced, step=False),
            # mask, reference
            Section(self.refining),
            # compare
            Section(self.selftest),
            # results
            Section(self.products),
            Section(self.last_run, step=False),
        )

    def _connect(self) -> None:
        self.sample.clicked.connect(self.load_sample)
        self.recipe.save_to.connect(self.save_recipe)
        self.recipe.load_from.connect(self.load_recipe)
        self.images.changed.connect(self.watch.look)
        self.images.refused.connect(self.show_error)
        self.advanced.input_changed.connect(self.watch.look)
        self.watch.left.connect(self.selftest.forget)
        self.desk.busy_changed.connect(self._busy_changed)
        self.selftest.test.clicked.connect(self.test)
        self.refining.apply.clicked.connect(self.refine)
        self.refining.refused.connect(self.show_error)
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
            layers = load_sample(current_project())
        except DeepotError as error:
            self.show_error(error)
            return
        for picker, layer in zip((self.images.reference, self.images.secondary), layers):
            picker.layers.setLayer(layer)
        zoom_to_layer(self.desk.canvas, layers[0])

    def save_recipe(self, path: str) -> None:
        """Write images and settings as a recipe."""
        try:
            recipes.write(path, self.settings.recipe())
        except DeepotError as error:
            self.show_error(error)
            return
        self.desk.say(self.tr("Written: {path}").format(path=path), Qgis.MessageLevel.Success)

    def load_recipe(self, path: str) -> None:
        """Take images and settings from a recipe."""
        name = os.path.basename(path)
        self.desk.run_bar.notice.clear()
        try:
            self.settings.take(recipes.read(path), os.path.splitext(name)[0])
        except DeepotError as error:
            self.show_error(error)
            return
        if not self.desk.run_bar.notice.text():  # an image of the recipe may have been refused
            self.desk.say(self.tr("The settings are those of {name}.").format(name=name), Qgis.MessageLevel.Success)

    def run(self) -> None:
        """Measure with what is chosen."""
        self.desk.launch(lambda: MeasureTask(self.job()), self._show_result, self.show_error)

    def refine(self) -> None:
        """Mask and reference a finished product with what is chosen."""
        self.desk.launch(lambda: RefineTask(self.refining.job()), self._show_refined, self.show_error)

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
        self.refining.set_busy(busy)
        if not busy:
            self.watch.go_on()

    def job(self) -> MeasureJob:
        """Return what a click on Run would do.

        Raises
        ------
        DeepotError
            Something is missing or cannot be.
        """
        pair = self._pair_options(area=False)  # says what is missing
        path = self.products.product_path(pair.reference, pair.reference_date, pair.secondary_date)
        recipe = self.settings.recipe()
        arrows = f"{os.path.splitext(path)[0]}_arrows.gpkg" if recipe.arrows else None
        return MeasureJob(recipe.options(path), arrows, recipe.offsets)

    def known(self) -> dict[str, Any]:
        images = self.images
        known: dict[str, Any] = {"PRODUCT": self.last_run.product, "MAP": self.last_run.product}
        for name, picker in (("REFERENCE", images.reference), ("SECONDARY", images.secondary)):
            layer = picker.layer()
            if layer is not None:
                known[name] = layer.id()
                known[f"{name}_DATE"] = None if picker.date.isNull() else picker.date.dateTime()
        return known

    def shut_down(self) -> None:
        self.watch.stop()
        self.refining.shut_down()

    def _chosen(self) -> PairOptions | None:
        return self._pair_options(area=False) if self.images.complete() else None

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
            area=self.area.area_text(present(images.reference.layer()).crs()) if area else None,
            **self.advanced.input_options(),
        )

    # ---- ends of a run

    def show_error(self, error: DeepotError) -> None:
        self.desk.show_error(error, *self._way_out(error))

    def _way_out(self, error: DeepotError) -> tuple[str | Callable[[], object], ...]:
        if isinstance(error, RuntimeMissingError):
            return self.ways_to_measure(self.method)
        return self.ways.out_of(error)

    def _show_result(self, value: tuple[MeasureResult, ResultFiles]) -> None:
        result, files = value
        group = add_result_group(current_project(), files)
        self._result_layer = group.findLayers()[-1].layerId()
        self.last_run.show_result(files.title, result, self.watch.messages())
        good = result.statistics["good"]
        self.desk.say(
            self.tr("Done: added as '{title}'. {good:.0f} % of the image was measured well.").format(
                title=files.title, good=100 * good
            ),
            Qgis.MessageLevel.Success if good >= 0.5 else Qgis.MessageLevel.Warning,
        )
        self.reveal(self.last_run)

    def _show_refined(self, value: tuple[RefineResult, ResultFiles]) -> None:
        result, files = value
        group = add_result_group(current_project(), files)
        self._result_layer = group.findLayers()[-1].layerId()
        self.last_run.show_refined(files.title, result)
        self.desk.say(
            self.tr("Done: added as '{title}'. {good:.0f} % of the pixels survived: {path}").format(
                title=files.title, good=100 * result.survivors.good, path=result.product
            ),
            Qgis.MessageLevel.Success,
        )

    def _show_tested(self, result: SelfTestResult) -> None:
        headline = self.watch.wording.tested_text(result)
        self.selftest.show_result(result, headline, self.watch.messages())
        self.watch.learn(present(self._tested).pair, result)
        self.desk.say(self.tr("The self-test is done."), Qgis.MessageLevel.Success)
        self.reveal(self.selftest)

    def _zoom_to_result(self) -> None:
        layer = current_project().mapLayer(self._result_layer)
        if layer is not None:
            zoom_to_layer(self.desk.canvas, layer)

    # ---- other forms

    def export(self, kind: str, path: str) -> None:
        """Write the result of the last run in another form."""
        product = self.last_run.product
        self.desk.launch(lambda: export_task(Export(kind, product, path)), self._exported, self.show_error)

    def _exported(self, export: Export) -> None:
        if export.kind == LAYOUT:
            self.desk.say(self.tr("The print layout is open; the project keeps it."), Qgis.MessageLevel.Success)
            return
        self.desk.say(
            self.tr("Written: {path}").format(path=export.path),
            Qgis.MessageLevel.Success,
            self.tr("Open"),
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(export.path)),
        )
        if export.kind == REPORT:
            QDesktopServices.openUrl(QUrl.fromLocalFile(export.path))
