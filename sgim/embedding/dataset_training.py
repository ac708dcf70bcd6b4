"""Trains an audio encoder on other people's recordings: `python -m sgim train recordings`.

clips, labels and, where there are any, one frame per clip -> `AlignmentData` -> `align`, the same
loop as in the mini world -> `audio.safetensors`, which `with_trained_encoder` puts into a bundle
"""

import dataclasses
import hashlib
import os
import time
import warnings
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from accelerate.utils import gather_object

from sgim.bundle import Bundle, load_audio_encoder, save_weights
from sgim.checks import require, require_in_range, require_one_of
from sgim.devices import this_process
from sgim.embedding.alignment import AlignResult, align
from sgim.embedding.alignment_terms import AlignConfig
from sgim.embedding.dataset_clips import ClipReader, names_right, none_heard
from sgim.embedding.dataset_features import MIDDLING, readable_labels, recorded_data
from sgim.embedding.frozen_towers import TOWERS, Towers
from sgim.embedding.zero_shot import label_features
from sgim.files.sound_clips import SoundClips
from sgim.media.log_mel import LogMel
from sgim.models.audio_encoder import BACKBONES, AudioEncoder, AudioEncoderConfig


@dataclass(frozen=True, kw_only=True)
class RecordedTrainingConfig(AlignConfig):
    """`AlignConfig`, and what else must be the same for a stopped training to go on.

    `bundle` names the towers, see `TOWERS`; `backbone` is the encoder's. Both views of a clip are
    cut from one random stretch of `stretch_seconds`. For `image_tolerance` see `recorded_data`.
    `train_recorded` fills in `data`, the fingerprint of the clips.
    """

    bundle: str = "mini"
    backbone: str = "mini"
    stretch_seconds: float = 5.0
    image_tolerance: float = MIDDLING
    batch_size: int = 32
    num_epochs: int = 30
    data: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_one_of("bundle", self.bundle, tuple(TOWERS))
        require_one_of("backbone", self.backbone, BACKBONES)
        require_in_range("stretch_seconds", self.stretch_seconds, 0.5, 600.0)


CONFIGS = {
    "mini": RecordedTrainingConfig(),
    "paper": RecordedTrainingConfig(
        bundle="paper",
        backbone="resnet50",
        num_epochs=50,
        batch_size=384,
        learning_rate=1e-3,
        weight_decay=1e-4,
    ),
}
"""For a laptop, and the settings of arXiv 2112.00007 (with AdamW, one cosine and our front end)."""


@dataclass(frozen=True)
class RecordedResult:
    """What was trained, where it lies, on which labels and how many clips.

    `num_unheard` and `num_held_out_unheard` count, over all processes, the clips that could not be
    heard in this call.
    """

    alignment: AlignResult
    path: Path
    names: tuple[str, ...]
    num_clips: int
    num_held_out: int
    num_unheard: int
    num_held_out_unheard: int


