"""What an edit step takes in batches and at 1024 pixels: `python -m sgim bench edit --sizes`.

pixels, batch -> our steps in a fresh process -> seconds, page faults, peak memory
the published loop from a source, and from the same source rounded elsewhere -> how far apart

All weights and the sound are random, which changes no time.
"""

import dataclasses
import functools
import os
import resource
import shutil
import time
from dataclasses import dataclass

import numpy as np
import torch
from tqdm import tqdm

from sgim.checks import require
from sgim.editing.manipulate_config import ManipulateConfig
from sgim.editing.manipulation import manipulate
from sgim.editing.presets import preset_for
from sgim.evaluation import edit_speed
from sgim.evaluation.edit_models import GENERATORS, EditModels
from sgim.evaluation.edit_speed import Run, run_ours, run_published, source_latent, way_apart
from sgim.models.sgim_audio import SAMPLE_RATE
from sgim.models.stylegan2 import StyleGAN2Config, channel_plan

BATCHES = (4, 16)
LARGE = EditModels(generator=StyleGAN2Config(channels=channel_plan(1024)))
ROUNDED_STEPS = 6
ONE, COMPILED, AT_1024 = "one edit", "one edit, torch.compile", "one edit at 1024 pixels"
NO_COMPILER = "no C++ compiler is here"


@dataclass(frozen=True)
class SizedRun:
    """Steps of `batch` edits at once, and the process's peak.

    Medians per step: `processor_seconds`, over all threads, which other work on the machine changes
    little, and `page_faults`.
    """

    batch: int
    run: Run
    processor_seconds: float
    page_faults: float

    @classmethod
    def from_json(cls, kept: dict) -> "SizedRun":
        """What `dataclasses.asdict` made JSON of."""
        return cls(**kept | {"run": Run.from_json(kept["run"])})


@dataclass(frozen=True, kw_only=True)
class SizesBenchmark:
    """What `bench_sizes` measured.

    `runs` by name, None for what cannot run here. `clip_share`: of a step, in [0, 1]. `rounding`:
    how far the published loop comes from itself, see `way_apart`, when its source is rounded
    elsewhere; `difference`: how far ours with the published choices is from it. Both after
    `ROUNDED_STEPS` steps in float32.
    """

    runs: dict[str, SizedRun | None]
    clip_share: float
    rounding: float
    difference: float
    threads: int

    @classmethod
    def from_json(cls, kept: dict) -> "SizesBenchmark":
        """What `dataclasses.asdict` made JSON of; where it was made is passed over."""
        numbers = {name: value for name, value in kept.items() if name != "made"}
        runs = {name: one and SizedRun.from_json(one) for name, one in kept["runs"].items()}
        return cls(**numbers | {"runs": runs})


def bench_sizes(
    *,
    repeats: int = 2,
    models: EditModels | None = None,
    large: EditModels = LARGE,
    progress: bool = True,
) -> SizesBenchmark:
    """Time steps of one edit, of several at once and at 1024 pixels, after one that warms up.

    Parameters
    ----------
    repeats : int
        Steps that are timed.
    models, large : EditModels
        Those of the paper for 256 and for 1024 pixels, when left out.

    Raises
    ------
    SgimError
        For a number of steps below 1.
    """
    require(repeats > 0, f"repeats is {repeats}; it must be 1 or more: raise it.")
    models = models or EditModels(generator=GENERATORS["stylegan2"])
    config = dataclasses.replace(preset_for("paper").config, num_steps=repeats + 1)
    compiling = dataclasses.replace(config, compile=True)
    works = {
        ONE: functools.partial(run_sized, models, config, 1),
        COMPILED: functools.partial(run_sized, models, compiling, 1) if has_compiler() else None,
        **{f"{n} edits": functools.partial(run_sized, models, config, n) for n in BATCHES},
        AT_1024: functools.partial(run_sized, large, config, 1),
        "clip": functools.partial(measure_clip_share, models, repeats),
        "rounding": functools.partial(measure_rounding, models),
    }
    bar = tqdm(works.items(), desc="timing", disable=not progress)
    results = {name: work and edit_speed.in_fresh_process(work) for name, work in bar}
    rounding, difference = results.pop("rounding")
    return SizesBenchmark(
        clip_share=results.pop("clip"),
        rounding=rounding,
        difference=difference,
        runs=results,
        threads=torch.get_num_threads(),
    )


