"""The sounds that the mini world's audio encoder hears, as log-mels on disk.

labels -> synthesized sounds, or recordings in many disguises -> log-mels in shards, each written
whole -> read back
"""

import dataclasses
import multiprocessing
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from sgim.checks import atomic_path, require
from sgim.embedding.feature_cache import fingerprint_of
from sgim.embedding.recordings import Recording
from sgim.files.checkpoint import sha256
from sgim.media.log_mel import LogMel, LogMelConfig
from sgim.media.sound_files import read_sound
from sgim.world.names import CLEAR, HEARD_NAMES
from sgim.world.randomize import overlay, randomize_sound, training_sound, with_second_sound
from sgim.world.samples import draw_sounds

SHARD_SIZE = 256
OVERLAY_SHARE = 0.4


@dataclass(frozen=True, kw_only=True)
class SoundDataConfig:
    """How many clips of how many seconds to make, from which seed."""

    num_clips: int = 18_432
    seconds: float = 5.0
    seed: int = 1

    def __post_init__(self) -> None:
        require(
            self.num_clips > 0 and self.num_clips % SHARD_SIZE == 0,
            f"num_clips is {self.num_clips}; it must be a positive multiple of {SHARD_SIZE}.",
        )


def synthesize_shard(task: tuple) -> Path:
    """Synthesize shard number `index` of a sound data set to `folder`; return its path."""
    config, log_mel_config, index, folder = task
    path = folder / f"shard_{index:04d}.npz"
    if path.exists():
        return path
    torch.set_num_threads(1)
    labels = draw_sounds(SHARD_SIZE, seed=config.seed * 100_003 + index, names=HEARD_NAMES)
    clips = zip(labels.names, labels.intensities, labels.seeds, strict=True)
    waveforms = [
        training_sound(name, intensity, config.seconds, seed) for name, intensity, seed in clips
    ]
    classes = [HEARD_NAMES.index(name) for name in labels.names]
    _save_shard(path, waveforms, classes, labels.intensities, log_mel_config)
    return path


def disguise_shard(task: tuple) -> Path:
    """Make shard number `index` of recordings, each in another disguise; return its path.

    Names take turns, and within a name each repository is as likely as any other, within it each
    recording, within that each excerpt. An excerpt plays faster or slower, sometimes over another
    one of its name, and goes through another room and microphone.
    """
    config, log_mel_config, recordings, intensities, index, folder = task
    path = folder / f"shard_{index:04d}.npz"
    if path.exists():
        return path
    torch.set_num_threads(1)
    rng = random.Random(config.seed * 100_003 + index)
    tree: dict[str, dict[str, dict[str, list[int]]]] = {}
    for position, recording in enumerate(recordings):
        repositories = tree.setdefault(recording.name, {})
        groups = repositories.setdefault(recording.repository, {})
        groups.setdefault(recording.group, []).append(position)
    names = sorted(tree, key=HEARD_NAMES.index)

    def pick(name: str) -> int:
        groups = tree[name][rng.choice(sorted(tree[name]))]
        return rng.choice(groups[rng.choice(sorted(groups))])

    waveforms, chosen = [], []
    for place in range(SHARD_SIZE):
        name = names[place % len(names)]
        chosen.append(pick(name))
        layers = [chosen[-1]] + ([pick(name)] if rng.random() < OVERLAY_SHARE else [])
        waveform = overlay(
            [_read(recordings[layer].path) for layer in layers],
            config.seconds,
            seed=rng.randrange(2**31),
        )
        seed = rng.randrange(2**31)
        if name != CLEAR:
            waveform = with_second_sound(waveform, name, seed)
        waveforms.append(randomize_sound(waveform, seed))
    classes = [HEARD_NAMES.index(recordings[position].name) for position in chosen]
    strengths = [intensities[position] for position in chosen]
    _save_shard(path, waveforms, classes, strengths, log_mel_config)
    return path


