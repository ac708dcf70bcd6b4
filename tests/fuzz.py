"""Feeds strange files to every public door, and counts what must not happen.

    python tests/fuzz.py --count 1000 --seed 1 --kind sounds,pictures --keep strange

whole files -> `mutated` -> doors, in a process of its own -> a table; exit code 1 on any fault

Each file is either accepted, with finite values, or refused with one sentence. The same seed makes
the same files. A file at fault can be made again: `--kind tables --first 123 --count 1`.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fuzz_files import KINDS, WHOLE_FILES, WholeFile
from fuzz_mutations import mutated
from fuzz_worker import FAULTS, MOST_SECONDS, Outcome, Worker, can_measure_memory


@dataclass(frozen=True)
class Case:
    """A strange file: the `number`th of its kind, made of `whole` by `changes`."""

    number: int
    whole: WholeFile
    changes: list[str]
    content: bytes = field(repr=False)

    @property
    def file_name(self) -> str:
        return f"{self.whole.kind}-{self.number}-{self.whole.name.replace('/', '-')}"


class Stock:
    """The bytes of whole files, each built when it is first asked for, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.contents = folder, {}

    def path(self, whole: WholeFile) -> Path:
        """Where the file, and what is made of it, is for its door."""
        return self.folder / whole.name.replace("/", "-") / "in" / Path(whole.name).name

    def content(self, whole: WholeFile) -> bytes:
        if whole not in self.contents:
            path = self.path(whole)
            path.parent.mkdir(parents=True)
            whole.build(path)
            self.contents[whole] = path.read_bytes()
        return self.contents[whole]

    def cases(self, kind: str, seed: int, numbers: range) -> Iterator[Case]:
        """Strange files of one kind; each depends on the seed and its number alone."""
        files = [whole for whole in WHOLE_FILES if whole.kind == kind]
        shares = [whole.share for whole in files]
        for number in numbers:
            rng = random.Random(f"{seed} {kind} {number}")
            whole, other = rng.choices(files, shares, k=2)
            content, changes = mutated(
                self.content(whole), kind, lambda other=other: self.content(other), rng
            )
            yield Case(number, whole, changes, content)


@dataclass
class Tally:
    """What became of the files of one kind."""

    count: int = 0
    accepted: int = 0
    faults: Counter = field(default_factory=Counter)
    slowest: float = 0.0
    peak_bytes: int = 0

    def add(self, outcome: Outcome) -> None:
        self.count += 1
        self.accepted += outcome.accepted
        self.faults.update(outcome.faults)
        self.slowest = max(self.slowest, outcome.seconds)
        self.peak_bytes = max(self.peak_bytes, outcome.peak_bytes or 0)


def fuzz(
    kinds: list[str], count: int, seed: int, first: int = 0, keep: Path | None = None
) -> dict[str, Tally]:
    """Feed `count` strange files, shared evenly among the kinds, to their doors; tell of faults.

    Files at fault are kept in the folder `keep`.

    Raises
    ------
    AssertionError
        When a whole file is not accepted, so that strange ones would show nothing.
    """
    tallies = {kind: Tally() for kind in kinds}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        worker, stock, tried = Worker(folder), Stock(folder), set()
        try:
            for place, kind in enumerate(kinds):
                share = count // len(kinds) + (place < count % len(kinds))
                for case in stock.cases(kind, seed, range(first, first + share)):
                    path = stock.path(case.whole)
                    if case.whole not in tried:
                        tried.add(case.whole)
                        path.write_bytes(stock.content(case.whole))
                        outcome = worker.read(case.whole.door, path)
                        assert outcome.accepted and not outcome.faults, (case.whole.name, outcome)
                    path.write_bytes(case.content)
                    outcome = worker.read(case.whole.door, path)
                    tallies[kind].add(outcome)
                    if outcome.faults:
                        _tell(case, outcome, seed, keep)
        finally:
            worker.stop()
    return tallies


def _tell(case: Case, outcome: Outcome, seed: int, keep: Path | None) -> None:
    """Print what happened and how to make the file again; keep it."""
    print(
        f"{', '.join(outcome.faults)}: {case.whole.name}, {len(case.content)} bytes, "
        f"{' + '.join(case.changes)} (--seed {seed} --kind {case.whole.kind} --first "
        f"{case.number} --count 1)\n{outcome.told.rstrip()}\n",
        flush=True,
    )
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{seed}-{case.file_name}").write_bytes(case.content)


def table(tallies: dict[str, Tally]) -> str:
    """Kinds below each other, and what became of their files."""
    head = ["kind", "files", "accepted", "refused", *FAULTS, "slowest s", "peak MB"]
    rows = [
        [kind, tally.count, tally.accepted, tally.count - tally.accepted - _not_answered(tally),
         *(tally.faults[fault] for fault in FAULTS), f"{tally.slowest:.1f}",
         f"{tally.peak_bytes / 1e6:.0f}" if can_measure_memory() else "?"]
        for kind, tally in tallies.items()
    ]  # fmt: skip
    cells = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    )


def _not_answered(tally: Tally) -> int:
    """Files that were neither accepted nor refused."""
    return sum(tally.faults[fault] for fault in ("traceback", "crash", "hang"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=1_000, help="of files, all kinds together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", default=",".join(KINDS), help=f"some of {','.join(KINDS)}")
    parser.add_argument("--first", type=int, default=0, help="number of the first file of a kind")
    parser.add_argument("--keep", type=Path, help="folder for the files at fault")
    arguments = parser.parse_args()
    kinds = arguments.kind.split(",")
    if not set(kinds) <= set(KINDS):
        parser.error(f"--kind is {arguments.kind}; it must be some of {','.join(KINDS)}")
    started = time.perf_counter()
    tallies = fuzz(kinds, arguments.count, arguments.seed, arguments.first, arguments.keep)
    print(table(tallies))
    if not can_measure_memory():
        print("Peak memory was not measured: this system does not tell it (Linux does).")
    num_faults = sum(tally.faults.total() for tally in tallies.values())
    print(f"{num_faults} faults; {time.perf_counter() - started:.0f} s; more than "
          f"{MOST_SECONDS:g} s for one file is a hang.")  # fmt: skip
    return 1 if num_faults else 0


if __name__ == "__main__":
    sys.exit(main())
