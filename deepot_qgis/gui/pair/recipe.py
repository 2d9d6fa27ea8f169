"""The settings of the tab as a recipe: a menu to save and load one, and what that does to the controls."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QMenu, QWidget

from deepot_qgis.engine.recipe import Images, Recipe
from deepot_qgis.gui.pair.images import ImagesSection
from deepot_qgis.gui.pair.products import ProductsSection
from deepot_qgis.gui.sections.advanced import AdvancedSection
from deepot_qgis.gui.sections.area import AreaSection
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.method import MethodSection
from deepot_qgis.processing.present import present

_ENDING = ".json"


class RecipeButton(Button):
    """A button with a menu; asks for the file.

    Signals
    -------
    save_to, load_from
        The path that was chosen.
    """

    save_to = pyqtSignal(str)
    load_from = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent=parent)
        self.setText(self.tr("Recipe"))
        self.setToolTip(self.tr("Save the images and settings of this tab as a file, or take them from one"))
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        save = menu.addAction(self.tr("Save recipe…"))
        save.setToolTip(self.tr("As JSON; the command line runs it too: pair OUT.tif --recipe FILE"))
        save.triggered.connect(self._ask_where)
        load = menu.addAction(self.tr("Load recipe…"))
        load.setToolTip(self.tr("Set the controls of this tab as they were when the recipe was saved"))
        load.triggered.connect(self._ask_which)
        self.setMenu(menu)

    def _ask_where(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save recipe"), "", f"*{_ENDING}")
        if path:
            self.save_to.emit(path if path.lower().endswith(_ENDING) else path + _ENDING)

    def _ask_which(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Load recipe"), "", f"*{_ENDING}")
        if path:
            self.load_from.emit(path)


class PairSettings:
    """The sections that hold what a recipe holds."""

    def __init__(
        self,
        images: ImagesSection,
        area: AreaSection,
        method: MethodSection,
        products: ProductsSection,
        advanced: AdvancedSection,
    ):
        self._images, self._area, self._method = images, area, method
        self._products, self._advanced = products, advanced

    def recipe(self) -> Recipe:
        """Return what is chosen.

        Raises
        ------
        DeepotError
            Something cannot be.
        """
        images, products = self._images, self._products
        chosen = None
        crs = QgsCoordinateReferenceSystem()
        if images.complete():
            reference, secondary = images.reference, images.secondary
            chosen = Images(reference.path(), secondary.path(), reference.date.iso(), secondary.date.iso())
            crs = present(reference.layer()).crs()
        return Recipe(
            area=self._area.area_text(crs),
            velocity=products.velocity.isChecked(),
            velocity_unit=products.unit.currentData(),
            arrows=products.arrows.isChecked(),
            offsets=products.offsets.isChecked(),
            resume=products.resume.isChecked(),
            images=chosen,
            **self._method.options(),
            **self._advanced.input_options(),
            **self._advanced.options(),
        )

    def take(self, recipe: Recipe, name: str) -> None:
        """Set the controls; images that the recipe does not name stay as they are.

        Raises
        ------
        InputError
            The network that the recipe names is not here.
        """
        self._method.choose(recipe.method, recipe.model, recipe.device)
        if recipe.images is not None:
            images = recipe.images
            dates = images.reference_date, images.secondary_date
            self._images.choose(images.reference, images.secondary, dates)
        layer = self._images.reference.layer()
        crs = layer.crs() if layer is not None else QgsCoordinateReferenceSystem()
        self._area.choose_polygons(recipe.area, crs, name)
        self._advanced.choose_input(recipe.radiometry, recipe.reference_band, recipe.secondary_band)
        self._advanced.choose(recipe.quality, recipe.correlation, recipe.tile_px, recipe.context_px)
        self._products.choose(recipe.velocity, recipe.velocity_unit, recipe.arrows, recipe.offsets, recipe.resume)
