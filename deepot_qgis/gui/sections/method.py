"""How to measure: a trained network or conventional offset tracking, and on which device."""

from __future__ import annotations

import os
from typing import Any

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFileDialog,
    QGroupBox,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from deepot_qgis.engine import runtime
from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.model import ModelCard, bundled
from deepot_qgis.gui.sections.button import Button
from deepot_qgis.gui.sections.rows import form, hint, narrow, row
from deepot_qgis.gui.settings import PREFIX, remember
from deepot_qgis.gui.task import Inventory
from deepot_qgis.processing.spoken import spoken

MODEL, CORRELATION = "model", "correlation"


class MethodSection(QGroupBox):
    """Method, model and device, with a plain word on what each needs."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setTitle(self.tr("Method"))
        self.method, self.models, self.device = (narrow(QComboBox()) for _ in range(3))
        self.browse = QToolButton()
        self.hint = hint()
        self.install = Button(self.tr("Install ONNX Runtime"))
        self.install.setObjectName("deepotInstallRuntime")
        self.install.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._models_label, self._device_label = QLabel(self.tr("Model")), QLabel(self.tr("Device"))
        self._inventory: Inventory | None = None
        self._fill()
        self._explain()
        layout = form(self)
        layout.addRow(self.tr("Method"), self.method)
        layout.addRow(self._models_label, row(self.models, self.browse))
        layout.addRow(self._device_label, self.device)
        layout.addRow(self.hint)
        layout.addRow(self.install)
        for widget, key in ((self.method, "method"), (self.models, "model"), (self.device, "device")):
            remember(widget, key)
        self.method.currentIndexChanged.connect(self._show_fitting)
        self.device.currentIndexChanged.connect(self._show_fitting)
        self.models.currentIndexChanged.connect(self._show_fitting)
        self.browse.clicked.connect(self._browse)
        self._show_fitting()

    def _fill(self) -> None:
        self.method.addItem(self.tr("Deep network"), MODEL)
        self.method.addItem(self.tr("Conventional (NCC)"), CORRELATION)
        for path in bundled():
            self.models.addItem(path.stem, path.stem)
        own = QgsSettings().value(f"{PREFIX}/model") or ""
        if os.path.isfile(own):
            self.models.addItem(os.path.basename(own), own)
        for device in runtime.POSSIBLE:
            self.device.addItem(self._device_title(device), device)
        self.browse.setText("…")

    def _device_title(self, device: str) -> str:
        titles = {"auto": self.tr("Automatic"), "cpu": self.tr("CPU"), "cuda": self.tr("GPU (CUDA)")}
        return titles.get(device) or {"tensorrt": "TensorRT", "directml": "DirectML", "coreml": "CoreML"}[device]

    def set_inventory(self, inventory: Inventory) -> None:
        """Say what is known of models and devices, once it is known."""
        self._inventory = inventory
        role = Qt.ItemDataRole.ToolTipRole
        for name, card in inventory.cards.items():
            self.models.setItemData(self.models.findData(name), _card_text(card), role)
        for index in range(self.device.count()):
            name = self.device.itemData(index)
            if name in inventory.devices:
                device = inventory.devices[name]
                self.device.setItemData(index, self._not_usable(device.problem) or spoken(device.description), role)
        self._show_fitting()

    def _explain(self) -> None:
        self.method.setToolTip(
            self.tr(
                "Deep network: finest detail, learned from known motion embedded in real SAR images; needs "
                "onnxruntime. Conventional: normalised cross-correlation of windows; needs nothing and is a good "
                "second opinion."
            )
        )
        self.models.setToolTip(self.tr("The trained network; hover over an entry to see what it was trained for"))
        self.browse.setToolTip(self.tr("Use a network of your own: an ONNX file that follows the DeepOT contract"))
        self.install.setToolTip(
            self.tr(
                "Download ONNX Runtime (24 MB) into a folder that only this plugin uses; numpy and every other package "
                "of QGIS stay as they are. It can be removed again."
            )
        )
        self.device.setToolTip(
            self.tr("Where the network runs. Automatic takes the GPU when onnxruntime can really use it.")
        )

    def options(self) -> dict[str, Any]:
        """Return method, model and device as keywords of the engine's options."""
        chosen = {"method": self.method.currentData(), "device": self.device.currentData()}
        if self.models.currentData():
            chosen["model"] = self.models.currentData()
        return chosen

    def choose(self, method: str, model: str, device: str) -> None:
        """Set method, model and device.

        Raises
        ------
        InputError
            The model is neither bundled nor a file.
        """
        if self.models.findData(model) < 0 and method == MODEL and not os.path.isfile(model):
            raise InputError(self.tr("The network {name} is not here: choose it with '…'.").format(name=model))
        self.method.setCurrentIndex(self.method.findData(method))
        self.device.setCurrentIndex(self.device.findData(device))
        if self.models.findData(model) >= 0:
            self.models.setCurrentIndex(self.models.findData(model))
        elif os.path.isfile(model):
            self.choose_model_file(model)

    def choose_model_file(self, path: str) -> None:
        """Offer an ONNX file of the user's own and choose it."""
        if self.models.findData(path) < 0:
            self.models.addItem(os.path.basename(path), path)
        self.models.setCurrentIndex(self.models.findData(path))

    def _browse(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a network"), "", self.tr("ONNX networks (*.onnx)"))
        if path:
            self.choose_model_file(path)

    def _show_fitting(self) -> None:
        network = self.method.currentData() == MODEL
        for widget in (self._models_label, self.models.parentWidget(), self._device_label, self.device):
            widget.setVisible(network)
        missing = self._inventory is not None and bool(self._inventory.problem)
        self.install.setVisible(network and missing)
        self.hint.setText(self._network_hint() if network else self._conventional_hint())

    def _network_hint(self) -> str:
        inventory = self._inventory
        if inventory is None:
            return self.tr("Looking at models and devices")
        if "is not installed" in inventory.problem:
            return self.tr(
                "⚠ ONNX Runtime, which runs the networks, is not installed. Install it here, or choose the "
                "conventional method, which needs nothing."
            )
        if inventory.problem:
            return "⚠ " + spoken(inventory.problem)
        if not self.models.count():
            return self.tr(
                "⚠ No network came with this plugin: choose an ONNX file with '…', or measure conventionally."
            )
        card = inventory.cards.get(self.models.currentData())
        if card is not None and card.problem:
            return "⚠ " + spoken(card.problem)
        chosen = inventory.devices.get(self.device.currentData())
        if chosen is not None and chosen.problem:
            return "⚠ " + self._not_usable(chosen.problem)
        if card is None:
            seen = self.tr("A network of your own; it is checked when it runs.")
        else:
            seen = self.tr("Sees motion up to {limit:g} pixels.").format(limit=float(card.metadata["max_offset_px"]))
        return f"{seen} {self._runs_on(inventory)}".strip()

    def _runs_on(self, inventory: Inventory) -> str:
        """Say which device will be used, once that is known."""
        name = self.device.currentData()
        if name == "auto":
            cuda = inventory.devices.get("cuda")
            name = "cuda" if cuda is not None and not cuda.problem else "cpu"
        device = inventory.devices.get(name)
        return self.tr("Runs on: {device}.").format(device=spoken(device.description)) if device is not None else ""

    def _not_usable(self, problem: str) -> str:
        """Return why a device cannot be used, empty when it can."""
        return self.tr("Not usable here: {reason}.").format(reason=spoken(problem)) if problem else ""

    def _conventional_hint(self) -> str:
        return self.tr("Needs no extra package. Window sizes and search range are under Advanced.")


def _card_text(card: ModelCard) -> str:
    if card.problem:
        return spoken(card.problem)
    return "\n".join(f"{key}: {card.metadata[key]}" for key in ("version", "architecture", "licence", "citation"))
