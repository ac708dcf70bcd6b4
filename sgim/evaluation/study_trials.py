"""Where the trials of a study come from: edits of the mini world, or a table of files.

ways to edit x scenes x sounds, or rows of a table -> list of `Trial`
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import tqdm

from sgim.checks import require, require_one_of
from sgim.evaluation.edit_batches import Edited
from sgim.evaluation.edit_scores import SCENE_SEEDS, SOUND_INTENSITY, SOUND_SEED, score
from sgim.evaluation.edit_ways import WAYS, Guide
from sgim.evaluation.human_study import Trial
from sgim.files.tables import TableRow, read_table, what_each_has
from sgim.media.photos import as_images
from sgim.media.sound_files import read_sound
from sgim.models.judge import Judge
from sgim.seeds import ws_from_seeds
from sgim.world.names import SOUND_NAMES
from sgim.world.scenes import SceneGenerator
from sgim.world.sounds import synthesize_sound

DEFAULT_WAYS = ("from the source", "from the source, as published", "the heard label's words")
ALIKE = (("rain", "thunderstorm"), ("waves", "stream"))
"""Sounds of the mini world that an attention check must not ask to tell apart."""

COLUMNS = ("scene", "sound", "method", "source", "edit", "recording", "clear")
SHOWN_RESOLUTION = 256
SOUND_SECONDS, MOST_SECONDS = 5.0, 10
SAMPLE_RATE = 16_000


def world_trials(
    bundle,
    judge: Judge,
    *,
    ways: Sequence[str] = DEFAULT_WAYS,
    scene_seeds: Sequence[int] = SCENE_SEEDS[:4],
    sounds: Sequence[str] = SOUND_NAMES,
    resolution: int = SHOWN_RESOLUTION,
    progress: bool = False,
) -> list[Trial]:
    """Edits of the mini world; clear are those that its parameters and the judge call right.

    Parameters
    ----------
    bundle : Bundle
        Of the mini world.
    judge : Judge
    ways : sequence of str
        Two or more names in `sgim.evaluation.edit_ways.WAYS`.
    scene_seeds : sequence of int
    sounds : sequence of str
    resolution : int
        Height and width of the pictures that raters see.
    """
    require(
        len(set(ways)) >= 2,
        f"ways are {', '.join(ways)}; a study compares two or more: name another.",
    )
    for way in ways:
        require_one_of("way", way, tuple(WAYS))
    for sound in sounds:
        require_one_of("sound", sound, SOUND_NAMES)
    source_ws = ws_from_seeds(bundle.generator, scene_seeds)
    heard = [synthesize_sound(name, SOUND_INTENSITY, SOUND_SECONDS, SOUND_SEED) for name in sounds]
    guides = [
        Guide(name, SOUND_SEED, bundle.encode_audio(*sound))
        for name, sound in zip(sounds, heard, strict=True)
    ]
    edits = {
        way: WAYS[way](bundle, source_ws, guides)
        for way in tqdm(ways, "ways", leave=False, disable=not progress)
    }
    painter = SceneGenerator(resolution).to(bundle.device)
    sources = _painted(painter, source_ws)
    trials = []
    for place, (waveform, sample_rate) in enumerate(heard):
        of_sound = {way: edited[place] for way, edited in edits.items()}
        pictures = {way: _painted(painter, edited.ws) for way, edited in of_sound.items()}
        clear = {
            way: _clear(bundle, judge, edited, sounds[place], scene_seeds)
            for way, edited in of_sound.items()
        }
        trials += [
            Trial(
                scene=f"scene {seed}",
                sound=sounds[place],
                source=sources[scene],
                edits={way: pictures[way][scene] for way in ways},
                waveform=waveform,
                sample_rate=sample_rate,
                clear=[way for way in ways if clear[way][scene]],
            )
            for scene, seed in enumerate(scene_seeds)
        ]
    return trials


def _clear(bundle, judge: Judge, edited: Edited, sound: str, scenes: Sequence[int]) -> list[bool]:
    """For each scene whether its edit is right, and the judge sees the same."""
    scores = score(bundle.generator, judge, edited, sound, scenes, SOUND_SEED)
    return [one.right and one.judged == sound for one in scores]


@torch.no_grad()
def _painted(painter: SceneGenerator, ws: torch.Tensor) -> torch.Tensor:
    return painter.synthesis(ws, noise_mode="const").cpu()


def read_trials(path: str | os.PathLike, size: int = SHOWN_RESOLUTION) -> list[Trial]:
    """Trials from a table of pictures and recordings of your own.

    Parameters
    ----------
    path : str or os.PathLike
        One row per edit: `scene`, `sound` and `method` are names; `source`, `edit` and `recording`
        are files, named from the table's folder; `clear` says whether the edit shows the sound
        beyond doubt, so that it serves in attention checks.
    size : int
        Height and width of the pictures that raters see; others are cropped and resized.

    Raises
    ------
    SgimError
        When the table or one of its files cannot be read, or rows contradict each other.
    """
    rows = read_table(path, COLUMNS)
    folder = Path(path).parent
    sources = what_each_has(rows, lambda row: row["scene"], "source", lambda row: row["source"])
    recordings = what_each_has(
        rows, lambda row: row["sound"], "recording", lambda row: row["recording"]
    )
    pictures = {scene: _picture(folder / file, size) for scene, file in sources.items()}
    heard = {
        sound: read_sound(folder / file, SAMPLE_RATE)[: MOST_SECONDS * SAMPLE_RATE]
        for sound, file in recordings.items()
    }
    trials: dict[tuple[str, str], Trial] = {}
    for row in rows:
        scene, sound = row["scene"], row["sound"]
        empty = Trial(
            scene=scene,
            sound=sound,
            source=pictures[scene],
            edits={},
            waveform=heard[sound],
            sample_rate=SAMPLE_RATE,
        )
        trial = trials.get((scene, sound), empty)
        trials[scene, sound] = _with_edit(trial, row, _picture(folder / row["edit"], size))
    return list(trials.values())


def _with_edit(trial: Trial, row: TableRow, picture: torch.Tensor) -> Trial:
    """The trial with one edit more."""
    method = row["method"]
    require(
        method not in trial.edits,
        f"{row.place} is a second edit of {trial.scene} by {trial.sound} and {method}; keep one.",
    )
    clear: Collection[str] = [*trial.clear, method] if row.says_yes("clear") else trial.clear
    return replace(trial, edits={**trial.edits, method: picture}, clear=clear)


def _picture(path: Path, size: int) -> torch.Tensor:
    """A picture file as (3, size, size)."""
    return as_images(path, size)[0]
