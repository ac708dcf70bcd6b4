"""The models whose edit steps are timed: the paper's sizes, with random weights.

name of a generator -> its sizes -> a `Bundle` with CLIP ViT-B/32 and the published audio encoder
"""

from dataclasses import dataclass

import open_clip
import torch
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from open_clip.model import CLIP

from sgim.bundle import Bundle
from sgim.models.clip import PixelConfig
from sgim.models.frozen_dense import with_fast_dense_layers
from sgim.models.openai_clip import ClipTokenizer
from sgim.models.sgim_audio import SgimAudioEncoder, SgimFrontEnd
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config, channel_plan
from sgim.models.stylegan3 import StyleGAN3
from sgim.models.stylegan3_plan import StyleGAN3Config, stylegan3_channels

GENERATORS = {
    "stylegan2": StyleGAN2Config(channels=channel_plan(256)),
    "stylegan3-t": StyleGAN3Config(img_resolution=256, channels=stylegan3_channels(256, 16384)),
}
"""Generators of 256 pixels: the one of landscapes, and one of StyleGAN3's ablations."""


@dataclass(frozen=True, kw_only=True)
class EditModels:
    """Sizes of the models that are timed."""

    generator: StyleGAN2Config | StyleGAN3Config = GENERATORS["stylegan2"]
    clip_name: str = "ViT-B-32"

    def bundle(self) -> Bundle:
        """The models with random weights, on the CPU, frozen."""
        torch.manual_seed(0)
        clip = CLIP(**open_clip.get_model_config(self.clip_name)).eval().requires_grad_(False)
        kind = StyleGAN2 if isinstance(self.generator, StyleGAN2Config) else StyleGAN3
        generator = kind(self.generator)
        return Bundle(
            clip=with_fast_dense_layers(clip),
            clip_config=PixelConfig(
                image_size=clip.visual.image_size[0],
                image_mean=OPENAI_DATASET_MEAN,
                image_std=OPENAI_DATASET_STD,
            ),
            tokenizer=ClipTokenizer(),
            audio_encoder=SgimAudioEncoder().eval().requires_grad_(False),
            log_mel=SgimFrontEnd(),
            generator=generator.eval().requires_grad_(False),
            device=torch.device("cpu"),
        )
