"""A `Bundle`: models that fit together, with the preprocessing they were trained with.

`load_bundle(name)` -> `encode_audio`, `encode_text`, `encode_image`, `generator`.
"""

import dataclasses
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from sgim.checks import atomic_path, cast_like, require, require_finite, require_one_of
from sgim.devices import float32_by_default, ordinary_torch, pick_device
from sgim.editing.errata import published_pixels
from sgim.editing.mapper import Mapper, MapperConfig
from sgim.files.checkpoint import load_frozen, load_tensors, save_tensors, sha256
from sgim.media.given_sounds import is_batch, to_waveform
from sgim.media.log_mel import LogMel
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.models.clip import ClipConfig, PixelConfig, build_clip, preprocess_images
from sgim.models.clip_towers import ClipTowers
from sgim.models.judge import Judge, JudgeConfig
from sgim.models.prior import Prior, PriorConfig
from sgim.world.scenes import SceneGenerator
from sgim.world.tokenizer import WordTokenizer

if TYPE_CHECKING:
    from sgim.models.openai_clip import ClipTokenizer
    from sgim.models.sgim_audio import SgimAudioEncoder, SgimFrontEnd

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
AUDIO_WEIGHTS = {"mini": "mini_audio", "mini-synthetic": "mini_audio_synthetic"}


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Models on one device that share an embedding.

    Attributes
    ----------
    clip, clip_config, tokenizer : frozen image and text towers, the pixels and ids they expect
    audio_encoder, log_mel : the audio encoder and its front end
    generator : SceneGenerator or any generator with the same interface
    prior : Prior or None
        Embedding of a sound or text -> of a picture it belongs to; None but for the mini world.
    mapper : Mapper or None
        Edits the generator's latents in one pass; None but for the mini world.
    identity : callable or None
        Recognition network R, images -> (batch, n) features; None where there are no faces.
    device : torch.device
    """

    clip: torch.nn.Module
    clip_config: PixelConfig
    tokenizer: "WordTokenizer | ClipTokenizer"
    audio_encoder: "AudioEncoder | SgimAudioEncoder"
    log_mel: "LogMel | SgimFrontEnd"
    generator: torch.nn.Module
    device: torch.device
    prior: Prior | None = None
    mapper: Mapper | None = None
    identity: Callable[[torch.Tensor], torch.Tensor] | None = None

    @property
    def sample_rate(self) -> int:
        """Samples per second that the audio encoder hears."""
        return self.log_mel.sample_rate

    @property
    def logit_scale(self) -> float:
        """CLIP's inverse temperature after training."""
        return self.clip.logit_scale.exp().item()

    @float32_by_default()
    def encode_audio(self, sound, sample_rate: int | None = None) -> torch.Tensor:
        """Embed one sound, or a list of sounds, without gradients.

        In the mini world a long recording is heard through up to 12 evenly spaced windows and
        their mean is taken; a short one is repeated to fill a window. The encoder of "paper" hears
        the first 10 s. Silence and room tone are not heard (`sgim.media.silence`).

        Parameters
        ----------
        sound : path, bytes or open file of a recording, samples, or a list of these
            Samples are an array, tensor or list of numbers, (num_samples,) or (channels,
            num_samples) in [-1, 1]; or (samples, sample_rate).
        sample_rate : int
            Required for samples, not for files.

        Returns
        -------
        torch.Tensor, (batch, embed_dim), unit norm

        Raises
        ------
        SgimError
            For a missing, damaged, silent, too short or too long sound.
        """
        if is_batch(sound):
            require(bool(sound), "the list of sounds is empty; pass at least one.")
            return torch.cat([self.encode_audio(item, sample_rate) for item in sound])
        waveform = to_waveform(sound, sample_rate, self.sample_rate)
        return hear(self.audio_encoder, self.log_mel, waveform.to(self.device))

    @float32_by_default()
    def encode_text(self, texts: list[str]) -> torch.Tensor:
        """Embed sentences without gradients: (batch, embed_dim), unit norm.

        In the mini world unknown words are named in a warning, and a sentence without any known
        word is an error.
        """
        with torch.no_grad():
            return self.clip.encode_text(self.tokenizer(texts).to(self.device), normalize=True)

    @float32_by_default()
    def encode_image(self, images: torch.Tensor) -> torch.Tensor:
        """Embed pictures (batch, 3, height, width) in [-1, 1]: (batch, embed_dim), unit norm.

        Gradients flow through the pictures.
        """
        images = cast_like("images", images, self.clip.logit_scale)
        pixels = preprocess_images(images, self.clip_config)
        return self.clip.encode_image(pixels, normalize=True)

    @float32_by_default()
    def encode_image_as_published(self, images: torch.Tensor) -> torch.Tensor:
        """The same with the pixels of the published loop, which CLIP was not trained on.

        For `official_compat` alone; see `sgim.editing.errata`.
        """
        images = cast_like("images", images, self.clip.logit_scale)
        pixels = published_pixels(images, self.clip_config.image_size)
        return self.clip.encode_image(pixels, normalize=True)


@torch.no_grad()
def hear(
    audio_encoder: "AudioEncoder | SgimAudioEncoder",
    log_mel: "LogMel | SgimFrontEnd",
    waveform: torch.Tensor,
) -> torch.Tensor:
    """Mean embedding of the clips of one sound (num_samples,): (1, embed_dim), unit norm."""
    require_finite("the waveform", waveform)
    features = audio_encoder(log_mel(audio_encoder.clips(waveform)))
    return F.normalize(features.mean(dim=0, keepdim=True), dim=-1)


