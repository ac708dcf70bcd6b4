"""Makes the shipped weights of the mini world from nothing: `python -m sgim train all`.

stages, one after the other (`sgim.embedding.mini_stages`) -> weights, each with its card

A stage that is called again goes on from what it left in a folder.
"""

import json
import time
from pathlib import Path

from sgim.bundle import WEIGHTS_FOLDER, save_weights
from sgim.checks import require, require_one_of
from sgim.devices import this_process
from sgim.embedding.mini_stages import LICENSE, RECORDINGS_LICENSE, MiniStages, MiniTrainingConfig
from sgim.embedding.recordings import Recording
from sgim.embedding.training_loop import start_processes

STAGES = (
    "clip",
    "judge",
    "photo_judge",
    "image_tower",
    "photo_tower",
    "audio_synthetic",
    "audio",
    "prior",
    "mapper",
)
WRITES = {"image_tower": "mini_clip", "photo_tower": "mini_clip"}
"""Weights that a stage writes, where they have not its own name."""

PLAIN = "python -m"
RECORDINGS_FLAGS = " --recordings DIR --esc10 DIR"


def train_mini(
    stage: str = "all",
    *,
    folder: Path = Path("build/training"),
    weights_folder: Path = WEIGHTS_FOLDER,
    recordings: list[Recording] | None = None,
    config: MiniTrainingConfig | None = None,
    num_workers: int = 2,
    progress: bool = True,
) -> None:
    """Train one of `STAGES` or all; write their weights.

    The stage "image_tower" goes on from "clip", and "photo_tower" from there; "prior" hears with
    both audio encoders.

    Parameters
    ----------
    folder : Path
        For renders, sounds and checkpoints, about 2 GB.
    weights_folder : Path
        Where the weights go, and where a stage finds those of the stages before.
    recordings : list of Recording
        What the stage "audio" hears beside synthetic sounds; held-out ones, and those that cannot
        be heard, are passed over. Their sources go to `training_recordings.csv` in `folder`. All
        other stages need none, and "all" leaves that stage out when there are none.

    Raises
    ------
    SgimError
        For an unknown stage, or the stage "audio" without recordings.
    """
    require_one_of("stage", stage, ("all", *STAGES))
    config = config or MiniTrainingConfig()
    heard = [recording for recording in recordings or [] if not recording.held_out]
    require(
        stage != "audio" or bool(heard),
        "the stage audio has no recordings to hear; name their folders (--recordings, --esc10), "
        "or train audio_synthetic, which needs none.",
    )
    run = MiniStages(config, folder, weights_folder, heard, num_workers, progress)
    stages = (stage,) if stage != "all" else tuple(s for s in STAGES if heard or s != "audio")
    precision = start_processes().mixed_precision
    launcher = f"accelerate launch --mixed_precision {precision} -m" if precision != "no" else PLAIN
    for name in stages:
        started = time.perf_counter()
        model, settings, told = getattr(run, name)()
        notes = {
            "license": RECORDINGS_LICENSE if name == "audio" else LICENSE,
            "command": f"{launcher} sgim train {name}" + RECORDINGS_FLAGS * (name == "audio"),
            "minutes": round((time.perf_counter() - started) / 60, 1),
            **told,
            "history": [
                {name: round(x, 4) for name, x in epoch.items()} for epoch in told["history"]
            ],
        }
        if this_process().is_main_process:
            weights = WRITES.get(name, f"mini_{name}")
            if name in WRITES:
                notes["before"] = _card_of_before(name, weights_folder / f"{weights}.json")
            save_weights(weights, model, settings, notes=notes, folder=weights_folder)
        this_process().wait_for_everyone()


def _card_of_before(stage: str, path: Path) -> dict:
    """What the card tells of the trainings that a stage went on from."""
    card = json.loads(path.read_text(encoding="utf-8"))
    if card["command"].endswith(f" {stage}"):
        card = card["before"]
    return {key: card[key] for key in ("command", "minutes", "history", "before") if key in card}
