"""Sounds and pictures of the same weathers, with and without planted accidents.

weathers -> sounds and renders, row by row, with their accidents -> `Pairs` -> `AlignmentData`

A planted accident ties one recording's background to its picture, as one video does: a whistle of
one of eight pitches runs through the sound, and the picture shows one of eight places. Neither
says anything of the weather. Held-out sounds and pictures have accidents of their own, drawn
independently of each other.
"""

import dataclasses
import random
from dataclasses import dataclass

import numpy as np
import torch
from tqdm import tqdm

from sgim.embedding.pairs import AlignmentData, pair_sounds
from sgim.media.log_mel import LogMel
from sgim.world.names import SOUND_NAMES
from sgim.world.randomize import training_sound
from sgim.world.samples import draw_sounds, place_weathers

NUM_ACCIDENTS = 8
SAMPLE_RATE = 16_000
TEXT_BATCH = 512


@dataclass(frozen=True, kw_only=True)
class AblationConfig:
    """One budget for all objectives, and one small encoder with `widths`.

    Noise is pink, `noise_db` above the sound; the whistle of an accident lies `whistle_db` below.
    """

    num_clips: int = 1024
    num_held_out: int = 240
    seconds: float = 3.0
    widths: tuple[int, ...] = (16, 32, 64, 128)
    whistle_db: float = -6.0
    noise_db: float = -3.0
    num_epochs: int = 8
    seeds: tuple[int, ...] = (1, 2, 3)
    data_seed: int = 7


@dataclass(frozen=True)
class Pairs:
    """Sounds and pictures of the same weathers, row by row, as log-mels and image features."""

    log_mels: torch.Tensor
    noisy_log_mels: torch.Tensor
    image_features: torch.Tensor
    classes: torch.Tensor
    intensities: torch.Tensor


def whistle(pitch: int, num_samples: int) -> torch.Tensor:
    """Accident number `pitch`: a steady whistle of unit power, (num_samples,)."""
    time = torch.arange(num_samples) / SAMPLE_RATE
    return torch.sin(2 * torch.pi * 350 * 1.4**pitch * time) * 2**0.5


def _mixed(sound: torch.Tensor, other: torch.Tensor, level_db: float) -> torch.Tensor:
    power = sound.square().mean().sqrt() / other.square().mean().sqrt()
    return sound + other * power * 10 ** (level_db / 20)


def _pink_noise(num_samples: int, rng: random.Random) -> torch.Tensor:
    white = np.random.default_rng(rng.randrange(2**31)).standard_normal(num_samples)
    spectrum = np.fft.rfft(white)
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    return torch.from_numpy(np.fft.irfft(spectrum, num_samples)).float()


@torch.no_grad()
def make_pairs(
    bundle, count: int, config: AblationConfig, *, accidents: str, seed: int, progress: bool
) -> Pairs:
    """Make sounds and pictures that share weather and intensity.

    `accidents`: "none", "shared" by each sound and its picture, or "independent".
    """
    labels = draw_sounds(count, seed=seed)
    rng = random.Random(seed)
    of_sounds = [rng.randrange(NUM_ACCIDENTS) for _ in range(count)]
    of_pictures = [rng.randrange(NUM_ACCIDENTS) for _ in range(count)]
    if accidents == "shared":
        of_pictures = of_sounds
    generator, log_mel = bundle.generator, LogMel(bundle.log_mel.config)
    num_samples = round(config.seconds * SAMPLE_RATE)
    mels, noisy = [], []
    for index in tqdm(range(count), "sounds", disable=not progress):
        sound = training_sound(
            labels.names[index], labels.intensities[index], config.seconds, labels.seeds[index]
        )
        if accidents != "none":
            sound = _mixed(sound, whistle(of_sounds[index], num_samples), config.whistle_db)
        noise = _pink_noise(num_samples, rng)
        mels.append(log_mel(sound[None])[:, 0])
        noisy.append(log_mel(_mixed(sound, noise, config.noise_db)[None])[:, 0])
    z = torch.randn(count, generator.z_dim, generator=torch.Generator().manual_seed(seed))
    if accidents != "none":
        z = torch.randn(NUM_ACCIDENTS, generator.z_dim, generator=torch.Generator().manual_seed(0))[
            of_pictures
        ]
    weathers = [
        {name: intensity} for name, intensity in zip(labels.names, labels.intensities, strict=True)
    ]
    ws = place_weathers(generator, generator.mapping(z.to(bundle.device)), weathers)
    features = [
        bundle.encode_image(generator.synthesis(part)).cpu()
        for part in tqdm(ws.split(16), "pictures", disable=not progress)
    ]
    return Pairs(
        log_mels=torch.cat(mels),
        noisy_log_mels=torch.cat(noisy),
        image_features=torch.cat(features),
        classes=torch.tensor([SOUND_NAMES.index(name) for name in labels.names]),
        intensities=torch.tensor(labels.intensities),
    )


def training_data(bundle, pairs: Pairs) -> AlignmentData:
    """Pairs with captions; each clip keeps its own picture."""

    def encode_text(captions: list[str]) -> torch.Tensor:
        starts = range(0, len(captions), TEXT_BATCH)
        return torch.cat([bundle.encode_text(captions[at : at + TEXT_BATCH]) for at in starts])

    data = pair_sounds(
        pairs.log_mels,
        pairs.classes,
        pairs.intensities,
        encode_text,
        pairs.image_features,
        [
            {SOUND_NAMES[name]: intensity}
            for name, intensity in zip(
                pairs.classes.tolist(), pairs.intensities.tolist(), strict=True
            )
        ],
    )
    return dataclasses.replace(data, own_pictures=torch.arange(len(pairs.classes)))