def save_weights(
    name: str, model: torch.nn.Module, config: object, *, notes: dict, folder: Path = WEIGHTS_FOLDER
) -> Path:
    """Write `<name>.safetensors` (tensors and config) and `<name>.json` (checksum and notes).

    Raises
    ------
    SgimError
        When a weight is not finite.
    """
    path = folder / f"{name}.safetensors"
    for tensor_name, tensor in model.state_dict().items():
        require_finite(f"{name}, {tensor_name}", tensor, "train it again; nothing is saved")
    settings = dataclasses.asdict(config)
    save_tensors(path, model.state_dict(), {"config": settings})
    card = {
        "file": path.name,
        "sha256": sha256(path),
        "bytes": path.stat().st_size,
        "config": settings,
        **notes,
    }
    with atomic_path(path.with_suffix(".json")) as temporary:
        temporary.write_text(json.dumps(card, indent=2) + "\n")
    return path


def _load_frozen(
    name: str,
    build: Callable[[dict], torch.nn.Module],
    device: torch.device,
    folder: Path = WEIGHTS_FOLDER,
) -> tuple[torch.nn.Module, dict]:
    """A network built from the settings in its weight file, and these settings."""
    path = folder / f"{name}.safetensors"
    tensors, metadata = load_tensors(path)
    model = build(metadata["config"])
    refusal = f"{path} does not fit the settings in it"
    return load_frozen(model, tensors, device, refusal), metadata["config"]


def load_clip(device: torch.device, folder: Path = WEIGHTS_FOLDER) -> tuple[ClipTowers, ClipConfig]:
    """The shipped mini CLIP, or the one in another folder, frozen."""
    clip, settings = _load_frozen(
        "mini_clip", lambda settings: build_clip(ClipConfig(**settings)), device, folder
    )
    return clip, ClipConfig(**settings)


def load_audio_encoder(
    device: torch.device, folder: Path = WEIGHTS_FOLDER, name: str = "mini_audio"
) -> AudioEncoder:
    """A shipped audio encoder, or one in another folder, frozen."""

    def build(settings: dict) -> AudioEncoder:
        return AudioEncoder(AudioEncoderConfig.from_dict(settings))

    return _load_frozen(name, build, device, folder)[0]


def load_prior(device: torch.device, folder: Path = WEIGHTS_FOLDER) -> Prior:
    """The shipped prior of the mini world's pictures, or the one in another folder, frozen."""
    return _load_frozen("mini_prior", lambda sizes: Prior(PriorConfig(**sizes)), device, folder)[0]


def load_mapper(device: torch.device, folder: Path = WEIGHTS_FOLDER) -> Mapper:
    """The shipped mapper of the mini world's latents, or the one in another folder, frozen."""
    return _load_frozen("mini_mapper", lambda sizes: Mapper(MapperConfig(**sizes)), device, folder)[
        0
    ]


@ordinary_torch()
def load_judge(device: str | torch.device | None = None, *, of_photos: bool = False) -> Judge:
    """The shipped judge, frozen; it takes no part in guidance.

    There is one of painted scenes, and one that has met photos under weather as well.
    """
    name = "mini_photo_judge" if of_photos else "mini_judge"
    return _load_frozen(name, lambda sizes: Judge(JudgeConfig(**sizes)), pick_device(device))[0]


@ordinary_torch()
def load_bundle(
    name: str = "mini",
    device: str | torch.device | None = None,
    *,
    generator: str | os.PathLike | None = None,
) -> Bundle:
    """Load models that fit together.

    Parameters
    ----------
    name : str
        "mini": the self-made world, with shipped weights, offline. "mini-synthetic": the same
        with an audio encoder that has never heard a recording. "paper": CLIP ViT-B/32, the audio
        encoder that SGIM's authors released and StyleGAN2 of landscapes, 256 px; their files come
        with `python -m sgim fetch paper` and are never downloaded here.
    device : str or torch.device
        The best one that is there when left out.
    generator : path
        A file for `load_generator` in the place of the bundle's own, which then need not be there.

    Raises
    ------
    SgimError
        For another name, a device that is not there, missing weights, or a file that is no
        generator.
    """
    if name in AUDIO_WEIGHTS:
        return _load_mini(name, pick_device(device), generator)
    from sgim.files.registry import WEIGHTS_OF_BUNDLES
    from sgim.models.paper_models import load_paper_models

    require_one_of("bundle", name, (*AUDIO_WEIGHTS, *WEIGHTS_OF_BUNDLES))
    device = pick_device(device)
    return Bundle(**load_paper_models(name, device, generator), device=device)


def _load_mini(name: str, device: torch.device, generator: str | os.PathLike | None) -> Bundle:
    if generator is None:
        painter = SceneGenerator().to(device).requires_grad_(False)
    else:
        from sgim.models.generators import load_generator

        painter = load_generator(generator, device)
    clip, clip_config = load_clip(device)
    audio_encoder = load_audio_encoder(device, name=AUDIO_WEIGHTS[name])
    tokenizer = WordTokenizer(context_length=clip_config.context_length)
    require(
        tokenizer.vocab_size == clip_config.vocab_size,
        f"mini_clip knows {clip_config.vocab_size} tokens and the captions' grammar has "
        f"{tokenizer.vocab_size}; they must agree: train it again with `python -m sgim train all`.",
    )
    return Bundle(
        clip=clip,
        clip_config=clip_config,
        tokenizer=tokenizer,
        audio_encoder=audio_encoder,
        log_mel=LogMel(audio_encoder.config.log_mel).to(device),
        generator=painter,
        device=device,
        prior=load_prior(device) if generator is None else None,
        mapper=load_mapper(device) if generator is None else None,
    )
