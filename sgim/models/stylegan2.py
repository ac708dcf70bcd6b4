"""StyleGAN2's generator in plain PyTorch, for pictures of 32 to 1024 pixels.

z (batch, z_dim) -> `mapping` -> ws (batch, num_ws, w_dim) -> `synthesis` -> images
(batch, 3, H, W), about [-1, 1]. Each resolution adds to a picture that is carried along (skip-RGB).

Training multiplies its weights by constants at every use ("equalized learning rate"); here these
constants are part of the weights, so that the layers are ordinary ones.
Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN".
"""

import copy
import math
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from sgim.checks import require, require_in_range, require_one_of
from sgim.models.frozen_layer import FrozenConv, FrozenLayer, mix_channels, ready_to_convolve
from sgim.models.modulated_conv import DEMODULATION_EPSILON, modulated_conv2d, upsample2d

RESOLUTIONS = (32, 64, 128, 256, 512, 1024)
NOISE_MODES = ("const", "random", "none")
NORM_EPSILON = 1e-8
LARGEST_KEPT = 512
"""Activations of more pixels are computed anew for gradients, which takes less memory."""


@dataclass(frozen=True, kw_only=True)
class StyleGAN2Config:
    """Sizes of a generator.

    Parameters
    ----------
    channels : tuple of int
        Of the resolutions 4, 8, ... up to that of the picture; `channel_plan` gives the usual ones.
    z_dim, w_dim : int
        Sizes of the latent codes.
    mapping_layers : int
        Dense layers from z to w.
    clamp : float or None
        Activations stay within +-clamp; networks trained in half precision want it.
    """

    channels: tuple[int, ...]
    z_dim: int = 512
    w_dim: int = 512
    mapping_layers: int = 8
    clamp: float | None = None

    def __post_init__(self) -> None:
        require(
            self.img_resolution in RESOLUTIONS,
            f"channels is {self.channels}, one number for each of the resolutions 4, 8, ..., "
            f"{self.img_resolution}; pictures have 32 to 1024 pixels: give 4 to 9 numbers.",
        )
        sizes = (self.z_dim, self.w_dim, self.mapping_layers, *self.channels)
        require(
            min(sizes) > 0,
            f"z_dim, w_dim, mapping_layers, channels hold {sizes}; all must be > 0.",
        )
        require(
            self.clamp is None or (isinstance(self.clamp, (int, float)) and self.clamp > 0),
            f"clamp is {self.clamp!r}; it is a limit on magnitudes: use None or a number > 0.",
        )

    @property
    def img_resolution(self) -> int:
        """Height and width of the pictures."""
        return 4 * 2 ** (len(self.channels) - 1)

    @property
    def num_ws(self) -> int:
        """Rows of ws: one per convolution, and one for the last step to RGB."""
        return 2 * len(self.channels)


