"""How fast an edit step is beside the published loop: `python -m sgim bench edit`.

the same models in a fresh process for each way -> seconds per step, peak memory, latents

All weights and the sound are random, which changes no time.
"""

import dataclasses
import functools
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode
from tqdm import tqdm

from sgim.bundle import Bundle
from sgim.checks import require
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.editing.presets import preset_for
from sgim.evaluation.edit_models import EditModels
from sgim.evaluation.published_loop import published_manipulate
from sgim.evaluation.timing import Times
from sgim.models.sgim_audio import SAMPLE_RATE

SECONDS_OF_SOUND = 10
LARGEST_ROUNDING = 0.1
"""How far from the published latents ours may be by rounding in float32, see `way_apart`."""


@dataclass(frozen=True)
class Run:
    """One way: seconds per step, and the peak memory of its process in bytes."""

    steps: Times
    peak_bytes: int

    @classmethod
    def from_json(cls, kept: dict) -> "Run":
        """What `dataclasses.asdict` made JSON of."""
        return cls(Times.from_json(kept["steps"]), kept["peak_bytes"])


@dataclass(frozen=True, kw_only=True)
class EditBenchmark:
    """What `bench_edit` measured.

    `same` is our way with the published choices (`official_compat`), and `difference` how far its
    latents are from the published ones, as `way_apart` tells; `bfloat16` is None where the
    processor has no such arithmetic. `flops`: floating-point operations of a step, forward and for
    the latent's gradient, by plain sums; `flops_per_second`: the rate of one large convolution in
    float32.
    """

    published: Run
    same: Run
    ours: Run
    bfloat16: Run | None
    difference: float
    flops: float
    flops_per_second: float
    threads: int

    @classmethod
    def from_json(cls, kept: dict) -> "EditBenchmark":
        """What `dataclasses.asdict` made JSON of; where it was made is passed over."""
        numbers = {name: value for name, value in kept.items() if name != "made"}
        ways = ("published", "same", "ours", "bfloat16")
        return cls(**numbers | {way: kept[way] and Run.from_json(kept[way]) for way in ways})


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
    ways = _ways(models or EditModels(), repeats + 1)
    bar = tqdm(ways.items(), desc="timing", disable=not progress)
    results = {name: in_fresh_process(way) for name, way in bar}
    flops, flops_per_second, threads = results.pop("machine")
    trajectories = {name: trajectory for name, (_, trajectory) in results.items()}
    return EditBenchmark(
        **{"bfloat16": None} | {name: run for name, (run, _) in results.items()},
        difference=way_apart(trajectories["same"], trajectories["published"]),
        flops=flops,
        flops_per_second=flops_per_second,
        threads=threads,
    )


def _ways(models: EditModels, num_steps: int) -> dict[str, Callable[[], tuple]]:
    """What is done in a process of its own, by name."""

    def config(**changes) -> ManipulateConfig:
        return dataclasses.replace(preset_for("paper").config, num_steps=num_steps, **changes)

    ways = {
        "machine": functools.partial(measure_machine, models),
        "published": functools.partial(run_published, models, config()),
        "same": functools.partial(run_ours, models, config(official_compat=True)),
        "ours": functools.partial(run_ours, models, config()),
    }
    if has_bfloat16():
        ways["bfloat16"] = functools.partial(run_ours, models, config(autocast=True))
    return ways


def way_apart(trajectory: np.ndarray, other: np.ndarray) -> float:
    """The largest distance from another trajectory, relative to how far that one has come.

    Both are (1 + num_steps, 1, num_ws, w_dim), from the same source.
    """
    apart, way = (
        np.linalg.norm(steps[1:].reshape(len(steps) - 1, -1), axis=1)
        for steps in (trajectory - other, other - other[0])
    )
    return float((apart / way).max())


def in_fresh_process(work: Callable[[], object]) -> object:
    """Do some work where nothing has used memory before, and return what it returns."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(work).result()


def has_bfloat16() -> bool:
    """True where the processor multiplies in bfloat16, as far as Linux tells."""
    told = Path("/proc/cpuinfo")
    return told.is_file() and any(name in told.read_text() for name in ("avx512_bf16", "amx_bf16"))


def measure_machine(models: EditModels) -> tuple[float, float, int]:
    """Operations of a step, how many a large convolution does in a second, threads."""
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
    rate = 2 * weight.numel() * 64**2 / min(seconds)
    return 2 * counter.get_total_flops(), rate, torch.get_num_threads()


def run_ours(models: EditModels, config: ManipulateConfig) -> tuple[Run, np.ndarray]:
    """The steps of `sgim.manipulate`, and its trajectory."""
    bundle, ends = models.bundle(), []
    result = manipulate(
        bundle,
        source_latent(bundle),
        sound=(some_sound(), SAMPLE_RATE),
        config=config,
        callback=lambda step: ends.append(time.perf_counter()),
    )
    return as_run(ends), result.trajectory.numpy()


def run_published(
    models: EditModels,
    config: ManipulateConfig,
    change: Callable[[torch.Tensor], torch.Tensor] = lambda ws: ws,
) -> tuple[Run, np.ndarray]:
    """The steps of the published loop from a source that `change` may change; its trajectory."""
    bundle, ends = models.bundle(), []
    trajectory = published_manipulate(
        bundle,
        change(source_latent(bundle)),
        torch.from_numpy(some_sound())[None],
        config,
        callback=lambda: ends.append(time.perf_counter()),
    )
    return as_run(ends), trajectory.numpy()


def source_latent(bundle: Bundle) -> torch.Tensor:
    """The same latent in every process: (1, num_ws, w_dim)."""
    z = torch.randn(1, bundle.generator.z_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return bundle.generator.mapping(z, truncation_psi=0.7)


def some_sound() -> np.ndarray:
    """Quiet noise, (num_samples,) at 44.1 kHz."""
    random = np.random.default_rng(0)
    return 0.1 * random.standard_normal(SECONDS_OF_SOUND * SAMPLE_RATE, np.float32)


def as_run(ends: list[float]) -> Run:
    """Each step lasts from the end of the one before it to its own."""
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return Run(Times(tuple(np.diff(ends).tolist())), peak)
