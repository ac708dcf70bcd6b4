"""Checks of predictions and of lines under suspicion, without the answers in readable form.

question -> choice; numbers of lines -> `Report`. The notebook holds sealed answers.
"""

import hashlib
from collections.abc import Collection, Mapping

from sgim.exercises.answers import Answer
from sgim.exercises.reports import Findings, Unanswerable, reported

SEAL_LETTERS = 12


def sealed(question: object, choice: object, topic: str = "") -> str:
    """A choice in a form that cannot be read by accident; it is no secret.

    Parameters
    ----------
    question, choice : object
        Their texts are sealed together.
    topic : str
        The assignment, so that equal choices look different in another one.
    """
    text = f"{topic}:{question}:{str(choice).strip().lower()}"
    return hashlib.sha256(text.encode()).hexdigest()[:SEAL_LETTERS]


@reported("predictions")
def check_choices(
    findings: Findings,
    function: object,
    answers: Mapping[str, str],
    choices: str = "abc",
    *,
    topic: str = "",
) -> None:
    """Check a dictionary question -> one letter.

    Parameters
    ----------
    function : callable
        Returns the dictionary.
    answers : mapping
        Question -> `sealed(question, letter, topic)`.
    choices : str
        The letters to choose from.
    topic : str
        The assignment.
    """
    answer = Answer(function, "predictions")
    given = answer.call()
    if not isinstance(given, Mapping):
        raise Unanswerable("predictions returns no dictionary; write {'1': 'a', '2': 'b'}.")
    given = {str(name).strip().lower(): str(one).strip().lower() for name, one in given.items()}
    missing = [name for name in answers if given.get(name) not in tuple(choices)]
    if missing:
        raise Unanswerable(
            f"Question {missing[0]} has no answer yet: give one of the letters {', '.join(choices)}"
            " to every question."
        )
    right = [name for name, seal in answers.items() if sealed(name, given[name], topic) == seal]
    for number in range(len(answers)):
        findings.that(
            f"prediction {number + 1} of {len(answers)} that came true",
            number < len(right),
            "A prediction did not come true; which one is not told. Make the experiment that "
            "the question describes, and change what you find.",
        )


@reported("lines under suspicion")
def check_suspects(
    findings: Findings,
    function: object,
    answers: Collection[str],
    last_line: int,
    *,
    topic: str = "",
) -> None:
    """Check a set of line numbers.

    Parameters
    ----------
    function : callable
        Returns the numbers.
    answers : collection of str
        `sealed("line", number, topic)` of each line at fault.
    last_line : int
        How many lines the listing has.
    topic : str
        The assignment.
    """
    answer = Answer(function, "suspects")
    given = answer.call()
    if isinstance(given, str | Mapping) or not isinstance(given, Collection):
        raise Unanswerable("suspects returns no set of line numbers; write {3, 8}, for example.")
    if not all(isinstance(line, int) and 1 <= line <= last_line for line in given):
        raise Unanswerable(f"A number is no line of the listing: they are from 1 to {last_line}.")
    lines = set(given)
    found = sum(sealed("line", line, topic) in answers for line in lines)
    for number in range(len(answers)):
        findings.that(
            f"line {number + 1} of {len(answers)} at fault is found",
            number < found - (len(lines) - found),
            f"{found} of {len(answers)} lines at fault are among your {len(lines)}; every line "
            "that is not at fault takes one away. For each line ask: what goes in, in which range "
            "and order of axes, and what does the next line expect?",
        )
