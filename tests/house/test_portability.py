"""What only Windows or macOS would notice: no shell, every text with its encoding, no separator taken for granted."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SOURCES = sorted((REPOSITORY / "deepot_qgis").rglob("*.py"))

SHELLS = {
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "asyncio.create_subprocess_shell",
}
# Calls that open text with the encoding of the machine, unless told; Windows has cp1252 or cp932 there.
TEXT_METHODS = {"read_text", "write_text"}
POSIX_ONLY = {"os.fork", "os.getuid", "os.geteuid", "os.mkfifo", "os.killpg", "os.setsid", "os.uname", "os.getpgid"}


def _mode(call: ast.Call, position: int) -> str | None:
    """The mode a file is opened with; None where only running it can say."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "mode"] or call.args[position : position + 1]
    if not given:
        return "r"
    return given[0].value if isinstance(given[0], ast.Constant) else None


def complaints(source: str) -> list[str]:
    """What would go wrong on another system, with the line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        words = {keyword.arg: keyword.value for keyword in node.keywords}
        shell = words.get("shell")
        if name in SHELLS or (shell is not None and not (isinstance(shell, ast.Constant) and shell.value is False)):
            found.append(f"{node.lineno}: {name} starts a shell, whose quoting differs from system to system")
        if name in POSIX_ONLY:
            found.append(f"{node.lineno}: Windows has no {name}")
        method = name.rpartition(".")[2]
        text = (name == "open" or name.endswith(".fdopen")) and "b" not in (_mode(node, 1) or "b")
        text |= method == "open" and name != "open" and bool(node.args) and _mode(node, 0) in ("r", "w", "a", "x")
        positional = (method == "read_text" and node.args) or (method == "write_text" and len(node.args) > 1)
        if (text or (method in TEXT_METHODS and not positional)) and "encoding" not in words:
            found.append(f"{node.lineno}: {name} without an encoding reads another text on Windows")
        if method in ("split", "rsplit", "partition", "rpartition") and node.args:
            of = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            if isinstance(node.args[0], ast.Constant) and node.args[0].value in ("/", "\\") and "path" in of.lower():
                found.append(f"{node.lineno}: {of} is taken apart at one system's separator; use pathlib")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_sources_work_on_every_system(path):
    assert complaints(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "subprocess.run(line, shell=True)",
        "os.system('ls')",
        "open(name)",
        "open(name, 'w')",
        "Path(name).read_text()",
        "Path(name).write_text(words)",
        "path.open('w')",
        "path.split('/')",
        "os.getuid()",
    ],
)
def test_the_rule_sees(source):
    assert complaints(source)


@pytest.mark.parametrize(
    "source",
    [
        "subprocess.run([sys.executable, '-m', 'pip'])",
        "open(name, 'rb')",
        "open(name, 'w', encoding='utf-8')",
        "Path(name).read_text('utf-8')",
        "url.split('/')",
        "dialog.open()",
    ],
)
def test_the_rule_lets_pass(source):
    assert complaints(source) == []
