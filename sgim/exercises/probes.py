"""Checks of exercises on evaluations: prompts of one's own, and few clips to learn from.

class name -> prompts; labels, count, seed -> numbers of the clips that are drawn
"""

import re
from collections.abc import Callable, Collection, Sequence

import torch

from sgim.exercises.answers import Answer, check_input_unchanged
from sgim.exercises.reports import Findings, Unanswerable, reported

ARTICLES = {"a", "an", "the"}
PROMPT_SCORE = 3 / 8
"""Three times a blind guess among eight classes."""


@reported("prompts")
def check_prompts(
    findings: Findings,
    function: object,
    names: Sequence[str],
    known_words: Collection[str],
    score: Callable[[Callable], float],
) -> None:
    """Check `my_prompts(name)`, which returns a list of texts for a class.

    Parameters
    ----------
    function : callable
    names : sequence of str
        The classes.
    known_words : collection of str
        Words that the text tower has learned.
    score : callable
        The function -> share of the clips that are named right with its prompts.
    """
    answer = Answer(function, "my_prompts")
    words = {name: [_words(text) for text in _texts(answer, name)] for name in names}
    bare = [
        name for name in names if any(not set(one) - ARTICLES - {*names} for one in words[name])
    ]
    findings.that(
        "no class name stands alone",
        not bare,
        f"A text for {_first(bare)} is the name of a class alone; capitals, blanks, points and "
        "articles do not make it a sentence.",
    )
    others = [name for name in names if ({*names} - {name}) & {*sum(words[name], [])}]
    findings.that(
        "no text names another class",
        not others,
        f"A text for {_first(others)} holds the name of another class: whose clip will be nearest "
        "to it?",
    )
    sets = [frozenset(map(tuple, texts)) for texts in words.values()]
    findings.that(
        "every class has texts of its own",
        len(set(sets)) == len(sets),
        "Two classes have the same texts, so nothing can tell them apart. Is `name` used?",
    )
    unknown = sorted({word for texts in words.values() for text in texts for word in text})
    unknown = [word for word in unknown if word not in known_words]
    findings.that(
        "the text tower knows all words",
        not unknown,
        f"The text tower has never learned {', '.join(unknown[:3])}. It has no feature for such a "
        "word; look at class_prompts for some that it knows.",
    )
    if findings.advice:
        return
    share = score(function)
    findings.that(
        "three times as good as a blind guess",
        share > PROMPT_SCORE,
        "The texts name fewer clips right than three blind guesses would. Which part is the same "
        "for all classes, and does it say what is heard?",
    )


def _texts(answer: Answer, name: str) -> list[str]:
    texts = answer.call(name)
    if isinstance(texts, str):
        raise Unanswerable(
            f"my_prompts returns one text for {name}, and the check asks for a list: put it "
            "between [ and ]."
        )
    if not isinstance(texts, list | tuple) or not all(isinstance(one, str) for one in texts):
        raise Unanswerable(f"my_prompts returns no list of texts for {name}.")
    if not all(_words(one) for one in texts) or not texts:
        raise Unanswerable(f"my_prompts returns an empty list or an empty text for {name}.")
    return list(texts)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def _first(names: Sequence[str]) -> str:
    return names[0] if names else ""


@reported("a draw of few clips")
def check_few(findings: Findings, function: object, *, seed: int = 0) -> None:
    """Check `my_few(labels, per_class, seed)`: as many clips of each class, drawn by chance."""
    answer = Answer(function, "my_few")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for sizes, per_class in (((6, 9, 5), 2), ((8, 4, 7, 6), 3), ((5, 12), 1)):
        labels = [2 * name for name, size in enumerate(sizes) for _ in range(size)]
        order = torch.randperm(len(labels), generator=random).tolist()
        cases.append(([labels[place] for place in order], per_class))
    draws = [[_numbers(answer, *case, again) for again in range(80)] for case in cases]
    findings.that(
        "each class has as many clips as were asked for",
        all(
            sorted(labels[one] for one in draw) == sorted(_wanted(labels, per_class))
            for (labels, per_class), some in zip(cases, draws, strict=True)
            for draw in some
        ),
        "The classes have not all the same number of clips. A draw from all clips alike favors the "
        "large classes: what has to be done for each class by itself?",
    )
    if findings.advice:
        return
    findings.that(
        "no clip is drawn twice",
        all(len(set(draw)) == len(draw) for some in draws for draw in some),
        "A clip is drawn twice: then there are fewer to learn from than it seems. A draw without "
        "putting back is a shuffle of which you take a part.",
    )
    findings.that(
        "the same seed draws the same clips",
        all(
            sorted(_numbers(answer, *case, 7)) == sorted(some[7])
            for case, some in zip(cases, draws, strict=True)
        ),
        "The same seed draws other clips the second time, so nobody can repeat your experiment. "
        "Who else uses the dice that you use?",
    )
    every = all(
        {place for draw in some for place in draw} == {*range(len(labels))}
        for (labels, _), some in zip(cases, draws, strict=True)
    )
    findings.that(
        "every clip has its chance",
        every,
        "Some clips are never drawn, whatever the seed: one draw tells then about these clips and "
        "not about the number. Is the seed used, and are the first clips always the ones?",
    )
    check_input_unchanged(findings, answer)


def _wanted(labels: Sequence[int], per_class: int) -> list[int]:
    return [name for name in {*labels} for _ in range(per_class)]


def _numbers(answer: Answer, labels: list[int], per_class: int, seed: int) -> list[int]:
    drawn = answer.call(labels, per_class, seed)
    drawn = drawn.tolist() if torch.is_tensor(drawn) else drawn
    if not isinstance(drawn, list | tuple) or not all(isinstance(one, int) for one in drawn):
        raise Unanswerable(
            f"{answer.name} returns no list of whole numbers: it shall name the places of clips in "
            "`labels`, counted from 0."
        )
    if not all(0 <= one < len(labels) for one in drawn):
        raise Unanswerable(
            f"{answer.name} returns a number that is no place in `labels`, which are counted from "
            "0. Does it return labels in place of places?"
        )
    return list(drawn)
