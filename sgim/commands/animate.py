"""The command `animate`: a picture that follows a sound in time.

SOUND -> a film, and what was heard when
"""

import argparse
import time
from pathlib import Path

from sgim.commands.bundles import add_bundle_options, load_asked
from sgim.commands.console import announce, complain
from sgim.commands.parser import checked_file, refuse_overwriting

FPS = 12
ABOUT = """\
Let a picture follow a sound: weather comes and goes as it is heard, strong where it is loud, and
silence shows the picture as it is. The film is as long as the sound, which is in it if it is mp4.
It has 256 pixels on a side, of a photo 384 on the longer side.
"""


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `animate` to the commands."""
    animate = commands.add_parser(
        "animate", help="make a film of a picture that follows a sound", description=ABOUT
    )
    animate.add_argument("sound", metavar="SOUND", help="wav, flac, ogg or mp3, 0.1 s to 3 min")
    animate.add_argument(
        "--fps",
        type=int,
        default=FPS,
        metavar="N",
        help="pictures per second, 1 to 30 (default %(default)s)",
    )
    animate.add_argument(
        "--out",
        type=Path,
        default=Path("film.mp4"),
        metavar="FILE",
        help="the film: .mp4 with the sound, which `pip install av` writes, or .gif "
        "(default %(default)s)",
    )
    shown = animate.add_mutually_exclusive_group()
    shown.add_argument(
        "--seed", type=int, default=0, metavar="N", help="the scene by number (default 0)"
    )
    shown.add_argument("--image", metavar="PHOTO", help="a photo in its place")
    add_bundle_options(animate)
    animate.set_defaults(run=_animate, bundle="mini")


def _animate(arguments: argparse.Namespace) -> int:
    started = time.perf_counter()
    announce("loading the models", on_terminal_only=True)
    from sgim.animation import animate, check_fps
    from sgim.commands import edit_run
    from sgim.commands.edit_settings import EditSettings
    from sgim.editing.presets import PRESETS
    from sgim.media.film_files import check_film_path

    check_film_path(arguments.out)
    checked_file(arguments.out, arguments.out.suffix.lower())
    refuse_overwriting([arguments.image], [arguments.out])
    check_fps(arguments.fps)
    settings = EditSettings(
        image=arguments.image,
        seeds=() if arguments.image else (arguments.seed,),
        class_name=arguments.class_name,
    )
    bundle = load_asked(arguments.bundle, arguments.device, arguments.generator)
    bundle = edit_run.on_photo(bundle, settings)
    (source,) = edit_run.sources_of(bundle, settings)
    preset = PRESETS.get(arguments.bundle)
    film = animate(
        bundle, arguments.sound, source.ws, fps=arguments.fps, config=preset and preset.config
    )
    for name in {name for _, name in film.heard}:
        for sentence in edit_run.missing_water(bundle, {str(arguments.sound): name}):
            complain(sentence)
    film.save(arguments.out)
    print(_in_words(arguments.out, film, time.perf_counter() - started))
    return 0


def _in_words(out: Path, film, seconds: float) -> str:
    heard = ", ".join(f"{name or 'silence'} from {start:.1f} s" for start, name in film.heard)
    told = f"; {heard}" if any(name for _, name in film.heard) else ""
    length = len(film) / film.fps
    return f"{out}: {len(film)} pictures, {length:.1f} s, made in {seconds:.1f} s{told}"
