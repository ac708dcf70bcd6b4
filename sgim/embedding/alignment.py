"""Aligns the audio encoder with CLIP's image-text space: step (a) of the paper.

log-mels of sounds -> two views -> audio encoder
features of captions and pictures, from frozen CLIP -> four terms -> weights
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from sgim.checks import require
from sgim.embedding.alignment_terms import (
    MAX_LOGIT_SCALE,
    TERM_WEIGHTS,
    AlignConfig,
    alignment_terms,
)
from sgim.embedding.feature_cache import fingerprint_of
from sgim.embedding.pairs import AlignmentData, PictureDrawer
from sgim.embedding.training_loop import gather, train
from sgim.media.augmentation import FilterAugment, SpecAugment
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig


@dataclass(frozen=True)
class AlignResult:
    """The encoder in eval mode and, per epoch, the mean of each term and held-out scores.

    A learned logit scale is in the history too, as its mean over the steps of each epoch.
    """

    encoder: AudioEncoder
    history: list[dict[str, float]]
    config: AlignConfig


class ScaledEncoder(torch.nn.Module):
    """What is trained: the encoder and, where `config` says so, the logit scale.

    A learned scale is kept as its logarithm and held at `MAX_LOGIT_SCALE` or below, as in CLIP
    (Radford et al. 2021, section 2.5). The parameter itself is clipped, so that it always finds
    its way back.
    """

    def __init__(self, encoder: AudioEncoder, config: AlignConfig) -> None:
        super().__init__()
        self.encoder, self.config = encoder, config
        self.log_scale = None
        if config.learn_logit_scale:
            self.log_scale = torch.nn.Parameter(torch.tensor(math.log(config.logit_scale)))

    def forward(self, log_mel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | float]:
        """Audio features (batch, embed_dim), unit norm, and the logit scale."""
        features = self.encoder(log_mel)
        if self.log_scale is None:
            return features, self.config.logit_scale
        with torch.no_grad():
            self.log_scale.clamp_(max=math.log(MAX_LOGIT_SCALE))
        return features, self.log_scale.exp()


def crop_view(
    log_mels: torch.Tensor, num_frames: int, augment: torch.nn.Module, generator: torch.Generator
) -> torch.Tensor:
    """One augmented view: a random stretch of (batch, n_mels, frames), filtered and masked.

    Returns (batch, 1, n_mels, num_frames), each clip with mean 0 before the masks.
    """
    latest = log_mels.shape[2] - num_frames
    start = int(torch.randint(0, latest + 1, (1,), generator=generator))
    view = log_mels[:, None, :, start : start + num_frames].float()
    return augment(view - view.mean(dim=(2, 3), keepdim=True))


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
        front_end = encoder_config.log_mel
        self.augment = SpecAugment()
        if config.filter_augment is not None:
            filters = FilterAugment(front_end, config.filter_augment)
            self.augment = torch.nn.Sequential(filters, self.augment)
        seconds = config.view_seconds or encoder_config.seconds
        self.num_frames = round(seconds * front_end.sample_rate / front_end.hop_length) + 1
        require(
            self.num_frames <= data.log_mels.shape[2],
            f"a view lasts {seconds} s, longer than the clips; set view_seconds below their "
            "length.",
        )

    def __call__(
        self, model: torch.nn.Module, batch: torch.Tensor, generator: torch.Generator
    ) -> dict[str, torch.Tensor]:
        """The weighted sum as "loss", each term and a learned logit scale; see `LossOfBatch`.

        `model` is a `ScaledEncoder`.
        """
        data, config = self.data, self.config
        device = next(model.parameters()).device
        log_mels = data.log_mels[batch].to(device)

        def view() -> tuple[torch.Tensor, torch.Tensor | float]:
            features, scale = model(crop_view(log_mels, self.num_frames, self.augment, generator))
            return gather(features), scale

        first, scale = view()
        second = view()[0] if config.audio_audio_weight > 0 else first
        spoken = torch.randint(data.text_features.shape[1], (len(batch),), generator=generator)
        weak = self.pictures.draw(data.classes[batch], data.intensities[batch], generator)
        text, image, weak_image = (
            gather(features.to(device))
            for features in (
                data.text_features[batch, spoken],
                data.image_features[self.own_pictures[batch]],
                data.image_features[weak],
            )
        )
        terms = alignment_terms((first, second), text, image, weak_image, config, scale)
        weighted = (getattr(config, TERM_WEIGHTS[name]) * term for name, term in terms.items())
        learned = {"logit_scale": scale} if config.learn_logit_scale else {}
        return {"loss": sum(weighted), **terms, **learned}


def align(
    encoder: AudioEncoder,
    data: AlignmentData,
    *,
    config: AlignConfig | None = None,
    checkpoint: Path | None = None,
    evaluate: Callable[[AudioEncoder], dict[str, float]] | None = None,
    on_epoch: Callable[[int, dict[str, float]], object] | None = None,
    progress: bool = True,
) -> AlignResult:
    """Train an audio encoder against frozen text and image features.

    Parameters
    ----------
    encoder : AudioEncoder
    data : AlignmentData
    config : AlignConfig
    checkpoint : Path
        Written after each epoch; the same call continues from it. With other data the training
        starts anew, and a warning tells so.
    evaluate : callable
        Encoder in eval mode -> held-out scores, joined to the history of each epoch.
    on_epoch : callable
        Told after each epoch its number, from 1, and its line of the history.
    progress : bool
        Show a bar.

    Raises
    ------
    SgimError
        When the checkpoint was written with other settings, or there are fewer clips than one
        batch.
    """
    config = config or AlignConfig()
    model = ScaledEncoder(encoder, config)
    history = train(
        model,
        AlignmentObjective(data, config, encoder.config),
        len(data.classes),
        config,
        undecayed=[model.log_scale] if config.learn_logit_scale else [],
        checkpoint=checkpoint,
        data=_fingerprint(data) if checkpoint else "",
        evaluate=evaluate and (lambda model: evaluate(model.encoder)),
        on_epoch=on_epoch,
        progress=progress,
    )
    return AlignResult(encoder, history, config)


def _fingerprint(data: AlignmentData) -> str:
    """Of all that is at hand; what makes its rows when asked is left out."""
    fields = vars(data).items()
    tensors = [(name, value) for name, value in fields if isinstance(value, torch.Tensor)]
    return fingerprint_of({"names": data.names}, tensors)
