"""Looking for, installing and removing ONNX Runtime in the background."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from qgis.PyQt.QtCore import QCoreApplication, pyqtSignal

from deepot_qgis.engine import installation, runtime
from deepot_qgis.engine.errors import DeepotError, RuntimeMissingError
from deepot_qgis.engine.installation import Installed, InstallOptions, Wanted
from deepot_qgis.gui.log import log
from deepot_qgis.gui.task import DeepotTask


@dataclass(frozen=True)
class RuntimeState:
    """What there is of ONNX Runtime.

    Attributes
    ----------
    version, folder
        Of the one that is used; empty where none is.
    own
        Whether that is the plugin's own.
    installed
        Whether there is one of the plugin's own.
    problem
        Why none can be used; empty where one can.
    wanted
        What would be installed; None where nothing fits this machine.
    refusal
        Why nothing fits.
    """

    version: str
    folder: str
    own: bool
    installed: bool
    problem: str
    wanted: Wanted | None
    refusal: str


class StateTask(DeepotTask):
    """Find out what there is; succeeds with a RuntimeState."""

    def __init__(self) -> None:
        super().__init__("DeepOT: state of ONNX Runtime")

    def work(self) -> RuntimeState:
        version = folder = problem = refusal = ""
        own, wanted = False, None
        try:
            ort = runtime.onnxruntime()
            version, folder, own = ort.__version__, runtime.folder(ort), runtime.origin(ort) == "private"
        except RuntimeMissingError as error:
            problem = str(error)
        try:
            wanted = installation.plan()
        except DeepotError as error:
            refusal = str(error)
        return RuntimeState(version, folder, own, installation.current() is not None, problem, wanted, refusal)


@dataclass(frozen=True)
class InstallDone:
    """What was installed, and whether QGIS still holds another one until it is started anew."""

    installed: Installed
    restart: bool


class InstallTask(DeepotTask):
    """Install ONNX Runtime; succeeds with an InstallDone."""

    said = pyqtSignal(str)

    def __init__(self, options: InstallOptions):
        super().__init__("DeepOT: install ONNX Runtime")
        self._options = options

    def work(self) -> InstallDone:
        loaded = "onnxruntime" in sys.modules
        return InstallDone(installation.install(self._options, self._say, self.tell, self.isCanceled), loaded)

    def stopped_text(self) -> str:
        return QCoreApplication.translate("DeepOT", "Cancelled. Nothing was installed.")

    def _say(self, line: str) -> None:
        log(line)
        self.said.emit(line)


class RemoveTask(DeepotTask):
    """Remove the plugin's own; succeeds with whether there was one."""

    def __init__(self) -> None:
        super().__init__("DeepOT: remove ONNX Runtime")

    def work(self) -> bool:
        return installation.remove()
