"""StyleGAN3's synthesis: from waves on a plane to a picture, without a grid to cling to.

ws (batch, num_ws, w_dim) -> waves, turned and shifted -> convolutions and filtered leaky ReLUs
-> three colors -> images (batch, 3, H, W), about [-1, 1]
Source: Karras et al. 2021, "Alias-Free Generative Adversarial Networks".
"""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import cast_like, require, require_one_of
from sgim.files.checkpoint import DAMAGED_WEIGHTS
from sgim.models.filtered_relu import FilteredReLU, filtered_relu_plainly
from sgim.models.frozen_full_conv import FrozenFullConv
from sgim.models.frozen_layer import kept_conv, mix_channels, ready_to_convolve
from sgim.models.mapping import dense
from sgim.models.modulated_conv import DEMODULATION_EPSILON
from sgim.models.stylegan2_synthesis import NOISE_MODES, clamped
from sgim.models.stylegan3_plan import LayerPlan, Stage, StyleGAN3Config, layer_plans, stages

SMALLEST_DIVISOR = 1e-9
"""What trained networks divide by is far above it."""


def transform_for(
    degrees: float = 0.0, shift: tuple[float, float] = (0.0, 0.0), scale: float = 1.0
) -> torch.Tensor:
    """The `transform` of `Synthesis` that turns, enlarges and then shifts a picture.

    Parameters
    ----------
    degrees : float
        Counter-clockwise.
    shift : (float, float)
        To the right and down, in widths of the picture.
    scale : float
        Above 1 enlarges; what is too fine for the pixels then fades.

    Returns
    -------
    torch.Tensor, (3, 3)
        The inverse of what happens to the picture: it leads from a place in the new picture to the
        place whose content comes there, (x, y, 1) with the origin in the middle of the picture, x
        to the right and y down, in widths.

    Examples
    --------
    >>> transform_for(shift=(0.25, 0.0)) @ torch.tensor([0.25, 0.0, 1.0])
    tensor([0., 0., 1.])
    """
    angle = math.radians(degrees)
    cos, sin = scale * math.cos(angle), scale * math.sin(angle)
    moved = [[cos, sin, shift[0]], [-sin, cos, shift[1]], [0.0, 0.0, 1.0]]
    return torch.linalg.inv(torch.tensor(moved, dtype=torch.float64)).float()


class WaveInput(nn.Module):
    """Waves over a plane that the latent turns and shifts, mixed over channels.

    Buffers: `freqs` (channels, 2) in waves per width, `phases` (channels,) in turns, and
    `transform` (3, 3), which the synthesis uses where none is given.
    """

    def __init__(self, channels: int, w_dim: int, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.modulation = dense(w_dim, 4)
        nn.init.zeros_(self.modulation.weight)
        self.modulation.bias = nn.Parameter(torch.tensor([1.0, 0.0, 0.0, 0.0]))
        self.weight = nn.Parameter(torch.randn(channels, channels) * channels**-0.5)
        freqs = torch.randn(channels, 2)
        radii = freqs.norm(dim=1, keepdim=True)
        self.register_buffer("freqs", freqs / radii * (-radii.square() / 4).exp() * stage.cutoff)
        self.register_buffer("phases", torch.rand(channels) - 0.5)
        self.register_buffer("transform", torch.eye(3))

    def forward(self, w: torch.Tensor, transform: torch.Tensor | None = None) -> torch.Tensor:
        """(batch, w_dim), (3, 3) or (batch, 3, 3) -> (batch, channels, size, size)."""
        with torch.autocast(w.device.type, enabled=False):  # small angles would be lost
            return self._waves(w.to(self.freqs), transform)

    def _waves(self, w: torch.Tensor, transform: torch.Tensor | None) -> torch.Tensor:
        freqs, phases, stage = self.freqs, self.phases, self.stage
        matrix = self._placement(w) @ (self.transform if transform is None else transform)
        phases = phases + (matrix[:, None, :2, 2] * freqs).sum(-1)
        freqs = freqs @ matrix[:, :2, :2]
        fade = (freqs.norm(dim=-1) - stage.cutoff) / (stage.rate / 2 - stage.cutoff)
        amplitudes = (1 - fade).clamp(0, 1)
        places = (torch.arange(stage.size).to(freqs) + 0.5 - stage.size / 2) / stage.rate
        across, down = places * freqs[..., :1], places * freqs[..., 1:]
        turns = across[:, :, None] + down[..., None] + phases[..., None, None]
        waves = amplitudes[..., None, None] * torch.sin(2 * math.pi * turns)
        return F.linear(waves.movedim(1, -1), self.weight).movedim(-1, 1)

    def _placement(self, w: torch.Tensor) -> torch.Tensor:
        """How the latent itself turns and shifts the plane: (batch, 3, 3)."""
        cos, sin, x, y = self._turn_and_shift(w).unbind(1)
        zero, one = torch.zeros_like(x), torch.ones_like(x)
        turn = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], 1).view(-1, 3, 3)
        shift = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], 1).view(-1, 3, 3)
        return turn @ shift

    def _turn_and_shift(self, w: torch.Tensor) -> torch.Tensor:
        """Cosine and sine of an angle, and a shift in widths: (batch, 4)."""
        t = self.modulation(w)
        return t / t[:, :2].norm(dim=1, keepdim=True)


