"""Four objectives trained alike: what each term buys, and what audio-visual accidents cost.

sounds and pictures of the same weathers, with and without planted accidents -> one training per
objective, condition and seed -> table (mean +- standard deviation over seeds) and figure.

A planted accident ties one recording's background to its picture, as one video does: a whistle of
one of eight pitches runs through the sound, and the picture shows one of eight places. Neither
says anything of the weather. Held-out sounds and pictures have accidents of their own, drawn
independently of each other.
"""

import dataclasses
import json
import random
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from tqdm import tqdm

from sgim.bundle import load_bundle
from sgim.checks import atomic_path
from sgim.embedding.alignment import OBJECTIVES, AlignConfig, align
from sgim.embedding.pairs import AlignmentData, pair_sounds
from sgim.embedding.zero_shot import label_features
from sgim.media.log_mel import LogMel
from sgim.metrics import accuracy, zero_shot_scores
from sgim.models.audio_encoder import AudioEncoder
from sgim.world.names import SOUND_NAMES
from sgim.world.randomize import training_sound
from sgim.world.samples import draw_sounds, place_weathers

NUM_ACCIDENTS = 8
SAMPLE_RATE = 16_000
TEXT_BATCH = 512
NEAR = 0.2
"""A retrieved item counts when its class is right and its intensity is off by at most this."""

MEASURES = {
    "zero_shot": "zero-shot",
    "sound_to_image": "sound → picture",
    "image_to_sound": "picture → sound",
    "noise": "zero-shot in noise",
}


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


def near_rate(queries: torch.Tensor, targets: torch.Tensor, pairs: Pairs) -> float:
    """Share of queries whose nearest target has their class and nearly their intensity."""
    found = zero_shot_scores(queries, targets).argmax(dim=1)
    same = pairs.classes[found] == pairs.classes
    near = (pairs.intensities[found] - pairs.intensities).abs() <= NEAR
    return (same & near).float().mean().item()


@torch.no_grad()
def measure(
    encoder: AudioEncoder, held_out: Pairs, class_features: torch.Tensor
) -> dict[str, float]:
    """Every measure of `MEASURES` on held-out pairs."""
    device = next(encoder.parameters()).device

    def embed(log_mels: torch.Tensor) -> torch.Tensor:
        centered = (log_mels - log_mels.mean(dim=(1, 2), keepdim=True))[:, None]
        return F.normalize(
            torch.cat([encoder(part.to(device)).cpu() for part in centered.split(64)]), dim=1
        )

    def zero_shot(features: torch.Tensor) -> float:
        named = zero_shot_scores(features, class_features.cpu()).argmax(dim=1)
        return accuracy(held_out.classes.tolist(), named.tolist())

    sounds = embed(held_out.log_mels)
    return {
        "zero_shot": zero_shot(sounds),
        "sound_to_image": near_rate(sounds, held_out.image_features, held_out),
        "image_to_sound": near_rate(held_out.image_features, sounds, held_out),
        "noise": zero_shot(embed(held_out.noisy_log_mels)),
    }


def _jobs(config: AblationConfig) -> Iterator[tuple[str, str, int]]:
    for seed in config.seeds:
        for condition in ("clean", "accidents"):
            for objective in OBJECTIVES:
                yield objective, condition, seed


