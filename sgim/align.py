"""Aligns the audio encoder with CLIP's image-text space: step (a) of the paper.

sounds of the world -> log-mels on disk -> two views -> audio encoder
captions, pictures  -> frozen CLIP, once -> features              -> four terms -> weights
"""

import dataclasses
import json
import multiprocessing
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from sgim.audio import LogMel, LogMelConfig, SpecAugment
from sgim.checkpoint import load_tensors, restore_training_state, save_tensors, training_state
from sgim.checks import atomic_path, require, require_in_range
from sgim.clip_training import batches, schedule
from sgim.losses import info_nce_loss, weakly_paired_loss
from sgim.models.audio_encoder import AudioEncoder
from sgim.world.captions import describe
from sgim.world.names import SOUND_NAMES
from sgim.world.randomize import training_sound
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


@dataclass(frozen=True, kw_only=True)
class AlignConfig:
    """Weights of the paper's four terms and one cosine schedule with warm-up.

    `logit_scale` is CLIP's inverse temperature 1 / 0.07. `image_tolerance` is the largest
    difference of intensity between a sound and a picture drawn for it. `view_seconds` is the
    length of the random stretch of a clip that makes a view, None for the encoder's window;
    shorter views are cheaper and augment more.
    """

    audio_text_weight: float = 1.0
    audio_image_weight: float = 1.0
    audio_audio_weight: float = 0.5
    weakly_paired_weight: float = 1.0
    logit_scale: float = 1 / 0.07
    image_tolerance: float = 0.1
    view_seconds: float | None = None
    num_epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup_share: float = 0.05
    seed: int = 1

    def __post_init__(self) -> None:
        weights = {name: getattr(self, name) for name in TERM_WEIGHTS.values()}
        for name, weight in weights.items():
            require_in_range(name, weight, 0.0, 1e3)
        require(
            any(weights.values()),
            "all four term weights are 0; there is nothing to learn: raise one.",
        )
        require(self.batch_size >= 2, "batch_size is below 2; a contrast needs at least 2 clips.")


TERM_WEIGHTS = {
    "audio_text": "audio_text_weight",
    "audio_image": "audio_image_weight",
    "audio_audio": "audio_audio_weight",
    "weakly_paired": "weakly_paired_weight",
}


@dataclass(frozen=True)
class AlignmentData:
    """Everything the loop needs, with the frozen towers' features computed once.

    `log_mels`: (clips, n_mels, n_frames) float16; `classes`: (clips,) index into `SOUND_NAMES`;
    `intensities`: (clips,) in [0, 1]; `text_features`: (clips, captions, embed_dim);
    `image_features`: (pictures, embed_dim) with `image_classes` and `image_intensities`.
    """

    log_mels: torch.Tensor
    classes: torch.Tensor
    intensities: torch.Tensor
    text_features: torch.Tensor
    image_features: torch.Tensor
    image_classes: torch.Tensor
    image_intensities: torch.Tensor


