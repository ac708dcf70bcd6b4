"""The mapping network of StyleGAN: latent codes that are drawn -> latents that decide on pictures.

z (batch, z_dim), scaled to unit mean square, and perhaps a class -> dense layers -> w
-> ws (batch, num_ws, w_dim)
Source: Karras et al. 2019, "A Style-Based Generator Architecture for Generative Adversarial
Networks".
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import cast_like, require, require_finite
from sgim.models.class_labels import Classes, class_labels

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


def normalize(x: torch.Tensor) -> torch.Tensor:
    """Scale the rows of x (batch, n) to unit mean square."""
    return x * (x.square().mean(1, keepdim=True) + NORM_EPSILON).rsqrt()


class Mapping(nn.Module):
    """Dense layers from z, scaled to unit mean square, to w, the same for all rows of ws.

    Conditional generators see an embedding of the class beside z.

    Attributes
    ----------
    w_avg : torch.Tensor, (num_ws, w_dim)
        A buffer: the mean of w, over all classes, towards which truncation goes.
    num_classes : int
        0 for a generator without.
    class_names : tuple of str
        Empty where they are not known.
    """

    def __init__(
        self, z_dim: int, w_dim: int, num_layers: int, num_ws: int, num_classes: int = 0
    ) -> None:
        super().__init__()
        self.z_dim, self.num_classes = z_dim, num_classes
        self.class_names: tuple[str, ...] = ()
        self.embed = dense(num_classes, w_dim) if num_classes else None
        num_inputs = z_dim + w_dim if num_classes else z_dim
        sizes = (num_inputs, *(w_dim for _ in range(num_layers)))
        self.layers = nn.ModuleList(dense(before, after) for before, after in pairwise(sizes))
        self.register_buffer("w_avg", torch.zeros(num_ws, w_dim))

    def to_w(self, z: torch.Tensor, c: Classes | None = None) -> torch.Tensor:
        """Latent codes `z` (batch, z_dim), standard normal -> w (batch, w_dim), not truncated."""
        require(
            z.ndim == 2 and z.shape[1] == self.z_dim,
            f"z has shape {tuple(z.shape)}; it must be (batch, {self.z_dim}).",
        )
        z = cast_like("z", z, self.w_avg)
        w = normalize(z)
        if self.embed is not None:
            labels = class_labels(c, len(z), self.num_classes, self.class_names)
            w = torch.cat([w, normalize(self.embed(labels.to(z)))], dim=1)
        else:
            require(
                c is None,
                f"c is {c!r}, and this generator has no classes: leave c out, and pass truncation "
                "by its name, truncation_psi.",
            )
        for layer in self.layers:
            w = activate(layer(w))
        return w

    def forward(
        self, z: torch.Tensor, c: Classes | None = None, truncation_psi: float = 1.0
    ) -> torch.Tensor:
        """Latent codes `z` (batch, z_dim), standard normal -> `ws` (batch, num_ws, w_dim).

        `c` is the class, for conditional generators: see `class_labels`. `truncation_psi` scales
        the distance from `w_avg` (0 gives `w_avg` itself).
        """
        require_finite("truncation_psi", truncation_psi)
        ws = self.to_w(z, c)[:, None].expand(-1, *self.w_avg.shape)
        return torch.lerp(self.w_avg, ws, truncation_psi)
