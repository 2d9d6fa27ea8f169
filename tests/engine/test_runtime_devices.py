"""Which devices there are, which one a network got, and why it is not another."""

from __future__ import annotations

import ctypes
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from deepot_qgis.engine import runtime
from deepot_qgis.engine.errors import DeviceError, ModelError, OptionsError
from deepot_qgis.engine.runtime import failures, hardware, library, listing, nvidia, providers

from . import fake_nvml, networks
from . import fake_onnxruntime as fake_ort

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


@pytest.fixture
def network(tmp_path) -> str:
    return networks.write(tmp_path / "n.onnx")


@pytest.fixture
def card(monkeypatch, tmp_path):
    """A computer on which CUDA works."""
    fake_nvml.install(monkeypatch, fake_nvml.Driver(fake_nvml.Card()))
    monkeypatch.setattr(sys, "platform", "linux")
    return fake_ort.install(monkeypatch, tmp_path)


def refused(network: str, device: str = "cuda") -> str:
    with pytest.raises(DeviceError) as caught:
        runtime.open_session(network, device)
    sentence = str(caught.value)
    assert sentence.endswith("; or choose CPU or auto.") and "onnxruntime_src" not in sentence
    assert len(sentence) < 500
    return sentence


def note(network: str) -> str:
    opened = runtime.open_session(network, "auto")
    assert opened.device == "cpu" and opened.provider == "CPUExecutionProvider"
    return opened.note


def test_a_card_that_works_is_taken_and_named(card, network, capsys):
    for asked in ("auto", "cuda"):
        opened = runtime.open_session(network, asked)
        assert (opened.device, opened.asked, opened.note) == ("cuda", asked, "")
        assert opened.provider == "CUDAExecutionProvider"
    found = {device.name: device for device in runtime.survey()}
    assert found["cuda"].description == "NVIDIA H200, 139.0 of 150.0 GB free, driver 580.65.06, CUDA 13.0"
    assert not found["cuda"].problem
    assert [device.name for device in runtime.devices()] == ["cuda", "cpu"]
    assert "TensorRT" in found["tensorrt"].problem
    assert capsys.readouterr().out == "", "what is printed spoils the JSON of qgis_process"


def test_the_options_of_a_provider_are_those_given_over_ours(card, network):
    runtime.open_session(network, "cuda", options={"use_tf32": "1", "gpu_mem_limit": "1000"})
    assert card.options[-1]["use_tf32"] == "1" and card.options[-1]["gpu_mem_limit"] == "1000"
    assert card.options[-1]["arena_extend_strategy"] == "kSameAsRequested"


def test_cpu_on_a_computer_without_a_card_needs_no_word(monkeypatch, tmp_path, network):
    fake_nvml.install(monkeypatch, None)
    fake_ort.install(monkeypatch, tmp_path, "AzureExecutionProvider")
    assert note(network) == ""


def test_a_build_without_cuda(monkeypatch, tmp_path, network):
    fake = fake_ort.install(monkeypatch, tmp_path, "AzureExecutionProvider")
    fake_nvml.install(monkeypatch, fake_nvml.Driver(fake_nvml.Card()))
    sentence = refused(network)
    assert f"the installed package onnxruntime {fake.__version__} is a build without CUDA" in sentence
    assert "onnxruntime-gpu[cuda,cudnn]" in sentence
    assert note(network).startswith(
        "The network runs on the CPU although there is a NVIDIA H200: the installed package"
    )
    fake_nvml.install(monkeypatch, None)
    assert "there is no NVIDIA driver on this computer, and the installed package" in refused(network)


