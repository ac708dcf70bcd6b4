"""How fast an edit step is beside the published loop: `python -m sgim bench edit`.

the same models in a fresh process for each way -> seconds per step, peak memory, latents -> table

The published way: weights of every item's own in one grouped convolution, gradients for all weights
of the generator and of CLIP, pictures enlarged 7 times before pooling, and the constant sound
embedded again at each step. All weights and the sound are random, which changes no time.
"""

import functools
import math
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import open_clip
import torch
import torch.nn.functional as F
from open_clip.constants import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD
from open_clip.model import CLIP
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

from sgim.bundle import Bundle
from sgim.checks import require
from sgim.editing.errata import GRID, PublishedLayerMask, published_distance
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.editing.schedules import learning_rate_factor
from sgim.evaluation.times import Times
from sgim.losses import latent_similarity_loss
from sgim.models.clip import PixelConfig
from sgim.models.frozen_dense import with_fast_dense_layers
from sgim.models.modulated_conv import low_pass_kernel, modulated_conv2d_per_sample, upfirdn2d
from sgim.models.openai_clip import ClipTokenizer
from sgim.models.sgim_audio import SAMPLE_RATE, SgimAudioEncoder, SgimFrontEnd
from sgim.models.stylegan2 import StyleGAN2, StyleGAN2Config, channel_plan
from sgim.models.stylegan2_synthesis import Synthesis

SECONDS_OF_SOUND = 10


@dataclass(frozen=True, kw_only=True)
class EditModels:
    """Sizes of the models that are timed: StyleGAN2 of landscapes and CLIP ViT-B/32."""

    channels: tuple[int, ...] = channel_plan(256)
    clip_name: str = "ViT-B-32"

    def bundle(self) -> Bundle:
        """The models with random weights, on the CPU, frozen."""
        torch.manual_seed(0)
        clip = CLIP(**open_clip.get_model_config(self.clip_name)).eval().requires_grad_(False)
        generator = StyleGAN2(StyleGAN2Config(channels=self.channels))
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


@dataclass(frozen=True)
class Run:
    """One way: seconds per step, peak memory of its process in bytes, latents after each step."""

    steps: Times
    peak_bytes: int
    trajectory: np.ndarray

    def difference(self, other: "Run") -> float:
        """The largest distance from another trajectory, relative to how far that one has come."""
        apart, way = (
            np.linalg.norm(steps[1:].reshape(len(steps) - 1, -1), axis=1)
            for steps in (
                self.trajectory - other.trajectory,
                other.trajectory - other.trajectory[0],
            )
        )
        return float((apart / way).max())


@dataclass(frozen=True, kw_only=True)
class EditBenchmark:
    """What `bench_edit` measured.

    `same` is our way with the published choices (`official_compat`), whose trajectory is compared;
    `bfloat16` is None where the processor has no such arithmetic. `flops`: floating-point
    operations of a step, forward and for the latent's gradient, by plain sums; `flops_per_second`:
    the rate of one large convolution in float32.
    """

    published: Run
    same: Run
    ours: Run
    bfloat16: Run | None
    flops: float
    flops_per_second: float
    threads: int


def bench_edit(
    *, repeats: int = 5, models: EditModels | None = None, progress: bool = True
) -> EditBenchmark:
    """Time the steps of an edit of one picture on the CPU, after a step that warms up.

    Parameters
    ----------
    repeats : int
        Steps that are timed.
    models : EditModels
        Those of the paper, for landscapes of 256 pixels, when left out.

    Raises
    ------
    SgimError
        For a number of steps below 1.
    """
    require(repeats > 0, f"repeats is {repeats}; it must be 1 or more: raise it.")
    models = models or EditModels()
    config = ManipulateConfig(num_steps=repeats + 1, learning_rate=0.1)
    ways = {
        "machine": functools.partial(measure_machine, models),
        "published": functools.partial(run_published, models, config),
    }
    settings = {"same": {"official_compat": True}, "ours": {}}
    if has_bfloat16():
        settings["bfloat16"] = {"autocast": True}
    for name, changes in settings.items():
        own = ManipulateConfig(num_steps=repeats + 1, learning_rate=0.1, **changes)
        ways[name] = functools.partial(run_ours, models, own)
    bar = tqdm(ways.items(), desc="timing", disable=not progress)
    results = {name: in_fresh_process(way) for name, way in bar}
    flops, flops_per_second = results.pop("machine")
    return EditBenchmark(
        **{"bfloat16": None} | results,
        flops=flops,
        flops_per_second=flops_per_second,
        threads=torch.get_num_threads(),
    )


