"""Finds the few coordinates of a latent that bring what is asked: orthogonal matching pursuit.

latent that has wandered + source + target -> the coordinate that alone brings most, then another

A gradient follows many coordinates at once, and some of them help only while the asked one is
still small: a bit of fog looks a bit like rain. They lead to mixtures from which no slope leads
out. Trying each alone, as far as all of them together have gone, tells which one is meant. The
chosen ones then move on, and all others stay at the source. The method is that of Pati,
Rezaiifar and Krishnaprasad 1993, there with the atoms of a dictionary.
"""

from collections.abc import Callable

import torch

WANDERING = 0.6
"""Share of the steps before the pursuit."""

TRIED = 10
"""Coordinates that are tried, each in both directions: those that have moved farthest."""

SIZES = (0.6, 1.5)
"""Other sizes that the first choice is tried at, as multiples of the whole change."""

SECOND_SIZE = 0.4
"""Size that the second choice is tried at, likewise."""

SECOND_GAIN = 0.03
"""The second is chosen when it brings this share of what the first brings."""

ENOUGH = 0.5
"""The chosen have to bring this share of what the whole change brings; else all go on."""

Distance = Callable[[torch.Tensor], torch.Tensor]
"""Latents (batch, num_ws, w_dim) -> how far their pictures are from the target, (batch,)."""


@torch.no_grad()
def pursue(
    ws: torch.Tensor, source_ws: torch.Tensor, moving: torch.Tensor, distance: Distance
) -> tuple[torch.Tensor, torch.Tensor]:
    """Choose one coordinate or two that bring most, and take all other changes back.

    Where few coordinates cannot do what many did, the latent stays as it is and all of it may move
    on: so it is with generators whose coordinates mean little alone. What `distance` says decides;
    lambda_sim and lambda_ID have no say.

    Parameters
    ----------
    ws, source_ws : torch.Tensor, (batch, num_ws, w_dim)
    moving : torch.Tensor of bool, (num_ws, 1)
        The rows that may move.

    Returns
    -------
    ws : torch.Tensor, (batch, num_ws, w_dim)
        Exactly `source_ws` but for the chosen coordinates.
    chosen : torch.Tensor of bool, (batch, num_ws, w_dim)
    """
    change, source = (ws - source_ws).flatten(1), source_ws.flatten(1)
    size = change.norm(dim=1, keepdim=True)
    tried = change.abs().topk(min(TRIED, change.shape[1]), dim=1).indices

    def look(latents: torch.Tensor) -> torch.Tensor:
        return distance(latents.view(ws.shape))

    def look_at_each(base: torch.Tensor, amounts: torch.Tensor) -> torch.Tensor:
        """Distances (batch, tried) after each tried coordinate of `base` alone has moved."""
        pairs = zip(tried.split(1, dim=1), amounts.split(1, dim=1), strict=True)
        return torch.stack([look(base.scatter_add(1, *pair)) for pair in pairs], dim=1)

    whole = size * moving.expand(ws.shape[1:]).flatten()[tried]
    up, down = look_at_each(source, whole), look_at_each(source, -whole)
    amounts = torch.where(up <= down, whole, -whole)
    choice = torch.minimum(up, down).argmin(dim=1, keepdim=True)
    first, amount = tried.gather(1, choice), amounts.gather(1, choice)
    sized = torch.stack([source.scatter_add(1, first, share * amount) for share in (1, *SIZES)])
    after = torch.stack([look(latents) for latents in sized])
    found = sized[after.argmin(dim=0), torch.arange(len(ws), device=ws.device)]
    before, after = look(source), after.amin(dim=0)

    amounts = SECOND_SIZE * amounts
    others = look_at_each(found, amounts).scatter(1, choice, torch.inf)
    choice = others.argmin(dim=1, keepdim=True)
    second = tried.gather(1, choice)
    pays = (after - others.amin(dim=1) >= SECOND_GAIN * (before - after))[:, None]
    found = torch.where(pays, found.scatter_add(1, second, amounts.gather(1, choice)), found)
    chosen = torch.zeros_like(change, dtype=torch.bool).scatter(1, second, pays)
    chosen.scatter_(1, first, True)

    enough = before - look(found) >= ENOUGH * (before - look(ws.flatten(1)))
    enough = enough[:, None, None]
    return torch.where(enough, found.view(ws.shape), ws), chosen.view(ws.shape) | ~enough
