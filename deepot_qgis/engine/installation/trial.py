"""Whether ONNX Runtime in a folder works: imported and asked for one number, in a process of its own.

What is broken may end the process (an instruction that the processor lacks, say); QGIS must not be that process.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

from .interpreter import NO_WINDOW

_WITHIN_S = 180
#: numpy first: its libraries must be the ones that the folder's are linked to at run time, never the other way round.
_TRIAL = """
import json, sys
import numpy
folder, network = sys.argv[1], bytes.fromhex(sys.argv[2])
sys.path.insert(0, folder)
import onnxruntime
session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
answer = session.run(None, {"x": numpy.array([-1.0], dtype="float32")})[0]
assert answer.shape == (1,) and answer[0] == 0.0, answer
print("DEEPOT" + json.dumps({"version": onnxruntime.__version__, "file": onnxruntime.__file__,
                             "providers": onnxruntime.get_available_providers()}))
"""
#: The smallest network: y = Relu(x) of one number. ONNX, IR 8, opset 17.
NETWORK = (
    b'\x08\x08:7\n\x0c\n\x01x\x12\x01y"\x04Relu\x12\x05trialZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01'
    b"b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\x11"
)
#: What a wheel may ask for by name of the module, and the package that has it.
PURE = {
    "flatbuffers": "flatbuffers",
    "google": "protobuf",
    "packaging": "packaging",
    "coloredlogs": "coloredlogs",
    "humanfriendly": "humanfriendly",
    "sympy": "sympy",
    "mpmath": "mpmath",
}
_REASONS = (
    (
        r"DLL load failed|WinError 126\b|WinError 1114\b",
        "the Microsoft Visual C++ Redistributable 2015-2022 (x64) is missing or old: install it, then try again",
    ),
    (
        r"GLIBC_[\d.]+' not found|GLIBCXX_[\d.]+' not found|version `GLIBC",
        "this Linux is older than the package: update the system",
    ),
    (r"static TLS", "the process has no room left for its libraries (static TLS): start QGIS anew"),
    (r"compiled using NumPy|numpy\.core\.multiarray|_ARRAY_API", "it and the installed numpy do not fit each other"),
    (r"incompatible architecture|mach-o", "it is for another processor than this Python: start QGIS without Rosetta"),
)


@dataclass(frozen=True)
class Tried:
    """What a trial found.

    Attributes
    ----------
    version : str
        Of ONNX Runtime; empty where it does not work.
    file : str
        What was imported.
    providers : tuple of str
        What the build could use.
    problem : str
        Why it does not work, a clause; empty where it does.
    missing : str
        Package that it asked for; empty where it asked for none.
    log : str
        All that was said.
    """

    version: str = ""
    file: str = ""
    providers: tuple[str, ...] = ()
    problem: str = ""
    missing: str = ""
    log: str = ""


def try_folder(python: str, folder: str) -> Tried:
    """Import ONNX Runtime from a folder and let it compute, in a process of its own."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"}
    try:
        done = subprocess.run(  # noqa: S603 - the Python that we run in
            [python, "-c", _TRIAL, folder, NETWORK.hex()], capture_output=True, text=True, encoding="utf-8",
            errors="replace", timeout=_WITHIN_S, creationflags=NO_WINDOW, stdin=subprocess.DEVNULL, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Tried(problem=f"it did not answer in {_WITHIN_S} s")
    except OSError as error:
        return Tried(problem=f"Python does not start ({error})")
    line = next((line for line in done.stdout.splitlines() if line.startswith("DEEPOT{")), "")
    if done.returncode == 0 and line:
        facts = json.loads(line[len("DEEPOT") :])
        return _inside(folder, Tried(facts["version"], facts["file"] or "", tuple(facts["providers"])))
    log = done.stderr + done.stdout
    wanted = re.search(r"No module named '(\w+)", log)
    missing = PURE.get(wanted[1], "") if wanted else ""
    return Tried(problem=reason(log, done.returncode), missing=missing, log=log)


def reason(log: str, code: int) -> str:
    """Why a library does not work, a clause."""
    for pattern, meaning in _REASONS:
        if re.search(pattern, log):
            return meaning
    if code in (-4, 132, 3221225501):  # SIGILL; the last is 0xC000001D, Windows' word for it
        return "this processor lacks instructions that it uses (AVX)"
    if code < 0 or code > 2**30:
        return f"it ended the process that tried it (status {code})"
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1][:200] if lines else f"it ended with status {code}"


def _inside(folder: str, tried: Tried) -> Tried:
    """Refuse what was imported from elsewhere."""
    real = os.path.realpath(tried.file)
    base = os.path.realpath(folder)
    if os.path.normcase(real).startswith(os.path.normcase(base) + os.sep):
        return tried
    return Tried(problem=f"Python took another one ({tried.file})", log=f"sys.platform is {sys.platform}")
