"""Calls a student's function on cases and looks at what comes back.

function, cases, expected shapes -> tensors of numbers, or one advice in place of a traceback
"""

import contextlib
import copy
import io
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence

import torch

from sgim.exercises.reports import Findings, Unanswerable

TOLERANCE = 1e-3
"""Of the largest number of the right answer: other processors differ by less, mistakes by more."""

Case = tuple
"""The arguments of one call; tensors, lists and dictionaries are copied before it."""


class Answer:
    """A student's function under a name; remembers whether it changed what it was given."""

    def __init__(self, function: object, name: str) -> None:
        if not callable(function):
            raise Unanswerable(
                f"{name} is {_kind(function)}, and the check calls it: pass the function itself, "
                "without brackets behind its name."
            )
        self.function, self.name = function, name
        self.changes_input = False

    def call(self, *arguments: object) -> object:
        """What the function returns for copies of the arguments.

        Warnings and what it writes to stderr are kept back: nbgrader takes them for errors.
        """
        given = [_copied(one) for one in arguments]
        try:
            with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                returned = self.function(*given)
        except Exception as error:
            raise Unanswerable(self._told(error, arguments)) from error
        for before, after in zip(arguments, given, strict=True):
            if isinstance(before, torch.Tensor | list | dict) and not _equal(before, after):
                self.changes_input = True
        if returned is None:
            raise Unanswerable(
                f"{self.name} returns nothing yet: write its lines, end with `return`, run its "
                "cell, then run this cell again."
            )
        return returned

    def numbers(self, *arguments: object) -> torch.Tensor:
        """The same as finite floats, without gradient."""
        value = self.call(*arguments)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = torch.tensor(float(value))
        if not torch.is_tensor(value):
            raise Unanswerable(
                f"{self.name} returns something {_kind(value)}; expected is a tensor. Build it "
                "from the tensors that are given, with operations of torch."
            )
        value = value.detach()
        if value.is_complex() or value.dtype == torch.bool:
            raise Unanswerable(
                f"{self.name} returns numbers of the kind {_dtype(value)}; expected are real "
                "numbers. Which step makes real numbers of complex ones, or of true and false?"
            )
        value = value.to(torch.float32)
        bad = int((~value.isfinite()).sum())
        if bad:
            raise Unanswerable(
                f"{self.name} returns {bad} of {value.numel()} numbers that are not finite. Look "
                "for a logarithm of 0, a division by 0, or an exponential of a large number."
            )
        return value

    def require_shape(self, got: tuple[int, ...], shape: tuple[int, ...], axes: str) -> None:
        """Raise `Unanswerable` unless the shapes agree; `axes` says what they are."""
        if got == shape:
            return
        text = f"{self.name} returns the shape {got}; for this case {axes} is {shape}."
        if len(shape) > 1 and sorted(got) == sorted(shape):
            hint = "The axes are mixed up: the sizes are right, their order is not."
        elif len(got) == len(shape):
            hint = "The number of axes is right; find the size that differs, and what it counts."
        elif len(got) < len(shape):
            hint = "An axis is missing: which operation removed it, or which one has to add it?"
        else:
            hint = "There is an axis too many: over which axis does the formula sum or average?"
        raise Unanswerable(f"{text} {hint}")

    def _told(self, error: Exception, arguments: Sequence) -> str:
        frames = traceback.extract_tb(error.__traceback__)
        place = f" in its line `{frames[-1].line}`" if len(frames) > 1 and frames[-1].line else ""
        shapes = ", ".join(str(tuple(one.shape)) for one in arguments if torch.is_tensor(one))
        if isinstance(error, NotImplementedError):
            return f"{self.name} is not written yet: replace the line that raises, then run again."
        message = " ".join(str(error).split())[:160]
        return (
            f"{self.name} stopped with {type(error).__name__}: {message}{place}. It was given "
            f"tensors of the shapes {shapes}. Call it with such tensors yourself, and print the "
            "shapes line by line."
        )


