"""What to do about a pair that does not fit: the buttons of the preflight card and of messages."""

from __future__ import annotations

import os
from collections.abc import Callable

from qgis.core import Qgis, QgsProcessingUtils
from qgis.PyQt.QtCore import QObject

from deepot_qgis.engine.errors import DeepotError, GridMismatchError, InputError
from deepot_qgis.gui.desk import Desk
from deepot_qgis.gui.names import free_name
from deepot_qgis.gui.pair.findings import ALIGN, CHOOSE_KIND, MOVE, SET_DATES, SWAP
from deepot_qgis.gui.pair.images import ImagesSection
from deepot_qgis.gui.pair.products import ProductsSection
from deepot_qgis.gui.sections.advanced import AdvancedSection
from deepot_qgis.gui.task import AlignTask, MoveTask


class WaysOut(QObject):
    """Makes copies of the secondary that fit, and puts right what was chosen.

    Attributes
    ----------
    shift : callable
        Returns the residual shift of the pair in whole pixels, across and down.
    """

    def __init__(
        self,
        desk: Desk,
        images: ImagesSection,
        products: ProductsSection,
        advanced: AdvancedSection,
        parent: QObject | None = None,
    ):
        super().__init__(parent)
        self._desk, self._images, self._products, self._advanced = desk, images, products, advanced
        self.shift: Callable[[], tuple[int, int]] = lambda: (0, 0)

    def calls(self) -> dict[str, Callable[[], None]]:
        """Return every way out by its name."""
        return {
            ALIGN: self.align,
            MOVE: self.move,
            SWAP: self.swap,
            SET_DATES: self._images.focus_dates,
            CHOOSE_KIND: self._choose_kind,
        }

    def out_of(self, error: DeepotError) -> tuple[str | Callable[[], object], ...]:
        """Return the action and its call that help with an error; nothing where none does."""
        if isinstance(error, GridMismatchError):
            return self.tr("Make an aligned copy"), self.align
        if isinstance(error, InputError) and self._images.reversed():
            return self.tr("Swap the images"), self.swap
        return ()

    def align(self) -> None:
        """Make a copy of the secondary on the reference's grid and choose it."""

        def make() -> AlignTask:
            reference, secondary = self._images.reference.path(), self._images.secondary.path()
            return AlignTask(secondary, reference, self._free_copy(secondary, "aligned"), self._band())

        self._desk.launch(make, self._use_aligned, self._show_error)

    def move(self) -> None:
        """Make a copy of the secondary without the whole pixels of its shift and choose it."""

        def make() -> MoveTask:
            secondary = self._images.secondary.path()
            return MoveTask(secondary, self._free_copy(secondary, "moved"), self.shift(), self._band())

        self._desk.launch(make, self._use_moved, self._show_error)

    def swap(self) -> None:
        """Exchange the two images."""
        self._desk.run_bar.notice.clear()
        self._images.exchange()

    def _choose_kind(self) -> None:
        self._advanced.setCollapsed(False)
        self._advanced.radiometry.setFocus()

    def _use_aligned(self, path: str) -> None:
        self._use(path)
        self._say(self.tr("The aligned copy is now the secondary image: {path}").format(path=path))

    def _use_moved(self, path: str) -> None:
        self._use(path)
        self._say(self.tr("The moved copy is now the secondary image: {path}").format(path=path))

    def _use(self, path: str) -> None:
        """Choose a copy as secondary; it has the date of its original, in one band."""
        date = self._images.secondary.date.iso()
        self._images.secondary.choose_file(path)
        if self._images.secondary.date.iso() is None:
            self._images.secondary.date.set_iso(date)
        self._advanced.secondary_band.setValue(1)

    def _say(self, text: str) -> None:
        self._desk.say(text, Qgis.MessageLevel.Success)

    def _show_error(self, error: DeepotError) -> None:
        self._desk.show_error(error, *self.out_of(error))

    def _band(self) -> int:
        return self._advanced.secondary_band.value()

    def _free_copy(self, source: str, what: str) -> str:
        """Return a free name beside the results."""
        folder = self._products.folder.filePath().strip() or QgsProcessingUtils.tempFolder()
        return free_name(os.path.join(folder, f"{os.path.splitext(os.path.basename(source))[0]}_{what}"), ".tif")
