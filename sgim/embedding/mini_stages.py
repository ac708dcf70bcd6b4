"""The stages by which the weights of the mini world are made: settings, and a method each.

renders -> mini CLIP · families of renders -> the image tower once more
invented photos under weather, and the same painted as scenes -> the image tower, which meets photos
renders of one weather -> judge · invented photos under one weather, too -> judge of photos
synthetic sounds + frozen CLIP -> audio encoder, synthetic only
recordings, and the same sounds again -> the audio encoder that ships
pictures of families + sounds and captions -> prior
families of renders and of invented photos, and what the prior expects -> mapper
"""

import dataclasses
import functools
import operator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from sgim.bundle import load_audio_encoder, load_clip, load_prior
from sgim.devices import this_process
from sgim.embedding.alignment import align
from sgim.embedding.alignment_terms import AlignConfig
from sgim.embedding.audio_training import disguise_parts, learn_from_recordings
from sgim.embedding.clip_and_judge_training import ClipTrainingConfig, train_clip, train_judge
from sgim.embedding.image_tower_training import ImageTowerConfig, train_image_tower
from sgim.embedding.mapper_training import (
    MapperTrainingConfig,
    family_pairs,
    targets_of,
    train_mapper,
)
from sgim.embedding.mini_data import (
    embedded_pictures,
    embedded_twins,
    frozen_features,
    named_right,
    text_encoder,
)
from sgim.embedding.photo_tower_training import PhotoTowerConfig, train_photo_tower
from sgim.embedding.prior_training import (
    Bank,
    PriorPairs,
    PriorTrainingConfig,
    pair_pictures,
    sound_bank,
    train_prior,
)
from sgim.embedding.recordings import Recording, save_sources, those_heard
from sgim.embedding.renders import RenderConfig, Renders, load_renders, render_scenes
from sgim.embedding.sound_shards import SoundDataConfig, load_sounds, synthesize_sounds
from sgim.embedding.training_config import TrainingConfig
from sgim.embedding.zero_shot import label_features
from sgim.media.augmentation import FilterAugmentConfig
from sgim.media.log_mel import LogMelConfig
from sgim.models.audio_encoder import AudioEncoder, AudioEncoderConfig
from sgim.world.names import HEARD_NAMES

CPU = torch.device("cpu")

HEARD_RECORDINGS = "features/heard_recordings.safetensors"
"""What the stage "audio" leaves for the stage "prior"."""

LICENSE = "MIT; trained on synthetic scenes and sounds alone"
RECORDINGS_LICENSE = (
    "MIT; trained on synthetic sounds and on the recordings that data/training_recordings.csv "
    "lists with their licences"
)


@dataclass(frozen=True, kw_only=True)
class MiniTrainingConfig:
    """Settings of all stages of the mini world.

    `recordings` are the disguises of one of `num_parts` parts of the recordings.
    """

    renders: RenderConfig = RenderConfig()
    judge_renders: RenderConfig = RenderConfig(num_scenes=4096, pair_share=0.0, seed=2)
    judge_photos: RenderConfig = RenderConfig(num_scenes=4096, pair_share=0.0, photos=True, seed=5)
    clip: ClipTrainingConfig = ClipTrainingConfig()
    judge: TrainingConfig = TrainingConfig(num_epochs=8, seed=2)
    sounds: SoundDataConfig = SoundDataConfig()
    held_out: SoundDataConfig = SoundDataConfig(num_clips=256, seed=9)
    encoder: AudioEncoderConfig = AudioEncoderConfig(widths=(24, 48, 96, 192))
    align: AlignConfig = AlignConfig(view_seconds=3.0, num_epochs=8)
    num_parts: int = 4
    recordings: SoundDataConfig = SoundDataConfig(num_clips=2_304, seed=4)
    tune: AlignConfig = AlignConfig(
        view_seconds=3.0, num_epochs=2, learning_rate=1e-3, filter_augment=FilterAugmentConfig()
    )
    tune_seeds: tuple[int, ...] = (1, 2, 3)
    families: RenderConfig = RenderConfig(families=True, seed=11)
    photos: RenderConfig = RenderConfig(num_scenes=10_240, families=True, photos=True, seed=13)
    image_tower: ImageTowerConfig = ImageTowerConfig(seed=3)
    photo_tower: PhotoTowerConfig = PhotoTowerConfig(seed=5)
    pairs: RenderConfig = RenderConfig(num_scenes=8192, pair_share=1.0, seed=12)
    prior_sounds: SoundDataConfig = SoundDataConfig(num_clips=6_144, seed=21)
    prior: PriorTrainingConfig = PriorTrainingConfig()
    mapper: MapperTrainingConfig = MapperTrainingConfig()


