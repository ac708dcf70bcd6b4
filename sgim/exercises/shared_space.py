"""Checks of lesson 02: the scale that makes sure, a shift that nobody notices, words of one's own.

cosines, wish -> logit scale; features -> scores; class -> sentence
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence

import torch
import torch.nn.functional as F

from sgim.exercises.answers import Answer, check_input_unchanged, check_values
from sgim.exercises.reports import Findings, Unanswerable, reported

SENTENCE_SHARE = 0.9
"""So many of the pictures have to be named right by sentences of one's own."""


@reported("logit scale")
def check_scale(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_scale(first, second, p)`: two cosines and a wish -> logit scale."""
    answer = Answer(function, "my_scale")
    random = torch.Generator().manual_seed(seed)
    cases = [(0.1, -0.4, 0.99), (0.6, 0.3, 0.9)]
    for _ in range(3):
        second, lead, p = torch.rand(3, generator=random).tolist()
        cases.append((second / 2 - 0.2 + 0.05 + lead / 3, second / 2 - 0.2, 0.55 + 0.4 * p))

    def scale(first: float, second: float, p: float) -> float:
        return math.log(p / (1 - p)) / (first - second)

    check_values(
        findings,
        answer,
        cases,
        lambda *case: torch.tensor(scale(*case)),
        {
            "Temperature inverted: that is one over the logit scale. A sharper softmax needs a "
            "larger scale.": lambda *case: torch.tensor(1 / scale(*case)),
            "The sign is wrong: with a negative scale the second caption would win.": (
                lambda *case: torch.tensor(-scale(*case))
            ),
            "The logarithm is missing: p / (1 - p) is the ratio of two exponentials.": (
                lambda a, b, p: torch.tensor(p / (1 - p) / (a - b))
            ),
            "The logarithm of base 10; the softmax has powers of e.": lambda *case: torch.tensor(
                scale(*case) / math.log(10)
            ),
            "The second caption has no part in it. By how much does the first one lead?": (
                lambda a, b, p: torch.tensor(math.log(p / (1 - p)) / a)
            ),
            "The other caption gets 1 - p, and the ratio of both is what the scale decides. Where "
            "is 1 - p?": lambda a, b, p: torch.tensor(math.log(p) / (a - b)),
            "The ratio of the cosines is taken; the scale multiplies their difference.": (
                lambda a, b, p: torch.tensor(math.log(p / (1 - p)) / (a / b))
            ),
        },
        axes="a single number, ()",
        otherwise="Put your scale into the softmax of two numbers, scale * first and scale * "
        "second: does the first one come out as p?",
    )


@reported("scores after the shift")
def check_shifted_scores(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_shifted_scores(image_features, text_features)` -> (num_images, num_texts)."""
    answer = Answer(function, "my_shifted_scores")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for images, texts, embed_dim in ((6, 4, 5), (3, 8, 7), (9, 5, 3)):
        common = torch.randn(embed_dim, generator=random)
        pictures = torch.randn(images, embed_dim, generator=random) + common
        captions = torch.randn(texts, embed_dim, generator=random) - common
        cases.append((F.normalize(pictures, dim=1), F.normalize(captions, dim=1)))

    def centered(rows: torch.Tensor) -> torch.Tensor:
        return rows - rows.mean(dim=0)

    check_values(
        findings,
        answer,
        cases,
        lambda f, t: f @ centered(t).T,
        {
            "These are the scores before the shift. What is taken away from the captions?": (
                lambda f, t: f @ t.T
            ),
            "The mean is taken over the numbers of each caption. The mean *caption* is a mean over "
            "which axis?": lambda f, t: f @ (t - t.mean(dim=1, keepdim=True)).T,
            "The pictures lose their mean, not the captions. It is the other way round.": (
                lambda f, t: centered(f) @ t.T
            ),
            "The pictures have lost their mean, too. Here the captions alone are shifted.": (
                lambda f, t: centered(f) @ centered(t).T
            ),
            "The captions are scaled back to length 1 after the shift; this exercise leaves that "
            "out, and so it can say what each row loses.": (
                lambda f, t: f @ F.normalize(centered(t), dim=1).T
            ),
            "The axes are mixed up: rows are pictures and columns captions.": (
                lambda f, t: centered(t) @ f.T
            ),
            "One number for everything is taken away, the mean of all scores. Each row loses a "
            "number of its own.": lambda f, t: f @ t.T - (f @ t.T).mean(),
            "The mean of each column is taken away. The mean caption gives each *picture* a number "
            "of its own.": lambda f, t: f @ t.T - (f @ t.T).mean(dim=0),
        },
        axes="(num_images, num_texts)",
        otherwise="Take two captions, (1, 0) and (0, 1), and one picture, (1, 0). What is the mean "
        "caption, and which two scores are left?",
    )
    check_input_unchanged(findings, answer)


@reported("sentences of your own")
def check_sentences(
    findings: Findings,
    sentences: object,
    names: Sequence[str],
    captions: Sequence[str],
    known_words: Collection[str],
    share: Callable[[list[str]], float],
) -> None:
    """Check a dictionary class -> sentence that avoids the words of the captions.

    Parameters
    ----------
    sentences : dict
    names : sequence of str
        The classes.
    captions : sequence of str
        Their words are forbidden, but for "a".
    known_words : collection of str
        Words that the text tower has learned.
    share : callable
        One sentence for each name -> share of the pictures that are named right.
    """
    if not isinstance(sentences, Mapping):
        raise Unanswerable("my_sentences is no dictionary; keep its entries, name: sentence.")
    empty = [name for name in names if not str(sentences.get(name, "")).strip()]
    if empty:
        raise Unanswerable(f"There is no sentence for {', '.join(empty)} yet.")
    words = {name: str(sentences[name]).lower().replace(",", " ").split() for name in names}
    taboo = set(" ".join(captions).lower().split()) - {"a"}
    used = [(name, word) for name in names for word in words[name] if word in taboo]
    findings.that(
        "no word of the captions is used",
        not used,
        "".join(f"The sentence for {name} uses {word}. " for name, word in used[:2]).strip(),
    )
    unknown = [(name, word) for name in names for word in words[name] if word not in known_words]
    findings.that(
        "the text tower knows all words",
        not unknown,
        "".join(f"The sentence for {name} has {word}, which the text tower has never learned. "
                for name, word in unknown[:2]).strip(),
    )  # fmt: skip
    same = len({tuple(one) for one in words.values()}) < len(names)
    findings.that(
        "every name has a sentence of its own",
        not same,
        "Two names have the same sentence, so nothing can tell them apart.",
    )
    if not findings.advice:
        found = share([str(sentences[name]) for name in names])
        findings.that(
            "nine of ten pictures are named right",
            found >= SENTENCE_SHARE,
            f"{found:.0%} of the pictures are named right, expected are {SENTENCE_SHARE:.0%}. "
            "Which name is missed most often, and of which strength does its sentence speak?",
        )
