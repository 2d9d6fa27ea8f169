"""ONNX Runtime installed from an index on this computer, and every failure that can be provoked, provoked."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from deepot_qgis.engine.cli import main
from deepot_qgis.engine.errors import CancelledError, InstallationError
from deepot_qgis.engine.installation import choice, interpreter, pip, place
from deepot_qgis.engine.installation.installing import InstallOptions, install
from tests.engine import local_index

WANTED = choice.Wanted("onnxruntime", "1.31.1", room=1_000_000)
WAIT_S = 60


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """A private folder for each test, with a blank and letters of elsewhere, and pip as a new user has it."""
    for name in [name for name in os.environ if name.startswith("PIP_") or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    folder = tmp_path / "Größe 測定"
    monkeypatch.setenv(place.VARIABLE, str(folder))
    return folder


@pytest.fixture
def index(monkeypatch):
    with local_index.serving() as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        yield index


def failure(**options) -> str:
    """The sentence of an installation that must fail; nothing is left of it, and there is a command to copy."""
    log = []
    with pytest.raises(InstallationError) as caught:
        install(InstallOptions(wanted=WANTED, **options), log.append)
    assert place.current() is None
    assert not place.root().exists(), list(place.root().rglob("*"))
    assert "-m pip install --no-deps --target" in caught.value.command
    assert "onnxruntime==1.31.1" in caught.value.command and str(place.by_hand()) in caught.value.command
    text = str(caught.value)
    assert text.endswith(".") and text.isprintable() and len(text) < 500, log
    return text


def test_it_is_installed_alone_tried_and_renamed(index, own_folder):
    index.offer("onnxruntime", local_index.runtime(requires=("numpy>=99", "flatbuffers")))
    index.offer("numpy", local_index.wheel("numpy", "99.0", ""), "99.0")
    told, log = [], []
    done = install(InstallOptions(wanted=WANTED), log.append, lambda fraction, text: told.append(fraction))
    assert done == place.current() == place.Installed(done.folder, "onnxruntime", "1.31.1")
    assert Path(done.folder).parent == own_folder / place.key()
    assert {"onnxruntime", "deepot.json"} <= set(os.listdir(done.folder)) and "tmp" not in os.listdir(done.folder)
    assert not [path for path in index.asked if "numpy" in path or "flatbuffers" in path]
    assert told == sorted(told) and told[-1] == 1.0
    assert any(line.startswith("Successfully installed onnxruntime") for line in log)


def test_installing_again_takes_the_place_of_the_first(index):
    index.offer("onnxruntime", local_index.runtime())
    first = install(InstallOptions(wanted=WANTED))
    second = install(InstallOptions(wanted=WANTED))
    assert place.current() == second != first
    assert not os.path.exists(first.folder)


def test_a_failure_leaves_what_was_installed_before(index):
    index.offer("onnxruntime", local_index.runtime())
    first = install(InstallOptions(wanted=WANTED))
    index.refusal = 503
    with pytest.raises(InstallationError):
        install(InstallOptions(wanted=WANTED))
    assert place.current() == first
    assert os.listdir(place.home()) == [os.path.basename(first.folder)]


def test_what_it_asks_for_is_installed_and_nothing_else(index):
    if subprocess.run([sys.executable, "-c", "import coloredlogs"], capture_output=True).returncode == 0:
        pytest.skip("coloredlogs is installed here")
    index.offer("onnxruntime", local_index.runtime(source="import coloredlogs\n" + local_index.RUNTIME))
    index.offer("coloredlogs", local_index.wheel("coloredlogs", "15.0", "", requires=("humanfriendly",)), "15.0")
    done = install(InstallOptions(wanted=WANTED))
    assert {"onnxruntime", "coloredlogs"} <= set(os.listdir(done.folder))
    assert not [path for path in index.asked if "humanfriendly" in path]


def test_settings_of_the_user_that_would_send_it_elsewhere_do_not(index, monkeypatch, tmp_path):
    index.offer("onnxruntime", local_index.runtime())
    for name, value in {"USER": "1", "TARGET": str(tmp_path / "x"), "PREFIX": str(tmp_path / "y"), "NO_BINARY": ":all:",
                        "REQUIRE_VIRTUALENV": "1"}.items():  # fmt: skip
        monkeypatch.setenv(f"PIP_{name}", value)
    install(InstallOptions(wanted=WANTED))
    assert not (tmp_path / "x").exists() and not (tmp_path / "y").exists()


def test_a_proxy_that_wants_a_password(index, monkeypatch):
    index.refusal = 407
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple/")
    text = failure(proxy=index.url.replace("/simple/", ""))
    assert "407" in text and "name and a password" in text
    assert set(index.asked) == {"index.invalid:443"}


def test_a_proxy_that_is_not_there(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple/")
    assert failure(proxy=f"http://127.0.0.1:{closed_port()}").startswith("The proxy does not answer")


def test_the_user_s_own_proxy_goes_over_that_of_qgis(tmp_path):
    own = pip.environment(tmp_path, "http://qgis:1", {"https_proxy": "http://own:2"})
    assert own["https_proxy"] == "http://own:2" and "HTTPS_PROXY" not in own


def test_nobody_listens(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{closed_port()}/simple/")
    assert failure().startswith("The connection to the package server does not come about")


def test_no_name_is_resolved(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple/")
    assert "this computer seems to have no network" in failure()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_certificate_that_nobody_signed(tmp_path, monkeypatch):
    with local_index.serving(local_index.self_signed(tmp_path)) as index:
        monkeypatch.setenv("PIP_INDEX_URL", index.url)
        index.offer("onnxruntime", local_index.runtime())
        assert "certificate of the package server is not trusted" in failure()
        monkeypatch.setenv("PIP_CERT", str(tmp_path / "certificate.pem"))
        assert install(InstallOptions(wanted=WANTED)).version == "1.31.1"


def test_no_tls_where_it_was_expected(index, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", index.url.replace("http://", "https://"))
    assert "secure connection" in failure()


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit on Windows")
def test_a_quota(index):
    import resource

    index.offer("onnxruntime", local_index.runtime(extra=bytes(3_000_000)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        text = failure()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "a quota" in text


def test_a_full_disk(index, tmp_path, monkeypatch):
    disk = tmp_path / "small disk"
    disk.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True).returncode
    ):
        pytest.skip("no disk can be mounted here")
    try:
        monkeypatch.setenv(place.VARIABLE, str(disk / "runtime"))
        index.offer("onnxruntime", local_index.runtime(extra=os.urandom(3_000_000)))
        assert failure().startswith("The disk is full")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_too_little_room_is_said_before_anything_is_downloaded(index):
    with pytest.raises(InstallationError, match=r"The disk has \d+ MB left, and onnxruntime needs 1000000000 MB"):
        install(InstallOptions(wanted=choice.Wanted("onnxruntime", "1.31.1", room=10**15)))
    assert not index.asked and not place.root().exists()


def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(place.VARIABLE, str(tmp_path / "file"))
    with pytest.raises(InstallationError, match="cannot be written .*set DEEPOT_RUNTIME"):
        install(InstallOptions(wanted=WANTED))


@pytest.mark.parametrize(
    "tag", ["cp311-cp311-win_arm64", "cp38-cp38-manylinux_2_28_x86_64", "py3-none-macosx_99_0_arm64"]
)
def test_no_wheel_for_this_platform(index, tag):
    index.offer("onnxruntime", local_index.runtime(), tag=tag)
    text = failure()
    assert "has none of onnxruntime==1.31.1 for Python" in text and "glibc" in text


def test_an_index_with_older_versions_only(index):
    index.offer("onnxruntime", local_index.runtime("1.16.0"), "1.16.0")
    assert "has 1.16.0 at most of onnxruntime==1.31.1" in failure()


def test_an_index_without_the_package(index):
    assert "has none of onnxruntime==1.31.1" in failure()


@pytest.mark.parametrize(("status", "words"), [(403, "refuses you"), (503, "a trouble of its own")])
def test_a_server_that_refuses(index, status, words):
    index.offer("onnxruntime", local_index.runtime())
    index.refusal = status
    text = failure()
    assert words in text or "has none of" in text  # older pips say of a page that is refused that nothing was found


def test_a_damaged_download(index):
    index.offer("onnxruntime", local_index.runtime())
    index.fragment = "#sha256=" + "0" * 64
    assert failure().startswith("What was downloaded is damaged")


def test_no_wheel_at_all_behind_the_link(index):
    index.offer("onnxruntime", b"<html>Please accept the terms of this network</html>")
    assert failure().startswith("What was downloaded is damaged")


def test_cancelled_in_the_middle_of_a_download(index):
    index.offer("onnxruntime", local_index.runtime(extra=bytes(3_000_000)))
    index.stalls = True
    with pytest.raises(CancelledError):
        install(InstallOptions(wanted=WANTED), cancelled=index.half.is_set)
    assert index.hung_up.wait(WAIT_S), "pip still runs"
    assert not place.root().exists()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise ImportError('DLL load failed while importing onnxruntime_pybind11_state')", "Visual C\\+\\+"),
        ('raise ImportError("/lib/libm.so.6: version `GLIBC_2.99\' not found")', "this Linux is older"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGILL)", "AVX"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended the process"),
        (local_index.RUNTIME.replace("clip(min=0)", "clip(max=0)"), "AssertionError"),
    ],
)
def test_what_does_not_work_is_removed_again(index, source, words):
    index.offer("onnxruntime", local_index.runtime(source=source))
    with pytest.raises(InstallationError, match=f"was installed and does not work here: .*{words}"):
        install(InstallOptions(wanted=WANTED))
    assert not place.root().exists()


def test_a_python_without_pip_takes_the_wheel_that_its_system_keeps(tmp_path):
    python = bare_python(tmp_path)
    found = pip.start_of(python)
    if found is None:
        pytest.skip("this system keeps no wheel of pip")
    assert found[0] == python and found[1].endswith(".whl/pip")
    done = subprocess.run([*found, "--version"], capture_output=True, text=True)
    assert done.stdout.startswith("pip ")


def test_no_pip_and_no_wheel_of_it(tmp_path, monkeypatch):
    python = bare_python(tmp_path)
    monkeypatch.setattr(pip, "_FIND", "print()")
    monkeypatch.setattr(interpreter, "find", lambda: python)
    assert "sudo apt install python3-pip" in failure()


@pytest.mark.slow
def test_the_real_package(own_folder, monkeypatch):
    """From the registry that pip knows, where one answers."""
    monkeypatch.undo()
    monkeypatch.setenv(place.VARIABLE, str(own_folder))
    try:
        done = install(InstallOptions(use_card=False))
    except InstallationError as error:
        pytest.skip(f"no registry answers: {error}")
    assert done.version == choice.choose(choice.this_machine(False)).version
    assert {name for name in os.listdir(done.folder) if "." not in name} <= {"onnxruntime", "bin"}


def test_two_at_once_do_not_disturb_each_other(index):
    """A second process' folder that grows is left alone."""
    index.offer("onnxruntime", local_index.runtime())
    other = place.home() / f"part-{place.processes.host()}-{os.getppid()}"
    other.mkdir(parents=True)
    thread = threading.Thread(target=install, args=(InstallOptions(wanted=WANTED),))
    thread.start()
    thread.join(WAIT_S)
    assert other.is_dir() and place.current() is not None


def test_the_command_line(index, monkeypatch, capsys):
    monkeypatch.setattr(choice, "choose", lambda machine: WANTED)
    assert main(["install-runtime"]) == 1
    said = capsys.readouterr().err
    assert "\nBy hand: " in said and "-m pip install --no-deps --target" in said and "has none of onnxruntime" in said
    index.offer("onnxruntime", local_index.runtime())
    assert main(["install-runtime"]) == 0
    assert capsys.readouterr().out == f"onnxruntime 1.31.1: {place.current().folder}\n"
    assert main(["install-runtime", "--show"]) == 0
    said = capsys.readouterr().out
    assert f"Private folder: {place.current().folder}" in said and "Would install: onnxruntime==1.31.1" in said
    assert main(["install-runtime", "--remove"]) == 0 and capsys.readouterr().out == "Removed.\n"
    assert place.current() is None
    assert main(["install-runtime", "--remove"]) == 0 and "none to remove" in capsys.readouterr().out


def bare_python(folder: Path) -> str:
    """A Python without pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "bare")], check=True)
    return str(folder / "bare" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
