"""Damaged and odd input: the whole hostile corpus, and property-based fuzzing of every parser, with their counts.

    python -m benchmarks.fuzz                          # all of it: some minutes
    python -m benchmarks.fuzz --sample                 # of the corpus what every run of the tests takes
    python -m benchmarks.fuzz --rounds 20 --seed 7     # every parser twenty times over, with seeds 7 to 26

Files and parsers are those of `tests/hostile`, which says what a case has to do: end in a result or in a sentence, in
time, within its memory, with nothing touched or called. Ends with status 1 when one does anything else.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import results
from benchmarks.children import REPOSITORY, run
from tests.hostile import harness
from tests.hostile.case import MOST_CPU_S, MOST_MB, REFUSED, TAKEN, Outcome
from tests.hostile.test_corpus import KINDS, sample

PARSERS = "tests/hostile/test_parsers.py"
_TEST = re.compile(r"^\S+::(\w+):$")
_EXAMPLES = re.compile(r"(\d+) passing, (\d+) failing")


@dataclass(frozen=True)
class Corpus:
    """What became of the files of one kind.

    Attributes
    ----------
    kind : str
    outcomes : tuple of Outcome
    calls : int
        Calls of a server that nobody should call.
    """

    kind: str
    outcomes: tuple[Outcome, ...]
    calls: int

    def row(self) -> list[object]:
        """A line of the table."""
        hows = Counter(outcome.how for outcome in self.outcomes)
        other = len(self.outcomes) - hows[REFUSED] - hows[TAKEN]
        longest, peak = (max(getattr(one, name) for one in self.outcomes) for name in ("cpu_s", "peak_mb"))
        touched = sum(bool(outcome.wrote) for outcome in self.outcomes)
        return [
            self.kind, len(self.outcomes), hows[REFUSED], hows[TAKEN], other, touched, self.calls,
            f"{longest:.1f}", f"{peak:.0f}",
        ]  # fmt: skip

    def wrong(self) -> list[str]:
        """Complaints, a sentence each."""
        found = [f"{one.case.name}: {what}" for one in self.outcomes for what in one.complaints()]
        return found + ([f"{self.kind}: somebody was called {self.calls} times"] if self.calls else [])


def corpus(kind: str, whole: bool) -> Corpus:
    """Run the files of a kind, or the sample of them that tests take."""
    module, count = KINDS[kind]
    with tempfile.TemporaryDirectory() as folder, harness.listening() as (server, calls):
        cases = list(module.cases(Path(folder), server))
        outcomes = harness.run(cases if whole else sample(cases, count), Path(folder))
        return Corpus(kind, tuple(outcomes.values()), len(calls))


def examples(printed: str) -> dict[str, tuple[int, int]]:
    """Examples that each parser took and failed on, from what ``pytest --hypothesis-show-statistics`` prints."""
    found: dict[str, tuple[int, int]] = {}
    test = ""
    for line in printed.splitlines():
        head = _TEST.match(line.strip())
        test = head[1] if head else test
        said = _EXAMPLES.search(line)
        if test and said:
            passed, failed = map(int, said.groups())
            before = found.get(test, (0, 0))
            found[test] = before[0] + passed, before[1] + failed
    return found


def parsers(rounds: int, seed: int) -> tuple[dict[str, tuple[int, int]], float, float, list[str]]:
    """Fuzz every parser; examples that each took and failed on, most memory, seconds of computing, and complaints."""
    total: dict[str, tuple[int, int]] = {}
    peak, spent_s, wrong = 0.0, 0.0, []
    for number in range(rounds):
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", PARSERS, "--hypothesis-show-statistics",
                   f"--hypothesis-seed={seed + number}"]  # fmt: skip
        try:
            spent, printed = run(command, 1)
        except RuntimeError as error:
            wrong.append(f"seed {seed + number}: {error}")
            printed = str(error)
        else:
            peak, spent_s = max(peak, spent.peak_mb), spent_s + spent.cpu_s
        for test, counts in examples(printed).items():
            before = total.get(test, (0, 0))
            total[test] = before[0] + counts[0], before[1] + counts[1]
    return total, peak, spent_s, wrong


def tell(found: Sequence[Corpus], fuzzed: dict[str, tuple[int, int]], peak: float, spent: float, seeds: int) -> dict:
    """What is kept, and shown by docs/performance.md."""
    header = ["files", "cases", "refused", "read", "crashed or hung", "touched", "called", "longest, CPU s", "peak MB"]
    rows = [one.row() for one in found]
    files = sum(row[1] for row in rows)
    words = [
        f"{files} damaged and odd files, {sum(row[4] for row in rows)} of which ended in anything but a result or a "
        "sentence. A file may take "
        f"{MOST_CPU_S} s of computing and {MOST_MB} MB, the interpreter and its libraries included; touched are files "
        "outside the output, called is a server that no file may lead to.",
        f"{sum(passed for passed, _ in fuzzed.values())} made-up texts and bytes for {len(fuzzed)} parsers by "
        f"hypothesis, {seeds} seeds: {sum(failed for _, failed in fuzzed.values())} failed; {spent:.0f} CPU s and at "
        f"most {peak:.0f} MB.",
    ]
    names = {test: test.removeprefix("test_").replace("_", " ") for test in fuzzed}
    return {
        "words": words,
        "tables": [
            results.table("Files", header, rows),
            results.table("Parsers", ["parser of", "examples", "failed"], [[names[t], *fuzzed[t]] for t in fuzzed]),
        ],
    }


def main() -> None:
    """Run, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", action="store_true", help="of the corpus only what tests always take")
    parser.add_argument("--rounds", type=int, default=3, help="how often every parser is fuzzed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--no-store", action="store_true", help="print only")
    parsed = parser.parse_args()
    found, wrong = [], []
    for kind in KINDS:
        found.append(corpus(kind, not parsed.sample))
        wrong += found[-1].wrong()
        print(*found[-1].row(), flush=True)
    fuzzed, peak, spent, complaints = parsers(parsed.rounds, parsed.seed)
    told = tell(found, fuzzed, peak, spent, parsed.rounds)
    print(*told["words"], *wrong, *complaints, sep="\n")
    if not parsed.no_store:
        print(f"kept in {results.store('fuzz', told).relative_to(REPOSITORY)}")
    if wrong or complaints:
        sys.exit(1)


if __name__ == "__main__":
    main()
