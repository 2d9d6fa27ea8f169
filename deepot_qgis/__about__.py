"""What the plugin is called and which version it is: one source, ``metadata.txt``.

The file lies beside the package in the repository and inside it in an installed plugin.
"""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def _metadata() -> dict[str, str]:
    parser = ConfigParser(interpolation=None)
    for candidate in (_HERE / "metadata.txt", _HERE.parent / "metadata.txt"):
        if candidate.is_file():
            parser.read(candidate, encoding="utf-8")
            break
    return dict(parser["general"]) if parser.has_section("general") else {}


_GENERAL = _metadata()

NAME = _GENERAL.get("name", "DeepOT")
VERSION = _GENERAL.get("version", "0")
HOMEPAGE = _GENERAL.get("homepage", "")
#: The abstract that describes the method; CITATION.cff has it for programs.
DOI = "10.5194/egusphere-egu26-15409"
CITATION = (
    "Lu, Z., Kim, J., and Jung, H.-S.: DeepOT: A Deep Learning Framework for Pixel-Level Ground Surface Displacement "
    f"Estimation from SAR Amplitude Imagery, EGU General Assembly 2026, EGU26-15409, https://doi.org/{DOI}, 2026."
)
