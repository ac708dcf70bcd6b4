"""Trains the mini CLIP and the judge on rendered scenes.

scene samples -> renders on disk (shards, each written whole) -> epochs -> weights.
Stopped at any moment, the same call goes on: finished shards and epochs are kept.
"""

import dataclasses
import json
import math
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

from sgim.checkpoint import resume_training, save_tensors, training_state
from sgim.checks import atomic_path, require
from sgim.losses import info_nce_loss
from sgim.models.clip import ClipConfig, build_clip, preprocess_images
from sgim.models.judge import JUDGE_NAMES, Judge, JudgeConfig
from sgim.world.captions import WordTokenizer
from sgim.world.samples import draw_scenes
from sgim.world.scenes import SceneGenerator

SHARD_SIZE = 256


@dataclass(frozen=True, kw_only=True)
class RenderConfig:
    """How many scenes to render, at which size, from which seed.

    `image_size` is the side in pixels of the stored pictures, which are rendered at
    `img_resolution` and averaged down. Scenes with two weathers have probability `pair_share`.
    """

    num_scenes: int = 18_432
    image_size: int = 96
    img_resolution: int = 128
    pair_share: float = 0.3
    seed: int = 1

    def __post_init__(self) -> None:
        require(
            self.num_scenes > 0 and self.num_scenes % SHARD_SIZE == 0,
            f"num_scenes is {self.num_scenes}; it must be a positive multiple of {SHARD_SIZE}.",
        )


@dataclass(frozen=True, kw_only=True)
class ClipTrainingConfig:
    """One cosine schedule with warm-up, AdamW, symmetric InfoNCE between pictures and captions."""

    num_epochs: int = 11
    batch_size: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup_share: float = 0.05
    seed: int = 1


def render_shard(task: tuple[RenderConfig, int, Path]) -> Path:
    """Render shard number `index` of a data set to `folder`; return its path."""
    config, index, folder = task
    path = folder / f"shard_{index:04d}.npz"
    if path.exists():
        return path
    torch.set_num_threads(1)
    generator = SceneGenerator(img_resolution=config.img_resolution)
    scenes = draw_scenes(
        generator, SHARD_SIZE, seed=config.seed * 100_003 + index, pair_share=config.pair_share
    )
    pictures = []
    with torch.inference_mode():
        for ws in scenes.ws.split(16):
            images = generator.synthesis(ws)
            size = (config.image_size, config.image_size)
            images = F.interpolate(images, size, mode="bilinear", antialias=True)
            pictures.append(((images + 1) * 127.5).round().clamp(0, 255).byte())
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez(
            file,
            images=torch.cat(pictures).numpy(),
            captions=np.array(scenes.captions),
            weathers=np.array([json.dumps(weather) for weather in scenes.weathers]),
        )
    return path


def render_scenes(
    config: RenderConfig, folder: Path, *, num_workers: int = 2, progress: bool = True
) -> list[Path]:
    """Render all shards into `folder` with `num_workers` processes; present ones are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [(config, index, folder) for index in range(config.num_scenes // SHARD_SIZE)]
    with multiprocessing.get_context("spawn").Pool(num_workers) as pool:
        shards = pool.imap(render_shard, tasks)
        return list(tqdm(shards, "rendering", len(tasks), disable=not progress))


def load_renders(shards: list[Path]) -> tuple[torch.Tensor, list[str], list[dict[str, float]]]:
    """Read shards: images (count, 3, size, size) uint8, captions, weathers with intensities."""
    images, captions, weathers = [], [], []
    for shard in shards:
        with np.load(shard, allow_pickle=False) as file:
            images.append(torch.from_numpy(file["images"]))
            captions += [str(caption) for caption in file["captions"]]
            weathers += [json.loads(str(weather)) for weather in file["weathers"]]
    return torch.cat(images), captions, weathers


def jitter(images: torch.Tensor, generator: torch.Generator, padding: int = 5) -> torch.Tensor:
    """uint8 pictures -> [-1, 1], each batch mirrored at random and shifted by a few pixels."""
    images = images.float() / 127.5 - 1
    mirrored = torch.rand(len(images), 1, 1, 1, generator=generator) < 0.5
    images = torch.where(mirrored, images.flip(3), images)
    size = images.shape[2]
    top, left = torch.randint(0, 2 * padding + 1, (2,), generator=generator).tolist()
    return F.pad(images, (padding,) * 4, mode="replicate")[
        :, :, top : top + size, left : left + size
    ]


def batches(count: int, batch_size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Yield the indices of shuffled full batches."""
    order = torch.randperm(count, generator=generator)
    yield from order[: count - count % batch_size].split(batch_size)


