"""What each layer of StyleGAN3 keeps of a picture: sizes, sampling rates, cut-offs, filters.

resolution and hyper-parameters -> `StyleGAN3Config` -> `layer_plans`
Frequencies and sampling rates count per width of the picture: at rate 256 it is 256 pixels wide,
and frequency 128 is the finest that these can show.
Source: Karras et al. 2021, "Alias-Free Generative Adversarial Networks", section 3.2 and
appendix C.
"""

import math
from dataclasses import dataclass

from sgim.checks import require, require_in_range, require_one_of

RESOLUTIONS = (32, 64, 128, 256, 512, 1024)
NUM_FULL_SIZE = 2
"""The last layers, the one to RGB among them, that are as large as the picture."""
COUNTS = {"num_critical": (0, 64), "margin_size": (0, 256), "filter_size": (1, 64)}


@dataclass(frozen=True, kw_only=True)
class StyleGAN3Config:
    """Sizes of a generator, and where its layers cut frequencies off.

    Parameters
    ----------
    img_resolution : int
    channels : tuple of int
        Of all layers but the one to RGB; the input has as many as the first.
        `stylegan3_channels` gives the usual ones.
    conv_kernel : int
        3 for StyleGAN3-T, whose pictures follow translations; 1 for -R, which follows rotations.
    use_radial_filters : bool
        Down-sampling filters that are the same in all directions, for -R.
    z_dim, w_dim, mapping_layers : int
    num_classes : int
        0 for a generator without.
    first_cutoff, first_stopband, last_stopband_rel : float
        Frequencies: what the first layers pass, where they pass nothing more, and the latter for
        the last layers, in units of half the resolution.
    num_critical : int
        Layers at the end that pass all that the pixels can show.
    margin_size : int
        Pixels around the picture that all but the last layers compute as well.
    filter_size, lrelu_upsampling : int
        Taps of a filter per step of up- or down-sampling; how much finer the grid is on which the
        leaky ReLU is taken.
    conv_clamp : float or None
        Activations stay within +-conv_clamp.
    output_scale : float
        What the colors of the last layer are multiplied by.
    """

    img_resolution: int
    channels: tuple[int, ...]
    conv_kernel: int = 3
    use_radial_filters: bool = False
    z_dim: int = 512
    w_dim: int = 512
    mapping_layers: int = 2
    num_classes: int = 0
    first_cutoff: float = 2.0
    first_stopband: float = 2**2.1
    last_stopband_rel: float = 2**0.3
    num_critical: int = 2
    margin_size: int = 10
    filter_size: int = 6
    lrelu_upsampling: int = 2
    conv_clamp: float | None = 256.0
    output_scale: float = 0.25

    def __post_init__(self) -> None:
        require_one_of("img_resolution", self.img_resolution, RESOLUTIONS)
        require_one_of("conv_kernel", self.conv_kernel, (1, 3))
        sizes = (self.z_dim, self.w_dim, self.mapping_layers, *self.channels)
        require(
            len(self.channels) > max(self.num_critical, NUM_FULL_SIZE) and min(sizes) > 0,
            f"z_dim, w_dim, mapping_layers, channels hold {sizes}; all must be > 0, and there must "
            f"be more channels than critical layers, {self.num_critical}.",
        )
        for name, (low, high) in COUNTS.items():
            value = getattr(self, name)
            require(
                isinstance(value, int) and low <= value <= high,
                f"{name} is {value!r}; it must be a whole number from {low} to {high}.",
            )
        require_one_of("lrelu_upsampling", self.lrelu_upsampling, (2, 4, 8))
        for name in ("first_cutoff", "first_stopband", "last_stopband_rel", "output_scale"):
            require_in_range(name, getattr(self, name), 1e-3, 1e6)
        require(
            self.conv_clamp is None or self.conv_clamp > 0,
            f"conv_clamp is {self.conv_clamp}; it is a limit on magnitudes: use None or > 0.",
        )

    @property
    def num_ws(self) -> int:
        """Rows of ws: one for the input, one for each layer, one for the step to RGB."""
        return len(self.channels) + 2


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A signal between two layers.

    Attributes
    ----------
    cutoff, half_width : float
        The frequency up to which it holds something, and half the width of the band from where
        the filters begin to fall to where they have fallen.
    rate : int
        Pixels per width of the picture.
    size : int
        Pixels with the margins.
    """

    cutoff: float
    half_width: float
    rate: int
    size: int


@dataclass(frozen=True, kw_only=True)
class LayerPlan:
    """A convolution, then a leaky ReLU on a finer grid between two low-pass filters.

    `up` and `down` are the steps to that grid and from it, at sampling rate `rate`; filters have
    `up_taps` and `down_taps` numbers; `before` and `after` are the zeros (crops where negative)
    on either side of the picture after zeros have been put between its pixels.
    """

    source: Stage
    target: Stage
    kernel: int
    rate: int
    up: int
    down: int
    up_taps: int
    down_taps: int
    before: int
    after: int
    radial: bool


def stages(config: StyleGAN3Config) -> tuple[Stage, ...]:
    """The signals that the layers make, that of the one to RGB last."""
    resolution, num_layers = config.img_resolution, len(config.channels)
    last_cutoff = resolution / 2
    last_stopband = last_cutoff * config.last_stopband_rel
    made = []
    for index in range(num_layers + 1):
        share = min(index / (num_layers - config.num_critical), 1)
        cutoff = config.first_cutoff * (last_cutoff / config.first_cutoff) ** share
        stopband = config.first_stopband * (last_stopband / config.first_stopband) ** share
        rate = 2 ** math.ceil(math.log2(min(2 * stopband, resolution)))
        full_size = index > num_layers - NUM_FULL_SIZE
        made.append(
            Stage(
                cutoff=cutoff,
                half_width=max(stopband, rate / 2) - cutoff,
                rate=rate,
                size=resolution if full_size else rate + 2 * config.margin_size,
            )
        )
    return tuple(made)


def layer_plans(config: StyleGAN3Config) -> tuple[LayerPlan, ...]:
    """Plans of all layers but the one to RGB, which filters nothing."""
    made = stages(config)
    return tuple(
        _layer_plan(config, index, made[max(index - 1, 0)], made[index])
        for index in range(len(config.channels))
    )


def _layer_plan(config: StyleGAN3Config, index: int, source: Stage, target: Stage) -> LayerPlan:
    rate = config.lrelu_upsampling * max(source.rate, target.rate)
    up, down = rate // source.rate, rate // target.rate
    up_taps, down_taps = config.filter_size * up, config.filter_size * down
    convolved = source.size + config.conv_kernel - 1
    padding = (target.size - 1) * down + 1 - convolved * up + up_taps + down_taps - 2
    before = (padding + up) // 2
    critical = index >= len(config.channels) - config.num_critical
    return LayerPlan(
        source=source,
        target=target,
        kernel=config.conv_kernel,
        rate=rate,
        up=up,
        down=down,
        up_taps=up_taps,
        down_taps=down_taps,
        before=before,
        after=padding - before,
        radial=config.use_radial_filters and not critical,
    )


def stylegan3_channels(
    img_resolution: int, channel_base: int = 32768, channel_max: int = 512, num_layers: int = 14
) -> tuple[int, ...]:
    """Channels that shrink as the frequencies grow: base / (2 cut-off), at most `channel_max`.

    >>> stylegan3_channels(256, channel_base=16384)
    (512, 512, 512, 512, 512, 512, 512, 362, 256, 181, 128, 91, 64, 64)
    """
    config = StyleGAN3Config(img_resolution=img_resolution, channels=(1,) * num_layers)
    cutoffs = (stage.cutoff for stage in stages(config)[:-1])
    return tuple(round(min(channel_base / 2 / cutoff, channel_max)) for cutoff in cutoffs)
