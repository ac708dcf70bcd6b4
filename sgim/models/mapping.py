"""The mapping network of StyleGAN: latent codes that are drawn -> latents that decide on pictures.

z (batch, z_dim) -> scaled to unit mean square -> dense layers -> w -> ws (batch, num_ws, w_dim)
Source: Karras et al. 2019, "A Style-Based Generator Architecture for Generative Adversarial
Networks".
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import require

NORM_EPSILON = 1e-8


def dense(num_inputs: int, num_outputs: int, bias: float = 0.0) -> nn.Linear:
    """A linear layer that keeps the variance of its input at the start."""
    layer = nn.Linear(num_inputs, num_outputs)
    nn.init.normal_(layer.weight, std=num_inputs**-0.5)
    nn.init.constant_(layer.bias, bias)
    return layer


def activate(x: torch.Tensor) -> torch.Tensor:
    """Leaky ReLU that keeps the variance."""
    return F.leaky_relu(x, 0.2) * math.sqrt(2)


class Mapping(nn.Module):
    """Dense layers from z, scaled to unit mean square, to w, the same for all rows of ws.

    `w_avg` is a buffer, (num_ws, w_dim): the mean of w, towards which truncation goes.
    """

    def __init__(self, z_dim: int, w_dim: int, num_layers: int, num_ws: int) -> None:
        super().__init__()
        self.z_dim = z_dim
        sizes = (z_dim, *(w_dim for _ in range(num_layers)))
        self.layers = nn.ModuleList(dense(before, after) for before, after in pairwise(sizes))
        self.register_buffer("w_avg", torch.zeros(num_ws, w_dim))

    def to_w(self, z: torch.Tensor) -> torch.Tensor:
        """Latent codes `z` (batch, z_dim), standard normal -> w (batch, w_dim), not truncated."""
        require(
            z.ndim == 2 and z.shape[1] == self.z_dim,
            f"z has shape {tuple(z.shape)}; it must be (batch, {self.z_dim}).",
        )
        w = z * (z.square().mean(1, keepdim=True) + NORM_EPSILON).rsqrt()
        for layer in self.layers:
            w = activate(layer(w))
        return w

    def forward(self, z: torch.Tensor, truncation_psi: float = 1.0) -> torch.Tensor:
        """Latent codes `z` (batch, z_dim), standard normal -> `ws` (batch, num_ws, w_dim).

        `truncation_psi` scales the distance from `w_avg` (0 gives `w_avg` itself).
        """
        ws = self.to_w(z)[:, None].expand(-1, *self.w_avg.shape)
        return torch.lerp(self.w_avg, ws, truncation_psi)
