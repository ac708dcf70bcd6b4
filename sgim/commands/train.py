"""The command `train`: the shipped weights again, or an audio encoder of one's own.

arguments -> the training they name -> weights, a log and its curves in a folder
"""

import argparse
from pathlib import Path

from sgim.commands.console import announce


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Add `train` to the commands."""
    train = commands.add_parser("train", help="make the shipped weights again, or an ear of yours")
    stages = train.add_subparsers(dest="stage", metavar="what", required=True)
    for stage, about in (
        ("clip", "the mini CLIP, from renders"),
        ("judge", "the judge, from other renders"),
        ("audio_synthetic", "the audio encoder, from synthetic sounds alone"),
        ("audio", "the audio encoder that ships, from recordings too"),
        ("image_tower", "the mini CLIP's image tower, once more, on small differences"),
        ("photo_tower", "the image tower a third time: it meets photos under weather"),
        ("prior", "from what is heard or read to what is to be seen"),
        ("photo_judge", "the judge of photos under weather"),
        ("mapper", "edits in one pass"),
        ("all", "all of these, one after another"),
    ):
        shipped = stages.add_parser(stage, help=about)
        add_recordings(shipped)
        shipped.add_argument(
            "--out",
            type=Path,
            default=Path("build/training"),
            metavar="DIR",
            help="where weights, logs and curves go (default %(default)s)",
        )
        shipped.set_defaults(run=_train)
    _add_train_recordings(stages)


def _add_train_recordings(stages: argparse._SubParsersAction) -> None:
    recordings = stages.add_parser(
        "recordings", help="an audio encoder from a data set of recordings, at any size"
    )
    recordings.add_argument(
        "dataset",
        choices=("esc10", "esc50", "urbansound8k", "vggsound", "folder"),
        help="its layout; folder: one folder of sounds per label",
    )
    recordings.add_argument("folder", type=Path, metavar="DIR", help="where it lies")
    recordings.add_argument(
        "--shards", nargs="+", type=Path, default=[], metavar="TAR", help="vggsound's clips"
    )
    recordings.add_argument(
        "--frames", type=Path, metavar="DIR", help="one picture per clip: <name of the clip>.jpg"
    )
    recordings.add_argument(
        "--bundle", choices=("mini", "paper"), default="mini", help="whose CLIP (default mini)"
    )
    recordings.add_argument(
        "--backbone",
        choices=("mini", "resnet18", "resnet50"),
        help="of the encoder (default mini; with the bundle paper: resnet50)",
    )
    recordings.add_argument(
        "--epochs", type=int, metavar="N", help="from 1 (default 30; with the bundle paper: 50)"
    )
    recordings.add_argument(
        "--batch",
        type=int,
        metavar="N",
        help="clips in a step, from 2 (default 32; with the bundle paper: 384)",
    )
    recordings.add_argument(
        "--out",
        type=Path,
        default=Path("build/recorded"),
        metavar="DIR",
        help="where weights, log and curves go (default %(default)s)",
    )
    recordings.set_defaults(run=_train_recordings)


def add_recordings(command: argparse.ArgumentParser) -> None:
    """Let a command be told where recordings lie."""
    command.add_argument(
        "--recordings",
        type=Path,
        metavar="DIR",
        help="recordings to train on and to test, with a manifest.csv",
    )
    command.add_argument("--esc10", type=Path, metavar="DIR", help="the folder of ESC-10")


def found_recordings(arguments: argparse.Namespace) -> list:
    """The recordings in the folders that were told, none when there are none."""
    from sgim.embedding.recordings import find_recordings

    if arguments.recordings is None and arguments.esc10 is None:
        return []
    return find_recordings(arguments.recordings, arguments.esc10)


def _train(arguments: argparse.Namespace) -> int:
    announce(f"training: {arguments.stage}")
    from sgim.embedding.mini_training import train_mini
    from sgim.notebook.plots import plot_training_log

    recordings = found_recordings(arguments)
    train_mini(
        arguments.stage,
        folder=arguments.out,
        recordings=recordings,
    )
    for checkpoint in sorted(arguments.out.glob("*.safetensors")):
        figure = plot_training_log(checkpoint.with_suffix(".csv"))
        figure.savefig(checkpoint.with_suffix(".png"))
    return 0


def _train_recordings(arguments: argparse.Namespace) -> int:
    announce(f"training on {arguments.dataset}")
    import dataclasses

    from sgim.devices import this_process
    from sgim.embedding.dataset_clips import read_splits
    from sgim.embedding.dataset_training import CONFIGS, train_recorded
    from sgim.embedding.frozen_towers import load_towers
    from sgim.notebook.plots import plot_training_log

    asked = {
        "backbone": arguments.backbone,
        "num_epochs": arguments.epochs,
        "batch_size": arguments.batch,
    }
    asked = {name: value for name, value in asked.items() if value is not None}
    config = dataclasses.replace(CONFIGS[arguments.bundle], **asked)
    training, held_out = read_splits(arguments.dataset, arguments.folder, arguments.shards)
    this_process().print(
        f"{len(training.paths)} clips to train on ({training.missing} missing), "
        f"{len(held_out.paths)} held out ({held_out.missing} missing)"
    )
    result = train_recorded(
        training,
        held_out,
        load_towers(arguments.bundle),
        config=config,
        frames=arguments.frames,
        out=arguments.out,
        notes={"data": arguments.dataset},
    )
    if not this_process().is_main_process:
        return 0
    plot_training_log(arguments.out / "training.csv").savefig(arguments.out / "training.png")
    print(
        f"{result.path}: {result.alignment.history[-1]['zero_shot']:.1%} of "
        f"{result.num_held_out - result.num_held_out_unheard} held-out clips named right among "
        f"{len(result.names)} labels; trained on {result.num_clips} clips, {result.num_unheard} of "
        "them replaced for they could not be heard"
    )
    return 0
