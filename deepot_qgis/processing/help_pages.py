"""Where the pages of help are: in the plugin, in a checkout where they were built, else at the plugin's homepage."""

from __future__ import annotations

from deepot_qgis.__about__ import HOMEPAGE
from deepot_qgis.engine.resources import folder

_PLACES = ("help", "build/site")  # the installed plugin's, and what `make docs` writes in a checkout


def page_url(page: str) -> str:
    """Return the address of a page of help.

    Parameters
    ----------
    page : str
        Name of a page of docs/ without its ending, such as ``pair``.
    """
    for place in _PLACES:
        file = folder(place) / f"{page}.html"
        if file.is_file():
            return file.as_uri()
    return f"{HOMEPAGE}/{page}.html"
