"""Pictures out: tensors in [-1, 1] become files.

images -> Pillow pictures -> one strip -> PNG, written whole or not at all.
"""

import os

import torch
from PIL import Image

from sgim.checks import atomic_path

GAP = 6
SMALLEST_SIDE = 256


def to_pictures(images: torch.Tensor) -> list[Image.Image]:
    """Turn images (batch, 3, height, width) in [-1, 1] into Pillow pictures of the same size."""
    levels = ((images.detach().cpu() + 1) * 127.5).round().clamp(0, 255).byte()
    return [Image.fromarray(level.permute(1, 2, 0).numpy()) for level in levels]


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Join pictures of one size into a row; small ones are enlarged to `SMALLEST_SIDE` pixels."""
    scale = max(1, -(-SMALLEST_SIDE // min(pictures[0].size)))
    width, height = (scale * side for side in pictures[0].size)
    strip = Image.new("RGB", (len(pictures) * (width + GAP) - GAP, height), "white")
    for index, picture in enumerate(pictures):
        enlarged = picture.resize((width, height), Image.Resampling.BICUBIC)
        strip.paste(enlarged, (index * (width + GAP), 0))
    return strip


def save_png(picture: Image.Image, path: str | os.PathLike) -> None:
    """Write a PNG, whole or not at all."""
    with atomic_path(path) as temporary:
        picture.save(temporary, format="PNG")