@pytest.mark.parametrize(
    "there, words",
    [
        (["onnxruntime", "onnxruntime-gpu"], "onnxruntime and onnxruntime-gpu are both installed and overwrite each"),
        (["onnxruntime-directml"], "the installed package onnxruntime-directml 1"),
    ],
)
def test_packages_that_overwrite_each_other(monkeypatch, tmp_path, network, there, words):
    home = tmp_path / "onnxruntime"
    fake_ort.install(monkeypatch, home, "AzureExecutionProvider")
    fake_nvml.install(monkeypatch, fake_nvml.Driver(fake_nvml.Card()))

    class Installed:
        def locate_file(self, name: str) -> Path:
            return tmp_path / name

    def distribution(name: str) -> Installed:
        if name not in there:
            raise metadata.PackageNotFoundError(name)
        return Installed()

    monkeypatch.setattr(metadata, "distribution", distribution)
    assert library.builds(library.onnxruntime()) == tuple(there)
    sentence = refused(network)
    assert words in sentence
    if len(there) > 1:
        assert "pip uninstall onnxruntime onnxruntime-gpu), then install onnxruntime-gpu alone" in sentence


def test_no_driver(card, monkeypatch, network):
    card.silent = True
    fake_nvml.install(monkeypatch, None)
    sentence = refused(network)
    assert "there is no NVIDIA driver on this computer (libcuda.so.1 is missing)" in sentence
    assert "The network runs on the CPU: there is no NVIDIA driver" in note(network)
    card.silent, card.refusal = False, RuntimeError(fake_ort.OLD_DRIVER)  # CUDA says so too when there is none
    assert "there is no NVIDIA driver" in refused(network)


def test_a_driver_too_old_for_this_cuda(card, monkeypatch, network):
    card.refusal = RuntimeError(fake_ort.OLD_DRIVER)
    fake_nvml.install(monkeypatch, fake_nvml.Driver(fake_nvml.Card(), cuda=12020, version="535.104"))
    sentence = refused(network)
    assert "the NVIDIA driver 535.104 supports CUDA 12.2 and this onnxruntime needs CUDA 13.0; update" in sentence
    assert "onnxruntime-gpu==1.26.0" in sentence
    card.cuda_version = "12.8"
    assert "1.26.0" not in refused(network)


@pytest.mark.parametrize(
    "said, words",
    [
        (fake_ort.NO_CARD, "the NVIDIA driver sees no card"),
        (fake_ort.NO_KERNEL, "this onnxruntime holds no code for NVIDIA H200"),
        (fake_ort.cuda_failure(803, "system has unsupported display driver / cuda driver combination"), "restart the"),
        (fake_ort.cuda_failure(46, "all CUDA-capable devices are busy or unavailable"), "taken by another program"),
        (fake_ort.CUBLAS, "the memory of the card is too small (NVIDIA H200: 139.0 of 150.0 GB free)"),
        (fake_ort.cuda_failure(2, "out of memory", "cudaMalloc((void**)&p, size);"), "the memory of the card is too"),
    ],
)
def test_what_cuda_says_is_put_into_words(card, network, said, words):
    card.refusal = RuntimeError(said)
    assert words in refused(network)
    assert words in note(network)


def test_what_nobody_foresaw_is_quoted_without_its_cpp(card, monkeypatch, network):
    monkeypatch.setattr(failures, "_missing_library", lambda *_: "")
    card.refusal = RuntimeError(fake_ort.cuda_failure(4242, "the moon is in the way"))
    assert "it does not start (CUDA failure 4242: the moon is in the way); update the driver" in refused(network)


