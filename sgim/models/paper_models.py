"""The models of the paper's size, from the files that others publish.

name of a bundle -> its files below `SGIM_HOME` -> CLIP, audio encoder, generator, recognition
"""

import functools
import os
from collections.abc import Callable

import torch

from sgim.files.registry import IDENTITY, find_weights, weights_for
from sgim.models.arcface import load_arcface
from sgim.models.generators import load_generator
from sgim.models.openai_clip import ClipTokenizer, load_openai_clip
from sgim.models.sgim_audio import SgimFrontEnd, load_sgim_audio


def load_paper_models(
    name: str, device: torch.device, generator: str | os.PathLike | None = None
) -> dict:
    """What `sgim.bundle.Bundle` is made of, by the names of its attributes.

    Parameters
    ----------
    name : one of `sgim.files.registry.WEIGHTS_OF_BUNDLES`
    device : torch.device
    generator : path
        A file for `load_generator` in the place of the bundle's own.

    Raises
    ------
    SgimError
        For missing weights, or a file that is no generator.
    """
    own = () if generator is None else (weights_for(name)[2],)
    clip_path, audio_path, *generators = find_weights(name, leave_out=(IDENTITY, *own))
    clip, pixels = load_openai_clip(clip_path, device)
    return dict(
        clip=clip,
        clip_config=pixels,
        tokenizer=ClipTokenizer(clip.context_length),
        audio_encoder=load_sgim_audio(audio_path, device),
        log_mel=SgimFrontEnd().to(device),
        generator=load_generator(generator or generators[0], device),
        identity=_identity(device) if IDENTITY in weights_for(name) else None,
    )


def _identity(device: torch.device) -> Callable[[torch.Tensor], torch.Tensor]:
    """ArcFace, read when it is first asked, so that lambda_ID = 0 needs no file of it."""
    network = functools.cache(lambda: load_arcface(*find_weights(IDENTITY), device))
    return lambda images: network()(images.to(device))
