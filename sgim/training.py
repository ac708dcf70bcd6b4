"""Makes the shipped weights of the mini world from nothing: `python -m sgim train all`.

renders -> mini CLIP, judge · sounds + frozen CLIP -> audio encoder · each with its card.
Every stage leaves its results in a folder and is skipped or continued when called again.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from sgim.align import AlignConfig, align
from sgim.alignment_data import (
    AlignmentData,
    SoundDataConfig,
    prepare_data,
    synthesize_sounds,
)
from sgim.bundle import load_clip, save_weights
from sgim.checks import require_one_of
from sgim.clip_training import (
    ClipTrainingConfig,
    RenderConfig,
    load_renders,
    render_scenes,
    train_clip,
    train_judge,
)
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.models.clip import preprocess_images
from sgim.world.captions import WordTokenizer

STAGES = ("clip", "judge", "audio")
LICENSE = "MIT; trained on synthetic scenes and sounds alone"


@dataclass(frozen=True, kw_only=True)
class MiniTrainingConfig:
    """Settings of all stages of the mini world."""

    renders: RenderConfig = RenderConfig()
    judge_renders: RenderConfig = RenderConfig(num_scenes=4096, pair_share=0.0, seed=2)
    clip: ClipTrainingConfig = ClipTrainingConfig()
    judge: ClipTrainingConfig = ClipTrainingConfig(num_epochs=8, seed=2)
    sounds: SoundDataConfig = SoundDataConfig()
    align: AlignConfig = AlignConfig(view_seconds=3.0)


def train_mini(
    stage: str = "all",
    *,
    folder: Path = Path("build/training"),
    weights_folder: Path | None = None,
    config: MiniTrainingConfig | None = None,
    num_workers: int = 2,
    progress: bool = True,
) -> None:
    """Train one stage ("clip", "judge", "audio") or all, and write their weights.

    Parameters
    ----------
    folder : Path
        For renders, sounds and checkpoints, about 2 GB.
    weights_folder : Path
        Where the weights go; the package's own folder when left out.
    """
    require_one_of("stage", stage, ("all", *STAGES))
    config = config or MiniTrainingConfig()
    run = {"clip": _make_clip, "judge": _make_judge, "audio": _make_audio}
    for name in STAGES if stage == "all" else (stage,):
        started = time.perf_counter()
        model, settings, notes = run[name](config, folder, num_workers, progress)
        notes = {
            "license": LICENSE,
            "command": f"python -m sgim train {name}",
            "minutes": round((time.perf_counter() - started) / 60, 1),
            **notes,
        }
        save_weights(f"mini_{name}", model, settings, notes=notes, folder=weights_folder)


def _make_clip(config, folder, num_workers, progress):
    shards = render_scenes(
        config.renders, folder / "renders", num_workers=num_workers, progress=progress
    )
    model, clip_config, history = train_clip(
        shards, folder / "clip.safetensors", config=config.clip, progress=progress
    )
    return model, clip_config, {"epoch_losses": [round(loss, 4) for loss in history]}


def _make_judge(config, folder, num_workers, progress):
    shards = render_scenes(
        config.judge_renders, folder / "judge_renders", num_workers=num_workers, progress=progress
    )
    model, history = train_judge(
        shards, folder / "judge.safetensors", config=config.judge, progress=progress
    )
    return model, model.config, {"epoch_losses": [round(loss, 4) for loss in history]}


def _make_audio(config, folder, num_workers, progress):
    encoder_config = AudioEncoderConfig()
    sounds = synthesize_sounds(
        config.sounds,
        encoder_config.log_mel,
        folder / "sounds",
        num_workers=num_workers,
        progress=progress,
    )
    renders = render_scenes(
        config.renders, folder / "renders", num_workers=num_workers, progress=progress
    )
    data = frozen_features(sounds, renders, progress=progress)
    torch.manual_seed(config.align.seed)
    result = align(
        AudioEncoder(encoder_config),
        data,
        config=config.align,
        checkpoint=folder / "audio.safetensors",
        progress=progress,
    )
    history = [{k: round(v, 4) for k, v in epoch.items()} for epoch in result.history]
    return result.encoder, encoder_config, {"epoch_losses": history}


@torch.no_grad()
def frozen_features(
    sounds: list[Path], renders: list[Path], *, progress: bool = True
) -> AlignmentData:
    """Embed captions and renders once with the shipped CLIP and pair them with the sounds."""
    clip, clip_config = load_clip(torch.device("cpu"))
    tokenizer = WordTokenizer(context_length=clip_config.context_length)
    images, _, weathers = load_renders(renders)
    image_features = torch.cat(
        [
            clip.encode_image(
                preprocess_images(batch.float() / 127.5 - 1, clip_config), normalize=True
            )
            for batch in tqdm(images.split(256), "embedding pictures", disable=not progress)
        ]
    )
    return prepare_data(
        lambda texts: clip.encode_text(tokenizer(texts), normalize=True),
        sounds,
        image_features,
        weathers,
    )
