"""OpenAI's CLIP from the file that OpenAI publishes, as an open_clip model.

file -> tensors by name -> sizes from shapes -> frozen towers in float32; sentences -> token ids
"""

import os

import torch
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from open_clip.model import CLIP, build_model_from_openai_state_dict
from open_clip.tokenizer import SimpleTokenizer

from sgim.checks import SgimError, require
from sgim.files.safe_pickle import Inert, read_pickle
from sgim.models.clip import PixelConfig
from sgim.models.frozen_dense import with_fast_dense_layers

CAUSAL_MASK = "attn_mask"
"""A tensor that TorchScript keeps beside the weights and that every model makes for itself."""


class ClipTokenizer:
    """Turn sentences into the byte-pair tokens of CLIP (Radford et al. 2021).

    Examples
    --------
    >>> tuple(ClipTokenizer()(["a rainy landscape", "fire"]).shape)
    (2, 77)
    """

    def __init__(self, context_length: int = 77):
        self.context_length = context_length
        self._tokenizer = SimpleTokenizer(context_length=context_length)

    def __call__(self, texts: list[str]) -> torch.Tensor:
        """Token ids, (batch, context_length).

        Raises
        ------
        SgimError
            If `texts` is a single string or empty, or one of them is blank or too long.
        """
        require(
            not isinstance(texts, str) and len(texts) > 0,
            f"texts is {texts!r}; it must be a list of strings: pass ['heavy rain'].",
        )
        for text in texts:
            require(
                isinstance(text, str) and bool(text.strip()),
                f"a text is {text!r}; it must be a string with words in it: pass 'heavy rain'.",
            )
            num_tokens = len(self._tokenizer.encode(text)) + 2
            require(
                num_tokens <= self.context_length,
                f"{text[:40]!r}... has {num_tokens} tokens; CLIP reads {self.context_length}, "
                "start and end included: shorten it.",
            )
        return self._tokenizer(list(texts))


def load_openai_clip(
    path: str | os.PathLike, device: str | torch.device = "cpu"
) -> tuple[CLIP, PixelConfig]:
    """Read a CLIP that OpenAI published; nothing inside the file is executed.

    Parameters
    ----------
    path : path
        ViT-B-32.pt or another of theirs (TorchScript), or a state dict of it.
    device : str or torch.device

    Returns
    -------
    CLIP, PixelConfig
        The frozen model in float32, and the pixels it expects.

    Raises
    ------
    SgimError
        When the file is missing, damaged, hostile, or holds another network.
    """
    content = read_pickle(path)
    tensors = _tensors_in(content) if isinstance(content, Inert) else content
    require(
        isinstance(tensors, dict) and all(torch.is_tensor(value) for value in tensors.values()),
        f"{path} holds no tensors by name; use the ViT-B-32.pt that OpenAI publishes.",
    )
    try:
        clip = build_model_from_openai_state_dict(dict(tensors), cast_dtype=torch.float32)
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise SgimError(
            f"{path} is not a CLIP of OpenAI ({reason}); use the ViT-B-32.pt that they publish."
        ) from error
    pixels = PixelConfig(
        image_size=clip.visual.image_size[0],
        image_mean=OPENAI_DATASET_MEAN,
        image_std=OPENAI_DATASET_STD,
    )
    clip = clip.float().eval().requires_grad_(False)
    return with_fast_dense_layers(clip).to(device, memory_format=torch.channels_last), pixels


def _tensors_in(root: Inert) -> dict[str, torch.Tensor]:
    """Dotted name -> tensor, of a TorchScript module and all that are in it."""
    tensors, seen, waiting = {}, {root}, [("", root)]
    while waiting:
        prefix, module = waiting.pop()
        attributes = module.state if isinstance(module.state, dict) else {}
        for name, value in attributes.items():
            if torch.is_tensor(value) and name != CAUSAL_MASK:
                tensors[f"{prefix}{name}"] = value
            elif isinstance(value, Inert) and value not in seen:
                seen.add(value)
                waiting.append((f"{prefix}{name}.", value))
    return tensors
