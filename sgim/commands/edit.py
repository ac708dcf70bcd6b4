"""The command `edit`: pictures changed by sounds and words.

SOUND ... -> edits -> a picture, and an answer in words or JSON
"""

import argparse
import json
from pathlib import Path

from sgim.checks import require
from sgim.commands.bundles import add_bundle_options, add_save_latents, load_asked
from sgim.commands.console import announce, complain
from sgim.commands.parser import BAD_INPUT, Seeds, checked_file, layers, refuse_overwriting

EVERY = 2

ABOUT = """\
Change a picture until it says what sounds say.

Several sounds are MIXED: one edit follows all of them, with equal weights. With --each they are
COMPARED: one edit for each sound. A --text joins the mix of every edit. Several seeds make rows,
the sounds of --each make columns of one picture, a sheet; every edit in it is the same as if it
were made alone.
"""

EXAMPLES = """\
examples:
  sgim edit rain.wav --seed 3                       one scene, one sound
  sgim edit rain.wav wind.wav --text "thick fog"    three things mixed, a third each
  sgim edit rain.wav --text "thick fog" --mix 0.3   70% rain, 30% fog
  sgim edit rain.wav fire.wav --each --seed 3 5 8   a sheet of 3 x 2 edits
  sgim edit rain.wav --json > run.json              the answer holds all settings ...
  sgim edit --settings run.json --out again.png     ... which give the same picture again
  sgim edit rain.wav --image holiday.jpg            weather over a photo of yours
  sgim edit giggling.wav --bundle paper-ffhq --image portrait.jpg
"""


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `edit` to the commands."""
    edit = commands.add_parser(
        "edit",
        help="change pictures by sounds and words",
        description=ABOUT,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    edit.add_argument(
        "sounds", nargs="*", metavar="SOUND", help="wav, flac, ogg or mp3, 0.1 s to 10 min"
    )
    edit.add_argument("--each", action="store_true", help="one edit for each sound, side by side")
    edit.add_argument("--text", help="words that join the mix with the weight of one sound")
    edit.add_argument(
        "--force",
        action="store_true",
        help="follow sounds, too, that are none of the weathers the mini world knows",
    )
    edit.add_argument(
        "--mix", type=float, metavar="0..1", help="weight of the text; the sounds share the rest"
    )
    _add_source_options(edit)
    add_bundle_options(edit)
    _add_optimizer_options(edit)
    edit.add_argument(
        "--settings",
        metavar="FILE.json",
        default=None,
        help="settings of an earlier run, as --json answers them; options typed here come first",
    )
    edit.add_argument(
        "--out",
        type=Path,
        default=Path("edit.png"),
        metavar="FILE.png",
        help="the picture, or sheet of pictures (default %(default)s)",
    )
    edit.add_argument(
        "--gif", type=Path, default=None, metavar="FILE.gif", help="the way to the edit, animated"
    )
    edit.add_argument(
        "--every",
        type=int,
        default=None,
        metavar="N",
        help=f"steps between its pictures (default {EVERY})",
    )
    add_save_latents(edit, "of the edits")
    edit.add_argument(
        "--json",
        action="store_true",
        default=False,
        help="answer with one JSON object per edit and line",
    )
    edit.set_defaults(run=_edit)


def _add_source_options(edit: argparse.ArgumentParser) -> None:
    source = edit.add_argument_group("what is edited, one of these")
    source.add_argument(
        "--seed",
        dest="seeds",
        nargs="+",
        action=Seeds,
        metavar="N",
        help="pictures by number, 0 to 2**63 - 1 (default 0)",
    )
    source.add_argument(
        "--image",
        metavar="PHOTO",
        help="this photo, in its own size up to 4096 pixels, in one pass unless --steps asks for "
        "the optimizer; with the bundles of others the picture nearest to it",
    )
    edit.add_argument(
        "--project",
        action="store_true",
        help="with --image: not the photo itself, but the picture nearest to it",
    )
    source.add_argument(
        "--latents",
        metavar="FILE",
        help="pictures by their latents: what --save-latents wrote, or the .npy, .npz, .pt or "
        ".safetensors of another tool",
    )


def _add_optimizer_options(edit: argparse.ArgumentParser) -> None:
    how = edit.add_argument_group(
        "how it is edited; the defaults are the mini world's, or the paper's with its bundles"
    )
    how.add_argument(
        "--steps",
        dest="num_steps",
        type=int,
        metavar="N",
        help="optimizer steps, from 1; with --fast from 0",
    )
    how.add_argument(
        "--fast",
        dest="start",
        action="store_const",
        const="mapper",
        help="one pass of a trained network in the place of the optimizer, for the mini world; "
        "--steps adds some that refine it",
    )
    how.add_argument(
        "--learning-rate", type=float, metavar="RATE", help="peak step of a latent number, 0 to 10"
    )
    how.add_argument(
        "--similarity-weight",
        type=float,
        metavar="W",
        help="lambda_sim, how hard latents are held at the source, 0 to 1000",
    )
    how.add_argument(
        "--identity-weight",
        type=float,
        metavar="W",
        help="lambda_ID, how hard a face stays who it is, 0 to 1000; paper-ffhq alone knows faces",
    )
    how.add_argument(
        "--mask",
        dest="adaptive_layer_mask",
        action=argparse.BooleanOptionalAction,
        help="layers are held by how they move, or all alike",
    )
    how.add_argument(
        "--layers",
        type=layers,
        metavar="4-8",
        help="only these rows of the latent move, from 0, both ends included: 4-8, or 0,2,5-7; "
        "in a StyleGAN early rows are the layout, late ones colors and details",
    )
    how.add_argument(
        "--strength",
        type=float,
        metavar="S",
        help="how far the edit goes, -10 to 10: 0 is the source, 1 (default) the edit, 2 twice as "
        "far on the line through both, -1 the opposite; it is drawn after the optimization",
    )


def _edit(arguments: argparse.Namespace) -> int:
    checked_file(arguments.out, ".png")
    checked_file(arguments.gif, ".gif")
    checked_file(arguments.save_latents, ".npz")
    every = EVERY if arguments.every is None else arguments.every
    require(every >= 1, f"--every is {every}; it counts steps from 1: raise it.")
    require(
        arguments.every is None or arguments.gif is not None,
        "--every counts steps between the pictures of --gif and there is none; give --gif, or "
        "leave it out.",
    )
    announce("loading the models", on_terminal_only=True)
    import dataclasses

    from sgim.commands import edit_run
    from sgim.commands.edit_settings import merged_settings
    from sgim.files.latents import save_latents
    from sgim.media.picture_files import save_gif, save_png

    settings = merged_settings(_asked(arguments), arguments.settings)
    written = (arguments.out, arguments.gif, arguments.save_latents)
    refuse_overwriting((settings.image, settings.latents), written)
    bundle = load_asked(settings.bundle, settings.device, settings.generator)
    sounds, heard = edit_run.hear_good_ones(bundle, settings)
    code = 0 if len(sounds) == len(settings.sounds) else BAD_INPUT
    settings = dataclasses.replace(
        settings, sounds=tuple(file for file, _ in sounds), device=str(bundle.device)
    )
    targets = edit_run.targets_of(bundle, sounds, settings)
    bundle = edit_run.on_photo(bundle, settings)
    for sentence in edit_run.missing_water(bundle, {file: one.name for file, one in heard.items()}):
        complain(sentence)
        code = BAD_INPUT
    sources = edit_run.sources_of(bundle, settings)
    rows = edit_run.make_edits(bundle, sources, targets, settings)
    told = edit_run.told_in_the_file(rows, settings)
    save_png(edit_run.draw_picture(bundle.generator, rows), arguments.out, told)
    if arguments.gif is not None:
        frames = edit_run.draw_frames(bundle.generator, rows, settings.strength, every)
        save_gif(frames, arguments.gif)
    if arguments.save_latents is not None:
        save_latents(arguments.save_latents, [edit.result.ws for row in rows for edit in row])
    several = len(rows) * len(targets) > 1
    for edit in (edit for row in rows for edit in row):
        answer = _answer(edit, bundle.generator, settings, heard, arguments)
        print(json.dumps(answer) if arguments.json else _in_words(answer, edit, several))
    return code


def _asked(arguments: argparse.Namespace) -> dict:
    """The settings that were typed."""
    others = ("run", "settings", "out", "gif", "every", "save_latents", "json")
    return {name: value for name, value in vars(arguments).items() if name not in others}


def _answer(edit, generator, settings, heard: dict, arguments: argparse.Namespace) -> dict:
    result, found = edit.result, edit.source.projection
    scene = None
    if hasattr(generator, "scene_parameters"):
        scene = {
            "before": _weathers(generator, result.source_ws),
            "after": _weathers(generator, result.ws),
        }
    return {
        "files": list(edit.target.files),
        "heard": {file: str(heard[file]) for file in edit.target.files if file in heard},
        "text": settings.text,
        "out": str(arguments.out),
        "gif": arguments.gif and str(arguments.gif),
        "seed": edit.source.seed,
        "image": settings.image,
        "latents": settings.latents,
        "row": edit.source.row,
        "psnr": None if found is None else round(found.psnr.item(), 2),
        "steps": len(result.history["total"]),
        "seconds": round(result.seconds, 3),
        "distance": dict(zip(("before", "after"), map(_rounded, edit.distances), strict=True)),
        "scene": scene,
        "settings": settings.to_json(),
    }


def _rounded(number: float) -> float:
    return round(number, 4)


def _weathers(generator, ws) -> dict[str, float]:
    from sgim.world.names import WEATHER_NAMES

    parameters = generator.scene_parameters(ws)
    return {name: _rounded(parameters[name].item()) for name in WEATHER_NAMES}


def _in_words(answer: dict, edit, several: bool) -> str:
    names = (answer["out"], edit.source.name, edit.target.title) if several else (answer["out"],)
    what = ", ".join(name for name in names if name)
    if answer["scene"] is None:
        told = "distance to the target {before:.3f} -> {after:.3f}".format(**answer["distance"])
    else:
        before, after = answer["scene"]["before"], answer["scene"]["after"]
        changes = sorted(after, key=lambda name: abs(after[name] - before[name]), reverse=True)
        told = ", ".join(f"{name} {before[name]:.2f} -> {after[name]:.2f}" for name in changes[:3])
    photo = "" if answer["psnr"] is None else f"; {answer['psnr']:.1f} dB from photo to picture"
    heard = "".join(
        f"; {Path(file).name} heard as {name}" for file, name in answer["heard"].items()
    )
    return f"{what}: {told} ({answer['steps']} steps, {answer['seconds']:.1f} s{photo}){heard}"