@cache
def _read(path: Path) -> torch.Tensor:
    return read_sound(path)


def _save_shard(
    path: Path,
    waveforms: list[torch.Tensor],
    classes: list[int],
    intensities: list[float],
    log_mel_config: LogMelConfig,
) -> None:
    log_mel = LogMel(log_mel_config)
    with torch.inference_mode():
        log_mels = [
            log_mel(torch.stack(waveforms[start : start + 32]))[:, 0].half()
            for start in range(0, len(waveforms), 32)
        ]
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez(
            file,
            log_mels=torch.cat(log_mels).numpy(),
            classes=np.array(classes),
            intensities=np.array(intensities, dtype=np.float32),
        )


def synthesize_sounds(
    config: SoundDataConfig,
    log_mel_config: LogMelConfig,
    folder: Path,
    *,
    num_workers: int = 2,
    progress: bool = True,
) -> list[Path]:
    """Synthesize all shards into `folder`; present ones are kept, unless they sound otherwise."""
    settings = (config, log_mel_config)
    _discard_others(folder, _fingerprint(*settings))
    return _make_shards(synthesize_shard, settings, config, folder, num_workers, progress)


def disguise_recordings(
    recordings: list[Recording],
    intensities: list[float],
    config: SoundDataConfig,
    log_mel_config: LogMelConfig,
    folder: Path,
    *,
    num_workers: int = 2,
    progress: bool = True,
) -> list[Path]:
    """Make all shards of recordings, whose intensities in [0, 1] are given, in `folder`.

    Present ones are kept, unless they are of other recordings.
    """
    settings = (config, log_mel_config, recordings, intensities)
    _discard_others(folder, _fingerprint(*settings))
    return _make_shards(disguise_shard, settings, config, folder, num_workers, progress)


def _fingerprint(
    config: SoundDataConfig,
    log_mel_config: LogMelConfig,
    recordings: Sequence[Recording] = (),
    intensities: Sequence[float] = (),
) -> str:
    """Of what shards are made of: recordings, and a second of each synthetic sound of today."""
    told = [
        (sha256(recording.path), recording.name, recording.repository, recording.group, intensity)
        for recording, intensity in zip(recordings, intensities, strict=True)
    ]
    settings = [config.seconds, config.seed, dataclasses.asdict(log_mel_config), told]
    today = [
        (f"{name} {seed}", training_sound(name, 0.5, 1.0, seed))
        for name in HEARD_NAMES
        for seed in range(2)
    ]
    return fingerprint_of({"settings": settings}, today)


def _discard_others(folder: Path, made_of: str) -> None:
    """Delete the shards in `folder` unless their fingerprint, which lies beside them, is `made_of`.

    How many there are does not matter: more of the same are added to them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "made_of.txt"
    if not told.exists() or told.read_text() != made_of:
        for shard in folder.glob("shard_*.npz"):
            shard.unlink()
        with atomic_path(told) as temporary:
            Path(temporary).write_text(made_of)


def _make_shards(
    make_shard: Callable[[tuple], Path],
    settings: tuple,
    config: SoundDataConfig,
    folder: Path,
    num_workers: int,
    progress: bool,
) -> list[Path]:
    tasks = [(*settings, index, folder) for index in range(config.num_clips // SHARD_SIZE)]
    with multiprocessing.get_context("spawn").Pool(num_workers) as pool:
        shards = pool.imap(make_shard, tasks)
        return list(tqdm(shards, folder.name, len(tasks), disable=not progress))


def load_sounds(shards: list[Path]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Read shards: log-mels (clips, n_mels, n_frames) float16, classes and intensities (clips,)."""
    files = [np.load(path, allow_pickle=False) for path in shards]
    log_mels, classes, intensities = (
        torch.from_numpy(np.concatenate([file[column] for file in files]))
        for column in ("log_mels", "classes", "intensities")
    )
    return log_mels, classes, intensities
