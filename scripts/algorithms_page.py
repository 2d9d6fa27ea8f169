"""Write docs/algorithms.md: what every Processing algorithm says of itself, for those who script QGIS.

QT_QPA_PLATFORM=offscreen .venv/bin/python -m scripts.algorithms_page
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
)

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "algorithms.md"
_BEGINNING = """# Processing algorithms

<!-- Written by `python -m scripts.algorithms_page` from the algorithms themselves: edit deepot_qgis/processing/. -->

Each algorithm of the provider, with the names of its parameters for the Python console, models and `qgis_process`:

    qgis_process help deepot:displacement
    qgis_process run deepot:displacement -- REFERENCE=A.tif SECONDARY=B.tif OUTPUT=OUT.tif

```python
import processing

pair = {"REFERENCE": "A.tif", "SECONDARY": "B.tif", "OUTPUT": "OUT.tif"}
found = processing.run("deepot:displacement", pair)
print(found["MEDIAN_MAGNITUDE"], found["UNIT"])
```

A parameter marked with a plus is among the advanced ones. What has a default may be left out.
"""


def page(algorithms: list[QgsProcessingAlgorithm]) -> str:
    """Return the page as Markdown."""
    return "\n".join([_BEGINNING, *(_section(algorithm) for algorithm in algorithms)])


def _section(algorithm: QgsProcessingAlgorithm) -> str:
    manual = algorithm.helpUrl().rsplit("/", 1)[1].replace(".html", ".md")
    title = (PAGE.parent / manual).read_text(encoding="utf-8").split("\n", 1)[0].lstrip("# ")
    parameters = [one for one in algorithm.parameterDefinitions() if not one.flags() & _flag("FlagHidden")]
    outputs = [one for one in algorithm.outputDefinitions() if algorithm.parameterDefinition(one.name()) is None]
    lines = [
        f"## {algorithm.displayName()}",
        "",
        f"`{algorithm.id()}`, group *{algorithm.group()}*, described in [{title}]({manual}).",
        "",
        _plain(algorithm.shortHelpString()),
        "",
        "| parameter | what | if left out |",
        "| --- | --- | --- |",
        *(_row(parameter) for parameter in parameters),
        "",
    ]
    if outputs:
        named = ", ".join(f"`{output.name()}` ({_plain(output.description())})" for output in outputs)
        lines += [f"Gives besides: {named}.", ""]
    return "\n".join(lines)


def _row(parameter: QgsProcessingParameterDefinition) -> str:
    advanced = " +" if parameter.flags() & _flag("FlagAdvanced") else ""
    what = _plain(parameter.description())
    if parameter.help():
        what += f". {_plain(parameter.help())}"
    if isinstance(parameter, QgsProcessingParameterEnum):
        choices = (f"{i} {name}" for i, name in enumerate(parameter.options()))
        what = f"{what.rstrip('.')}. One of: {_plain(', '.join(choices))}"
    return f"| `{parameter.name()}`{advanced} | {what} | {_default(parameter)} |"


def _default(parameter: QgsProcessingParameterDefinition) -> str:
    if parameter.isDestination():
        return "not made" if parameter.flags() & _flag("FlagOptional") else "a temporary file"
    value = parameter.defaultValue()
    if value in (None, ""):
        return "-" if parameter.flags() & _flag("FlagOptional") else "must be given"
    return f"`{value}`"


def _flag(name: str):
    return getattr(QgsProcessingParameterDefinition.Flag, name)


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("_", "\\_")


def main() -> int:
    """Write the page."""
    sys.path.insert(0, str(REPOSITORY))
    application = QgsApplication([], False)
    application.initQgis()
    from deepot_qgis.processing.provider import DeepotProvider

    provider = DeepotProvider()
    provider.loadAlgorithms()
    PAGE.write_text(page(provider.algorithms()), encoding="utf-8")
    print(f"{PAGE.relative_to(REPOSITORY)}: {len(provider.algorithms())} algorithms")
    sys.stdout.flush()
    os._exit(0)  # QGIS crashes at its end on what Python still holds


if __name__ == "__main__":
    main()
