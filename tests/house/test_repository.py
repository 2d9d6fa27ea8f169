"""What is in the repository, and what metadata.txt promises."""

from __future__ import annotations

import configparser
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MAX_FILE_BYTES = 10_000_000
MAX_MODEL_BYTES = 6_000_000


def tracked() -> list[Path]:
    """Files under version control; everything but caches where git cannot say."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [REPOSITORY / name for name in listed.stdout.split("\0") if name and (REPOSITORY / name).is_file()]


def metadata() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(REPOSITORY / "metadata.txt", encoding="utf-8")
    return parser["general"]


def test_no_file_is_too_big():
    assert not [path for path in tracked() if path.stat().st_size > MAX_FILE_BYTES]


def test_models_are_small():
    assert not [path for path in (REPOSITORY / "models").glob("*.onnx") if path.stat().st_size > MAX_MODEL_BYTES]


def test_no_machine_paths_and_no_registry_hosts():
    """Nothing in the repository depends on the machine it was written on."""
    pattern = re.compile(rb"/work/|/root/|/opt/(wheels|pypi)|/tmp/(venv|tv)\b|--index-url|extra-index-url|find-links")
    wrong = [
        f"{path.relative_to(REPOSITORY)}: {match.group().decode()}"
        for path in tracked()
        if path.suffix in {".py", ".sh", ".md", ".toml", ".txt", ".cfg", ".json", ".qml", ".ts", ""}
        and path != Path(__file__).resolve()
        for match in [pattern.search(path.read_bytes())]
        if match
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "key",
    [
        "name",
        "description",
        "version",
        "qgisMinimumVersion",
        "author",
        "email",
        "about",
        "tracker",
        "repository",
        "homepage",
        "tags",
        "category",
        "icon",
        "license",
    ],
)
def test_metadata_has_what_the_repository_demands(key):
    assert metadata().get(key, "").strip()


def test_metadata_values_have_the_right_form():
    meta = metadata()
    assert re.fullmatch(r"\d+\.\d+\.\d+", meta["version"])
    assert re.fullmatch(r"3\.\d+", meta["qgisMinimumVersion"])
    assert re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]+", meta["email"])
    assert meta["hasProcessingProvider"] == "yes"
    assert meta["experimental"] in {"True", "False"}
    for key in ("tracker", "repository", "homepage"):
        assert meta[key].startswith("https://")
    assert (REPOSITORY / meta["icon"]).is_file()
    assert "onnxruntime" in meta["about"], "external dependencies must be stated in about"


def test_the_changelog_knows_the_version():
    changelog = REPOSITORY / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    assert metadata()["version"] in text or "Unreleased" in text


def test_every_command_of_the_readme_is_a_target_of_the_makefile():
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    pages = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
    command = re.compile(r"^ *(?:`{0,3})make ([a-z-]+)|`make ([a-z-]+)", re.MULTILINE)
    named = {match[1] or match[2] for page in pages for match in command.finditer(page.read_text(encoding="utf-8"))}
    assert named
    assert named <= targets


def test_shell_scripts_can_be_run():
    for script in (REPOSITORY / "scripts" / "setup.sh", REPOSITORY / ".ci" / "run"):
        assert script.stat().st_mode & 0o111, script
        assert subprocess.run(["bash", "-n", str(script)], capture_output=True).returncode == 0


def test_links_between_the_pages_lead_somewhere():
    broken = [
        f"{page.relative_to(REPOSITORY)}: {link}"
        for page in tracked()
        if page.suffix == ".md"
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in link and not (page.parent / link).exists()
    ]
    assert not broken, "\n".join(broken)
