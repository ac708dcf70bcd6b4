"""One pass from a latent and a target to the edited latent: a network in the optimizer's place.

source ws, its picture's embedding, target embedding -> change of each row, times its gate -> ws

Every row of the latent goes through the same blocks, which the target modulates, as in HairCLIP
(Wei et al. 2022, arXiv 2112.05142). A gate per row says how much of it moves: what the adaptive
layer mask finds out in each edit anew, it has learned. A trained mapper leaves what hardly moves
exactly at the source, as the L1 penalty of the optimization does.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import require, require_in_range

INPUT_SCALE = 8.0
"""Coordinates of a unit vector are small; this brings them to about 1."""


@dataclass(frozen=True, kw_only=True)
class MapperConfig:
    """Sizes of the network, of the generator's latents and of the embedding.

    Changes of a coordinate up to `threshold` are none, but while it is trained: there they would
    have no slope.
    """

    num_ws: int
    w_dim: int
    embed_dim: int = 128
    width: int = 160
    num_blocks: int = 4
    threshold: float = 0.05

    def __post_init__(self) -> None:
        for name in ("num_ws", "w_dim", "embed_dim", "width", "num_blocks"):
            value = getattr(self, name)
            require(value > 0, f"{name} is {value}; it must be 1 or more.")
        require_in_range("threshold", self.threshold, 0.0, 100.0)


class Mapper(nn.Module):
    """Edits latents in one pass."""

    def __init__(self, config: MapperConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.rows = nn.Parameter(torch.randn(config.num_ws, width))
        self.enter = nn.Linear(config.w_dim, width)
        self.condition = nn.Sequential(
            nn.Linear(3 * config.embed_dim, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.blocks = nn.ModuleList(_Block(width) for _ in range(config.num_blocks))
        self.leave = nn.Linear(width, config.w_dim)
        self.gate = nn.Linear(width, 1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        nn.init.constant_(self.gate.bias, 2.0)

    def forward(
        self, source_ws: torch.Tensor, target: torch.Tensor, source_features: torch.Tensor
    ) -> torch.Tensor:
        """Latents whose pictures say what the target says.

        Parameters
        ----------
        source_ws : torch.Tensor, (batch, num_ws, w_dim)
        target : torch.Tensor, (batch, embed_dim), unit norm
            What an optimization would follow: behind the prior, where there is one.
        source_features : torch.Tensor, (batch, embed_dim), unit norm
            Embeddings of the pictures of `source_ws`.

        Returns
        -------
        torch.Tensor, (batch, num_ws, w_dim)
        """
        seen = torch.cat([target, source_features, target - source_features], dim=-1)
        condition = self.condition(INPUT_SCALE * seen)
        hidden = self.enter(F.softsign(source_ws)) + self.rows
        for block in self.blocks:
            hidden = block(hidden, condition)
        change = torch.sigmoid(self.gate(hidden)) * self.leave(hidden)
        if not self.training:
            change = F.hardshrink(change, self.config.threshold)
        return source_ws + change


class _Block(nn.Module):
    """Rows (batch, num_ws, width) look at their mean, and at the condition (batch, width)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulate = nn.Linear(width, 3 * width)
        self.share = nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, hidden: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        scale, shift, weight = self.modulate(condition)[:, None].chunk(3, dim=-1)
        calm = self.norm(hidden)
        told = (1 + scale) * (calm + self.share(calm.mean(1, keepdim=True))) + shift
        return hidden + (1 + weight) * self.narrow(F.gelu(self.widen(told)))
