"""One damaged or odd input, and what the engine has to do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: What may become of a case: anything civil, a sentence, or a result.
ANY, REFUSED, TAKEN = "any", "refused", "taken"


@dataclass(frozen=True)
class Case:
    """An input for one entry point of the engine.

    Attributes
    ----------
    name : str
        Unique within its kind.
    kind : str
        ``raster``, ``model``, ``array``, ``table``, ``record``, ``refinement`` or ``geometry``.
    entry : str
        A function of `entries`.
    path : str
        The hostile file; its name has to stand in the sentence.
    must : str
        `ANY`, `REFUSED` or `TAKEN`.
    more : mapping
        Further arguments of the entry, all JSON.
    says : str
        Words that the sentence has to hold, instead of the file's name.
    """

    name: str
    kind: str
    entry: str
    path: str
    must: str = ANY
    more: Mapping[str, Any] = field(default_factory=dict)
    says: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    Attributes
    ----------
    case : Case
    how : str
        ``refused`` (a sentence), ``taken`` (a result), ``raised`` (another exception), ``died``, ``hung``.
    words : str
        The sentence, or what was seen.
    wrote : tuple of str
        Files outside the output folder that appeared, changed or vanished.
    peak_mb, cpu_s : float
    """

    case: Case
    how: str
    words: str = ""
    wrote: tuple[str, ...] = ()
    peak_mb: float = 0.0
    cpu_s: float = 0.0

    def complaints(self) -> list[str]:
        """What is wrong with it; empty when it is as it should be."""
        found = []
        if self.how not in (REFUSED, TAKEN):
            found.append(f"{self.how}: {self.words}")
        elif self.case.must not in (ANY, self.how):
            found.append(f"{self.how}, and had to be {self.case.must}: {self.words}")
        if self.how == REFUSED:
            found += _not_a_sentence(self.words, self.case.says or self.case.path.rpartition("/")[2])
        if self.wrote:
            found.append(f"touched outside the output: {', '.join(self.wrote)}")
        if self.peak_mb > MOST_MB:
            found.append(f"{self.peak_mb:.0f} MB of memory")
        return found


#: Memory that a case may need at its peak, MB, the interpreter and all libraries included.
MOST_MB = 2000
#: Seconds of computing, and seconds in all (a busy machine is slow, a hang is for ever), after which a case hangs.
MOST_CPU_S, MOST_WALL_S = 10, 30
_LONGEST = 900


def _not_a_sentence(words: str, needed: str) -> list[str]:
    found = []
    if needed not in words:
        found.append(f"the sentence does not say '{needed}': {words}")
    if not words.rstrip().endswith((".", "!", "?")) or not words[:1].strip():
        found.append(f"no sentence: {words!r}")
    if len(words) > _LONGEST:
        found.append(f"a sentence of {len(words)} characters: {words[:200]}...")
    if any(ord(character) < 32 for character in words):
        found.append(f"control characters in {words!r}")
    if "Traceback" in words or "<osgeo" in words or "object at 0x" in words:
        found.append(f"a program's words: {words}")
    return found
