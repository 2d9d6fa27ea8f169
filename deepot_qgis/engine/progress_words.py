"""What runs say they are doing: the sentences that come with progress, for those who translate them."""

from __future__ import annotations

import re
from functools import lru_cache

#: Every sentence that a `callbacks.Progress` is called with; what changes stands in braces.
SENTENCES = (
    "{done} of {total} pairs",
    "{done} of {total} pairs, {count} under way",
    "About {memory} GB of memory will be used: {tiles} tile of {width} x {height} px, {workers} at a time.",
    "About {memory} GB of memory will be used: {tiles} tiles of {width} x {height} px, {workers} at a time.",
    "Aligning",
    "Asking the package index",
    "Bringing offsets to the map",
    "Checking the images",
    "Checking the pair",
    "Checking the pairs",
    "Comparing {name}",
    "Done",
    "Drawing the map",
    "Drawing the maps",
    "Drawing the plots",
    "Drawing {name}",
    "Following the radar's rays",
    "Importing pairs",
    "Importing the series",
    "Importing velocity",
    "Installing, {size} MB on the disk",
    "Inverting pairs to dates",
    "Looking at stable ground",
    "Looking at the images",
    "Looking for Python and pip",
    "Measuring bodies {size} px wide",
    "Measuring offsets",
    "Measuring offsets, {memory} GB of memory",
    "Measuring smooth motion",
    "Measuring still ground",
    "Pair {number} of {total}, {name}",
    "Projecting motion on the slope",
    "Reading statistics",
    "Reading the lookup",
    "Reading the product",
    "Reading the stations",
    "Refining",
    "Stable ground",
    "Trying ONNX Runtime",
    "Writing MintPy files",
    "Writing NetCDF",
    "Writing points",
    "Writing the Cloud Optimized GeoTIFF",
    "Writing the files",
    "Writing the stack",
    "Writing the tables",
)


def recognise(text: str) -> tuple[int, dict[str, str]] | None:
    """Return which of `SENTENCES` a text is, and what stands in its braces; None for any other text."""
    for number, pattern in enumerate(_patterns()):
        found = pattern.fullmatch(text)
        if found:
            return number, found.groupdict()
    return None


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(sentence)), re.DOTALL) for sentence in SENTENCES
    )
