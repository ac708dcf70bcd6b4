"""Zero-shot recognition: no classifier, only the cosine of a sound with what the labels say.

labels -> prompts -> text features; audio features x text features -> scores.
"""

import warnings
from collections.abc import Callable

import torch
import torch.nn.functional as F

from sgim.checks import require
from sgim.world.captions import class_prompts, strength_prompts
from sgim.world.names import CLEAR, WEATHER_NAMES

EncodeText = Callable[[list[str]], torch.Tensor]

FRAMES = ("the sound of {}", "a landscape with {}", "a photo of {}", "there is {}")


def label_features(encode_text: EncodeText, labels: list[str] | tuple[str, ...]) -> torch.Tensor:
    """Embed labels by the mean of several prompts each.

    Parameters
    ----------
    encode_text : callable
        Sentences -> (count, embed_dim), unit norm.
    labels : list of str
        Any words; the mini world's weathers, and "clear", get prompts of their own.

    Returns
    -------
    torch.Tensor, (num_labels, embed_dim), unit norm

    Raises
    ------
    SgimError
        When there is no label, or none of a label's words is known. Unknown words among known
        ones are named in a warning.
    """
    require(len(labels) > 0, "labels are empty; name at least one, for example rain.")
    return torch.cat([_features_of(encode_text, label) for label in labels])


def _features_of(encode_text: EncodeText, label: str) -> torch.Tensor:
    if label in (*WEATHER_NAMES, CLEAR):
        features = encode_text(list(class_prompts(label)))
    else:
        bare = encode_text([label])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            framed = encode_text([frame.format(label) for frame in FRAMES])
        features = torch.cat([bare, framed])
    return F.normalize(features.mean(dim=0, keepdim=True), dim=-1)


def strength_direction(encode_text: EncodeText, name: str) -> torch.Tensor:
    """From what the light words of a weather say to what the heavy ones say, (embed_dim,)."""
    light, heavy = (
        encode_text(list(strength_prompts(name, strength))).mean(dim=0)
        for strength in ("very light", "very heavy")
    )
    return heavy - light


def rank_labels(
    audio_features: torch.Tensor, text_features: torch.Tensor, labels: list[str] | tuple[str, ...]
) -> dict[str, float]:
    """Cosines of one sound with every label, best first.

    Parameters
    ----------
    audio_features : torch.Tensor, (1, embed_dim), unit norm
    text_features : torch.Tensor, (num_labels, embed_dim), unit norm

    Returns
    -------
    dict, label -> cosine in [-1, 1]
    """
    cosines = (text_features @ audio_features[0]).tolist()
    scores = zip(labels, cosines, strict=True)
    return dict(sorted(scores, key=lambda item: item[1], reverse=True))
