"""What a sound is heard as, in probabilities and in words.

embedding of a sound -> cosines with the names of the mini world -> `Heard`
"""

from dataclasses import dataclass

import torch

from sgim.embedding.certainty import probabilities
from sgim.embedding.zero_shot import label_features
from sgim.world.names import CLEAR, HEARD_NAMES, SOUND_NAMES

WORDS = ((0.95, "almost certainly"), (0.75, "very likely"), (0.5, "probably"), (0.0, "perhaps"))
"""From which probability on a guess is told in which words."""

CLOSE = 0.5
"""A second guess of this share of the first is told, too."""


@dataclass(frozen=True)
class Heard:
    """`scores`: probability of every weather that can be heard, best first; they sum to
    `sureness`, the probability of any weather. `is_weather`: whether that is enough."""

    scores: dict[str, float]
    sureness: float
    is_weather: bool

    @property
    def name(self) -> str:
        """The likeliest weather."""
        return next(iter(self.scores))

    def __str__(self) -> str:
        """In words a person trusts: "probably rain (63%), or stream (35%)"."""
        (name, first), (other, second), *_ = self.scores.items()
        if not self.is_weather:
            return f"none of the weathers this world knows: nearest {name} ({first:.0%})"
        word = next(word for least, word in WORDS if first >= least)
        told = f"{word} {name} ({first:.0%})"
        return f"{told}, or {other} ({second:.0%})" if second >= CLOSE * first else told


def knows_weathers(bundle) -> bool:
    """Whether all that a bundle can hear and paint is the mini world's weathers."""
    return hasattr(bundle.generator, "scene_parameters")


def embed_names(bundle) -> torch.Tensor:
    """What sounds are compared with, (9, embed_dim), unit norm: `HEARD_NAMES`."""
    return label_features(bundle.encode_text, HEARD_NAMES)


def what_is_heard(
    bundle, features: torch.Tensor, name_features: torch.Tensor | None = None
) -> Heard:
    """Name what a sound says, for a bundle that `knows_weathers`.

    How certain the bundle's encoder may be was fitted on recordings that it had not learned from.

    Parameters
    ----------
    features : torch.Tensor, (1, embed_dim), unit norm
        Of the sound.
    name_features : torch.Tensor, (9, embed_dim), unit norm
        `embed_names`, where many sounds are named; else they are made.
    """
    certainty = bundle.audio_encoder.config.certainty
    if name_features is None:
        name_features = embed_names(bundle)
    found = probabilities(features @ name_features.T, certainty)[0].tolist()
    scores = dict(zip(HEARD_NAMES, found, strict=True))
    sureness = 1 - scores.pop(CLEAR)
    ranked = sorted(SOUND_NAMES, key=scores.get, reverse=True)
    return Heard(
        scores={name: scores[name] for name in ranked},
        sureness=sureness,
        is_weather=sureness >= certainty.least_weather,
    )