@pytest.mark.parametrize(
    "said, name, owner, way_out",
    [
        (
            "[ONNXRuntimeError] : 1 : FAIL : Failed to load library /x/libonnxruntime_providers_cuda.so with error: "
            "libcublasLt.so.13: cannot open shared object file: No such file or directory",
            "libcublasLt.so.13", "CUDA 13", "onnxruntime-gpu[cuda,cudnn]",
        ),
        ("libcudnn_adv.so.9: cannot open shared object file: No such file", "libcudnn_adv.so.9", "cuDNN 9", "cudnn]"),
        (
            'FAIL : Error loading "C:\\x\\onnxruntime_providers_cuda.dll" which depends on "cudnn64_9.dll" which is '
            'missing. (Error 126: "The specified module could not be found.")',
            "cudnn64_9.dll", "cuDNN 9", "onnxruntime-gpu[cuda,cudnn]",
        ),
        ("libnvinfer.so.10: cannot open shared object file: x", "libnvinfer.so.10", "TensorRT 10", "tensorrt-cu13"),
    ],
)  # fmt: skip
def test_a_missing_library_is_named(card, network, said, name, owner, way_out):
    card.refusal = RuntimeError(said)
    sentence = refused(network)
    assert f"the library {name} of {owner} is missing; install it (" in sentence and way_out in sentence


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say which library is missing")
def test_a_library_that_is_silently_missing_is_found_out(card, monkeypatch, tmp_path, network):
    """ONNX Runtime takes the CPU and logs the reason; the dynamic loader tells it again."""
    card.silent = True
    assert "onnxruntime_providers_shared (a file of onnxruntime-gpu)" in refused(network)
    (tmp_path / "capi").mkdir()
    for stem in ("shared", "cuda"):
        (tmp_path / "capi" / f"libonnxruntime_providers_{stem}.so").touch()

    def loader(path: str, mode: int = 0) -> None:
        if path.endswith("_cuda.so"):
            raise OSError("libcudart.so.13: cannot open shared object file: No such file or directory")

    monkeypatch.setattr(ctypes, "CDLL", loader)
    assert "the library libcudart.so.13 of CUDA 13 is missing" in refused(network)


def test_cards_that_the_environment_hides(card, monkeypatch, network):
    card.silent = True
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert "CUDA_VISIBLE_DEVICES hides every card" in refused(network)


def test_tensorrt_by_name(card, monkeypatch, network):
    assert "build without TensorRT" in refused(network, "tensorrt")
    card.providers.insert(0, "TensorrtExecutionProvider")
    assert runtime.open_session(network, "tensorrt").device == "tensorrt"
    assert "tensorrt" in card.options[-1]["trt_engine_cache_path"]
    card.refusal = RuntimeError(fake_ort.TENSORRT)
    monkeypatch.setattr(failures, "_missing_library", lambda *_: "libnvinfer.so.10")
    assert "the library libnvinfer.so.10 of TensorRT 10 is missing" in refused(network, "tensorrt")


def test_devices_of_other_systems(card, monkeypatch, network):
    assert "DirectML exists on Windows only" in refused(network, "directml")
    assert "CoreML exists on macOS only" in refused(network, "coreml")
    card.providers.insert(0, "DmlExecutionProvider")
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(providers.Provider, "possible", True)
    assert runtime.open_session(network, "directml").device == "directml"
    card.refusal = RuntimeError(fake_ort.DIRECTML_MEMORY)
    assert "the memory of the device is too small" in refused(network, "directml")
    assert "is a build without CoreML" in refused(network, "coreml")


def test_a_file_that_is_no_network_is_said_to_be_none_on_every_device(card, tmp_path):
    damaged = tmp_path / "damaged.onnx"
    damaged.write_text("hello")
    card.refusal = RuntimeError("[ONNXRuntimeError] : 7 : INVALID_PROTOBUF : Load model from damaged.onnx failed")
    for device in ("auto", "cuda"):
        with pytest.raises(ModelError, match=r"damaged.onnx is not a network"):
            runtime.open_session(str(damaged), device)
    with pytest.raises(OptionsError, match="choose one of auto, cpu, cuda"):
        runtime.open_session(str(damaged), "abacus")


