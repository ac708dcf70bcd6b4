"""The adaptive layer mask: how hard each layer of the latent is held at its source.

Source: the code that Lee et al. 2022 (arXiv 2112.00007) published, for any number of layers.
"""

import torch


class AdaptiveLayerMask:
    """Weights g = sigmoid(m) of the latent's layers, adjusted by rule and not by gradient.

    All m start at 1. After each step, with the layer's loss l = g ||w_a[l] - w_s[l]||^2,
    m <- m - rate l (1 - l): a layer that begins to move is held less, one that has run far
    (l > 1) is held more.
    """

    def __init__(self, batch: int, num_ws: int, rate: float, device: torch.device) -> None:
        self.logits = torch.ones(batch, num_ws, device=device)
        self.rate = rate

    @property
    def weights(self) -> torch.Tensor:
        """The mask g, (batch, num_ws), in (0, 1)."""
        return self.logits.sigmoid()

    def update(self, ws: torch.Tensor, source_ws: torch.Tensor) -> None:
        """Apply the rule once for latents (batch, num_ws, w_dim)."""
        layer_loss = self.weights * (ws.detach() - source_ws).square().sum(dim=2)
        self.logits = self.logits - self.rate * layer_loss * (1 - layer_loss)
