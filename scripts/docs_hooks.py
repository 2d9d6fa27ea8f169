"""What MkDocs calls while it builds docs/ (``make docs``); it needs nothing but the standard library.

Pages are written to be read in the repository too, so some link to files outside docs/: those lead to the public
repository on the site. The search index becomes a script, because a browser that shows a page from a folder may not
read other files.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from scripts.staging import metadata

#: Pages that a command writes, and that are not there before it has run.
MADE = {"performance.md"}
_FILE_NAME = re.compile(r"\[([\w-]+\.md)\]\(\1")
_DOCS = Path(__file__).resolve().parents[1] / "docs"
_PICTURE = re.compile(r'(<img [^>]*src="([^"]+)"[^>]*>)')
_OUTWARD = re.compile(r"\]\(\.\./([^)\s]+)\)")


def on_config(config, **_event):
    """Leave pages that are not made yet out of the navigation."""
    lacking = {name for name in MADE if not (Path(config["docs_dir"]) / name).is_file()}
    config["nav"] = [_without(part, lacking) for part in config["nav"]]
    return config


def _without(part: dict, lacking: set[str]) -> dict:
    """Return a part of the navigation without some pages."""
    return {
        title: [page for page in pages if not lacking & set(page.values())] if isinstance(pages, list) else pages
        for title, pages in part.items()
    }


def on_page_markdown(markdown: str, **_event) -> str:
    """Let links that leave docs/ lead to the repository's public address, and call pages by their titles."""
    outward = _OUTWARD.sub(lambda link: f"]({metadata()['repository']}/blob/main/{link[1]})", markdown)
    return _FILE_NAME.sub(lambda link: f"[{_title(link[1])}]({link[1]}", outward)


def _title(name: str) -> str:
    """Return the first heading of a page, or its file name where there is no such page."""
    page = _DOCS / name
    return page.read_text(encoding="utf-8").split("\n", 1)[0].lstrip("# ") if page.is_file() else name


def on_page_content(html: str, **_event) -> str:
    """Let wide tables scroll by themselves, so that a page fits on a small screen; let a click enlarge a picture."""
    html = _PICTURE.sub(r'<a href="\2">\1</a>', html)
    return html.replace("<table>", '<div class="table"><table>').replace("</table>", "</table></div>")


def on_env(env, config, **_event):
    """Give the template the version it stands for."""
    env.globals["version"] = metadata()["version"]
    return env


def on_post_build(config, **_event) -> None:
    """Write the search index as a script, and leave out what nobody opens."""
    site = Path(config["site_dir"])
    index = site / "search" / "search_index.json"
    entries = json.loads(index.read_text(encoding="utf-8"))["docs"]
    titles = {entry["location"]: entry["title"] for entry in entries if "#" not in entry["location"]}
    pages = [
        [entry["location"], entry["title"], " ".join(entry["text"].split()), titles[entry["location"].split("#")[0]]]
        for entry in entries
        if "#" in entry["location"]  # what has none is a whole page, whose text stands under its headings too
    ]
    text = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    (site / "search_index.js").write_text(f"const PAGES = {text};\n", encoding="utf-8")
    index.unlink()
    index.parent.rmdir()
    (site / "sitemap.xml.gz").unlink(missing_ok=True)