def in_fresh_process(work: Callable[[], object]) -> object:
    """Do some work where nothing has used memory before, and return what it returns."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(work).result()


def has_bfloat16() -> bool:
    """True where the processor multiplies in bfloat16, as far as Linux tells."""
    told = Path("/proc/cpuinfo")
    return told.is_file() and any(name in told.read_text() for name in ("avx512_bf16", "amx_bf16"))


def measure_machine(models: EditModels) -> tuple[float, float]:
    """Floating-point operations of a step, and how many a large convolution does in a second."""
    bundle = models.bundle()
    bundle.generator.requires_grad_(True)
    with FlopCounterMode(display=False) as counter:
        bundle.encode_image(bundle.generator.synthesis(bundle.generator.w_avg[None]))
    x, weight = torch.randn(1, 512, 64, 64), torch.randn(512, 512, 3, 3)
    seconds = []
    for _ in range(8):
        started = time.perf_counter()
        F.conv2d(x, weight, padding=1)
        seconds.append(time.perf_counter() - started)
    return 2 * counter.get_total_flops(), 2 * weight.numel() * 64**2 / min(seconds)


def run_ours(models: EditModels, config: ManipulateConfig) -> Run:
    """The steps of `sgim.manipulate`."""
    bundle = models.bundle()
    ends = []
    result = manipulate(
        bundle,
        source_latent(bundle),
        sound=(some_sound(), SAMPLE_RATE),
        config=config,
        callback=lambda step: ends.append(time.perf_counter()),
    )
    return _as_run(ends, result.trajectory)


def run_published(models: EditModels, config: ManipulateConfig) -> Run:
    """The steps of the published loop."""
    bundle = models.bundle()
    for model in (bundle.generator, bundle.clip):
        model.requires_grad_(True)
    source_ws = source_latent(bundle)
    sound = torch.from_numpy(some_sound())[None]
    ws = source_ws.clone().requires_grad_(True)
    optimizer = torch.optim.Adam([ws], lr=config.learning_rate)
    mask = PublishedLayerMask(1, bundle.generator.num_ws, config.mask_rate, ws.device)
    ends, trajectory = [], [source_ws]
    for step in range(config.num_steps):
        optimizer.param_groups[0]["lr"] = config.learning_rate * learning_rate_factor(
            step, config.num_steps, config.ramp_up, config.ramp_down
        )
        target = bundle.audio_encoder(bundle.log_mel(sound))
        images = published_synthesis(bundle.generator.synthesis, ws)
        times = bundle.clip_config.image_size // GRID
        enlarged = F.interpolate(images, scale_factor=times, mode="nearest")
        pixels = F.avg_pool2d(enlarged, images.shape[-1] // GRID)
        features = bundle.clip.encode_image(pixels, normalize=True)
        similarity = latent_similarity_loss(ws, source_ws, mask.weights)
        loss = published_distance(features, target) + config.similarity_weight * similarity
        optimizer.zero_grad()
        loss.sum().backward()
        optimizer.step()
        mask.update(trajectory[-1], source_ws)
        trajectory.append(ws.detach().clone())
        ends.append(time.perf_counter())
    return _as_run(ends, torch.stack(trajectory))


def published_synthesis(synthesis: Synthesis, ws: torch.Tensor) -> torch.Tensor:
    """`synthesis(ws)` with own weights for every item, and the low-pass filter on each channel."""
    rows = ws.unbind(1)

    def convolve(layer, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        x = modulated_conv2d_per_sample(
            x, layer.weight, layer.modulation(w), upsample=layer.upsample
        )
        x = x + layer.noise_strength * layer.noise + layer.bias[:, None, None]
        return F.leaky_relu(x, 0.2) * math.sqrt(2)

    def color(layer, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        colors = modulated_conv2d_per_sample(x, layer.weight, layer.modulation(w), demodulate=False)
        return colors + layer.bias[:, None, None]

    x = convolve(synthesis.convs[0], synthesis.const.expand(len(ws), -1, -1, -1), rows[0])
    images = color(synthesis.to_rgbs[0], x, rows[1])
    for level, to_rgb in enumerate(synthesis.to_rgbs[1:], start=1):
        row = 2 * level - 1
        x = convolve(synthesis.convs[row], x, rows[row])
        x = convolve(synthesis.convs[row + 1], x, rows[row + 1])
        images = upfirdn2d(images, 4 * low_pass_kernel(images), up=2, padding=(2, 1))
        images = images + color(to_rgb, x, rows[row + 2])
    return images


def source_latent(bundle: Bundle) -> torch.Tensor:
    """The same latent in every process: (1, num_ws, w_dim)."""
    z = torch.randn(1, bundle.generator.z_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return bundle.generator.mapping(z, 0.7)


def some_sound() -> np.ndarray:
    """Quiet noise, (num_samples,) at 44.1 kHz."""
    random = np.random.default_rng(0)
    return 0.1 * random.standard_normal(SECONDS_OF_SOUND * SAMPLE_RATE, np.float32)


def _as_run(ends: list[float], trajectory: torch.Tensor) -> Run:
    """Each step lasts from the end of the one before it to its own."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return Run(Times(tuple(np.diff(ends).tolist())), peak, trajectory.numpy())


def to_markdown(result: EditBenchmark) -> str:
    """The table, how it was measured, and how far the trajectories are apart."""
    published = result.published
    rows = {
        "the published loop": published,
        "ours, with the published choices": result.same,
        "ours": result.ours,
        "ours, bfloat16": result.bfloat16,
    }
    lines = [
        "| way | step | times as fast | of the peak rate | peak memory |",
        "|---|---|---|---|---|",
    ]
    for name, run in rows.items():
        if run is None:
            lines.append(f"| {name} | this processor has no such arithmetic | | | |")
            continue
        share = result.flops / run.steps.median / result.flops_per_second
        lines.append(
            f"| {name} | {run.steps} | {published.steps.median / run.steps.median:.1f} | "
            f"{100 * share:.0f}% | {run.peak_bytes / 1e9:.2f} GB |"
        )
    count = len(published.steps.seconds)
    apart = f"{result.same.difference(published):.1g}"
    return "\n".join(
        [
            *lines,
            "",
            f"Median of {count} steps (lowest–highest) after a warm-up, each way in a process of "
            f"its own; threads: {result.threads}. A step takes {result.flops / 1e9:.0f} GFLOP "
            f"by plain sums; a large convolution runs at {result.flops_per_second / 1e9:.0f} "
            f"GFLOP/s in float32. After {count + 1} steps with the published choices, our "
            f"latents are {apart} from the published ones, relative to their way.",
        ]
    )
