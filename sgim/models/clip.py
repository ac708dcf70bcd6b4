"""The mini CLIP: towers from a small config, and the pixels that they expect.

images in [-1, 1] -> `preprocess_images` -> `model.encode_image` -> (batch, embed_dim)
token ids         ->                        `model.encode_text`  -> (batch, embed_dim)
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from sgim.checks import require
from sgim.models.clip_towers import ClipTowers


@dataclass(frozen=True, kw_only=True)
class PixelConfig:
    """The pixels that an image tower expects: side length, mean and deviation per color."""

    image_size: int
    image_mean: tuple[float, float, float]
    image_std: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class ClipConfig(PixelConfig):
    """Sizes of both towers and the pixels that the image tower expects.

    The image tower is CLIP's anti-aliased ResNet with attention pooling; at this size it
    learns the mini world faster than a transformer does.
    """

    vocab_size: int
    context_length: int = 24
    embed_dim: int = 128
    image_size: int = 96
    image_layers: tuple[int, int, int, int] = (1, 2, 2, 1)
    image_width: int = 16
    text_width: int = 128
    text_heads: int = 4
    text_layers: int = 2
    image_mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    image_std: tuple[float, float, float] = (0.25, 0.25, 0.25)

    def __post_init__(self) -> None:
        require(
            self.image_size % 32 == 0,
            f"image_size is {self.image_size}; the ResNet tower halves it five times: "
            "use a multiple of 32.",
        )
        require(
            self.text_width % self.text_heads == 0,
            f"text_width is {self.text_width}; it must be a multiple of text_heads "
            f"({self.text_heads}): change one of them.",
        )


def build_clip(config: ClipConfig) -> ClipTowers:
    """Return untrained towers of the sizes in `config`."""
    return ClipTowers(
        embed_dim=config.embed_dim,
        image_size=config.image_size,
        image_layers=config.image_layers,
        image_width=config.image_width,
        vocab_size=config.vocab_size,
        context_length=config.context_length,
        text_width=config.text_width,
        text_heads=config.text_heads,
        text_layers=config.text_layers,
    )


def preprocess_images(images: torch.Tensor, config: PixelConfig) -> torch.Tensor:
    """Resize and normalize pictures for the image tower; gradients flow through.

    Parameters
    ----------
    images : torch.Tensor, (batch, 3, height, width), float in [-1, 1]
    config : PixelConfig

    Returns
    -------
    torch.Tensor, (batch, 3, image_size, image_size)

    Raises
    ------
    SgimError
        When `images` is not a batch of RGB pictures.
    """
    require(
        images.ndim == 4 and images.shape[1] == 3,
        f"images have shape {tuple(images.shape)}; the rule is (batch, 3, height, width): "
        "add the batch axis or convert to RGB.",
    )
    require(
        images.is_floating_point(),
        f"images are {images.dtype}; they must be floats in [-1, 1]: divide by 127.5, subtract 1.",
    )
    size = (config.image_size, config.image_size)
    if images.shape[2:] != size:
        images = F.interpolate(images, size, mode="bilinear", antialias=True, align_corners=False)
    mean = images.new_tensor(config.image_mean).view(1, 3, 1, 1)
    std = images.new_tensor(config.image_std).view(1, 3, 1, 1)
    return ((images + 1) / 2 - mean) / std
