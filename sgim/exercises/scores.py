"""Checks of scores that are written by hand.

features of sounds and of captions -> retrieval; labels, predictions -> class-balanced accuracy
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from sgim.exercises.answers import Answer, check_input_unchanged, check_values
from sgim.exercises.reports import Findings, reported
from sgim.metrics import accuracy, class_balanced_accuracy, retrieval_at_k


@reported("retrieval")
def check_retrieval(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_retrieval(query_features, target_features)` -> share in [0, 1]."""
    answer = Answer(function, "my_retrieval")
    random = torch.Generator().manual_seed(seed)
    cases = [_retrieval_case(*size, random) for size in ((23, 7), (16, 5), (40, 11), (31, 9))]

    def share(hits: torch.Tensor) -> torch.Tensor:
        return hits.float().mean()

    check_values(
        findings,
        answer,
        cases,
        lambda queries, targets: torch.tensor(retrieval_at_k(queries, targets, k=1)),
        {
            "The axes are mixed up: you ask each target for its best query. Here each query asks "
            "for its best target.": lambda a, b: share((b @ a.T).argmax(1) == torch.arange(len(a))),
            "A cosine above 0.5 is no hit, and one below is no miss: what counts is whether any "
            "other target is nearer.": lambda a, b: share((a * b).sum(1) > 0.5),
            "The hits are counted. A share is their number over which other number?": (
                lambda a, b: torch.tensor(retrieval_at_k(a, b, k=1) * len(a))
            ),
            "The farthest target is taken for the nearest. Is a cosine large or small for what is "
            "near?": lambda a, b: share((a @ b.T).argmin(1) == torch.arange(len(a))),
            "The cosines with the own targets are averaged; nothing is compared with the others.": (
                lambda a, b: (a * b).sum(1).mean()
            ),
            "The misses are counted in place of the hits.": (
                lambda a, b: torch.tensor(1 - retrieval_at_k(a, b, k=1))
            ),
        },
        axes="a single number, ()",
        otherwise="Take two queries and two targets of two numbers each. Write the table of "
        "cosines, mark the largest of each row, and count the marks on the diagonal.",
    )
    check_input_unchanged(findings, answer)


def _retrieval_case(
    batch: int, embed_dim: int, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Queries near their targets, and one target that is near to all queries."""
    common = F.normalize(torch.randn(embed_dim, generator=random), dim=0)
    targets = F.normalize(torch.randn(batch, embed_dim, generator=random), dim=1)
    noise = torch.randn(batch, embed_dim, generator=random) / embed_dim**0.5
    queries = F.normalize(targets + noise + common, dim=1)
    targets[batch // 2] = common
    return queries, targets


@reported("class-balanced accuracy")
def check_balanced_accuracy(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_balanced_accuracy(labels, predictions)`: lists of class numbers -> share in [0, 1]."""
    answer = Answer(function, "my_balanced_accuracy")
    random = torch.Generator().manual_seed(seed)
    cases = [([0] * 9 + [1], [0] * 10)]
    cases += [_classes_case(sizes, random) for sizes in ((12, 3, 5), (4, 20), (2, 9, 6, 15))]

    def classes(labels: Sequence[int], predictions: Sequence[int]) -> int:
        return len({*labels, *predictions})

    def balanced(labels: Sequence[int], predictions: Sequence[int]) -> float:
        return class_balanced_accuracy(labels, predictions)

    check_values(
        findings,
        answer,
        cases,
        lambda labels, predictions: torch.tensor(balanced(labels, predictions)),
        {
            "That is the plain accuracy: a large class has more to say than a small one. Where do "
            "you take the share of a class before you average?": (
                lambda labels, predictions: torch.tensor(accuracy(labels, predictions))
            ),
            "That is what a guess scores with this number of classes. The predictions have no part "
            "in it.": lambda labels, predictions: torch.tensor(1 / len(set(labels))),
            "The clips are sorted by what was predicted. That tells how far an answer can be "
            "trusted; the score asks how many clips of a class are found.": (
                lambda labels, predictions: torch.tensor(balanced(predictions, labels))
            ),
            "The shares are averaged over classes that no clip has as its label. Which list tells "
            "the classes?": lambda labels, predictions: torch.tensor(
                balanced(labels, predictions) * len(set(labels)) / classes(labels, predictions)
            ),
            "The shares are averaged over all numbers from 0 to the largest label. Are these all "
            "classes?": lambda labels, predictions: torch.tensor(
                balanced(labels, predictions) * len(set(labels)) / (max(labels) + 1)
            ),
            "The shares of the classes are added up; their mean is asked for.": (
                lambda labels, predictions: torch.tensor(
                    balanced(labels, predictions) * len(set(labels))
                )
            ),
        },
        axes="a single number, ()",
        otherwise="Take the lazy model of the text by hand: which share of the rain does it find, "
        "which share of the fire, and what is the mean of the two?",
    )
    check_input_unchanged(findings, answer)


def _classes_case(sizes: Sequence[int], random: torch.Generator) -> tuple[list[int], list[int]]:
    """Labels 0, 3, 6 ... in a random order, and predictions of which some are of no class."""
    labels = [3 * name for name, size in enumerate(sizes) for _ in range(size)]
    order = torch.randperm(len(labels), generator=random).tolist()
    labels = [labels[place] for place in order]
    doubts = torch.rand(len(labels), generator=random).tolist()
    predictions = [
        label if doubt > 0.4 + 0.1 * label else 0 if doubt > 0.15 else 5
        for label, doubt in zip(labels, doubts, strict=True)
    ]
    return [*labels, 0], [*predictions, 5]
