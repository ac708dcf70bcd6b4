"""Pictures of the mini world on disk, with what they show.

seed -> scene samples -> renders in shards, each written whole -> `Renders`
Stopped at any moment, the same call goes on: finished shards are kept.
"""

import json
import multiprocessing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

from sgim.checks import atomic_path, require
from sgim.embedding.feature_cache import fingerprint_of
from sgim.world.samples import draw_scenes
from sgim.world.scenes import SceneGenerator

SHARD_SIZE = 256


@dataclass(frozen=True, kw_only=True)
class RenderConfig:
    """How many scenes to render, at which size, from which seed.

    `image_size` is the side in pixels of the stored pictures, which are rendered at
    `img_resolution` and averaged down. Scenes with two weathers have probability `pair_share`;
    with `families`, scenes come in families of one land (`sgim.world.samples.draw_family`).
    """

    num_scenes: int = 18_432
    image_size: int = 96
    img_resolution: int = 128
    pair_share: float = 0.3
    families: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        require(
            self.num_scenes > 0 and self.num_scenes % SHARD_SIZE == 0,
            f"num_scenes is {self.num_scenes}; it must be a positive multiple of {SHARD_SIZE}.",
        )


@dataclass(frozen=True)
class Renders:
    """Pictures and all that may be told of them.

    `images`: (count, 3, size, size) uint8; `weathers`: name -> intensity of each;
    `landscapes`: the other scene parameters of each.
    """

    images: torch.Tensor
    weathers: list[dict[str, float]]
    landscapes: list[dict[str, float]]

    @property
    def fingerprint(self) -> str:
        """Of pictures and words."""
        told = {"weathers": self.weathers, "landscapes": self.landscapes}
        return fingerprint_of(told, [("images", self.images)])


def render_shard(task: tuple[RenderConfig, int, Path]) -> Path:
    """Render shard number `index` of a data set to `folder`; return its path."""
    config, index, folder = task
    path = folder / f"shard_{index:04d}.npz"
    if path.exists():
        return path
    torch.set_num_threads(1)
    generator = SceneGenerator(img_resolution=config.img_resolution)
    scenes = draw_scenes(
        generator,
        SHARD_SIZE,
        seed=config.seed * 100_003 + index,
        pair_share=config.pair_share,
        families=config.families,
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
            weathers=np.array([json.dumps(weather) for weather in scenes.weathers]),
            landscapes=np.array([json.dumps(landscape) for landscape in scenes.landscapes]),
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


def load_renders(shards: list[Path]) -> Renders:
    """Read shards that `render_scenes` wrote."""
    images, weathers, landscapes = [], [], []
    for shard in shards:
        with np.load(shard, allow_pickle=False) as file:
            images.append(torch.from_numpy(file["images"]))
            weathers += map(json.loads, file["weathers"].tolist())
            landscapes += map(json.loads, file["landscapes"].tolist())
    return Renders(torch.cat(images), weathers, landscapes)
