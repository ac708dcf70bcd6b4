"""The objective of the alignment: the paper's four terms, and the settings that weigh them.

audio features of two views, text and image features -> four terms, unweighted
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from sgim.checks import require, require_in_range
from sgim.embedding.training_config import TrainingConfig
from sgim.losses import info_nce_loss, weakly_paired_loss
from sgim.media.augmentation import FilterAugmentConfig

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
