"""Aligns the audio encoder with CLIP's image-text space: step (a) of the paper.

log-mels of sounds -> two views -> audio encoder
features of captions and pictures, from frozen CLIP -> four terms -> weights
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from sgim.alignment_data import CAPTIONS_PER_CLIP, AlignmentData, PictureDrawer
from sgim.audio import SpecAugment
from sgim.checks import require, require_in_range
from sgim.losses import info_nce_loss, weakly_paired_loss
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.training_loop import TrainingConfig, gather, train


@dataclass(frozen=True, kw_only=True)
class AlignConfig(TrainingConfig):
    """Weights of the paper's four terms.

    `logit_scale` is CLIP's inverse temperature 1 / 0.07. `image_tolerance` is the largest
    difference of intensity between a sound and a picture drawn for it. `view_seconds` is the
    length of the random stretch of a clip that makes a view, None for the encoder's window;
    shorter views are cheaper and augment more.
    """

    audio_text_weight: float = 1.0
    audio_image_weight: float = 1.0
    audio_audio_weight: float = 0.5
    weakly_paired_weight: float = 1.0
    logit_scale: float = 1 / 0.07
    image_tolerance: float = 0.1
    view_seconds: float | None = None
    batch_size: int = 64
    weight_decay: float = 0.02

    def __post_init__(self) -> None:
        super().__post_init__()
        weights = {name: getattr(self, name) for name in TERM_WEIGHTS.values()}
        for name, weight in weights.items():
            require_in_range(name, weight, 0.0, 1e3)
        require(
            any(weights.values()),
            "all four term weights are 0; there is nothing to learn: raise one.",
        )
        require(self.batch_size >= 2, "batch_size is below 2; a contrast needs at least 2 clips.")


TERM_WEIGHTS = {
    "audio_text": "audio_text_weight",
    "audio_image": "audio_image_weight",
    "audio_audio": "audio_audio_weight",
    "weakly_paired": "weakly_paired_weight",
}


OBJECTIVES = {
    "audio-image (Wav2CLIP)": {
        "audio_text_weight": 0.0,
        "audio_audio_weight": 0.0,
        "weakly_paired_weight": 0.0,
    },
    "audio-text + audio-image (AudioCLIP)": {
        "audio_audio_weight": 0.0,
        "weakly_paired_weight": 0.0,
    },
    "+ audio-audio (SGIM)": {"weakly_paired_weight": 0.0},
    "+ weakly paired (Robust SGIM)": {},
}
"""Settings of `AlignConfig` that make the objectives of the paper and of its rivals."""


@dataclass(frozen=True)
class AlignResult:
    """The encoder in eval mode and, per epoch, the mean of each term and held-out scores."""

    encoder: AudioEncoder
    history: list[dict[str, float]]
    config: AlignConfig


def crop_view(
    log_mels: torch.Tensor, num_frames: int, augment: SpecAugment, generator: torch.Generator
) -> torch.Tensor:
    """One augmented view: a random stretch of (batch, n_mels, frames), masked.

    Returns (batch, 1, n_mels, num_frames), each clip with mean 0.
    """
    latest = log_mels.shape[2] - num_frames
    start = int(torch.randint(0, latest + 1, (1,), generator=generator))
    view = log_mels[:, None, :, start : start + num_frames].float()
    return augment(view - view.mean(dim=(2, 3), keepdim=True))


def alignment_terms(
    views: tuple[torch.Tensor, torch.Tensor],
    text_features: torch.Tensor,
    image_features: torch.Tensor,
    weak_image_features: torch.Tensor,
    config: AlignConfig,
) -> dict[str, torch.Tensor]:
    """The four terms of the objective, unweighted; terms of weight 0 are left out.

    Parameters
    ----------
    views : two torch.Tensor, (batch, embed_dim), unit norm
        Audio features of two views of the clips.
    text_features, image_features : torch.Tensor, (batch, embed_dim), unit norm
        Of each clip's own caption and picture.
    weak_image_features : torch.Tensor, (batch, embed_dim), unit norm
        Of pictures drawn by label from elsewhere.
    """
    first, second = views
    scale = config.logit_scale
    terms = {
        "audio_text": lambda: info_nce_loss(first, text_features, scale),
        "audio_image": lambda: info_nce_loss(first, image_features, scale),
        "audio_audio": lambda: info_nce_loss(first, second, scale),
        "weakly_paired": lambda: weakly_paired_loss(
            first, text_features, weak_image_features, scale
        ),
    }
    return {name: term() for name, term in terms.items() if getattr(config, TERM_WEIGHTS[name]) > 0}


class AlignmentObjective:
    """The loss of one batch: two views of each clip against what it says and shows.

    Raises
    ------
    SgimError
        When a view is longer than the clips, or a sound has no picture.
    """

    def __init__(
        self, data: AlignmentData, config: AlignConfig, encoder_config: AudioEncoderConfig
    ) -> None:
        self.data, self.config = data, config
        self.pictures = PictureDrawer(data, config.image_tolerance)
        self.own_pictures = data.own_pictures
        if self.own_pictures is None:
            self.own_pictures = self.pictures.draw(
                data.classes, data.intensities, torch.Generator().manual_seed(config.seed)
            )
        self.augment = SpecAugment()
        front_end = encoder_config.log_mel
        seconds = config.view_seconds or encoder_config.seconds
        self.num_frames = round(seconds * front_end.sample_rate / front_end.hop_length) + 1
        require(
            self.num_frames <= data.log_mels.shape[2],
            f"a view lasts {seconds} s, longer than the clips; set view_seconds below their "
            "length.",
        )

    def __call__(
        self, encoder: torch.nn.Module, batch: torch.Tensor, generator: torch.Generator
    ) -> dict[str, torch.Tensor]:
        """The weighted sum as "loss", and each term; see `LossOfBatch`."""
        data, config = self.data, self.config
        device = next(encoder.parameters()).device

        def view() -> torch.Tensor:
            log_mels = data.log_mels[batch].to(device)
            return gather(encoder(crop_view(log_mels, self.num_frames, self.augment, generator)))

        first = view()
        second = view() if config.audio_audio_weight > 0 else first
        spoken = torch.randint(CAPTIONS_PER_CLIP, (len(batch),), generator=generator)
        weak = self.pictures.draw(data.classes[batch], data.intensities[batch], generator)
        text, image, weak_image = (
            gather(features.to(device))
            for features in (
                data.text_features[batch, spoken],
                data.image_features[self.own_pictures[batch]],
                data.image_features[weak],
            )
        )
        terms = alignment_terms((first, second), text, image, weak_image, config)
        weighted = (getattr(config, TERM_WEIGHTS[name]) * term for name, term in terms.items())
        return {"loss": sum(weighted), **terms}


def align(
    encoder: AudioEncoder,
    data: AlignmentData,
    *,
    config: AlignConfig | None = None,
    checkpoint: Path | None = None,
    evaluate: Callable[[AudioEncoder], dict[str, float]] | None = None,
    progress: bool = True,
) -> AlignResult:
    """Train an audio encoder against frozen text and image features.

    Parameters
    ----------
    encoder : AudioEncoder
    data : AlignmentData
    config : AlignConfig
    checkpoint : Path
        Written after each epoch; the same call continues from it.
    evaluate : callable
        Encoder in eval mode -> held-out scores, joined to the history of each epoch.
    progress : bool
        Show a bar.

    Raises
    ------
    SgimError
        When the checkpoint was written with other settings, or there are fewer clips than one
        batch.
    """
    config = config or AlignConfig()
    history = train(
        encoder,
        AlignmentObjective(data, config, encoder.config),
        len(data.classes),
        config,
        checkpoint=checkpoint,
        evaluate=evaluate,
        progress=progress,
    )
    return AlignResult(encoder, history, config)
