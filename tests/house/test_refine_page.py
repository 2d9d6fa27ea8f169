"""The numbers of docs/refine.md are those that the command named there prints."""

from __future__ import annotations

from scripts import refine_page
from tests.conftest import REPOSITORY


def test_the_table_is_what_the_command_prints(tmp_path):
    page = (REPOSITORY / "docs" / "refine.md").read_text(encoding="utf-8")
    missing = [line for line in refine_page.lines(str(tmp_path)) if line.strip() and line not in page]
    assert not missing
