"""Which layers of a latent may move, and how hard each is held: the adaptive layer mask.

Source: the code that Lee et al. 2022 (arXiv 2112.00007) published, for any number of layers.
"""

import torch

from sgim.checks import require


def moving_rows(layers: tuple[int, ...] | None, num_ws: int) -> torch.Tensor:
    """True for the rows of a latent that may move, all where `layers` is None: (num_ws, 1).

    Raises
    ------
    SgimError
        When `layers` names a row that there is not.

    Examples
    --------
    >>> moving_rows((1, 2), 4).flatten().tolist()
    [False, True, True, False]
    """
    if layers is None:
        return torch.ones(num_ws, 1, dtype=torch.bool)
    require(
        max(layers) < num_ws,
        f"layers name row {max(layers)}; latents of this generator have rows 0 to {num_ws - 1}: "
        "name these.",
    )
    moving = torch.zeros(num_ws, 1, dtype=torch.bool)
    moving[list(layers)] = True
    return moving


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
