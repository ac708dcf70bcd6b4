"""Aligns the audio encoder with CLIP's image-text space: step (a) of the paper.

log-mels of sounds -> two views -> audio encoder
features of captions and pictures, from frozen CLIP -> four terms -> weights
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from sgim.checks import require, require_in_range
from sgim.embedding.pairs import AlignmentData, PictureDrawer
from sgim.embedding.training_loop import TrainingConfig, gather, train
from sgim.losses import info_nce_loss, weakly_paired_loss
from sgim.media.augmentation import FilterAugment, FilterAugmentConfig, SpecAugment
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig

MAX_LOGIT_SCALE = 100.0


@dataclass(frozen=True, kw_only=True)
class AlignConfig(TrainingConfig):
    """Weights of the paper's four terms.

    `logit_scale` is CLIP's inverse temperature 1 / 0.07; with `learn_logit_scale` it starts there
    and is trained with the encoder, see `ScaledEncoder`. `image_text_mix` in [0, 1] draws the
    targets of the audio-text and audio-image terms together, see `draw_together`. `image_tolerance`
    is the largest difference of intensity between a sound and a picture drawn for it.
    `view_seconds` is the length of the random stretch of a clip that makes a view, None for the
    encoder's window; shorter views are cheaper and augment more. `filter_augment` is how another
    microphone and place change a view; None leaves it as it is.
    """

    audio_text_weight: float = 1.0
    audio_image_weight: float = 1.0
    audio_audio_weight: float = 0.5
    weakly_paired_weight: float = 1.0
    logit_scale: float = 1 / 0.07
    learn_logit_scale: bool = False
    image_text_mix: float = 0.0
    image_tolerance: float = 0.1
    view_seconds: float | None = None
    filter_augment: FilterAugmentConfig | None = None
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
        require_in_range("image_text_mix", self.image_text_mix, 0.0, 1.0)
        require(
            not self.learn_logit_scale or 0 < self.logit_scale <= MAX_LOGIT_SCALE,
            f"logit_scale is {self.logit_scale}; one that is learned must start above 0 and at "
            f"most at {MAX_LOGIT_SCALE:g}: pass such a start, or set learn_logit_scale to False.",
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


def draw_together(
    text_features: torch.Tensor, image_features: torch.Tensor, mix: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw the text and image targets of each clip toward their middle.

    Against slow convergence the authors advise to interpolate image and text embeddings (issue 7
    of the code of arXiv 2112.00007). The formula is our reading of that: with m = `mix`, text
    becomes `(1 - m/2) t + m/2 v` and image `(1 - m/2) v + m/2 t`, both of unit norm again.

    Parameters
    ----------
    text_features, image_features : torch.Tensor, (batch, embed_dim), unit norm
    mix : float in [0, 1]
        0 leaves both as they are; at 1 both are the middle.

    Examples
    --------
    >>> text, image = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    >>> draw_together(text, image, 1.0)
    (tensor([[0.7071, 0.7071]]), tensor([[0.7071, 0.7071]]))
    """
    if mix == 0:
        return text_features, image_features
    own, other = 1 - mix / 2, mix / 2
    return (
        F.normalize(own * text_features + other * image_features, dim=1),
        F.normalize(own * image_features + other * text_features, dim=1),
    )


def alignment_terms(
    views: tuple[torch.Tensor, torch.Tensor],
    text_features: torch.Tensor,
    image_features: torch.Tensor,
    weak_image_features: torch.Tensor,
    config: AlignConfig,
    logit_scale: torch.Tensor | float | None = None,
) -> dict[str, torch.Tensor]:
    """The four terms of the objective, unweighted; terms of weight 0 are left out.

    Parameters
    ----------
    views : two torch.Tensor, (batch, embed_dim), unit norm
        Audio features of two views of the clips.
    text_features, image_features : torch.Tensor, (batch, embed_dim), unit norm
        Of each clip's own caption and picture; the weakly paired term takes captions unmixed.
    weak_image_features : torch.Tensor, (batch, embed_dim), unit norm
        Of pictures drawn by label from elsewhere.
    logit_scale : float or scalar tensor
        The learned one; the config's when left out.
    """
    first, second = views
    scale = config.logit_scale if logit_scale is None else logit_scale
    text_targets, image_targets = draw_together(
        text_features, image_features, config.image_text_mix
    )
    terms = {
        "audio_text": lambda: info_nce_loss(first, text_targets, scale),
        "audio_image": lambda: info_nce_loss(first, image_targets, scale),
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
    model = ScaledEncoder(encoder, config)
    history = train(
        model,
        AlignmentObjective(data, config, encoder.config),
        len(data.classes),
        config,
        undecayed=[model.log_scale] if config.learn_logit_scale else [],
        checkpoint=checkpoint,
        evaluate=evaluate and (lambda model: evaluate(model.encoder)),
        progress=progress,
    )
    return AlignResult(encoder, history, config)
