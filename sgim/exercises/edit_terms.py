"""Checks of the first half of assignment A4: the loss of an edit and the adaptive layer mask.

features, latents, mask -> loss per picture; mask before a step -> mask after it
"""

import torch
import torch.nn.functional as F

from sgim.editing.layer_mask import AdaptiveLayerMask
from sgim.exercises.answers import Answer, check_input_unchanged, check_property, check_values
from sgim.exercises.reports import Findings, reported
from sgim.losses import cosine_distance, latent_similarity_loss


@reported("loss of an edit")
def check_edit_loss(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`edit_loss(features, target_features, ws, source_ws, layer_weights, similarity_weight)`."""
    answer = Answer(function, "edit_loss")
    random = torch.Generator().manual_seed(seed)
    sizes = ((3, 8, 5, 4), (2, 6, 7, 3))
    cases = [_loss_case(*size, random=random) for size in sizes]

    def loss(f, t, ws, source, g, weight):
        return cosine_distance(f, t) + weight * latent_similarity_loss(ws, source, g)

    def other(guidance=cosine_distance, held=latent_similarity_loss):
        return lambda f, t, ws, source, g, weight: guidance(f, t) + weight * held(ws, source, g)

    check_values(
        findings,
        answer,
        cases,
        loss,
        {
            "Mask not used: all layers are held alike. Where does g stand in the formula?": other(
                held=lambda ws, source, g: (ws - source).square().sum((1, 2))
            ),
            "The sign of the guidance is wrong: the picture would flee from the sound. A distance "
            "is small where the cosine is large.": other(
                guidance=lambda f, t: F.cosine_similarity(f, t)
            ),
            "Normalization forgotten: features that are not of length 1 have a dot product that is "
            "no cosine.": other(guidance=lambda f, t: 1 - (f * t).sum(dim=1)),
            "Length and not squared length: the root of the sum over w_dim is taken.": other(
                held=lambda ws, source, g: (g * (ws - source).norm(dim=2)).sum(dim=1)
            ),
            "The mean over w_dim is taken; the squared length of a row is a sum.": other(
                held=lambda ws, source, g: (g * (ws - source).square().mean(dim=2)).sum(dim=1)
            ),
            "The mean over the layers is taken; the formula adds them up.": other(
                held=lambda ws, source, g: (g * (ws - source).square().sum(dim=2)).mean(dim=1)
            ),
            "The mask is squared with the change: it stands before the square, not in it.": other(
                held=lambda ws, source, g: (g * g * (ws - source).square().sum(dim=2)).sum(dim=1)
            ),
            "lambda_sim is not used: similarity_weight has no part in the numbers.": (
                lambda f, t, ws, source, g, weight: loss(f, t, ws, source, g, 1.0)
            ),
            "The second term is missing: nothing holds the scene at its source.": (
                lambda f, t, ws, source, g, weight: cosine_distance(f, t)
            ),
            "One number for the whole batch: the pictures would share their loss. Each picture "
            "has its own, (batch,).": lambda *case: loss(*case).mean(),
            "One number for the whole batch, a sum. Each picture has its own loss, (batch,).": (
                lambda *case: loss(*case).sum()
            ),
        },
        axes="(batch,)",
        otherwise="Set similarity_weight to 0 and compare the first term alone; then give equal "
        "features, so that it is 0, and compare the second.",
    )
    check_property(
        findings,
        "the loss pulls at the picture and at the latent",
        lambda: _pulls(answer, cases[0]),
        "No gradient reaches the picture's features or the latent. Look for detach, item, no_grad "
        "or numpy.",
    )
    check_input_unchanged(findings, answer)


def _loss_case(
    batch: int, embed_dim: int, num_ws: int, w_dim: int, *, random: torch.Generator
) -> tuple:
    features, target = 1.7 * torch.randn(2, batch, embed_dim, generator=random)
    ws, source = torch.randn(2, batch, num_ws, w_dim, generator=random)
    weights = torch.rand(batch, num_ws, generator=random)
    return features, target, ws, source, weights, 0.3


def _pulls(answer: Answer, case: tuple) -> bool:
    features, ws = case[0].clone().requires_grad_(), case[2].clone().requires_grad_()
    loss = answer.function(features, case[1], ws, *case[3:])
    if not (torch.is_tensor(loss) and loss.requires_grad):
        return False
    gradients = torch.autograd.grad(loss.sum(), (features, ws), allow_unused=True)
    return all(one is not None and bool(one.abs().max() > 0) for one in gradients)


@reported("adaptive layer mask")
def check_mask_update(findings: Findings, function: object, *, seed: int = 0) -> None:
    """`mask_update(logits, ws, source_ws, rate)`: (batch, num_ws) -> the logits after the step."""
    answer = Answer(function, "mask_update")
    random = torch.Generator().manual_seed(seed)
    cases = []
    for batch, num_ws, w_dim in ((3, 5, 4), (2, 18, 3)):
        logits = torch.randn(batch, num_ws, generator=random)
        ws, source = 0.6 * torch.randn(2, batch, num_ws, w_dim, generator=random)
        cases.append((logits, ws, source, 0.2))

    def moved(logits, ws, source, rate, held=torch.sigmoid, rule=lambda x: x * (1 - x)):
        layer_loss = held(logits) * (ws - source).square().sum(dim=2)
        return logits - rate * rule(layer_loss)

    check_values(
        findings,
        answer,
        cases,
        _right_mask,
        {
            "The sign is wrong: a layer that begins to move would be held more. Read the rule "
            "again: what happens to m when the layer's loss is 0.5?": (
                lambda logits, ws, source, rate: moved(logits, ws, source, -rate)
            ),
            "Mask not used: the layer's loss is that of an unmasked layer. Which factor turns m "
            "into a weight in (0, 1)?": lambda *case: moved(*case, held=torch.ones_like),
            "m itself weighs the layer, and it can be negative. Which function turns it into a "
            "weight in (0, 1)?": lambda *case: moved(*case, held=lambda m: m),
            "The factor 1 - l is missing: a layer that has run far would be let go, too.": (
                lambda *case: moved(*case, rule=lambda x: x)
            ),
            "The weights are returned. The rule moves m; the weights follow from it.": (
                lambda *case: moved(*case).sigmoid()
            ),
            "Only 14 layers are held, as in the published code; for 1024 pixels there are 18.": (
                lambda *case: torch.cat([_right_mask(*case)[:, :14], case[0][:, 14:]], dim=1)
            ),
            "The mean over w_dim is taken; the squared length of a row is a sum.": (
                lambda logits, ws, source, rate: _right_mask(
                    logits, ws / ws.shape[2] ** 0.5, source / ws.shape[2] ** 0.5, rate
                )
            ),
            "Nothing moves: the logits come back as they were.": lambda logits, *others: logits,
        },
        axes="(batch, num_ws)",
        otherwise="Take one layer by hand: m = 1, squared length 1. Its weight is 0.731, so l = "
        "0.731, and m falls by rate times 0.731 times 0.269.",
    )
    check_property(
        findings,
        "the mask follows a rule and no gradient",
        lambda: not _carries_gradient(answer, cases[0]),
        "Gradient into the mask: the result still hangs on the latent's graph, which grows with "
        "every step. The mask follows a rule; which method cuts a tensor from its graph?",
    )
    check_input_unchanged(findings, answer)


def _right_mask(
    logits: torch.Tensor, ws: torch.Tensor, source_ws: torch.Tensor, rate: float
) -> torch.Tensor:
    mask = AdaptiveLayerMask(*logits.shape, rate, logits.device)
    mask.logits = logits
    mask.update(ws, source_ws)
    return mask.logits


def _carries_gradient(answer: Answer, case: tuple) -> bool:
    logits, ws, source, rate = case
    returned = answer.function(logits.clone(), ws.clone().requires_grad_(), source, rate)
    return torch.is_tensor(returned) and returned.requires_grad
