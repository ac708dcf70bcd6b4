"""What an edit follows: sounds and texts become one direction of the joint embedding.

sounds, texts, each with a weight -> embeddings -> their weighted mean, unit norm
"""

import numbers
import os

import torch

from sgim.checks import require, require_finite
from sgim.editing.settings import shown

LARGEST_WEIGHT = 1e6


def mix_targets(bundle, sound=None, text=None) -> torch.Tensor:
    """Encode sounds and texts and mix them into one target direction.

    Parameters
    ----------
    bundle : Bundle
    sound : path, (waveform, sample_rate), or a list or tuple of these or of (sound, weight)
        (sample_rate, waveform), as scipy reads it, is the same.
    text : str, or a list or tuple of str or of (str, weight)

    Returns
    -------
    torch.Tensor, (1, embed_dim), unit norm
        The weighted mean of the embeddings, scaled back to unit norm. Its cosine ranks pictures
        like the weighted mean of the separate cosines does.

    Raises
    ------
    SgimError
        When there is nothing to follow, for what is neither sound nor text, or weights that are
        not positive.
    """
    parts = [
        (weight, bundle.encode_audio(*_sound_arguments(item)))
        for item, weight in map(_weighted, _items(sound))
    ]
    parts += [
        (weight, bundle.encode_text([_words(item)]))
        for item, weight in map(_weighted, _items(text))
    ]
    require(bool(parts), "sound and text are both empty; an edit follows at least one: pass one.")
    return mix_features(parts)


def mix_features(parts: list[tuple[float, torch.Tensor]]) -> torch.Tensor:
    """The weighted mean of embeddings, scaled back to unit norm.

    Parameters
    ----------
    parts : list of (weight, features)
        Features are (1, embed_dim), unit norm.

    Raises
    ------
    SgimError
        For features that are not finite, and where all weights are 0.
    """
    mixed = sum(weight * features for weight, features in parts)
    require_finite("the embedding of sound and text", mixed, "give other sounds or texts")
    norm = mixed.norm(dim=-1, keepdim=True)
    require(norm.item() > 1e-6, "all targets have weight 0; give at least one a positive weight.")
    return (mixed / norm).detach()


def guidance_target(bundle, features: torch.Tensor, target: str | None) -> torch.Tensor:
    """What pictures shall look like that follow `features` (batch, embed_dim), the same shape.

    Parameters
    ----------
    target : "image", "direct" or None
        Through the bundle's prior, as they are, or through the prior where there is one.

    Raises
    ------
    SgimError
        For "image" where the bundle has no prior.
    """
    prior = getattr(bundle, "prior", None)
    require(
        target != "image" or prior is not None,
        'target is "image" but the bundle has no prior, which the mini world\'s own painter has; '
        'use "direct".',
    )
    if target == "direct" or prior is None:
        return features
    with torch.no_grad():
        return prior(features)


def _items(given) -> list:
    """The sounds or texts, each perhaps with its weight, in whatever holds them."""
    if given is None:
        return []
    if isinstance(given, list) or (isinstance(given, tuple) and not _is_pair(given)):
        return list(given)
    return [given]


def _is_pair(item: object) -> bool:
    """Whether it is (thing, weight), (waveform, sample_rate) or (sample_rate, waveform)."""
    if not isinstance(item, tuple) or len(item) != 2:
        return False
    first, second = item
    if hasattr(second, "__len__") and not hasattr(second, "shape"):
        return False
    return not (hasattr(second, "shape") and len(second.shape) > 0) or _is_number(first)


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _weighted(item) -> tuple[object, float]:
    """Split (thing, weight); a lone thing weighs 1, and (waveform, sample_rate) is a lone thing."""
    if not _is_pair(item) or not isinstance(item[0], (str, tuple, os.PathLike)):
        return item, 1.0
    thing, weight = item
    require(
        _is_number(weight) and 0 <= weight <= LARGEST_WEIGHT,
        f"a target's weight is {shown(weight)}; weights are numbers from 0 up to "
        f"{LARGEST_WEIGHT:g}: change it.",
    )
    return thing, float(weight)


def _sound_arguments(sound) -> tuple:
    """What `encode_audio` takes: (file,) or (waveform, sample_rate)."""
    require(
        sound is not None and not isinstance(sound, (numbers.Number, list, dict, set)),
        f"a sound is {shown(sound)}; it must be a path or (waveform, sample_rate): pass one of "
        "these.",
    )
    if not isinstance(sound, tuple):
        return (sound,)
    require(
        len(sound) == 2,
        f"a sound is a tuple of {len(sound)}; it must be (waveform, sample_rate).",
    )
    waveform, sample_rate = reversed(sound) if _is_number(sound[0]) else sound
    require(
        not isinstance(waveform, (numbers.Number, str, os.PathLike)),
        f"a sound is {shown(sound)}; it must be (waveform, sample_rate): pass its samples, too.",
    )
    return waveform, sample_rate


def _words(text) -> str:
    require(
        isinstance(text, str),
        f"a text is {shown(text)}; it must be a string with words in it: pass 'heavy rain'.",
    )
    return text
