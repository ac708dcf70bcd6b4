"""StyleGAN2's generator in plain PyTorch, for pictures of 32 to 1024 pixels.

z (batch, z_dim) -> `mapping` -> ws (batch, num_ws, w_dim) -> `synthesis` -> images
(batch, 3, H, W), about [-1, 1]. Each resolution adds to a picture that is carried along (skip-RGB).

Training multiplies its weights by constants at every use ("equalized learning rate"); here these
constants are part of the weights, so that the layers are ordinary ones.
Source: Karras et al. 2020, "Analyzing and Improving the Image Quality of StyleGAN".
"""

import copy
from dataclasses import dataclass

import torch

from sgim.checks import require, require_in_range, require_one_of
from sgim.models.stylegan import StyleGAN
from sgim.models.stylegan2_synthesis import Synthesis

RESOLUTIONS = (32, 64, 128, 256, 512, 1024)


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
    num_classes : int
        0 for a generator without.
    clamp : float or None
        Activations stay within +-clamp; networks trained in half precision want it.
    """

    channels: tuple[int, ...]
    z_dim: int = 512
    w_dim: int = 512
    mapping_layers: int = 8
    num_classes: int = 0
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


class StyleGAN2(StyleGAN):
    """A generator with random weights; `sgim.load_generator` gives it those of a file.

    Examples
    --------
    >>> generator = StyleGAN2(StyleGAN2Config(channels=channel_plan(32, 256), w_dim=16, z_dim=16))
    >>> ws = generator.mapping(torch.randn(2, 16), truncation_psi=0.7)
    >>> tuple(ws.shape), tuple(generator.synthesis(ws).shape)
    ((2, 8, 16), (2, 3, 32, 32))
    """

    def __init__(self, config: StyleGAN2Config) -> None:
        super().__init__(config)
        self.synthesis = Synthesis(config.channels, config.w_dim, config.clamp)

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
