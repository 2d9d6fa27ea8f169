"""From the engine's progress to Processing's."""

from __future__ import annotations

from typing import Callable

from qgis.core import QgsProcessingFeedback
from qgis.PyQt.QtCore import QCoreApplication

from deepot_qgis.engine import progress_words
from deepot_qgis.engine.progress_words import SENTENCES


def progress_to(feedback: QgsProcessingFeedback) -> Callable[[float, str], None]:
    """Return the engine's progress call; a text is shown once, however often it comes."""
    last = ""

    def tell(fraction: float, text: str) -> None:
        nonlocal last
        feedback.setProgress(100.0 * fraction)
        if text and text != last:
            last = text
            feedback.setProgressText(progress_text(text))

    return tell


def progress_text(text: str) -> str:
    """Return in the user's language what a run says it is doing."""
    known = progress_words.recognise(text)
    if known is None:
        return text
    number, values = known
    return _tr(SENTENCES[number]).format(**values)


def _tr(text: str) -> str:
    return QCoreApplication.translate("DeepOT", text)
