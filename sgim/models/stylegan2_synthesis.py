"""StyleGAN2's synthesis: from a learned constant to a picture, twice as large at every level.

ws (batch, num_ws, w_dim) -> modulated convolutions -> images (batch, 3, H, W), about [-1, 1]
Each resolution adds to a picture that is carried along (skip-RGB).
Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN".
"""

import math
from itertools import pairwise

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from sgim.checks import cast_like, require, require_one_of
from sgim.models.frozen_layer import FrozenLayer, kept_conv, mix_channels, ready_to_convolve
from sgim.models.mapping import activate, dense
from sgim.models.modulated_conv import DEMODULATION_EPSILON, modulated_conv2d, upsample2d

NOISE_MODES = ("const", "random", "none")
LARGEST_KEPT = 512
"""Activations of more pixels are computed anew for gradients, which takes less memory."""


def clamped(x: torch.Tensor, limit: float | None) -> torch.Tensor:
    """Within +-limit, if there is one."""
    return x if limit is None else x.clamp(-limit, limit)


class SynthesisLayer(nn.Module):
    """Modulated 3 x 3 convolution, noise, bias, leaky ReLU.

    The buffer `noise`, (resolution, resolution) or one such map per picture, is what noise_mode
    "const" adds. With a weight that needs no gradient the layer is computed by `FrozenLayer`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        resolution: int,
        w_dim: int,
        *,
        clamp: float | None = None,
        upsample: bool = False,
    ) -> None:
        super().__init__()
        self.upsample, self.clamp = upsample, clamp
        self.modulation = dense(w_dim, in_channels, bias=1.0)
        weight = torch.randn(out_channels, in_channels, 3, 3)
        self.weight = nn.Parameter(ready_to_convolve(weight, upsample=upsample))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise", torch.randn(resolution, resolution))
        self._frozen = None

    def forward(
        self,
        x: torch.Tensor,
        w: torch.Tensor,
        noise_mode: str,
        to_rgb: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Activations, and the three colors that the filters `to_rgb` make of them, if any."""
        style = self.modulation(w)
        noise = self._scaled_noise(len(x), noise_mode)
        if not self.weight.requires_grad:
            return self._forward_frozen(x, style, noise, to_rgb)
        x = modulated_conv2d(x, self.weight, style, upsample=self.upsample)
        x = clamped(activate(x + noise + self.bias[:, None, None]), self.clamp)
        return x, None if to_rgb is None else mix_channels(x.movedim(1, -1), to_rgb).movedim(-1, 1)

    def _scaled_noise(self, batch: int, noise_mode: str) -> torch.Tensor:
        """(batch or 1, 1, resolution, resolution), or one zero, (1, 1, 1, 1)."""
        if noise_mode == "none":
            return torch.zeros_like(self.noise_strength).view(1, 1, 1, 1)
        noise = self.noise.view(-1, 1, *self.noise.shape[-2:])
        require(
            noise_mode == "random" or len(noise) in (1, batch),
            f"ws has {batch} latents and the generator noise maps for {len(noise)} pictures; give "
            "as many latents, or other maps to with_noise_maps.",
        )
        if noise_mode == "random":
            noise = torch.randn_like(noise[:1].expand(batch, -1, -1, -1))
        return self.noise_strength * noise

    @torch.compiler.disable
    def _forward_frozen(self, x, style, noise, to_rgb):
        self._frozen = kept_conv(self._frozen, self.weight, style.dtype, upsample=self.upsample)
        conv = self._frozen[1]
        squares = style.square() @ conv.squares.T
        gain = math.sqrt(2) * (squares + DEMODULATION_EPSILON).rsqrt()
        scaled = math.sqrt(2) * noise, math.sqrt(2) * self.bias
        return FrozenLayer.apply(x.to(style.dtype), style, gain, *scaled, to_rgb, conv, self.clamp)


class ToRGB(nn.Module):
    """Modulated 1 x 1 convolution to three colors, without demodulation."""

    def __init__(self, in_channels: int, w_dim: int, clamp: float | None = None) -> None:
        super().__init__()
        self.clamp = clamp
        self.modulation = dense(w_dim, in_channels, bias=1.0)
        self.weight = nn.Parameter(torch.randn(3, in_channels, 1, 1) * in_channels**-0.5)
        self.bias = nn.Parameter(torch.zeros(3))

    def filters(self, w: torch.Tensor) -> torch.Tensor:
        """The filters of each picture: (batch, 3, in_channels)."""
        return self.weight[..., 0, 0] * self.modulation(w)[:, None]

    def forward(self, colors: torch.Tensor) -> torch.Tensor:
        """What the filters made of the activations -> colors with their bias."""
        return clamped(colors + self.bias.to(colors)[:, None, None], self.clamp)


class Synthesis(nn.Module):
    """From a learned constant of 4 x 4 pixels, two layers per resolution, to a picture.

    The arguments are those of `StyleGAN2Config`.
    """

    def __init__(self, channels: tuple[int, ...], w_dim: int, clamp: float | None = None) -> None:
        super().__init__()
        self.num_ws, self.w_dim = 2 * len(channels), w_dim
        first = channels[0]
        self.const = nn.Parameter(torch.randn(first, 4, 4))
        self.convs = nn.ModuleList([SynthesisLayer(first, first, 4, w_dim, clamp=clamp)])
        self.to_rgbs = nn.ModuleList([ToRGB(first, w_dim, clamp)])
        for level, (before, after) in enumerate(pairwise(channels), start=1):
            size = (4 * 2**level, w_dim)
            self.convs.append(SynthesisLayer(before, after, *size, clamp=clamp, upsample=True))
            self.convs.append(SynthesisLayer(after, after, *size, clamp=clamp))
            self.to_rgbs.append(ToRGB(after, w_dim, clamp))

    def forward(self, ws: torch.Tensor, noise_mode: str = "const") -> torch.Tensor:
        """Pictures (batch, 3, H, W), about [-1, 1], of `ws` (batch, num_ws, w_dim).

        `noise_mode` is about the little details: "const" always the same, "random" anew at every
        call, "none" without. The step to RGB takes the row of ws that the next resolution begins
        with.
        """
        require_one_of("noise_mode", noise_mode, NOISE_MODES)
        require(
            ws.ndim == 3 and ws.shape[1:] == (self.num_ws, self.w_dim),
            f"ws has shape {tuple(ws.shape)}; it must be (batch, {self.num_ws}, {self.w_dim}), "
            "as mapping() returns it.",
        )
        rows = cast_like("ws", ws, self.const).unbind(1)
        x = self.const.expand(len(ws), -1, -1, -1)
        to_rgb = self.to_rgbs[0]
        x, colors = self.convs[0](x, rows[0], noise_mode, to_rgb.filters(rows[1]))
        images = to_rgb(colors)
        for level in range(1, len(self.to_rgbs)):
            arguments = level, x, images, rows, noise_mode
            if torch.is_grad_enabled() and 4 * 2**level > LARGEST_KEPT:
                x, images = checkpoint(self._block, *arguments, use_reentrant=False)
            else:
                x, images = self._block(*arguments)
        return images

    def _block(self, level: int, x, images, rows, noise_mode: str):
        """Double the resolution of activations and picture."""
        row, to_rgb = 2 * level - 1, self.to_rgbs[level]
        x, _ = self.convs[row](x, rows[row], noise_mode)
        filters = to_rgb.filters(rows[row + 2])
        x, colors = self.convs[row + 1](x, rows[row + 1], noise_mode, filters)
        return x, upsample2d(images) + to_rgb(colors)
