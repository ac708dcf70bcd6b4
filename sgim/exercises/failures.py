"""Checks of lesson 08: a meter for swings, a gate before the edit, a failure that one has made.

losses -> share of rises; cosines -> name or refusal; one changed setting -> what came of it
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

import torch

from sgim.exercises.answers import (
    Answer,
    check_input_unchanged,
    check_values,
    close,
    named_mistake,
)
from sgim.exercises.forms import check_change
from sgim.exercises.reports import Findings, Unanswerable, reported

NO_EDIT, NOTHING = "no edit", "clear"
RISE, STRANGER = 0.3, 0.15
"""An edit fails when its own weather rises by less than RISE, or another by STRANGER or more."""


@reported("meter for swings")
def check_swings(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_swings(losses, threshold)`: list of numbers, a number -> share in [0, 1]."""
    answer = Answer(function, "my_swings")
    random = torch.Generator().manual_seed(seed)
    cases = [([1.0, 1.0, 2.0, 2.0, 4.0], 1), ([1.0, 0.5, 0.75, 0.25, 0.5], 0.1)]
    for count in (9, 14, 23):
        walk = torch.randn(count, generator=random).cumsum(0) + 5
        cases.append((walk.tolist(), 0.4))

    def share(losses, threshold, rose=lambda rise, threshold: rise > threshold, less=1):
        rises = [rose(after - before, threshold) for before, after in _neighbors(losses)]
        return torch.tensor(sum(rises) / (len(losses) - less))

    check_values(
        findings,
        answer,
        cases,
        share,
        {
            "Falls are counted, too: a loss that falls fast is no swing.": lambda *case: share(
                *case, rose=lambda rise, threshold: abs(rise) > threshold
            ),
            "Falls are counted in place of rises. Which of two neighbors comes first?": (
                lambda *case: share(*case, rose=lambda rise, threshold: -rise > threshold)
            ),
            "threshold is not used: every rise counts, however small.": lambda *case: share(
                *case, rose=lambda rise, threshold: rise > 0
            ),
            "A rise by exactly the threshold is not *more* than it.": lambda *case: share(
                *case, rose=lambda rise, threshold: rise >= threshold
            ),
            "The share is taken of the numbers. How many steps lie between so many numbers?": (
                lambda *case: share(*case, less=0)
            ),
            "The rises are counted. A share is their number over which other number?": (
                lambda losses, threshold: share(losses, threshold) * (len(losses) - 1)
            ),
            "The losses themselves are compared with the threshold, not their rises.": (
                lambda losses, threshold: torch.tensor(
                    sum(one > threshold for one in losses[1:]) / (len(losses) - 1)
                )
            ),
            "The rises are measured from the first loss. Each step is compared with the one "
            "before it.": lambda losses, threshold: torch.tensor(
                sum(one - losses[0] > threshold for one in losses[1:]) / (len(losses) - 1)
            ),
        },
        axes="a single number, ()",
        otherwise="Take the losses 3, 2, 4 and the threshold 1: there are two steps, and one of "
        "them is a rise by more than 1.",
    )
    check_input_unchanged(findings, answer)


def _neighbors(losses: list[float]) -> list[tuple[float, float]]:
    return list(pairwise(losses))


class _Names(Answer):
    """A function that returns one of the labels or a refusal, here as the number of the label."""

    def numbers(self, *arguments: object) -> torch.Tensor:
        names = [*arguments[0], NO_EDIT]
        value = self.call(*arguments)
        if value not in names:
            raise Unanswerable(
                f"{self.name} returns {value!r}; expected is one of the labels, or {NO_EDIT!r}."
            )
        return torch.tensor(float(names.index(value)))


