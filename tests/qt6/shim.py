"""``qgis`` for a Python that has PyQt6 and no QGIS: ``qgis.PyQt`` is PyQt6, the rest are stand-ins.

The stand-ins of QGIS's own widgets are real Qt 6 widgets that answer every other name with a mock, so the plugin's
widgets are laid out, shown and clicked as they are. Whether the names of QGIS are right is tested with QGIS.
"""

from __future__ import annotations

import sys
import types
from unittest.mock import MagicMock

from PyQt6 import QtCore, QtGui, QtSvg, QtTest, QtWidgets, QtXml

PASSED_ON = {"QtCore": QtCore, "QtGui": QtGui, "QtWidgets": QtWidgets, "QtSvg": QtSvg, "QtTest": QtTest, "QtXml": QtXml}


class _Open(type(QtCore.QObject)):
    """A class that has every name asked for, enums included; asked again, it is the same one."""

    def __getattr__(cls, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        mock = MagicMock(name=f"{cls.__name__}.{name}")
        setattr(cls, name, mock)
        return mock


class _Anything:
    """Answers every name that Qt does not know with a mock."""

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        mock = MagicMock(name=name)
        self.__dict__[name] = mock
        return mock


class StandIn(_Anything, metaclass=_Open):
    """Any class of QGIS that is no widget."""

    def __init__(self, *_arguments, **_keywords):
        pass


class QgsSettings:
    """Settings that last as long as the process."""

    stored: dict = {}

    def __init__(self, *_arguments):
        pass

    def value(self, key, default=None, **_keywords):
        return self.stored.get(key, default)

    def setValue(self, key, value, *_arguments):
        self.stored[key] = value

    def remove(self, key):
        self.stored = {name: value for name, value in self.stored.items() if not name.startswith(key)}

    def contains(self, key):
        return key in self.stored

    def beginGroup(self, _name):
        pass

    def endGroup(self):
        pass

    def allKeys(self):
        return list(self.stored)


class QgsTask(QtCore.QObject):
    """A task as the plugin's own tasks need it."""

    class Flag:
        CanCancel = 1

    def __init__(self, description="", flags=0):
        super().__init__()
        self._cancelled, self._description = False, description

    def description(self):
        return self._description

    def cancel(self):
        self._cancelled = True

    def isCanceled(self):
        return self._cancelled

    def setProgress(self, _percent):
        pass


class _TaskManager:
    """Cancels what it is given when the event loop is next free; `real` names the tasks that are truly done."""

    real: set[str] = set()

    def addTask(self, task):
        QtCore.QTimer.singleShot(0, lambda: self._do(task))

    def _do(self, task):
        if type(task).__name__ in self.real:
            task.finished(task.run())
        else:
            task.cancel()
            task.finished(False)


class QgsApplication(StandIn):
    """The application's task manager and language."""

    manager = _TaskManager()

    @classmethod
    def taskManager(cls):
        return cls.manager

    @staticmethod
    def locale():
        return "en"

    @staticmethod
    def getThemeIcon(_name):
        return QtGui.QIcon()


def _widget(name: str, base: type, **members) -> type:
    def start(self, *arguments, **keywords):
        parents = [value for value in (*arguments, *keywords.values()) if isinstance(value, QtWidgets.QWidget)]
        base.__init__(self, *parents[-1:])

    return _Open(name, (_Anything, base), {"__init__": start, **members})


def _collapsible(name: str) -> type:
    signal = QtCore.pyqtSignal(bool)

    def set_collapsed(self, collapsed):
        self.__dict__["_collapsed"] = collapsed
        self.collapsedStateChanged.emit(collapsed)

    return _widget(
        name,
        QtWidgets.QGroupBox,
        collapsedStateChanged=signal,
        setCollapsed=set_collapsed,
        isCollapsed=lambda self: self.__dict__.get("_collapsed", False),
    )


def _file_widget() -> type:
    return _widget(
        "QgsFileWidget",
        QtWidgets.QLineEdit,
        fileChanged=QtCore.pyqtSignal(str),
        filePath=lambda self: self.text(),
        setFilePath=lambda self, path: self.setText(path),
        lineEdit=lambda self: self,
    )


def _combo(name: str) -> type:
    return _widget(name, QtWidgets.QComboBox, currentLayer=lambda self: None)


WIDGETS = {
    "QgsDockWidget": _widget("QgsDockWidget", QtWidgets.QDockWidget),
    "QgsCollapsibleGroupBoxBasic": _collapsible("QgsCollapsibleGroupBoxBasic"),
    "QgsCollapsibleGroupBox": _collapsible("QgsCollapsibleGroupBox"),
    "QgsFileWidget": _file_widget(),
    "QgsMapLayerComboBox": _combo("QgsMapLayerComboBox"),
    "QgsProjectionSelectionWidget": _widget("QgsProjectionSelectionWidget", QtWidgets.QWidget),
    "QgsDateTimeEdit": _widget("QgsDateTimeEdit", QtWidgets.QDateTimeEdit),
    "QgsMapCanvas": _widget("QgsMapCanvas", QtWidgets.QWidget),
    "QgsMessageBar": _widget("QgsMessageBar", QtWidgets.QWidget),
}
OBJECTS = {
    name: _Open(name, (_Anything, QtCore.QObject), {"__init__": lambda self, *_: QtCore.QObject.__init__(self)})
    for name in ("QgsMapTool", "QgsMapToolEmitPoint")
}
CORE = {"QgsSettings": QgsSettings, "QgsTask": QgsTask, "QgsApplication": QgsApplication}


class _Module(types.ModuleType):
    """A module that has every class asked for."""

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        made = _Open(name, (StandIn,), {}) if name.startswith("Q") else MagicMock(name=name)
        setattr(self, name, made)
        return made


def install() -> None:
    """Put the stand-ins where the plugin will look for ``qgis``."""
    names = ("qgis", "qgis.core", "qgis.gui", "qgis.utils", "qgis.PyQt", "processing")
    for name in names:
        sys.modules[name] = _Module(name)
    sys.modules["qgis"].__path__ = []
    sys.modules["qgis.PyQt"].__path__ = []
    for name, module in PASSED_ON.items():
        # qgis.PyQt keeps under Qt 6 what moved from QtWidgets to QtGui.
        passed = types.ModuleType(f"qgis.PyQt.{name}")
        passed.__dict__.update({key: value for key, value in vars(module).items() if not key.startswith("__")})
        sys.modules[passed.__name__] = passed
        setattr(sys.modules["qgis.PyQt"], name, passed)
    for name in ("QAction", "QActionGroup", "QShortcut", "QUndoCommand", "QUndoStack"):
        setattr(sys.modules["qgis.PyQt.QtWidgets"], name, getattr(QtGui, name))
    for name, thing in CORE.items():
        setattr(sys.modules["qgis.core"], name, thing)
    for name, thing in {**WIDGETS, **OBJECTS}.items():
        setattr(sys.modules["qgis.gui"], name, thing)
    for name in ("core", "gui", "utils", "PyQt"):
        setattr(sys.modules["qgis"], name, sys.modules[f"qgis.{name}"])
