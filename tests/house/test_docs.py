"""The pages of docs/ and what lies beside them hold together, looked at without MkDocs (``make docs`` builds them)."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

import pytest

from deepot_qgis import __about__
from scripts import architecture_picture, docs_hooks, staging
from tests.house.test_repository import REPOSITORY, metadata

DOCS = REPOSITORY / "docs"
PAGES = sorted(DOCS.glob("*.md"))
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")


def words(page: Path) -> str:
    """What a page says, without its blocks of code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that both the repository's and MkDocs' rendering give to the headings."""
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", words(page), re.MULTILINE)
    plain = (re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading) for heading in headings)
    return {re.sub(r"[^\w\s-]", "", heading).strip().lower().replace(" ", "-") for heading in plain}


def broken_links(page: Path) -> list[str]:
    """The links of a page that lead nowhere: files, pictures and anchors."""
    found = []
    for picture, link in _LINK.findall(_CODE.sub("", words(page))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = urllib.parse.unquote(link).partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (picture and not target.is_file()):
            found.append(f"{page.name}: {link} is not there")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            found.append(f"{page.name}: {link} has no such heading")
    return found


@pytest.mark.parametrize("page", [*PAGES, REPOSITORY / "README.md"], ids=lambda page: page.stem)
def test_links_anchors_and_pictures(page):
    assert not broken_links(page)


def test_a_broken_link_is_seen(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One heading\n[a](#one-heading) [b](#two) [c](gone.md) ![d](gone.png) `[e](code.md)`\n")
    assert [said.split(": ")[1].split()[0] for said in broken_links(page)] == ["#two", "gone.md", "gone.png"]


def navigation() -> list[str]:
    return re.findall(r"^ +- .*: ([\w-]+\.md)$", (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_navigation_names_every_page_once():
    named = navigation()
    assert len(named) == len(set(named))
    assert set(named) - {page.name for page in PAGES} <= docs_hooks.MADE
    assert {page.name for page in PAGES} <= set(named)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_has_one_title_and_lists_that_every_reader_sees(page):
    text = words(page)
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    # Python-Markdown, unlike the repository's renderer, takes a list right below a line of text for more text.
    glued = re.findall(r"^(?![-*|>#\s]|\d+\. )[^\n]+\n(?:[-*]|1\.) .*$", text, re.MULTILINE)
    assert not glued
    nested = re.findall(r"^ {1,3}[-*] .*$", text, re.MULTILINE)
    assert not nested, "an item within an item needs four blanks"


def test_the_theme_needs_no_network():
    for file in (DOCS / "theme").iterdir():
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"https?://|//cdn|@import|url\(", text), file.name


def test_no_page_shows_what_lies_in_the_network():
    embedded = re.compile(r"!\[[^\]]*\]\(\w+:|<(?:img|script|iframe)\b")
    assert not [page.name for page in PAGES if embedded.search(_CODE.sub("", words(page)))]


def test_links_out_of_docs_lead_to_the_public_repository():
    said = docs_hooks.on_page_markdown("[a](../README.md) [b](pair.md)")
    assert said == f"[a]({metadata()['repository']}/blob/main/README.md) [b](pair.md)"


def test_every_page_that_help_opens_is_there():
    sources = [*(REPOSITORY / "deepot_qgis").rglob("*.py")]
    opened = {name for file in sources for name in re.findall(r'HELP_PAGE = "(.*)"', file.read_text(encoding="utf-8"))}
    assert {"index", "pair", "timeseries", "stations", "selftest", "interchange"} <= opened
    assert not [page for page in opened if not (DOCS / f"{page}.md").is_file()]


def test_the_plugin_carries_help_where_it_was_built(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "SITE", tmp_path / "site")
    assert not (staging.stage(tmp_path / "without") / "help").exists()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("help")
    assert (staging.stage(tmp_path / "with") / "help" / "index.html").read_text() == "help"


def test_the_citation_names_this_version_and_the_method():
    text = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(rf"^version: {re.escape(metadata()['version'])}$", text, re.MULTILINE)
    assert "10.5194/egusphere-egu26-15409" in text and "EGU26-15409" in text
    assert __about__.DOI in text
    assert all(f"family-names: {name}" in text for name in re.findall(r"(\w+), \w\.", __about__.CITATION))
    assert re.search(rf"^license: {re.escape(metadata()['license'])}$", text, re.MULTILINE)
    assert re.search(rf'^repository-code: "?{re.escape(metadata()["repository"])}"?$', text, re.MULTILINE)


def test_issue_templates_ask_for_what_is_needed():
    folder = REPOSITORY / ".github" / "ISSUE_TEMPLATE"
    names = {file.name for file in folder.glob("*.yml")}
    assert {"bug.yml", "wrong_result.yml", "idea.yml", "config.yml"} <= names
    for file in folder.glob("*.yml"):
        text = file.read_text(encoding="utf-8")
        assert "\t" not in text
        assert file.name == "config.yml" or re.search(r"^name: .+\ndescription: .+", text)


def test_the_picture_of_the_architecture_names_what_is_there():
    assert not architecture_picture.missing_rooms()
    assert architecture_picture.PICTURE.is_file()
