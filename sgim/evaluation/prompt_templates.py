"""Zero-shot recognition: templates and their ensemble, and the labels that have words.

audio features, labels, bundle -> which labels can be said -> scores of templates and ensemble
"""

import warnings
from collections.abc import Sequence

import torch
import torch.nn.functional as F

from sgim.metrics import zero_shot_scores
from sgim.world.names import SOUND_NAMES
from sgim.world.tokenizer import WordTokenizer

TEMPLATES = (
    "{}",
    "the sound of {}",
    "this is a sound of {}",
    "a recording of {}",
    "a photo of {}",
    "there is {}",
)
"""Sentences for a label; all of their words are known to the mini world. "this is a sound of" is
what the authors of CLAP use."""

ENSEMBLE = "ensemble"


def labels_with_words(bundle, labels: Sequence[str]) -> list[str]:
    """The labels that a bundle's text tower can be asked about.

    CLIP knows all words. The mini world knows a label when it knows all of its words and one of
    them names one of its eight sounds: "dogs" and "water" are among its words, too, but in
    sentences about rain ("it is raining cats and dogs") and places.
    """
    if not isinstance(bundle.tokenizer, WordTokenizer):
        return list(labels)
    known = bundle.tokenizer.known_word
    found = {label: [known(word) for word in label.lower().split()] for label in labels}
    return [
        label
        for label, words in found.items()
        if None not in words and any(word in SOUND_NAMES for word in words)
    ]


@torch.no_grad()
def template_scores(
    bundle, features: torch.Tensor, labels: Sequence[str], templates: Sequence[str] = TEMPLATES
) -> dict[str, torch.Tensor]:
    """Cosines of sounds with what each template says of each label, and with the ensemble.

    Parameters
    ----------
    features : torch.Tensor, (clips, embed_dim), unit norm

    Returns
    -------
    dict, template or "ensemble" -> (clips, labels), in [-1, 1]
        The ensemble is the mean of a label's unit-length sentences, scaled to unit length.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of words that a label has been kept in spite of
        sentences = [
            F.normalize(bundle.encode_text([template.format(label) for label in labels]), dim=-1)
            for template in templates
        ]
    prompts = torch.stack(sentences, dim=1).cpu()
    scores = {
        template: zero_shot_scores(features, prompts[:, place])
        for place, template in enumerate(templates)
    }
    return scores | {ENSEMBLE: zero_shot_scores(features, prompts)}


def inverse_temperature(bundle) -> float:
    """What multiplies cosines before a softmax: fitted for the mini world's ears, else CLIP's."""
    config = getattr(bundle.audio_encoder, "config", None)
    certainty = getattr(config, "certainty", None)
    return bundle.logit_scale if certainty is None else certainty.scale
