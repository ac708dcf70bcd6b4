"""Checks of the first half of assignment A2: InfoNCE, and what the temperature does to it.

features, targets, logit scale -> loss; batch and logit scale -> loss of a perfect encoder
"""

import math

import torch
import torch.nn.functional as F

from sgim.exercises.answers import (
    Answer,
    check_input_unchanged,
    check_property,
    check_values,
    close,
)
from sgim.exercises.reports import Findings, reported
from sgim.losses import info_nce_loss

LARGE_SCALE = 100.0
"""The largest that CLIP allows; the exponential of it is no float32."""


@reported("InfoNCE")
def check_info_nce(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`info_nce(features, target_features, logit_scale)` -> scalar."""
    answer = Answer(function, "info_nce")
    random = torch.Generator().manual_seed(seed)
    cases = [(*_pairs(5, 7, random), 14.29), (*_pairs(6, 3, random), 3.0)]
    cases.append((*_pairs(3, 9, random), 8.0))
    check_values(
        findings,
        answer,
        cases,
        info_nce_loss,
        {
            "Temperature inverted: the cosines are divided by logit_scale. It is one over the "
            "temperature, so which way does it make the softmax sharper?": (
                lambda a, b, scale: info_nce_loss(a, b, 1 / scale)
            ),
            "The temperature is not used: logit_scale has no part in the numbers.": (
                lambda a, b, scale: info_nce_loss(a, b, 1.0)
            ),
            "Loss not symmetric: only the rows are asked which caption is theirs. Who asks the "
            "columns?": lambda a, b, scale: _one_way(scale * a @ b.T),
            "Loss not symmetric: only the columns are asked which sound is theirs. Who asks the "
            "rows?": lambda a, b, scale: _one_way(scale * b @ a.T),
            "Both directions are added; the text takes their mean.": (
                lambda a, b, scale: 2 * info_nce_loss(a, b, scale)
            ),
            "The losses of the batch are added up; the text takes their mean.": (
                lambda a, b, scale: len(a) * info_nce_loss(a, b, scale)
            ),
            "The sign is wrong: a good encoder would have the most loss.": (
                lambda a, b, scale: -info_nce_loss(a, b, scale)
            ),
            "The diagonal of the scaled cosines is the whole loss. Without a softmax nothing "
            "pushes a sound away from the other captions.": (
                lambda a, b, scale: -(scale * a @ b.T).diagonal().mean()
            ),
            "Probabilities are averaged, not their logarithms.": (
                lambda a, b, scale: -_mean_probability(scale * a @ b.T)
            ),
        },
        axes="a single number, ()",
        otherwise="Take the table of nine cosines in the text, and compare the loss of its rows "
        "and of its columns with the numbers there.",
    )
    first, second, scale = cases[0]
    check_property(
        findings,
        "sounds and captions may change places",
        lambda: close(answer.numbers(first, second, scale), answer.numbers(second, first, scale)),
        "The loss changes when sounds and captions change places: loss not symmetric.",
    )
    same = torch.ones(6, 1)
    check_property(
        findings,
        "a blind guess costs what it must",
        lambda: close(answer.numbers(same, same, 5.0), torch.tensor(math.log(6))),
        "When all cosines are equal, the loss is not that of a blind guess. What is the "
        "probability of each of N answers then, and what is minus its logarithm?",
    )
    large = (second, second.roll(1, dims=0), LARGE_SCALE)
    check_property(
        findings,
        "a logit scale of 100 does no harm",
        lambda: close(answer.numbers(*large), info_nce_loss(*large)),
        "With logit_scale 100, the largest that CLIP allows, the loss is not what it must be. If "
        "it is nan or inf, exp(100) was too large for a float32: which function of torch takes "
        "the logarithm of a sum of exponentials without computing them?",
    )
    check_property(
        findings,
        "both sides get a gradient",
        lambda: _both_learn(answer, cases[0]),
        "No gradient reaches one of the two sides. Look for detach, item, no_grad or numpy.",
    )
    check_input_unchanged(findings, answer)


def _both_learn(answer: Answer, case: tuple) -> bool:
    features = [one.clone().requires_grad_() for one in case[:2]]
    loss = answer.function(*features, case[2])
    if not (torch.is_tensor(loss) and loss.requires_grad):
        return False
    gradients = torch.autograd.grad(loss, features, allow_unused=True)
    return all(one is not None and bool(one.abs().max() > 0) for one in gradients)


@reported("loss of a perfect encoder")
def check_perfect_loss(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`perfect_loss(batch, logit_scale)` -> number: cosine 1 with its own, 0 with the others."""
    answer = Answer(function, "perfect_loss")
    random = torch.Generator().manual_seed(seed)
    batches = torch.randint(3, 200, (3,), generator=random).tolist()
    scales = (1.5 + 3 * torch.rand(3, generator=random)).tolist()
    cases = list(zip(batches, scales, strict=True))
    check_values(
        findings,
        answer,
        cases,
        lambda batch, scale: torch.tensor(math.log(1 + (batch - 1) * math.exp(-scale))),
        {
            "Temperature inverted: a larger logit_scale shall make the loss smaller.": (
                lambda batch, scale: torch.tensor(math.log(1 + (batch - 1) * math.exp(-1 / scale)))
            ),
            "The sum counts its own caption twice: one of the N terms is its own, how many are the "
            "others?": lambda batch, scale: torch.tensor(math.log(1 + batch * math.exp(-scale))),
            "That is the loss of a blind guess. A perfect encoder does better, by how much depends "
            "on logit_scale.": lambda batch, scale: torch.tensor(math.log(batch)),
            "That is the loss for a sharp softmax, 0. With a finite logit_scale the others keep "
            "some probability.": lambda batch, scale: torch.tensor(0.0),
            "The sign is wrong: a loss of this kind is never below 0.": (
                lambda batch, scale: -torch.tensor(math.log(1 + (batch - 1) * math.exp(-scale)))
            ),
        },
        axes="a single number, ()",
        otherwise="Write one row of logits for N = 3 by hand: its own, and two others. What is the "
        "softmax of its own?",
    )


def _pairs(
    batch: int, embed_dim: int, random: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Targets, and features that lean toward their own."""
    targets = F.normalize(torch.randn(batch, embed_dim, generator=random), dim=1)
    noise = 0.8 * torch.randn(batch, embed_dim, generator=random)
    return F.normalize(targets + noise, dim=1), targets


def _one_way(logits: torch.Tensor) -> torch.Tensor:
    return F.cross_entropy(logits, torch.arange(len(logits)))


def _mean_probability(logits: torch.Tensor) -> torch.Tensor:
    rows, columns = (logits.softmax(dim=dim).diagonal().mean() for dim in (1, 0))
    return (rows + columns) / 2
