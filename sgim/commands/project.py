"""The command `project`: the pictures of a generator that come nearest to photos.

PHOTO ... -> latents -> a picture with photo and projection side by side, an answer each
"""

import argparse
import json
from pathlib import Path

from sgim.checks import SgimError, require
from sgim.commands.bundles import add_bundle_options, add_save_latents, as_class, load_asked
from sgim.commands.console import announce, complain, step_bar
from sgim.commands.parser import checked_file, refuse_overwriting

ABOUT = """\
Find the latents whose pictures come nearest to photos, so that `sgim edit --latents` can change
them. The middle square of a photo is used, turned as its EXIF data says.
"""


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `project` to the commands."""
    project = commands.add_parser(
        "project", help="find the latents of photos, for edits", description=ABOUT
    )
    project.add_argument(
        "photos", nargs="+", metavar="PHOTO", help="PNG, JPEG, ...; at least 16 pixels a side"
    )
    add_bundle_options(project)
    project.add_argument(
        "--steps",
        type=int,
        metavar="N",
        help="optimizer steps on small pictures, and as many again on whole ones, from 1 "
        "(default 100, for StyleGAN 300)",
    )
    project.add_argument(
        "--out",
        type=Path,
        default=Path("project.png"),
        metavar="FILE.png",
        help="photos and projections side by side (default %(default)s)",
    )
    add_save_latents(project, "found")
    project.add_argument("--json", action="store_true", help="one JSON object per photo and line")
    project.set_defaults(run=_project, bundle="mini")


def _project(arguments: argparse.Namespace) -> int:
    checked_file(arguments.out, ".png")
    checked_file(arguments.save_latents, ".npz")
    refuse_overwriting(arguments.photos, [arguments.out])
    announce("loading the models", on_terminal_only=True)
    import dataclasses

    from sgim.editing.project_config import config_for
    from sgim.editing.projection import project
    from sgim.files.latents import save_latents
    from sgim.media.picture_files import save_png, sheet, to_pictures

    bundle = load_asked(arguments.bundle, arguments.device, arguments.generator)
    config = config_for(bundle.generator)
    if arguments.steps is not None:
        config = dataclasses.replace(config, num_steps=arguments.steps)
    found, code, c = {}, 0, as_class(arguments.class_name)
    for photo in arguments.photos:
        try:
            with step_bar("looking") as callback:
                found[photo] = project(bundle, photo, c=c, config=config, callback=callback)
        except SgimError as error:
            code = complain(error)
    require(bool(found), "none of the photos can be used; give at least one good picture.")
    rows = [
        [*to_pictures(result.target_images), *to_pictures(result.images)]
        for result in found.values()
    ]
    save_png(sheet(rows), arguments.out)
    if arguments.save_latents is not None:
        save_latents(arguments.save_latents, [result.ws for result in found.values()])
    for photo, result in found.items():
        answer = {
            "file": photo,
            "out": str(arguments.out),
            "psnr": round(result.psnr.item(), 2),
            "steps": len(result.history["total"]),
            "seconds": round(result.seconds, 3),
        }
        print(json.dumps(answer) if arguments.json else _in_words(answer))
    return code


def _in_words(answer: dict) -> str:
    return (
        f"{answer['file']}: {answer['psnr']:.1f} dB from photo to projection, {answer['out']} "
        f"({answer['steps']} steps, {answer['seconds']:.1f} s)"
    )
