"""A stand-in for ONNX Runtime on a computer with a card: the real CPU does the work, and cards fail as they really do.

The texts are ONNX Runtime's own, as its issues and the GPU packages show them.
"""

from __future__ import annotations

import json
import sys
import threading
import types
from pathlib import Path
from typing import Any

import numpy as np

_CALL = (
    "/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:{line} std::conditional_t<THRW, void, "
    "onnxruntime::common::Status> onnxruntime::CudaCall(ERRTYPE, const char*, const char*, SUCCTYPE, const char*, "
    "const char*, int) [with ERRTYPE = {type}; bool THRW = true; SUCCTYPE = cudaError; std::conditional_t<THRW, void, "
    "common::Status> = void] "
)


def cuda_failure(number: int, words: str, expr: str = "cudaSetDevice(info_.device_id);") -> str:
    """What ONNX Runtime raises when CUDA says no."""
    call = _CALL.format(line=122, type="cudaError") + _CALL.format(line=114, type="cudaError")
    return (
        f"{call}CUDA failure {number}: {words} ; GPU=-1 ; hostname=here ; "
        f"file=/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider.cc ; line=336 ; expr={expr} "
    )


OLD_DRIVER = cuda_failure(35, "CUDA driver version is insufficient for CUDA runtime version")
NO_CARD = cuda_failure(100, "no CUDA-capable device is detected")
NO_KERNEL = cuda_failure(209, "no kernel image is available for execution on the device", "cudaGetLastError()")
LOST = "[ONNXRuntimeError] : 1 : FAIL : " + cuda_failure(
    700, "an illegal memory access was encountered", "cudaStreamSynchronize(static_cast<cudaStream_t>(stream_.Get()))"
)
CUBLAS = (
    _CALL.format(line=121, type="cublasStatus_t")
    + "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0 ; hostname=here ; file=/onnxruntime_src/onnxruntime/core/"
    "providers/cuda/cuda_execution_provider.cc ; line=168 ; expr=cublasCreate(&cublas_handle_);"
)
_ARENA = (
    "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Non-zero status code returned while running Conv node. "
    "Name:'/encoder/Conv_3' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:376 void* "
    "onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*, bool, "
    "onnxruntime::WaitNotificationFn) "
)
NO_BUFFER = _ARENA + "Failed to allocate memory for requested buffer of size 2830172160\n"
ARENA_FULL = _ARENA + "Available memory of 19968 is smaller than requested bytes of 1572864\n"
DIRECTML_MEMORY = (
    "[ONNXRuntimeError] : 6 : RUNTIME_EXCEPTION : Exception during initialization: D:\\a\\_work\\1\\s\\onnxruntime\\"
    "core\\providers\\dml\\DmlExecutionProvider\\src\\BucketizedBufferAllocator.cpp(122)\\onnxruntime_pybind11_state.pyd!"
    "00007FFA82D145C8: (caller: 00007FFA8336D326) Exception(1) tid(4790) 8007000E Not enough memory resources are "
    "available to complete this operation.\n"
)
TENSORRT = (
    "/onnxruntime_src/onnxruntime/python/onnxruntime_pybind_state.cc:729 void "
    "onnxruntime::python::RegisterTensorRTPluginsAsCustomOps(PySessionOptions&, const onnxruntime::ProviderOptions&) "
    "Please install TensorRT libraries as mentioned in the GPU requirements page, make sure they're in the PATH or "
    "LD_LIBRARY_PATH, and that your GPU is supported.\n"
)


class Fake(types.ModuleType):
    """The module.

    Attributes
    ----------
    providers : list of str
        What the build has.
    refusal : Exception or None
        Raised when a session on the card is opened.
    silent : bool
        A session on the card takes the CPU and says nothing, as when a library is missing.
    limit_px : float
        Pixels that a call may hold; more, and the memory is full until a new session is opened.
    fails : dict
        What to raise in the call of a number, counted over all sessions on the card.
    on_card : float
        Share of the operations that the profile says ran on the card.
    gate : threading.Event
        No call on the card begins before it is set.
    error_px : float
        What the card adds to the answers.
    calls : list of tuple
        Shapes of the first input of the calls that the card answered.
    """

    def __init__(self, real: Any, build: Path, providers: tuple[str, ...] = ("CUDAExecutionProvider",)):
        super().__init__("onnxruntime")
        self.real, self.providers = real, [*providers, "CPUExecutionProvider"]
        self.__file__, self.__version__, self.cuda_version = str(build / "__init__.py"), real.__version__, "13.0"
        self.refusal, self.silent, self.limit_px, self.fails = None, False, float("inf"), {}
        self.on_card, self.error_px, self.calls, self.gate = 1.0, 0.0, [], threading.Event()
        self.gate.set()
        self.opened, self.tried, self.options, self.lock = 0, 0, [], threading.Lock()
        self.most_at_once, self.at_once, self.bound = 0, 0, 0
        self.SessionOptions, self.OrtValue = real.SessionOptions, _value(self)

    def get_available_providers(self) -> list[str]:
        return self.providers

    def set_default_logger_severity(self, level: int) -> None:
        assert level == 4

    def preload_dlls(self) -> None:
        print("Failed to load libcublasLt.so.13: libcublasLt.so.13: cannot open shared object file")

    def InferenceSession(self, source, sess_options=None, providers=None, enable_fallback=1):
        names = [entry if isinstance(entry, str) else entry[0] for entry in providers]
        assert set(names) <= set(self.providers)
        if names == ["CPUExecutionProvider"]:
            return self.real.InferenceSession(source, sess_options, providers=names)
        assert not enable_fallback, "the fallback prints to standard output and hides the reason"
        self.options.append(providers[0][1])
        if self.refusal is not None:
            raise self.refusal
        if self.silent:
            return self.real.InferenceSession(source, sess_options, providers=["CPUExecutionProvider"])
        self.opened += 1
        return _Card(self, source, sess_options, names)


