"""What the mini world's audio encoder learns from, and how it is heard.

sounds + captions and renders through the frozen mini CLIP -> `AlignmentData`
recordings -> intensities that nobody has labelled · held-out sounds -> share named right
"""

import dataclasses
from functools import partial
from pathlib import Path

import torch

from sgim.bundle import hear
from sgim.embedding.feature_cache import cached_features
from sgim.embedding.pairs import AlignmentData, pair_sounds
from sgim.embedding.recordings import Recording
from sgim.embedding.renders import Renders
from sgim.embedding.sound_shards import load_sounds
from sgim.embedding.zero_shot import EncodeText, strength_direction
from sgim.media.log_mel import LogMel
from sgim.media.sound_files import read_sound
from sgim.metrics import zero_shot_scores
from sgim.models.audio_encoder import AudioEncoder
from sgim.models.clip import ClipConfig, preprocess_images
from sgim.models.clip_towers import ClipTowers
from sgim.world.names import SOUND_NAMES
from sgim.world.scenes import SceneGenerator
from sgim.world.tokenizer import WordTokenizer

QUIETEST_RECORDING = 0.2
TEXTS_AT_ONCE = 1024


def text_encoder(clip: ClipTowers, clip_config: ClipConfig) -> EncodeText:
    """Sentences -> (count, embed_dim), unit norm, without gradients."""
    tokenizer = WordTokenizer(context_length=clip_config.context_length)

    @torch.no_grad()
    def encode(texts: list[str]) -> torch.Tensor:
        parts = tokenizer(texts).split(TEXTS_AT_ONCE)
        return torch.cat([clip.encode_text(part, normalize=True) for part in parts])

    return encode


@torch.no_grad()
def named_right(
    log_mels: torch.Tensor,
    classes: torch.Tensor,
    class_features: torch.Tensor,
    encoder: AudioEncoder,
) -> dict[str, float]:
    """Share of held-out sounds (clips, n_mels, n_frames) that lie nearest to their own class.

    `class_features`: (num_classes, embed_dim). Returns it as "zero_shot".
    """
    device = next(encoder.parameters()).device
    parts = log_mels[:, None].float().split(64)
    features = torch.cat([encoder(part.to(device)) for part in parts]).cpu()
    named = zero_shot_scores(features, class_features).argmax(dim=1)
    return {"zero_shot": (named == classes).float().mean().item()}


@torch.no_grad()
def heard_intensities(
    encoder: AudioEncoder,
    encode_text: EncodeText,
    recordings: list[Recording],
) -> list[float]:
    """Intensities for recordings that nobody has labelled with one.

    The recordings of a name are ranked by where an audio encoder hears them on the way from its
    light words to its heavy ones, and spread evenly over [0.2, 1]; clear ones have 0.
    """
    log_mel = LogMel(encoder.config.log_mel)
    features = torch.cat([hear(encoder, log_mel, read_sound(item.path)) for item in recordings])
    intensities = [0.0] * len(recordings)
    for name in SOUND_NAMES:
        mine = [index for index, item in enumerate(recordings) if item.name == name]
        if mine:
            heaviness = features[mine] @ strength_direction(encode_text, name)
            spread = torch.linspace(QUIETEST_RECORDING, 1.0, len(mine)).tolist()
            for rank, position in enumerate(heaviness.argsort().tolist()):
                intensities[mine[position]] = spread[rank]
    return intensities


def frozen_features(
    sounds: list[Path],
    renders: Renders,
    clip: ClipTowers,
    clip_config: ClipConfig,
    *,
    folder: Path,
    progress: bool = True,
) -> AlignmentData:
    """Embed captions and renders once with a frozen CLIP and pair them with the sounds.

    The features are kept in `folder`, see `cached_features`.
    """
    tokenizer = WordTokenizer(context_length=clip_config.context_length)
    cached = partial(
        cached_features,
        folder,
        model=clip,
        config=dataclasses.asdict(clip_config),
        progress=progress,
    )

    return pair_sounds(
        *load_sounds(sounds),
        lambda captions: cached(
            "captions", tokenizer(captions), partial(clip.encode_text, normalize=True)
        ),
        embedded_pictures(renders, clip, clip_config, folder, progress),
        renders.weathers,
    )


def embedded_pictures(
    renders: Renders, clip: ClipTowers, clip_config: ClipConfig, folder: Path, progress: bool = True
) -> torch.Tensor:
    """Renders through the frozen image tower, (count, embed_dim), unit norm, kept in `folder`."""

    def encode_image(images: torch.Tensor) -> torch.Tensor:
        pixels = preprocess_images(images.float() / 127.5 - 1, clip_config)
        return clip.encode_image(pixels, normalize=True)

    return cached_features(
        folder,
        "pictures",
        renders.images,
        encode_image,
        model=clip,
        config=dataclasses.asdict(clip_config),
        progress=progress,
    )


def embedded_twins(
    ws: torch.Tensor,
    clip: ClipTowers,
    clip_config: ClipConfig,
    img_resolution: int,
    folder: Path,
    progress: bool = True,
) -> torch.Tensor:
    """Latents (count, num_ws, w_dim), painted as scenes, through the frozen image tower.

    Returns (count, embed_dim), unit norm, kept in `folder`.
    """
    painter = SceneGenerator(img_resolution=img_resolution)

    def encode(ws: torch.Tensor) -> torch.Tensor:
        pixels = preprocess_images(painter.synthesis(ws), clip_config)
        return clip.encode_image(pixels, normalize=True)

    return cached_features(
        folder,
        "twins",
        ws,
        encode,
        model=clip,
        config=dataclasses.asdict(clip_config) | {"img_resolution": img_resolution},
        batch_size=32,
        progress=progress,
    )