@dataclass(frozen=True)
class AlignResult:
    """The encoder in eval mode and, per epoch, the mean of each term and held-out scores."""

    encoder: AudioEncoder
    history: list[dict[str, float]]
    config: AlignConfig


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
    """Join sounds with captions and pictures that share class and intensity.

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
        describe(SOUND_NAMES[name], intensity, rng)
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


def crop_view(
    log_mels: torch.Tensor, num_frames: int, augment: SpecAugment, generator: torch.Generator
) -> torch.Tensor:
    """One augmented view: a random stretch of (batch, n_mels, frames), masked.

    Returns (batch, 1, n_mels, num_frames), each clip with mean 0.
    """
    latest = log_mels.shape[2] - num_frames
    start = int(torch.randint(0, latest + 1, (1,), generator=generator))
    view = log_mels[:, None, :, start : start + num_frames].float()
    return augment(view - view.mean(dim=(2, 3), keepdim=True))


def alignment_terms(
    views: tuple[torch.Tensor, torch.Tensor],
    text_features: torch.Tensor,
    image_features: torch.Tensor,
    weak_image_features: torch.Tensor,
    config: AlignConfig,
) -> dict[str, torch.Tensor]:
    """The four terms of the objective, unweighted; terms of weight 0 are left out.

    Parameters
    ----------
    views : two torch.Tensor, (batch, embed_dim), unit norm
        Audio features of two views of the clips.
    text_features, image_features : torch.Tensor, (batch, embed_dim), unit norm
        Of each clip's own caption and picture.
    weak_image_features : torch.Tensor, (batch, embed_dim), unit norm
        Of pictures drawn by label from elsewhere.
    """
    first, second = views
    scale = config.logit_scale
    terms = {
        "audio_text": lambda: info_nce_loss(first, text_features, scale),
        "audio_image": lambda: info_nce_loss(first, image_features, scale),
        "audio_audio": lambda: info_nce_loss(first, second, scale),
        "weakly_paired": lambda: weakly_paired_loss(
            first, text_features, weak_image_features, scale
        ),
    }
    return {name: term() for name, term in terms.items() if getattr(config, TERM_WEIGHTS[name]) > 0}


def align(
    encoder: AudioEncoder,
    data: AlignmentData,
    *,
    config: AlignConfig | None = None,
    checkpoint: Path | None = None,
    evaluate: Callable[[AudioEncoder], dict[str, float]] | None = None,
    progress: bool = True,
) -> AlignResult:
    """Train an audio encoder against frozen text and image features.

    Parameters
    ----------
    encoder : AudioEncoder
    data : AlignmentData
    config : AlignConfig
    checkpoint : Path
        Written after each epoch; the same call continues from it.
    evaluate : callable
        Encoder in eval mode -> held-out scores, joined to the history of each epoch.
    progress : bool
        Show a bar.

    Raises
    ------
    SgimError
        When the checkpoint was written with other settings, or there are fewer clips than one
        batch.
    """
    config = config or AlignConfig()
    steps_per_epoch = len(data.classes) // config.batch_size
    require(
        steps_per_epoch > 0,
        f"{len(data.classes)} clips do not fill a batch of {config.batch_size}; lower batch_size.",
    )
    optimizer = torch.optim.AdamW(
        encoder.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    history = _resume(checkpoint, config, encoder, optimizer)
    pictures = PictureDrawer(data, config.image_tolerance)
    own_pictures = pictures.draw(
        data.classes, data.intensities, torch.Generator().manual_seed(config.seed)
    )
    augment = SpecAugment()
    front_end = encoder.config.log_mel
    seconds = config.view_seconds or encoder.config.seconds
    num_frames = round(seconds * front_end.sample_rate / front_end.hop_length) + 1
    require(
        num_frames <= data.log_mels.shape[2],
        f"a view lasts {seconds} s, longer than the clips; set view_seconds below their length.",
    )
    for epoch in range(len(history), config.num_epochs):
        generator = torch.Generator().manual_seed(config.seed * 1000 + epoch)
        torch.manual_seed(config.seed * 1000 + epoch)
        encoder.train()
        sums = dict.fromkeys(TERM_WEIGHTS, 0.0)
        bar = tqdm(
            batches(len(data.classes), config.batch_size, generator),
            f"epoch {epoch + 1}/{config.num_epochs}",
            steps_per_epoch,
            disable=not progress,
        )
        for step, batch in enumerate(bar):
            factor = schedule(
                epoch * steps_per_epoch + step,
                config.num_epochs * steps_per_epoch,
                config.warmup_share,
            )
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * factor
            first = encoder(crop_view(data.log_mels[batch], num_frames, augment, generator))
            second = first
            if config.audio_audio_weight > 0:
                second = encoder(crop_view(data.log_mels[batch], num_frames, augment, generator))
            spoken = torch.randint(CAPTIONS_PER_CLIP, (len(batch),), generator=generator)
            weak = pictures.draw(data.classes[batch], data.intensities[batch], generator)
            terms = alignment_terms(
                (first, second),
                data.text_features[batch, spoken],
                data.image_features[own_pictures[batch]],
                data.image_features[weak],
                config,
            )
            loss = sum(getattr(config, TERM_WEIGHTS[name]) * term for name, term in terms.items())
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimizer.step()
            for name, term in terms.items():
                sums[name] += term.item() / steps_per_epoch
            bar.set_postfix(loss=f"{loss.item():.3f}")
        encoder.eval()
        history.append(sums | (evaluate(encoder) if evaluate else {}))
        if checkpoint is not None:
            save_tensors(
                checkpoint,
                training_state(encoder, optimizer),
                {"config": dataclasses.asdict(config), "history": history},
            )
    return AlignResult(encoder.eval(), history, config)


def _resume(checkpoint, config, encoder, optimizer) -> list[dict[str, float]]:
    """Restore encoder and optimizer from a checkpoint if it exists; return its history."""
    if checkpoint is None or not Path(checkpoint).exists():
        return []
    tensors, metadata = load_tensors(checkpoint)
    require(
        metadata["config"] == json.loads(json.dumps(dataclasses.asdict(config))),
        f"{checkpoint} was written with other settings; delete it or use another folder.",
    )
    restore_training_state(tensors, encoder, optimizer)
    return metadata["history"]