class SynthesisLayer(nn.Module):
    """Modulated convolution, bias, and the leaky ReLU on a finer grid.

    The buffer `magnitude` is the mean square of what comes in, as training has seen it. With a
    weight that needs no gradient the layer is computed by `FrozenFullConv` and `FilteredReLU`.
    """

    def __init__(
        self, in_channels: int, out_channels: int, w_dim: int, plan: LayerPlan, clamp: float | None
    ) -> None:
        super().__init__()
        self.modulation = dense(w_dim, in_channels, bias=1.0)
        weight = torch.randn(out_channels, in_channels, plan.kernel, plan.kernel)
        self.weight = nn.Parameter(ready_to_convolve(weight, upsample=False))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.register_buffer("magnitude", torch.ones(()))
        self.relu = FilteredReLU(plan, clamp)
        self._frozen = None

    @torch.compiler.disable
    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """(batch, in_channels, size, size), (batch, w_dim) -> (batch, out_channels, new sizes)."""
        style = self.modulation(w)
        if not self.weight.requires_grad:
            return self._forward_frozen(x, style)
        gain = self.gain(style, self.weight.square().sum((2, 3)))
        u = F.conv2d(x * style[..., None, None], self.weight, padding=self.weight.shape[-1] - 1)
        return filtered_relu_plainly(
            u * gain[..., None, None] + self.bias[:, None, None], self.relu
        )

    def gain(self, style: torch.Tensor, squares: torch.Tensor) -> torch.Tensor:
        """What brings each filter's output to unit variance: (batch, out_channels)."""
        squares = style.square() @ squares.T + DEMODULATION_EPSILON
        return (squares * self.magnitude.to(style)).rsqrt()

    def _forward_frozen(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        self._frozen = kept_conv(self._frozen, self.weight, style.dtype)
        conv = self._frozen[1]
        gain = self.gain(style, conv.squares)
        x = x.to(style.dtype).movedim(1, -1)
        return self.relu(FrozenFullConv.apply(x, style, gain, self.bias, conv)).movedim(-1, 1)


class ToRGB(nn.Module):
    """Modulated 1 x 1 convolution to three colors, without demodulation or filters."""

    def __init__(self, in_channels: int, w_dim: int, clamp: float | None) -> None:
        super().__init__()
        self.clamp = clamp
        self.modulation = dense(w_dim, in_channels, bias=1.0)
        self.weight = nn.Parameter(torch.randn(3, in_channels) * in_channels**-0.5)
        self.bias = nn.Parameter(torch.zeros(3))

    def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        """(batch, in_channels, H, W), (batch, w_dim) -> (batch, 3, H, W)."""
        filters = self.weight * self.modulation(w)[:, None]
        colors = mix_channels(x.movedim(1, -1), filters).movedim(-1, 1)
        return clamped(colors + self.bias.to(colors)[:, None, None], self.clamp)


class Synthesis(nn.Module):
    """Waves, layers that are sampled finer and finer, three colors."""

    def __init__(self, config: StyleGAN3Config) -> None:
        super().__init__()
        self.num_ws, self.w_dim = config.num_ws, config.w_dim
        self.output_scale = config.output_scale
        sizes, clamp = (config.channels[0], *config.channels), config.conv_clamp
        self.input = WaveInput(config.channels[0], config.w_dim, stages(config)[0])
        self.layers = nn.ModuleList(
            SynthesisLayer(*around, config.w_dim, plan, clamp)
            for around, plan in zip(pairwise(sizes), layer_plans(config), strict=True)
        )
        self.to_rgb = ToRGB(config.channels[-1], config.w_dim, clamp)

    def forward(
        self,
        ws: torch.Tensor,
        noise_mode: str = "const",
        transform: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Pictures (batch, 3, H, W), about [-1, 1], of `ws` (batch, num_ws, w_dim).

        `transform`, (3, 3) or one for each picture, turns and shifts them; `transform_for` makes
        it, and it is the inverse of what happens to the picture. There is no noise; `noise_mode`
        is taken as other generators take it.
        """
        require_one_of("noise_mode", noise_mode, NOISE_MODES)
        require(
            ws.ndim == 3 and ws.shape[1:] == (self.num_ws, self.w_dim),
            f"ws has shape {tuple(ws.shape)}; it must be (batch, {self.num_ws}, {self.w_dim}), "
            "as mapping() returns it.",
        )
        first, *rows, last = cast_like("ws", ws, self.input.freqs).unbind(1)
        x = self.input(first, self._checked(transform, len(ws)))
        for layer, row in zip(self.layers, rows, strict=True):
            x = layer(x, row)
        return self.output_scale * self.to_rgb(x, last)

    def require_divisors(self, w_avg: torch.Tensor) -> None:
        """Raise `SgimError` where damaged weights let a layer divide by next to nothing.

        `w_avg` is (num_ws, w_dim).
        """
        divisors = {
            f"synthesis.layers.{index}.magnitude": layer.magnitude
            for index, layer in enumerate(self.layers)
        }
        turn = self.input.modulation(w_avg[:1])[:, :2]
        divisors["the turn by synthesis.input.modulation"] = turn.norm()
        for name, divisor in divisors.items():
            require(
                divisor.item() >= SMALLEST_DIVISOR,
                f"{name} is {divisor.item():.3g}; it must be {SMALLEST_DIVISOR:g} or more: "
                f"{DAMAGED_WEIGHTS}.",
            )

    def _checked(self, transform, batch: int) -> torch.Tensor | None:
        if transform is None:
            return None
        transform = torch.as_tensor(transform).to(self.input.transform)
        require(
            tuple(transform.shape) in ((3, 3), (batch, 3, 3)),
            f"transform has shape {tuple(transform.shape)}; it must be (3, 3) or ({batch}, 3, 3): "
            "use transform_for.",
        )
        return transform