def schedule(step: int, num_steps: int, warmup_share: float) -> float:
    """Linear warm-up, then cosine to zero; a factor in [0, 1]."""
    progress = (step + 1) / num_steps
    if progress < warmup_share:
        return progress / warmup_share
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup_share) / (1 - warmup_share)))


def _run_epochs(model, optimizer, loss_of_batch, count, config, checkpoint, progress):
    """Run the remaining epochs of one training; a checkpoint follows each epoch."""
    history = resume_training(checkpoint, dataclasses.asdict(config), model, optimizer)
    steps_per_epoch = count // config.batch_size
    model.train()
    for epoch in range(len(history), config.num_epochs):
        generator = torch.Generator().manual_seed(config.seed * 1000 + epoch)
        bar = tqdm(
            batches(count, config.batch_size, generator),
            f"epoch {epoch + 1}/{config.num_epochs}",
            steps_per_epoch,
            disable=not progress,
        )
        total = 0.0
        for index, batch in enumerate(bar):
            factor = schedule(
                epoch * steps_per_epoch + index,
                config.num_epochs * steps_per_epoch,
                config.warmup_share,
            )
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * factor
            loss = loss_of_batch(batch, generator)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total += loss.item()
            bar.set_postfix(loss=f"{total / (index + 1):.3f}")
        history.append(total / steps_per_epoch)
        save_tensors(
            checkpoint,
            training_state(model, optimizer),
            {"config": dataclasses.asdict(config), "history": history},
        )
    model.eval()
    return history


def train_clip(
    shards: list[Path],
    checkpoint: Path,
    *,
    config: ClipTrainingConfig | None = None,
    progress: bool = True,
):
    """Train the mini CLIP on rendered shards.

    Returns
    -------
    model : open_clip.model.CLIP, in eval mode
    clip_config : ClipConfig
    history : list of float, mean loss of each epoch
    """
    config = config or ClipTrainingConfig()
    torch.manual_seed(config.seed)
    tokenizer = WordTokenizer()
    clip_config = ClipConfig(
        vocab_size=tokenizer.vocab_size, context_length=tokenizer.context_length
    )
    model = build_clip(clip_config).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        config.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=config.weight_decay,
    )
    images, captions, _ = load_renders(shards)
    tokens = tokenizer(captions)

    def loss_of_batch(batch, generator):
        pixels = preprocess_images(jitter(images[batch], generator), clip_config)
        image_features = model.encode_image(
            pixels.contiguous(memory_format=torch.channels_last), normalize=True
        )
        text_features = model.encode_text(tokens[batch], normalize=True)
        return info_nce_loss(image_features, text_features, model.logit_scale.exp().clamp(max=100))

    history = _run_epochs(
        model, optimizer, loss_of_batch, len(images), config, checkpoint, progress
    )
    return model, clip_config, history


def train_judge(
    shards: list[Path],
    checkpoint: Path,
    *,
    config: ClipTrainingConfig | None = None,
    progress: bool = True,
) -> tuple[Judge, list[float]]:
    """Train the judge on renders with at most one weather; the label is that weather."""
    config = config or ClipTrainingConfig(num_epochs=8, seed=2)
    torch.manual_seed(config.seed)
    model = Judge(JudgeConfig())
    optimizer = torch.optim.AdamW(
        model.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    images, _, weathers = load_renders(shards)
    single = [index for index, weather in enumerate(weathers) if len(weather) <= 1]
    images = images[single]
    labels = torch.tensor(
        [JUDGE_NAMES.index(next(iter(weathers[index]), "clear")) for index in single]
    )

    def loss_of_batch(batch, generator):
        return F.cross_entropy(model(jitter(images[batch], generator)), labels[batch])

    history = _run_epochs(
        model, optimizer, loss_of_batch, len(images), config, checkpoint, progress
    )
    return model, history
