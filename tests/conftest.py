"""Fixtures that every test folder shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the working tree."""
    return REPOSITORY


@pytest.fixture(scope="session", autouse=True)
def own_runtime_folder(tmp_path_factory) -> None:
    """No test sees, or touches, an ONNX Runtime that somebody installed for the plugin on this machine."""
    os.environ["DEEPOT_RUNTIME"] = str(tmp_path_factory.mktemp("runtime"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder ``data`` of the shared material (real imagery that the repository does not hold); skips without it."""
    data = Path(os.environ.get("DEEPOT_SHARED", REPOSITORY.parent / "shared")) / "data"
    if not data.is_dir():
        pytest.skip(f"no shared data at {data}; set DEEPOT_SHARED to the folder that holds data/")
    return data
