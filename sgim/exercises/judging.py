"""Checks of lesson 11: pairs that disagree, the number of edits, and a plan before the numbers.

outcomes -> counts; two shares -> number of edits; plan -> whether it is complete and large enough
"""

from collections.abc import Mapping

import torch

from sgim.exercises.answers import Answer, check_input_unchanged, check_values
from sgim.exercises.reports import Findings, Unanswerable, reported

PLAN_TEXTS = {
    "hypothesis": "one sentence that can be wrong",
    "metric": "what is counted on each case",
    "baselines": "what must score low, and what belongs to a helper",
    "refuted if": "the outcome after which you give the hypothesis up",
}
"""Texts of a plan, and what each of them tells."""

FEWEST_WORDS = 4
POWER_80 = 2.8
"""1.96 for a 95 % interval and 0.84 for a power of 80 %, added."""


class _Pairs(Answer):
    """A function that returns two counts."""

    def numbers(self, *arguments: object) -> torch.Tensor:
        value = self.call(*arguments)
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise Unanswerable(
                f"{self.name} returns something else than two numbers; write both "
                "behind `return`, with a comma between them."
            )
        if not all(isinstance(one, int | float) for one in value):
            raise Unanswerable(f"{self.name} returns two things that are not both numbers.")
        return torch.tensor([float(one) for one in value])


@reported("pairs that disagree")
def check_disagreements(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_disagreements(a, b)`: lists of True and False -> (only_a, only_b)."""
    answer = _Pairs(function, "my_disagreements")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for count in (17, 40, 63):
        a = torch.rand(count, generator=random) > 0.3
        b = torch.rand(count, generator=random) > 0.5
        a[:4], b[:4] = torch.tensor([1, 0, 1, 0]), torch.tensor([0, 1, 1, 0])
        cases.append((a.tolist(), b.tolist()))
    cases.append((cases[0][0], cases[0][0]))

    def counted(rule):
        return lambda a, b: torch.tensor(
            [float(sum(rule(*pair) for pair in zip(*two, strict=True))) for two in ((a, b), (b, a))]
        )

    only = counted(lambda first, second: first and not second)
    check_values(
        findings,
        answer,
        cases,
        only,
        {
            "Only A comes first, then only B.": lambda a, b: only(b, a),
            "That is how often each is right. Cases where both are right count for neither.": (
                counted(lambda first, second: first)
            ),
            "That is how often each is wrong. Cases where both are wrong count for neither.": (
                counted(lambda first, second: not first)
            ),
            "Both numbers count all disagreements. Which of the two was right?": (
                counted(lambda first, second: first != second)
            ),
            "Shares are returned; two whole numbers are asked for.": lambda a, b: (
                only(a, b) / len(a)
            ),
            "The difference of both counts is taken. Twenty against nineteen is another result "
            "than one against none.": lambda a, b: (only(a, b) - only(b, a)).clamp_min(0),
        },
        axes="two numbers, (2,)",
        otherwise="Write three cases under each other: A right and B wrong, both right, A wrong "
        "and B right. For each, which of the two counts grows?",
    )
    check_input_unchanged(findings, answer)


@reported("number of edits")
def check_needed(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_needed(p, q)`: two shares -> edits of each method."""
    answer = Answer(function, "my_needed")
    random = torch.Generator().manual_seed(seed)
    cases = [(0.85, 0.875), (0.9, 0.88)]
    for share in (0.3 + 0.6 * torch.rand(3, generator=random)).tolist():
        cases.append((share, share + 0.02))

    def needed(p, q, variances=None, power=2, factor=POWER_80**2):
        both = p * (1 - p) + q * (1 - q) if variances is None else variances(p, q)
        return torch.tensor(factor * both / abs(q - p) ** power)

    check_values(
        findings,
        answer,
        cases,
        needed,
        {
            "One variance is missing: both methods are drawn by chance.": (
                lambda *case: needed(*case, variances=lambda p, q: p * (1 - p))
            ),
            "One variance is missing: both methods are drawn by chance. The first share counts, "
            "too.": lambda *case: needed(*case, variances=lambda p, q: q * (1 - q)),
            "The difference is not squared: half of it needs four times as many edits.": (
                lambda *case: needed(*case, power=1)
            ),
            "2.8 is not squared.": lambda *case: needed(*case, factor=POWER_80),
            "The 1.96 of the interval alone gives a power of one half: such a study would miss the "
            "difference every second time.": lambda *case: needed(*case, factor=1.96**2),
            "The standard deviations are added; variances are.": lambda *case: needed(
                *case, variances=lambda p, q: (p * (1 - p)) ** 0.5 + (q * (1 - q)) ** 0.5
            ),
            "The mean of both variances is taken; the variance of a difference is their sum.": (
                lambda *case: needed(*case) / 2
            ),
        },
        axes="a single number, ()",
        otherwise="Section 5 has 196 for 0.8 against 0.9. Which step gives you another number?",
    )


@reported("form of the plan")
def check_plan(findings: Findings, plan: object) -> None:
    """Check a dictionary with four texts, "expected shares" and "cases"."""
    if not isinstance(plan, Mapping):
        raise Unanswerable("my_plan is no dictionary; keep its six entries.")
    texts = {name: str(plan.get(name, "")) for name in PLAN_TEXTS}
    if not any(text.strip() for text in texts.values()):
        raise Unanswerable('my_plan is empty: begin with "refuted if".')
    for name, text in texts.items():
        findings.that(
            f'"{name}" is told',
            len(set(text.lower().split())) >= FEWEST_WORDS,
            f'"{name}" is too short: write a sentence that tells {PLAN_TEXTS[name]}.',
        )
    findings.that(
        "every text tells something of its own",
        len({text.strip().lower() for text in texts.values()}) == len(texts),
        "Two texts are the same.",
    )
    shares, cases = plan.get("expected shares"), plan.get("cases")
    fair = _two_shares(shares)
    findings.that(
        "two different shares are expected",
        fair,
        '"expected shares" has to hold two different numbers between 0 and 1: without an expected '
        "difference nobody can say how many cases it takes.",
    )
    if fair:
        p, q = shares
        least = POWER_80**2 * (p * (1 - p) + q * (1 - q)) / (q - p) ** 2
        findings.that(
            "there are cases enough",
            isinstance(cases, int) and cases >= least - 1,
            '"cases" is too small for this difference: you would probably not see it. Exercise 2 '
            "tells how many it takes; or expect a larger difference, and say why.",
        )


def _two_shares(shares: object) -> bool:
    if not isinstance(shares, tuple | list) or len(shares) != 2:
        return False
    if not all(isinstance(one, int | float) and 0 < one < 1 for one in shares):
        return False
    return shares[0] != shares[1]
