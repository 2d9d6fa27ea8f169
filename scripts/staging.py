"""Put the plugin together: ``build/deepot_qgis/`` as QGIS installs it, and the zip of it.

``python -m scripts.staging`` (``make package``) writes ``dist/deepot_qgis-<version>.zip``. The demo, the desktop and
the tests stage the same way, so what they run is what a user installs.
"""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
BUILD = REPOSITORY / "build"
SITE = BUILD / "site"  # what `make docs` built; without it the plugin's help is at its homepage
PLUGIN = "deepot_qgis"
MAX_ZIP_BYTES = 25_000_000  # the plugin repository's limit
PLACEHOLDER = "example.org"
LRELEASE = ("lrelease", "lrelease-qt5", "lrelease-qt6", "lrelease6")  # as distributions call it

_NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "*.aux.xml", "*~", "*.tmp")


def metadata() -> dict[str, str]:
    """The ``general`` section of metadata.txt."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(REPOSITORY / "metadata.txt", encoding="utf-8")
    return dict(parser["general"])


def stage(folder: Path = BUILD) -> Path:
    """Copy everything that ships into ``folder/deepot_qgis`` (made anew) and return that folder."""
    plugin = folder / PLUGIN
    shutil.rmtree(plugin, ignore_errors=True)
    shutil.copytree(REPOSITORY / PLUGIN, plugin, ignore=_NOT_SHIPPED)
    for part in ("models", "resources"):
        if (REPOSITORY / part).is_dir():
            shutil.copytree(REPOSITORY / part, plugin / part, ignore=_NOT_SHIPPED)
    for name in ("metadata.txt", "LICENSE"):
        shutil.copy(REPOSITORY / name, plugin / name)
    compile_translations(plugin / "i18n")
    if (SITE / "index.html").is_file():
        shutil.copytree(SITE, plugin / "help", ignore=_NOT_SHIPPED)
    return plugin


def compile_translations(folder: Path) -> list[Path]:
    """Compile ``i18n/*.ts`` into ``folder`` with Qt's lrelease; nothing where that tool is not installed.

    Without compiled translations the plugin speaks English.
    """
    lrelease = next(filter(None, map(shutil.which, LRELEASE)), None)
    sources = sorted((REPOSITORY / "i18n").glob("*.ts"))
    if lrelease is None or not sources:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    compiled = []
    for source in sources:
        target = folder / source.with_suffix(".qm").name
        subprocess.run([lrelease, "-silent", str(source), "-qm", str(target)], check=True)
        compiled.append(target)
    return compiled


def write_zip(plugin: Path, archive: Path) -> Path:
    """Zip a staged plugin: the same files give the same bytes.

    Raises
    ------
    ValueError
        When the archive is larger than the plugin repository accepts.
    """
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted(plugin.rglob("*")):
            if not path.is_file():
                continue
            # The date is the oldest a zip can hold; owner, mode and order are fixed too.
            entry = zipfile.ZipInfo(path.relative_to(plugin.parent).as_posix(), (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            target.writestr(entry, path.read_bytes(), compresslevel=9)
    if archive.stat().st_size > MAX_ZIP_BYTES:
        raise ValueError(f"{archive} has {archive.stat().st_size} bytes; the plugin repository takes {MAX_ZIP_BYTES}")
    return archive


def main() -> int:
    """Stage, zip, and say what a release still lacks."""
    about = metadata()
    plugin = stage()
    archive = write_zip(plugin, REPOSITORY / "dist" / f"{PLUGIN}-{about['version']}.zip")
    print(f"{archive.relative_to(REPOSITORY)}: {archive.stat().st_size:,} bytes")
    if not list(plugin.glob("i18n/*.qm")):
        print("note: no translations in it (lrelease is not installed, or i18n/ has none)")
    if not (plugin / "help").is_dir():
        print("note: no help in it (run make docs first)")
    unset = sorted(key for key, value in about.items() if PLACEHOLDER in value and key != "about")
    if unset:
        print(f"note: before publishing, set in metadata.txt: {', '.join(unset)} ({PLACEHOLDER} is a placeholder)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
