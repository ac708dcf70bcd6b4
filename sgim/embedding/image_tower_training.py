"""Teaches the mini CLIP's image tower small differences, while its words stay where they are.

families of renders, which differ in one weather + captions -> an image tower that can be climbed
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from sgim.checks import require_in_range
from sgim.embedding.clip_and_judge_training import ClipTrainingConfig, caption_contrast, jitter
from sgim.embedding.renders import Renders
from sgim.embedding.training_loop import train
from sgim.models.clip import ClipConfig, preprocess_images
from sgim.models.clip_towers import ClipTowers
from sgim.world.samples import FAMILY_SIZE
from sgim.world.tokenizer import WordTokenizer

CLEAR, FAINT, SOME, FULL = range(4)
"""The first scenes of a family: the same weather, from nothing to its full."""


@dataclass(frozen=True, kw_only=True)
class ImageTowerConfig(ClipTrainingConfig):
    """The contrast of `ClipTrainingConfig` within families, and straight paths.

    `batch_size` counts families. `path_weight` is the weight of `path_loss`.
    """

    num_epochs: int = 7
    batch_size: int = 16
    learning_rate: float = 7e-4
    path_weight: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_in_range("path_weight", self.path_weight, 0.0, 100.0)


def path_loss(features: torch.Tensor, intensities: torch.Tensor) -> torch.Tensor:
    """How far a weather's faint and medium pictures lie from the straight way to its full.

    An optimizer climbs such a way step by step; a contrast alone leaves flat places and dips near
    its beginning, where pictures differ by little.

    Parameters
    ----------
    features : torch.Tensor, (families, FAMILY_SIZE, embed_dim), unit norm
    intensities : torch.Tensor, (families, 4), of the weather from clear to full

    Returns
    -------
    torch.Tensor, scalar in [0, 2]
    """
    clear, full = features[:, [CLEAR]].detach(), features[:, [FULL]].detach()
    share = (intensities / intensities[:, [FULL]])[:, [FAINT, SOME], None]
    wanted = clear + share * (full - clear)
    return (1 - F.cosine_similarity(features[:, [FAINT, SOME]], wanted, dim=-1)).mean()


def train_image_tower(
    clip: ClipTowers,
    clip_config: ClipConfig,
    renders: Renders,
    *,
    config: ImageTowerConfig | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> list[dict[str, float]]:
    """Train the image tower of `clip` in place; the text tower and the temperature stay.

    What was aligned with the text tower before, an audio encoder, stays aligned with it.

    Parameters
    ----------
    renders : Renders
        Of `RenderConfig(families=True)`.

    Returns
    -------
    history : list of dict, see `train`
    """
    config = config or ImageTowerConfig()
    tokenizer = WordTokenizer(context_length=clip_config.context_length)
    clip.requires_grad_(False)
    clip.visual.requires_grad_(True)
    ladder = torch.tensor(
        [
            [0.0] + [next(iter(weather.values())) for weather in family[FAINT : FULL + 1]]
            for family in _families(renders.weathers)
        ]
    )

    def loss_of_batch(model, batch, generator):
        members = (batch[:, None] * FAMILY_SIZE + torch.arange(FAMILY_SIZE)).flatten()
        pictures = jitter(renders.images[members], generator, group=FAMILY_SIZE)
        pixels = preprocess_images(pictures, clip_config)
        image_features, contrast = caption_contrast(
            model, pixels, renders, members, tokenizer, config, generator
        )
        families = image_features.view(len(batch), FAMILY_SIZE, -1)
        path = path_loss(families, ladder[batch].to(families.device))
        return {"loss": contrast + config.path_weight * path, "contrast": contrast, "path": path}

    return train(
        clip,
        loss_of_batch,
        len(ladder),
        config,
        checkpoint=checkpoint,
        data=renders.fingerprint,
        progress=progress,
    )


def _families(weathers: list[dict[str, float]]) -> list[list[dict[str, float]]]:
    return [weathers[i : i + FAMILY_SIZE] for i in range(0, len(weathers), FAMILY_SIZE)]
