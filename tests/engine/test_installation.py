"""Which ONNX Runtime a machine can have, where it lies, which Python installs it, what pip's words mean."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deepot_qgis.engine.errors import InstallationError
from deepot_qgis.engine.installation import choice, failures, interpreter, pip, place, trial
from deepot_qgis.engine.installation.choice import Machine
from deepot_qgis.engine.runtime import nvidia

LINUX = {"system": "linux", "processor": "x86_64", "glibc": (2, 36)}
WINDOWS = {"system": "win32", "processor": "amd64"}
MAC = {"system": "darwin", "processor": "arm64", "mac": (14, 5)}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(place.VARIABLE, str(tmp_path / "runtime"))


@pytest.mark.parametrize(
    ("machine", "requirement"),
    [
        (Machine((3, 9), **LINUX), "onnxruntime==1.19.2"),
        (Machine((3, 10), **LINUX), "onnxruntime==1.23.2"),
        (Machine((3, 11), **LINUX), "onnxruntime==1.31.1"),
        (Machine((3, 12), **WINDOWS), "onnxruntime==1.31.1"),
        (Machine((3, 14), **LINUX), "onnxruntime==1.31.1"),
        (Machine((3, 12), "linux", "aarch64", glibc=(2, 36), cuda=(13, 0)), "onnxruntime==1.31.1"),
        (Machine((3, 12), "linux", "x86_64", glibc=(2, 27)), "onnxruntime==1.28.0"),
        (Machine((3, 9), "linux", "x86_64", glibc=(2, 27)), "onnxruntime==1.19.2"),
        (Machine((3, 12), **MAC), "onnxruntime==1.31.1"),
        (Machine((3, 12), "darwin", "arm64", mac=(13, 6)), "onnxruntime==1.23.2"),
        (Machine((3, 12), "darwin", "x86_64", mac=(15, 0)), "onnxruntime==1.23.2"),
        (Machine((3, 9), "darwin", "x86_64", mac=(12, 0)), "onnxruntime==1.19.2"),
        (Machine((3, 12), **LINUX, cuda=(13, 0)), "onnxruntime-gpu==1.31.1"),
        (Machine((3, 12), **LINUX, cuda=(12, 4)), "onnxruntime-gpu==1.26.0"),
        (Machine((3, 12), **LINUX, cuda=(11, 8)), "onnxruntime==1.31.1"),
        (Machine((3, 10), **WINDOWS, cuda=(13, 0)), "onnxruntime-gpu==1.23.2"),
        (Machine((3, 9), **WINDOWS, cuda=(12, 2)), "onnxruntime-gpu==1.19.2"),
    ],
)
def test_the_version_that_a_machine_can_have(machine, requirement):
    assert choice.choose(machine).requirements[0] == requirement


def test_libraries_of_nvidia_fit_the_build():
    for machine in (Machine((3, 12), **LINUX, cuda=(13, 0)), Machine((3, 12), **LINUX, cuda=(12, 8)),
                    Machine((3, 10), **LINUX, cuda=(13, 1))):  # fmt: skip
        wanted = choice.choose(machine)
        thirteen = wanted.version == "1.31.1"
        assert ("nvidia-cudnn-cu13~=9.0" in wanted.companions) is thirteen
        assert ("nvidia-cudnn-cu12~=9.0" in wanted.companions) is not thirteen
        assert not [one for one in wanted.companions if thirteen and "cu12" in one]
        assert wanted.room > 5e9
    assert choice.choose(Machine((3, 12), **LINUX)).companions == ()


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (Machine((3, 12), "linux", "x86_64"), "musl"),
        (Machine((3, 12), "linux", "x86_64", glibc=(2, 17)), "glibc 2.27, and this Linux has 2.17"),
        (Machine((3, 15), **LINUX), "Python 3.15"),
        (Machine((3, 7), **LINUX), "Python 3.7"),
        (Machine((3, 9), "win32", "x86", wide=False), "64-bit"),
        (Machine((3, 14), "darwin", "x86_64", mac=(15, 0)), "Apple chip"),
    ],
)
def test_a_machine_for_which_there_is_none(machine, words):
    with pytest.raises(InstallationError, match=words) as caught:
        choice.choose(machine)
    assert "conventional method" in str(caught.value)


@pytest.mark.parametrize(
    ("driver", "cards", "cuda"),
    [
        (nvidia.Driver("550.1", (12, 4)), (nvidia.Gpu("A", 1, 2),), (12, 4)),
        (nvidia.Driver("550.1", (12, 4)), (), ()),
        (None, (), ()),
    ],
)
def test_a_card_counts_when_its_driver_answers(monkeypatch, driver, cards, cuda):
    monkeypatch.setattr(nvidia, "has_driver", lambda: True)
    monkeypatch.setattr(nvidia, "driver", lambda: driver)
    monkeypatch.setattr(nvidia, "gpus", lambda: cards)
    assert choice.this_machine().cuda == cuda
    assert choice.this_machine(use_card=False).cuda == ()


def test_this_machine_can_have_one():
    assert choice.choose(choice.this_machine(False)).package == "onnxruntime"


# ---- the folder


@pytest.mark.parametrize(
    ("system", "environment", "expected"),
    [
        ("linux", {}, "HOME/.local/share/deepot/runtime"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/deepot/runtime"),
        ("darwin", {}, "HOME/Library/Application Support/deepot/runtime"),
        ("win32", {"LOCALAPPDATA": "C:/Users/Zoë/AppData/Local"}, "C:/Users/Zoë/AppData/Local/deepot/runtime"),
        ("win32", {}, "HOME/AppData/Local/deepot/runtime"),
        ("win32", {place.VARIABLE: "D:/deepot"}, "D:/deepot"),
    ],
)
def test_where_it_lies(system, environment, expected):
    assert place.root(system, environment, "HOME").as_posix() == expected


def test_the_key_says_python_and_machine():
    assert f"-{sys.version_info[0]}{sys.version_info[1]}" in place.key() and sys.platform in place.key()


def grown(version: str = "1.31.1") -> place.Installed:
    part = place.begin()
    (part / "onnxruntime").mkdir()
    (part / "onnxruntime" / "__init__.py").write_text("")
    return place.complete(part, "onnxruntime", version)


def test_what_grows_is_not_used_before_it_has_its_name():
    part = place.begin()
    (part / "onnxruntime").mkdir()
    assert place.current() is None
    place.discard(part)
    assert not place.root().exists()


def test_the_newest_is_used_and_the_others_go():
    first, second = grown("1.30.0"), grown("1.31.1")
    assert place.current() == second and not os.path.exists(first.folder)


def test_what_a_user_installed_by_hand_is_used_when_there_is_nothing_else():
    (place.by_hand() / "onnxruntime").mkdir(parents=True)
    assert place.current() is None
    (place.by_hand() / "onnxruntime" / "__init__.py").write_text("")
    assert place.current() == place.Installed(str(place.by_hand()))
    assert place.current() != grown() == place.current()


def test_removing_leaves_nothing():
    grown()
    (place.by_hand() / "onnxruntime").mkdir(parents=True)
    assert place.remove() and not place.root().exists()
    assert not place.remove()


def test_a_library_that_is_held_is_marked_and_goes_the_next_time(monkeypatch):
    """As on Windows, where a loaded library cannot be deleted."""
    held = grown()
    unlink, rmtree = os.unlink, place.shutil.rmtree
    monkeypatch.setattr(place.shutil, "rmtree", lambda path, ignore_errors: None)
    assert place.remove() and place.current() is None and os.path.exists(held.folder)
    monkeypatch.setattr(place.shutil, "rmtree", rmtree)
    assert unlink is os.unlink
    place.sweep()
    assert not os.path.exists(held.folder)


def test_leftovers_of_a_process_that_is_gone_are_swept_and_of_another_machine_are_not():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    gone = place.home() / f"part-{place.processes.host()}-{child.pid}"
    elsewhere = place.home() / f"part-another_machine-{child.pid}"
    for folder in (gone, elsewhere):
        folder.mkdir(parents=True)
    place.sweep()
    assert not gone.exists() and elsewhere.exists()


def test_a_damaged_record_does_not_matter():
    found = grown()
    (Path(found.folder) / "deepot.json").write_text("[")
    assert place.current() == place.Installed(found.folder)


# ---- the Python program


def layout(tmp_path, *programs: str) -> None:
    """Files that answer as this Python does."""
    major, minor = sys.version_info[:2]
    for name in programs:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho {major} {minor} True\n")
        path.chmod(0o755)


VERSION = sys.version_info[:2]
WINDOWS_PYTHON = f"apps/Python{VERSION[0]}{VERSION[1]}"
FRAMEWORK = f"Contents/Frameworks/Python.framework/Versions/{VERSION[0]}.{VERSION[1]}"


@pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")
@pytest.mark.parametrize(
    ("system", "executable", "prefix", "python"),
    [
        ("win32", "bin/qgis-bin.exe", WINDOWS_PYTHON, f"{WINDOWS_PYTHON}/python.exe"),
        ("win32", "bin/qgis-bin.exe", "elsewhere", f"{WINDOWS_PYTHON}/python.exe"),
        ("win32", "bin/qgis-ltr-bin.exe", "elsewhere", "bin/python3.exe"),
        ("win32", "Library/bin/qgis.exe", ".", "python.exe"),  # conda
        ("darwin", "Contents/MacOS/QGIS", "Contents/Resources/python", "Contents/MacOS/bin/python3"),
        ("darwin", "Contents/MacOS/QGIS", "Contents/Resources/python", f"{FRAMEWORK}/bin/python3"),
        ("darwin", "Contents/MacOS/QGIS-LTR", "Contents/Frameworks", "Contents/MacOS/python"),
        ("linux", "bin/python3", ".", "bin/python3"),
        ("linux", "shims/python3", "usr", f"usr/bin/python{VERSION[0]}.{VERSION[1]}"),  # carried by a program
        ("linux", "bin/qgis", ".", f"bin/python{VERSION[0]}.{VERSION[1]}"),
    ],
)
def test_the_python_of_a_qgis(tmp_path, system, executable, prefix, python):
    root = tmp_path / "QGIS 3.40 für Zoë"
    layout(root, python)
    opened = root / executable
    if not opened.exists():
        opened.parent.mkdir(parents=True, exist_ok=True)
        opened.write_text('#!/bin/sh\ntouch "$0.opened"\n')
        opened.chmod(0o755)
    running = interpreter.Running(system, str(opened), str(root / prefix), str(root / prefix), VERSION)
    assert Path(interpreter.find(running)).resolve() == (root / python).resolve()
    assert not list(root.rglob("*.opened")), "QGIS itself was started"


@pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")
def test_a_python_of_another_version_is_not_taken(tmp_path):
    layout(tmp_path, "bin/python3")
    other = (VERSION[0], VERSION[1] + 1)
    running = interpreter.Running("linux", str(tmp_path / "bin" / "qgis"), str(tmp_path), str(tmp_path), other)
    with pytest.raises(InstallationError, match="No Python program was found that belongs to this QGIS"):
        interpreter.find(running)


def test_this_python_finds_itself():
    assert os.path.samefile(interpreter.find(), sys.executable)


# ---- sentences


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("/usr/bin/python3: No module named pip", "sudo apt install python3-pip"),
        ("OSError('Tunnel connection failed: 407 Proxy Authentication Required'))", "407"),
        ("Can't connect to HTTPS URL because the SSL module is not available.", "module ssl does not load"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: Could not install packages due to an OSError: [WinError 112] There is not enough space on the disk",
         "disk is full"),
        ("OSError: [Errno 122] Disk quota exceeded: '/home/a'", "quota"),
        ("ERROR: Could not install packages due to an OSError: [WinError 32] The process cannot access the file "
         "because it is being used by another process: 'C:\\\\x\\\\onnxruntime.dll'", "antivirus that looks into it"),
        ("ERROR: Could not install packages due to an OSError: [WinError 5] Access is denied: 'C:\\\\x'", "refused"),
        ("[WinError 225] Operation did not complete because the file contains a virus", "exception"),
        ("error: externally-managed-environment\n\n× It is externally managed", "--break-system-packages"),
        ("onnxruntime-1.31.1-cp39-cp39-win_amd64.whl is not a supported wheel on this platform.", "kind of machine"),
        ("MemoryError", "memory ran out"),
        ("ReadTimeoutError(\"HTTPSConnectionPool(host='x', port=443): Read timed out.\")", "breaks off"),
        ("NewConnectionError('Failed to establish: [Errno 11001] getaddrinfo failed')", "no network"),
        ("OSError: [WinError 206] The filename or extension is too long", "too long"),
        ("Traceback\nValueError: what nobody knows\n", "pip failed: ValueError: what nobody knows. The log"),
        ("", "pip failed. The log"),
    ],
)  # fmt: skip
def test_pip_s_words_become_a_sentence(log, words):
    text = failures.sentence(log, "Python 3.11 on linux x86_64")
    assert words in text and text.endswith(".") and "\n" not in text and len(text) < 500


def test_a_later_word_does_not_hide_the_first_cause():
    """pip ends every failure of the network with a version that it did not find."""
    log = "Retrying after connection broken by 'NewConnectionError(...: [Errno -2] Name or service not known')\nERROR: "
    log += "Could not find a version that satisfies the requirement onnxruntime==1.31.1 (from versions: none)"
    assert "no network" in failures.sentence(log, "")


def test_the_command_to_copy_is_quoted_for_its_system():
    target = Path("My data") / "x"
    assert pip.manual_command("C:\\Program Files\\python.exe", target, ("onnxruntime==1.31.1",), "nt") == (
        f'"C:\\Program Files\\python.exe" -m pip install --no-deps --target "{target}" "onnxruntime==1.31.1"'
    )
    assert pip.manual_command("/usr/bin/python3", target, ("a~=1.0",), "posix") == (
        f"/usr/bin/python3 -m pip install --no-deps --target '{target}' 'a~=1.0'"
    )


@pytest.mark.parametrize(
    ("log", "code", "words"),
    [
        ("ImportError: DLL load failed while importing onnxruntime_pybind11_state", 1, "Visual C++"),
        ("", -4, "AVX"),
        ("", 3221225501, "AVX"),
        ("", 3221225477, "ended the process"),
        ("ImportError: x.so: cannot allocate memory in static TLS block", 1, "start QGIS anew"),
        ("ImportError: dlopen(x.so): mach-o file, but is an incompatible architecture", 1, "Rosetta"),
        ("ValueError: something", 1, "ValueError: something"),
    ],
)
def test_why_a_library_does_not_work(log, code, words):
    assert words in trial.reason(log, code)
