"""The command `edit`: pictures changed by sounds and words.

SOUND ... -> an edit -> a picture, and an answer in words or JSON
"""

import argparse
import json
import os
from pathlib import Path

from sgim.checks import SgimError, require
from sgim.commands.console import complain, step_bar
from sgim.commands.parser import BAD_INPUT, seed


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `edit` to the commands."""
    edit = commands.add_parser("edit", help="change a picture by sounds, mixed with equal weights")
    edit.add_argument("sounds", nargs="+", metavar="SOUND", help="wav, flac, ogg or mp3")
    edit.add_argument("--text", help="words that join the mix with the weight of one sound")
    edit.add_argument("--seed", type=seed, help="chooses the scene (default 0)")
    edit.add_argument("--image", metavar="PHOTO", help="edit the scene nearest to this photo")
    edit.add_argument("--steps", type=int, help="optimizer steps")
    edit.add_argument("--out", type=Path, default=Path("edit.png"), metavar="FILE.png")
    edit.add_argument("--json", action="store_true", help="answer with one JSON object")
    edit.set_defaults(run=_edit)


def _edit(arguments: argparse.Namespace) -> int:
    out = _checked_picture_path(arguments.out)
    require(
        arguments.seed is None or arguments.image is None,
        "--seed and --image both choose what is edited; give one of them.",
    )
    from sgim.bundle import load_bundle
    from sgim.editing.manipulate_config import ManipulateConfig
    from sgim.editing.manipulation import manipulate
    from sgim.media.picture_files import save_png, side_by_side, to_pictures
    from sgim.seeds import ws_from_seeds

    steps = {} if arguments.steps is None else {"num_steps": arguments.steps}
    config = ManipulateConfig(**steps)
    files, sounds = _read_good_ones(arguments.sounds)
    require(bool(sounds), "none of the sounds can be used; pass at least one good recording.")
    bundle = load_bundle("mini")
    if arguments.text is not None:
        bundle.encode_text([arguments.text])  # complains before a photo is projected for nothing
    if arguments.image is None:
        seed, projection = arguments.seed or 0, None
        source_ws = ws_from_seeds(bundle.generator, [seed])
    else:
        seed, projection = None, _projected(bundle, arguments.image)
        source_ws = projection.ws
    with step_bar("editing") as callback:
        result = manipulate(
            bundle, source_ws, sound=sounds, text=arguments.text, config=config, callback=callback
        )
    shown = [result.source_images, result.images]
    if projection is not None:
        shown.insert(0, projection.target_images)
    save_png(side_by_side([picture for images in shown for picture in to_pictures(images)]), out)
    answer = {
        "files": files,
        "text": arguments.text,
        "out": str(out),
        "seed": seed,
        "image": arguments.image,
        "psnr": None if projection is None else round(projection.psnr.item(), 2),
        "steps": len(result.history["total"]),
        "seconds": round(result.seconds, 3),
        "scene": {
            "before": _weathers(bundle.generator, result.source_ws),
            "after": _weathers(bundle.generator, result.ws),
        },
    }
    print(json.dumps(answer) if arguments.json else _edit_in_words(answer))
    return 0 if len(files) == len(arguments.sounds) else BAD_INPUT


def _projected(bundle, photo: str):
    """The scene nearest to a photo, as `project` finds it, with a bar."""
    from sgim.editing.projection import project

    with step_bar("looking") as callback:
        return project(bundle, photo, callback=callback)


def _checked_picture_path(path: Path) -> Path:
    """Check before long work, and before torch is imported, that a PNG can be written there."""
    require(path.suffix.lower() == ".png", f"{path} must end in .png; pictures are PNG files.")
    require(not path.is_dir(), f"{path} is a folder; name a .png file in it.")
    folder = path.parent
    require(folder.is_dir(), f"{folder} does not exist; make the folder first or name another.")
    require(
        os.access(folder, os.W_OK), f"{folder} cannot be written to; name a file in another folder."
    )
    return path


def _weathers(generator, ws) -> dict[str, float]:
    from sgim.world.names import WEATHER_NAMES

    parameters = generator.scene_parameters(ws)
    return {name: round(parameters[name].item(), 4) for name in WEATHER_NAMES}


def _edit_in_words(answer: dict) -> str:
    before, after = answer["scene"]["before"], answer["scene"]["after"]
    changes = sorted(after, key=lambda name: abs(after[name] - before[name]), reverse=True)
    told = ", ".join(f"{name} {before[name]:.2f} -> {after[name]:.2f}" for name in changes[:3])
    photo = "" if answer["psnr"] is None else f"; {answer['psnr']:.1f} dB from photo to scene"
    return f"{answer['out']}: {told} ({answer['steps']} steps, {answer['seconds']:.1f} s{photo})"


def _read_good_ones(files: list[str]) -> tuple[list[str], list[tuple]]:
    """Read what can be read; say one sentence about everything else."""
    from sgim.media.sound_files import read_sound

    good, sounds = [], []
    for file in files:
        try:
            sounds.append((read_sound(file), 16_000))
        except SgimError as error:
            complain(error)
        else:
            good.append(file)
    return good, sounds
