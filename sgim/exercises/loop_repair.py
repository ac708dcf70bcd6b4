"""Check of an edit loop that is to be repaired; painter and encoder are small random functions.

loop -> latents, compared with those of the right loop and of loops with each of the slips
"""

import functools
import itertools

import torch
import torch.nn.functional as F

from sgim.exercises.answers import Answer, check_input_unchanged, check_property, check_values
from sgim.exercises.reports import Findings, reported

SYMPTOMS = {
    "copied": "Nothing holds the picture: the second term of the loss is 0 at every step, or has "
    "no weight. Is the source still where it was when the loop began?",
    "toward": "The loss falls, and the picture moves away from the sound. Is a cosine large or "
    "small for what agrees?",
    "fresh": "A step remembers the slopes of all steps before it, so the latent runs on where the "
    "slope has turned. What does PyTorch do with a new gradient, and what with the old one?",
}
"""What is seen while a slip is still there."""


@reported("repaired loop")
def check_repaired_loop(findings: Findings, function: object, *, seed: int = 0) -> None:
    """Check the loop `my_move`, which returns the moved latents.

    Its arguments are `paint, encode_image, ws_s, target, num_steps, learning_rate,
    similarity_weight`; `ws_s` is (batch, num_ws, w_dim), `target` (batch, embed_dim).
    """
    answer = Answer(function, "my_move")
    random = torch.Generator().manual_seed(seed)
    cases = [_case(*size, random) for size in ((1, 4, 3, 5), (2, 5, 2, 7))]
    mistakes = {}
    for left in range(1, len(SYMPTOMS) + 1):
        for slips in itertools.combinations(SYMPTOMS, left):
            repaired = {name: name not in slips for name in SYMPTOMS}
            advice = "\n  look at: ".join(SYMPTOMS[name] for name in slips)
            mistakes[advice] = functools.partial(_moved, **repaired)
    mistakes |= {
        "Nothing moves: the latent comes back as it was. Which tensor does the optimizer hold?": (
            lambda paint, encode, ws_s, *others: ws_s
        ),
        "The loop makes one step more than num_steps.": (
            lambda *case: _moved(*case[:4], case[4] + 1, *case[5:])
        ),
        "The loop makes one step less than num_steps.": (
            lambda *case: _moved(*case[:4], case[4] - 1, *case[5:])
        ),
    }
    check_values(
        findings,
        answer,
        cases,
        _moved,
        mistakes,
        axes="(batch, num_ws, w_dim)",
        otherwise="Compare it with the loop of section 3, line by line: what is copied, what is "
        "added up, what is cleared, what is moved?",
    )
    check_property(
        findings,
        "the result is free of the graph",
        lambda: not answer.call(*cases[0]).requires_grad,
        "The result still hangs on the graph of its last step. Which method cuts it off?",
    )
    check_input_unchanged(findings, answer)


def _case(batch: int, num_ws: int, w_dim: int, num_steps: int, random: torch.Generator) -> tuple:
    ws = torch.randn(batch, num_ws, w_dim, generator=random)
    colors = torch.randn(num_ws * w_dim, 48, generator=random) / (num_ws * w_dim) ** 0.5
    arrows = torch.randn(48, 6, generator=random)
    target = F.normalize(torch.randn(batch, 6, generator=random), dim=1)

    def paint(ws: torch.Tensor) -> torch.Tensor:
        return (ws.flatten(1) @ colors).tanh().view(-1, 3, 4, 4)

    def encode_image(images: torch.Tensor) -> torch.Tensor:
        return F.normalize(images.flatten(1) @ arrows, dim=1)

    return paint, encode_image, ws, target, num_steps, 0.1, 0.2


def _moved(
    paint,
    encode_image,
    ws_s,
    target,
    num_steps,
    learning_rate,
    similarity_weight,
    copied=True,
    toward=True,
    fresh=True,
):
    ws_a = ws_s.clone().requires_grad_()
    source = ws_s if copied else ws_a
    adam = torch.optim.Adam([ws_a], lr=learning_rate)
    for _ in range(num_steps):
        agreement = (encode_image(paint(ws_a)) * target).sum()
        loss = -agreement if toward else agreement
        loss = loss + similarity_weight * (ws_a - source).square().sum()
        if fresh:
            adam.zero_grad()
        loss.backward()
        adam.step()
    return ws_a.detach()
