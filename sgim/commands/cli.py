"""The command line: `python -m sgim COMMAND`; `--help` lists the commands.

arguments -> checks -> work -> answer on stdout; warnings and errors as one line each on stderr.
Exit code 0: all is well; 2: bad input, told in one sentence; 1: the doctor found something.
"""

import argparse
import contextlib
import json
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from sgim.checks import SgimError, require
from sgim.commands.fetch import add_fetch_commands
from sgim.commands.train import add_recordings, add_train_commands, found_recordings

BAD_INPUT = 2
INTERRUPTED = 130
BROKEN_PIPE = 141


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit code."""
    arguments = build_parser().parse_args(argv)
    try:
        with _warnings_in_one_line():
            code = arguments.run(arguments)
        sys.stdout.flush()
    except (SgimError, OSError) as error:
        if isinstance(error, BrokenPipeError):
            return _after_broken_pipe()
        return _complain(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def build_parser() -> argparse.ArgumentParser:
    """The arguments of all commands."""
    parser = argparse.ArgumentParser(prog="sgim", description="A sound moves a picture.")
    commands = parser.add_subparsers(metavar="command", required=True)

    demo = commands.add_parser("demo", help="edit some scenes with some sounds; write a page")
    demo.add_argument("--out", type=Path, default=Path("build/demo"), metavar="DIR")
    demo.add_argument(
        "--sound", nargs="+", default=[], metavar="FILE", help="recordings of your own"
    )
    demo.set_defaults(run=_demo)

    edit = commands.add_parser("edit", help="change a picture by sounds, mixed with equal weights")
    edit.add_argument("sounds", nargs="+", metavar="SOUND", help="wav, flac, ogg or mp3")
    edit.add_argument("--text", help="words that join the mix with the weight of one sound")
    edit.add_argument("--seed", type=_seed, help="chooses the scene (default 0)")
    edit.add_argument("--image", metavar="PHOTO", help="edit the scene nearest to this photo")
    edit.add_argument("--steps", type=int, help="optimizer steps")
    edit.add_argument("--out", type=Path, default=Path("edit.png"), metavar="FILE.png")
    edit.add_argument("--json", action="store_true", help="answer with one JSON object")
    edit.set_defaults(run=_edit)

    classify = commands.add_parser("classify", help="say what a recording sounds like, zero-shot")
    classify.add_argument("sounds", nargs="+", metavar="SOUND", help="wav, flac, ogg or mp3")
    classify.add_argument("--labels", metavar="A,B,C", help="words to choose from")
    classify.add_argument("--json", action="store_true", help="one JSON object per file and line")
    classify.set_defaults(run=_classify)

    convert = commands.add_parser("convert", help="make safetensors of StyleGAN2 weights")
    convert.add_argument("source", metavar="IN", help=".pt (rosinality) or .pkl (StyleGAN2-ADA)")
    convert.add_argument("target", metavar="OUT.safetensors")
    convert.set_defaults(run=_convert)

    doctor = commands.add_parser("doctor", help="check this installation; say what to do")
    doctor.set_defaults(run=_doctor)

    add_fetch_commands(commands)
    add_train_commands(commands)

    ablate = commands.add_parser("ablate", help="train four objectives alike and compare them")
    ablate.add_argument("--seeds", type=int, default=3, help="trainings of each (default 3)")
    ablate.add_argument("--out", type=Path, default=Path("build/ablation"), metavar="DIR")
    ablate.set_defaults(run=_ablate)

    bench = commands.add_parser("bench", help="measure how fast this machine is")
    benchmarks = bench.add_subparsers(metavar="what", required=True)
    bench_align = benchmarks.add_parser("align", help="log-mels and training steps")
    bench_align.add_argument("--repeats", type=int, default=7, help="of each (default 7)")
    bench_align.set_defaults(run=_bench_align)
    bench_edit = benchmarks.add_parser("edit", help="edit steps beside those of the published loop")
    bench_edit.add_argument("--repeats", type=int, default=5, help="steps (default 5)")
    bench_edit.set_defaults(run=_bench_edit)

    evaluate = commands.add_parser("evaluate", help="measure the numbers of the README again")
    add_recordings(evaluate)
    evaluate.add_argument(
        "--lpips",
        action="store_true",
        help="projections by LPIPS too; with the package lpips, fetches 233 MB once",
    )
    evaluate.add_argument("--out", type=Path, default=Path("build/measurements.json"))
    evaluate.set_defaults(run=_evaluate)
    return parser


def _seed(text: str) -> int:
    seed = int(text)
    if not 0 <= seed < 2**63:
        raise argparse.ArgumentTypeError(f"{text} must lie between 0 and 2**63 - 1")
    return seed


def _demo(arguments: argparse.Namespace) -> int:
    from sgim.notebook.demo import run_demo

    return run_demo(arguments.out, arguments.sound, complain=_complain)


def _edit(arguments: argparse.Namespace) -> int:
    out = _checked_picture_path(arguments.out)
    require(
        arguments.seed is None or arguments.image is None,
        "--seed and --image both choose what is edited; give one of them.",
    )
    from sgim.bundle import load_bundle
    from sgim.editing.manipulation import ManipulateConfig, manipulate
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
    with _step_bar(config.num_steps, "editing") as callback:
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
    from sgim.editing.projection import ProjectConfig, project

    config = ProjectConfig()
    with _step_bar(2 * config.num_steps, "looking") as callback:
        return project(bundle, photo, config=config, callback=callback)


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


def _classify(arguments: argparse.Namespace) -> int:
    from sgim.bundle import load_bundle
    from sgim.embedding.zero_shot import label_features, rank_labels
    from sgim.world.names import SOUND_NAMES

    labels = SOUND_NAMES if arguments.labels is None else _parse_labels(arguments.labels)
    bundle = load_bundle("mini")
    text_features = label_features(bundle.encode_text, labels)
    width = max(len(file) for file in arguments.sounds)
    code = 0
    for file in _with_bar(arguments.sounds, "listening"):
        try:
            scores = rank_labels(bundle.encode_audio(file), text_features, labels)
        except SgimError as error:
            code = _complain(error)
            continue
        if arguments.json:
            rounded = {label: round(score, 4) for label, score in scores.items()}
            _print(json.dumps({"file": file, "label": next(iter(scores)), "scores": rounded}))
        else:
            best = "  ".join(
                f"{label:<12} {score:6.3f}" for label, score in list(scores.items())[:3]
            )
            _print(f"{file:<{width}}  {best}")
    return code


def _parse_labels(text: str) -> list[str]:
    labels = list(dict.fromkeys(label.strip() for label in text.split(",") if label.strip()))
    require(
        bool(labels), f"--labels is {text!r}; it must be words with commas between: rain,fire,wind."
    )
    return labels


def _convert(arguments: argparse.Namespace) -> int:
    from sgim.models.generators import convert_generator

    generator = convert_generator(arguments.source, arguments.target)
    print(
        f"{arguments.target}: {generator.img_resolution} px, {generator.num_ws} rows of "
        f"{generator.w_dim} numbers, {sum(p.numel() for p in generator.parameters()):,} weights"
    )
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    from sgim.commands.doctor import run_doctor

    return run_doctor()


def _ablate(arguments: argparse.Namespace) -> int:
    from sgim.embedding.ablation import AblationConfig, ablate, to_markdown

    require(arguments.seeds > 0, f"--seeds is {arguments.seeds}; it must be 1 or more.")
    config = AblationConfig(seeds=tuple(range(1, arguments.seeds + 1)))
    print(to_markdown(ablate(arguments.out, config=config, progress=sys.stderr.isatty())))
    return 0


def _bench_align(arguments: argparse.Namespace) -> int:
    from sgim.evaluation.alignment_speed import bench_align, to_markdown

    print(to_markdown(bench_align(repeats=arguments.repeats, progress=sys.stderr.isatty())))
    return 0


def _bench_edit(arguments: argparse.Namespace) -> int:
    from sgim.evaluation.edit_speed import bench_edit, to_markdown

    print(to_markdown(bench_edit(repeats=arguments.repeats, progress=sys.stderr.isatty())))
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    from sgim.evaluation.evaluate import evaluate, save_results, to_markdown

    results = evaluate(
        recordings=found_recordings(arguments),
        with_lpips=arguments.lpips,
        progress=sys.stderr.isatty(),
    )
    save_results(results, arguments.out)
    print(to_markdown(results))
    return 0


def _read_good_ones(files: list[str]) -> tuple[list[str], list[tuple]]:
    """Read what can be read; say one sentence about everything else."""
    from sgim.media.sound_files import read_sound

    good, sounds = [], []
    for file in files:
        try:
            sounds.append((read_sound(file), 16_000))
        except SgimError as error:
            _complain(error)
        else:
            good.append(file)
    return good, sounds


@contextlib.contextmanager
def _step_bar(num_steps: int, what: str) -> Iterator:
    """Yield a callback for `project` or `manipulate` that moves a bar."""
    from tqdm import tqdm

    with tqdm(total=num_steps, desc=what, unit="step", delay=2, disable=None) as bar:
        yield lambda step: bar.update() and False


def _with_bar(items: list[str], what: str):
    from tqdm import tqdm

    return tqdm(items, what, unit="file", delay=2, disable=None, leave=False)


def _print(line: str) -> None:
    """Print a line of the answer above a bar that may be on the screen."""
    from tqdm import tqdm

    with tqdm.external_write_mode(file=sys.stdout):
        print(line, flush=True)


def _complain(error: Exception) -> int:
    print(f"sgim: {' '.join(str(error).split())}", file=sys.stderr)
    return BAD_INPUT


@contextlib.contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Show our own warnings as one line each on stderr, and nobody else's."""
    package = str(Path(__file__).parents[1])

    def show(message, category, filename, lineno, file=None, line=None):
        if filename.startswith(package):
            print(f"sgim: warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = show
        yield


def _after_broken_pipe() -> int:
    """The reader has gone; keep Python from flushing into the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
