"""Undoes the changes of a latent that bring little: what is asked is often a single one.

latent on its way + source + target -> each large change taken back on trial -> those that count

A gradient follows many coordinates at once, and some of them only help while the asked one is
still small: a bit of fog looks a bit like rain. They lead into places from which no slope leads
out. Taking each change back on trial tells what it is worth.
"""

from collections.abc import Callable

import torch

TRIED = 10
"""Largest changes of a latent that are tried; all smaller ones are undone."""

FIRST_SHARE = 0.43
"""Share of the steps before the first pruning."""

KEPT_ON_THE_WAY, KEPT_AT_THE_END = 0.6, 0.1
"""A change stays that is worth this share of the most valuable one."""


@torch.no_grad()
def prune(
    ws: torch.Tensor,
    source_ws: torch.Tensor,
    distance: Callable[[torch.Tensor], torch.Tensor],
    kept: float,
) -> torch.Tensor:
    """Take back the changes that are worth less than `kept` of the most valuable one.

    Parameters
    ----------
    ws, source_ws : torch.Tensor, (batch, num_ws, w_dim)
    distance : callable
        Latents -> how far their pictures are from the target, (batch,); lambda_sim and lambda_ID
        have no say.
    kept : float in [0, 1]

    Returns
    -------
    torch.Tensor, (batch, num_ws, w_dim)
        `ws` where a change stays, else exactly `source_ws`.
    """
    flat, source = ws.flatten(1), source_ws.flatten(1)
    largest = (flat - source).abs().topk(min(TRIED, flat.shape[1]), dim=1).indices
    before = distance(ws)
    worth = torch.stack(
        [
            distance(flat.scatter(1, one, source.gather(1, one)).view_as(ws)) - before
            for one in largest.split(1, dim=1)
        ],
        dim=1,
    )
    stays = torch.zeros_like(flat, dtype=torch.bool)
    stays.scatter_(1, largest, worth >= kept * worth.amax(dim=1, keepdim=True))
    return torch.where(stays, flat, source).view_as(ws)
