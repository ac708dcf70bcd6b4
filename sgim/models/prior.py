"""From what is heard or read to what is to be seen: a prior over picture embeddings.

embedding of a sound or text (batch, embed_dim) -> embedding of a picture that it belongs to

Sounds and texts lie in a cone of their own, away from all pictures, and how strong they are hardly
changes how near they come to any. A small network that predicts the picture's embedding closes
that gap; the idea is the prior of unCLIP (Ramesh et al. 2022, arXiv 2204.06125), there a
diffusion model.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import require

INPUT_SCALE = 8.0
"""Coordinates of a unit vector are small; this brings them to about 1."""


@dataclass(frozen=True, kw_only=True)
class PriorConfig:
    """Sizes of the network."""

    embed_dim: int = 128
    width: int = 384
    hidden_layers: int = 3

    def __post_init__(self) -> None:
        for name in ("embed_dim", "width", "hidden_layers"):
            value = getattr(self, name)
            require(value > 0, f"{name} is {value}; it must be 1 or more.")


class Prior(nn.Module):
    """Predicts the mean direction of the pictures that a sound or text may belong to."""

    def __init__(self, config: PriorConfig) -> None:
        super().__init__()
        self.config = config
        layers, width = [], config.embed_dim
        for _ in range(config.hidden_layers):
            layers += [nn.Linear(width, config.width), nn.GELU()]
            width = config.width
        self.network = nn.Sequential(*layers, nn.Linear(width, config.embed_dim))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Embeddings (batch, embed_dim), unit norm -> picture embeddings, (batch, embed_dim)."""
        return F.normalize(self.network(INPUT_SCALE * features), dim=-1)
