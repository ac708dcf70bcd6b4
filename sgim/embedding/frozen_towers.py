"""The frozen image and text towers that an audio encoder joins.

name of a bundle -> `Towers`: CLIP on a device, with the pixels and ids it expects
"""

import dataclasses
from dataclasses import dataclass

import torch

from sgim.bundle import load_clip
from sgim.checks import require_one_of
from sgim.devices import pick_device
from sgim.files.registry import find_weights
from sgim.models.clip import PixelConfig
from sgim.models.openai_clip import ClipTokenizer, load_openai_clip
from sgim.world.tokenizer import WordTokenizer


@dataclass(frozen=True)
class Towers:
    """Frozen image and text towers on one device, and the pixels and ids they expect."""

    clip: torch.nn.Module
    clip_config: PixelConfig
    tokenizer: WordTokenizer | ClipTokenizer
    device: torch.device

    @property
    def settings(self) -> dict:
        """What features depend on besides the weights."""
        return dataclasses.asdict(self.clip_config)

    @torch.no_grad()
    def encode_text(self, texts: list[str]) -> torch.Tensor:
        """Sentences -> (count, embed_dim), unit norm."""
        return self.clip.encode_text(self.tokenizer(texts).to(self.device), normalize=True)


def _mini_towers(device: torch.device) -> Towers:
    clip, config = load_clip(device)
    return Towers(clip, config, WordTokenizer(context_length=config.context_length), device)


def _paper_towers(device: torch.device) -> Towers:
    (path,) = find_weights("clip-vit-b-32")
    clip, pixels = load_openai_clip(path, device)
    return Towers(clip, pixels, ClipTokenizer(clip.context_length), device)


TOWERS = {"mini": _mini_towers, "paper": _paper_towers}
"""The mini CLIP, and OpenAI's ViT-B/32 from `python -m sgim fetch clip-vit-b-32`."""


def load_towers(name: str, device: str | torch.device | None = None) -> Towers:
    """Load the towers of a bundle, and nothing else of it.

    Raises
    ------
    SgimError
        For another name, a device that is not there, or missing weights.
    """
    require_one_of("bundle", name, tuple(TOWERS))
    return TOWERS[name](pick_device(device))