def test_the_card_that_cuda_counts_first_is_the_one_named(monkeypatch):
    small = fake_nvml.Card("NVIDIA T400", 1, 2, "GPU-ffffffff-4455-6677-8899-aabbccddeeff")
    driver = fake_nvml.install(monkeypatch, fake_nvml.Driver(small, fake_nvml.Card(), first=1))
    assert [card.name for card in nvidia.gpus()] == ["NVIDIA T400", "NVIDIA H200"]
    assert nvidia.first().name == "NVIDIA H200"
    assert nvidia.driver() == nvidia.Driver("580.65.06", (13, 0))
    assert driver.open == 0, "NVML is closed again"
    fake_nvml.install(monkeypatch, None)
    assert nvidia.gpus() == () and nvidia.first() is None and nvidia.driver() is None and not nvidia.has_driver()


def test_a_driver_that_does_not_answer_is_none(monkeypatch):
    driver = fake_nvml.install(monkeypatch, fake_nvml.Driver(fake_nvml.Card()))
    driver.nvmlInit_v2 = lambda: 18  # NVML_ERROR_LIB_RM_VERSION_MISMATCH
    assert nvidia.gpus() == () and nvidia.driver() is None


def test_the_processor_and_its_memory_are_named():
    free, total = hardware.memory()
    assert 0 < free <= total
    assert hardware.processor() and hardware.processor() == hardware.processor().strip()
    assert hardware.gigabytes(12_340_000_000, 24_000_000_000) == "12.3 of 24.0 GB free"
    assert f"{hardware.cores()} cores" in runtime.survey()[-1].description


def test_the_smallest_network_is_one():
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    onnx.checker.check_model(onnx.load_from_string(listing._SMALLEST))
    opened = runtime.open_session(listing._SMALLEST, "cpu")
    assert opened.session.run(None, {"x": np.float32([-1])})[0] == 0


@pytest.mark.parametrize("text", [fake_ort.NO_BUFFER, fake_ort.ARENA_FULL, fake_ort.CUBLAS, fake_ort.DIRECTML_MEMORY])
def test_memory_that_ran_out_is_recognised(text):
    assert failures.out_of_memory(RuntimeError(text)) and not failures.device_lost(RuntimeError(text))


def test_a_lost_card_is_recognised_and_other_errors_are_neither():
    assert failures.device_lost(fake_ort.LOST) and not failures.out_of_memory(fake_ort.LOST)
    for text in (fake_ort.OLD_DRIVER, "Invalid rank for input: reference Got: 3 Expected: 4"):
        assert not failures.out_of_memory(text) and not failures.device_lost(text)
    assert failures.brief(RuntimeError(fake_ort.OLD_DRIVER)) == (
        "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="where NVIDIA's packages put their libraries on Linux")
def test_libraries_in_another_folder_than_onnxruntime_are_found(tmp_path):
    there = ("cu13/lib/libcublas.so.13", "cu13/lib/libcublasLt.so.13", "cudnn/lib/libcudnn.so.9", "cu13/lib/other")
    for part in (*there, "cublas/lib/libcublas.so.12"):
        path = tmp_path / "nvidia" / part
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    folders = [str(tmp_path / "empty"), str(tmp_path)]
    found = library.nvidia_libraries(folders, (13, 0))
    assert [Path(path).name for path in found] == ["libcublasLt.so.13", "libcublas.so.13", "libcudnn.so.9"]
    found = library.nvidia_libraries(folders, (12, 8))
    assert [Path(path).name for path in found] == ["libcublas.so.12", "libcudnn.so.9"]


@pytest.mark.parametrize("system, names", [("linux", "lib"), ("win32", ".dll")])
def test_the_first_library_that_is_missing_is_named_where_the_loader_does_not(monkeypatch, system, names):
    """On Windows the loader says that something is missing, and not what."""
    monkeypatch.setattr(sys, "platform", system)
    every = library.needed_libraries((13, 0))
    assert all(names in name for name in every) and any("cudnn" in name for name in every)
    missing = every[2]

    def load(name: str) -> None:
        if name == missing:
            raise OSError("[WinError 126] The specified module could not be found")

    monkeypatch.setattr(nvidia, "load", load)
    assert failures._first_missing((13, 0)) == missing
