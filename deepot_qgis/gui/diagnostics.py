"""What somebody who helps needs to know, as Markdown: versions, devices, settings, the log, the last error."""

from __future__ import annotations

import getpass
import locale
import os
import platform
import re
import sys
from collections.abc import Sequence

import numpy
import scipy
from osgeo import gdal
from qgis.core import Qgis, QgsSettings
from qgis.PyQt.QtCore import PYQT_VERSION_STR, QT_VERSION_STR

from deepot_qgis.__about__ import VERSION
from deepot_qgis.engine import installation, runtime
from deepot_qgis.engine.errors import RuntimeMissingError
from deepot_qgis.engine.runtime import hardware, nvidia
from deepot_qgis.gui.runtime.proxy import proxy_of_qgis
from deepot_qgis.gui.task import Inventory

_LOG_LINES = 80
#: What is a secret or somebody's business, whatever the key is called.
_SECRET = re.compile(r"passw|token|secret|user", re.IGNORECASE)


def markdown(inventory: Inventory | None, log: Sequence[str], last_error: str) -> str:
    """Return the diagnostics; the user's home folder and name are taken out.

    Parameters
    ----------
    inventory
        What is known of models and devices; None while it is looked for.
    log
        Lines of the plugin's log, the oldest first.
    last_error
        The last thing that went wrong; empty when nothing did.
    """
    parts = [
        "### DeepOT diagnostics",
        _table(_versions()),
        "#### Devices\n\n" + _devices(inventory),
        "#### Models\n\n" + _models(inventory),
        "#### Settings\n\n" + (_table(_settings()) or "Defaults."),
        "#### Last error\n\n" + (_fenced([last_error]) if last_error else "None since QGIS was started."),
        "#### Last log\n\n" + (_fenced(log[-_LOG_LINES:]) if log else "Empty."),
    ]
    return _anonymous("\n\n".join(parts)) + "\n"


def _versions() -> dict[str, str]:
    return {
        "DeepOT": VERSION,
        "QGIS": Qgis.QGIS_VERSION,
        "Qt, PyQt": f"{QT_VERSION_STR}, {PYQT_VERSION_STR}",
        "Python": f"{platform.python_version()} ({sys.executable})",
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        "GDAL": gdal.__version__,
        "System": f"{platform.platform()}, {'.'.join(part for part in locale.getlocale() if part) or 'no locale'}",
        "Processor": f"{hardware.processor()}, {hardware.cores()} cores, {_memory()}",
        **_runtime(),
        "NVIDIA driver": _driver(),
        "Proxy of QGIS": "set" if proxy_of_qgis() else "none",
    }


def _runtime() -> dict[str, str]:
    private = installation.current()
    own = private.folder if private is not None else "none"
    try:
        ort = runtime.onnxruntime()
    except RuntimeMissingError as error:
        return {"ONNX Runtime": str(error), "The plugin's own": own}
    whose = "the plugin's own" if runtime.origin(ort) == "private" else "of this Python"
    return {
        "ONNX Runtime": f"{ort.__version__}, {whose} ({runtime.folder(ort)})",
        "Packages there": ", ".join(runtime.builds(ort)) or "unknown",
        "Providers": ", ".join(ort.get_available_providers()),
        "The plugin's own": own,
    }


def _driver() -> str:
    if not nvidia.has_driver():
        return "none"
    driver = nvidia.driver()
    if driver is None:
        return "does not answer"
    cards = ", ".join(card.name for card in nvidia.gpus()) or "no card"
    return f"{driver.version}, CUDA {'.'.join(map(str, driver.cuda)) or 'unknown'}, {cards}"


def _memory() -> str:
    memory = hardware.memory()
    return hardware.gigabytes(*memory) if memory is not None else "memory unknown"


def _devices(inventory: Inventory | None) -> str:
    if inventory is None:
        return "Still looking."
    return "\n".join(
        f"- {name}: {f'not here: {device.problem}' if device.problem else device.description}"
        for name, device in inventory.devices.items()
    )


def _models(inventory: Inventory | None) -> str:
    if inventory is None:
        return "Still looking."
    lines = []
    for name, card in inventory.cards.items():
        said = card.problem or f"{card.metadata.get('version', '?')}, {card.metadata.get('architecture', '?')}"
        lines.append(f"- {name}: {said}")
    return "\n".join(lines) or "None."


def _settings() -> dict[str, str]:
    settings = QgsSettings()
    settings.beginGroup("deepot")
    found = {key: str(settings.value(key)) for key in sorted(settings.allKeys())}
    settings.endGroup()
    return {key: "(hidden)" if _SECRET.search(key) else value for key, value in found.items()}


def _table(rows: dict[str, str]) -> str:
    if not rows:
        return ""
    lines = (f"| {_cell(name)} | {_cell(value)} |" for name, value in rows.items())
    return "\n".join(["| | |", "| --- | --- |", *lines])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _fenced(lines: Sequence[str]) -> str:
    text = "\n".join(lines).replace("```", "'''")
    return f"```\n{text}\n```"


def _anonymous(text: str) -> str:
    """Take the home folder and the user's name out of paths: people paste this into public pages."""
    home = os.path.expanduser("~")
    if len(home) > 1:
        for form in {home, home.replace("\\", "/"), os.path.realpath(home)}:
            text = text.replace(form, "~")
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        return text
    return re.sub(rf"(?<=[\\/]){re.escape(name)}(?=[\\/])", "USER", text) if name else text