class _Card:
    """A session on the card."""

    def __init__(self, fake: Fake, source: Any, options: Any, names: list[str]):
        plain = fake.real.SessionOptions()
        plain.intra_op_num_threads = 1
        self._session = fake.real.InferenceSession(source, plain, providers=["CPUExecutionProvider"])
        self._fake, self._names, self._full, self._prefix = fake, names, False, options.profile_file_prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def get_providers(self) -> list[str]:
        return self._names

    def run(self, names: list[str], feed: dict[str, np.ndarray]) -> list[np.ndarray]:
        fake = self._fake
        with fake.lock:
            fake.tried += 1
            fake.at_once += 1
            fake.most_at_once = max(fake.most_at_once, fake.at_once)
            number = fake.tried
        try:
            assert fake.gate.wait(60)
            first = next(iter(feed.values()))
            if number in fake.fails:
                raise RuntimeError(fake.fails[number])
            if self._full:
                raise RuntimeError(ARENA_FULL)
            if first.size > fake.limit_px:
                self._full = True  # the arena holds what it took
                raise RuntimeError(NO_BUFFER)
            answer = self._session.run(names, feed)
            with fake.lock:
                fake.calls.append(first.shape)
            return [answer[0] + np.float32(fake.error_px), *answer[1:]]
        finally:
            with fake.lock:
                fake.at_once -= 1

    def end_profiling(self) -> str:
        node = {"cat": "Node", "args": {"op_name": "Conv", "provider": self._names[0], "output_size": "1000"}}
        left = {"cat": "Node", "args": {"op_name": "GridSample", "provider": "CPUExecutionProvider"}}
        share = self._fake.on_card
        left["args"]["output_size"] = str(int(1000 * (1 - share) / max(share, 1e-9)))
        path = Path(self._prefix + ".json")
        path.write_text(json.dumps([node, left] if share < 1 else [node]))
        return str(path)

    def io_binding(self) -> Any:
        return _Binding(self)

    def run_with_iobinding(self, binding: Any) -> None:
        feed = {name: value.array for name, value in binding.inputs.items()}
        parts = self.run(list(binding.outputs), feed)
        for (name, value), part in zip(list(binding.outputs.items()), parts):
            if value is None:
                binding.outputs[name] = self._fake.OrtValue.ortvalue_from_numpy(part, "cuda", 0)
            else:
                value.array[...] = part  # into the buffer that is there


class _Binding:
    def __init__(self, card: _Card):
        self.inputs, self.outputs = {}, {}
        card._fake.bound += 1

    def bind_ortvalue_input(self, name: str, value: Any) -> None:
        self.inputs[name] = value

    def bind_cpu_input(self, name: str, value: np.ndarray) -> None:
        assert value.dtype == np.int64
        self.inputs[name] = types.SimpleNamespace(array=value.copy())

    def bind_output(self, name: str, device: str, number: int) -> None:
        assert (device, number) == ("cuda", 0)
        self.outputs[name] = None

    def bind_ortvalue_output(self, name: str, value: Any) -> None:
        assert value is self.outputs[name]

    def synchronize_outputs(self) -> None:
        pass

    def get_outputs(self) -> list[Any]:
        return list(self.outputs.values())


def _value(fake: Fake) -> type:
    class OrtValue:
        """Memory of the card."""

        def __init__(self, array: np.ndarray):
            self.array = array.copy()

        @staticmethod
        def ortvalue_from_numpy(array: np.ndarray, device: str, number: int) -> OrtValue:
            assert (device, number) == ("cuda", 0) and array.flags.c_contiguous
            return OrtValue(array)

        def update_inplace(self, array: np.ndarray) -> None:
            assert array.shape == self.array.shape
            self.array[...] = array

        def numpy(self) -> np.ndarray:
            return self.array.copy()

    return OrtValue


def install(monkeypatch: Any, folder: Path, *providers: str) -> Fake:
    """Put a fake in the place of ONNX Runtime."""
    import onnxruntime as real

    fake = Fake(real, folder, providers or ("CUDAExecutionProvider",))
    monkeypatch.setitem(sys.modules, "onnxruntime", fake)
    return fake
