"""Checks of lesson 06: the loss of an edit by text, the weight that stops it, two wishes at once.

features, latents -> loss per scene; angle -> weight; sentence -> which weathers rise
"""

import math
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F

from sgim.checks import SgimError
from sgim.exercises.answers import Answer, check_input_unchanged, check_property, check_values
from sgim.exercises.reports import Findings, Unanswerable, reported
from sgim.losses import cosine_distance

RISE = 0.15
"""A weather whose true intensity rises by so much has come."""


@reported("loss of an edit by text")
def check_text_loss(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_loss(features, target, ws, ws_s, similarity_weight)` -> (batch,)."""
    answer = Answer(function, "my_loss")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for batch, embed_dim, num_ws, w_dim in ((3, 8, 4, 5), (2, 5, 7, 3), (4, 6, 2, 2)):
        features = 1.7 * torch.randn(batch, embed_dim, generator=random)
        target = 0.6 * torch.randn(1, embed_dim, generator=random)
        ws = torch.randn(2, batch, num_ws, w_dim, generator=random)
        cases.append((features, target, *ws, 0.3))

    def squares(ws, ws_s):
        return (ws - ws_s).square().sum((1, 2))

    def loss(f, t, ws, ws_s, weight, guidance=cosine_distance, way=squares):
        return guidance(f, t) + weight * way(ws, ws_s)

    def other(**parts):
        return lambda *case: loss(*case, **parts)

    check_values(
        findings,
        answer,
        cases,
        loss,
        {
            "Normalization forgotten: a dot product of features of any length is no cosine.": (
                other(guidance=lambda f, t: 1 - (f * t).sum(dim=1))
            ),
            "Normalization by half: the features are scaled to length 1, the target is not.": other(
                guidance=lambda f, t: 1 - (F.normalize(f, dim=1) * t).sum(dim=1)
            ),
            "The sign of the guidance is wrong: the picture would flee from the sentence.": other(
                guidance=lambda f, t: F.cosine_similarity(f, t)
            ),
            "The sign of the guidance is wrong: 1 + cosine is small for what points away.": other(
                guidance=lambda f, t: 1 + F.cosine_similarity(f, t)
            ),
            "The guidance is the cosine with a minus, and the 1 is missing: the loss of a picture "
            "that agrees has to be 0.": other(guidance=lambda f, t: -F.cosine_similarity(f, t)),
            "Length and not squared length: the root is too much.": other(
                way=lambda ws, ws_s: squares(ws, ws_s).sqrt()
            ),
            "The mean over the numbers of a latent is taken; then lambda would depend on how large "
            "a latent is. The squared length is a sum.": other(
                way=lambda ws, ws_s: (ws - ws_s).square().mean((1, 2))
            ),
            "The rows are not added up as squares: the root of each row is taken first.": other(
                way=lambda ws, ws_s: (ws - ws_s).norm(dim=2).sum(1)
            ),
            "similarity_weight is not used.": lambda f, t, ws, ws_s, weight: loss(
                f, t, ws, ws_s, 1.0
            ),
            "The second term is missing: nothing holds the scene at its source.": (
                lambda f, t, ws, ws_s, weight: cosine_distance(f, t)
            ),
            "One number for the whole batch, a mean. Each scene has a loss of its own.": (
                lambda *case: loss(*case).mean()
            ),
            "One number for the whole batch, a sum. Each scene has a loss of its own.": (
                lambda *case: loss(*case).sum()
            ),
        },
        axes="(batch,)",
        otherwise="Set similarity_weight to 0 and compare the first term alone; then give equal "
        "features and targets, so that it is 0, and compare the second.",
    )
    check_property(
        findings,
        "the loss pulls at picture and latent",
        lambda: _pulls(answer, cases[0]),
        "No gradient reaches the picture's features or the latent. Look for detach, item, no_grad "
        "or numpy.",
    )
    check_input_unchanged(findings, answer)


def _pulls(answer: Answer, case: tuple) -> bool:
    features, ws = case[0].clone().requires_grad_(), case[2].clone().requires_grad_()
    with torch.enable_grad():
        loss = answer.function(features, case[1], ws, *case[3:])
    if not (torch.is_tensor(loss) and loss.requires_grad):
        return False
    gradients = torch.autograd.grad(loss.sum(), (features, ws), allow_unused=True)
    return all(one is not None and bool(one.abs().max() > 0) for one in gradients)


@reported("weight that stops the edit")
def check_leash(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`my_leash(w)`: angle in radians, between 0 and pi / 2 -> lambda."""
    answer = Answer(function, "my_leash")
    random = torch.Generator().manual_seed(seed)
    angles = [0.2, 0.739, *(0.3 + 1.1 * torch.rand(3, generator=random)).tolist()]

    def number(rule: Callable[[float], float]) -> Callable[[float], torch.Tensor]:
        return lambda w: torch.tensor(float(rule(w)))

    check_values(
        findings,
        answer,
        [(angle,) for angle in angles],
        number(lambda w: math.cos(w) / (2 * w)),
        {
            "The factor 2 is lost: what is the slope of w squared?": number(
                lambda w: math.cos(w) / w
            ),
            "Where the loss is lowest its *slope* is 0, not the loss itself.": number(
                lambda w: (math.sin(w) - 1) / w**2
            ),
            "The slope of -sin w is not sin w.": number(lambda w: math.sin(w) / (2 * w)),
            "The sign is wrong: a negative weight would push the picture away from its source.": (
                number(lambda w: -math.cos(w) / (2 * w))
            ),
            "Solved for one over lambda.": number(lambda w: 2 * w / math.cos(w)),
            "The angle is taken for degrees; math.cos takes radians.": number(
                lambda w: math.cos(math.radians(w)) / (2 * w)
            ),
            "That is the weight of the example, for every angle.": number(lambda w: 0.5),
        },
        axes="a single number, ()",
        otherwise="Put your number into the slope -cos w + 2 lambda w: is it 0?",
    )


@reported("two wishes")
def check_two_wishes(
    findings: Findings, sentence: object, rises: Callable[[str], Mapping[str, float]]
) -> None:
    """Check a sentence that brings exactly two weathers.

    Parameters
    ----------
    sentence : str
    rises : callable
        Sentence -> by how much each weather rose; it makes the edit.
    """
    if not isinstance(sentence, str):
        raise Unanswerable("my_sentence is no text; write it between quotation marks.")
    if not sentence.strip():
        raise Unanswerable("my_sentence is empty: write one sentence with two wishes.")
    try:
        risen = [name for name, rise in rises(sentence).items() if rise >= RISE]
    except SgimError as refusal:
        raise Unanswerable(f"The package refuses this sentence: {refusal}") from refusal
    came = f"{len(risen)} weathers rose by {RISE:g} or more: {', '.join(risen) or 'none'}."
    findings.that(
        "two weathers came, and no other",
        len(risen) == 2,
        f"{came} Expected are two. If one hides the other, take a pair that can be seen side by "
        "side; if one is too faint, say it with a stronger word.",
    )
