"""What a check found, and how it becomes lines and points.

property, does it hold, advice -> `Findings` -> `Report` -> text, points
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps

from sgim.checks import require


class Unanswerable(Exception):
    """An answer that cannot be judged at all; its text is the advice."""


@dataclass(frozen=True)
class Report:
    """What holds of an answer, and advice for what does not; printing it shows both.

    Attributes
    ----------
    title : str
        What was checked.
    held : tuple of str
        Properties that hold.
    advice : tuple of str
        One advice for each property that does not.
    judged : bool
        False where there was nothing to judge: no answer, another shape, an error.
    """

    title: str
    held: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    judged: bool = True

    @property
    def right(self) -> bool:
        """Whether every property holds."""
        return self.judged and not self.advice

    @property
    def score(self) -> float:
        """Share of the properties that hold, in [0, 1]; 0 for what could not be judged."""
        count = len(self.held) + len(self.advice)
        return len(self.held) / count if self.judged and count else 0.0

    def __str__(self) -> str:
        if self.right:
            return f"{self.title}: right. {len(self.held)} of {len(self.held)} properties hold."
        lines = [f"{self.title}: not yet."]
        lines += [f"  holds: {name}" for name in self.held]
        lines += [f"  look at: {text}" for text in self.advice]
        return "\n".join(dict.fromkeys(lines))

    __repr__ = __str__


def points(most: int, reports: Sequence[Report]) -> int | float:
    """Print reports of one answer; return points in halves, by the worst of them.

    It stands in the last line of a graded cell, where nbgrader reads the number.

    Parameters
    ----------
    most : int
        Points for a right answer.
    reports : sequence of Report
        Of the same check, each with other random cases; what was printed is not printed again.
    """
    require(most > 0, f"most is {most}; a graded cell is worth 1 point or more.")
    require(len(reports) > 0, "reports are empty; pass the reports of a check.")
    for text in dict.fromkeys(map(str, reports)):
        print(text)
    halves = int(2 * most * min(report.score for report in reports))
    return halves // 2 if halves % 2 == 0 else halves / 2


@dataclass
class Findings:
    """Collects the properties of one answer."""

    held: list[str] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)

    def that(self, name: str, holds: bool, advice: str) -> None:
        """Note that a property holds, or the advice where it does not."""
        if holds:
            self.held.append(name)
        else:
            self.advice.append(advice)


def reported(title: str) -> Callable:
    """Decorator: a check that fills `Findings` becomes one that returns a `Report`.

    The check is `check(findings, answer, ..., seed=0)`; what it raises as `Unanswerable` becomes
    the only advice.
    """

    def decorate(check: Callable) -> Callable:
        @wraps(check)
        def run(*arguments, **settings) -> Report:
            findings = Findings()
            try:
                check(findings, *arguments, **settings)
            except Unanswerable as refusal:
                return Report(title, advice=(str(refusal),), judged=False)
            return Report(title, tuple(findings.held), tuple(findings.advice))

        return run

    return decorate
