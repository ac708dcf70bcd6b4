"""OpenAI's CLIP from the file that OpenAI publishes, as an open_clip model.

file -> tensors by name -> sizes from shapes -> frozen towers in float32; sentences -> token ids
"""

import json
import os
import warnings
from pathlib import Path

import torch
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg, build_model_from_openai_state_dict
from open_clip.tokenizer import SimpleTokenizer

from sgim.checks import SgimError, require
from sgim.devices import ordinary_torch
from sgim.files.checkpoint import require_finite_weights
from sgim.files.pickle_machine import Inert
from sgim.files.state_dicts import read_content, without_wrappers
from sgim.models.clip import PixelConfig
from sgim.models.frozen_dense import with_fast_dense_layers

CAUSAL_MASK = "attn_mask"
"""A tensor that TorchScript keeps beside the weights and that every model makes for itself."""

SETTINGS = "open_clip_config.json"
LONGEST_NAME = 200


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


@ordinary_torch()
def load_openai_clip(
    path: str | os.PathLike, device: str | torch.device = "cpu"
) -> tuple[CLIP, PixelConfig]:
    """Read a CLIP that OpenAI published, or one of open_clip; nothing inside is executed.

    Parameters
    ----------
    path : path
        ViT-B-32.pt or another of theirs (TorchScript), or a state dict, .pt or .safetensors.
        A state dict tells neither the activation nor the number of heads: those of OpenAI are
        taken, with a warning, unless the `open_clip_config.json` of its model lies beside it.
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
    content, settings = read_content(path), {}
    try:
        if isinstance(content, Inert):
            tensors = _tensors_in(content)
        else:
            tensors = content
            require(
                isinstance(tensors, dict) and all(map(torch.is_tensor, tensors.values())),
                "it holds no tensors by name",
            )
            settings = _settings_beside(Path(path))
        require_finite_weights(tensors)
        clip = _build(without_wrappers(tensors), settings.get("model_cfg"))
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise SgimError(
            f"{path} is not a CLIP of OpenAI ({reason}); use the ViT-B-32.pt that they publish."
        ) from error
    shown = settings.get("preprocess_cfg", {})
    pixels = PixelConfig(
        image_size=clip.visual.image_size[0],
        image_mean=tuple(shown.get("mean", OPENAI_DATASET_MEAN)),
        image_std=tuple(shown.get("std", OPENAI_DATASET_STD)),
    )
    clip = clip.eval().requires_grad_(False)
    return with_fast_dense_layers(clip).to(device, memory_format=torch.channels_last), pixels


def _settings_beside(path: Path) -> dict:
    """What the hub's file of settings beside the weights says, or nothing, with a warning."""
    settings = path.with_name(SETTINGS)
    if settings.is_file():
        try:
            return dict(json.loads(settings.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise SgimError(f"{settings} is no JSON object; fetch it again.") from error
    warnings.warn(
        f"{path} tells neither its activation nor its number of heads, and those of OpenAI's CLIPs "
        f"are taken; for another one put its {SETTINGS} beside it.",
        stacklevel=3,
    )
    return {}


def _build(tensors: dict[str, torch.Tensor], sizes: dict | None) -> CLIP:
    """A CLIP of the sizes that the shapes have, or that are given, in float32."""
    if sizes is None:
        clip = build_model_from_openai_state_dict(tensors, cast_dtype=torch.float32).float()
    else:
        vision, text = CLIPVisionCfg(**sizes["vision_cfg"]), CLIPTextCfg(**sizes["text_cfg"])
        require(
            not vision.timm_model_name and not text.hf_model_name,
            f"its {SETTINGS} names towers of other packages; use a CLIP with its own towers.",
        )
        clip = CLIP(sizes["embed_dim"], vision, text, quick_gelu=sizes.get("quick_gelu", False))
    clip.load_state_dict(tensors)  # in full precision: building it may have rounded to float16
    return clip


def _tensors_in(root: Inert) -> dict[str, torch.Tensor]:
    """Dotted name -> tensor, of a TorchScript module and all that are in it."""
    tensors, seen, waiting = {}, {root}, [("", root)]
    while waiting:
        prefix, module = waiting.pop()
        require(len(prefix) <= LONGEST_NAME, "its modules lie in each other too deep.")
        attributes = module.state if isinstance(module.state, dict) else {}
        for name, value in attributes.items():
            if torch.is_tensor(value) and name != CAUSAL_MASK:
                tensors[f"{prefix}{name}"] = value
            elif isinstance(value, Inert) and value not in seen:
                seen.add(value)
                waiting.append((f"{prefix}{name}.", value))
    return tensors
