"""What a wheel holds besides the package, as the zip of the plugin does: models, sample, metadata.

For machines without QGIS that measure: ``pip install '.[cluster]'`` in the repository.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools.command.build_py import build_py

REPOSITORY = Path(__file__).resolve().parents[1]


class BuildPy(build_py):
    """Puts into the package what lies beside it in the repository."""

    def run(self) -> None:
        """Copy the package, then the rest; an editable install finds the rest where it lies."""
        super().run()
        if getattr(self, "editable_mode", False):
            return
        package = Path(self.build_lib) / "deepot_qgis"
        for part in ("models", "resources"):
            shutil.copytree(REPOSITORY / part, package / part, dirs_exist_ok=True)
        for name in ("metadata.txt", "LICENSE"):
            shutil.copy(REPOSITORY / name, package / name)
