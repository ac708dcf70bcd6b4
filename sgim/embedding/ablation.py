"""Four objectives trained alike: what each term buys, and what audio-visual accidents cost.

pairs with and without planted accidents -> one training per objective, condition and seed -> table
(mean +- standard deviation over seeds)
"""

import dataclasses
import json
import statistics
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
from tqdm import tqdm

from sgim.bundle import load_bundle
from sgim.checks import atomic_path
from sgim.embedding.alignment import align
from sgim.embedding.alignment_terms import OBJECTIVES, AlignConfig
from sgim.embedding.pairs import AlignmentData
from sgim.embedding.planted_accidents import AblationConfig, Pairs, make_pairs, training_data
from sgim.embedding.zero_shot import label_features
from sgim.metrics import accuracy, zero_shot_scores
from sgim.models.audio_encoder import AudioEncoder
from sgim.provenance import provenance
from sgim.world.names import SOUND_NAMES

NEAR = 0.2
"""A retrieved item counts when its class is right and its intensity is off by at most this."""

MEASURES = {
    "zero_shot": "zero-shot",
    "sound_to_image": "sound → picture",
    "image_to_sound": "picture → sound",
    "noise": "zero-shot in noise",
}


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
    `table.md` there as well.

    Returns
    -------
    list of dict
        One per training: objective, condition, seed, and the measures on held-out pairs.
    """
    config, folder = config or AblationConfig(), Path(folder)
    made = provenance(
        f"sgim ablate --seeds {len(config.seeds)}",
        {"trainings": config.seeds, "data": config.data_seed},
    )
    path = folder / "runs.json"
    settings = json.loads(json.dumps(dataclasses.asdict(config)))
    runs = _finished_runs(path, settings)
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
        encoder = train_objective(bundle, data, config, objective, seed)
        scores = measure(encoder, held_out, class_features)
        runs.append({"objective": objective, "condition": condition, "seed": seed} | scores)
        with atomic_path(path) as temporary:
            results = {"made": made, "config": settings, "runs": runs}
            temporary.write_text(json.dumps(results, indent=2) + "\n")
    with atomic_path(folder / "table.md") as temporary:
        temporary.write_text(to_markdown(runs) + "\n")
    return runs


def _finished_runs(path: Path, settings: dict) -> list[dict]:
    kept = json.loads(path.read_text()) if path.is_file() else {}
    return kept["runs"] if kept.get("config") == settings else []


def train_objective(
    bundle, data: AlignmentData, config: AblationConfig, objective: str, seed: int
) -> AudioEncoder:
    """One small encoder, trained with one of `OBJECTIVES`."""
    torch.manual_seed(seed)
    settings = dataclasses.replace(bundle.audio_encoder.config, widths=config.widths)
    align_config = AlignConfig(
        **OBJECTIVES[objective],
        num_epochs=config.num_epochs,
        seed=seed,
        view_seconds=config.seconds * 0.8,
    )
    return align(AudioEncoder(settings), data, config=align_config, progress=False).encoder


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