def ablate(
    folder: str | Path = "build/ablation",
    *,
    config: AblationConfig | None = None,
    progress: bool = True,
) -> list[dict]:
    """Train every objective on clean pairs and on pairs with accidents, over all seeds.

    Each finished training is kept in `folder/runs.json`; a call that was stopped goes on. Writes
    `table.md` and `figure.png` there as well.

    Returns
    -------
    list of dict
        One per training: objective, condition, seed, and the measures on held-out pairs.
    """
    config, folder = config or AblationConfig(), Path(folder)
    path = folder / "runs.json"
    settings = json.loads(json.dumps(dataclasses.asdict(config)))
    kept = json.loads(path.read_text()) if path.is_file() else {}
    runs = kept["runs"] if kept.get("config") == settings else []
    finished = {(run["objective"], run["condition"], run["seed"]) for run in runs}
    left = [job for job in _jobs(config) if job not in finished]
    if left:
        bundle = load_bundle("mini")
        class_features = label_features(bundle.encode_text, SOUND_NAMES)
        worlds = {
            "clean": _world(bundle, config, "none", "none", progress),
            "accidents": _world(bundle, config, "shared", "independent", progress),
        }
    for objective, condition, seed in tqdm(left, "trainings", disable=not progress):
        data, held_out = worlds[condition]
        torch.manual_seed(seed)
        result = align(
            AudioEncoder(dataclasses.replace(bundle.audio_encoder.config, widths=config.widths)),
            data,
            config=AlignConfig(
                **OBJECTIVES[objective],
                num_epochs=config.num_epochs,
                seed=seed,
                view_seconds=config.seconds * 0.8,
            ),
            progress=False,
        )
        scores = measure(result.encoder, held_out, class_features)
        runs.append({"objective": objective, "condition": condition, "seed": seed} | scores)
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps({"config": settings, "runs": runs}, indent=2) + "\n")
    with atomic_path(folder / "table.md") as temporary:
        temporary.write_text(to_markdown(runs) + "\n")
    with atomic_path(folder / "figure.png") as temporary:
        plot(runs).savefig(temporary, dpi=150)
    return runs


def _world(bundle, config: AblationConfig, training: str, testing: str, progress: bool):
    train = make_pairs(
        bundle, config.num_clips, config, accidents=training, seed=config.data_seed,
        progress=progress,
    )  # fmt: skip
    held_out = make_pairs(
        bundle, config.num_held_out, config, accidents=testing, seed=config.data_seed + 1000,
        progress=progress,
    )  # fmt: skip
    return training_data(bundle, train), held_out


def summary(runs: list[dict], objective: str, condition: str, measure: str) -> tuple[float, float]:
    """Mean and standard deviation over the seeds."""
    values = [
        run[measure]
        for run in runs
        if (run["objective"], run["condition"]) == (objective, condition)
    ]
    return statistics.mean(values), statistics.stdev(values) if values[1:] else 0.0


def to_markdown(runs: list[dict]) -> str:
    """The table: one row per objective; the last two columns after training with accidents."""
    heads = [*MEASURES.values(), "zero-shot, accidents", "sound → picture, accidents"]
    lines = ["| objective | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    cells = [("clean", measure) for measure in MEASURES]
    cells += [("accidents", "zero_shot"), ("accidents", "sound_to_image")]
    for objective in OBJECTIVES:
        row = [summary(runs, objective, *cell) for cell in cells]
        told = " | ".join(f"{mean:.1%} ± {spread:.1%}" for mean, spread in row)
        lines.append(f"| {objective} | {told} |")
    return "\n".join(lines)


def plot(runs: list[dict]) -> Figure:
    """Bars of zero-shot and sound → picture, trained on clean pairs and with accidents."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for ax, measure in zip(axes, ("zero_shot", "sound_to_image"), strict=True):
        for shift, condition in ((-0.2, "clean"), (0.2, "accidents")):
            rows = [summary(runs, objective, condition, measure) for objective in OBJECTIVES]
            ax.barh(
                [index + shift for index in range(len(rows))],
                [mean for mean, _ in rows],
                height=0.36,
                xerr=[spread for _, spread in rows],
                label=condition,
            )
        ax.set_yticks(range(len(OBJECTIVES)), list(OBJECTIVES))
        ax.set_xlim(0, 1)
        ax.set_title(MEASURES[measure])
        ax.invert_yaxis() if measure == "zero_shot" else None
        ax.spines[["top", "right"]].set_visible(False)
    handles, conditions = axes[1].get_legend_handles_labels()
    labels = [f"trained on pairs: {condition}" for condition in conditions]
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure
