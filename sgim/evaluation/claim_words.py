"""The best words for a level: of all phrases of the grammar those whose target looks like it.

phrases -> targets; renders of every level on validation scenes -> the level that a phrase says
"""

from collections.abc import Sequence

import torch

from sgim.editing.targets import guidance_target
from sgim.evaluation.edit_scores import STRENGTH_LEVELS
from sgim.world.captions import core_phrases
from sgim.world.lexicon import STRENGTHS

RENDERED = tuple(step / 20 for step in range(1, 21))
"""Levels that the validation scenes are rendered at."""


def all_phrases(name: str) -> tuple[str, ...]:
    """All that the grammar says of a weather, of any strength, each phrase once."""
    said = (core_phrases(name, strength) for strength in STRENGTHS)
    return tuple(dict.fromkeys(phrase for kinds in said for kind in kinds for phrase in kind))


@torch.no_grad()
def levels_said(
    bundle, name: str, targets: torch.Tensor, source_ws: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Which of the `RENDERED` levels of each scene is nearest to each target, and how near.

    Parameters
    ----------
    targets : torch.Tensor, (phrases, embed_dim), unit norm
    source_ws : torch.Tensor, (scenes, num_ws, w_dim)

    Returns
    -------
    levels, cosines : torch.Tensor, (phrases, scenes)
    """
    generator = bundle.generator
    rendered = torch.stack(
        [
            bundle.encode_image(generator.synthesis(generator.with_weather(source_ws, {name: at})))
            for at in RENDERED
        ]
    )
    cosines = torch.einsum("pe,lse->psl", targets, rendered)
    best = cosines.max(dim=2)
    return torch.tensor(RENDERED).to(targets)[best.indices], best.values


def chosen_words(
    bundle,
    name: str,
    source_ws: torch.Tensor,
    levels: Sequence[float] = STRENGTH_LEVELS,
) -> list[str]:
    """For each level the phrase whose level is nearest to it, mean over the scenes.

    Among equals the one whose target is nearest to the pictures is taken.
    """
    phrases = all_phrases(name)
    targets = guidance_target(bundle, bundle.encode_text(list(phrases)), None)
    said, cosines = levels_said(bundle, name, targets, source_ws)
    nearness = cosines.mean(dim=1).tolist()

    def cost(index: int, level: float) -> tuple[float, float]:
        error = (said[index] - level).abs().mean().item()
        return round(error, 4), -nearness[index]

    best = [min(range(len(phrases)), key=lambda i: cost(i, level)) for level in levels]
    return [phrases[index] for index in best]
