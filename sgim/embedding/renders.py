"""Pictures of the mini world on disk, with what they show.

seed -> scene samples -> renders in shards, each written whole -> `Renders`
Stopped at any moment, the same call goes on: finished shards are kept.
"""

import dataclasses
import json
import multiprocessing
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tqdm import tqdm

from sgim.checks import atomic_path, require
from sgim.embedding.feature_cache import fingerprint_of
from sgim.world.invented_photos import invent_photo
from sgim.world.layers import LAYER_NAMES
from sgim.world.photo_lands import PhotoGenerator
from sgim.world.samples import FAMILY_SIZE, SceneSamples, draw_scenes
from sgim.world.scenes import SceneGenerator

SHARD_SIZE = 256
PAINTED_SHARE = 0.3
"""Share of invented photos that are painted lands, cut and colored anew."""


@dataclass(frozen=True, kw_only=True)
class RenderConfig:
    """How many scenes to render, at which size, from which seed.

    `image_size` is the side in pixels of the stored pictures, which are rendered at
    `img_resolution` and averaged down. Scenes with two weathers have probability `pair_share`;
    with `families`, scenes come in families of one land (`sgim.world.samples.draw_family`). With
    `photos`, every `FAMILY_SIZE` scenes in turn have an invented photo as their land
    (`sgim.world.invented_photos`).
    """

    num_scenes: int = 18_432
    image_size: int = 96
    img_resolution: int = 128
    pair_share: float = 0.3
    families: bool = False
    photos: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        require(
            self.num_scenes > 0 and self.num_scenes % SHARD_SIZE == 0,
            f"num_scenes is {self.num_scenes}; it must be a positive multiple of {SHARD_SIZE}.",
        )


@dataclass(frozen=True)
class Renders:
    """Pictures and all that may be told of them.

    `images`: (count, 3, size, size) uint8; `ws`: (count, num_ws, w_dim); `weathers`: name ->
    intensity of each; `landscapes`: the other scene parameters of each.
    """

    images: torch.Tensor
    ws: torch.Tensor
    weathers: list[dict[str, float]]
    landscapes: list[dict[str, float]]

    @property
    def fingerprint(self) -> str:
        """Of pictures and words."""
        told = {"weathers": self.weathers, "landscapes": self.landscapes}
        return fingerprint_of(told, [("images", self.images)])

    def __add__(self, other: "Renders") -> "Renders":
        """Both, one after the other."""
        return Renders(
            torch.cat([self.images, other.images]),
            torch.cat([self.ws, other.ws]),
            [*self.weathers, *other.weathers],
            [*self.landscapes, *other.landscapes],
        )


def render_shard(task: tuple[RenderConfig, int, Path]) -> Path:
    """Render shard number `index` of a data set to `folder`; return its path."""
    config, index, folder = task
    path = folder / f"shard_{index:04d}.npz"
    if path.exists():
        return path
    torch.set_num_threads(1)
    draw = _draw_photos if config.photos else _draw_lands
    pictures, latents, weathers, landscapes = [], [], [], []
    with torch.inference_mode():
        for generator, scenes in draw(config, config.seed * 100_003 + index):
            for ws in scenes.ws.split(16):
                images = generator.synthesis(ws)
                size = (config.image_size, config.image_size)
                images = F.interpolate(images, size, mode="bilinear", antialias=True)
                pictures.append(((images + 1) * 127.5).round().clamp(0, 255).byte())
            latents.append(scenes.ws)
            weathers += map(json.dumps, scenes.weathers)
            landscapes += map(json.dumps, scenes.landscapes)
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez(
            file,
            images=torch.cat(pictures).numpy(),
            ws=torch.cat(latents).numpy(),
            weathers=np.array(weathers),
            landscapes=np.array(landscapes),
        )
    return path


def _draw_lands(config: RenderConfig, seed: int) -> Iterator[tuple[SceneGenerator, SceneSamples]]:
    """All scenes of a shard, of one generator."""
    generator = SceneGenerator(img_resolution=config.img_resolution)
    yield (
        generator,
        draw_scenes(
            generator,
            SHARD_SIZE,
            seed=seed,
            pair_share=config.pair_share,
            families=config.families,
        ),
    )


def _draw_photos(config: RenderConfig, seed: int) -> Iterator[tuple[SceneGenerator, SceneSamples]]:
    """`FAMILY_SIZE` scenes of each of the shard's photos; a part of these are painted lands.

    Nothing true can be said of the place, so the landscapes are empty. The light is a photo's own,
    or between it and any other.
    """
    painted = SceneGenerator(img_resolution=config.img_resolution)
    rng = random.Random(seed)
    for _ in range(SHARD_SIZE // FAMILY_SIZE):
        photo_seed, base = rng.randrange(2**31), None
        if rng.random() < PAINTED_SHARE:
            z = torch.randn(1, painted.z_dim, generator=torch.Generator().manual_seed(photo_seed))
            base = (painted.synthesis(painted.mapping(z)) + 1) / 2
        photo = 2 * invent_photo(photo_seed, base) - 1
        generator = PhotoGenerator(photo, resolution=config.img_resolution)
        scenes = draw_scenes(
            generator,
            FAMILY_SIZE,
            seed=photo_seed,
            pair_share=config.pair_share,
            families=config.families,
        )
        light = LAYER_NAMES.index("light")
        scenes.ws[:, light] = torch.lerp(
            generator.w_avg[light], scenes.ws[:, light], max(0.0, rng.uniform(-1, 1))
        )
        yield generator, dataclasses.replace(scenes, landscapes=[{}] * FAMILY_SIZE)


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
    images, latents, weathers, landscapes = [], [], [], []
    for shard in shards:
        with np.load(shard, allow_pickle=False) as file:
            images.append(torch.from_numpy(file["images"]))
            latents.append(torch.from_numpy(file["ws"]))
            weathers += map(json.loads, file["weathers"].tolist())
            landscapes += map(json.loads, file["landscapes"].tolist())
    return Renders(torch.cat(images), torch.cat(latents), weathers, landscapes)
