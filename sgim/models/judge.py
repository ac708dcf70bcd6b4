"""The judge: a plain classifier of pictures that scores edits and never guides one.

images in [-1, 1] (batch, 3, height, width) -> logits (batch, 11): "clear" and the ten weathers.
Its architecture, its renders and its seed differ from those of the mini CLIP.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from sgim.world.names import WEATHER_NAMES

JUDGE_NAMES = ("clear", *WEATHER_NAMES)


@dataclass(frozen=True, kw_only=True)
class JudgeConfig:
    """Side of the judge's input in pixels and the channels of its four stages."""

    image_size: int = 64
    widths: tuple[int, ...] = (24, 48, 96, 128)


class Judge(nn.Module):
    """Convolution, batch norm and ReLU with stride 2 per stage, mean over space, linear."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = config
        channels = (3, *config.widths)
        self.stages = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
                    nn.BatchNorm2d(after),
                    nn.ReLU(),
                    nn.Conv2d(after, after, 3, padding=1, bias=False),
                    nn.BatchNorm2d(after),
                    nn.ReLU(),
                )
                for before, after in pairwise(channels)
            )
        )
        self.head = nn.Linear(2 * channels[-1], len(JUDGE_NAMES))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return logits (batch, 11) in the order of `JUDGE_NAMES`."""
        size = (self.config.image_size, self.config.image_size)
        if images.shape[2:] != size:
            images = F.interpolate(images, size, mode="bilinear", antialias=True)
        maps = self.stages(images)
        return self.head(torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], dim=1))