def train_recorded(
    training: SoundClips,
    held_out: SoundClips,
    towers: Towers,
    *,
    config: RecordedTrainingConfig | None = None,
    frames: Path | None = None,
    out: Path = Path("build/recorded"),
    notes: dict | None = None,
    progress: bool = True,
) -> RecordedResult:
    """Train an audio encoder on recordings; stopped at any moment, the same call goes on.

    Parameters
    ----------
    training, held_out : SoundClips
        With the same `names`, see `read_splits`. Labels of which the text tower knows no word are
        left out with their clips.
    towers : Towers
    config : RecordedTrainingConfig
        One of `CONFIGS`, or your own.
    frames : Path
        Folder of one `<name of the clip>.jpg` per clip. Without it the two terms that ask for
        pictures have no weight.
    out : Path
        For features, the checkpoint `training.safetensors`, its log, and `audio.safetensors` with
        its card.
    notes : dict
        What the card says besides, for example the licence of the clips.

    Raises
    ------
    SgimError
        When no label can be read, nothing can be heard of a label or of all that is held out, too
        few clips are left for a batch, the loss is not finite, or `out` holds the training of
        other clips or settings.
    """
    config = config or CONFIGS["mini"]
    names = readable_labels(towers, training.names)
    require(bool(names), "the text tower knows no word of any label; take the bundle paper.")
    training, held_out = training.labelled(names), held_out.labelled(names)
    if frames is None:
        config = _without_pictures(config)
    torch.manual_seed(config.seed)
    prompts = label_features(towers.encode_text, names)
    encoder = AudioEncoder(AudioEncoderConfig(backbone=config.backbone, embed_dim=prompts.shape[1]))
    log_mel = LogMel(encoder.config.log_mel).to(towers.device)
    with this_process().main_process_first():
        data = recorded_data(
            training, towers, log_mel, seconds=config.stretch_seconds, frames=frames,
            folder=out / "features", seed=config.seed, progress=progress,
        )  # fmt: skip
    readers = data.log_mels.reader, ClipReader(held_out, log_mel.sample_rate)
    _require_heard(*readers)
    config = dataclasses.replace(config, data=_fingerprint(readers[0].clips))
    started = time.perf_counter()
    result = align(
        encoder,
        data,
        config=config,
        checkpoint=out / "training.safetensors",
        evaluate=partial(names_right, readers[1], log_mel, prompts),
        progress=progress,
    )
    if this_process().is_main_process:
        card = {
            "labels": names,
            "training": dataclasses.asdict(config),
            "clips": len(readers[0].clips.paths),
            "held_out_clips": len(held_out.paths),
            "minutes": round((time.perf_counter() - started) / 60, 1),
            "history": [{key: round(x, 4) for key, x in epoch.items()} for epoch in result.history],
        }
        save_weights("audio", encoder, encoder.config, notes=(notes or {}) | card, folder=out)
    this_process().wait_for_everyone()
    unheard = [len(set(gather_object(sorted(reader.unheard)))) for reader in readers]
    return RecordedResult(
        alignment=result,
        path=out / "audio.safetensors",
        names=names,
        num_clips=len(readers[0].clips.paths),
        num_held_out=len(held_out.paths),
        num_unheard=unheard[0],
        num_held_out_unheard=unheard[1],
    )


def _without_pictures(config: RecordedTrainingConfig) -> RecordedTrainingConfig:
    """The settings without the terms that ask for pictures, which is told."""
    warnings.warn(
        "there are no frames, so the audio-image and weakly-paired terms have no weight.",
        UserWarning,
        stacklevel=3,
    )
    return dataclasses.replace(
        config, audio_image_weight=0.0, weakly_paired_weight=0.0, image_text_mix=0.0
    )


def _require_heard(training: ClipReader, held_out: ClipReader) -> None:
    """Raise `SgimError` unless each label can be learned from sound, and something be measured."""
    require(bool(held_out.of_label), "no clip is held out; add clips, or take another data set.")
    silent = training.silent_labels()
    require(not silent, none_heard(silent))
    require(
        len(held_out.silent_labels()) < len(held_out.of_label),
        f"none of the {len(held_out.clips.paths)} held-out clips can be heard; bring good ones.",
    )


def _fingerprint(clips: SoundClips) -> str:
    told = [(path.stem, label) for path, label in zip(clips.paths, clips.classes, strict=True)]
    return hashlib.sha256(repr((clips.names, told)).encode()).hexdigest()


def with_trained_encoder(bundle: Bundle, out: str | os.PathLike) -> Bundle:
    """The bundle with the audio encoder that `train_recorded` left in the folder `out`.

    Raises
    ------
    SgimError
        When there is none, or it was trained with towers of another embedding.
    """
    encoder = load_audio_encoder(bundle.device, Path(out), "audio")
    size = bundle.encode_text(["rain"]).shape[1]
    require(
        encoder.config.embed_dim == size,
        f"the audio encoder in {out} gives {encoder.config.embed_dim} numbers and the bundle's "
        f"CLIP {size}; load the bundle that it was trained with.",
    )
    front_end = LogMel(encoder.config.log_mel).to(bundle.device)
    return dataclasses.replace(bundle, audio_encoder=encoder, log_mel=front_end)
