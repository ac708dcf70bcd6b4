"""What the audio encoder learns from: sounds, captions and pictures that belong together.

labels -> synthesized sounds -> log-mels on disk (shards, each written whole)
log-mels + captions + pictures of the same class and intensity -> `AlignmentData`
"""

import multiprocessing
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from sgim.audio import LogMel, LogMelConfig
from sgim.checks import atomic_path, require
from sgim.world.captions import describe
from sgim.world.names import SOUND_NAMES
from sgim.world.randomize import training_sound
from sgim.world.rewording import augment_caption
from sgim.world.samples import draw_sounds

SHARD_SIZE = 256
CAPTIONS_PER_CLIP = 6


@dataclass(frozen=True, kw_only=True)
class SoundDataConfig:
    """How many clips of how many seconds to synthesize, from which seed."""

    num_clips: int = 8_192
    seconds: float = 5.0
    seed: int = 1

    def __post_init__(self) -> None:
        require(
            self.num_clips > 0 and self.num_clips % SHARD_SIZE == 0,
            f"num_clips is {self.num_clips}; it must be a positive multiple of {SHARD_SIZE}.",
        )


@dataclass(frozen=True)
class AlignmentData:
    """Everything the loop needs, with the frozen towers' features computed once.

    `log_mels`: (clips, n_mels, n_frames) float16; `classes`: (clips,) index into `SOUND_NAMES`;
    `intensities`: (clips,) in [0, 1]; `text_features`: (clips, captions, embed_dim);
    `image_features`: (pictures, embed_dim) with `image_classes` and `image_intensities`;
    `own_pictures`: (clips,) index of the picture each clip was recorded with, None where any
    picture of the same class and intensity will do.
    """

    log_mels: torch.Tensor
    classes: torch.Tensor
    intensities: torch.Tensor
    text_features: torch.Tensor
    image_features: torch.Tensor
    image_classes: torch.Tensor
    image_intensities: torch.Tensor
    own_pictures: torch.Tensor | None = None


def synthesize_shard(task: tuple) -> Path:
    """Synthesize shard number `index` of a sound data set to `folder`; return its path."""
    config, log_mel_config, index, folder = task
    path = folder / f"shard_{index:04d}.npz"
    if path.exists():
        return path
    torch.set_num_threads(1)
    log_mel = LogMel(log_mel_config)
    labels = draw_sounds(SHARD_SIZE, seed=config.seed * 100_003 + index)
    clips = zip(labels.names, labels.intensities, labels.seeds, strict=True)
    waveforms = [
        training_sound(name, intensity, config.seconds, seed) for name, intensity, seed in clips
    ]
    with torch.inference_mode():
        log_mels = torch.cat(
            [log_mel(torch.stack(waveforms[i : i + 32])) for i in range(0, SHARD_SIZE, 32)]
        )
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez(
            file,
            log_mels=log_mels[:, 0].half().numpy(),
            classes=np.array([SOUND_NAMES.index(name) for name in labels.names]),
            intensities=np.array(labels.intensities, dtype=np.float32),
        )
    return path


def synthesize_sounds(
    config: SoundDataConfig,
    log_mel_config: LogMelConfig,
    folder: Path,
    *,
    num_workers: int = 2,
    progress: bool = True,
) -> list[Path]:
    """Synthesize all shards into `folder`; present ones are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    count = config.num_clips // SHARD_SIZE
    tasks = [(config, log_mel_config, index, folder) for index in range(count)]
    with multiprocessing.get_context("spawn").Pool(num_workers) as pool:
        shards = pool.imap(synthesize_shard, tasks)
        return list(tqdm(shards, "synthesizing", len(tasks), disable=not progress))


def prepare_data(
    encode_text: Callable[[list[str]], torch.Tensor],
    sounds: list[Path],
    image_features: torch.Tensor,
    image_weathers: list[dict[str, float]],
    *,
    seed: int = 1,
) -> AlignmentData:
    """Collect the sounds of shards written by `synthesize_sounds`; the rest as in `pair_sounds`."""
    shards = [np.load(path, allow_pickle=False) for path in sounds]
    columns = ("log_mels", "classes", "intensities")
    gathered = [
        torch.from_numpy(np.concatenate([shard[column] for shard in shards])) for column in columns
    ]
    return pair_sounds(*gathered, encode_text, image_features, image_weathers, seed=seed)


def pair_sounds(
    log_mels: torch.Tensor,
    classes: torch.Tensor,
    intensities: torch.Tensor,
    encode_text: Callable[[list[str]], torch.Tensor],
    image_features: torch.Tensor,
    image_weathers: list[dict[str, float]],
    *,
    seed: int = 1,
) -> AlignmentData:
    """Join sounds with reworded captions and pictures that share class and intensity.

    Parameters
    ----------
    log_mels : torch.Tensor, (clips, n_mels, n_frames)
    classes : torch.Tensor, (clips,), index into `SOUND_NAMES`
    intensities : torch.Tensor, (clips,) in [0, 1]
    encode_text : callable
        Frozen text tower, sentences -> (count, embed_dim) unit norm.
    image_features : torch.Tensor, (pictures, embed_dim), unit norm
    image_weathers : list of dict
        What each picture shows; those with one audible weather are kept.
    """
    rng = random.Random(seed)
    captions = [
        augment_caption(describe(SOUND_NAMES[name], intensity, rng), rng)
        for name, intensity in zip(classes.tolist(), intensities.tolist(), strict=True)
        for _ in range(CAPTIONS_PER_CLIP)
    ]
    text_features = torch.cat(
        [encode_text(captions[start : start + 512]) for start in range(0, len(captions), 512)]
    )
    audible = [
        index
        for index, weather in enumerate(image_weathers)
        if len(weather) == 1 and next(iter(weather)) in SOUND_NAMES
    ]
    shown = [next(iter(image_weathers[index].items())) for index in audible]
    return AlignmentData(
        log_mels=log_mels,
        classes=classes,
        intensities=intensities,
        text_features=text_features.view(len(classes), CAPTIONS_PER_CLIP, -1),
        image_features=image_features[audible],
        image_classes=torch.tensor([SOUND_NAMES.index(name) for name, _ in shown]),
        image_intensities=torch.tensor([intensity for _, intensity in shown]),
    )


class PictureDrawer:
    """Draws pictures that show what clips play: same class, intensity within a tolerance."""

    def __init__(self, data: AlignmentData, tolerance: float) -> None:
        self.tolerance = tolerance
        self.sorted = []
        for name in range(len(SOUND_NAMES)):
            members = (data.image_classes == name).nonzero()[:, 0]
            require(
                len(members) > 0,
                f"no picture shows {SOUND_NAMES[name]}; every sound needs some: render more.",
            )
            intensities, order = data.image_intensities[members].sort()
            self.sorted.append((intensities, members[order]))

    def draw(
        self, classes: torch.Tensor, intensities: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        """Return one picture index per clip, (clips,)."""
        shift = (2 * torch.rand(len(classes), generator=generator) - 1) * self.tolerance
        wanted = (intensities + shift).clamp(0, 1)
        picked = torch.empty(len(classes), dtype=torch.long)
        for name, (known, members) in enumerate(self.sorted):
            mine = classes == name
            nearest = torch.searchsorted(known, wanted[mine]).clamp(max=len(known) - 1)
            picked[mine] = members[nearest]
        return picked