@reported("gate before the edit")
def check_gate(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_gate(cosines, lead)`: dict label -> cosine, a number -> a label or "no edit"."""
    answer = _Names(function, "my_gate")
    random = torch.Generator().manual_seed(seed)
    cases = [
        ({"rain": 0.5, "wind": 0.2, "clear": 0.1}, 0.1),
        ({"rain": 0.2, "wind": 0.1, "clear": 0.5}, 0.1),
        ({"rain": 0.45, "wind": 0.4, "clear": 0.0}, 0.1),
        ({"wind": 0.4, "rain": 0.1, "clear": 0.35}, 0.1),
        ({"wind": 0.4, "rain": 0.1, "clear": 0.15}, 0.3),
        ({"clear": -0.3, "rain": -0.2, "wind": 0.0}, 0.1),
        ({"snow": -0.6, "fog": -0.1, "clear": -0.4, "sea": -0.5}, 0.2),
        ({"clear": 0.31, "fog": 0.3, "wind": 0.1}, 0.1),
    ]
    for _ in range(6):
        numbers = torch.rand(4, generator=random).tolist()
        cases.append((dict(zip(("birds", "clear", "rain", "fire"), numbers, strict=True)), 0.15))
    got = [answer.numbers(*case) for case in cases]
    good = all(close(one, _gated(*case)) for one, case in zip(got, cases, strict=True))
    advice = "" if good else named_mistake(got, cases, GATE_MISTAKES)
    findings.that(
        f"the answers to {len(cases)} sounds",
        good,
        advice
        or "Some answers are not those of the rule. Put the labels in the order of their cosines, "
        "and look at the first two alone: what are they, and how far apart?",
    )
    check_input_unchanged(findings, answer)


def _gated(cosines, lead, over=None, clear=True, other=None):
    names = [*cosines, NO_EDIT]
    first, second, *_ = sorted(over or cosines, key=cosines.get, reverse=True)
    refused = (clear and first == NOTHING) or cosines[first] - cosines[other or second] < lead
    return torch.tensor(float(names.index(NO_EDIT if refused else first)))


def _without_clear(cosines: Mapping[str, float]) -> list[str]:
    return [name for name in cosines if name != NOTHING]


GATE_MISTAKES = {
    "It never edits. Is a lead measured between the best and the second best?": (
        lambda cosines, lead: torch.tensor(float(len(cosines)))
    ),
    'It always edits by the best label. When shall it refuse, and what about "clear"?': (
        lambda cosines, lead: _gated(cosines, -1.0, clear=False)
    ),
    '"clear" is let through: it may be the best label, and then there is nothing to edit by.': (
        lambda cosines, lead: _gated(cosines, lead, clear=False)
    ),
    "The lead is not asked for: a sound that could as well be something else is let through.": (
        lambda cosines, lead: _gated(cosines, -1.0)
    ),
    "lead is not used: 0.1 is written into the function.": lambda cosines, lead: _gated(
        cosines, 0.1
    ),
    '"clear" is left out before labels are compared, so a quiet sound becomes a weather.': (
        lambda cosines, lead: _gated(cosines, lead, over=_without_clear(cosines))
    ),
    'The best label is compared with "clear" alone; the second best may be another weather.': (
        lambda cosines, lead: _gated(cosines, lead, other=NOTHING)
    ),
    "A cosine below the lead is refused. The lead is a difference of two cosines.": (
        lambda cosines, lead: (
            _gated(cosines, -1.0)
            if max(cosines.values()) >= lead
            else torch.tensor(float(len(cosines)))
        )
    ),
}
"""Advice -> what the mistake gives for a case."""


@reported("failure of your own")
def check_failure(
    findings: Findings,
    change: object,
    config: object,
    rises: Callable[[Mapping], Mapping[str, float]],
    own: str,
    allied: tuple[str, ...] = (),
) -> None:
    """Check whether one changed setting makes an edit fail.

    Parameters
    ----------
    change : dict
        Name of a setting -> its new value.
    config : dataclass
        The settings that it is compared with.
    rises : callable
        The change -> by how much each weather rose; it makes the edit.
    own : str
        The weather that was asked for.
    allied : tuple of str
        Weathers that may come with it.
    """
    check_change(findings, change, config)
    grown = rises(change)
    strangers = [rise for name, rise in grown.items() if name not in (own, *allied)]
    findings.that(
        "the edit fails",
        grown[own] < RISE or max(strangers) >= STRANGER,
        f"The edit does not fail: {own} rose by {grown[own]:.2f}, and of the others none by "
        f"{STRANGER:g}. A larger change of the same setting, or another one? Both are results: "
        "say in your report what you expected of it.",
    )
