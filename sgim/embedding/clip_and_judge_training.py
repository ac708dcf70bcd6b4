"""Trains the mini CLIP and the judge on rendered scenes.

renders + captions drawn anew at every look -> mini CLIP · renders of one weather -> judge
"""

import random
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from sgim.checks import require
from sgim.embedding.renders import Renders
from sgim.embedding.training_config import TrainingConfig
from sgim.embedding.training_loop import gather, train
from sgim.losses import info_nce_loss
from sgim.models.clip import ClipConfig, build_clip, preprocess_images
from sgim.models.judge import JUDGE_NAMES, Judge, JudgeConfig
from sgim.world.samples import caption_of
from sgim.world.tokenizer import WordTokenizer


@dataclass(frozen=True, kw_only=True)
class ClipTrainingConfig(TrainingConfig):
    """Symmetric InfoNCE between pictures and `captions_per_picture` captions of each.

    A caption tells part of what a picture shows; several tell more for one pass of the image
    tower, which is the expensive one.
    """

    num_epochs: int = 16
    batch_size: int = 128
    captions_per_picture: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.captions_per_picture > 0, "captions_per_picture is 0; it must be 1 or more.")


def jitter(
    images: torch.Tensor, generator: torch.Generator, padding: int = 5, group: int = 1
) -> torch.Tensor:
    """uint8 pictures -> [-1, 1], mirrored at random and shifted by a few pixels.

    Every `group` pictures in turn are mirrored alike; the shift is the batch's.
    """
    images = images.float() / 127.5 - 1
    mirrored = torch.rand(len(images) // group, 1, 1, 1, generator=generator) < 0.5
    mirrored = mirrored.repeat_interleave(group, dim=0)
    images = torch.where(mirrored, images.flip(3), images)
    size = images.shape[2]
    top, left = torch.randint(0, 2 * padding + 1, (2,), generator=generator).tolist()
    return F.pad(images, (padding,) * 4, mode="replicate")[
        :, :, top : top + size, left : left + size
    ]


def caption_contrast(
    model: nn.Module,
    pixels: torch.Tensor,
    renders: Renders,
    shown: torch.Tensor,
    tokenizer: WordTokenizer,
    config: ClipTrainingConfig,
    generator: torch.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """InfoNCE between pictures and fresh captions of them, over all processes.

    Parameters
    ----------
    pixels : torch.Tensor, (batch, 3, size, size), as the image tower takes them
    shown : torch.Tensor, (batch,)
        Their numbers in `renders`.

    Returns
    -------
    image_features : torch.Tensor, (batch, embed_dim), unit norm
    loss : torch.Tensor, scalar
        Mean over `config.captions_per_picture` sets of captions.
    """
    rng = random.Random(int(torch.randint(2**31, (), generator=generator)))
    captions = [
        caption_of(renders.weathers[index], rng, renders.landscapes[index])
        for _ in range(config.captions_per_picture)
        for index in shown.tolist()
    ]
    device = next(model.parameters()).device
    image_features, text_features, scale = model(
        pixels.to(device, memory_format=torch.channels_last), tokenizer(captions).to(device)
    )
    pictures = gather(image_features)
    losses = [
        info_nce_loss(pictures, gather(told), scale.clamp(max=100))
        for told in text_features.split(len(shown))
    ]
    return image_features, torch.stack(losses).mean()


def train_clip(
    renders: Renders,
    *,
    config: ClipTrainingConfig | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
):
    """Train the mini CLIP on rendered scenes.

    Returns
    -------
    model : ClipTowers, in eval mode
    clip_config : ClipConfig
    history : list of dict, see `train`
    """
    config = config or ClipTrainingConfig()
    torch.manual_seed(config.seed)
    tokenizer = WordTokenizer()
    clip_config = ClipConfig(
        vocab_size=tokenizer.vocab_size, context_length=tokenizer.context_length
    )
    model = build_clip(clip_config)

    def loss_of_batch(model, batch, generator):
        pixels = preprocess_images(jitter(renders.images[batch], generator), clip_config)
        _, loss = caption_contrast(model, pixels, renders, batch, tokenizer, config, generator)
        return {"loss": loss}

    history = train(
        model,
        loss_of_batch,
        len(renders.images),
        config,
        checkpoint=checkpoint,
        data=renders.fingerprint,
        progress=progress,
    )
    return model, clip_config, history


def train_judge(
    renders: Renders,
    *,
    config: TrainingConfig | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> tuple[Judge, list[dict[str, float]]]:
    """Train the judge on renders with at most one weather; the label is that weather."""
    config = config or TrainingConfig(num_epochs=8, seed=2)
    torch.manual_seed(config.seed)
    model = Judge(JudgeConfig())
    single = [index for index, weather in enumerate(renders.weathers) if len(weather) <= 1]
    images = renders.images[single]
    labels = torch.tensor(
        [JUDGE_NAMES.index(next(iter(renders.weathers[index]), "clear")) for index in single]
    )

    def loss_of_batch(model, batch, generator):
        device = next(model.parameters()).device
        logits = model(jitter(images[batch], generator).to(device))
        return {"loss": F.cross_entropy(logits, labels[batch].to(device))}

    history = train(
        model,
        loss_of_batch,
        len(images),
        config,
        checkpoint=checkpoint,
        data=renders.fingerprint,
        progress=progress,
    )
    return model, history
