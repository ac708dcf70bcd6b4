"""Lets the mini CLIP's image tower meet photos, while what it says of painted scenes stays.

invented photos under weather · the same latents, painted as scenes -> the tower as it was
what it said of the scenes -> the tower says so of the photos, too
"""

import copy
from dataclasses import dataclass
from pathlib import Path

import torch

from sgim.checks import require_in_range
from sgim.embedding.clip_and_judge_training import jitter
from sgim.embedding.renders import Renders
from sgim.embedding.training_config import TrainingConfig
from sgim.embedding.training_loop import train
from sgim.losses import cosine_distance
from sgim.models.clip import ClipConfig, preprocess_images
from sgim.models.clip_towers import ClipTowers
from sgim.world.samples import FAMILY_SIZE
from sgim.world.tokenizer import WordTokenizer


@dataclass(frozen=True, kw_only=True)
class PhotoTowerConfig(TrainingConfig):
    """How the image tower learns what weather over a photo is.

    `batch_size` counts families of photos; as many families of scenes are beside them.
    `change_weight` is the weight of what weather changes within a family, which is the same over
    every land, beside what is said of each picture. `scene_weight` is that of scenes beside photos.
    """

    num_epochs: int = 10
    batch_size: int = 16
    learning_rate: float = 5e-4
    ema_decay: float = 0.98
    change_weight: float = 1.0
    scene_weight: float = 4.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require_in_range("change_weight", self.change_weight, 0.0, 100.0)
        require_in_range("scene_weight", self.scene_weight, 0.0, 100.0)


def change_loss(said: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Squared distance of what weather changes, from the first picture of each family.

    Parameters
    ----------
    said, wanted : torch.Tensor, (count, embed_dim), unit norm, families one after the other

    Returns
    -------
    torch.Tensor, scalar
    """
    families = (features.unflatten(0, (-1, FAMILY_SIZE)) for features in (said, wanted))
    ours, theirs = (features[:, 1:] - features[:, :1] for features in families)
    return (ours - theirs).square().sum(dim=-1).mean()


def train_photo_tower(
    clip: ClipTowers,
    clip_config: ClipConfig,
    photos: Renders,
    twins: torch.Tensor,
    scenes: Renders,
    *,
    config: PhotoTowerConfig | None = None,
    checkpoint: Path | None = None,
    progress: bool = True,
) -> list[dict[str, float]]:
    """Train the image tower of `clip` in place; the text tower and the temperature stay.

    A photo has no land that a caption could tell, so the tower learns from itself: what it says of
    a painted scene, it is to say of a photo under the same weather. What it says of scenes is held.
    The batch norms keep the statistics of scenes.

    Parameters
    ----------
    photos, scenes : Renders
        Families: of `RenderConfig(families=True, photos=True)`, and without photos.
    twins : torch.Tensor, (count of `photos`, embed_dim), unit norm
        What the tower says of the latents of `photos`, painted as scenes.

    Returns
    -------
    history : list of dict, see `train`
    """
    config = config or PhotoTowerConfig()
    before = copy.deepcopy(clip).eval().requires_grad_(False)
    clip.requires_grad_(False)
    clip.visual.requires_grad_(True)
    num_scenes = len(scenes.images) // FAMILY_SIZE
    words = WordTokenizer(context_length=clip_config.context_length)(["clear"])

    def loss_of_batch(model, batch, generator):
        clip.eval()
        device = next(model.parameters()).device
        beside = torch.randint(num_scenes, batch.shape, generator=generator)
        rows, other_rows = _members(batch), _members(beside)
        shown = torch.cat([photos.images[rows], scenes.images[other_rows]])
        pictures = jitter(shown, generator, group=FAMILY_SIZE)
        pixels = preprocess_images(pictures, clip_config).to(device)
        with torch.no_grad():
            kept = before.to(device).encode_image(pixels[len(rows) :], normalize=True)
        wanted = torch.cat([twins[rows].to(device), kept])
        said, *_ = model(pixels, words.to(device))
        distances, changes = (
            [measure(*pair) for pair in zip(said.chunk(2), wanted.chunk(2), strict=True)]
            for measure in (_distance, change_loss)
        )
        of_photos, of_scenes = (
            distance + config.change_weight * change
            for distance, change in zip(distances, changes, strict=True)
        )
        return {
            "loss": of_photos + config.scene_weight * of_scenes,
            "photos": distances[0],
            "scenes": distances[1],
            "change": changes[0],
            "scene_change": changes[1],
        }

    return train(
        clip,
        loss_of_batch,
        len(photos.images) // FAMILY_SIZE,
        config,
        checkpoint=checkpoint,
        data=photos.fingerprint + scenes.fingerprint,
        progress=progress,
    )


def _distance(said: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    return cosine_distance(said, wanted).mean()


def _members(families: torch.Tensor) -> torch.Tensor:
    """Rows of all pictures of these families."""
    return (families[:, None] * FAMILY_SIZE + torch.arange(FAMILY_SIZE)).flatten()