def check_values(
    findings: Findings,
    answer: Answer,
    cases: Sequence[Case],
    right: Callable[..., torch.Tensor],
    mistakes: Mapping[str, Callable[..., torch.Tensor]],
    *,
    axes: str,
    otherwise: str,
) -> list[torch.Tensor]:
    """Compare an answer with the right one on all cases; name a mistake that explains it.

    Parameters
    ----------
    right : callable
        Arguments of a case -> what is expected.
    mistakes : mapping, advice -> callable
        Typical mistakes: what each of them gives for a case, in whatever shape.
    axes : str
        What the axes of the result are, as in "(frequencies, frames)".
    otherwise : str
        Advice where no known mistake explains the numbers: what to look at next.

    Returns
    -------
    list of torch.Tensor
        What the answer gave, case by case.
    """
    expected = [right(*case) for case in cases]
    got = [answer.numbers(*case) for case in cases]
    pairs = list(zip(got, expected, strict=True))
    good = all(close(*pair) for pair in pairs)
    advice = "" if good else named_mistake(got, cases, mistakes)
    shapes = [(tuple(one.shape), tuple(other.shape)) for one, other in pairs]
    if any(one != other for one, other in shapes):
        if advice:
            raise Unanswerable(advice)
        for one, other in shapes:
            answer.require_shape(one, other, axes)
    if not good and _is_one_number(got):
        raise Unanswerable(
            advice
            or f"{answer.name} gives the same number everywhere, whatever it is given. {otherwise}"
        )
    worst = max(pairs, key=lambda pair: distance(*pair))[0]
    findings.that(
        f"the numbers of {len(cases)} random cases",
        good,
        advice or f"{described(worst)} in one of the random cases. {otherwise}",
    )
    return got


def check_input_unchanged(findings: Findings, answer: Answer) -> None:
    """Whether the tensors that were given are as they were; no merit of a wrong answer."""
    if findings.advice and not answer.changes_input:
        return
    findings.that(
        "the input stays as it was",
        not answer.changes_input,
        f"{answer.name} changes what it was given, in place. Whoever called it finds other numbers "
        "in it afterwards. Look for operations that end in _, for +=, -=, *=, and for assignments "
        "to a part of it.",
    )


def check_property(findings: Findings, name: str, holds: Callable[[], bool], advice: str) -> None:
    """A property of the answer beyond its numbers; an answer that fails there gets its advice."""
    try:
        findings.that(name, holds(), advice)
    except Unanswerable as refusal:
        findings.that(name, False, f"{advice} {refusal}")


def named_mistake(
    got: Sequence[torch.Tensor],
    cases: Sequence[Case],
    mistakes: Mapping[str, Callable[..., torch.Tensor]],
) -> str:
    """The advice of the first mistake that gives the same numbers on all cases, or ""."""
    for advice, wrong in mistakes.items():
        pairs = zip(got, cases, strict=True)
        if all(close(value, wrong(*case)) for value, case in pairs):
            return advice
    return ""


def close(got: torch.Tensor, expected: torch.Tensor) -> bool:
    """Whether two tensors agree as well as processors do."""
    return got.shape == expected.shape and distance(got, expected) <= TOLERANCE


def distance(got: torch.Tensor, expected: torch.Tensor) -> float:
    """Largest difference, as a share of the largest number expected (or of 0.01)."""
    largest = expected.abs().max().clamp_min(0.01)
    return float((got - expected).abs().max() / largest)


def described(value: torch.Tensor) -> str:
    """What was got, in words."""
    if value.numel() == 1:
        return f"It gives {value.item():.4g}"
    return (
        f"It gives numbers from {value.min():.4g} to {value.max():.4g} with the mean "
        f"{value.mean():.4g}"
    )


def _is_one_number(got: Sequence[torch.Tensor]) -> bool:
    """Whether each table holds one number everywhere; of single numbers, whether all are equal."""
    tables = [one for one in got if one.numel() > 1]
    if tables:
        return all(bool((one == one.flatten()[0]).all()) for one in tables)
    return len(got) > 1 and len({float(one) for one in got}) == 1


def _copied(value: object) -> object:
    if torch.is_tensor(value):
        return value.clone()
    return copy.deepcopy(value) if isinstance(value, list | dict) else value


def _equal(before: torch.Tensor | list | dict, after: torch.Tensor | list | dict) -> bool:
    if isinstance(before, list | dict):
        return before == after
    return before.shape == after.shape and torch.equal(before, after)


def _kind(value: object) -> str:
    return "None" if value is None else f"of the type {type(value).__name__}"


def _dtype(value: torch.Tensor) -> str:
    return str(value.dtype).removeprefix("torch.")
