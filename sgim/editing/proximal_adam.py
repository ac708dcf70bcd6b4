"""How a latent takes one step: Adam's, or one in proportion to the slope, then the L1 penalty.

latent + its gradient -> running mean and square -> the latent a step further

Adam moves every coordinate by about the learning rate, however little it matters; what nobody
asked for moves as far as what was asked. With one scale for the whole latent the steepest
coordinate moves by the learning rate and the others in proportion. The L1 penalty on the change is
taken as a proximal step, so that what does not pay stays at exactly its source.

Source: Kingma and Ba 2015 (Adam); the soft threshold of ISTA, Daubechies et al. 2004. That they are
put together in this way is ours.
"""

import torch

MEAN_DECAY = 0.9
SQUARE_DECAY = {"coordinate": 0.999, "latent": 0.9}
"""Decay of the running square; Adam's own where every coordinate has its scale."""

SCALES = tuple(SQUARE_DECAY)
EPSILON = 1e-8


class ProximalAdam:
    """Steps of latents (batch, num_ws, w_dim) away from `source_ws`.

    Parameters
    ----------
    scale : "coordinate" or "latent"
        What the step is divided by: each coordinate's own running root mean square, as in Adam, or
        the largest of the latent.
    sparse_weight : float
        Weight of the L1 norm of the change; 0 leaves it out.
    """

    def __init__(self, source_ws: torch.Tensor, scale: str, sparse_weight: float) -> None:
        self.source_ws, self.scale, self.sparse_weight = source_ws, scale, sparse_weight
        self.mean, self.square = torch.zeros_like(source_ws), torch.zeros_like(source_ws)
        self.count = 0

    @torch.no_grad()
    def step(self, ws: torch.Tensor, gradient: torch.Tensor, learning_rate: float) -> None:
        """Move `ws` in place, by `learning_rate` at its steepest."""
        decay = SQUARE_DECAY[self.scale]
        self.count += 1
        self.mean.lerp_(gradient, 1 - MEAN_DECAY)
        self.square.lerp_(gradient.square(), 1 - decay)
        slope = (self.square / (1 - decay**self.count)).sqrt()
        if self.scale == "latent":
            slope = slope.amax(dim=(1, 2), keepdim=True)
        rate = learning_rate / (slope + EPSILON)
        ws -= rate * self.mean / (1 - MEAN_DECAY**self.count)
        if self.sparse_weight:
            change = ws - self.source_ws
            kept = (change.abs() - rate * self.sparse_weight).clamp(min=0)
            ws.copy_(self.source_ws + change.sign() * kept)
