"""From the engine's progress to Processing's."""

from __future__ import annotations

from typing import Callable

from qgis.core import QgsProcessingFeedback


def progress_to(feedback: QgsProcessingFeedback) -> Callable[[float, str], None]:
    """Return the engine's progress call; a text is shown once, however often it comes."""
    last = ""

    def tell(fraction: float, text: str) -> None:
        nonlocal last
        feedback.setProgress(100.0 * fraction)
        if text and text != last:
            last = text
            feedback.setProgressText(text)

    return tell