def has_compiler() -> bool:
    """Whether `torch.compile` finds what it needs on the CPU."""
    names = (os.environ.get("CXX", ""), "g++", "clang++")
    return any(shutil.which(name) for name in names if name)


def run_sized(models: EditModels, config: ManipulateConfig, batch: int) -> SizedRun:
    """Steps of `batch` edits from one source."""
    bundle, ends, used = models.bundle(), [], []

    def look(step) -> None:
        ends.append(time.perf_counter())
        usage = resource.getrusage(resource.RUSAGE_SELF)
        used.append((usage.ru_utime + usage.ru_stime, usage.ru_minflt))

    manipulate(
        bundle,
        source_latent(bundle).expand(batch, -1, -1),
        sound=(edit_speed.some_sound(), SAMPLE_RATE),
        config=config,
        callback=look,
    )
    seconds, faults = np.median(np.diff(used, axis=0), axis=0).tolist()
    return SizedRun(batch, edit_speed.as_run(ends), seconds, faults)


def measure_clip_share(models: EditModels, repeats: int) -> float:
    """The share of CLIP in the time of a picture, its embedding and the latent's gradient."""
    bundle, shares = models.bundle(), []
    for _ in range(repeats + 1):
        ws = source_latent(bundle).requires_grad_(True)
        marks = [time.perf_counter()]
        images = bundle.generator.synthesis(ws)
        marks.append(time.perf_counter())
        seen = images.detach().requires_grad_(True)
        bundle.encode_image(seen).sum().backward()
        marks.append(time.perf_counter())
        images.backward(seen.grad)
        marks.append(time.perf_counter())
        shares.append((marks[2] - marks[1]) / (marks[3] - marks[0]))
    return float(np.median(shares[1:]))


def measure_rounding(models: EditModels) -> tuple[float, float]:
    """How far the published loop is from itself, rounded elsewhere, and ours from it."""
    config = dataclasses.replace(preset_for("paper").config, num_steps=ROUNDED_STEPS)
    _, published = run_published(models, config)
    _, elsewhere = run_published(models, config, change=rounded_elsewhere)
    _, ours = run_ours(models, dataclasses.replace(config, official_compat=True))
    return way_apart(elsewhere, published), way_apart(ours, published)


def rounded_elsewhere(ws: torch.Tensor) -> torch.Tensor:
    """Each number moved to one of its neighbors in float32, by chance."""
    random = torch.Generator().manual_seed(1)
    toward = torch.where(torch.rand(ws.shape, generator=random) < 0.5, -torch.inf, torch.inf)
    return torch.nextafter(ws, toward.to(ws))


def sizes_table(result: SizesBenchmark) -> str:
    """One row per run, and what else was measured."""
    one = result.runs[ONE]
    lines = [
        "| edits | step | processor time per edit | beside one | page faults | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    for name, sized in result.runs.items():
        if sized is None:
            lines.append(f"| {name} | {NO_COMPILER} | | | | |")
            continue
        per_edit = sized.processor_seconds / sized.batch
        lines.append(
            f"| {name} | {sized.run.steps} | {per_edit:.2g} s | "
            f"{per_edit / one.processor_seconds:.2f} | {sized.page_faults:.0f} | "
            f"{sized.run.peak_bytes / 1e9:.2f} GB |"
        )
    how = (
        f"Median of {len(one.run.steps.seconds)} steps (lowest–highest) after one that warms up, "
        f"each row in a process of its own; threads: {result.threads}. CLIP takes "
        f"{result.clip_share:.0%} of a step. Processor time and page faults are those of a step."
    )
    rounding = (
        f"After {ROUNDED_STEPS} steps in float32 with the published choices our latents are "
        f"{result.difference:.1g} from the published ones, relative to their way. The published "
        f"loop is {result.rounding:.1g} from itself when each number of its source is moved to one "
        "of its two neighbors in float32."
    )
    return "\n".join([*lines, "", how, "", rounding])