def channel_plan(
    img_resolution: int, channel_base: int = 32768, channel_max: int = 512
) -> tuple[int, ...]:
    """Channels of the resolutions 4 ... `img_resolution`: base / resolution, at most `channel_max`.

    >>> channel_plan(256)
    (512, 512, 512, 512, 512, 256, 128)
    """
    require_one_of("img_resolution", img_resolution, RESOLUTIONS)
    levels = range(2, img_resolution.bit_length())
    return tuple(min(channel_base // 2**level, channel_max) for level in levels)


def _dense(num_inputs: int, num_outputs: int, bias: float = 0.0) -> nn.Linear:
    """A linear layer that keeps the variance of its input at the start."""
    layer = nn.Linear(num_inputs, num_outputs)
    nn.init.normal_(layer.weight, std=num_inputs**-0.5)
    nn.init.constant_(layer.bias, bias)
    return layer


def _activate(x: torch.Tensor) -> torch.Tensor:
    return F.leaky_relu(x, 0.2) * math.sqrt(2)


def _clamped(x: torch.Tensor, limit: float | None) -> torch.Tensor:
    return x if limit is None else x.clamp(-limit, limit)


class Mapping(nn.Module):
    """Dense layers from z, scaled to unit mean square, to w, the same for all rows of ws.

    `w_avg` is a buffer, (num_ws, w_dim): the mean of w, towards which truncation goes.
    """

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.z_dim = config.z_dim
        sizes = (config.z_dim, *(config.w_dim for _ in range(config.mapping_layers)))
        self.layers = nn.ModuleList(_dense(before, after) for before, after in pairwise(sizes))
        self.register_buffer("w_avg", torch.zeros(config.num_ws, config.w_dim))

    def to_w(self, z: torch.Tensor) -> torch.Tensor:
        """Latent codes `z` (batch, z_dim), standard normal -> w (batch, w_dim), not truncated."""
        require(
            z.ndim == 2 and z.shape[1] == self.z_dim,
            f"z has shape {tuple(z.shape)}; it must be (batch, {self.z_dim}).",
        )
        w = z * (z.square().mean(1, keepdim=True) + NORM_EPSILON).rsqrt()
        for layer in self.layers:
            w = _activate(layer(w))
        return w

    def forward(self, z: torch.Tensor, truncation_psi: float = 1.0) -> torch.Tensor:
        """Latent codes `z` (batch, z_dim), standard normal -> `ws` (batch, num_ws, w_dim).

        `truncation_psi` scales the distance from `w_avg` (0 gives `w_avg` itself).
        """
        ws = self.to_w(z)[:, None].expand(-1, *self.w_avg.shape)
        return torch.lerp(self.w_avg, ws, truncation_psi)


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
        config: StyleGAN2Config,
        *,
        upsample: bool = False,
    ) -> None:
        super().__init__()
        self.upsample = upsample
        self.clamp = config.clamp
        self.modulation = _dense(config.w_dim, in_channels, bias=1.0)
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
        x = _clamped(_activate(x + noise + self.bias[:, None, None]), self.clamp)
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
        conv = self._frozen_conv(style.dtype)
        squares = style.square() @ conv.squares.T
        gain = math.sqrt(2) * (squares + DEMODULATION_EPSILON).rsqrt()
        scaled = math.sqrt(2) * noise, math.sqrt(2) * self.bias
        return FrozenLayer.apply(x.to(style.dtype), style, gain, *scaled, to_rgb, conv, self.clamp)

    def _frozen_conv(self, dtype: torch.dtype) -> FrozenConv:
        """What is computed of the weights once, until somebody changes them."""
        version = None if self.weight.is_inference() else self.weight._version
        key = dtype, self.weight.device, self.weight.data_ptr(), version
        if self._frozen is None or self._frozen[0] != key:
            with torch.no_grad():
                conv = FrozenConv(self.weight, dtype, upsample=self.upsample)
            self._frozen = key, conv
        return self._frozen[1]


class ToRGB(nn.Module):
    """Modulated 1 x 1 convolution to three colors, without demodulation."""

    def __init__(self, in_channels: int, config: StyleGAN2Config) -> None:
        super().__init__()
        self.clamp = config.clamp
        self.modulation = _dense(config.w_dim, in_channels, bias=1.0)
        self.weight = nn.Parameter(torch.randn(3, in_channels, 1, 1) * in_channels**-0.5)
        self.bias = nn.Parameter(torch.zeros(3))

    def filters(self, w: torch.Tensor) -> torch.Tensor:
        """The filters of each picture: (batch, 3, in_channels)."""
        return self.weight[..., 0, 0] * self.modulation(w)[:, None]

    def forward(self, colors: torch.Tensor) -> torch.Tensor:
        """What the filters made of the activations -> colors with their bias."""
        return _clamped(colors + self.bias.to(colors)[:, None, None], self.clamp)


class Synthesis(nn.Module):
    """From a learned constant of 4 x 4 pixels, two layers per resolution, to a picture."""

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.num_ws, self.w_dim = config.num_ws, config.w_dim
        first = config.channels[0]
        self.const = nn.Parameter(torch.randn(first, 4, 4))
        self.convs = nn.ModuleList([SynthesisLayer(first, first, 4, config)])
        self.to_rgbs = nn.ModuleList([ToRGB(first, config)])
        for level, (before, after) in enumerate(pairwise(config.channels), start=1):
            resolution = 4 * 2**level
            self.convs.append(SynthesisLayer(before, after, resolution, config, upsample=True))
            self.convs.append(SynthesisLayer(after, after, resolution, config))
            self.to_rgbs.append(ToRGB(after, config))

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
        rows = ws.unbind(1)
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


class StyleGAN2(nn.Module):
    """A generator with random weights; `sgim.load_generator` gives it those of a file.

    Attributes
    ----------
    mapping, synthesis : Mapping, Synthesis
    z_dim, w_dim, num_ws, img_resolution : int
    w_avg : torch.Tensor, (num_ws, w_dim)

    Examples
    --------
    >>> generator = StyleGAN2(StyleGAN2Config(channels=channel_plan(32, 256), w_dim=16, z_dim=16))
    >>> ws = generator.mapping(torch.randn(2, 16), truncation_psi=0.7)
    >>> tuple(ws.shape), tuple(generator.synthesis(ws).shape)
    ((2, 8, 16), (2, 3, 32, 32))
    """

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__()
        self.config = config
        self.z_dim, self.w_dim = config.z_dim, config.w_dim
        self.num_ws, self.img_resolution = config.num_ws, config.img_resolution
        self.mapping = Mapping(config)
        self.synthesis = Synthesis(config)

    @property
    def w_avg(self) -> torch.Tensor:
        """The mean of w in every row: (num_ws, w_dim)."""
        return self.mapping.w_avg

    @property
    def noise_maps(self) -> list[torch.Tensor]:
        """What noise_mode "const" adds after each convolution: (resolution, resolution) each."""
        return [layer.noise for layer in self.synthesis.convs]

    def with_noise_maps(self, noise_maps: list[torch.Tensor]) -> "StyleGAN2":
        """A generator that shares all weights with this one, and adds other noise.

        Parameters
        ----------
        noise_maps : list of torch.Tensor
            One for each of `self.noise_maps`, (resolution, resolution), or (batch, resolution,
            resolution) for batches of that size.

        Raises
        ------
        SgimError
            If there are more or fewer, or one has another shape.
        """
        sizes = [noise.shape[-2:] for noise in self.noise_maps]
        require(
            [noise.shape[-2:] for noise in noise_maps] == sizes
            and all(noise.ndim in (2, 3) for noise in noise_maps),
            f"noise_maps have shapes {[tuple(noise.shape) for noise in noise_maps]}; they must end "
            f"in {[tuple(size) for size in sizes]}, with a batch before them or none.",
        )
        kept = [layer._frozen for layer in self.synthesis.convs]
        shared = (*self.parameters(), *self.buffers(), *kept)
        twin = copy.deepcopy(self, {id(one): one for one in shared})
        for layer, noise in zip(twin.synthesis.convs, noise_maps, strict=True):
            layer.noise = noise
        return twin

    def forward(self, z: torch.Tensor, truncation_psi: float = 1.0) -> torch.Tensor:
        """Random pictures: `synthesis(mapping(z))`."""
        return self.synthesis(self.mapping(z, truncation_psi))

    @torch.no_grad()
    def mean_latent(self, num_samples: int = 10_000, seed: int = 0) -> torch.Tensor:
        """The mean of w over random z: (w_dim,), the same for every call with the same seed."""
        require(
            num_samples >= 1, f"num_samples is {num_samples}; a mean takes at least 1: raise it."
        )
        random = torch.Generator().manual_seed(seed)
        z = torch.randn(num_samples, self.z_dim, generator=random)
        return self.mapping.to_w(z.to(self.w_avg.device)).mean(0)


def mix_styles(coarse_ws: torch.Tensor, fine_ws: torch.Tensor, num_coarse: int) -> torch.Tensor:
    """The first `num_coarse` rows of one latent, the other rows of another.

    Parameters
    ----------
    coarse_ws, fine_ws : torch.Tensor, (batch, num_ws, w_dim)
        Early rows decide on the layout of the picture, late ones on colors and details.
    num_coarse : int
        0 to num_ws.

    Returns
    -------
    torch.Tensor, (batch, num_ws, w_dim)

    Raises
    ------
    SgimError
        If the shapes differ or `num_coarse` is out of range.
    """
    require(
        coarse_ws.ndim == 3 and coarse_ws.shape == fine_ws.shape,
        f"coarse_ws and fine_ws have shapes {tuple(coarse_ws.shape)} and {tuple(fine_ws.shape)}; "
        "both must be (batch, num_ws, w_dim), as mapping() returns them.",
    )
    require_in_range("num_coarse", num_coarse, 0, coarse_ws.shape[1])
    return torch.cat([coarse_ws[:, :num_coarse], fine_ws[:, num_coarse:]], dim=1)
