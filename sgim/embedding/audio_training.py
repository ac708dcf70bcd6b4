"""The mini world's audio encoder learns from recordings, and what it may be sure of is measured.

recordings, whole repositories dealt into parts -> disguises of each part
for each part: an encoder that learns from the others -> how it hears the part
what was heard so -> certainty, and recordings for the prior as unknown ones are heard
all parts -> the mean of some trainings: the audio encoder that ships
"""

import copy
import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

import torch

from sgim.bundle import hear
from sgim.devices import this_process
from sgim.embedding.certainty import calibration_error, fit_certainty, probabilities
from sgim.embedding.kept_weights import mean_weights
from sgim.embedding.mini_data import heard_intensities
from sgim.embedding.prior_training import Bank, sound_bank
from sgim.embedding.recordings import Recording, split_repositories
from sgim.embedding.sound_shards import SoundDataConfig, disguise_recordings
from sgim.embedding.zero_shot import EncodeText, label_features
from sgim.media.log_mel import LogMel
from sgim.media.sound_files import read_sound
from sgim.metrics import class_balanced_accuracy
from sgim.models.audio_encoder import AudioEncoder
from sgim.world.names import HEARD_NAMES, SOUND_NAMES

Tune = Callable[[AudioEncoder, list[Path], int, str], tuple[AudioEncoder, list[dict[str, float]]]]
"""A copy of the encoder, shards of disguises, seed, name of the checkpoint -> what it became, and
its history."""


def disguise_parts(
    recordings: list[Recording],
    encoder: AudioEncoder,
    encode_text: EncodeText,
    config: SoundDataConfig,
    num_parts: int,
    folder: Path,
    num_workers: int,
    progress: bool,
) -> tuple[list[int], list[list[Path]]]:
    """The part of each recording, and shards of disguises of each part, none of two at once."""
    part_of = split_repositories(recordings, num_parts)
    intensities = heard_intensities(encoder, encode_text, recordings)
    shards = []
    with this_process().main_process_first():
        for part in range(num_parts):
            mine = [index for index, own in enumerate(part_of) if own == part]
            shards.append(
                disguise_recordings(
                    [recordings[index] for index in mine],
                    [intensities[index] for index in mine],
                    dataclasses.replace(config, seed=config.seed + part),
                    encoder.config.log_mel,
                    folder / f"recordings_{part}",
                    num_workers=num_workers,
                    progress=progress,
                )
            )
    return part_of, shards


def learn_from_recordings(
    encoder: AudioEncoder,
    recordings: list[Recording],
    part_of: list[int],
    shards: list[list[Path]],
    encode_text: EncodeText,
    tune: Tune,
    seeds: tuple[int, ...],
) -> tuple[AudioEncoder, dict, Bank]:
    """Train once without each part, then with all; the first tell what the last may be sure of.

    Returns
    -------
    encoder : AudioEncoder
        The mean of one training per seed, its `certainty` fitted on the parts that were left out.
    told : dict
        `left_out`: what `scores_of_heard` says of these parts; `history` of all trainings.
    heard : Bank
        The disguises of each part as the encoder without that part hears them.
    """
    names = label_features(encode_text, HEARD_NAMES)
    cosines = torch.zeros(len(recordings), len(HEARD_NAMES))
    history, heard = [], []
    for part in sorted(set(part_of)):
        others = [path for own, paths in enumerate(shards) if own != part for path in paths]
        learner = copy.deepcopy(encoder).requires_grad_(True)
        learner, epochs = tune(learner, others, seeds[0], f"audio_without_{part}")
        mine = [index for index, own in enumerate(part_of) if own == part]
        cosines[mine] = embed_recordings(learner, [recordings[index] for index in mine]) @ names.T
        history += [{"without": part} | epoch for epoch in epochs]
        heard.append(sound_bank([learner.eval()], shards[part]))
    weights = []
    for seed in seeds:
        learner = copy.deepcopy(encoder).requires_grad_(True)
        learner, epochs = tune(learner, sum(shards, []), seed, f"audio_{seed}")
        weights.append(learner.state_dict())
        history += [{"seed": seed} | epoch for epoch in epochs]
    certainty = fit_certainty(cosines, [recording.name for recording in recordings])
    learned = AudioEncoder(dataclasses.replace(encoder.config, certainty=certainty)).eval()
    learned.load_state_dict(mean_weights(weights))
    told = {"left_out": scores_of_heard(cosines, recordings, certainty), "history": history}
    return learned, told, functools.reduce(Bank.__add__, heard)


@torch.no_grad()
def embed_recordings(encoder: AudioEncoder, recordings: list[Recording]) -> torch.Tensor:
    """Each recording as a bundle would hear it, (count, embed_dim), unit norm."""
    log_mel = LogMel(encoder.config.log_mel)
    return torch.cat([hear(encoder, log_mel, read_sound(item.path)) for item in recordings])


def scores_of_heard(cosines: torch.Tensor, recordings: list[Recording], certainty) -> dict:
    """How recordings were heard that were not learned from; cosines (count, 9) with `HEARD_NAMES`.

    Returns
    -------
    dict
        `accuracy` of the eight weathers, class-balanced per recording; `recalls`, of each weather;
        `calibration_error` of the probabilities; `taken_for_none`, the share of weathers, class-
        balanced, that are said to be none, and `none_recognized`, of the others.
    """
    truth = [HEARD_NAMES.index(recording.name) for recording in recordings]
    groups = [recording.group for recording in recordings]
    guesses = cosines[:, : len(SOUND_NAMES)].argmax(dim=1).tolist()
    found = probabilities(cosines, certainty)
    is_none = (found[:, : len(SOUND_NAMES)].sum(dim=1) < certainty.least_weather).tolist()

    def share(right: list[bool], names: tuple[str, ...]) -> float:
        mine = [i for i, recording in enumerate(recordings) if recording.name in names]
        said = [truth[i] if right[i] else -1 for i in mine]
        return class_balanced_accuracy([truth[i] for i in mine], said, [groups[i] for i in mine])

    right = [guess == own for guess, own in zip(guesses, truth, strict=True)]
    return {
        "accuracy": round(share(right, SOUND_NAMES), 4),
        "recalls": {name: round(share(right, (name,)), 4) for name in SOUND_NAMES},
        "calibration_error": round(
            calibration_error(found, [recording.name for recording in recordings]), 4
        ),
        "taken_for_none": round(share(is_none, SOUND_NAMES), 4),
        "none_recognized": round(share(is_none, HEARD_NAMES[len(SOUND_NAMES) :]), 4),
    }
