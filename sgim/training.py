"""Makes the shipped weights of the mini world from nothing: `python -m sgim train all`.

renders -> mini CLIP, judge · sounds + frozen CLIP -> audio encoder · each with its card.
Every stage leaves its results in a folder and is skipped or continued when called again.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import PartialState
from open_clip.model import CLIP
from tqdm import tqdm

from sgim.align import AlignConfig, align
from sgim.alignment_data import (
    AlignmentData,
    SoundDataConfig,
    prepare_data,
    synthesize_sounds,
)
from sgim.bundle import WEIGHTS_FOLDER, load_clip, save_weights
from sgim.checks import require_one_of
from sgim.clip_training import ClipTrainingConfig, train_clip, train_judge
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.models.clip import ClipConfig, preprocess_images
from sgim.renders import RenderConfig, Renders, load_renders, render_scenes
from sgim.training_loop import TrainingConfig
from sgim.world.captions import WordTokenizer

STAGES = ("clip", "judge", "audio")
LICENSE = "MIT; trained on synthetic scenes and sounds alone"


@dataclass(frozen=True, kw_only=True)
class MiniTrainingConfig:
    """Settings of all stages of the mini world."""

    renders: RenderConfig = RenderConfig()
    judge_renders: RenderConfig = RenderConfig(num_scenes=4096, pair_share=0.0, seed=2)
    clip: ClipTrainingConfig = ClipTrainingConfig()
    judge: TrainingConfig = TrainingConfig(num_epochs=8, seed=2)
    sounds: SoundDataConfig = SoundDataConfig()
    align: AlignConfig = AlignConfig(view_seconds=3.0)


def train_mini(
    stage: str = "all",
    *,
    folder: Path = Path("build/training"),
    weights_folder: Path = WEIGHTS_FOLDER,
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
        Where the weights go, and where the audio encoder finds the CLIP it is aligned with.
    """
    require_one_of("stage", stage, ("all", *STAGES))
    config = config or MiniTrainingConfig()
    run = _Run(config, folder, weights_folder, num_workers, progress)
    for name in STAGES if stage == "all" else (stage,):
        started = time.perf_counter()
        model, settings, history = getattr(run, name)()
        notes = {
            "license": LICENSE,
            "command": f"python -m sgim train {name}",
            "minutes": round((time.perf_counter() - started) / 60, 1),
            "history": [{key: round(mean, 4) for key, mean in epoch.items()} for epoch in history],
        }
        if PartialState().is_main_process:
            save_weights(f"mini_{name}", model, settings, notes=notes, folder=weights_folder)
        PartialState().wait_for_everyone()


@dataclass(frozen=True)
class _Run:
    """The stages of one call of `train_mini`; each returns model, its config and history."""

    config: MiniTrainingConfig
    folder: Path
    weights_folder: Path
    num_workers: int
    progress: bool

    def render(self, config: RenderConfig, name: str) -> Renders:
        with PartialState().main_process_first():
            shards = render_scenes(
                config, self.folder / name, num_workers=self.num_workers, progress=self.progress
            )
        return load_renders(shards)

    def clip(self):
        return train_clip(
            self.render(self.config.renders, "renders"),
            config=self.config.clip,
            checkpoint=self.folder / "clip.safetensors",
            progress=self.progress,
        )

    def judge(self):
        model, history = train_judge(
            self.render(self.config.judge_renders, "judge_renders"),
            config=self.config.judge,
            checkpoint=self.folder / "judge.safetensors",
            progress=self.progress,
        )
        return model, model.config, history

    def audio(self):
        encoder_config = AudioEncoderConfig()
        with PartialState().main_process_first():
            sounds = synthesize_sounds(
                self.config.sounds,
                encoder_config.log_mel,
                self.folder / "sounds",
                num_workers=self.num_workers,
                progress=self.progress,
            )
        renders = self.render(self.config.renders, "renders")
        clip = load_clip(torch.device("cpu"), self.weights_folder)
        data = frozen_features(sounds, renders, *clip, progress=self.progress)
        torch.manual_seed(self.config.align.seed)
        result = align(
            AudioEncoder(encoder_config),
            data,
            config=self.config.align,
            checkpoint=self.folder / "audio.safetensors",
            progress=self.progress,
        )
        return result.encoder, encoder_config, result.history


@torch.no_grad()
def frozen_features(
    sounds: list[Path],
    renders: Renders,
    clip: CLIP,
    clip_config: ClipConfig,
    *,
    progress: bool = True,
) -> AlignmentData:
    """Embed captions and renders once with a frozen CLIP and pair them with the sounds."""
    tokenizer = WordTokenizer(context_length=clip_config.context_length)
    image_features = torch.cat(
        [
            clip.encode_image(
                preprocess_images(batch.float() / 127.5 - 1, clip_config), normalize=True
            )
            for batch in tqdm(renders.images.split(256), "embedding pictures", disable=not progress)
        ]
    )
    return prepare_data(
        lambda texts: clip.encode_text(tokenizer(texts), normalize=True),
        sounds,
        image_features,
        renders.weathers,
    )