@dataclass(frozen=True)
class MiniStages:
    """The stages of one call of `train_mini`.

    Each returns a model, its config and its card's words.
    """

    config: MiniTrainingConfig
    folder: Path
    weights_folder: Path
    recordings: list[Recording]
    num_workers: int
    progress: bool

    @property
    def workers(self) -> dict:
        return {"num_workers": self.num_workers, "progress": self.progress}

    def render(self, config: RenderConfig, name: str) -> Renders:
        with this_process().main_process_first():
            shards = render_scenes(config, self.folder / name, **self.workers)
        return load_renders(shards)

    def renders(self, *kinds: str) -> Renders:
        """Those of several settings, one after the other."""
        return functools.reduce(
            operator.add, (self.render(getattr(self.config, kind), kind) for kind in kinds)
        )

    def clip(self):
        clip, clip_config, history = train_clip(
            self.render(self.config.renders, "renders"),
            config=self.config.clip,
            checkpoint=self.folder / "clip.safetensors",
            progress=self.progress,
        )
        return clip, clip_config, {"history": history}

    def judge(self):
        return self.train_judge("judge", "judge_renders")

    def photo_judge(self):
        return self.train_judge("photo_judge", "judge_renders", "judge_photos")

    def train_judge(self, name: str, *kinds: str):
        """A judge that learns from all these kinds of renders."""
        model, history = train_judge(
            self.renders(*kinds),
            config=self.config.judge,
            checkpoint=self.folder / f"{name}.safetensors",
            progress=self.progress,
        )
        return model, model.config, {"history": history}

    def synthesize(
        self, config: SoundDataConfig, log_mel_config: LogMelConfig, name: str
    ) -> list[Path]:
        with this_process().main_process_first():
            return synthesize_sounds(config, log_mel_config, self.folder / name, **self.workers)

    def audio_synthetic(self):
        torch.manual_seed(self.config.align.seed)
        encoder = AudioEncoder(self.config.encoder)
        return self.align(encoder, [], self.config.align, "audio_synthetic")

    def audio(self):
        recordings = those_heard(self.recordings)
        save_sources(recordings, self.folder / "training_recordings.csv")
        encoder = load_audio_encoder(CPU, self.weights_folder, "mini_audio_synthetic")
        encode_text = text_encoder(*load_clip(CPU, self.weights_folder))
        part_of, shards = disguise_parts(
            recordings,
            encoder,
            encode_text,
            self.config.recordings,
            self.config.num_parts,
            self.folder,
            **self.workers,
        )

        def tune(learner: AudioEncoder, disguised: list[Path], seed: int, name: str):
            config = dataclasses.replace(self.config.tune, seed=seed)
            tuned, _, told = self.align(learner, disguised, config, name)
            return tuned, told["history"]

        learned, told, heard = learn_from_recordings(
            encoder, recordings, part_of, shards, encode_text, tune, self.config.tune_seeds
        )
        heard.save(self.folder / HEARD_RECORDINGS)
        return learned, learned.config, told

    def image_tower(self):
        clip, clip_config = load_clip(CPU, self.weights_folder)
        history = train_image_tower(
            clip,
            clip_config,
            self.render(self.config.families, "families"),
            config=self.config.image_tower,
            checkpoint=self.folder / "image_tower.safetensors",
            progress=self.progress,
        )
        return clip, clip_config, {"history": history}

    def photo_tower(self):
        clip, clip_config = load_clip(CPU, self.weights_folder)
        photos = self.render(self.config.photos, "photos")
        keep, size = self.folder / "features", self.config.photos.img_resolution
        history = train_photo_tower(
            clip,
            clip_config,
            photos,
            embedded_twins(photos.ws, clip, clip_config, size, keep, self.progress),
            self.render(self.config.families, "families"),
            config=self.config.photo_tower,
            checkpoint=self.folder / "photo_tower.safetensors",
            progress=self.progress,
        )
        return clip, clip_config, {"history": history}

    def pairs(self, *kinds: str) -> tuple[Renders, torch.Tensor, PriorPairs, str]:
        """Renders of some kinds, their embeddings, what says so, and the licence of the latter."""
        clip, clip_config = load_clip(CPU, self.weights_folder)
        keep = self.folder / "features"
        renders = [self.render(getattr(self.config, kind), kind) for kind in kinds]
        pictures = torch.cat(
            [embedded_pictures(one, clip, clip_config, keep, self.progress) for one in renders]
        )
        both = ("mini_audio", "mini_audio_synthetic")
        ears = [load_audio_encoder(CPU, self.weights_folder, name) for name in both]
        shards = self.synthesize(self.config.prior_sounds, ears[0].config.log_mel, "prior_sounds")
        recordings, terms = None, LICENSE
        if (heard := self.folder / HEARD_RECORDINGS).exists():
            recordings = Bank.load(heard).lifted(self.config.prior.faintest_recording)
            terms = RECORDINGS_LICENSE
        shown = functools.reduce(operator.add, renders)
        pairs = pair_pictures(
            pictures,
            shown.weathers,
            shown.landscapes,
            sound_bank(ears, shards),
            text_encoder(clip, clip_config),
            recordings=recordings,
            recording_share=self.config.prior.recording_share,
        )
        return shown, pictures, pairs, terms

    def prior(self):
        _, _, pairs, terms = self.pairs("families", "pairs")
        prior, history = train_prior(
            pairs,
            config=self.config.prior,
            checkpoint=self.folder / "prior.safetensors",
            progress=self.progress,
        )
        return prior, prior.config, {"history": history, "license": terms}

    def mapper(self):
        shown, pictures, pairs, terms = self.pairs("families", "photos")
        prior = load_prior(CPU, self.weights_folder)
        config = self.config.mapper
        targets = targets_of(pairs, prior)
        latents = family_pairs(shown.ws, pictures, targets, calm_share=config.calm_share)
        mapper, history = train_mapper(
            latents,
            config=config,
            checkpoint=self.folder / "mapper.safetensors",
            progress=self.progress,
        )
        return mapper, mapper.config, {"history": history, "license": terms}

    def align(self, encoder: AudioEncoder, disguised: list[Path], config: AlignConfig, name: str):
        """Learn from synthetic sounds and, where there are any, as many disguised recordings."""
        log_mel = encoder.config.log_mel
        synthetic = self.config.sounds
        if disguised:
            num_clips = self.config.num_parts * self.config.recordings.num_clips
            synthetic = dataclasses.replace(synthetic, num_clips=num_clips)
        sounds = self.synthesize(synthetic, log_mel, "sounds") + disguised
        held_out = self.synthesize(self.config.held_out, log_mel, "held_out_sounds")
        renders = self.render(self.config.families, "families")
        clip = load_clip(CPU, self.weights_folder)
        names = label_features(text_encoder(*clip), HEARD_NAMES)
        with this_process().main_process_first():
            data = frozen_features(
                sounds, renders, *clip, folder=self.folder / "features", progress=self.progress
            )
        result = align(
            encoder,
            data,
            config=config,
            checkpoint=self.folder / f"{name}.safetensors",
            evaluate=partial(named_right, *load_sounds(held_out)[:2], names),
            progress=self.progress,
        )
        return result.encoder, encoder.config, {"history": result.history}
