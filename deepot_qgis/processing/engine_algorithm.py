"""What every algorithm has in common: inputs read in one thread, the engine's work in another, errors as sentences."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
)

from deepot_qgis.engine.errors import CancelledError, DeepotError
from deepot_qgis.processing.help_pages import page_url
from deepot_qgis.processing.parameters import tr
from deepot_qgis.processing.spoken import spoken


def group_titles() -> dict[str, str]:
    """Return the headings of the toolbox by their identifiers."""
    return {
        "preparation": tr("Preparation"),
        "displacement": tr("Displacement"),
        "quality": tr("Quality"),
        "terrain": tr("Relief and radar geometry"),
        "exchange": tr("Exchange"),
    }


class EngineAlgorithm(QgsProcessingAlgorithm):
    """Runs a piece of the engine; the subclass says which inputs it reads and what it does with them.

    Attributes
    ----------
    HELP_PAGE : str
        The page of docs/ that the dialog's Help button opens.
    GROUP : str
        Under which heading of the toolbox it stands, one of `group_titles`.
    """

    HELP_PAGE = "index"
    GROUP: str

    def group(self) -> str:
        return group_titles()[self.GROUP]

    def groupId(self) -> str:
        return self.GROUP

    def helpUrl(self) -> str:
        return page_url(self.HELP_PAGE)

    def createInstance(self) -> QgsProcessingAlgorithm:
        return type(self)()

    def read(self, parameters: dict[str, Any], context: QgsProcessingContext) -> None:
        """Keep the inputs as paths and texts; layers may be touched here, and only here."""
        raise NotImplementedError

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Do the work, in any thread, and return the outputs."""
        raise NotImplementedError

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback | None
    ) -> bool:
        """Read the layers here, in the thread they live in; processAlgorithm sees paths only."""
        self._refusal: DeepotError | None = None
        try:
            self.read(parameters, context)
        except DeepotError as error:
            self._refusal = error  # raised by processAlgorithm: QGIS swallows the words of an exception from here
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback | None
    ) -> dict[str, Any]:
        feedback = feedback or QgsProcessingFeedback()
        if self._refusal is not None:
            raise _refused(self._refusal, feedback)
        try:
            return self.work(parameters, context, feedback)
        except CancelledError:
            return {}
        except DeepotError as error:
            raise _refused(error, feedback) from error


def _refused(error: DeepotError, feedback: QgsProcessingFeedback) -> QgsProcessingException:
    """The sentence in the user's language; who is asked for help finds the English one in the log."""
    english = str(error)
    said = spoken(english)
    if said != english:
        feedback.pushDebugInfo(english)
    return QgsProcessingException(said)
