"""What an edit follows: sounds and texts become one direction of the joint embedding.

sounds, texts, each with a weight -> embeddings -> their weighted mean, unit norm
"""

import math

import torch

from sgim.checks import require


def mix_targets(bundle, sound=None, text=None) -> torch.Tensor:
    """Encode sounds and texts and mix them into one target direction.

    Parameters
    ----------
    bundle : Bundle
    sound : path, (waveform, sample_rate), or a list of these or of (sound, weight)
    text : str, or a list of str or of (str, weight)

    Returns
    -------
    torch.Tensor, (1, embed_dim), unit norm
        The weighted mean of the embeddings, scaled back to unit norm. Its cosine ranks pictures
        like the weighted mean of the separate cosines does.

    Raises
    ------
    SgimError
        When there is nothing to follow, or the weights are not positive.
    """
    sounds = [] if sound is None else sound if isinstance(sound, list) else [sound]
    texts = [] if text is None else text if isinstance(text, list) else [text]
    parts = [
        (weight, bundle.encode_audio(*_sound_arguments(item)))
        for item, weight in map(_weighted, sounds)
    ]
    parts += [(weight, bundle.encode_text([item])) for item, weight in map(_weighted, texts)]
    require(bool(parts), "sound and text are both empty; an edit follows at least one: pass one.")
    for weight, _ in parts:
        require(
            math.isfinite(weight) and weight >= 0,
            f"a target's weight is {weight}; weights are numbers from 0 up: change it.",
        )
    mixed = sum(weight * features for weight, features in parts)
    norm = mixed.norm(dim=-1, keepdim=True)
    require(norm.item() > 1e-6, "all targets have weight 0; give at least one a positive weight.")
    return (mixed / norm).detach()


def _weighted(item) -> tuple[object, float]:
    """Split (thing, weight); a lone thing weighs 1. (waveform, sample_rate) is a lone thing."""
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], (str, tuple)):
        return item[0], float(item[1])
    if isinstance(item, tuple) and len(item) == 2 and hasattr(item[0], "__fspath__"):
        return item[0], float(item[1])
    return item, 1.0


def _sound_arguments(sound) -> tuple:
    return sound if isinstance(sound, tuple) else (sound,)
